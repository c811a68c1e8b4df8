#include "topics/topic.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static struct topic sample(enum topic_kind kind)
{
    return (struct topic){.kind = kind,
                          .site = "farm",
                          .node = "gw1",
                          .bus = "can0",
                          .message = "Climate",
                          .signal = "Temperature",
                          .id = "pump-1",
                          .verb = "history",
                          .client = "page-7"};
}

/* The tree as DESIGN's table writes it: what consumers rely on. */
static void every_kind_has_its_place(void **state)
{
    (void)state;
    static const char *const topics[] = {
        [TOPIC_STATUS] = "edge/farm/gw1/status",
        [TOPIC_INFO] = "edge/farm/gw1/info",
        [TOPIC_METRICS] = "edge/farm/gw1/metrics",
        [TOPIC_EVENT] = "edge/farm/gw1/event",
        [TOPIC_CATALOG] = "edge/farm/gw1/catalog",
        [TOPIC_BUS_STATE] = "edge/farm/gw1/can/can0/state",
        [TOPIC_READING] = "edge/farm/gw1/can/can0/Climate",
        [TOPIC_SIGNAL] = "edge/farm/gw1/can/can0/Climate/Temperature",
        [TOPIC_BACKFILL] = "edge/farm/gw1/backfill/can0/Climate",
        [TOPIC_BACKFILL_BATCH] = "edge/farm/gw1/backfill/batch",
        [TOPIC_BACKFILL_SUMMARY] = "edge/farm/gw1/backfill/can0/Climate/summary",
        [TOPIC_BACKFILL_EVENT] = "edge/farm/gw1/backfill/event",
        [TOPIC_BACKFILL_GAP] = "edge/farm/gw1/backfill/gap",
        [TOPIC_MESSAGE_SET] = "edge/farm/gw1/can/can0/Climate/set",
        [TOPIC_ALARM] = "edge/farm/gw1/alarms/pump-1",
        [TOPIC_ALARM_SET] = "edge/farm/gw1/alarms/pump-1/set",
        [TOPIC_ALARM_EVENT] = "edge/farm/gw1/alarms/event",
        [TOPIC_DEVICE_SET] = "edge/farm/devices/pump-1/set",
        [TOPIC_DEVICE_STATE] = "edge/farm/devices/pump-1/state",
        [TOPIC_RULE_STATE] = "edge/farm/gw1/rules/pump-1/state",
        [TOPIC_RULE_SET] = "edge/farm/gw1/rules/pump-1/set",
        [TOPIC_RULE_TRACE] = "edge/farm/gw1/rules/pump-1/trace",
        [TOPIC_SCHEDULE_STATE] = "edge/farm/gw1/schedules/pump-1/state",
        [TOPIC_SCHEDULE_SET] = "edge/farm/gw1/schedules/pump-1/set",
        [TOPIC_CONTROLLER_STATE] = "edge/farm/gw1/controllers/pump-1/state",
        [TOPIC_CONTROLLER_SET] = "edge/farm/gw1/controllers/pump-1/set",
        [TOPIC_REQUEST] = "edge/farm/gw1/request/history",
        [TOPIC_RESPONSE] = "edge/farm/gw1/response/history",
        [TOPIC_ANSWER] = "edge/farm/answers/pump-1/page-7",
        [TOPIC_ACK] = "edge/farm/gw1/ack/pump-1",
        [TOPIC_CLAIM] = "edge/farm/gw1/claim",
        [TOPIC_FENCES] = "edge/farm/gw1/fences",
        [TOPIC_MEMORY] = "edge/farm/gw1/memory/history/pump-1",
    };
    assert_int_equal(sizeof(topics) / sizeof(topics[0]), TOPIC_KIND_COUNT);
    for (size_t i = 0; i < TOPIC_KIND_COUNT; i++) {
        struct topic topic = sample((enum topic_kind)i);
        char text[TOPIC_MAX_BYTES + 1];
        assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), 0);
        assert_string_equal(text, topics[i]);
    }
}

static void every_kind_survives_format_and_parse(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"edge", "acme/edge"};
    for (size_t i = 0; i < 2 * TOPIC_KIND_COUNT; i++) {
        const char *prefix = prefixes[i / TOPIC_KIND_COUNT];
        struct topic topic = sample((enum topic_kind)(i % TOPIC_KIND_COUNT));
        char text[TOPIC_MAX_BYTES + 1];
        assert_int_equal(topic_format(prefix, &topic, text, sizeof(text)), 0);
        assert_true(topic_name_is_valid(text));

        struct topic_parsed parsed;
        memset(&parsed, 'x', sizeof(parsed));
        assert_int_equal(topic_parse(prefix, text, &parsed), 0);
        assert_int_equal(parsed.kind, topic.kind);

        struct topic again = topic_view(&parsed);
        char copy[TOPIC_MAX_BYTES + 1];
        assert_int_equal(topic_format(prefix, &again, copy, sizeof(copy)), 0);
        assert_string_equal(copy, text);
    }
}

