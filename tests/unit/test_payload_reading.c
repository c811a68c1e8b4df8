#include "topics/limits.h"
#include "topics/payload_reading.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TS_US INT64_C(1795423160495983)

static const char sample[] =
    "{\"ts\":1795423160.495983,\"seq\":1234,\"signals\":{\"Temperature\":21.57,\"Pump\":"
    "\"Running\","
    "\"Level\":null},\"q\":{\"Temperature\":\"out_of_range\",\"Level\":\"not_available\"}}";

static int decode(const char *text, struct payload_reading **ret, struct payload_error *reterr)
{
    return payload_reading_decode(text, strlen(text), ret, reterr);
}

static void the_text_is_the_one_of_the_contract(void **state)
{
    (void)state;
    char text[512];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_reading_begin(&w, NULL, TS_US, 1234);
    payload_reading_number(&w, "Temperature", "21.57", 5);
    payload_reading_label(&w, "Pump", "Running");
    payload_reading_null(&w, "Level");
    payload_reading_quality_begin(&w);
    payload_reading_quality(&w, "Temperature", READING_OUT_OF_RANGE);
    payload_reading_quality(&w, "Pump", READING_GOOD);
    payload_reading_quality(&w, "Level", READING_NOT_AVAILABLE);
    payload_reading_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, sample);
}

static void no_seq_and_no_qualities_leave_their_keys_out(void **state)
{
    (void)state;
    char text[128];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_reading_begin(&w, NULL, 1000000, 0);
    payload_reading_number(&w, "A", "1", 1);
    payload_reading_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"ts\":1,\"signals\":{\"A\":1}}");
}

static void an_origin_leads(void **state)
{
    (void)state;
    char text[128];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_reading_begin(&w, &(struct payload_origin){"can0", "Climate"}, 1000000, 7);
    payload_reading_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"bus\":\"can0\",\"message\":\"Climate\",\"ts\":1,\"seq\":7,"
                              "\"signals\":{}}");
}

static void decoding_gives_back_what_was_written(void **state)
{
    (void)state;
    struct payload_reading *reading = NULL;
    struct payload_error error;
    assert_int_equal(decode(sample, &reading, &error), 0);
    assert_true(reading->ts_us == TS_US);
    assert_true(reading->seq == 1234);
    assert_int_equal(reading->count, 3);

    const struct payload_reading_signal *signal = payload_reading_find(reading, "Temperature");
    assert_int_equal(signal->value.type, PAYLOAD_NUMBER);
    assert_true(signal->value.number == 21.57);
    assert_int_equal(signal->quality, READING_OUT_OF_RANGE);
    signal = payload_reading_find(reading, "Pump");
    assert_int_equal(signal->value.type, PAYLOAD_TEXT);
    assert_string_equal(signal->value.text, "Running");
    assert_int_equal(signal->quality, READING_GOOD);
    signal = payload_reading_find(reading, "Level");
    assert_int_equal(signal->value.type, PAYLOAD_NULL);
    assert_int_equal(signal->quality, READING_NOT_AVAILABLE);
    assert_null(payload_reading_find(reading, "level"));
    payload_reading_free(reading);
}

/* Seconds travel through a double in most readers, ours too: no microsecond may change. */
static void every_microsecond_survives(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 20000; i++) {
        int64_t ts_us = TS_US + i * INT64_C(104729000017) % INT64_C(2000000000000000);
        char text[128];
        struct json_writer w;
        json_writer_init(&w, text, sizeof(text));
        payload_reading_begin(&w, NULL, ts_us, 0);
        payload_reading_end(&w);
        size_t length;
        assert_int_equal(json_writer_finish(&w, &length), 0);
        struct payload_reading *reading = NULL;
        struct payload_error error;
        assert_int_equal(payload_reading_decode(text, length, &reading, &error), 0);
        assert_true(reading->ts_us == ts_us);
        payload_reading_free(reading);
    }
}

