#include "edge-gateway/app/alarm_plan.h"

#include "common/clock.h"
#include "common/suggest.h"
#include "edge-gateway/app/alarm_plan_parts.h"
#include "topics/limits.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_LOG      "frame_log"
#define SHELVE_MAX_US  (8 * 3600 * US_PER_S)
#define ALARM_PRIORITY 3 /* of one that does not say */

/* An alarm that need not be configured; where it is, the configuration's options win. */
struct built_in {
    const char *word;
    int priority;
    int64_t on_delay_us;
    int64_t off_delay_us;
    enum alarm_ack ack;
    const char *text;
    const char *consequence;
    const char *response;
};

#define LATELY_US (60 * US_PER_S) /* how long what happens in an instant stays an alarm */

static const struct built_in troubles[] = {
    [BUS_TROUBLE_DOWN] = {"down", 2, 5 * US_PER_S, 0, ALARM_ACK_REQUIRED, "the interface is down",
                          "nothing is received or sent", "check the adapter and `ip link`"},
    [BUS_TROUBLE_NO_TRAFFIC] = {"no_traffic", 2, 0, 0, ALARM_ACK_REQUIRED, "the bus is silent",
                                "all of its readings are old",
                                "check power and wiring of the other nodes, and the bit rate"},
    [BUS_TROUBLE_ERROR_WARNING] = {"error_warning", 3, 5 * US_PER_S, 10 * US_PER_S,
                                   ALARM_ACK_ON_RETURN, "the controller counts many errors", NULL,
                                   "check wiring, termination and bit rate"},
    [BUS_TROUBLE_ERROR_PASSIVE] = {"error_passive", 2, US_PER_S, 10 * US_PER_S, ALARM_ACK_REQUIRED,
                                   "the controller is error passive", "frames may get lost",
                                   "check wiring, termination and bit rate"},
    [BUS_TROUBLE_BUS_OFF] = {"bus_off", 1, 0, 0, ALARM_ACK_REQUIRED,
                             "the controller has left the bus", "nothing is received or sent",
                             "check wiring, termination and bit rate"},
    [BUS_TROUBLE_LOST_FRAMES] = {"lost_frames", 2, 0, LATELY_US, ALARM_ACK_REQUIRED,
                                 "frames were lost", "readings are missing for good",
                                 "give the gateway more of the processor, or a larger "
                                 "socketcan.receive_buffer"},
    [BUS_TROUBLE_SILENT] = {"silent", 3, 0, 0, ALARM_ACK_REQUIRED, "messages come no more",
                            "their readings are old", "check the nodes that send them"},
    [BUS_TROUBLE_UNKNOWN_IDS] = {"unknown_ids", 4, 0, LATELY_US, ALARM_ACK_REQUIRED,
                                 "ids came that no DBC file names", NULL,
                                 "find out what was connected, and add its DBC file"},
};
_Static_assert(sizeof(troubles) / sizeof(troubles[0]) == BUS_TROUBLE_COUNT, "one for each trouble");

static const struct built_in frame_log = {FRAME_LOG,
                                          2,
                                          0,
                                          0,
                                          ALARM_ACK_ON_RETURN,
                                          "readings are not stored",
                                          "what the broker misses meanwhile is lost",
                                          "check the disk"};

#define PRESENT(pointer, fallback) ((pointer) != NULL ? *(pointer) : (fallback))

static int add_spec(struct alarm_plan *alarms, const struct alarm_spec *spec)
{
    if (alarms->count == alarms->capacity) {
        size_t capacity = alarms->capacity > 0 ? 2 * alarms->capacity : 16;
        struct alarm_spec *grown = reallocarray(alarms->specs, capacity, sizeof(*alarms->specs));
        if (grown == NULL) {
            return -ENOMEM;
        }
        alarms->specs = grown;
        alarms->capacity = capacity;
    }
    alarms->specs[alarms->count++] = *spec;
    return 0;
}

