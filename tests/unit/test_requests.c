/* Requests with a link that the test holds: what it takes, and when. */
#include "tests/unit/rollup_bench.h"

#include "common/lvq.h"
#include "edge-gateway/app/requests.h"
#include "topics/limits.h"
#include "topics/topic.h"

#include <cjson/cJSON.h>

#define PREFIX       "edge"
#define ANSWERS_MAX  64
#define ANSWER_TOPIC "my/answers"

struct answer {
    char topic[128];
    char correlation[16];
    size_t correlation_length;
    int qos;
    bool retain;
    cJSON *json;
};

struct link {
    size_t room;
    enum mqtt_publish_result result;
    char filter[128];
    struct answer answers[ANSWERS_MAX];
    size_t count;
};

/* The functions of the link have no other context; one test runs at a time. */
static struct link the_link;

enum mqtt_publish_result mqtt_link_publish(struct mqtt_link *link,
                                           const struct mqtt_publish *publish)
{
    assert_ptr_equal(link, (struct mqtt_link *)&the_link);
    if (the_link.result != MQTT_PUBLISHED) {
        return the_link.result;
    }
    assert_true(the_link.room > 0);
    assert_true(the_link.count < ANSWERS_MAX);
    assert_true(publish->length <= PAYLOAD_CHUNK_MAX_BYTES);
    struct answer *answer = &the_link.answers[the_link.count++];
    the_link.room--;
    (void)snprintf(answer->topic, sizeof(answer->topic), "%s", publish->topic);
    answer->correlation_length = publish->correlation_length;
    if (publish->correlation_length > 0) {
        assert_true(publish->correlation_length <= sizeof(answer->correlation));
        memcpy(answer->correlation, publish->correlation, publish->correlation_length);
    }
    answer->qos = publish->qos;
    answer->retain = publish->retain;
    answer->json = cJSON_ParseWithLength(publish->payload, publish->length);
    assert_non_null(answer->json);
    return MQTT_PUBLISHED;
}

size_t mqtt_link_room(const struct mqtt_link *link)
{
    (void)link;
    return the_link.room;
}

int mqtt_link_subscribe(struct mqtt_link *link, const struct mqtt_subscription *subscription)
{
    (void)link;
    (void)snprintf(the_link.filter, sizeof(the_link.filter), "%s", subscription->filter);
    return 0;
}

/* ---- fixture ---------------------------------------------------------------------------- */

struct desk {
    struct rollup_bench *bench;
    struct lvq *queue;
    enum mqtt_publish_result queue_result;
    struct message_plan messages[MESSAGES];
    struct bus_config bus_configs[BUSES];
    struct bus_plan buses[BUSES];
    struct gateway_config config;
    struct gateway_plan plan;
    struct requests *requests;
};

static enum mqtt_publish_result publish_live(void *context, const struct mqtt_publish *publish)
{
    const struct desk *desk = context;
    (void)publish;
    return desk->queue_result;
}

static void open_requests(struct desk *desk, bool has_log)
{
    const struct environment environment = {.loop = desk->bench->loop,
                                            .queue = desk->queue,
                                            .prefix = PREFIX,
                                            .site = "demo",
                                            .node = "gw1",
                                            .log = has_log ? (struct frame_log *)desk : NULL};
    const struct request_room_options room = {.plan = &desk->plan, .has_log = has_log};
    struct requests_options options = {.environment = &environment,
                                       .link = (struct mqtt_link *)&the_link};
    assert_int_equal(request_room_new(&room, &options.room), 0);
    assert_int_equal(requests_new(&options, &desk->requests), 0);
}

