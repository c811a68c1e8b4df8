/* The inside of an engine, for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_IMPL_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_IMPL_H

#include "automation-node/engine/agenda.h"
#include "automation-node/engine/dependency.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/engine/engine_units.h"
#include "automation-node/input/derived.h"
#include "automation-node/input/input_table.h"

struct engine {
    struct input_table *inputs;
    enum input_trust *noted_trust; /* per input: what its dependants acted upon */
    struct derived **derived;      /* per input: NULL unless it is computed from others */
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
    struct alarm_unit *alarms;
    size_t alarm_count;
    struct device_unit *units;
    size_t unit_count;
    struct dependency *dependency;
    struct agenda *agenda; /* by engine_item() */
    size_t *dirty;         /* stack of the units that are unsettled */
    size_t dirty_count;
    const struct calendar *calendar;
    bool clock_is_set;
    int64_t wall_offset_us; /* wall clock minus monotonic, while the clock is set */
    size_t *ready;          /* ring of units that may have outputs; each is in it once at most */
    size_t ready_head;
    size_t ready_count;
    bool *has_news; /* of rules, those of events, schedules, controllers, alarms: is in `news` */
    size_t *news;   /* stack of those that have something to tell */
    size_t news_count;
    size_t messages[ENGINE_MESSAGES_MAX]; /* ring of what is to be published */
    size_t message_head;
    size_t message_queued;
    struct alarm_transition *alarm_events; /* ring of what happened to alarms */
    size_t alarm_event_head;
    size_t alarm_event_count;
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
    AGENDA_ALARM,
    AGENDA_UNIT,
    AGENDA_CONTROLLER
};

/* The place on the agenda of the thing with that index among its like. */
static inline size_t engine_item(const struct engine *engine, enum agenda_part part, size_t index)
{
    size_t first = part > AGENDA_INPUT ? input_table_count(engine->inputs) : 0;
    first += part > AGENDA_RULE ? engine->rule_count : 0;
    first += part > AGENDA_EVENT ? engine->event_count : 0;
    first += part > AGENDA_SCHEDULE ? engine->schedule_count : 0;
    first += part > AGENDA_GROUP ? engine->group_count : 0;
    first += part > AGENDA_ALARM ? engine->alarm_count : 0;
    first += part > AGENDA_UNIT ? engine->unit_count : 0;
    return first + index;
}

#endif
