#include "topics/payload_alarm.h"
#include "topics/payload_alarm_set.h"
#include "topics/payload_event.h"
#include "topics/utf8.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

#define TS_US INT64_C(1795423160500000)

static const struct payload_alarm tank = {
    .state = PAYLOAD_ALARM_ACTIVE_UNACK,
    .since_us = TS_US,
    .priority = 2,
    .text = "Tank above limit",
    .response = "Close the valve",
    .value = {.type = PAYLOAD_NUMBER, .number = 91.5},
    .has_limit = true,
    .limit = 90,
    .unit = "%",
};

static const char *finish(struct json_writer *w)
{
    size_t length;
    assert_int_equal(json_writer_finish(w, &length), 0);
    return w->text;
}

static void a_state_says_what_is_wrong_and_what_to_do(void **state)
{
    (void)state;
    char text[512];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_alarm_write(&w, &tank);
    assert_string_equal(finish(&w),
                        "{\"state\":\"active_unack\",\"since\":1795423160.5,\"priority\":2,"
                        "\"text\":\"Tank above limit\",\"response\":\"Close the valve\","
                        "\"value\":91.5,\"limit\":90,\"unit\":\"%\"}");
}

static void a_logged_transition_with_its_stamp_back_is_the_live_one(void **state)
{
    (void)state;
    const struct payload_alarm_event event = {TS_US, 1234, "tank_high", PAYLOAD_ALARM_RAISE, &tank};
    char live[512];
    char body[512];
    char again[512];
    size_t length;
    struct json_writer w;
    json_writer_init(&w, live, sizeof(live));
    payload_alarm_event_write(&w, &event);
    (void)finish(&w);
    json_writer_init(&w, body, sizeof(body));
    payload_alarm_event_body(&w, &event);
    assert_int_equal(json_writer_finish(&w, &length), 0);
    json_writer_init(&w, again, sizeof(again));
    payload_event_restore(&w, event.ts_us, event.seq, body, length);
    assert_string_equal(finish(&w), live);
    assert_true(payload_alarm_event_is_of(body, length, NULL));
    assert_true(payload_alarm_event_is_of(body, length, "tank_high"));
    assert_false(payload_alarm_event_is_of(body, length, "tank_hig"));
    assert_false(payload_alarm_event_is_of(body, length, "tank_high2"));
    assert_false(payload_alarm_event_is_of(body, 19, "tank_high"));
    assert_false(payload_alarm_event_is_of("{\"event\":\"started\"}", 19, NULL));
}

static struct payload_alarm_set decoded(const char *text)
{
    struct payload_alarm_set set;
    struct payload_error error = {""};
    int r = payload_alarm_set_decode(text, strlen(text), &set, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(r, 0);
    return set;
}

static void a_wish_is_a_word_or_an_object(void **state)
{
    (void)state;
    assert_int_equal(decoded(" ack\n").action, PAYLOAD_ALARM_ACK);
    assert_int_equal(decoded("out_of_service").action, PAYLOAD_ALARM_TAKE_OUT);
    struct payload_alarm_set set = decoded("{\"shelve_s\":3600,\"by\":\"Anna\"}");
    assert_int_equal(set.action, PAYLOAD_ALARM_SHELVE);
    assert_int_equal(set.shelve_s, 3600);
    assert_string_equal(set.by, "Anna");
    set = decoded("{\"action\":\"unshelve\",\"transaction\":\"t-1\"}");
    assert_int_equal(set.action, PAYLOAD_ALARM_UNSHELVE);
    assert_string_equal(set.transaction, "t-1");
    assert_string_equal(set.by, "");
}

static void what_is_no_wish_is_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *reason; /* part of it */
    } cases[] = {
        {"", "none of ack"},
        {"acknowledge", "'acknowledge' is none of ack"},
        {"raise", "'raise' is none of"},
        {"shelve", "'shelve' is none of"},
        {"{}", "either 'action' or 'shelve_s'"},
        {"{\"action\":\"ack\",\"shelve_s\":1}", "either 'action' or 'shelve_s'"},
        {"{\"shelve_s\":0}", "'shelve_s' is not an integer from 1 to"},
        {"{\"shelve_s\":31622401}", "'shelve_s' is not an integer from 1 to"},
        {"{\"action\":\"ack\",\"who\":\"me\"}", "unknown key 'who'"},
        {"{\"action\":\"ack\",\"by\":\"\"}", "'by'"},
        {"{\"action\":", "not JSON"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload_alarm_set set;
        struct payload_error error = {""};
        int r = payload_alarm_set_decode(cases[i].text, strlen(cases[i].text), &set, &error);
        if (r != -EINVAL || strstr(error.text, cases[i].reason) == NULL) {
            fail_msg("%s: %d %s", cases[i].text, r, error.text);
        }
    }
    static const char cut[] = "012345678901234567890123456789012345678\u00e9\u00e9";
    struct payload_error printable;
    struct payload_alarm_set unused;
    assert_int_equal(payload_alarm_set_decode(cut, strlen(cut), &unused, &printable), -EINVAL);
    assert_true(utf8_is_printable(printable.text, strlen(printable.text)));
    char text[PAYLOAD_WISH_MAX_BYTES + 2];
    memset(text, ' ', sizeof(text));
    struct payload_alarm_set set;
    struct payload_error error;
    assert_int_equal(payload_alarm_set_decode(text, PAYLOAD_WISH_MAX_BYTES + 1, &set, &error),
                     -EMSGSIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_says_what_is_wrong_and_what_to_do),
        cmocka_unit_test(a_logged_transition_with_its_stamp_back_is_the_live_one),
        cmocka_unit_test(a_wish_is_a_word_or_an_object),
        cmocka_unit_test(what_is_no_wish_is_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