static int set_up_with(void **state, bool has_log, bool has_fake_clock)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    assert_non_null(desk);
    (void)bench_set_up((void **)&desk->bench);
    if (has_fake_clock) {
        loop_free(desk->bench->loop);
        desk->bench->clock.realtime_us = T0_US;
        assert_int_equal(loop_new_fake(&desk->bench->clock, &desk->bench->loop), 0);
    }
    memset(&the_link, 0, sizeof(the_link));
    the_link.room = ANSWERS_MAX;
    assert_int_equal(lvq_new(publish_live, desk, &desk->queue), 0);
    for (size_t i = 0; i < MESSAGES; i++) {
        desk->messages[i].message = dbc_message_at(desk->bench->dbc.db, i);
        desk->messages[i].stale_after_us = 15 * US_PER_S;
    }
    for (size_t i = 0; i < BUSES; i++) {
        desk->bus_configs[i].name = i == 0 ? "can0" : "can1";
        desk->buses[i] = (struct bus_plan){.config = &desk->bus_configs[i],
                                           .database = desk->bench->dbc.db,
                                           .messages = desk->messages,
                                           .message_count = MESSAGES};
    }
    desk->config.store.file = desk->bench->path;
    desk->config.buses = desk->bus_configs;
    desk->config.bus_count = BUSES;
    desk->plan = (struct gateway_plan){.config = &desk->config, .buses = desk->buses};
    open_requests(desk, has_log);
    *state = desk;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, true, false);
}

static int set_up_without_log(void **state)
{
    return set_up_with(state, false, false);
}

static int set_up_with_fake_clock(void **state)
{
    return set_up_with(state, true, true);
}

static int tear_down(void **state)
{
    struct desk *desk = *state;
    requests_free(desk->requests);
    for (size_t i = 0; i < the_link.count; i++) {
        cJSON_Delete(the_link.answers[i].json);
    }
    lvq_free(desk->queue);
    (void)bench_tear_down((void **)&desk->bench);
    free(desk);
    return 0;
}

/* ---- asking ----------------------------------------------------------------------------- */

static struct mqtt_received request(const char *topic, const char *payload)
{
    return (struct mqtt_received){.topic = topic,
                                  .payload = payload,
                                  .length = strlen(payload),
                                  .response_topic = ANSWER_TOPIC,
                                  .correlation = "c1",
                                  .correlation_length = 2};
}

static void ask_on(struct desk *desk, const char *verb, const char *payload)
{
    char topic[64];
    (void)snprintf(topic, sizeof(topic), PREFIX "/demo/gw1/request/%s", verb);
    const struct mqtt_received message = request(topic, payload);
    assert_true(requests_on_message(desk->requests, &message));
}

static void check_account(const struct desk *desk)
{
    struct responder_stats stats = requests_stats(desk->requests);
    uint64_t sum = stats.answered + stats.abandoned + stats.waiting + stats.running;
    for (int i = 0; i < RESPONDER_REFUSAL_COUNT; i++) {
        sum += stats.refused[i];
    }
    assert_int_equal(stats.received, sum);
}

/* Until so many answers are there. */
static void run_until(struct desk *desk, size_t count)
{
    while (the_link.count < count) {
        assert_int_equal(loop_run_once(desk->bench->loop, 5 * US_PER_S), 0);
    }
    check_account(desk);
}

static const cJSON *member(const struct answer *answer, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(answer->json, key);
}

static const cJSON *data_of(const struct answer *answer, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(member(answer, "data"), key);
}

static bool is_last(const struct answer *answer)
{
    return cJSON_IsTrue(member(answer, "last"));
}

static void assert_refused(struct desk *desk, enum responder_refusal reason, const char *words)
{
    run_until(desk, 1);
    const struct answer *answer = &the_link.answers[0];
    assert_string_equal(member(answer, "status")->valuestring, "error");
    if (strstr(member(answer, "error")->valuestring, words) == NULL) {
        fail_msg("'%s' says nothing of '%s'", member(answer, "error")->valuestring, words);
    }
    assert_int_equal(requests_stats(desk->requests).refused[reason], 1);
    assert_string_equal(answer->topic, ANSWER_TOPIC);
    assert_int_equal(answer->correlation_length, 2);
}