static void hostile_and_broken_payloads_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *reason; /* part of it */
    } cases[] = {
        {"", "not JSON"},
        {"null", "not a JSON object"},
        {"[1]", "not a JSON object"},
        {"21.5", "not a JSON object"},
        {"{\"ts\":1,\"signals\":{}} x", "not JSON"},
        {"{\"ts\":1,\"signals\":{}", "not JSON"},
        {"{\"signals\":{}}", "no 'ts'"},
        {"{\"ts\":\"1\",\"signals\":{}}", "'ts'"},
        {"{\"ts\":-1,\"signals\":{}}", "'ts'"},
        {"{\"ts\":1e999,\"signals\":{}}", "'ts'"},
        {"{\"ts\":NaN,\"signals\":{}}", "not JSON"},
        {"{\"ts\":1}", "'signals'"},
        {"{\"ts\":1,\"signals\":[]}", "'signals'"},
        {"{\"ts\":1,\"seq\":0,\"signals\":{}}", "'seq'"},
        {"{\"ts\":1,\"seq\":1.5,\"signals\":{}}", "'seq'"},
        {"{\"ts\":1,\"seq\":9007199254740993999,\"signals\":{}}", "'seq'"},
        {"{\"ts\":1,\"signals\":{\"A\":1e999}}", "'A'"},
        {"{\"ts\":1,\"signals\":{\"A\":true}}", "'A' is a bool"},
        {"{\"ts\":1,\"signals\":{\"A\":{}}}", "'A'"},
        {"{\"ts\":1,\"signals\":{\"A\":1,\"A\":2}}", "'A' is there twice"},
        {"{\"ts\":1,\"ts\":2,\"signals\":{}}", "'ts' is there twice"},
        {"{\"ts\":1,\"signals\":{},\"extra\":1}", "unknown key 'extra'"},
        {"{\"ts\":1,\"signals\":{},\"q\":[]}", "'q' is not an object"},
        {"{\"ts\":1,\"signals\":{\"A\":1},\"q\":{\"A\":\"bad\"}}", "'A'"},
        {"{\"ts\":1,\"signals\":{\"A\":1},\"q\":{\"B\":\"stale\"}}", "'B'"},
        {"{\"ts\":1,\"signals\":{\"A\":\"x\\u0000y\"}}", "\\u0000"},
        {"{\"ts\":1,\"signals\":{\"A\":\"x\ny\"}}", "control character"},
        {"{\"ts\":1,\"signals\":{\"A\":\"\xFF\"}}", "broken UTF-8"},
        {"{\"ts\":1,\"signals\":{\"A\":\"x\\", "not JSON"},
        {"{\"ts\":1,\"signals\":{\"A\":\"\\uD800\"}}", "not JSON"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload_reading *reading = NULL;
        struct payload_error error = {""};
        if (decode(cases[i].text, &reading, &error) != -EINVAL ||
            strstr(error.text, cases[i].reason) == NULL) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
        assert_null(reading);
    }
}

static void an_escaped_backslash_before_u0000_is_no_nul(void **state)
{
    (void)state;
    struct payload_reading *reading = NULL;
    struct payload_error error;
    assert_int_equal(decode("{\"ts\":1,\"signals\":{\"A\":\"\\\\u0000\"}}", &reading, &error), 0);
    assert_string_equal(reading->signals[0].value.text, "\\u0000");
    payload_reading_free(reading);
}

static void nul_bytes_are_refused_wherever_they_are(void **state)
{
    (void)state;
    char text[sizeof(sample)];
    for (size_t i = 0; i < sizeof(sample) - 1; i++) {
        memcpy(text, sample, sizeof(sample));
        text[i] = '\0';
        struct payload_reading *reading = NULL;
        struct payload_error error;
        assert_int_equal(payload_reading_decode(text, sizeof(sample) - 1, &reading, &error),
                         -EINVAL);
    }
}

/* Each prefix in a buffer of exactly that size: ASan sees a read behind the end. */
static void a_truncated_payload_is_refused(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof(sample) - 1; length++) {
        char *text = malloc(length + 1);
        assert_non_null(text);
        char *exact = realloc(text, length > 0 ? length : 1);
        assert_non_null(exact);
        memcpy(exact, sample, length);
        struct payload_reading *reading = NULL;
        struct payload_error error;
        assert_int_equal(payload_reading_decode(exact, length, &reading, &error), -EINVAL);
        free(exact);
    }
}

