#include "automation-node/app/node_report.h"

#include "topics/payload_metrics.h"
#include "topics/payload_node.h"
#include "topics/topic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define TEXT_MAX_BYTES (16 * 1024)

struct node_report {
    const struct node_plan *plan;
    struct loop *loop;
    struct lvq *queue;
    int64_t started_us; /* wall clock */
    int64_t started_monotonic_us;
    size_t info_slot;
    size_t metrics_slot;
    char text[TEXT_MAX_BYTES];
};

static int add_slot(struct node_report *r, enum topic_kind kind, size_t *ret_slot)
{
    char text[TOPIC_MAX_BYTES + 1];
    const struct node_config *config = r->plan->config;
    const struct topic topic = {.kind = kind, .site = config->site, .node = config->node};
    int result = topic_format(config->broker.prefix, &topic, text, sizeof(text));
    if (result < 0) {
        return result;
    }
    const struct lvq_slot_options options = {text, TEXT_MAX_BYTES,
                                             topic_traits(kind)->retain == TOPIC_RETAIN_YES};
    return lvq_add(r->queue, &options, ret_slot);
}

int node_report_new(const struct node_plan *plan, struct loop *loop, struct lvq *queue,
                    struct node_report **ret)
{
    struct node_report *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return -ENOMEM;
    }
    r->plan = plan;
    r->loop = loop;
    r->queue = queue;
    r->started_us = loop_realtime_us(loop);
    r->started_monotonic_us = loop_now_us(loop);
    int result = add_slot(r, TOPIC_INFO, &r->info_slot);
    if (result == 0) {
        result = add_slot(r, TOPIC_METRICS, &r->metrics_slot);
    }
    if (result < 0) {
        node_report_free(r);
        return result;
    }
    *ret = r;
    return 0;
}

void node_report_free(struct node_report *report)
{
    free(report);
}

static void put(struct node_report *r, enum topic_kind kind, size_t slot, struct json_writer *w)
{
    size_t length;
    if (json_writer_finish(w, &length) < 0) {
        return;
    }
    const struct lvq_item item = {
        .slot = slot, .payload = r->text, .length = length, .qos = topic_traits(kind)->qos};
    lvq_put(r->queue, &item, loop_now_us(r->loop));
}

void node_report_go_on(struct node_report *report, const struct node_report *predecessor)
{
    report->started_us = predecessor->started_us;
    report->started_monotonic_us = predecessor->started_monotonic_us;
}

static const char *const capabilities[] = {"set",     "explain", "devices", "rules",
                                           "history", "dry_run", "reload",  "handover"};

void node_report_info(struct node_report *report, uint64_t configuration)
{
    const struct node_config *config = report->plan->config;
    const char **devices = calloc(config->device_count + 1, sizeof(char *));
    for (size_t i = 0; devices != NULL && i < config->device_count; i++) {
        devices[i] = config->devices[i].name;
    }
    char hash[17];
    (void)snprintf(hash, sizeof(hash), "%016" PRIx64, configuration);
    const struct payload_info info = {
        .program = "automation-node",
        .version = EDGE_VERSION,
        .started_us = report->started_us,
        .configuration = hash,
        .devices = {devices, devices != NULL ? config->device_count : 0},
        .capabilities = {capabilities, COUNT(capabilities)},
    };
    struct json_writer w;
    json_writer_init(&w, report->text, sizeof(report->text));
    payload_info_write(&w, &info);
    put(report, TOPIC_INFO, report->info_slot, &w);
    free(devices);
}

static void write_wishes(struct json_writer *w, const struct node_counters *c)
{
    payload_metrics_group_begin(w, "wishes");
    payload_metrics_counter(w, "received",
                            c->engine.wishes + c->devices.retained + c->devices.malformed);
    payload_metrics_counter(w, "accepted", c->engine.accepted);
    payload_metrics_group_begin(w, "refused");
    payload_metrics_counter(w, "retained", c->devices.retained);
    payload_metrics_counter(w, "malformed", c->devices.malformed);
    for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
        payload_metrics_counter(w, refusal_name((enum refusal)i), c->engine.refused[i]);
    }
    payload_metrics_group_end(w);
    payload_metrics_group_end(w);
}