/* Readings of Climate on can0, a tenth of a second apart, the humidity going up to 100 and back. */
static void log_some(struct desk *desk, int count)
{
    struct rollup_bench *bench = desk->bench;
    uint64_t seq = 0;
    bench_open(bench);
    for (int i = 0; i < count; i++) {
        struct frame frame = {.ts_us = T0_US + i * INT64_C(100000), .can_id = 256, .len = 8};
        frame.data[2] = (uint8_t)(i % 201);
        seq = store_append_frame(bench->store, &frame);
        if (i % 5000 == 0) {
            bench_run_until_committed(bench, seq);
        }
    }
    bench_run_until_committed(bench, seq);
    bench_close(bench);
}

/* ---- tests ------------------------------------------------------------------------------ */

static void the_filter_is_for_all_verbs_of_this_node(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(requests_subscribe(desk->requests), 0);
    assert_string_equal(the_link.filter, PREFIX "/demo/gw1/request/+");
}

static void other_topics_are_left_alone(void **state)
{
    struct desk *desk = *state;
    static const char *const topics[] = {PREFIX "/demo/gw2/request/history",
                                         PREFIX "/other/gw1/request/history",
                                         PREFIX "/demo/gw1/can/can0/Climate/set", "else"};
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        const struct mqtt_received message = request(topics[i], "{}");
        assert_false(requests_on_message(desk->requests, &message));
    }
    assert_int_equal(requests_stats(desk->requests).received, 0);
}

static void history_is_answered_on_the_response_topic(void **state)
{
    struct desk *desk = *state;
    log_some(desk, 300);
    ask_on(desk, "history",
           "{\"signal\":\"can0/Climate/Humidity\",\"from\":1795422600,\"to\":1795422700,"
           "\"transaction\":\"t 7\"}");
    run_until(desk, 1);
    const struct answer *answer = &the_link.answers[0];
    assert_string_equal(answer->topic, ANSWER_TOPIC);
    assert_int_equal(answer->correlation_length, 2);
    assert_memory_equal(answer->correlation, "c1", 2);
    assert_int_equal(answer->qos, 1);
    assert_false(answer->retain);
    assert_string_equal(member(answer, "transaction")->valuestring, "t 7");
    assert_string_equal(member(answer, "status")->valuestring, "ok");
    assert_true(is_last(answer));
    assert_string_equal(data_of(answer, "signal")->valuestring, "can0/Climate/Humidity");
    assert_string_equal(data_of(answer, "unit")->valuestring, "%");
    assert_string_equal(data_of(answer, "source")->valuestring, "frames");
    assert_int_equal(data_of(answer, "count")->valueint, 300);
    const cJSON *points = data_of(answer, "points");
    assert_int_equal(cJSON_GetArraySize(points), 300);
    const cJSON *point = cJSON_GetArrayItem(points, 201);
    assert_true(cJSON_GetArrayItem(point, 0)->valuedouble == 1795422600 + 20.1);
    assert_true(cJSON_GetArrayItem(point, 1)->valuedouble == 0);
    assert_int_equal(requests_stats(desk->requests).answered, 1);
    assert_int_equal(requests_stats(desk->requests).running, 0);
}

static void statistics_come_in_buckets_for_each_signal(void **state)
{
    struct desk *desk = *state;
    log_some(desk, 1200);
    ask_on(desk, "statistics",
           "{\"signals\":[\"can0/Climate/Humidity\",\"can0/Climate/Temperature\"],"
           "\"from\":1795422600,\"to\":1795422720,\"bucket_s\":60}");
    run_until(desk, 2);
    const struct answer *answer = &the_link.answers[0];
    assert_false(is_last(answer));
    assert_true(is_last(&the_link.answers[1]));
    assert_int_equal(member(&the_link.answers[1], "seq")->valueint, 1);
    assert_int_equal(data_of(answer, "bucket_s")->valueint, 60);
    const cJSON *bucket = cJSON_GetArrayItem(data_of(answer, "buckets"), 1);
    assert_int_equal(cJSON_GetArraySize(data_of(answer, "buckets")), 2);
    assert_int_equal(cJSON_GetObjectItem(bucket, "ts")->valueint, 1795422660);
    assert_int_equal(cJSON_GetObjectItem(bucket, "count")->valueint, 600);
    assert_int_equal(cJSON_GetObjectItem(bucket, "max")->valueint, 100);
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(bucket, "weighted_mean")));
}