static void a_filter_without_ids_covers_its_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < TOPIC_KIND_COUNT; i++) {
        struct topic topic = sample((enum topic_kind)i);
        struct topic open = {.kind = topic.kind};
        char text[TOPIC_MAX_BYTES + 1];
        char filter[TOPIC_MAX_BYTES + 1];
        assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), 0);
        assert_int_equal(topic_filter_format("edge", &open, filter, sizeof(filter)), 0);
        assert_true(topic_filter_is_valid(filter));
        assert_true(topic_matches(filter, text));
        assert_false(topic_matches(filter, "other/farm/gw1/status"));
    }
}

static void a_filter_keeps_the_parts_that_are_given(void **state)
{
    (void)state;
    struct topic topic = {.kind = TOPIC_MESSAGE_SET, .site = "farm", .node = "gw1"};
    char text[TOPIC_MAX_BYTES + 1];
    assert_int_equal(topic_filter_format("edge", &topic, text, sizeof(text)), 0);
    assert_string_equal(text, "edge/farm/gw1/can/+/+/set");
    topic.bus = "+";
    assert_int_equal(topic_filter_format("edge", &topic, text, sizeof(text)), -EINVAL);
}

static void the_deepest_topic_has_seven_slashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TOPIC_KIND_COUNT; i++) {
        struct topic topic = sample((enum topic_kind)i);
        char text[TOPIC_MAX_BYTES + 1];
        assert_int_equal(topic_format("acme/edge", &topic, text, sizeof(text)), 0);
        unsigned slashes = 0;
        for (const char *at = text; *at != '\0'; at++) {
            slashes += *at == '/' ? 1 : 0;
        }
        assert_true(slashes <= TOPIC_MAX_SLASHES);
    }
}

static void an_id_that_reads_as_a_word_of_the_tree_is_refused(void **state)
{
    (void)state;
    char text[TOPIC_MAX_BYTES + 1];
    struct topic topic = sample(TOPIC_SIGNAL);
    topic.signal = "set";
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), -EINVAL);
    topic = sample(TOPIC_READING);
    topic.message = "state";
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), -EINVAL);
    topic = sample(TOPIC_ALARM);
    topic.id = "event";
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), -EINVAL);
    topic = sample(TOPIC_RULE_STATE);
    topic.node = "devices";
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), -EINVAL);
    topic.node = "answers";
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), -EINVAL);
    topic.node = "answer";
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), 0);
    /* The same words are harmless elsewhere. */
    topic = sample(TOPIC_DEVICE_STATE);
    topic.id = "event";
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), 0);
}

static void the_word_of_the_tree_wins_when_parsing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum topic_kind kind;
    } cases[] = {
        {"edge/s/n/can/b/m/set", TOPIC_MESSAGE_SET},
        {"edge/s/n/can/b/state", TOPIC_BUS_STATE},
        {"edge/s/n/can/b/set", TOPIC_READING},
        {"edge/s/n/alarms/event", TOPIC_ALARM_EVENT},
        {"edge/s/n/alarms/set", TOPIC_ALARM},
        {"edge/s/devices/alarms/set", TOPIC_DEVICE_SET},
        {"edge/s/answers/alarms/event", TOPIC_ANSWER},
        {"edge/s/n/can/b/m/state", TOPIC_SIGNAL},
        {"edge/s/n/backfill/event", TOPIC_BACKFILL_EVENT},
        {"edge/s/n/backfill/batch", TOPIC_BACKFILL_BATCH},
        {"edge/s/n/backfill/event/m", TOPIC_BACKFILL},
        {"edge/s/n/backfill/gap/m/summary", TOPIC_BACKFILL_SUMMARY},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct topic_parsed parsed;
        assert_int_equal(topic_parse("edge", cases[i].text, &parsed), 0);
        assert_int_equal(parsed.kind, cases[i].kind);
    }
}

static void what_is_not_ours_does_not_parse(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "edge",
        "edge/",
        "edgex/s/n/status",
        "edge/s/n",
        "edge/s/n/statusx",
        "edge/s/n/status/",
        "edge//n/status",
        "edge/s/n/can/b",
        "edge/s/n/can/b/",
        "edge/s/n/can/b.x/m",
        "edge/s/n/can/b/m/s/set",
        "edge/s/n/event/x",
        "edge/s/n/backfill/b",
        "edge/s/n/backfill/b/m/set",
        "edge/s/devices/status",
        "edge/s/devices/x",
        "edge/s/answers/status",
        "edge/+/n/status",
        "homeassistant/status",
        "edge/s/n/can/b/m/%signal",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct topic_parsed parsed = {.kind = TOPIC_ACK, .site = "mine"};
        assert_int_equal(topic_parse("edge", texts[i], &parsed), -ENOENT);
        assert_int_equal(parsed.kind, TOPIC_ACK);
        assert_string_equal(parsed.site, "mine");
    }
}

