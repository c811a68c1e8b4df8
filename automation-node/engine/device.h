/*
 * One device: brings it to the decided value, and tells what it really does. The truth is what the
 * feedback shows; without a feedback it is assumed to be what was commanded.
 *
 *   idle       no target yet
 *   pending    a command is out, the feedback does not show the target yet
 *   confirmed  the feedback shows (or showed) the target, or there is no feedback to ask
 *   failed     every attempt timed out
 *
 *   idle, confirmed, failed -> pending    a new target, or a device that has to be told again
 *   pending -> confirmed                  feedback shows the target
 *   pending -> pending                    timed out with attempts left: the command is repeated
 *   pending -> failed                     timed out on the last attempt
 *   failed -> confirmed                   feedback shows the target after all
 *   failed -> pending                     feedback returns, or `retry_failed_us` has passed
 *
 * A confirmed device whose feedback leaves the target was switched by somebody else: that is shown
 * at once, and after `grace_us` the command is repeated, unless `on_mismatch` says only to report.
 *
 * Counting: sent = confirmed + assumed + timed_out + superseded + (1 while pending). A feedback
 * that shows the target already needs no command, and counts nowhere.
 */
#ifndef EDGE_AUTOMATION_ENGINE_DEVICE_H
#define EDGE_AUTOMATION_ENGINE_DEVICE_H

#include "automation-node/engine/arbiter.h"
#include "automation-node/input/input.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

#define DEVICE_TRANSACTION_SIZE 96 /* bytes of a transaction id with its NUL */

enum device_phase {
    DEVICE_IDLE,
    DEVICE_PENDING,
    DEVICE_CONFIRMED,
    DEVICE_FAILED,
    DEVICE_PHASE_COUNT
};

enum device_quality {
    DEVICE_QUALITY_GOOD,
    DEVICE_QUALITY_ASSUMED, /* has no feedback */
    DEVICE_QUALITY_STALE,   /* feedback lost, or never seen */
    DEVICE_QUALITY_FAILED,  /* did not obey */
    DEVICE_QUALITY_COUNT
};

enum device_mismatch {
    DEVICE_REASSERT, /* repeat the command */
    DEVICE_REPORT    /* only show the truth */
};

struct device_options {
    const char *id; /* copied */
    struct domain domain;
    bool has_feedback;
    int64_t confirm_us;      /* how long a command may take, and is valid: > 0 */
    unsigned attempts;       /* commands before it has failed: > 0 */
    int64_t retry_failed_us; /* a failed device is told again after this long; 0 = never */
    enum device_mismatch on_mismatch;
    int64_t grace_us; /* how long a mismatch may last before the command is repeated */
};

struct device_command {
    struct value value;
    int64_t ttl_us;   /* worthless after this long: it will have been repeated */
    unsigned attempt; /* from 1 */
    char transaction[DEVICE_TRANSACTION_SIZE]; /* of the wish, or "<id>-<number>"; kept on repeat */
};

/* What is published. Instants are monotonic. */
struct device_state {
    struct value value;     /* the truth; VALUE_NONE = not known */
    struct value target;    /* VALUE_NONE = none yet */
    struct cause cause;     /* of the decision in force */
    enum priority priority; /* likewise */
    int64_t since_us;       /* since when this source has decided this target */
    int64_t until_us;       /* DEADLINE_NONE = open */
    enum device_quality quality;
    enum device_phase phase;
};

struct device_stats {
    uint64_t sent;
    uint64_t confirmed;
    uint64_t assumed;    /* sent to a device without feedback */
    uint64_t timed_out;  /* each attempt counts */
    uint64_t superseded; /* the target changed before the answer */
    uint64_t pending;    /* 0 or 1 */
};

struct device;

/* -EINVAL, -ENAMETOOLONG or -ENOMEM. */
EDGE_MUST_CHECK int device_new(const struct device_options *options, struct device **ret);
void device_free(struct device *device);

/* A new decision; `transaction` is the wish's that led to it, or "". */
void device_decide(struct device *device, const struct decision *decision, const char *transaction,
                   int64_t now_us);

/* The feedback input was updated, or its trust changed. */
void device_feedback(struct device *device, const struct input *input, int64_t now_us);

void device_tick(struct device *device, int64_t now_us);
int64_t device_next_deadline(const struct device *device);

/* Each true at most once per change. A command that is not taken is replaced by the next. */
EDGE_MUST_CHECK bool device_take_command(struct device *device, struct device_command *ret);
EDGE_MUST_CHECK bool device_take_state(struct device *device, struct device_state *ret);

/* What its feedback shows, or what it was told last; VALUE_NONE = not known. Settled: no command is
 * under way that may still change it. */
struct value device_shown_value(const struct device *device, bool *ret_settled);

struct device_stats device_stats(const struct device *device);
const char *device_phase_name(enum device_phase phase);
const char *device_quality_name(enum device_quality quality);

#endif
