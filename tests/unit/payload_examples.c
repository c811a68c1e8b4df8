/*
 * One payload of every encoder, as "topic<TAB>payload" lines: what a test validates against the
 * schemas. The format is the one of a captured session (see tests/integration/validate_capture.py).
 */
#include "topics/payload_account.h"
#include "topics/payload_answer.h"
#include "topics/payload_backfill.h"
#include "topics/payload_catalog.h"
#include "topics/payload_controller.h"
#include "topics/payload_device.h"
#include "topics/payload_event.h"
#include "topics/payload_explain.h"
#include "topics/payload_metrics.h"
#include "topics/payload_node.h"
#include "topics/payload_question.h"
#include "topics/payload_reading.h"
#include "topics/payload_recording.h"
#include "topics/payload_reload.h"
#include "topics/payload_rule.h"
#include "topics/payload_set.h"
#include "topics/payload_support.h"
#include "topics/topic.h"

#include "tests/unit/alarm_examples.h"
#include "tests/unit/standby_examples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TS_US INT64_C(1795423160495983)

static void print_line_of_verb(enum topic_kind kind, const char *verb, const char *payload)
{
    const struct topic topic = {.kind = kind,
                                .site = "farm",
                                .node = "gw1",
                                .bus = "can0",
                                .message = "Climate",
                                .signal = "Temperature",
                                .id = "vent",
                                .verb = verb};
    char text[TOPIC_MAX_BYTES + 1];
    if (topic_format("edge", &topic, text, sizeof(text)) < 0) {
        abort();
    }
    printf("%s\t%s\n", text, payload);
}

static void print_line(enum topic_kind kind, const char *payload)
{
    print_line_of_verb(kind, "set", payload);
}

static void print_json_of_verb(enum topic_kind kind, const char *verb,
                               void (*write)(struct json_writer *))
{
    char text[4096];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    write(&w);
    size_t length;
    if (json_writer_finish(&w, &length) < 0) {
        abort();
    }
    print_line_of_verb(kind, verb, text);
}

static void print_json(enum topic_kind kind, void (*write)(struct json_writer *))
{
    print_json_of_verb(kind, "set", write);
}

static void reading_of_good_signals(struct json_writer *w)
{
    payload_reading_begin(w, NULL, TS_US, 1234);
    payload_reading_number(w, "Temperature", "21.57", 5);
    payload_reading_label(w, "Pump", "Running \"fast\"\t\xFF");
    payload_reading_end(w);
}

static void reading_with_qualities(struct json_writer *w)
{
    payload_reading_begin(w, NULL, TS_US, 0);
    payload_reading_null(w, "Level");
    payload_reading_number(w, "Temperature", "-4e3", 4);
    payload_reading_number(w, "Old", "1", 1);
    payload_reading_quality_begin(w);
    payload_reading_quality(w, "Level", READING_NOT_AVAILABLE);
    payload_reading_quality(w, "Temperature", READING_OUT_OF_RANGE);
    payload_reading_quality(w, "Old", READING_STALE);
    payload_reading_end(w);
}

static void batch_of_readings(struct json_writer *w)
{
    const struct payload_origin origin = {"can0", "Climate"};
    json_array_begin(w, NULL);
    payload_reading_begin(w, &origin, TS_US, 7);
    payload_reading_null(w, "Level");
    payload_reading_end(w);
    json_array_end(w);
}

static void gap(struct json_writer *w)
{
    payload_gap_begin(w);
    payload_gap_range(w, 1, 1);
    payload_gap_range(w, 7, PAYLOAD_INTEGER_MAX);
    payload_gap_end(w, PAYLOAD_GAP_THINNED);
}

static void summary(struct json_writer *w)
{
    payload_summary_begin(w, &(struct payload_summary){.from_us = TS_US,
                                                       .to_us = TS_US + 60000000,
                                                       .first_seq = 7,
                                                       .last_seq = 99,
                                                       .count = 12});
    payload_summary_signal(
        w, &(struct payload_summary_signal){"Temperature", -0.5, 21.57, 1.0 / 3.0, 20});
    payload_summary_end(w);
}

