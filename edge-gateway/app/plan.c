#include "edge-gateway/app/plan.h"

#include "common/clock.h"
#include "common/suggest.h"
#include "common/units.h"
#include "edge-gateway/app/dbc_files.h"
#include "edge-gateway/app/plan_discovery.h"
#include "edge-gateway/publish/reading_encoder.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Built-in values, where neither the message nor the bus's `defaults` say anything. */
#define DEFAULT_MIN_INTERVAL_US 0
#define DEFAULT_MAX_INTERVAL_US (10 * US_PER_S)

#define BRANCHES_MAX 256

struct joiner {
    const struct config *config;
    struct diagnostics *d;
    const struct bus_config *bus;
    struct bus_plan *plan;
};

#define CHOOSE(own, common, fallback) \
    ((own) != NULL ? *(own) : (common) != NULL ? *(common) : (fallback))

/* Values of the multiplexors that the DBC names, one branch each. */
static size_t count_branches(const struct dbc_message *message)
{
    uint64_t count = 1;
    for (uint16_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i];
        for (uint16_t k = 0; k < signal->range_count && count < BRANCHES_MAX; k++) {
            uint64_t span = signal->ranges[k].last - signal->ranges[k].first;
            count = span >= BRANCHES_MAX ? BRANCHES_MAX : count + span + 1;
        }
    }
    return count < BRANCHES_MAX ? (size_t)count : BRANCHES_MAX;
}

/* Long enough that neither a heartbeat nor a few lost frames make a healthy reading look stale. */
static int64_t default_stale_after_us(const struct message_plan *plan)
{
    if (plan->max_interval_us == 0) {
        return 0;
    }
    return plan->max_interval_us * 3 / 2 + 3 * US_PER_MS * plan->message->cycle_time_ms;
}

/* Three cycles, as receivers of CAN messages count, and what a busy second takes. */
static int64_t default_silent_after_us(const struct message_plan *plan)
{
    int64_t cycle_us = (int64_t)plan->message->cycle_time_ms * US_PER_MS;
    return cycle_us > 0 ? 3 * cycle_us + US_PER_S : 0;
}

static void apply_settings(struct message_plan *plan, const struct message_config *own,
                           const struct message_config *common)
{
    plan->mode = CHOOSE(own->publish, common->publish, POLICY_MODE_CHANGE);
    plan->layout = CHOOSE(own->layout, common->layout, LAYOUT_MESSAGE);
    plan->delivery = CHOOSE(own->delivery, common->delivery, DELIVERY_ASSURED);
    plan->priority = CHOOSE(own->priority, common->priority, STORE_PRIORITY_NORMAL);
    plan->min_interval_us =
        CHOOSE(own->min_interval_us, common->min_interval_us, DEFAULT_MIN_INTERVAL_US);
    plan->max_interval_us =
        CHOOSE(own->max_interval_us, common->max_interval_us, DEFAULT_MAX_INTERVAL_US);
    plan->stale_after_us =
        CHOOSE(own->stale_after_us, common->stale_after_us, default_stale_after_us(plan));
    plan->silent_after_us =
        CHOOSE(own->silent_after_us, common->silent_after_us, default_silent_after_us(plan));
}

static const struct dbc_message *find_message(struct joiner *j, const char *const *name)
{
    const struct dbc_message *message = dbc_find_by_name(j->plan->database, *name);
    if (message != NULL) {
        return message;
    }
    struct suggest suggest;
    suggest_init(&suggest, *name);
    for (size_t i = 0; i < dbc_message_count(j->plan->database); i++) {
        suggest_offer(&suggest, dbc_message_at(j->plan->database, i)->name);
    }
    config_report(j->config, name, j->d, SEVERITY_ERROR,
                  "no message '%s' in the DBC files of bus '%s'%s%s%s", *name, j->bus->name,
                  suggest.best != NULL ? " - did you mean '" : "",
                  suggest.best != NULL ? suggest.best : "", suggest.best != NULL ? "'?" : "");
    return NULL;
}

