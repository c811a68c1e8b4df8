/* The inside of a rule of events, for event_rule*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_EVENT_RULE_IMPL_H
#define EDGE_AUTOMATION_ENGINE_EVENT_RULE_IMPL_H

#include "automation-node/engine/event_rule.h"

enum place_state {
    PLACE_FREE,
    PLACE_OVER, /* its report was not taken yet */
    PLACE_WAITING,
    PLACE_ACTIVE
};

/* Where a run has its place. */
struct place {
    enum place_state state;
    uint64_t order; /* of the triggers: the first in waits for the shortest */
    enum run_result result;
    struct run run;
};

struct watch {
    const struct expression *condition;
    struct expression_slot *slots;
    bool known; /* since the start, or since it was enabled */
    bool was;
    int64_t next_us; /* when time alone may change it */
};

struct event_rule {
    struct cause cause; /* of the last trigger */
    struct watch *watches;
    size_t watch_count;
    struct watch condition; /* its condition is NULL where there is none */
    struct timetable *times;
    const struct time_trigger *time_triggers;
    bool at_start;
    struct script script;
    enum rule_mode mode;
    size_t max;
    bool enabled;
    struct place *places; /* one more than `max`, so that a report may wait beside all runs */
    size_t place_count;
    int64_t last_run_us;
    int64_t deadline_us;
    bool has_news;
    struct event_rule_stats stats;
};

size_t event_rule_count_places(const struct event_rule *rule, enum place_state state);

/* Runs in that state are over: stopped. */
void event_rule_stop_all(struct event_rule *rule, enum place_state state);

#endif
