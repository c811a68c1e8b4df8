#include "automation-node/app/device_record.h"

#include "automation-node/app/wall_time.h"
#include "automation-node/input/deadline.h"
#include "common/complaint.h"
#include "common/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define WRITE_PATIENCE_US (10 * 60 * US_PER_S) /* a disk may stall */

struct device_record {
    struct loop *loop;
    const struct node_plan *plan;
    struct device_log *log; /* NULL: not wanted */
    uint64_t failures;      /* when it was looked at last */
    struct complaint complaint;
};

int device_record_new(struct loop *loop, const struct node_plan *plan,
                      const struct device_record_source *source, struct device_record **ret)
{
    const struct node_config *config = plan->config;
    struct device_record *record = calloc(1, sizeof(*record));
    if (record == NULL) {
        return -ENOMEM;
    }
    record->loop = loop;
    record->plan = plan;
    const struct device_log_options options = {
        .loop = loop,
        .path = config->store.file,
        .node = config->node,
        .history_max = (uint64_t)config->store.history,
        .collect = source->collect,
        .context = source->context,
    };
    int r = config->store.enabled ? device_log_new(&options, &record->log) : 0;
    if (r < 0) {
        free(record);
        return r;
    }
    *ret = record;
    return 0;
}

void device_record_free(struct device_record *record)
{
    if (record != NULL) {
        device_log_free(record->log);
        free(record);
    }
}

static void format(const struct value *value, char text[DEVICE_LOG_TEXT_MAX])
{
    text[0] = '\0';
    if (value->kind != VALUE_NONE) {
        (void)value_format(value, text, DEVICE_LOG_TEXT_MAX); /* fits: VALUE_TEXT_SIZE is less */
    }
}

void device_record_state(struct device_record *record, size_t device,
                         const struct device_state *state)
{
    if (record->log == NULL) {
        return;
    }
    struct device_log_entry entry = {
        .quality = device_quality_name(state->quality),
        .ts_us = loop_realtime_us(record->loop),
        .since_us = wall_time_us(record->loop, state->since_us),
        .until_us =
            state->until_us != DEADLINE_NONE ? wall_time_us(record->loop, state->until_us) : 0,
    };
    (void)snprintf(entry.device, sizeof(entry.device), "%s", /* fits: an id */
                   record->plan->config->devices[device].name);
    format(&state->value, entry.value);
    format(&state->target, entry.target);
    (void)snprintf(entry.source, sizeof(entry.source), "%s", state->cause.source);
    (void)snprintf(entry.reason, sizeof(entry.reason), "%s", state->cause.reason);
    device_log_note(record->log, &entry);
}

void device_record_hand_over(struct device_record *record, const struct node_plan *plan,
                             void *context)
{
    record->plan = plan;
    if (record->log != NULL) {
        device_log_collect_for(record->log, context);
        device_log_keep(record->log, (uint64_t)plan->config->store.history);
    }
}

void device_record_wake(struct device_record *record)
{
    if (record->log != NULL) {
        device_log_wake(record->log);
    }
}

bool device_record_is_stuck(const struct device_record *record)
{
    return record->log != NULL && device_log_stats(record->log).writing_us > WRITE_PATIENCE_US;
}

struct device_log_stats device_record_report(struct device_record *record)
{
    if (record->log == NULL) {
        return (struct device_log_stats){0};
    }
    struct device_log_stats stats = device_log_stats(record->log);
    if (stats.failures > record->failures &&
        complaint_is_due(&record->complaint, loop_now_us(record->loop))) {
        log_error("store", "%s: decisions are not recorded: %s", record->plan->config->store.file,
                  device_log_fault(record->log));
    } else if (stats.open && record->complaint.times > 0) {
        complaint_over(&record->complaint);
        log_notice("store", "decisions are recorded again");
    }
    record->failures = stats.failures;
    return stats;
}