/* How people are told: what the item says (NULL: no item), else what is built in. */
static void join_options(const struct alarm_config *item, const struct built_in * or,
                         struct alarm_spec *spec)
{
    static const struct alarm_config none = {0};
    item = item != NULL ? item : &none;
    spec->priority = (int)PRESENT(item->priority, or->priority);
    spec->text = item->text != NULL ? item->text : or->text;
    spec->consequence = item->consequence != NULL ? item->consequence : or->consequence;
    spec->response = item->response != NULL ? item->response : or->response;
    spec->condition.on_delay_us = PRESENT(item->on_delay_us, or->on_delay_us);
    spec->condition.off_delay_us = PRESENT(item->off_delay_us, or->off_delay_us);
    spec->options.ack = PRESENT(item->ack, or->ack);
    spec->options.latches = PRESENT(item->latch, false);
    spec->records = item->record;
    spec->options.shelve_max_us = PRESENT(item->shelve_max_us, SHELVE_MAX_US);
}

/* ---- built-in --------------------------------------------------------------------------- */

static const struct alarm_config *find_item(const struct alarm_joiner *j, const char *id)
{
    for (size_t i = 0; i < j->plan->config->alarm_count; i++) {
        if (strcmp(j->plan->config->alarms[i].name, id) == 0) {
            return &j->plan->config->alarms[i];
        }
    }
    return NULL;
}

static int add_built_in(struct alarm_joiner *j, const char *id, const struct built_in *built_in,
                        size_t *ret)
{
    const struct alarm_config *item = find_item(j, id);
    if (item != NULL && !item->enabled) {
        return 0;
    }
    struct alarm_spec spec = {.id = strdup(id), .condition = {.type = ALARM_TYPE_TOLD}};
    if (spec.id == NULL) {
        return -ENOMEM;
    }
    join_options(item, built_in, &spec);
    j->item = item;
    int r = item != NULL ? alarm_suppression_join(j, &spec) : 0;
    if (r == 0) {
        r = add_spec(j->alarms, &spec);
    }
    if (r < 0) {
        free((char *)spec.id);
        return r == -EINVAL ? 0 : r;
    }
    *ret = j->alarms->count - 1;
    return 0;
}

static void trouble_id(const struct gateway_plan *plan, size_t bus, size_t trouble, char *id,
                       size_t size)
{
    (void)snprintf(id, size, "%s-%s", plan->config->buses[bus].name, troubles[trouble].word);
}

static int add_troubles(struct alarm_joiner *j)
{
    int r = 0;
    for (size_t bus = 0; r == 0 && bus < j->plan->config->bus_count; bus++) {
        for (size_t i = 0; r == 0 && i < BUS_TROUBLE_COUNT; i++) {
            char id[TOPIC_ID_MAX_BYTES + 1];
            j->alarms->troubles[bus][i] = ALARM_PLAN_NONE;
            trouble_id(j->plan, bus, i, id, sizeof(id));
            if (j->plan->config->buses[bus].alarms) {
                r = add_built_in(j, id, &troubles[i], &j->alarms->troubles[bus][i]);
            }
        }
    }
    return r;
}

/* `nearest` learns of each id. */
static bool is_built_in(const struct gateway_plan *plan, const char *name, struct suggest *nearest,
                        char ids[][TOPIC_ID_MAX_BYTES + 1])
{
    bool found = strcmp(name, FRAME_LOG) == 0;
    suggest_offer(nearest, FRAME_LOG);
    for (size_t bus = 0; bus < plan->config->bus_count; bus++) {
        for (size_t i = 0; i < BUS_TROUBLE_COUNT; i++) {
            char *id = ids[bus * BUS_TROUBLE_COUNT + i];
            trouble_id(plan, bus, i, id, TOPIC_ID_MAX_BYTES + 1);
            suggest_offer(nearest, id);
            found = found || strcmp(name, id) == 0;
        }
    }
    return found;
}

/* ---- of the configuration --------------------------------------------------------------- */