static const struct payload_recording recording = {.path = "r/dashcam-1.log",
                                                   .trigger = "bus_off",
                                                   .from_us = TS_US,
                                                   .to_us = TS_US + 40000000,
                                                   .frames = 12,
                                                   .bytes = 500,
                                                   .lost = 1,
                                                   .is_cut = true,
                                                   .extended = 2};

static void print_events(void)
{
    for (int word = PAYLOAD_EVENT_STARTED; word <= PAYLOAD_EVENT_RECORDING_FAILED; word++) {
        char text[512];
        struct json_writer w;
        json_writer_init(&w, text, sizeof(text));
        payload_event_begin(&w, &(struct payload_event){.ts_us = TS_US,
                                                        .seq = (uint64_t)word,
                                                        .event = (enum payload_event_word)word,
                                                        .bus = word % 2 == 0 ? "can0" : NULL,
                                                        .text = "what \"happened\""});
        if (word == PAYLOAD_EVENT_RECORDED) {
            payload_recording_members(&w, &recording);
        } else {
            json_u64(&w, "readings", 12);
        }
        payload_event_end(&w);
        size_t length;
        if (json_writer_finish(&w, &length) < 0) {
            abort();
        }
        print_line(word % 2 == 0 ? TOPIC_EVENT : TOPIC_BACKFILL_EVENT, text);
    }
}

static void set(struct json_writer *w)
{
    payload_set_begin(w);
    payload_set_signal(w, "Heater", &(struct payload_value){.type = PAYLOAD_TEXT, .text = "On"});
    payload_set_signal(w, "Power", &(struct payload_value){.type = PAYLOAD_NUMBER, .number = 55.5});
    payload_set_signal(w, "Light", &(struct payload_value){.type = PAYLOAD_BOOL, .truth = true});
    payload_set_end(w, 5000, "t-1", &standby_example_master, &(struct payload_stamp){81273, 812});
}

static void device_state(struct json_writer *w)
{
    payload_device_state_write(
        w, &(struct payload_device_state){.value = {.type = PAYLOAD_TEXT, .text = "ON"},
                                          .target = {.type = PAYLOAD_TEXT, .text = "ON"},
                                          .source = "rule:vent",
                                          .reason = "humidity above 80 %",
                                          .since_us = TS_US,
                                          .until_us = TS_US + 600000000,
                                          .quality = READING_GOOD});
}

static void unknown_device_state(struct json_writer *w)
{
    payload_device_state_write(w, &(struct payload_device_state){.quality = READING_NOT_AVAILABLE});
}

static void rule_state(struct json_writer *w)
{
    payload_rule_state_write(w, &(struct payload_rule_state){.enabled = true,
                                                             .active = 1,
                                                             .runs = 3,
                                                             .last_run_us = TS_US,
                                                             .reason = "humidity > 80 %"});
}

static void schedule_state(struct json_writer *w)
{
    payload_schedule_state_write(
        w, &(struct payload_schedule_state){.enabled = true,
                                            .value = {.type = PAYLOAD_NUMBER, .number = 21},
                                            .reason = "mon-fri 06:00 to 22:00",
                                            .next_us = TS_US,
                                            .next_value = {.type = PAYLOAD_TEXT, .text = "ON"}});
}

static void controller_state(struct json_writer *w)
{
    const struct payload_controller_tuning tuning = {.state = "found",
                                                     .has_result = true,
                                                     .ultimate_gain = 64,
                                                     .ultimate_period_s = 180,
                                                     .rule = "tyreus_luyben",
                                                     .gains = {29, 0.07, 829}};
    payload_controller_state_write(
        w, &(struct payload_controller_state){.mode = PAYLOAD_CONTROLLER_MANUAL,
                                              .setpoint = 21.5,
                                              .output = {.type = PAYLOAD_NUMBER, .number = 40},
                                              .has_terms = true,
                                              .tuning = &tuning,
                                              .has_pwm = true,
                                              .switched = {.type = PAYLOAD_TEXT, .text = "ON"},
                                              .quality = READING_STALE,
                                              .reason = "mode is manual"});
}