static void an_answer_goes_where_answers_may_go(void **state)
{
    (void)state;
    static const char *const good[] = {"edge/s/answers/ann/page-1", "edge/s/n/response/history",
                                       "mine/7", "edge", "edges/s/n/status"};
    static const char *const bad[] = {"edge/s/n/can/b/m/set",
                                      "edge/s/n/a-kind-of-tomorrow",
                                      "edge/$/n/status",
                                      "edge/s/answers",
                                      "edge/",
                                      "edge/s/n/can/b/m",
                                      "edge/s/devices/fan/set",
                                      "edge/s/n/status",
                                      "homeassistant/device/n/s_n/config",
                                      "my/ha/device/n/s_n/config",
                                      "mine/+",
                                      ""};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_ptr_equal(topic_for_answer("edge", good[i]), good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(topic_for_answer("edge", bad[i]));
    }
    assert_null(topic_for_answer("edge", NULL));
}

static void an_endless_topic_does_not_parse(void **state)
{
    (void)state;
    char text[TOPIC_MAX_BYTES + 100];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memcpy(text, "edge/s/", 7);
    struct topic_parsed parsed;
    assert_int_equal(topic_parse("edge", text, &parsed), -ENOENT);
}

static void bad_parts_are_refused_and_nothing_is_written(void **state)
{
    (void)state;
    static const char *const bad[] = {NULL, "", "a b", "a/b", "+"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct topic topic = sample(TOPIC_READING);
        topic.bus = bad[i];
        char text[TOPIC_MAX_BYTES + 1] = "untouched";
        assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), -EINVAL);
        assert_string_equal(text, "untouched");
    }
    struct topic topic = sample(TOPIC_READING);
    char text[TOPIC_MAX_BYTES + 1];
    assert_int_equal(topic_format("edge/", &topic, text, sizeof(text)), -EINVAL);
}

static void a_topic_that_does_not_fit_is_refused_not_cut(void **state)
{
    (void)state;
    struct topic topic = sample(TOPIC_STATUS);
    char text[sizeof("edge/farm/gw1/status")] = "untouched";
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text) - 1), -ENAMETOOLONG);
    assert_string_equal(text, "untouched");
    assert_int_equal(topic_format("edge", &topic, text, sizeof(text)), 0);

    char id[TOPIC_ID_MAX_BYTES + 1] = "";
    memset(id, 'x', TOPIC_ID_MAX_BYTES);
    topic = (struct topic){TOPIC_SIGNAL, .site = id,    .node = id,
                           .bus = id,    .message = id, .signal = id};
    char wide[2 * TOPIC_MAX_BYTES];
    assert_int_equal(topic_format("edge", &topic, wide, sizeof(wide)), -ENAMETOOLONG);
}

static void what_strangers_ask_is_told_from_what_we_asked_for(void **state)
{
    (void)state;
    bool question = false;
    assert_true(topic_is_asked("edge", "edge/plant/gw1/request/history", &question));
    assert_true(question);
    assert_true(topic_is_asked("edge", "edge/plant/devices/heater/set", &question));
    assert_false(question);
    assert_false(topic_is_asked("edge", "edge/plant/gw1/status", &question));
    assert_false(topic_is_asked("edge", "zigbee2mqtt/lamp", &question));
}

static void what_acts_is_never_retained(void **state)
{
    (void)state;
    static const enum topic_kind acting[] = {
        TOPIC_MESSAGE_SET,  TOPIC_ALARM_SET,      TOPIC_DEVICE_SET, TOPIC_RULE_SET,
        TOPIC_SCHEDULE_SET, TOPIC_CONTROLLER_SET, TOPIC_REQUEST,    TOPIC_ACK};
    size_t count = 0;
    for (size_t i = 0; i < TOPIC_KIND_COUNT; i++) {
        count += topic_never_retained((enum topic_kind)i) ? 1 : 0;
    }
    assert_int_equal(count, sizeof(acting) / sizeof(acting[0]));
    for (size_t i = 0; i < count; i++) {
        assert_true(topic_never_retained(acting[i]));
    }
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < TOPIC_KIND_COUNT; i++) {
        enum topic_kind kind;
        assert_true(topic_kind_from_name(topic_traits((enum topic_kind)i)->name, &kind));
        assert_int_equal(kind, i);
    }
    enum topic_kind kind;
    assert_false(topic_kind_from_name("readings", &kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_place),
        cmocka_unit_test(every_kind_survives_format_and_parse),
        cmocka_unit_test(a_filter_without_ids_covers_its_kind),
        cmocka_unit_test(a_filter_keeps_the_parts_that_are_given),
        cmocka_unit_test(the_deepest_topic_has_seven_slashes),
        cmocka_unit_test(an_id_that_reads_as_a_word_of_the_tree_is_refused),
        cmocka_unit_test(the_word_of_the_tree_wins_when_parsing),
        cmocka_unit_test(what_is_not_ours_does_not_parse),
        cmocka_unit_test(an_answer_goes_where_answers_may_go),
        cmocka_unit_test(an_endless_topic_does_not_parse),
        cmocka_unit_test(bad_parts_are_refused_and_nothing_is_written),
        cmocka_unit_test(a_topic_that_does_not_fit_is_refused_not_cut),
        cmocka_unit_test(what_strangers_ask_is_told_from_what_we_asked_for),
        cmocka_unit_test(what_acts_is_never_retained),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
