/*
 * Which values a device takes, how its feedback names them, and why a wish is refused. A plain
 * value without pointers. A device may take labels, a numeric range, or both.
 */
#ifndef EDGE_AUTOMATION_ENGINE_DOMAIN_H
#define EDGE_AUTOMATION_ENGINE_DOMAIN_H

#include "automation-node/input/value.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

#define DOMAIN_LABELS_MAX 16

/* Why a wish was not taken over. */
enum refusal {
    REFUSAL_NONE, /* accepted */
    REFUSAL_UNKNOWN_DEVICE,
    REFUSAL_UNKNOWN_VALUE,
    REFUSAL_OUT_OF_RANGE,
    REFUSAL_BAD_EXPIRY,
    REFUSAL_BAD_TRANSACTION, /* longer than a command can carry */
    REFUSAL_COUNT
};

struct domain_label {
    struct value value;    /* what the device is told, e.g. "ON" */
    struct value feedback; /* what its feedback shows then, e.g. "Running"; VALUE_NONE = `value` */
};

struct domain {
    struct domain_label labels[DOMAIN_LABELS_MAX];
    size_t label_count;
    bool numeric;     /* takes numbers from `min` to `max`, both included */
    double min;       /* in the unit of the device */
    double max;       /* in the unit of the device */
    double tolerance; /* numbers this close are the same: actuators round; 0 = exact */
};

/* "none", "unknown_device", ...: stable words for payloads and counters. */
const char *refusal_name(enum refusal refusal);

/* False for a domain that takes nothing, or whose counts or limits contradict themselves. */
EDGE_MUST_CHECK bool domain_is_valid(const struct domain *domain);

/* REFUSAL_NONE, REFUSAL_UNKNOWN_VALUE or REFUSAL_OUT_OF_RANGE. */
EDGE_MUST_CHECK enum refusal domain_check(const struct domain *domain, const struct value *value);

/* The value a feedback stands for; a feedback that the domain does not name stands for itself, so
 * that "Fault" is shown as it is. */
struct value domain_from_feedback(const struct domain *domain, const struct value *feedback);

/* Equal, or numbers within the tolerance. */
bool domain_matches(const struct domain *domain, const struct value *a, const struct value *b);

#endif