static void climate_state(struct json_writer *w)
{
    const struct payload_controller_state state = {
        .has_band = true, .low = 20, .high = 24, .has_action = true};
    payload_controller_state_write(w, &state);
}

static void rule_trace(struct json_writer *w)
{
    const struct payload_rule_step steps[] = {{"set vent 100", "done", TS_US, 0},
                                              {"wait vent > 90", "timed_out", TS_US, 2}};
    payload_rule_trace_write(
        w, &(struct payload_rule_trace){TS_US, "it is 06:30", "timed_out", steps, 2, 1});
}

static void info(struct json_writer *w)
{
    static const char *const buses[] = {"can0"};
    static const char *const capabilities[] = {"set", "history"};
    payload_info_write(w, &(struct payload_info){.program = "edge-gateway",
                                                 .version = "0.1.0",
                                                 .started_us = TS_US,
                                                 .configuration = "5f3c9a",
                                                 .log = {0x0f3c9a1122334455, 1234},
                                                 .buses = {buses, 1},
                                                 .capabilities = {capabilities, 2}});
}

static void print_bus_states(void)
{
    for (int word = PAYLOAD_BUS_UP; word <= PAYLOAD_BUS_OFF; word++) {
        static const char *const silent[] = {"Climate"};
        static const char *const ids[] = {"1A0", "18FEF100"};
        char text[512];
        struct json_writer w;
        json_writer_init(&w, text, sizeof(text));
        payload_bus_state_write(&w,
                                &(struct payload_bus_state){.state = (enum payload_bus_word)word,
                                                            .since_us = TS_US,
                                                            .load_permille = 125,
                                                            .tx_errors = 97,
                                                            .kernel_dropped = -1,
                                                            .frames_per_s = 840.25,
                                                            .unknown_ids = {ids, 2},
                                                            .silent = {silent, 1}});
        size_t length;
        if (json_writer_finish(&w, &length) < 0) {
            abort();
        }
        print_line(TOPIC_BUS_STATE, text);
    }
}

static void catalog(struct json_writer *w)
{
    const struct payload_catalog_signal temperature = {
        .name = "Temperature", .unit = "K", .min = "-40.5", .max = "215", .decimals = 1};
    const struct payload_catalog_signal pump = {.name = "Pump", .decimals = -1, .has_labels = true};
    payload_catalog_begin(w, TS_US);
    payload_catalog_bus_begin(w, "can0");
    payload_catalog_message_begin(w, &(struct payload_catalog_message){.name = "Climate",
                                                                       .can_id = 0x1FFFFFFF,
                                                                       .extended = true,
                                                                       .cycle_ms = 100,
                                                                       .settable = true});
    payload_catalog_signal_begin(w, &temperature);
    payload_catalog_signal_end(w, &temperature);
    payload_catalog_signal_begin(w, &pump);
    payload_catalog_label(w, -1, "Fault");
    payload_catalog_signal_end(w, &pump);
    payload_catalog_message_end(w);
    payload_catalog_message_begin(
        w, &(struct payload_catalog_message){
               .name = "state", .topic_id = "state_", .layout = PAYLOAD_LAYOUT_SIGNAL});
    payload_catalog_message_end(w);
    payload_catalog_bus_end(w);
    payload_catalog_end(w);
}

static void metrics(struct json_writer *w)
{
    payload_metrics_begin(w, TS_US, 3600);
    payload_metrics_group_begin(w, "frames", NULL);
    payload_metrics_counter(w, "received", 1000);
    payload_metrics_counter(w, "unknown", 3);
    payload_metrics_group_end(w);
    payload_metrics_group_begin(w, "buses", "bus");
    payload_metrics_group_begin(w, "can0", NULL);
    payload_metrics_number(w, "load_percent", 12.5);
    payload_metrics_group_end(w);
    payload_metrics_group_end(w);
    payload_metrics_end(w);
}

static void response_ok(struct json_writer *w)
{
    payload_response_ok(w, NULL);
}

static void response_error(struct json_writer *w)
{
    payload_response_error(w, "7", "signal 'Power' is above its maximum 100");
}