static void write_store(struct json_writer *w, const struct device_log_stats *stats)
{
    const struct payload_counter store[] = {
        {"open", stats->open},       {"written", stats->written},   {"records", stats->records},
        {"dropped", stats->dropped}, {"failures", stats->failures},
    };
    payload_metrics_group(w, "store", store, COUNT(store));
}

static void write_topics(struct json_writer *w, const struct topic_inputs_stats *stats)
{
    const struct payload_counter topics[] = {
        {"received", stats->received},
        {"malformed", stats->malformed},
        {"without_field", stats->without_field},
    };
    payload_metrics_group(w, "topics", topics, COUNT(topics));
}

static void write_alarms(struct json_writer *w, const struct node_counters *c)
{
    const struct payload_counter alarms[] = {
        {"raised", c->engine.alarms_raised},   {"active", c->engine.alarms_active},
        {"unacked", c->engine.alarms_unacked}, {"events_lost", c->engine.alarm_events_lost},
        {"set_received", c->alarms.received},  {"set_accepted", c->alarms.accepted},
        {"set_retained", c->alarms.retained},  {"set_malformed", c->alarms.malformed},
        {"set_unknown", c->alarms.unknown},    {"set_impossible", c->alarms.impossible},
    };
    payload_metrics_group(w, "alarms", alarms, COUNT(alarms));
}

static void write_verdicts(struct json_writer *w, const char *name, const uint64_t *counts)
{
    payload_metrics_group_begin(w, name);
    for (enum intake_verdict v = INTAKE_TAKEN; v < INTAKE_VERDICT_COUNT; v++) {
        payload_metrics_counter(w, intake_verdict_text(v), counts[v]);
    }
    payload_metrics_group_end(w);
}

static void write_intake(struct json_writer *w, const struct intake_stats *stats)
{
    payload_metrics_group_begin(w, "intake");
    write_verdicts(w, "wishes", stats->wishes);
    write_verdicts(w, "requests", stats->requests);
    payload_metrics_counter(w, "unanswered", stats->unanswered);
    payload_metrics_group_end(w);
}

static void write_link(struct json_writer *w, const struct mqtt_link_stats *stats)
{
    const struct payload_counter counters[] = {
        {"attempts", stats->attempts},   {"connects", stats->connects},
        {"published", stats->published}, {"acknowledged", stats->acknowledged},
        {"refused", stats->refused},     {"lost", stats->lost},
        {"received", stats->received},   {"outstanding", stats->outstanding},
    };
    payload_metrics_group(w, "mqtt", counters, COUNT(counters));
    payload_metrics_group_begin(w, "mqtt_ends");
    for (enum mqtt_end end = MQTT_END_UNREACHABLE; end < MQTT_END_COUNT; end++) {
        payload_metrics_counter(w, mqtt_end_name(end), stats->ends[end]);
    }
    payload_metrics_group_end(w);
}

static void write_standby(struct json_writer *w, const struct node_counters *c)
{
    const struct payload_counter standby[] = {
        {"leads", c->duty.leads},
        {"epoch", c->duty.epoch},
        {"takeovers", c->duty.standby.takeovers},
        {"step_downs", c->duty.standby.step_downs},
        {"candidatures", c->duty.standby.candidatures},
        {"withheld", c->withheld},
        {"malformed", c->duty.malformed},
        {"conflicts", c->duty.conflicts},
        {"peers_ignored", c->duty.standby.peers_ignored},
    };
    payload_metrics_group(w, "standby", standby, COUNT(standby));
}