static void deep_nesting_is_refused_before_it_is_followed(void **state)
{
    (void)state;
    char text[20000];
    memset(text, '[', sizeof(text));
    struct payload_reading *reading = NULL;
    struct payload_error error;
    assert_int_equal(payload_reading_decode(text, sizeof(text), &reading, &error), -EINVAL);
    assert_non_null(strstr(error.text, "nested too deeply"));
}

static void a_huge_payload_is_refused_unread(void **state)
{
    (void)state;
    struct payload_reading *reading = NULL;
    struct payload_error error;
    /* The length alone decides: there are not that many bytes behind the pointer. */
    assert_int_equal(payload_reading_decode("{", PAYLOAD_READING_MAX_BYTES + 1, &reading, &error),
                     -EMSGSIZE);
}

static size_t write_signals(char *text, size_t size, unsigned count)
{
    struct json_writer w;
    json_writer_init(&w, text, size);
    payload_reading_begin(&w, NULL, TS_US, 1);
    for (unsigned i = 0; i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "S%u", i);
        payload_reading_number(&w, name, "1", 1);
    }
    payload_reading_end(&w);
    size_t length = 0;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    return length;
}

static void the_number_of_signals_is_bounded(void **state)
{
    (void)state;
    char text[8192];
    struct payload_reading *reading = NULL;
    struct payload_error error;
    size_t length = write_signals(text, sizeof(text), PAYLOAD_SIGNALS_MAX);
    assert_int_equal(payload_reading_decode(text, length, &reading, &error), 0);
    assert_int_equal(reading->count, PAYLOAD_SIGNALS_MAX);
    payload_reading_free(reading);
    length = write_signals(text, sizeof(text), PAYLOAD_SIGNALS_MAX + 1);
    assert_int_equal(payload_reading_decode(text, length, &reading, &error), -EINVAL);
}

static void a_reason_is_printable_whatever_arrived(void **state)
{
    (void)state;
    char text[1024];
    int length = snprintf(text, sizeof(text), "{\"\\u001b[2J\\n%0400d\xC3\xA4\":1}", 0);
    struct payload_reading *reading = NULL;
    struct payload_error error;
    assert_int_equal(payload_reading_decode(text, (size_t)length, &reading, &error), -EINVAL);
    assert_memory_equal(error.text, "unknown key '?[2J?000", 21);
    assert_true(strlen(error.text) < sizeof(error.text));
}

static void qualities_have_words(void **state)
{
    (void)state;
    for (int i = READING_GOOD; i <= READING_NOT_AVAILABLE; i++) {
        enum reading_quality quality;
        assert_true(
            reading_quality_from_text(reading_quality_text((enum reading_quality)i), &quality));
        assert_int_equal(quality, i);
    }
    enum reading_quality quality;
    assert_false(reading_quality_from_text("Good", &quality));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_the_one_of_the_contract),
        cmocka_unit_test(no_seq_and_no_qualities_leave_their_keys_out),
        cmocka_unit_test(an_origin_leads),
        cmocka_unit_test(decoding_gives_back_what_was_written),
        cmocka_unit_test(every_microsecond_survives),
        cmocka_unit_test(hostile_and_broken_payloads_are_refused_with_a_reason),
        cmocka_unit_test(an_escaped_backslash_before_u0000_is_no_nul),
        cmocka_unit_test(nul_bytes_are_refused_wherever_they_are),
        cmocka_unit_test(a_truncated_payload_is_refused),
        cmocka_unit_test(deep_nesting_is_refused_before_it_is_followed),
        cmocka_unit_test(a_huge_payload_is_refused_unread),
        cmocka_unit_test(the_number_of_signals_is_bounded),
        cmocka_unit_test(a_reason_is_printable_whatever_arrived),
        cmocka_unit_test(qualities_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
