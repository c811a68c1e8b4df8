/*
 * One input: the last reading of one signal, and how far it may be trusted.
 *
 * A reading that is not good (out of range, not available) does not replace the last good value: a
 * blip must not restart a timer nor switch anything. The last good value is held instead, until
 * `stale_after_us` after it was seen; then the input is lost. An input that was never seen is lost
 * from the start. An input reported as stale is lost at once, and so is every reading that is not
 * good when `stale_after_us` is 0, because nothing else would end the hold.
 *
 * A value that is restored after a stop is held too, as if the readings had been bad meanwhile; the
 * first reading after it is no change, because nobody saw one.
 */
#ifndef EDGE_AUTOMATION_INPUT_INPUT_H
#define EDGE_AUTOMATION_INPUT_INPUT_H

#include "automation-node/input/name.h"
#include "automation-node/input/value.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_UNIT_SIZE 16

enum quality {
    QUALITY_GOOD,
    QUALITY_STALE,
    QUALITY_OUT_OF_RANGE,
    QUALITY_NOT_AVAILABLE,
    QUALITY_COUNT
};

enum input_trust {
    INPUT_GOOD, /* use the value */
    INPUT_HELD, /* change nothing: the present reading is not good, the last good one is recent */
    INPUT_LOST  /* act as if there were no sensor */
};

struct input_options {
    const char *id;         /* copied */
    const char *unit;       /* copied; NULL = none */
    int64_t stale_after_us; /* 0 = does not age */
};

/* Read the fields; only the functions below change them. */
struct input {
    char id[NAME_SIZE];
    char unit[INPUT_UNIT_SIZE];
    int64_t stale_after_us;
    bool stale_is_open;   /* that is so only as long as nobody knows better; set by the owner */
    bool stale_is_learnt; /* somebody did */
    struct value value;   /* the last good one; VALUE_NONE until then */
    enum quality quality; /* as last reported */
    bool seen;            /* any reading since start */
    uint64_t seq;         /* of the last reading */
    int64_t ts_us;        /* of the last reading, wall clock */
    int64_t seen_us;      /* monotonic: the last reading */
    int64_t good_us;      /* monotonic: the last good reading */
    int64_t changed_us;   /* monotonic: `value` became what it is, or known again after a loss */
    bool moved;           /* a value that was known became another one, ever */
    int64_t moved_us;     /* monotonic: when it did so last */
    int direction;        /* of that: 1 upwards, -1 downwards, 0 where there is no order */
    bool restored; /* what it shows is from before the start; not available until seen again */
    int64_t held_until_us; /* monotonic: until then the restored value is held */
};

/* One reading. `ts_us` is its wall clock stamp, `seq` the sender's number, both only passed on. */
struct reading {
    struct value value; /* ignored unless the quality is good */
    enum quality quality;
    int64_t age_us;      /* how long ago it was taken: a broker kept it; 0 = just now */
    bool age_is_unknown; /* a broker kept it, and nobody knows for how long */
    int64_t ts_us;
    uint64_t seq;
};

const char *quality_name(enum quality quality);

/* -EINVAL (no id, negative time) or -ENAMETOOLONG. */
EDGE_MUST_CHECK int input_init(const struct input_options *options, struct input *ret);

/* After how long without a reading it is stale, where that is open; 0 = it does not age. True if
 * that was not so before. */
bool input_learn_stale_after(struct input *input, int64_t span_us);

/* True if a known value became another one: the first value after the start is no change. A reading
 * of unknown age says nothing to an input that ages. */
bool input_update(struct input *input, const struct reading *reading, int64_t now_us);

/* As reported, or stale by age. */
enum quality input_quality(const struct input *input, int64_t now_us);

enum input_trust input_trust(const struct input *input, int64_t now_us);

/* As input_trust(), for whoever needs a number: a good label is INPUT_LOST. `ret` is set only with
 * INPUT_GOOD. */
EDGE_MUST_CHECK enum input_trust input_number(const struct input *input, int64_t now_us,
                                              double *ret);

/* When quality or trust next change by themselves, after `now_us`; DEADLINE_NONE if never. */
int64_t input_next_deadline(const struct input *input, int64_t now_us);

/* Why it cannot be used, e.g. "input 'temperature' is stale". */
void input_explain(const struct input *input, int64_t now_us, char *text, size_t size);

#endif