static void write_retained(struct json_writer *w, const struct retained_ledger_stats *stats)
{
    const struct payload_counter retained[] = {
        {"topics", stats->topics}, {"cleared", stats->cleared}, {"faults", stats->faults}};
    payload_metrics_group(w, "retained", retained, COUNT(retained));
}

static void write_requests(struct json_writer *w, const struct responder_stats *stats)
{
    payload_metrics_group_begin(w, "requests");
    payload_metrics_counter(w, "received", stats->received);
    payload_metrics_counter(w, "answered", stats->answered);
    payload_metrics_counter(w, "abandoned", stats->abandoned);
    payload_metrics_counter(w, "waiting", stats->waiting);
    payload_metrics_counter(w, "running", stats->running);
    payload_metrics_counter(w, "chunks", stats->chunks);
    payload_metrics_counter(w, "unanswered", stats->unanswered);
    payload_metrics_group_begin(w, "refused");
    for (int i = 0; i < RESPONDER_REFUSAL_COUNT; i++) {
        payload_metrics_counter(w, responder_refusal_text((enum responder_refusal)i),
                                stats->refused[i]);
    }
    payload_metrics_group_end(w);
    payload_metrics_group_end(w);
}

static void write_readings(struct json_writer *w, const struct node_counters *c)
{
    const struct payload_counter readings[] = {
        {"received", c->readings.received},
        {"malformed", c->readings.malformed},
        {"without_signal", c->readings.without_signal},
        {"repeated", c->readings.repeated},
        {"of_unknown_age", c->readings.of_unknown_age},
        {"evaluations", c->engine.evaluations},
    };
    payload_metrics_group(w, "readings", readings, COUNT(readings));
}

void node_report_metrics(struct node_report *report, const struct node_counters *c)
{
    const struct payload_counter commands[] = {
        {"sent", c->engine.sent},
        {"confirmed", c->engine.confirmed},
        {"assumed", c->engine.assumed},
        {"timed_out", c->engine.timed_out},
        {"superseded", c->engine.superseded},
        {"pending", c->engine.pending},
        {"undelivered", c->undelivered},
    };
    const struct payload_counter rules[] = {
        {"runs", c->engine.runs},
        {"dropped", c->engine.dropped},
        {"prevented", c->engine.prevented},
        {"messages_lost", c->engine.messages_lost + c->messages_undelivered},
        {"traces_lost", c->rules.traces_lost},
        {"set_received", c->rules.received},
        {"set_accepted", c->rules.accepted},
        {"set_retained", c->rules.retained},
        {"set_malformed", c->rules.malformed},
        {"set_unknown", c->rules.unknown},
        {"set_impossible", c->rules.impossible},
    };
    const struct payload_counter controllers[] = {
        {"set_received", c->controllers.received}, {"set_accepted", c->controllers.accepted},
        {"set_retained", c->controllers.retained}, {"set_malformed", c->controllers.malformed},
        {"set_unknown", c->controllers.unknown},   {"set_impossible", c->controllers.impossible},
    };
    uint64_t uptime_s =
        (uint64_t)((loop_now_us(report->loop) - report->started_monotonic_us) / US_PER_S);
    struct json_writer w;
    json_writer_init(&w, report->text, sizeof(report->text));
    payload_metrics_begin(&w, loop_realtime_us(report->loop), uptime_s);
    write_readings(&w, c);
    write_topics(&w, &c->topic_inputs);
    write_wishes(&w, c);
    payload_metrics_group(&w, "commands", commands, COUNT(commands));
    payload_metrics_group(&w, "rules", rules, COUNT(rules));
    payload_metrics_group(&w, "controllers", controllers, COUNT(controllers));
    write_alarms(&w, c);
    write_store(&w, &c->store);
    write_requests(&w, &c->requests);
    write_link(&w, &c->link);
    write_intake(&w, &c->intake);
    write_retained(&w, &c->retained);
    write_standby(&w, c);
    payload_metrics_end(&w);
    put(report, TOPIC_METRICS, report->metrics_slot, &w);
}
