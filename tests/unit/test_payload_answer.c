#include "topics/payload_answer.h"
#include "topics/payload_catalog.h"
#include "topics/payload_node.h"
#include "topics/payload_reading.h"

#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

static const struct payload_path temperature = {"can0", "Climate", "Temperature"};

/* The members of `data`, as an object of their own. */
static void begin(struct json_writer *w, char *text, size_t size)
{
    json_writer_init(w, text, size);
    json_object_begin(w, NULL);
}

static const char *end(struct json_writer *w)
{
    json_object_end(w);
    size_t length;
    assert_int_equal(json_writer_finish(w, &length), 0);
    return w->text;
}

static void history_is_points_of_one_signal(void **state)
{
    (void)state;
    char text[256];
    struct json_writer w;
    begin(&w, text, sizeof(text));
    const struct payload_series series = {
        .signal = &temperature, .unit = "K", .source = PAYLOAD_SOURCE_FRAMES};
    payload_history_begin(&w, &series, 36000);
    payload_history_point(&w, 1795423160495983, 21.57);
    payload_history_point(&w, 1795423161000000, -4);
    payload_history_end(&w);
    assert_string_equal(end(&w), "{\"signal\":\"can0/Climate/Temperature\",\"unit\":\"K\","
                                 "\"source\":\"frames\",\"count\":36000,"
                                 "\"points\":[[1795423160.495983,21.57],[1795423161,-4]]}");
}

static void statistics_are_buckets_of_one_signal(void **state)
{
    (void)state;
    char text[512];
    struct json_writer w;
    begin(&w, text, sizeof(text));
    const struct payload_series series = {.signal = &temperature, .source = PAYLOAD_SOURCE_HOURS};
    payload_statistics_begin(&w, &series, 3600000000);
    payload_statistics_bucket(&w, &(struct payload_bucket){.ts_us = 1795420800000000,
                                                           .count = 3,
                                                           .min = 20.5,
                                                           .max = 22,
                                                           .mean = 21.25,
                                                           .last = 21.5,
                                                           .weighted_mean = 21});
    payload_statistics_end(&w);
    assert_string_equal(end(&w), "{\"signal\":\"can0/Climate/Temperature\",\"source\":\"1h\","
                                 "\"bucket_s\":3600,\"buckets\":[{\"ts\":1795420800,\"count\":3,"
                                 "\"min\":20.5,\"max\":22,\"mean\":21.25,\"last\":21.5,"
                                 "\"weighted_mean\":21}]}");
}

static void an_empty_bucket_is_null_but_for_a_value_that_held_on(void **state)
{
    (void)state;
    char text[512];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_array_begin(&w, NULL);
    payload_statistics_bucket(&w, &(struct payload_bucket){.weighted_mean = NAN});
    payload_statistics_bucket(&w, &(struct payload_bucket){.weighted_mean = 21.5});
    json_array_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "[{\"ts\":0,\"count\":0,\"min\":null,\"max\":null,\"mean\":null,"
                              "\"last\":null,\"weighted_mean\":null},"
                              "{\"ts\":0,\"count\":0,\"min\":null,\"max\":null,\"mean\":null,"
                              "\"last\":null,\"weighted_mean\":21.5}]");
}

static void messages_are_readings_with_their_origin(void **state)
{
    (void)state;
    char text[256];
    struct json_writer w;
    begin(&w, text, sizeof(text));
    payload_messages_begin(&w);
    for (uint64_t seq = 7; seq <= 8; seq++) {
        payload_reading_begin(&w, &(struct payload_origin){"can0", "Climate"}, 1000000, seq);
        payload_reading_null(&w, "Level");
        payload_reading_end(&w);
    }
    payload_messages_end(&w, 0);
    assert_string_equal(end(&w), "{\"readings\":["
                                 "{\"bus\":\"can0\",\"message\":\"Climate\",\"ts\":1,\"seq\":7,"
                                 "\"signals\":{\"Level\":null}},"
                                 "{\"bus\":\"can0\",\"message\":\"Climate\",\"ts\":1,\"seq\":8,"
                                 "\"signals\":{\"Level\":null}}]}");
}

