/*
 * A controller of the automation node: what a person asks of it (`controllers/<id>/set`) and how it
 * is (`controllers/<id>/state`).
 *
 *   21.5    {"mode":"manual","output":40,"transaction":"..."}    {"preset":"night"}
 *   {"mode":"heat_cool","setpoint_low":20,"setpoint_high":24}    {"autotune":true}
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
#include <stdint.h>

enum payload_controller_mode {
    PAYLOAD_CONTROLLER_OFF,
    PAYLOAD_CONTROLLER_AUTO,
    PAYLOAD_CONTROLLER_MANUAL,
    PAYLOAD_CONTROLLER_HEAT,
    PAYLOAD_CONTROLLER_COOL,
    PAYLOAD_CONTROLLER_HEAT_COOL,
    PAYLOAD_CONTROLLER_MODE_COUNT
};

/* Of the gains that the controller has found by itself. */
enum payload_controller_autotune {
    PAYLOAD_AUTOTUNE_NONE,
    PAYLOAD_AUTOTUNE_START,  /* true */
    PAYLOAD_AUTOTUNE_CANCEL, /* false */
    PAYLOAD_AUTOTUNE_APPLY,
    PAYLOAD_AUTOTUNE_REVERT /* to what is configured */
};

enum payload_controller_action {
    PAYLOAD_ACTION_OFF,
    PAYLOAD_ACTION_IDLE,
    PAYLOAD_ACTION_HEATING,
    PAYLOAD_ACTION_COOLING,
    PAYLOAD_ACTION_COUNT
};

/* At least one of these is given. */
struct payload_controller_set {
    bool has_setpoint;
    double setpoint;
    bool has_low; /* setpoint_low, of what heats and cools */
    double low;
    bool has_high;
    double high;
    bool has_mode;
    enum payload_controller_mode mode;
    bool has_output;
    double output;
    enum payload_controller_autotune autotune; /* comes alone */
    char preset[PAYLOAD_TEXT_MAX_BYTES + 1];   /* "" = not given */
};

/* A plain number is a set point; else a JSON object as above. -EINVAL, -EMSGSIZE
 * (PAYLOAD_WISH_MAX_BYTES) or -ENOMEM with the reason. */
TOPICS_MUST_CHECK int payload_controller_set_decode(const char *text, size_t length,
                                                    struct payload_controller_set *ret,
                                                    struct payload_error *reterr);

struct payload_controller_gains {
    double kp; /* output per unit of the input */
    double ki; /* the same per second */
    double kd; /* the same times seconds */
};

struct payload_controller_tuning {
    const char *state; /* a word */
    uint64_t cycles;   /* that have ended */
    bool has_result;
    double ultimate_gain;
    double ultimate_period_s;
    const char *rule; /* by which the gains follow from these */
    struct payload_controller_gains gains;
    bool applied; /* they are in force */
};

struct payload_controller_state {
    enum payload_controller_mode mode;
    double setpoint;
    struct payload_value value;  /* of the input */
    struct payload_value output; /* null: none */
    bool has_terms;
    double p;
    double i;
    double d;
    struct payload_controller_gains gains;          /* in force; with the terms */
    const struct payload_controller_tuning *tuning; /* NULL = it does not tune itself */
    bool has_pwm;
    struct payload_value switched; /* what the device is asked for */
    double owed_s;                 /* time on that it should have had by now */
    bool has_band;
    double low;
    double high;
    bool has_action;
    enum payload_controller_action action;
    enum reading_quality quality; /* of the input */
    const char *reason;           /* for a person; NULL = none */
};

void payload_controller_state_write(struct json_writer *w,
                                    const struct payload_controller_state *state);

#endif
