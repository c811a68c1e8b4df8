#include "topics/payload_node.h"

#include "tests/unit/cmocka_all.h"

static const char *finish(struct json_writer *w)
{
    size_t length;
    assert_int_equal(json_writer_finish(w, &length), 0);
    return w->text;
}

static void status_has_two_words(void **state)
{
    (void)state;
    assert_string_equal(payload_status_text(true), "online");
    assert_string_equal(payload_status_text(false), "offline");
    bool online = false;
    assert_true(payload_status_from_text("online", 6, &online));
    assert_true(online);
    assert_true(payload_status_from_text("offline", 7, &online));
    assert_false(online);
    assert_false(payload_status_from_text("Online", 6, &online));
    assert_false(payload_status_from_text("online ", 7, &online));
    assert_false(payload_status_from_text("", 0, &online));
}

static void info_names_what_the_node_has(void **state)
{
    (void)state;
    static const char *const buses[] = {"can0", "can1"};
    const struct payload_info info = {
        .program = "edge-gateway",
        .version = "0.1.0",
        .started_us = 1795423160500000,
        .configuration = "5f3c",
        .log = {0x0f3c9a1122334455, 1234},
        .buses = {buses, 2},
    };
    char text[256];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_info_write(&w, &info);
    assert_string_equal(finish(&w),
                        "{\"program\":\"edge-gateway\",\"version\":\"0.1.0\","
                        "\"started\":1795423160.5,\"configuration\":\"5f3c\","
                        "\"log\":{\"id\":\"0f3c9a1122334455\",\"acknowledged\":1234},"
                        "\"buses\":[\"can0\",\"can1\"],\"devices\":[],\"capabilities\":[]}");
}

static void a_bus_state_leaves_unknown_counters_out(void **state)
{
    (void)state;
    static const char *const silent[] = {"Climate", "Tank"};
    static const char *const ids[] = {"1A0"};
    const struct payload_bus_state bus = {
        .state = PAYLOAD_BUS_ERROR_PASSIVE,
        .load_permille = 125,
        .tx_errors = 128,
        .rx_errors = 0,
        .error_frames = -1,
        .bus_offs = -1,
        .kernel_dropped = 3,
        .frames_per_s = 840.5,
        .unknown = -1,
        .unknown_ids = {ids, 1},
        .unknown_id_count = 1,
        .silent = {silent, 2},
        .silent_count = 20,
    };
    char text[512];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_bus_state_write(&w, &bus);
    assert_string_equal(finish(&w), "{\"state\":\"error_passive\",\"load_percent\":12.5,"
                                    "\"tx_errors\":128,\"rx_errors\":0,\"kernel_dropped\":3,"
                                    "\"frames_per_s\":840.5,\"unknown_ids\":[\"1A0\"],"
                                    "\"unknown_id_count\":1,\"silent\":[\"Climate\",\"Tank\"],"
                                    "\"silent_count\":20}");
}

static void every_bus_word_is_the_one_of_the_contract(void **state)
{
    (void)state;
    static const char *const words[] = {
        "up", "down", "no_traffic", "error_warning", "error_passive", "bus_off"};
    for (int i = PAYLOAD_BUS_UP; i <= PAYLOAD_BUS_OFF; i++) {
        assert_string_equal(payload_bus_word_text((enum payload_bus_word)i), words[i]);
    }
}

static void responses_say_ok_error_or_data(void **state)
{
    (void)state;
    char text[128];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_response_ok(&w, "7");
    assert_string_equal(finish(&w), "{\"transaction\":\"7\",\"status\":\"ok\"}");

    json_writer_init(&w, text, sizeof(text));
    payload_response_error(&w, NULL, "unknown verb");
    assert_string_equal(finish(&w), "{\"status\":\"error\",\"error\":\"unknown verb\"}");

    json_writer_init(&w, text, sizeof(text));
    payload_response_data_begin(&w, "7", 3);
    json_u64(&w, "count", 2);
    payload_response_data_end(&w, false);
    assert_string_equal(finish(&w), "{\"transaction\":\"7\",\"status\":\"ok\",\"seq\":3,"
                                    "\"data\":{\"count\":2},\"last\":false}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_has_two_words),
        cmocka_unit_test(info_names_what_the_node_has),
        cmocka_unit_test(a_bus_state_leaves_unknown_counters_out),
        cmocka_unit_test(every_bus_word_is_the_one_of_the_contract),
        cmocka_unit_test(responses_say_ok_error_or_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
