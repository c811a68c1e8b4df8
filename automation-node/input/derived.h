/*
 * An input that is computed from others: the mean of three sensors, how fast a tank empties, how
 * long a pump has been running. Its quality is that of the worst it is computed from; while one of
 * them is held (input.h), so is it, and when one is lost, it is lost.
 */
#ifndef EDGE_AUTOMATION_INPUT_DERIVED_H
#define EDGE_AUTOMATION_INPUT_DERIVED_H

#include "automation-node/input/input.h"
#include "automation-node/state/archive.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum derived_kind {
    DERIVED_MEAN,
    DERIVED_MIN,
    DERIVED_MAX,
    DERIVED_DIFFERENCE, /* the first minus the second */
    DERIVED_RATE,       /* change per hour of the first, a straight line through `span_us` */
    DERIVED_TIME,       /* seconds for which the first has been `state`, in `span_us` or, without
                           one, since it became so */
    DERIVED_KIND_COUNT
};

struct derived_options {
    enum derived_kind kind;
    const size_t *sources; /* indices of inputs; copied */
    size_t source_count;   /* difference: 2; rate and time: 1; else 1 or more */
    int64_t span_us;       /* rate: > 0; time: 0 = since it became so */
    struct value state;    /* time */
};

struct derived;

/* -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int derived_new(const struct derived_options *options, struct derived **ret);
void derived_free(struct derived *derived);

/* What it shows, now that a source was updated, its trust has changed, or time has passed.
 * `inputs` are all inputs. */
struct reading derived_evaluate(struct derived *derived, const struct input *inputs,
                                int64_t now_us);

/* When time alone changes it; DEADLINE_NONE = never. */
int64_t derived_next_deadline(const struct derived *derived);

/* See archive.h. */
void derived_archive(struct derived *derived, struct archive *a);

/* After derived_archive() has loaded it: there was a stop, and it was known to run until
 * `alive_us`. Nobody saw whether the state lasted, so the stop, and what passes until it is seen
 * again, is not counted into its span. */
void derived_doubt(struct derived *derived, int64_t alive_us, int64_t now_us);

const char *derived_kind_name(enum derived_kind kind);

#endif
