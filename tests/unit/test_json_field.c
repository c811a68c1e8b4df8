#include "topics/json_field.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static const char payload[] =
    "{\"temperature\":21.5,\"state\":\"ON\",\"on\":true,\"none\":null,"
    "\"ENERGY\":{\"Power\":[1,2.5],\"a/b\":7,\"m~n\":8},\"\":9,\"relays\":[{\"ison\":false}]}";

static void a_name_or_a_pointer_finds_a_value(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        int result;
        enum payload_type type;
        double number;
    } cases[] = {
        {"temperature", 0, PAYLOAD_NUMBER, 21.5},
        {"/temperature", 0, PAYLOAD_NUMBER, 21.5},
        {"state", 0, PAYLOAD_TEXT, 0},
        {"on", 0, PAYLOAD_BOOL, 0},
        {"none", 0, PAYLOAD_NULL, 0},
        {"/ENERGY/Power/1", 0, PAYLOAD_NUMBER, 2.5},
        {"/ENERGY/a~1b", 0, PAYLOAD_NUMBER, 7},
        {"/ENERGY/m~0n", 0, PAYLOAD_NUMBER, 8},
        {"/", 0, PAYLOAD_NUMBER, 9},
        {"/relays/0/ison", 0, PAYLOAD_BOOL, 0},
        {"Temperature", -ENOENT, 0, 0},
        {"/ENERGY/Powe", -ENOENT, 0, 0},
        {"/ENERGY/Power/2", -ENOENT, 0, 0},
        {"/ENERGY/Power/", -ENOENT, 0, 0},
        {"/ENERGY/Power/x", -ENOENT, 0, 0},
        {"/ENERGY/Power/99999999999999999999", -ENOENT, 0, 0},
        {"/temperature/x", -ENOENT, 0, 0},
        {"/ENERGY", -EINVAL, 0, 0},
        {"relays", -EINVAL, 0, 0},
    };
    struct json_document *document;
    struct payload_error error;
    assert_int_equal(json_document_parse(payload, strlen(payload), &document, &error), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload_value value = {.type = PAYLOAD_NULL};
        assert_true(json_field_is_valid(cases[i].field));
        assert_int_equal(json_document_find(document, cases[i].field, &value), cases[i].result);
        assert_int_equal(value.type, cases[i].type);
        if (value.type == PAYLOAD_NUMBER) {
            assert_true(value.number == cases[i].number);
        }
    }
    json_document_free(document);
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "21.5", "[1]", "{\"a\":1", "{\"a\":1}x"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct json_document *document;
        struct payload_error error;
        assert_int_equal(json_document_parse(texts[i], strlen(texts[i]), &document, &error),
                         -EINVAL);
    }
}

static void a_field_is_a_name_or_a_pointer(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "a/b", "/a~", "/a~2b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(json_field_is_valid(bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_or_a_pointer_finds_a_value),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(a_field_is_a_name_or_a_pointer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