static void messages_are_readings_with_their_origin(void **state)
{
    struct desk *desk = *state;
    log_some(desk, 50);
    ask_on(desk, "messages",
           "{\"message\":\"Climate\",\"from\":1795422600,\"to\":1795422700,\"limit\":3,"
           "\"after_seq\":10}");
    run_until(desk, 1);
    const struct answer *answer = &the_link.answers[0];
    assert_true(is_last(answer));
    const cJSON *readings = data_of(answer, "readings");
    assert_int_equal(cJSON_GetArraySize(readings), 3);
    const cJSON *reading = cJSON_GetArrayItem(readings, 0);
    assert_string_equal(cJSON_GetObjectItem(reading, "bus")->valuestring, "can0");
    assert_string_equal(cJSON_GetObjectItem(reading, "message")->valuestring, "Climate");
    assert_int_equal(cJSON_GetObjectItem(reading, "seq")->valueint, 11);
    const cJSON *signals = cJSON_GetObjectItem(reading, "signals");
    assert_int_equal(cJSON_GetObjectItem(signals, "Humidity")->valueint, 5);
    assert_string_equal(cJSON_GetObjectItem(signals, "Mode")->valuestring, "Off");
}

static void a_long_answer_comes_in_chunks_and_waits_for_room(void **state)
{
    struct desk *desk = *state;
    log_some(desk, 20000);
    the_link.room = 1;
    ask_on(desk, "history",
           "{\"signal\":\"can0/Climate/Humidity\",\"from\":1795422600,\"to\":1795426200,"
           "\"max_points\":20000}");
    size_t points = 0;
    for (size_t i = 0; i == 0 || !is_last(&the_link.answers[i - 1]); i++) {
        run_until(desk, i + 1);
        assert_int_equal(the_link.room, 0);
        const struct answer *answer = &the_link.answers[i];
        assert_int_equal(member(answer, "seq")->valueint, i);
        assert_int_equal(data_of(answer, "count")->valueint, 20000);
        points += (size_t)cJSON_GetArraySize(data_of(answer, "points"));
        for (int k = 0; k < 20; k++) { /* nothing more comes */
            assert_int_equal(loop_run_once(desk->bench->loop, 1000), 0);
        }
        assert_int_equal(the_link.count, i + 1);
        the_link.room = 1;
        requests_go_on(desk->requests);
    }
    assert_int_equal(points, 20000);
    assert_true(the_link.count >= 2);
    assert_int_equal(requests_stats(desk->requests).chunks, the_link.count);
}

static void messages_fill_several_chunks(void **state)
{
    struct desk *desk = *state;
    log_some(desk, 6000);
    ask_on(desk, "messages", "{\"from\":1795422600,\"to\":1795426200,\"limit\":10000}");
    int count = 0;
    int seq = 0;
    for (size_t i = 0; i == 0 || !is_last(&the_link.answers[i - 1]); i++) {
        run_until(desk, i + 1);
        const cJSON *reading;
        cJSON_ArrayForEach(reading, data_of(&the_link.answers[i], "readings"))
        {
            assert_true(cJSON_GetObjectItem(reading, "seq")->valueint > seq);
            seq = cJSON_GetObjectItem(reading, "seq")->valueint;
            count++;
        }
    }
    assert_int_equal(count, 6000);
    assert_true(the_link.count >= 2);
}

static void the_catalog_needs_no_log(void **state)
{
    struct desk *desk = *state;
    ask_on(desk, "catalog", "{}");
    run_until(desk, 1);
    const struct answer *answer = &the_link.answers[0];
    assert_true(is_last(answer));
    const cJSON *buses = data_of(answer, "buses");
    assert_int_equal(cJSON_GetArraySize(buses), BUSES);
    const cJSON *bus = cJSON_GetArrayItem(buses, 1);
    assert_string_equal(cJSON_GetObjectItem(bus, "name")->valuestring, "can1");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(bus, "messages")), MESSAGES);
}

