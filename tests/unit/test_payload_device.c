#include "topics/limits.h"
#include "topics/payload_device.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static void plain_wishes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum payload_type type;
        double number;
        const char *word;
        bool truth;
    } cases[] = {
        {"ON", PAYLOAD_TEXT, 0, "ON", false},
        {" ON\r\n", PAYLOAD_TEXT, 0, "ON", false},
        {"55", PAYLOAD_NUMBER, 55, "", false},
        {"21.5", PAYLOAD_NUMBER, 21.5, "", false},
        {"-4e3", PAYLOAD_NUMBER, -4000, "", false},
        {"true", PAYLOAD_BOOL, 0, "", true},
        {"false", PAYLOAD_BOOL, 0, "", false},
        {"1.2.3", PAYLOAD_TEXT, 0, "1.2.3", false},
        {"nan", PAYLOAD_TEXT, 0, "nan", false},
        {"half open", PAYLOAD_TEXT, 0, "half open", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload_wish wish;
        struct payload_error error;
        assert_int_equal(payload_wish_decode(cases[i].text, strlen(cases[i].text), &wish, &error),
                         0);
        assert_int_equal(wish.type, cases[i].type);
        assert_true(wish.number == cases[i].number);
        assert_string_equal(wish.text, cases[i].word);
        assert_int_equal(wish.truth, cases[i].truth);
        assert_true(wish.for_s == 0);
        assert_string_equal(wish.transaction, "");
    }
}

static void a_wish_can_have_an_end_and_a_transaction(void **state)
{
    (void)state;
    static const char text[] = "{\"value\":\"ON\",\"for_s\":600,\"transaction\":\"t7\"}";
    struct payload_wish wish;
    struct payload_error error;
    assert_int_equal(payload_wish_decode(text, strlen(text), &wish, &error), 0);
    assert_string_equal(wish.text, "ON");
    assert_true(wish.for_s == 600);
    assert_string_equal(wish.transaction, "t7");
    struct payload_value value = payload_wish_value(&wish);
    assert_int_equal(value.type, PAYLOAD_TEXT);
    assert_ptr_equal(value.text, wish.text);
}

static void a_null_takes_the_wish_back(void **state)
{
    (void)state;
    struct payload_wish wish;
    struct payload_error error;
    assert_int_equal(payload_wish_decode("{\"value\":null}", 14, &wish, &error), 0);
    assert_int_equal(wish.type, PAYLOAD_NULL);
    assert_null(payload_wish_value(&wish).text);
}

static void bad_wishes_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *reason; /* part of it */
    } cases[] = {
        {"", "empty"},
        {" \n", "empty"},
        {"1e999", "cannot be held"},
        {"O\x01N", "printable"},
        {"\xFF", "printable"},
        {"[1]", "not a JSON object"},
        {"\"ON\"", "not a JSON object"},
        {"{", "not JSON"},
        {"{}", "no 'value'"},
        {"{\"value\":{}}", "'value'"},
        {"{\"value\":1,\"value\":2}", "'value' is there twice"},
        {"{\"value\":1,\"for\":600}", "unknown key 'for'"},
        {"{\"value\":1,\"for_s\":0}", "'for_s'"},
        {"{\"value\":1,\"for_s\":31622401}", "'for_s'"},
        {"{\"value\":1,\"for_s\":\"600\"}", "'for_s'"},
        {"{\"value\":1,\"transaction\":true}", "'transaction'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload_wish wish = {.for_s = 77};
        struct payload_error error = {""};
        int r = payload_wish_decode(cases[i].text, strlen(cases[i].text), &wish, &error);
        if (r != -EINVAL || strstr(error.text, cases[i].reason) == NULL) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
        assert_true(wish.for_s == 77);
    }
    struct payload_wish wish;
    struct payload_error error;
    assert_int_equal(payload_wish_decode("a\0b", 3, &wish, &error), -EINVAL);
}

