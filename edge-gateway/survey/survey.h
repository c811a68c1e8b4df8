/*
 * Traffic seen through one DBC file: which of its messages come, how often, whether they look like
 * what the file says, and how their signals move. Pure; allocates when a message is seen first.
 */
#ifndef EDGE_GATEWAY_SURVEY_SURVEY_H
#define EDGE_GATEWAY_SURVEY_SURVEY_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/statistics/noise.h"
#include "edge-gateway/statistics/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct survey_signal {
    uint64_t values;
    uint64_t out_of_range;
    uint64_t not_available;
    uint64_t labelled;  /* values that the file has a word for */
    struct noise noise; /* of those that are available */
};

struct survey_message {
    const struct dbc_message *message;
    uint64_t frames;
    uint64_t malformed;            /* too short for any signal */
    uint64_t plausible;            /* of the size that the file says, all values in range */
    int64_t last_us;               /* stamp of the newest frame */
    struct sample cycle;           /* seconds from one frame to the next */
    struct survey_signal *signals; /* by dbc_signal.index; NULL until a frame comes */
};

struct survey_totals {
    uint64_t frames; /* data frames that were offered */
    uint64_t known;
    uint64_t plausible;
    size_t messages; /* of the file */
    size_t seen;
};

struct survey;

/* `db` is borrowed. 0 or -ENOMEM. */
EDGE_MUST_CHECK int survey_new(const struct dbc_database *db, struct survey **ret);
void survey_free(struct survey *survey);

/* A data frame. 0 or -ENOMEM. */
EDGE_MUST_CHECK int survey_add(struct survey *survey, const struct frame *frame);

/* By dbc_message.index. */
const struct survey_message *survey_at(const struct survey *survey, size_t index);
struct survey_totals survey_totals(const struct survey *survey);

/* The median distance of its frames in seconds; 0: fewer than three came. */
double survey_cycle_s(const struct survey_message *message);

/* Whether a deadband makes sense and which, in the signal's unit. Texts, switches, selectors and
 * what has no number are NOISE_NONE. */
enum noise_verdict survey_deadband(const struct survey_message *message, size_t signal,
                                   double *ret_deadband);

#endif
