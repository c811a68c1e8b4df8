#include "topics/payload_catalog.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>

static void write_message(struct json_writer *w, const char *min)
{
    const struct payload_catalog_signal temperature = {.name = "Temperature",
                                                       .unit = "\xC2\xB0"
                                                               "C",
                                                       .min = min,
                                                       .max = "215",
                                                       .decimals = 1};
    const struct payload_catalog_signal pump = {.name = "Pump", .decimals = -1, .has_labels = true};
    payload_catalog_begin(w, 1795423160500000);
    payload_catalog_bus_begin(w, "can0");
    payload_catalog_message_begin(w, &(struct payload_catalog_message){.name = "state",
                                                                       .topic_id = "state_",
                                                                       .can_id = 291,
                                                                       .cycle_ms = 100,
                                                                       .has_stale = true,
                                                                       .settable = true});
    payload_catalog_signal_begin(w, &temperature);
    payload_catalog_signal_end(w, &temperature);
    payload_catalog_signal_begin(w, &pump);
    payload_catalog_label(w, 0, "Off");
    payload_catalog_label(w, 1, "Running");
    payload_catalog_signal_end(w, &pump);
    payload_catalog_message_end(w);
    payload_catalog_bus_end(w);
    payload_catalog_end(w);
}

static void it_lists_buses_messages_and_signals(void **state)
{
    (void)state;
    char text[512];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    write_message(&w, "-40.5");
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(
        text,
        "{\"ts\":1795423160.5,\"buses\":[{\"name\":\"can0\",\"messages\":[{\"name\":\"state\","
        "\"topic_id\":\"state_\",\"id\":291,\"extended\":false,\"cycle_ms\":100,"
        "\"stale_ms\":0,\"layout\":\"message\",\"settable\":true,\"signals\":[{\"name\":"
        "\"Temperature\","
        "\"unit\":\"\xC2\xB0"
        "C\",\"min\":-40.5,\"max\":215,\"decimals\":1},{\"name\":\"Pump\",\"labels\":["
        "{\"value\":0,\"label\":\"Off\"},{\"value\":1,\"label\":\"Running\"}]}]}]}]}");
}

static void as_data_it_has_no_object_of_its_own(void **state)
{
    (void)state;
    char text[128];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_object_begin(&w, NULL);
    payload_catalog_data_begin(&w, 1000000);
    payload_catalog_data_end(&w);
    json_bool(&w, "more", true);
    json_object_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"ts\":1,\"buses\":[],\"more\":true}");
}

static void a_range_that_is_no_number_fails_the_finish(void **state)
{
    (void)state;
    char text[512];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    write_message(&w, "-inf");
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_lists_buses_messages_and_signals),
        cmocka_unit_test(as_data_it_has_no_object_of_its_own),
        cmocka_unit_test(a_range_that_is_no_number_fails_the_finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