static void a_wish_has_a_bounded_length(void **state)
{
    (void)state;
    char text[PAYLOAD_WISH_MAX_BYTES + 1];
    memset(text, 'x', sizeof(text));
    struct payload_wish wish;
    struct payload_error error;
    assert_int_equal(payload_wish_decode(text, sizeof(text), &wish, &error), -EMSGSIZE);
    assert_int_equal(payload_wish_decode(text, PAYLOAD_TEXT_MAX_BYTES + 1, &wish, &error), -EINVAL);
    assert_int_equal(payload_wish_decode(text, PAYLOAD_TEXT_MAX_BYTES, &wish, &error), 0);
    assert_int_equal(strlen(wish.text), PAYLOAD_TEXT_MAX_BYTES);
}

static void a_state_is_read_back_as_written(void **state)
{
    (void)state;
    const struct payload_device_state written = {
        .value = {.type = PAYLOAD_TEXT, .text = "ON"},
        .target = {.type = PAYLOAD_NUMBER, .number = 55},
        .source = "rule:vent",
        .reason = "humidity above 80 %",
        .since_us = 1795423160500000,
        .until_us = 1795423760500001,
        .quality = READING_STALE,
    };
    char text[512];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_device_state_write(&w, &written);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"value\":\"ON\",\"target\":55,\"source\":\"rule:vent\","
                              "\"reason\":\"humidity above 80 %\",\"since\":1795423160.5,"
                              "\"until\":1795423760.500001,\"quality\":\"stale\"}");

    struct payload_device_state *read = NULL;
    struct payload_error error;
    assert_int_equal(payload_device_state_decode(text, length, &read, &error), 0);
    assert_string_equal(read->value.text, "ON");
    assert_true(read->target.number == 55);
    assert_string_equal(read->source, "rule:vent");
    assert_string_equal(read->reason, "humidity above 80 %");
    assert_true(read->since_us == written.since_us);
    assert_true(read->until_us == written.until_us);
    assert_int_equal(read->quality, READING_STALE);
    payload_device_state_free(read);
}

static void what_is_not_known_is_null_or_left_out(void **state)
{
    (void)state;
    const struct payload_device_state unknown = {.quality = READING_NOT_AVAILABLE};
    char text[128];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_device_state_write(&w, &unknown);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"value\":null,\"target\":null,\"quality\":\"not_available\"}");
}

static void a_newer_state_is_read_and_a_broken_one_refused(void **state)
{
    (void)state;
    static const char newer[] =
        "{\"value\":1,\"target\":1,\"quality\":\"good\",\"extra\":{\"a\":[1]}}";
    struct payload_device_state *read = NULL;
    struct payload_error error;
    assert_int_equal(payload_device_state_decode(newer, strlen(newer), &read, &error), 0);
    payload_device_state_free(read);
    static const char *const broken[] = {
        "{\"target\":1,\"quality\":\"good\"}",
        "{\"value\":1,\"quality\":\"good\"}",
        "{\"value\":1,\"target\":1}",
        "{\"value\":1,\"target\":1,\"quality\":\"fine\"}",
        "{\"value\":1,\"target\":1,\"quality\":\"good\",\"since\":\"now\"}",
        "{\"value\":1,\"target\":1,\"quality\":\"good\",\"source\":5}",
        "{\"value\":1,\"value\":2,\"target\":1,\"quality\":\"good\"}",
        "ON",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        read = NULL;
        assert_int_equal(payload_device_state_decode(broken[i], strlen(broken[i]), &read, &error),
                         -EINVAL);
        assert_null(read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_wishes),
        cmocka_unit_test(a_wish_can_have_an_end_and_a_transaction),
        cmocka_unit_test(a_null_takes_the_wish_back),
        cmocka_unit_test(bad_wishes_are_refused_with_a_reason),
        cmocka_unit_test(a_wish_has_a_bounded_length),
        cmocka_unit_test(a_state_is_read_back_as_written),
        cmocka_unit_test(what_is_not_known_is_null_or_left_out),
        cmocka_unit_test(a_newer_state_is_read_and_a_broken_one_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