static void damaged_pieces_of_the_log_are_told(void **state)
{
    (void)state;
    char text[256];
    struct json_writer w;
    const struct payload_series series = {
        .signal = &temperature, .source = PAYLOAD_SOURCE_FRAMES, .damaged = 2};
    begin(&w, text, sizeof(text));
    payload_history_begin(&w, &series, 0);
    payload_history_end(&w);
    assert_string_equal(end(&w), "{\"signal\":\"can0/Climate/Temperature\",\"source\":\"frames\","
                                 "\"damaged\":2,\"count\":0,\"points\":[]}");
    begin(&w, text, sizeof(text));
    payload_messages_begin(&w);
    payload_messages_end(&w, 1);
    assert_string_equal(end(&w), "{\"readings\":[],\"damaged\":1}");
}

static void every_source_is_the_word_of_the_contract(void **state)
{
    (void)state;
    static const char *const words[] = {"frames", "1m", "1h", "summary"};
    assert_int_equal(sizeof(words) / sizeof(words[0]), PAYLOAD_SOURCE_SUMMARY + 1);
    for (int i = 0; i <= PAYLOAD_SOURCE_SUMMARY; i++) {
        assert_string_equal(payload_source_text((enum payload_source)i), words[i]);
    }
}

static void the_longest_path_is_written_whole(void **state)
{
    (void)state;
    struct payload_path path;
    memset(&path, 'x', sizeof(path));
    path.bus[TOPIC_ID_MAX_BYTES] = '\0';
    path.message[TOPIC_ID_MAX_BYTES] = '\0';
    path.signal[TOPIC_ID_MAX_BYTES] = '\0';
    char text[512];
    struct json_writer w;
    begin(&w, text, sizeof(text));
    payload_history_begin(&w, &(struct payload_series){.signal = &path}, 0);
    payload_history_end(&w);
    const char *begin_of_path = strchr(strchr(end(&w), ':'), 'x');
    assert_int_equal(strcspn(begin_of_path, "\""), 3 * TOPIC_ID_MAX_BYTES + 2);
}

static void end_messages(struct json_writer *w)
{
    payload_messages_end(w, UINT64_MAX);
}

/* Whatever is open when a chunk is full, PAYLOAD_ANSWER_END_BYTES close it. */
static void the_end_of_every_answer_fits_in_what_is_kept_for_it(void **state)
{
    (void)state;
    static void (*const ends[])(struct json_writer *) = {payload_history_end,
                                                         payload_statistics_end, end_messages};
    char text[128];
    struct json_writer w;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        json_writer_init(&w, text, sizeof(text));
        payload_response_data_begin(&w, NULL, 0);
        json_array_begin(&w, "points");
        size_t before = w.length;
        ends[i](&w);
        payload_response_data_end(&w, false);
        assert_true(w.length - before <= PAYLOAD_ANSWER_END_BYTES);
    }
    json_writer_init(&w, text, sizeof(text));
    payload_response_data_begin(&w, NULL, 0);
    payload_catalog_data_begin(&w, 0);
    payload_catalog_bus_begin(&w, "can0");
    size_t before = w.length;
    payload_catalog_bus_end(&w);
    payload_catalog_data_end(&w);
    payload_response_data_end(&w, false);
    assert_true(w.length - before <= PAYLOAD_ANSWER_END_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history_is_points_of_one_signal),
        cmocka_unit_test(statistics_are_buckets_of_one_signal),
        cmocka_unit_test(an_empty_bucket_is_null_but_for_a_value_that_held_on),
        cmocka_unit_test(messages_are_readings_with_their_origin),
        cmocka_unit_test(damaged_pieces_of_the_log_are_told),
        cmocka_unit_test(every_source_is_the_word_of_the_contract),
        cmocka_unit_test(the_longest_path_is_written_whole),
        cmocka_unit_test(the_end_of_every_answer_fits_in_what_is_kept_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
