/*
 * A device of the automation node: what somebody wishes of it (`devices/<id>/set`) and what is true
 * (`devices/<id>/state`).
 *
 *   ON    55    21.5    {"value":"ON","for_s":600,"transaction":"..."}
 *   {"value":"ON","target":"ON","source":"rule:vent","since":1795423160.5,"until":1795423760.5,
 *    "quality":"good","reason":"humidity above 80 %"}
 */
#ifndef EDGE_TOPICS_PAYLOAD_DEVICE_H
#define EDGE_TOPICS_PAYLOAD_DEVICE_H

#include "topics/attributes.h"
#include "topics/json_writer.h"
#include "topics/limits.h"
#include "topics/payload_reading.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct payload_wish {
    enum payload_type type; /* PAYLOAD_NULL (only as JSON): the wish is taken back */
    double number;
    bool truth;
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    uint64_t for_s;                                      /* 1 to PAYLOAD_FOR_MAX_S; 0: not given */
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1]; /* "": none */
};

/* A plain payload is a number, `true` or `false`, or else a text without control characters, all
 * with blanks around allowed. One that starts with '{', '[' or '"' must be a JSON object as above;
 * unknown and repeated keys are refused. -EINVAL or -EMSGSIZE (PAYLOAD_WISH_MAX_BYTES) with the
 * reason. */
TOPICS_MUST_CHECK int payload_wish_decode(const char *text, size_t length, struct payload_wish *ret,
                                          struct payload_error *reterr);

/* Borrows the wish's text. */
struct payload_value payload_wish_value(const struct payload_wish *wish);

struct payload_device_state {
    struct payload_value value;  /* as the feedback proves it; null: not known */
    struct payload_value target; /* as it was decided; null: nothing was */
    const char *source;          /* who won: "rule:vent", "manual", "failsafe"; NULL: nobody */
    const char *reason;          /* for a person; NULL: none */
    int64_t since_us;            /* of the value; 0: not known */
    int64_t until_us;            /* end of what holds now; 0: open */
    enum reading_quality quality;
    void *document; /* after decoding: owns every text here; private. NULL when encoding */
};

void payload_device_state_write(struct json_writer *w, const struct payload_device_state *state);
/* The same as the member `key` of an object. */
void payload_device_state_member(struct json_writer *w, const char *key,
                                 const struct payload_device_state *state);

/* 0 and a state for payload_device_state_free(); -EINVAL, -EMSGSIZE (PAYLOAD_STATE_MAX_BYTES) or
 * -ENOMEM with the reason. Keys that are not known are passed over: the publisher may be newer. */
TOPICS_MUST_CHECK int payload_device_state_decode(const char *text, size_t length,
                                                  struct payload_device_state **ret,
                                                  struct payload_error *reterr);
void payload_device_state_free(struct payload_device_state *state);

#endif
