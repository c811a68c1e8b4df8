#include "automation-node/app/node_counters.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void tell_readings(const struct counter_sink *sink, const struct node_counters *c)
{
    const struct counter readings[] = {
        COUNTER("received", c->readings.received),
        COUNTER("malformed", c->readings.malformed),
        COUNTER("without_signal", c->readings.without_signal),
        COUNTER("repeated", c->readings.repeated),
        COUNTER("of_unknown_age", c->readings.of_unknown_age),
        COUNTER("evaluations", c->engine.evaluations),
    };
    counters_tell_group(sink, "readings", readings, COUNT(readings));
}

static void tell_wishes(const struct counter_sink *sink, const struct node_counters *c)
{
    counters_begin(sink, "wishes");
    counter_tell(sink, "received", c->engine.wishes + c->devices.retained + c->devices.malformed);
    counter_tell(sink, "accepted", c->engine.accepted);
    counters_begin_by(sink, "refused", "reason");
    counter_tell(sink, "retained", c->devices.retained);
    counter_tell(sink, "malformed", c->devices.malformed);
    for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
        counter_tell(sink, refusal_name((enum refusal)i), c->engine.refused[i]);
    }
    counters_end(sink);
    counters_end(sink);
}

static void tell_store(const struct counter_sink *sink, const struct device_log_stats *stats)
{
    const struct counter store[] = {
        GAUGE("open", stats->open),           COUNTER("written", stats->written),
        COUNTER("records", stats->records),   COUNTER("dropped", stats->dropped),
        COUNTER("failures", stats->failures),
    };
    counters_tell_group(sink, "store", store, COUNT(store));
}

static void tell_topics(const struct counter_sink *sink, const struct topic_inputs_stats *stats)
{
    const struct counter topics[] = {
        COUNTER("received", stats->received),
        COUNTER("malformed", stats->malformed),
        COUNTER("without_field", stats->without_field),
    };
    counters_tell_group(sink, "topics", topics, COUNT(topics));
}

static void tell_commands(const struct counter_sink *sink, const struct node_counters *c)
{
    const struct counter commands[] = {
        COUNTER("sent", c->engine.sent),
        COUNTER("confirmed", c->engine.confirmed),
        COUNTER("assumed", c->engine.assumed),
        COUNTER("timed_out", c->engine.timed_out),
        COUNTER("superseded", c->engine.superseded),
        GAUGE("pending", c->engine.pending),
        COUNTER("undelivered", c->undelivered),
    };
    counters_tell_group(sink, "commands", commands, COUNT(commands));
}

static void tell_rules(const struct counter_sink *sink, const struct node_counters *c)
{
    const struct counter rules[] = {
        COUNTER("runs", c->engine.runs),
        COUNTER("dropped", c->engine.dropped),
        COUNTER("prevented", c->engine.prevented),
        COUNTER("messages_lost", c->engine.messages_lost + c->messages_undelivered),
        COUNTER("traces_lost", c->rules.traces_lost),
        COUNTER("set_received", c->rules.received),
        COUNTER("set_accepted", c->rules.accepted),
        COUNTER("set_retained", c->rules.retained),
        COUNTER("set_malformed", c->rules.malformed),
        COUNTER("set_unknown", c->rules.unknown),
        COUNTER("set_impossible", c->rules.impossible),
    };
    counters_tell_group(sink, "rules", rules, COUNT(rules));
}

static void tell_controllers(const struct counter_sink *sink, const struct node_counters *c)
{
    const struct counter controllers[] = {
        COUNTER("set_received", c->controllers.received),
        COUNTER("set_accepted", c->controllers.accepted),
        COUNTER("set_retained", c->controllers.retained),
        COUNTER("set_malformed", c->controllers.malformed),
        COUNTER("set_unknown", c->controllers.unknown),
        COUNTER("set_impossible", c->controllers.impossible),
    };
    counters_tell_group(sink, "controllers", controllers, COUNT(controllers));
}

static void tell_alarms(const struct counter_sink *sink, const struct node_counters *c)
{
    const struct counter alarms[] = {
        COUNTER("raised", c->engine.alarms_raised),
        GAUGE("active", c->engine.alarms_active),
        GAUGE("unacked", c->engine.alarms_unacked),
        COUNTER("events_lost", c->engine.alarm_events_lost),
        COUNTER("set_received", c->alarms.received),
        COUNTER("set_accepted", c->alarms.accepted),
        COUNTER("set_retained", c->alarms.retained),
        COUNTER("set_malformed", c->alarms.malformed),
        COUNTER("set_unknown", c->alarms.unknown),
        COUNTER("set_impossible", c->alarms.impossible),
    };
    counters_tell_group(sink, "alarms", alarms, COUNT(alarms));
}

static void tell_standby(const struct counter_sink *sink, const struct node_counters *c)
{
    const struct counter standby[] = {
        GAUGE("leads", c->duty.leads),
        GAUGE("epoch", c->duty.epoch),
        COUNTER("takeovers", c->duty.standby.takeovers),
        COUNTER("step_downs", c->duty.standby.step_downs),
        COUNTER("candidatures", c->duty.standby.candidatures),
        GAUGE("withheld", c->withheld),
        COUNTER("malformed", c->duty.malformed),
        COUNTER("conflicts", c->duty.conflicts),
        COUNTER("peers_ignored", c->duty.standby.peers_ignored),
    };
    counters_tell_group(sink, "standby", standby, COUNT(standby));
}

void node_counters_tell(const struct counter_sink *sink, const struct node_counters *c)
{
    tell_readings(sink, c);
    tell_topics(sink, &c->topic_inputs);
    tell_wishes(sink, c);
    tell_commands(sink, c);
    tell_rules(sink, c);
    tell_controllers(sink, c);
    tell_alarms(sink, c);
    tell_store(sink, &c->store);
    responder_tell(sink, &c->requests);
    mqtt_node_tell(sink, &c->mqtt);
    tell_standby(sink, c);
}