static const struct dbc_signal *find_signal(struct joiner *j, const struct dbc_message *message,
                                            const char *const *name)
{
    const struct dbc_signal *signal = dbc_find_signal(message, *name);
    if (signal != NULL) {
        return signal;
    }
    struct suggest suggest;
    suggest_init(&suggest, *name);
    for (uint16_t i = 0; i < message->signal_count; i++) {
        suggest_offer(&suggest, message->signals[i].name);
    }
    config_report(j->config, name, j->d, SEVERITY_ERROR, "message '%s' has no signal '%s'%s%s%s",
                  message->name, *name, suggest.best != NULL ? " - did you mean '" : "",
                  suggest.best != NULL ? suggest.best : "", suggest.best != NULL ? "'?" : "");
    return NULL;
}

static void join_deadband(struct joiner *j, struct message_plan *plan,
                          const struct config_named_quantity *deadband)
{
    const struct dbc_signal *signal = find_signal(j, plan->message, &deadband->name);
    if (signal == NULL) {
        return;
    }
    const char *unit = deadband->value.unit[0] != '\0' ? deadband->value.unit : signal->unit;
    double value;
    if (units_convert(deadband->value.value, unit, signal->unit, true, &value) < 0) {
        config_report(j->config, deadband, j->d, SEVERITY_ERROR,
                      "deadband of '%s' is in %s, but the signal is in %s", signal->name, unit,
                      signal->unit[0] != '\0' ? signal->unit : "no unit");
    } else if (value < 0.0) {
        config_report(j->config, deadband, j->d, SEVERITY_ERROR,
                      "deadband of '%s' must not be negative", signal->name);
    } else {
        plan->deadbands[signal->index] = value;
    }
}

static void check_intervals(struct joiner *j, const struct message_plan *plan, const void *where)
{
    if (plan->max_interval_us > 0 && plan->min_interval_us > plan->max_interval_us) {
        config_report(j->config, where, j->d, SEVERITY_ERROR,
                      "message '%s': min_interval is longer than max_interval",
                      plan->message->name);
    }
    if (plan->stale_after_us > 0 && plan->stale_after_us <= plan->max_interval_us) {
        config_report(j->config, where, j->d, SEVERITY_ERROR,
                      "message '%s': stale_after must be longer than max_interval, or healthy "
                      "values go stale",
                      plan->message->name);
    }
}

/* A name that is no level of a topic, or one that an earlier message has, cannot be published. */
static void check_topic(struct joiner *j, struct message_plan *plan)
{
    const struct dbc_message *message = plan->message;
    const struct dbc_message *first = dbc_find_by_name(j->plan->database, message->name);
    if (plan->mode == POLICY_MODE_NEVER) {
        return;
    }
    if (!topic_id_is_valid(message->name) || topic_id_is_reserved(message->name)) {
        diagnostics_add(j->d, SEVERITY_WARNING, message->file, message->line, 0,
                        "message '%s' is not published: its name cannot be a level of a topic",
                        message->name);
        plan->mode = POLICY_MODE_NEVER;
    } else if (first != message) {
        diagnostics_add(j->d, SEVERITY_WARNING, message->file, message->line, 0,
                        "message '%s' is not published: an earlier message has the same name, in "
                        "%s:%u",
                        message->name, first->file, first->line);
        plan->mode = POLICY_MODE_NEVER;
    }
}

static void join_messages(struct joiner *j)
{
    const struct message_config none = {0};
    for (size_t i = 0; i < j->plan->message_count; i++) {
        apply_settings(&j->plan->messages[i], &none, &j->bus->defaults);
    }
    for (size_t i = 0; i < j->bus->message_count; i++) {
        const struct message_config *config = &j->bus->messages[i];
        const struct dbc_message *message = find_message(j, &config->name);
        if (message == NULL) {
            continue;
        }
        struct message_plan *plan = &j->plan->messages[message->index];
        apply_settings(plan, config, &j->bus->defaults);
        plan->config = config;
        check_intervals(j, plan, config);
        for (size_t k = 0; k < config->deadband_count; k++) {
            join_deadband(j, plan, &config->deadbands[k]);
        }
    }
    for (size_t i = 0; i < j->plan->message_count; i++) {
        check_topic(j, &j->plan->messages[i]);
        j->plan->priorities[i] = j->plan->messages[i].priority;
    }
    if (j->bus->defaults.deadband_count > 0) {
        config_report(j->config, &j->bus->defaults.deadbands[0], j->d, SEVERITY_ERROR,
                      "a deadband belongs to one signal: give it under messages");
    }
}