static void response_data(struct json_writer *w)
{
    payload_response_data_begin(w, "7", 0);
    json_u64(w, "count", 2);
    payload_response_data_end(w, true);
}

static const struct payload_path temperature = {"can0", "Climate", "Temperature"};

static void history(struct json_writer *w)
{
    static const struct payload_series series = {
        .signal = &temperature, .unit = "°C", .source = PAYLOAD_SOURCE_FRAMES};
    payload_response_data_begin(w, "7", 1);
    payload_history_begin(w, &series, 36000);
    payload_history_point(w, TS_US, 21.57);
    payload_history_point(w, TS_US + 1, -4000);
    payload_history_end(w);
    payload_response_data_end(w, false);
}

static void statistics(struct json_writer *w)
{
    static const struct payload_series series = {.signal = &temperature,
                                                 .source = PAYLOAD_SOURCE_SUMMARY};
    payload_response_data_begin(w, NULL, 2);
    payload_statistics_begin(w, &series, 60000000);
    payload_statistics_bucket(w, &(struct payload_bucket){TS_US, 3, -1, 21.57, 7, 2, 6.5});
    payload_statistics_bucket(w, &(struct payload_bucket){.ts_us = TS_US, .weighted_mean = NAN});
    payload_statistics_end(w);
    payload_response_data_end(w, true);
}

static void messages(struct json_writer *w)
{
    payload_response_data_begin(w, NULL, 0);
    payload_messages_begin(w);
    payload_reading_begin(w, &(struct payload_origin){"can0", "Climate"}, TS_US, 1234);
    payload_reading_number(w, "Temperature", "999", 3);
    payload_reading_quality_begin(w);
    payload_reading_quality(w, "Temperature", READING_OUT_OF_RANGE);
    payload_reading_end(w);
    payload_messages_end(w, 1);
    payload_response_data_end(w, true);
}

static void catalog_answer(struct json_writer *w)
{
    payload_response_data_begin(w, NULL, 0);
    payload_catalog_data_begin(w, TS_US);
    payload_catalog_bus_begin(w, "can0");
    payload_catalog_bus_end(w);
    payload_catalog_data_end(w);
    payload_response_data_end(w, true);
}

static const struct payload_counted the_reading = {
    .input = "temperature",
    .topic = "edge/farm/gw1/can/can0/Climate",
    .signal = "can0/Climate/Temperature",
    .seq = 1234,
    .ts_us = TS_US,
    .has_value = true,
    .value = {.type = PAYLOAD_NUMBER, .number = 26.1},
    .unit = "°C",
    .quality = READING_GOOD,
    .stale_after_s = 15.3,
    .stale_from = "catalog"};

static struct payload_device_state vent_state(void)
{
    return (struct payload_device_state){.value = {.type = PAYLOAD_NUMBER, .number = 100},
                                         .target = {.type = PAYLOAD_NUMBER, .number = 100},
                                         .source = "rule:air",
                                         .reason = "temperature > 25 °C",
                                         .since_us = TS_US,
                                         .until_us = TS_US + 1,
                                         .quality = READING_GOOD};
}

static void explain_answer(struct json_writer *w)
{
    const struct payload_explained explained = {.device = "vent",
                                                .state = vent_state(),
                                                .source = "rule:air",
                                                .priority = "rule",
                                                .wanted = {.type = PAYLOAD_NUMBER, .number = 100},
                                                .hold = "min_on",
                                                .reading = &the_reading};
    const struct payload_claim claim = {.source = "rule:air",
                                        .priority = "rule",
                                        .reason = "temperature > 25 °C",
                                        .value = {.type = PAYLOAD_TEXT, .text = "ON"},
                                        .until_us = TS_US,
                                        .lost_to = "manual"};
    const struct payload_sent sent = {.value = {.type = PAYLOAD_TEXT, .text = "ON"},
                                      .transaction = "vent-7",
                                      .attempt = 2,
                                      .phase = "confirmed",
                                      .sent_us = TS_US,
                                      .confirmed_us = TS_US + 1,
                                      .feedback = &the_reading};
    payload_response_data_begin(w, "7", 0);
    payload_explain_begin(w, &explained);
    payload_explain_readings_begin(w);
    payload_explain_reading(w, &the_reading);
    payload_explain_reading(w, &(struct payload_counted){.input = "computed"});
    payload_explain_array_end(w);
    payload_explain_claims_begin(w);
    payload_explain_claim(w, &claim);
    payload_explain_array_end(w);
    payload_explain_command(w, &sent);
    payload_explain_changes_begin(w);
    payload_explain_change(w, "temperature <= 24 °C", 0);
    payload_explain_change(w, "the wish ends", TS_US);
    payload_explain_array_end(w);
    payload_explain_end(w, "vent is 100");
    payload_response_data_end(w, true);
}

