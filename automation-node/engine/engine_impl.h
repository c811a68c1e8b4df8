/* The inside of an engine, for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_IMPL_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_IMPL_H

#include "automation-node/engine/agenda.h"
#include "automation-node/engine/arbiter.h"
#include "automation-node/engine/dependency.h"
#include "automation-node/engine/device.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/engine/interlock.h"
#include "automation-node/engine/level_rule.h"
#include "automation-node/engine/pid.h"
#include "automation-node/engine/schedule.h"
#include "automation-node/engine/thermostat.h"
#include "automation-node/input/input_table.h"

/* Every arbiter has these three slots, then one for each thermostat and each rule of its device,
 * then one for the steps of rules of events. */
enum {
    SLOT_FAIL_SAFE,
    SLOT_INTERLOCK,
    SLOT_MANUAL,
    SLOT_FIRST_FREE
};

#define ENGINE_NO_INPUT     SIZE_MAX
#define ENGINE_NO_RULE      SIZE_MAX
#define ENGINE_NO_GROUP     SIZE_MAX
#define ENGINE_MESSAGES_MAX 64

/* Where an evaluator speaks. */
struct seat {
    size_t unit;
    size_t slot;
};

/* A thermostat or a PID controller: the other is NULL. Thermostats come first. */
struct controller_unit {
    struct thermostat *thermostat;
    struct pid *pid;
    enum thermostat_mode active_mode; /* of a thermostat switched on again */
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

struct schedule_unit {
    struct schedule *schedule;
    struct value applied; /* what a controller was told last; nothing outside of blocks */
    bool has_seat;
    struct seat seat;  /* if it speaks for a device */
    size_t controller; /* if it does not */
};

struct group_unit {
    struct interlock *interlock;
    char source[CAUSE_SOURCE_SIZE]; /* "interlock:pumps" */
    size_t *members;                /* units */
    struct interlock_member *states;
    size_t count;
    bool touched; /* a member was settled, or the deadline has come */
};

/* A device and everything that decides about it. */
struct device_unit {
    struct device *device;
    struct arbiter *arbiter;
    size_t slot_count; /* of the arbiter */
    size_t action_slot;
    size_t action_rule; /* the rule of events that speaks there */
    struct value off;
    size_t group;        /* its interlock; ENGINE_NO_GROUP = none */
    size_t forbidden_by; /* what the interlock's slot says: the holder; see engine_groups.c */
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
    struct schedule_unit *schedules;
    size_t schedule_count;
    struct group_unit *groups;
    size_t group_count;
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
    bool *has_news; /* of rules, those of events, schedules, controllers: is in `news` */
    size_t *news;   /* stack of those that have something to tell */
    size_t news_count;
    size_t messages[ENGINE_MESSAGES_MAX]; /* ring of what is to be published */
    size_t message_head;
    size_t message_queued;
    struct record_book *book;  /* see engine_snapshot.h */
    int64_t now_us;            /* of the last call */
    struct engine_stats stats; /* commands are counted by the devices */
};

enum agenda_part {
    AGENDA_INPUT,
    AGENDA_RULE,
    AGENDA_EVENT,
    AGENDA_SCHEDULE,
    AGENDA_GROUP,
    AGENDA_UNIT,
    AGENDA_CONTROLLER /* never due */
};
/* The place on the agenda of the thing with that index among its like. */
static inline size_t engine_item(const struct engine *engine, enum agenda_part part, size_t index)
{
    size_t first = part > AGENDA_INPUT ? input_table_count(engine->inputs) : 0;
    first += part > AGENDA_RULE ? engine->rule_count : 0;
    first += part > AGENDA_EVENT ? engine->event_count : 0;
    first += part > AGENDA_SCHEDULE ? engine->schedule_count : 0;
    first += part > AGENDA_GROUP ? engine->group_count : 0;
    first += part > AGENDA_UNIT ? engine->unit_count : 0;
    return first + index;
}

#endif