static int join_command(struct joiner *j, const struct command_config *config,
                        struct command_rule *rule)
{
    const struct dbc_message *message = find_message(j, &config->name);
    if (message == NULL) {
        return 0;
    }
    bool *settable = calloc(message->signal_count > 0 ? message->signal_count : 1, sizeof(bool));
    if (settable == NULL) {
        return -ENOMEM;
    }
    *rule = (struct command_rule){message, settable, config->min_interval_us, config->ttl_us,
                                  config->group};
    for (uint16_t i = 0; i < message->signal_count; i++) {
        settable[i] = config->signal_count == 0;
    }
    for (size_t i = 0; i < config->signal_count; i++) {
        const struct dbc_signal *signal = find_signal(j, message, &config->signals[i]);
        if (signal != NULL) {
            settable[signal->index] = true;
        }
    }
    return 0;
}

static int join_commands(struct joiner *j)
{
    j->plan->commands = calloc(j->bus->command_count + 1, sizeof(struct command_rule));
    if (j->plan->commands == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < j->bus->command_count; i++) {
        struct command_rule *rule = &j->plan->commands[j->plan->command_count];
        int r = join_command(j, &j->bus->commands[i], rule);
        if (r < 0) {
            return r;
        }
        if (rule->message != NULL) {
            j->plan->command_count++;
        }
    }
    return 0;
}

static void check_driver(struct joiner *j)
{
    if (j->bus->driver == BUS_DRIVER_REPLAY && j->bus->replay.file == NULL) {
        config_report(j->config, j->bus, j->d, SEVERITY_ERROR,
                      "bus '%s': the driver replay needs a log - write replay: {file: drive.log}",
                      j->bus->name);
    }
}

/* Every file is read, so that every mistake is reported; what cannot be read fails the whole. */
static int load_database(struct joiner *j)
{
    j->plan->database = dbc_new();
    if (j->plan->database == NULL) {
        return -ENOMEM;
    }
    int result = 0;
    for (size_t i = 0; i < j->bus->dbc_count; i++) {
        int r = dbc_files_add(j->plan->database, j->bus->dbc[i], j->d);
        if (r < 0) {
            config_report(j->config, &j->bus->dbc[i], j->d, SEVERITY_ERROR,
                          "bus '%s' cannot do without this DBC file", j->bus->name);
        }
        if (r < 0 && result != -ENOMEM) {
            result = r == -ENOMEM ? r : -EINVAL;
        }
    }
    return result;
}

static void offer_labels(struct suggest *suggest, const struct dbc_message *message)
{
    for (uint16_t i = 0; i < message->signal_count; i++) {
        for (uint32_t k = 0; k < message->signals[i].label_count; k++) {
            suggest_offer(suggest, message->signals[i].labels[k].text);
        }
    }
}

/* One list may serve several buses: a label that is nowhere on this one is worth a warning only. */
static void mark_not_available(struct joiner *j)
{
    for (size_t i = 0; i < j->bus->not_available_count; i++) {
        const char *const *label = &j->bus->not_available[i];
        struct suggest suggest;
        suggest_init(&suggest, *label);
        if (dbc_mark_not_available(j->plan->database, *label) > 0) {
            continue;
        }
        for (size_t k = 0; k < dbc_message_count(j->plan->database); k++) {
            offer_labels(&suggest, dbc_message_at(j->plan->database, k));
        }
        config_report(j->config, label, j->d, SEVERITY_WARNING,
                      "no label '%s' in the DBC files of bus '%s'%s%s%s", *label, j->bus->name,
                      suggest.best != NULL ? " - did you mean '" : "",
                      suggest.best != NULL ? suggest.best : "", suggest.best != NULL ? "'?" : "");
    }
}

