#include "topics/limits.h"
#include "topics/payload_set.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int decode(const char *text, struct payload_set **ret, struct payload_error *reterr)
{
    return payload_set_decode(text, strlen(text), ret, reterr);
}

static void numbers_labels_and_bools_are_read_in_order(void **state)
{
    (void)state;
    struct payload_set *set = NULL;
    struct payload_error error;
    assert_int_equal(decode(" {\"ttl_ms\":5000,\"signals\":{\"Heater\":\"On\",\"Power\":55.5,"
                            "\"Light\":true},\"transaction\":\"t-1\"}\n",
                            &set, &error),
                     0);
    assert_int_equal(set->count, 3);
    assert_string_equal(set->signals[0].name, "Heater");
    assert_string_equal(set->signals[0].value.text, "On");
    assert_string_equal(set->signals[1].name, "Power");
    assert_true(set->signals[1].value.number == 55.5);
    assert_int_equal(set->signals[2].value.type, PAYLOAD_BOOL);
    assert_true(set->signals[2].value.truth);
    assert_true(set->ttl_ms == 5000);
    assert_string_equal(set->transaction, "t-1");
    payload_set_free(set);
}

static void ttl_and_transaction_are_optional(void **state)
{
    (void)state;
    struct payload_set *set = NULL;
    struct payload_error error;
    assert_int_equal(decode("{\"signals\":{\"A\":0}}", &set, &error), 0);
    assert_true(set->ttl_ms == 0);
    assert_null(set->transaction);
    payload_set_free(set);
}

static void what_is_not_in_the_contract_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *reason; /* part of it */
    } cases[] = {
        {"", "not JSON"},
        {"ON", "not JSON"},
        {"{}", "'signals'"},
        {"{\"signals\":{}}", "'signals'"},
        {"{\"signals\":null}", "'signals'"},
        {"{\"signals\":{\"A\":1},\"ttl\":5}",
         "unknown key 'ttl'; known are signals, ttl_ms, transaction"},
        {"{\"Signals\":{\"A\":1}}", "unknown key 'Signals'"},
        {"{\"signals\":{\"A\":1},\"signals\":{\"B\":1}}", "'signals' is there twice"},
        {"{\"signals\":{\"A\":1,\"A\":1}}", "'A' is there twice"},
        {"{\"signals\":{\"A\":null}}", "'A' is null"},
        {"{\"signals\":{\"A\":[1]}}", "'A'"},
        {"{\"signals\":{\"A\":1e999}}", "'A'"},
        {"{\"signals\":{\"A\":-1e999}}", "'A'"},
        {"{\"signals\":{\"A\":NaN}}", "not JSON"},
        {"{\"signals\":{\"A\":1},\"ttl_ms\":0}", "'ttl_ms'"},
        {"{\"signals\":{\"A\":1},\"ttl_ms\":-5}", "'ttl_ms'"},
        {"{\"signals\":{\"A\":1},\"ttl_ms\":600001}", "'ttl_ms'"},
        {"{\"signals\":{\"A\":1},\"ttl_ms\":\"5000\"}", "'ttl_ms'"},
        {"{\"signals\":{\"A\":1},\"ttl_ms\":1e999}", "'ttl_ms'"},
        {"{\"signals\":{\"A\":1},\"transaction\":7}", "'transaction'"},
        {"{\"signals\":{\"A\":1},\"transaction\":\"\"}", "'transaction'"},
        {"{\"signals\":{\"A\":1},\"transaction\":"
         "\"12345678901234567890123456789012345678901234567890123456789012345\"}",
         "'transaction'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload_set *set = NULL;
        struct payload_error error = {""};
        if (decode(cases[i].text, &set, &error) != -EINVAL ||
            strstr(error.text, cases[i].reason) == NULL) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
        assert_null(set);
    }
}

static void a_label_has_a_bounded_length(void **state)
{
    (void)state;
    char text[PAYLOAD_TEXT_MAX_BYTES + 64] = "{\"signals\":{\"A\":\"";
    size_t start = strlen(text);
    memset(text + start, 'x', PAYLOAD_TEXT_MAX_BYTES);
    memcpy(text + start + PAYLOAD_TEXT_MAX_BYTES, "\"}}", 4);
    struct payload_set *set = NULL;
    struct payload_error error;
    assert_int_equal(decode(text, &set, &error), 0);
    payload_set_free(set);
    set = NULL;
    memcpy(text + start + PAYLOAD_TEXT_MAX_BYTES, "x\"}}", 5);
    assert_int_equal(decode(text, &set, &error), -EINVAL);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    const struct payload_value label = {.type = PAYLOAD_TEXT, .text = "On \"high\""};
    const struct payload_value number = {.type = PAYLOAD_NUMBER, .number = 0.1};
    const struct payload_value flag = {.type = PAYLOAD_BOOL, .truth = false};
    char text[256];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_set_begin(&w);
    payload_set_signal(&w, "Heater", &label);
    payload_set_signal(&w, "Power", &number);
    payload_set_signal(&w, "Light", &flag);
    payload_set_end(&w, 250, "x", NULL, &(struct payload_stamp){7, 0});
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"signals\":{\"Heater\":\"On \\\"high\\\"\",\"Power\":0.1,"
                              "\"Light\":false},\"ttl_ms\":250,\"transaction\":\"x\","
                              "\"sent\":{\"clock\":7,\"ms\":0}}");

    struct payload_set *set = NULL;
    struct payload_error error;
    assert_int_equal(payload_set_decode(text, length, &set, &error), 0);
    assert_string_equal(set->signals[0].value.text, label.text);
    assert_true(set->signals[1].value.number == 0.1);
    assert_false(set->signals[2].value.truth);
    assert_true(set->has_sent);
    assert_int_equal(set->sent.clock, 7);
    assert_int_equal(set->sent.ms, 0);
    payload_set_free(set);
}

static void when_it_was_sent_is_whole_or_absent(void **state)
{
    (void)state;
    static const char *const wrong[] = {"5",
                                        "null",
                                        "{}",
                                        "{\"clock\":1}",
                                        "{\"ms\":1}",
                                        "{\"clock\":0,\"ms\":1}",
                                        "{\"clock\":1,\"ms\":-1}",
                                        "{\"clock\":1,\"ms\":1,\"ts\":1}",
                                        "{\"clock\":1,\"ms\":1e300}",
                                        "{\"clock\":1.5,\"ms\":1}",
                                        "{\"clock\":1,\"ms\":null}"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char text[128];
        struct payload_set *set = NULL;
        struct payload_error error = {""};
        (void)snprintf(text, sizeof(text), "{\"signals\":{\"A\":1},\"sent\":%s}", wrong[i]);
        assert_int_equal(decode(text, &set, &error), -EINVAL);
        assert_true(error.text[0] != '\0');
    }
}

static void free_accepts_nothing(void **state)
{
    (void)state;
    payload_set_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_labels_and_bools_are_read_in_order),
        cmocka_unit_test(ttl_and_transaction_are_optional),
        cmocka_unit_test(what_is_not_in_the_contract_is_refused_by_name),
        cmocka_unit_test(a_label_has_a_bounded_length),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(when_it_was_sent_is_whole_or_absent),
        cmocka_unit_test(free_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