static void devices_answer(struct json_writer *w)
{
    const struct payload_device_state state = vent_state();
    payload_response_data_begin(w, "7", 0);
    payload_devices_begin(w);
    payload_devices_device(w, "vent", &state);
    payload_devices_end(w);
    payload_response_data_end(w, true);
}

static void rules_answer(struct json_writer *w)
{
    const struct payload_rule_step step = {"set vent 100", "done", TS_US, 0};
    const struct payload_rule_trace trace = {TS_US, "it is 06:30", "done", &step, 1, 0};
    const struct payload_rule_account account = {.rule = "air",
                                                 .kind = "when",
                                                 .state = {.enabled = true, .runs = 3},
                                                 .why = "it waits",
                                                 .trace = &trace};
    payload_response_data_begin(w, "7", 0);
    payload_rules_begin(w);
    payload_rules_rule(w, &account);
    payload_rules_end(w);
    payload_response_data_end(w, true);
}

static void decisions_answer(struct json_writer *w)
{
    const struct payload_decision decision = {TS_US, "vent", "100", "rule:air", "hot", TS_US};
    payload_response_data_begin(w, "7", 0);
    payload_decisions_begin(w);
    payload_decisions_decision(w, &decision);
    payload_decisions_decision(w, &(struct payload_decision){.ts_us = TS_US, .device = "vent"});
    payload_decisions_end(w);
    payload_response_data_end(w, true);
}

static void reload_answer(struct json_writer *w)
{
    payload_response_data_begin(w, "7", 0);
    payload_reload_begin(w, 12);
    payload_reload_change(w, "event", "hot", PAYLOAD_RELOAD_CHANGED);
    payload_reload_change(w, "rule", "air", PAYLOAD_RELOAD_REMOVED);
    payload_reload_change(w, "alarm", "frost", PAYLOAD_RELOAD_NEW);
    payload_reload_end(w);
    payload_response_data_end(w, true);
}

static void dry_run_answer(struct json_writer *w)
{
    const struct payload_dry_run run = {"air", true, "unknown", false, "the sensor is stale"};
    payload_response_data_begin(w, "7", 0);
    payload_dry_run_begin(w, &run);
    payload_dry_run_step(w, "set vent 100", "it would", 1);
    payload_dry_run_end(w);
    payload_response_data_end(w, true);
}

static void support_answer(struct json_writer *w)
{
    struct payload_support open = {0};
    payload_response_data_begin(w, "7", 0);
    payload_support_item(w, &open, &(struct payload_support_item){"store", "log", "0f3c", false});
    payload_support_item(w, &open, &(struct payload_support_item){"metrics", "a.b", "1", true});
    payload_support_item(w, &open, &(struct payload_support_item){"log", NULL, "up", false});
    payload_support_end(w, &open);
    payload_response_data_end(w, true);
}

static void print_accounts(void)
{
    static void (*const writers[])(struct json_writer *) = {
        [PAYLOAD_QUESTION_EXPLAIN] = explain_answer, [PAYLOAD_QUESTION_DEVICES] = devices_answer,
        [PAYLOAD_QUESTION_RULES] = rules_answer,     [PAYLOAD_QUESTION_HISTORY] = decisions_answer,
        [PAYLOAD_QUESTION_DRY_RUN] = dry_run_answer, [PAYLOAD_QUESTION_RELOAD] = reload_answer,
        [PAYLOAD_QUESTION_HANDOVER] = response_ok,   [PAYLOAD_QUESTION_SUPPORT] = support_answer,
    };
    for (int verb = 0; verb < PAYLOAD_QUESTION_COUNT; verb++) {
        print_json_of_verb(TOPIC_RESPONSE, payload_question_text((enum payload_question_verb)verb),
                           writers[verb]);
    }
}