static void without_a_log_there_is_no_history(void **state)
{
    struct desk *desk = *state;
    ask_on(desk, "history", "{\"signal\":\"can0/Climate/Humidity\"}");
    assert_refused(desk, RESPONDER_UNAVAILABLE, "does not log");
}

static void a_log_that_is_not_there_yet_is_an_error(void **state)
{
    struct desk *desk = *state;
    ask_on(desk, "history", "{\"signal\":\"can0/Climate/Humidity\"}");
    assert_refused(desk, RESPONDER_UNAVAILABLE, "nothing was logged yet");
}

static void a_retained_request_is_refused(void **state)
{
    struct desk *desk = *state;
    struct mqtt_received message = request(PREFIX "/demo/gw1/request/catalog", "{}");
    message.retain = true;
    assert_true(requests_on_message(desk->requests, &message));
    assert_refused(desk, RESPONDER_RETAINED, "retained");
}

static void an_unknown_verb_is_told_the_verbs(void **state)
{
    struct desk *desk = *state;
    ask_on(desk, "histroy", "{\"transaction\":\"x\"}");
    assert_refused(desk, RESPONDER_NO_VERB, "history, statistics, messages, catalog");
    assert_string_equal(member(&the_link.answers[0], "transaction")->valuestring, "x");
}

static void a_misspelt_key_is_refused(void **state)
{
    struct desk *desk = *state;
    ask_on(desk, "history", "{\"signal\":\"can0/Climate/Humidity\",\"last\":60}");
    assert_refused(desk, RESPONDER_MALFORMED, "last");
}

static void what_is_not_there_is_named(void **state)
{
    static const struct {
        const char *verb;
        const char *payload;
        const char *words;
    } rows[] = {
        {"history", "{\"signal\":\"can9/Climate/Humidity\"}", "no bus 'can9'"},
        {"history", "{\"signal\":\"can0/Klima/Humidity\"}", "no message 'Klima'"},
        {"statistics", "{\"signal\":\"can0/Climate/Humid\"}", "no signal 'Humid'"},
        {"messages", "{\"bus\":\"can9\"}", "no bus 'can9'"},
        {"messages", "{\"message\":\"Klima\"}", "no message 'Klima'"},
    };
    struct desk *desk = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ask_on(desk, rows[i].verb, rows[i].payload);
        run_until(desk, i + 1);
        const char *error = member(&the_link.answers[i], "error")->valuestring;
        if (strstr(error, rows[i].words) == NULL) {
            fail_msg("'%s' says nothing of '%s'", error, rows[i].words);
        }
    }
    assert_int_equal(requests_stats(desk->requests).refused[RESPONDER_UNKNOWN], 5);
}

static void who_gives_no_response_topic_is_answered_on_ours(void **state)
{
    struct desk *desk = *state;
    struct mqtt_received message = request(PREFIX "/demo/gw1/request/catalog", "{}");
    message.response_topic = NULL;
    message.correlation = NULL;
    message.correlation_length = 0;
    assert_true(requests_on_message(desk->requests, &message));
    run_until(desk, 1);
    assert_string_equal(the_link.answers[0].topic, PREFIX "/demo/gw1/response/catalog");
}

static void too_many_at_once_are_told_so(void **state)
{
    struct desk *desk = *state;
    the_link.room = 0;
    for (int i = 0; i < 25; i++) {
        ask_on(desk, "catalog", "{}");
    }
    check_account(desk);
    struct responder_stats stats = requests_stats(desk->requests);
    assert_int_equal(stats.running, 4);
    assert_int_equal(stats.waiting, 16);
    assert_int_equal(stats.refused[RESPONDER_BUSY], 5);
    assert_int_equal(the_link.count, 0);
    the_link.room = ANSWERS_MAX;
    requests_go_on(desk->requests);
    run_until(desk, 25);
    stats = requests_stats(desk->requests);
    assert_int_equal(stats.answered, 20);
    assert_int_equal(stats.unanswered, 0);
}

