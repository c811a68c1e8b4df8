/*
 * A rule of the automation node: what a person does with it (`rules/<id>/set`), how it is
 * (`rules/<id>/state`), and each of its runs step by step (`rules/<id>/trace`).
 *
 *   enable    disable    run    {"action":"run","transaction":"..."}
 * A schedule (`schedules/<id>/set` and `/state`) is operated by the same words, `run` apart.
 *
 *   {"enabled":true,"active":0,"runs":3,"dropped":0,"prevented":1,"last_run":1795423160.5,
 *    "reason":"humidity > 80 % (humidity is 82 %)"}
 */
#ifndef EDGE_TOPICS_PAYLOAD_RULE_H
#define EDGE_TOPICS_PAYLOAD_RULE_H

#include "topics/attributes.h"
#include "topics/json_writer.h"
#include "topics/limits.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum payload_rule_action {
    PAYLOAD_RULE_ENABLE,
    PAYLOAD_RULE_DISABLE,
    PAYLOAD_RULE_RUN
};

/* A plain word or a JSON object as above; blanks around are allowed. -EINVAL or -EMSGSIZE
 * (PAYLOAD_WISH_MAX_BYTES) with the reason. */
TOPICS_MUST_CHECK int payload_rule_set_decode(const char *text, size_t length,
                                              enum payload_rule_action *ret,
                                              struct payload_error *reterr);

struct payload_rule_state {
    bool enabled;
    uint64_t active;  /* runs under way */
    uint64_t waiting; /* runs that wait for these */
    uint64_t runs;
    uint64_t dropped;    /* triggers that there was no room for */
    uint64_t prevented;  /* triggers while the condition did not hold */
    int64_t last_run_us; /* since the epoch; 0 = never */
    const char *reason;  /* for a person; NULL = none */
};

void payload_rule_state_write(struct json_writer *w, const struct payload_rule_state *state);
/* The same as the member `key` of an object. */
void payload_rule_state_member(struct json_writer *w, const char *key,
                               const struct payload_rule_state *state);

struct payload_rule_step {
    const char *step; /* "set vent 100" */
    const char *outcome;
    int64_t ts_us;
    uint64_t branch; /* of those that run at the same time; 0 = none of them, left out */
};

struct payload_rule_trace {
    int64_t ts_us;      /* when the run began */
    const char *reason; /* what triggered it */
    const char *result;
    const struct payload_rule_step *steps;
    size_t step_count;
    uint64_t more; /* steps that were not kept */
};

void payload_rule_trace_write(struct json_writer *w, const struct payload_rule_trace *trace);
/* The same as the member `key` of an object. */
void payload_rule_trace_member(struct json_writer *w, const char *key,
                               const struct payload_rule_trace *trace);

struct payload_schedule_state {
    bool enabled;
    struct payload_value value; /* null: it says nothing */
    const char *reason;         /* for a person; NULL = none */
    int64_t next_us;            /* since the epoch; 0 = no change that is known */
    struct payload_value next_value;
};

void payload_schedule_state_write(struct json_writer *w,
                                  const struct payload_schedule_state *state);

#endif
