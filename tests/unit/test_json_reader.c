#include "edge-gateway/app/json_reader.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

#define TEXT_MAX 512

struct text {
    char buffer[TEXT_MAX];
    struct json_reader reader;
};

static struct json_reader *open_text(struct text *t, const char *json)
{
    size_t length = strlen(json);
    assert_true(length < TEXT_MAX);
    memcpy(t->buffer, json, length);
    json_reader_init(&t->reader, t->buffer, length);
    return &t->reader;
}

static void an_object_is_read_member_by_member(void **state)
{
    (void)state;
    struct text t;
    struct json_reader *r =
        open_text(&t, " { \"a\" : -1.50e3 , \"b\":\"x\", \"c\":true,\"d\":null} ");
    const char *key;
    const char *string;
    struct json_number number;
    bool boolean = false;
    json_reader_open(r);
    assert_true(json_reader_member(r, &key));
    assert_string_equal(key, "a");
    assert_int_equal(json_reader_kind(r), JSON_NUMBER);
    assert_true(json_reader_number(r, &number));
    assert_int_equal(number.length, 7);
    assert_memory_equal(number.text, "-1.50e3", 7);
    assert_true(json_reader_member(r, &key));
    assert_true(json_reader_string(r, &string));
    assert_string_equal(string, "x");
    assert_true(json_reader_member(r, &key));
    assert_true(json_reader_boolean(r, &boolean));
    assert_true(boolean);
    assert_true(json_reader_member(r, &key));
    assert_int_equal(json_reader_kind(r), JSON_NULL);
    json_reader_skip(r);
    assert_false(json_reader_member(r, &key));
    assert_true(json_reader_done(r));
}

static void strings_are_unescaped(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *text;
    } cases[] = {
        {"\"\"", ""},         {"\"a\\\"\\\\\\/\\n\\t\"", "a\"\\/\n\t"},   {"\"\\u00b0C\"", "°C"},
        {"\"\\u20AC\"", "€"}, {"\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80"}, {"\"°\"", "°"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text t;
        const char *string = NULL;
        assert_true(json_reader_string(open_text(&t, cases[i].json), &string));
        assert_string_equal(string, cases[i].text);
        assert_true(json_reader_done(&t.reader));
    }
}

static void any_value_can_be_skipped(void **state)
{
    (void)state;
    struct text t;
    struct json_reader *r = open_text(&t, "{\"a\":[1,{\"b\":[]},\"]\",null,false],\"c\":7}");
    const char *key;
    json_reader_open(r);
    assert_true(json_reader_member(r, &key));
    json_reader_skip(r);
    assert_true(json_reader_member(r, &key));
    assert_string_equal(key, "c");
    json_reader_skip(r);
    assert_false(json_reader_member(r, &key));
    assert_true(json_reader_done(r));
}

static void what_is_wrong_is_told_and_ends_the_reading(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":",
                                        "{\"a\"",
                                        "{\"a",
                                        "{a:1}",
                                        "{\"a\":\"\\x\"}",
                                        "{\"a\":\"\\u12\"}",
                                        "{",
                                        "{\"a\":\"\\ud800\"}",
                                        "{\"a\":\"\\u0000\"}",
                                        "{\"a\":nul}",
                                        "{\"a\":1} x",
                                        "[1",
                                        "nope",
                                        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct text t;
        struct json_reader *r = open_text(&t, texts[i]);
        json_reader_skip(r);
        if (json_reader_done(r)) {
            fail_msg("taken: %s", texts[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_read_member_by_member),
        cmocka_unit_test(strings_are_unescaped),
        cmocka_unit_test(any_value_can_be_skipped),
        cmocka_unit_test(what_is_wrong_is_told_and_ends_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
