#include "topics/payload_event.h"

#include "tests/unit/cmocka_all.h"

static const char *finish(struct json_writer *w)
{
    size_t length;
    assert_int_equal(json_writer_finish(w, &length), 0);
    return w->text;
}

static void an_event_says_when_what_where_and_in_words(void **state)
{
    (void)state;
    char text[256];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_event_begin(&w, &(struct payload_event){.ts_us = 1795423160500000,
                                                    .seq = 123,
                                                    .event = PAYLOAD_EVENT_BUS_STATE,
                                                    .bus = "can0",
                                                    .text = "bus-off"});
    json_u64(&w, "tx_errors", 256);
    payload_event_end(&w);
    assert_string_equal(finish(&w), "{\"ts\":1795423160.5,\"seq\":123,\"event\":\"bus_state\","
                                    "\"bus\":\"can0\",\"text\":\"bus-off\",\"tx_errors\":256}");
}

static void what_is_not_logged_or_of_no_bus_leaves_its_key_out(void **state)
{
    (void)state;
    char text[128];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_event_begin(&w, &(struct payload_event){.ts_us = 1000000,
                                                    .event = PAYLOAD_EVENT_LOG_FAULT,
                                                    .text = "disk full"});
    payload_event_end(&w);
    assert_string_equal(finish(&w), "{\"ts\":1,\"event\":\"log_fault\",\"text\":\"disk full\"}");
}

static const struct payload_event bus_off = {
    .ts_us = 1000000, .seq = 7, .event = PAYLOAD_EVENT_BUS_STATE, .bus = "can0", .text = "bus-off"};

/* The log keeps a body without stamp; with the stamp back it is what was published live. */
static void a_body_with_its_stamp_back_is_the_event(void **state)
{
    (void)state;
    char live[128];
    struct json_writer w;
    json_writer_init(&w, live, sizeof(live));
    payload_event_begin(&w, &bus_off);
    json_u64(&w, "tx_errors", 256);
    payload_event_end(&w);
    (void)finish(&w);

    char body[128];
    size_t length;
    json_writer_init(&w, body, sizeof(body));
    payload_event_body_begin(&w, &bus_off);
    json_u64(&w, "tx_errors", 256);
    payload_event_end(&w);
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(
        body, "{\"event\":\"bus_state\",\"bus\":\"can0\",\"text\":\"bus-off\",\"tx_errors\":256}");

    char restored[128];
    json_writer_init(&w, restored, sizeof(restored));
    payload_event_restore(&w, bus_off.ts_us, bus_off.seq, body, length);
    assert_string_equal(finish(&w), live);
}

static void an_empty_body_is_a_stamp_alone(void **state)
{
    (void)state;
    char text[64];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_event_restore(&w, 1000000, 7, "{}", 2);
    assert_string_equal(finish(&w), "{\"ts\":1,\"seq\":7}");
}

static void every_event_word_is_the_one_of_the_contract(void **state)
{
    (void)state;
    static const char *const words[] = {"started",       "stopped",      "bus_state",   "clock_set",
                                        "clock_jumped",  "log_dropped",  "log_thinned", "log_fault",
                                        "log_recovered", "log_set_aside"};
    assert_int_equal(sizeof(words) / sizeof(words[0]), PAYLOAD_EVENT_LOG_SET_ASIDE + 1);
    for (int i = 0; i <= PAYLOAD_EVENT_LOG_SET_ASIDE; i++) {
        assert_string_equal(payload_event_word_text((enum payload_event_word)i), words[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_says_when_what_where_and_in_words),
        cmocka_unit_test(what_is_not_logged_or_of_no_bus_leaves_its_key_out),
        cmocka_unit_test(a_body_with_its_stamp_back_is_the_event),
        cmocka_unit_test(an_empty_body_is_a_stamp_alone),
        cmocka_unit_test(every_event_word_is_the_one_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
