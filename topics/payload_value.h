/* What every payload decoder shares: a value as JSON can carry it, and the reason of a refusal. */
#ifndef EDGE_TOPICS_PAYLOAD_VALUE_H
#define EDGE_TOPICS_PAYLOAD_VALUE_H

#include "topics/json_writer.h"

#include <stdbool.h>

#define PAYLOAD_ERROR_SIZE 192

/* Why a payload was refused: one line for a log or an answer, safe to print whatever arrived. */
struct payload_error {
    char text[PAYLOAD_ERROR_SIZE];
};

enum payload_type {
    PAYLOAD_NULL,
    PAYLOAD_NUMBER,
    PAYLOAD_TEXT,
    PAYLOAD_BOOL
};

struct payload_value {
    enum payload_type type;
    double number;    /* PAYLOAD_NUMBER; finite */
    const char *text; /* PAYLOAD_TEXT; borrowed */
    bool truth;       /* PAYLOAD_BOOL */
};

/* A signal and what somebody wants it to be. */
struct payload_signal {
    const char *name;
    struct payload_value value;
};

void payload_value_write(struct json_writer *w, const char *key, const struct payload_value *value);

#endif