static int check_built_in(const struct alarm_joiner *j, bool has_condition)
{
    struct suggest nearest;
    suggest_init(&nearest, j->item->name);
    char(*ids)[TOPIC_ID_MAX_BYTES + 1] =
        calloc(j->plan->config->bus_count * BUS_TROUBLE_COUNT, sizeof(*ids));
    if (ids == NULL) {
        return -ENOMEM;
    }
    bool found = is_built_in(j->plan, j->item->name, &nearest, ids);
    if (found && has_condition) {
        config_report(j->config, j->item, j->d, SEVERITY_ERROR,
                      "alarm '%s' is a built-in one, which has its condition", j->item->name);
    } else if (!found && !has_condition) {
        config_report(j->config, j->item, j->d, SEVERITY_ERROR,
                      "alarm '%s' needs one of 'high', 'low', 'change', 'stale', 'from', 'is', "
                      "'when'%s%s%s",
                      j->item->name,
                      nearest.best != NULL ? " - or did you mean the built-in '" : "",
                      nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "'?" : "");
    }
    free(ids);
    return found ? 1 : 0;
}

static int add_configured(struct alarm_joiner *j)
{
    static const struct built_in defaults = {.priority = ALARM_PRIORITY};
    unsigned conditions = alarm_condition_count(j->item);
    int r = check_built_in(j, conditions > 0);
    if (r != 0 || conditions == 0 || !j->item->enabled) {
        return r < 0 ? r : 0;
    }
    if (conditions > 1) {
        config_report(j->config, j->item, j->d, SEVERITY_ERROR,
                      "alarm '%s' has several conditions: make several alarms, or one 'when'",
                      j->item->name);
        return 0;
    }
    struct alarm_spec spec = {.id = strdup(j->item->name)};
    if (spec.id == NULL) {
        return -ENOMEM;
    }
    join_options(j->item, &defaults, &spec);
    spec.text = spec.text != NULL ? spec.text : spec.id;
    r = alarm_condition_join(j, &spec);
    r = r < 0 ? r : alarm_suppression_join(j, &spec);
    r = r < 0 ? r : add_spec(j->alarms, &spec);
    if (r < 0) {
        alarm_expression_free((struct alarm_expression *)spec.condition.when);
        free((char *)spec.id);
    }
    return r == -EINVAL ? 0 : r;
}

static void check_record(const struct alarm_joiner *j)
{
    if (j->item->record && !j->plan->config->dash_cam.enabled) {
        config_report(j->config, &j->item->record, j->d, SEVERITY_WARNING,
                      "alarm '%s' records nothing: dash_cam is not enabled", j->item->name);
    }
}

static int add_all_configured(struct alarm_joiner *j)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < j->plan->config->alarm_count; i++) {
        j->item = &j->plan->config->alarms[i];
        check_record(j);
        if (topic_id_is_reserved(j->item->name)) {
            config_report(j->config, j->item, j->d, SEVERITY_ERROR,
                          "'%s' cannot be the id of an alarm: it is a word of the topics",
                          j->item->name);
        } else {
            r = add_configured(j);
        }
    }
    return r;
}

int alarm_plan_init(const struct config *config, const struct gateway_plan *plan,
                    struct diagnostics *d, struct alarm_plan *ret)
{
    struct alarm_joiner j = {.config = config, .plan = plan, .d = d, .alarms = ret};
    *ret = (struct alarm_plan){.frame_log = ALARM_PLAN_NONE};
    ret->troubles = calloc(plan->config->bus_count, sizeof(*ret->troubles));
    int r = ret->troubles != NULL ? add_all_configured(&j) : -ENOMEM;
    r = r < 0 ? r : add_troubles(&j);
    if (r == 0 && plan->config->store.enabled) {
        r = add_built_in(&j, FRAME_LOG, &frame_log, &ret->frame_log);
    }
    return r;
}

void alarm_plan_deinit(struct alarm_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct alarm_spec *spec = &plan->specs[i];
        alarm_expression_free((struct alarm_expression *)spec->condition.when);
        alarm_expression_free((struct alarm_expression *)spec->suppress_when);
        free((char *)spec->id);
    }
    free(plan->specs);
    free(plan->sources);
    free(plan->troubles);
    *plan = (struct alarm_plan){.frame_log = ALARM_PLAN_NONE};
}
