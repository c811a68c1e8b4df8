#include "topics/json_writer.h"
#include "topics/limits.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void write_sample(struct json_writer *w)
{
    json_object_begin(w, NULL);
    json_string(w, "s", "x");
    json_array_begin(w, "a");
    json_i64(w, NULL, -1);
    json_u64(w, NULL, 2);
    json_object_begin(w, NULL);
    json_bool(w, "t", true);
    json_bool(w, "f", false);
    json_object_end(w);
    json_array_begin(w, NULL);
    json_array_end(w);
    json_array_end(w);
    json_null(w, "n");
    json_number_text(w, "d", "21.57", 5);
    json_time_us(w, "ts", 1795423160495983);
    json_double(w, "e", 0.5);
    json_object_end(w);
}

static const char sample[] = "{\"s\":\"x\",\"a\":[-1,2,{\"t\":true,\"f\":false},[]],\"n\":null,"
                             "\"d\":21.57,\"ts\":1795423160.495983,\"e\":0.5}";

static void values_and_containers_nest(void **state)
{
    (void)state;
    char text[256];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    write_sample(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, sample);
    assert_int_equal(length, strlen(sample));
}

/* For every size that is too small: a failure, and no byte beyond the buffer (ASan watches). */
static void a_text_that_does_not_fit_is_never_cut(void **state)
{
    (void)state;
    char text[sizeof(sample)];
    for (size_t size = 0; size <= sizeof(sample); size++) {
        memset(text, '#', sizeof(text));
        struct json_writer w;
        json_writer_init(&w, text, size);
        write_sample(&w);
        size_t length = 12345;
        int wanted = size < sizeof(sample) ? -EMSGSIZE : 0;
        assert_int_equal(json_writer_finish(&w, &length), wanted);
        assert_true(wanted == 0 || length == 12345);
        for (size_t i = size; i < sizeof(text); i++) {
            assert_int_equal(text[i], '#');
        }
    }
}

static void an_overflow_stays_even_if_later_text_would_fit(void **state)
{
    (void)state;
    char text[16];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_array_begin(&w, NULL);
    json_string(&w, NULL, "much longer than the buffer");
    json_array_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), -EMSGSIZE);
}

static void an_element_that_does_not_fit_can_be_taken_back(void **state)
{
    (void)state;
    char text[sizeof("[10,10,10]")];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_array_begin(&w, NULL);
    struct json_writer before;
    unsigned count = 0;
    do {
        before = w;
        json_u64(&w, NULL, 10);
        count++;
    } while (json_writer_has_room(&w, 1));
    w = before;
    json_array_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "[10,10,10]");
    assert_int_equal(count, 4);
    assert_true(json_writer_has_room(&w, 0));
    assert_false(json_writer_has_room(&w, 1));
}

static void any_bytes_become_legal_text(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } cases[] = {
        {"plain", 5, "\"plain\""},
        {"", 0, "\"\""},
        {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"\0\x1F\x7F", 3, "\"\\u0000\\u001f\x7F\""},
        {"\xC2\xB0\xE2\x82\xAC\xF0\x9F\x98\x80", 9, "\"\xC2\xB0\xE2\x82\xAC\xF0\x9F\x98\x80\""},
        {"a\xFFz", 3, "\"a\xEF\xBF\xBDz\""},
        {"\xC2", 1, "\"\xEF\xBF\xBD\""},
        {"\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[64];
        struct json_writer w;
        json_writer_init(&w, text, sizeof(text));
        json_string_n(&w, NULL, cases[i].bytes, cases[i].length);
        size_t length;
        assert_int_equal(json_writer_finish(&w, &length), 0);
        assert_string_equal(text, cases[i].text);
    }
}

static void keys_are_escaped_too(void **state)
{
    (void)state;
    char text[32];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_object_begin(&w, NULL);
    json_null(&w, "a\"b");
    json_object_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"a\\\"b\":null}");
}

static void a_double_which_is_no_number_becomes_null(void **state)
{
    (void)state;
    char text[32];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_array_begin(&w, NULL);
    json_double(&w, NULL, (double)NAN);
    json_double(&w, NULL, -(double)INFINITY);
    json_array_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "[null,null]");
}

static void write_nothing(struct json_writer *w)
{
    (void)w;
}

static void write_open(struct json_writer *w)
{
    json_object_begin(w, NULL);
}

static void write_end_alone(struct json_writer *w)
{
    json_null(w, NULL);
    json_object_end(w);
}

static void write_wrong_end(struct json_writer *w)
{
    json_object_begin(w, NULL);
    json_array_end(w);
    json_object_end(w);
}

static void write_without_key(struct json_writer *w)
{
    json_object_begin(w, NULL);
    json_null(w, NULL);
    json_object_end(w);
}

static void write_key_in_array(struct json_writer *w)
{
    json_array_begin(w, NULL);
    json_null(w, "k");
    json_array_end(w);
}

static void write_two_roots(struct json_writer *w)
{
    json_null(w, NULL);
    json_null(w, NULL);
}

static void write_no_number(struct json_writer *w)
{
    json_number_text(w, NULL, "nan", 3);
}

static void write_too_deep(struct json_writer *w)
{
    for (int i = 0; i <= PAYLOAD_DEPTH_MAX; i++) {
        json_array_begin(w, NULL);
    }
    for (int i = 0; i < PAYLOAD_DEPTH_MAX; i++) {
        json_array_end(w);
    }
}

static void a_misuse_fails_the_finish(void **state)
{
    (void)state;
    static void (*const misuses[])(struct json_writer *) = {
        write_nothing,      write_open,      write_end_alone, write_wrong_end, write_without_key,
        write_key_in_array, write_two_roots, write_no_number, write_too_deep};
    for (size_t i = 0; i < sizeof(misuses) / sizeof(misuses[0]); i++) {
        char text[64];
        struct json_writer w;
        json_writer_init(&w, text, sizeof(text));
        misuses[i](&w);
        size_t length;
        assert_int_equal(json_writer_finish(&w, &length), -EINVAL);
    }
}

static void the_deepest_nesting_is_legal(void **state)
{
    (void)state;
    char text[64];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    for (int i = 0; i < PAYLOAD_DEPTH_MAX; i++) {
        json_array_begin(&w, NULL);
    }
    for (int i = 0; i < PAYLOAD_DEPTH_MAX; i++) {
        json_array_end(&w);
    }
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_int_equal(length, 2 * PAYLOAD_DEPTH_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_containers_nest),
        cmocka_unit_test(a_text_that_does_not_fit_is_never_cut),
        cmocka_unit_test(an_overflow_stays_even_if_later_text_would_fit),
        cmocka_unit_test(an_element_that_does_not_fit_can_be_taken_back),
        cmocka_unit_test(any_bytes_become_legal_text),
        cmocka_unit_test(keys_are_escaped_too),
        cmocka_unit_test(a_double_which_is_no_number_becomes_null),
        cmocka_unit_test(a_misuse_fails_the_finish),
        cmocka_unit_test(the_deepest_nesting_is_legal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
