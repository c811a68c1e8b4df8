/*
 * What is taken from strangers: wishes and questions bounded in size and rate, in total and by
 * topic, before anybody reads them. What is refused is counted by reason; a few refusals a second
 * are answered, so that a flood of wishes is no flood of answers.
 *
 * A broker does not tell who published, and all that a message says of its sender its sender wrote;
 * so there is no limit by client here. Topics are told apart by a hash with a seed, in a table of
 * fixed size: two that share a place share its limit.
 *
 * Pure: monotonic `now_us` is an argument.
 */
#ifndef EDGE_COMMON_INTAKE_H
#define EDGE_COMMON_INTAKE_H

#include "common/config_schema.h"
#include "common/counters.h"
#include "common/token_bucket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTAKE_TOPICS 256

enum intake_kind {
    INTAKE_OTHER, /* readings and states: not limited here */
    INTAKE_WISH,
    INTAKE_REQUEST
};

enum intake_verdict {
    INTAKE_TAKEN,
    INTAKE_TOO_LARGE,
    INTAKE_TOO_MANY,         /* of all topics together */
    INTAKE_TOO_MANY_ON_TOPIC /* of this one */
};
#define INTAKE_VERDICT_COUNT (INTAKE_TOO_MANY_ON_TOPIC + 1)

/* "taken", "too_large", "too_many", "too_many_on_topic". */
const char *intake_verdict_text(enum intake_verdict verdict);

/* The section `broker.limits`; rates are per second, 0 = none. The burst is twice the rate. */
struct intake_limits {
    int64_t payload_bytes;
    int64_t wishes;
    int64_t wishes_per_topic;
    int64_t requests;
};

extern const struct config_section intake_limits_schema;

struct intake_stats {
    uint64_t wishes[INTAKE_VERDICT_COUNT];
    uint64_t requests[INTAKE_VERDICT_COUNT];
    uint64_t unanswered; /* refusals that were not answered */
};

/* Zeroed, with its limits and a seed. */
struct intake {
    struct intake_limits limits;
    uint64_t seed;
    struct intake_stats stats;
    struct token_bucket wishes;
    struct token_bucket requests;
    struct token_bucket answers;
    struct token_bucket topics[INTAKE_TOPICS];
};

/* Judges and counts. */
enum intake_verdict intake_judge(struct intake *intake, enum intake_kind kind, const char *topic,
                                 size_t length, int64_t now_us);

/* Whether this refusal may be answered; counts it if not. */
bool intake_may_answer(struct intake *intake, int64_t now_us);

/* The group "intake". */
void intake_tell(const struct counter_sink *sink, const struct intake_stats *stats);

#endif
