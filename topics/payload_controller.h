/*
 * A controller of the automation node: what a person asks of it (`controllers/<id>/set`) and how it
 * is (`controllers/<id>/state`).
 *
 *   21.5    {"mode":"manual","output":40,"transaction":"..."}    {"preset":"night"}
 *   {"mode":"auto","setpoint":21.5,"value":20.9,"output":40,"terms":{"p":12,"i":28,"d":0},
 *    "quality":"good","reason":"..."}
 */
#ifndef EDGE_TOPICS_PAYLOAD_CONTROLLER_H
#define EDGE_TOPICS_PAYLOAD_CONTROLLER_H

#include "topics/attributes.h"
#include "topics/json_writer.h"
#include "topics/limits.h"
#include "topics/payload_reading.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>

enum payload_controller_mode {
    PAYLOAD_CONTROLLER_OFF,
    PAYLOAD_CONTROLLER_AUTO,
    PAYLOAD_CONTROLLER_MANUAL
};

/* At least one of these is given. */
struct payload_controller_set {
    bool has_setpoint;
    double setpoint;
    bool has_mode;
    enum payload_controller_mode mode;
    bool has_output;
    double output;
    char preset[PAYLOAD_TEXT_MAX_BYTES + 1]; /* "" = not given */
};

/* A plain number is a set point; else a JSON object as above. -EINVAL, -EMSGSIZE
 * (PAYLOAD_WISH_MAX_BYTES) or -ENOMEM with the reason. */
TOPICS_MUST_CHECK int payload_controller_set_decode(const char *text, size_t length,
                                                    struct payload_controller_set *ret,
                                                    struct payload_error *reterr);

struct payload_controller_state {
    enum payload_controller_mode mode;
    double setpoint;
    struct payload_value value;  /* of the input */
    struct payload_value output; /* null: none */
    bool has_terms;
    double p;
    double i;
    double d;
    enum reading_quality quality; /* of the input */
    const char *reason;           /* for a person; NULL = none */
};

void payload_controller_state_write(struct json_writer *w,
                                    const struct payload_controller_state *state);

#endif
