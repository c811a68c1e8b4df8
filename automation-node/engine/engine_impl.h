/* The inside of an engine, for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_IMPL_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_IMPL_H

#include "automation-node/engine/agenda.h"
#include "automation-node/engine/arbiter.h"
#include "automation-node/engine/dependency.h"
#include "automation-node/engine/device.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/engine/level_rule.h"
#include "automation-node/engine/thermostat.h"
#include "automation-node/input/input_table.h"

/* Every arbiter has these two slots, then one for each thermostat and each rule of its device, then
 * one for the steps of rules of events. */
enum {
    SLOT_FAIL_SAFE,
    SLOT_MANUAL,
    SLOT_FIRST_FREE
};

#define ENGINE_NO_INPUT     SIZE_MAX
#define ENGINE_NO_RULE      SIZE_MAX
#define ENGINE_MESSAGES_MAX 64

/* Where an evaluator speaks. */
struct seat {
    size_t unit;
    size_t slot;
};

struct controller_unit {
    struct thermostat *thermostat;
    size_t input;
    struct seat seat;
};

struct rule_unit {
    struct level_rule *rule;
    const struct expression *condition;
    struct seat seat;
    uint64_t runs;   /* how often it came to hold */
    int64_t last_us; /* when it did so last; INT64_MIN = never */
};

/* A device and everything that decides about it. */
struct device_unit {
    struct device *device;
    struct arbiter *arbiter;
    size_t slot_count; /* of the arbiter */
    size_t action_slot;
    size_t action_rule; /* the rule of events that speaks there */
    struct value fail_safe;
    size_t *required; /* input indices */
    size_t required_count;
    size_t lost_input; /* the required input that is missing, or ENGINE_NO_INPUT */
    int64_t manual_for_us;
    int64_t manual_max_us;
    char transaction[DEVICE_TRANSACTION_SIZE]; /* of the wish in the manual slot */
    bool unsettled;                            /* something it depends on was touched */
    bool queued;                               /* is in `ready` */
};

struct engine {
    struct input_table *inputs;
    enum input_trust *noted_trust; /* per input: what its dependants acted upon */
    struct controller_unit *controllers;
    size_t controller_count;
    struct rule_unit *rules;
    size_t rule_count;
    struct event_rule **events;
    size_t event_count;
    size_t message_count;
    struct device_unit *units;
    size_t unit_count;
    struct dependency *dependency;
    struct agenda *agenda; /* inputs, then rules, then units: see engine_item() */
    size_t *dirty;         /* stack of the units that are unsettled */
    size_t dirty_count;
    const struct calendar *calendar;
    bool clock_is_set;
    int64_t wall_offset_us; /* wall clock minus monotonic, while the clock is set */
    size_t *ready;          /* ring of units that may have outputs; each is in it once at most */
    size_t ready_head;
    size_t ready_count;
    bool *has_news; /* per rule, those of events after the others: is in `news` */
    size_t *news;   /* stack of rules that have something to tell */
    size_t news_count;
    size_t messages[ENGINE_MESSAGES_MAX]; /* ring of what is to be published */
    size_t message_head;
    size_t message_queued;
    int64_t now_us;            /* of the last call */
    struct engine_stats stats; /* commands are counted by the devices */
};

enum agenda_part {
    AGENDA_INPUT,
    AGENDA_RULE,
    AGENDA_EVENT,
    AGENDA_UNIT
};

/* The place on the agenda of the thing with that index among its like. */
static inline size_t engine_item(const struct engine *engine, enum agenda_part part, size_t index)
{
    size_t first = part > AGENDA_INPUT ? input_table_count(engine->inputs) : 0;
    first += part > AGENDA_RULE ? engine->rule_count : 0;
    first += part > AGENDA_EVENT ? engine->event_count : 0;
    return first + index;
}

/* Finds out who depends on which input. 0, -ENOENT (an index or id that names none) or -ENOMEM. */
EDGE_MUST_CHECK int engine_link_inputs(struct engine *engine, const struct engine_options *options);

/* What conditions see now. `changed`: the input whose value has just become another, or
 * EXPRESSION_NO_INPUT. */
struct expression_view engine_view(const struct engine *engine, size_t changed);

/* The device is decided anew when the call ends. */
void engine_mark_unsettled(struct engine *engine, size_t unit);
void engine_settle(struct engine *engine);

/* A rule, counted as in engine_enable_rule(), has something to tell. */
void engine_note_news(struct engine *engine, size_t rule);

void engine_enable_level_rule(struct engine *engine, size_t rule, bool enabled);
void engine_evaluate_event(struct engine *engine, size_t index, size_t changed, bool start);
void engine_set_clock_of_event(struct engine *engine, size_t index);

/* What rules have to tell; false if nothing. */
bool engine_take_from_rules(struct engine *engine, struct engine_output *ret);

/* Evaluates everything once, as if every input had just been lost. */
void engine_start(struct engine *engine, int64_t now_us);

#endif