static int allocate_messages(struct bus_plan *plan)
{
    plan->message_count = dbc_message_count(plan->database);
    plan->messages = calloc(plan->message_count + 1, sizeof(struct message_plan));
    plan->priorities = calloc(plan->message_count + 1, sizeof(enum store_priority));
    if (plan->messages == NULL || plan->priorities == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < plan->message_count; i++) {
        const struct dbc_message *message = dbc_message_at(plan->database, i);
        plan->messages[i].message = message;
        plan->messages[i].branch_count = count_branches(message);
        plan->messages[i].payload_max = reading_payload_max(message);
        plan->messages[i].deadbands = calloc(message->signal_count + 1u, sizeof(double));
        if (plan->messages[i].deadbands == NULL) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int join_bus(struct joiner *j)
{
    j->plan->config = j->bus;
    check_driver(j);
    int r = load_database(j);
    if (r < 0) {
        return r;
    }
    r = allocate_messages(j->plan);
    if (r < 0) {
        return r;
    }
    mark_not_available(j);
    join_messages(j);
    plan_discovery_check(j->config, j->plan, j->d);
    return join_commands(j);
}

void plan_free(struct gateway_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; plan->buses != NULL && i < plan->config->bus_count; i++) {
        struct bus_plan *bus = &plan->buses[i];
        for (size_t k = 0; k < bus->message_count && bus->messages != NULL; k++) {
            free(bus->messages[k].deadbands);
        }
        for (size_t k = 0; k < bus->command_count; k++) {
            free((bool *)bus->commands[k].settable);
        }
        free(bus->messages);
        free(bus->priorities);
        free(bus->commands);
        dbc_free(bus->database);
    }
    free(plan->buses);
    alarm_plan_deinit(&plan->alarms);
    free(plan);
}

static void check_broker(const struct config *file, const struct gateway_config *config,
                         struct diagnostics *d)
{
    broker_config_check(file, &config->broker, d);
    if (!topic_prefix_is_valid(config->broker.prefix)) {
        config_report(file, &config->broker.prefix, d, SEVERITY_ERROR,
                      "'%s' cannot be the beginning of topics", config->broker.prefix);
    }
}

static void check_home_assistant(const struct config *file,
                                 const struct home_assistant_config *config, struct diagnostics *d)
{
    if (!topic_prefix_is_valid(config->prefix)) {
        config_report(file, &config->prefix, d, SEVERITY_ERROR,
                      "'%s' cannot be the beginning of topics", config->prefix);
    }
}

static void check_backfill(const struct config *file, const struct gateway_config *config,
                           struct diagnostics *d)
{
    const struct backfill_config *backfill = &config->backfill;
    if (backfill->ack == STORE_ACK_SINK && backfill->sink_count == 0) {
        config_report(file, &backfill->ack, d, SEVERITY_ERROR,
                      "ack: sink needs the names of the sinks under 'sinks'");
    }
    if (backfill->ack == STORE_ACK_SINK && !config->store.enabled) {
        config_report(file, &backfill->ack, d, SEVERITY_ERROR,
                      "ack: sink needs the store, which is not enabled");
    }
}

/* All of them, so that every mistake is found. 0; -EINVAL: a DBC file cannot be read; -ENOMEM. */
static int join_buses(const struct config *config, struct gateway_plan *plan, struct diagnostics *d)
{
    int result = 0;
    for (size_t i = 0; i < plan->config->bus_count; i++) {
        struct joiner j = {config, d, &plan->config->buses[i], &plan->buses[i]};
        int r = join_bus(&j);
        if (r < 0 && r != -EINVAL) {
            return r;
        }
        result = r < 0 ? r : result;
    }
    return result;
}

int plan_new(const struct config *config, struct diagnostics *d, struct gateway_plan **ret)
{
    struct gateway_plan *plan = calloc(1, sizeof(*plan));
    if (plan == NULL) {
        return -ENOMEM;
    }
    plan->config = config_root(config);
    plan->buses = calloc(plan->config->bus_count, sizeof(struct bus_plan));
    if (plan->buses == NULL) {
        free(plan);
        return -ENOMEM;
    }
    check_broker(config, plan->config, d);
    check_home_assistant(config, &plan->config->home_assistant, d);
    check_backfill(config, plan->config, d);
    dash_cam_config_check(config, &plan->config->dash_cam, d);
    int r = join_buses(config, plan, d);
    if (r == 0) { /* else what they name is not known */
        r = alarm_plan_init(config, plan, d, &plan->alarms);
    }
    if (r < 0 && r != -EINVAL) {
        plan_free(plan);
        return r;
    }
    if (diagnostics_count(d, SEVERITY_ERROR) > 0) {
        plan_free(plan);
        return -EINVAL;
    }
    *ret = plan;
    return 0;
}