static void live_values_go_first(void **state)
{
    struct desk *desk = *state;
    size_t slot;
    const struct lvq_slot_options options = {"live", 16, false};
    assert_int_equal(lvq_add(desk->queue, &options, &slot), 0);
    desk->queue_result = MQTT_WINDOW_FULL;
    const struct lvq_item item = {.slot = slot, .payload = "1", .length = 1, .qos = 1};
    lvq_put(desk->queue, &item, 0);
    assert_true(lvq_is_waiting(desk->queue));
    ask_on(desk, "catalog", "{}");
    ask_on(desk, "nonsense", "{}");
    for (int i = 0; i < 20; i++) {
        assert_int_equal(loop_run_once(desk->bench->loop, 5000), 0);
    }
    assert_int_equal(the_link.count, 0);
    desk->queue_result = MQTT_PUBLISHED;
    lvq_on_room(desk->queue, 0);
    assert_false(lvq_is_waiting(desk->queue));
    requests_go_on(desk->requests);
    run_until(desk, 2);
}

static void an_answer_that_nobody_takes_is_given_up(void **state)
{
    struct desk *desk = *state;
    the_link.room = 0;
    ask_on(desk, "catalog", "{}");
    ask_on(desk, "nonsense", "{}");
    while (requests_stats(desk->requests).running > 0) { /* time jumps to the end of patience */
        assert_int_equal(loop_run_once(desk->bench->loop, 5 * US_PER_S), 0);
    }
    check_account(desk);
    struct responder_stats stats = requests_stats(desk->requests);
    assert_int_equal(stats.abandoned, 1);
    assert_int_equal(stats.unanswered, 1);
    assert_int_equal(the_link.count, 0);
}

static void an_answer_that_is_too_large_for_the_broker_is_given_up(void **state)
{
    struct desk *desk = *state;
    the_link.result = MQTT_TOO_LARGE;
    ask_on(desk, "catalog", "{}");
    while (requests_stats(desk->requests).running > 0) {
        assert_int_equal(loop_run_once(desk->bench->loop, 5 * US_PER_S), 0);
    }
    assert_int_equal(requests_stats(desk->requests).abandoned, 1);
    check_account(desk);
}

static void it_can_end_at_any_time(void **state)
{
    struct desk *desk = *state;
    log_some(desk, 5000);
    for (int i = 0; i < 20; i++) {
        ask_on(desk, "history",
               "{\"signal\":\"can0/Climate/Humidity\",\"from\":1795422600,\"to\":1795426200}");
    }
    (void)loop_run_once(desk->bench->loop, 1000);
    requests_free(desk->requests);
    desk->requests = NULL;
}

#define TEST(name)                cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_WITH(name, setup_fn) cmocka_unit_test_setup_teardown(name, setup_fn, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_filter_is_for_all_verbs_of_this_node),
        TEST(other_topics_are_left_alone),
        TEST(history_is_answered_on_the_response_topic),
        TEST(statistics_come_in_buckets_for_each_signal),
        TEST(messages_are_readings_with_their_origin),
        TEST(a_long_answer_comes_in_chunks_and_waits_for_room),
        TEST(messages_fill_several_chunks),
        TEST_WITH(the_catalog_needs_no_log, set_up_without_log),
        TEST_WITH(without_a_log_there_is_no_history, set_up_without_log),
        TEST(a_log_that_is_not_there_yet_is_an_error),
        TEST(a_retained_request_is_refused),
        TEST(an_unknown_verb_is_told_the_verbs),
        TEST(a_misspelt_key_is_refused),
        TEST(what_is_not_there_is_named),
        TEST(who_gives_no_response_topic_is_answered_on_ours),
        TEST(too_many_at_once_are_told_so),
        TEST(live_values_go_first),
        TEST_WITH(an_answer_that_nobody_takes_is_given_up, set_up_with_fake_clock),
        TEST(an_answer_that_is_too_large_for_the_broker_is_given_up),
        TEST(it_can_end_at_any_time),
    };
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
