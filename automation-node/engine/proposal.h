/*
 * What somebody would like a device to do, and why. The cause travels unchanged from the rule or
 * the person to the decision, the published state and the trace.
 */
#ifndef EDGE_AUTOMATION_ENGINE_PROPOSAL_H
#define EDGE_AUTOMATION_ENGINE_PROPOSAL_H

#include "automation-node/input/input.h"
#include "automation-node/input/name.h"
#include "automation-node/input/value.h"
#include "automation-node/state/archive.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

#define CAUSE_SOURCE_SIZE (NAME_SIZE + 16) /* "controller:" and a name */
#define CAUSE_REASON_SIZE 320              /* a sentence with a name, three numbers and units */

struct cause {
    char source[CAUSE_SOURCE_SIZE]; /* who: "rule:vent", "controller:air", "manual", "fail_safe" */
    char reason[CAUSE_REASON_SIZE]; /* why, for a person; one line */
    char input[NAME_SIZE];          /* whose reading triggered it; "" = no reading did */
    uint64_t seq;                   /* of that reading; 0 = no reading did */
    int64_t ts_us;                  /* that reading's wall clock time; 0 = no reading did */
};

struct proposal {
    struct value value; /* VALUE_NONE: proposes nothing, though the cause may say why */
    struct cause cause;
};

/* Replaces the reason by formatted text. */
void cause_explain(struct cause *cause, const char *format, ...) EDGE_PRINTF(2, 3);

/* The last reading of the input led here; NULL = no reading did. */
void cause_note_reading(struct cause *cause, const struct input *input);

bool cause_equal(const struct cause *a, const struct cause *b);

/* See archive.h; the reading's stamp is wall clock already. */
void cause_archive(struct cause *cause, struct archive *a);

#endif