static void record_answer(struct json_writer *w)
{
    const struct payload_recording_begun begun = {"r/dashcam-1.log", TS_US, TS_US + 1, true};
    payload_response_data_begin(w, "7", 0);
    payload_recording_begun_members(w, &begun);
    payload_response_data_end(w, true);
}

static void print_answers(void)
{
    static void (*const writers[])(struct json_writer *) = {
        [PAYLOAD_VERB_HISTORY] = history,
        [PAYLOAD_VERB_STATISTICS] = statistics,
        [PAYLOAD_VERB_MESSAGES] = messages,
        [PAYLOAD_VERB_CATALOG] = catalog_answer,
        [PAYLOAD_VERB_RECORD] = record_answer,
        [PAYLOAD_VERB_ALARMS] = alarm_examples_answer,
        [PAYLOAD_VERB_ALARM_HISTORY] = alarm_examples_history,
        [PAYLOAD_VERB_RELOAD] = reload_answer,
        [PAYLOAD_VERB_SUPPORT] = support_answer,
    };
    for (int verb = 0; verb < PAYLOAD_VERB_COUNT; verb++) {
        const char *text = payload_verb_text((enum payload_verb)verb);
        print_json_of_verb(TOPIC_RESPONSE, text, response_error);
        print_json_of_verb(TOPIC_RESPONSE, text, writers[verb]);
    }
}

int main(void)
{
    print_line(TOPIC_STATUS, payload_status_text(true));
    print_line(TOPIC_STATUS, payload_status_text(false));
    print_line(TOPIC_SIGNAL, "21.57");
    print_json(TOPIC_READING, reading_of_good_signals);
    print_json(TOPIC_BACKFILL, reading_of_good_signals);
    print_json(TOPIC_BACKFILL_BATCH, batch_of_readings);
    print_json(TOPIC_BACKFILL_GAP, gap);
    print_json(TOPIC_BACKFILL_SUMMARY, summary);
    print_events();
    print_json(TOPIC_READING, reading_with_qualities);
    print_json(TOPIC_MESSAGE_SET, set);
    for (int word = 0; word < PAYLOAD_ALARM_WORD_COUNT; word++) {
        char text[512];
        print_line(TOPIC_ALARM, alarm_example(word, text, sizeof(text)));
        print_line(word % 2 == 0 ? TOPIC_ALARM_EVENT : TOPIC_BACKFILL_EVENT,
                   alarm_event_example(word, text, sizeof(text)));
    }
    print_json(TOPIC_DEVICE_STATE, device_state);
    print_json(TOPIC_DEVICE_STATE, unknown_device_state);
    print_json(TOPIC_RULE_STATE, rule_state);
    print_json(TOPIC_RULE_TRACE, rule_trace);
    print_json(TOPIC_SCHEDULE_STATE, schedule_state);
    print_json(TOPIC_CONTROLLER_STATE, controller_state);
    print_json(TOPIC_CONTROLLER_STATE, climate_state);
    print_json(TOPIC_INFO, info);
    print_bus_states();
    print_json(TOPIC_CATALOG, catalog);
    print_json(TOPIC_METRICS, metrics);
    print_json(TOPIC_RESPONSE, response_ok);
    print_json(TOPIC_RESPONSE, response_error);
    print_json(TOPIC_RESPONSE, response_data);
    print_json(TOPIC_CLAIM, standby_example_claim_alone);
    print_json(TOPIC_CLAIM, standby_example_claim_released);
    print_json(TOPIC_FENCES, standby_example_fences);
    print_json_of_verb(TOPIC_MEMORY, "device", standby_example_memory);
    print_answers();
    print_accounts();
    return 0;
}
