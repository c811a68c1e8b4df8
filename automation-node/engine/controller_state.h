/* What a controller tells, and what a person may want of it, whichever kind it is. */
#ifndef EDGE_AUTOMATION_ENGINE_CONTROLLER_STATE_H
#define EDGE_AUTOMATION_ENGINE_CONTROLLER_STATE_H

#include "automation-node/engine/climate.h"
#include "automation-node/engine/pid_tune.h"
#include "automation-node/input/value.h"

#include <stdbool.h>

enum controller_mode {
    CONTROLLER_OFF,
    CONTROLLER_AUTO,   /* of a climate: the configured one */
    CONTROLLER_MANUAL, /* PID controllers only */
    CONTROLLER_HEAT,   /* climates, and a thermostat that does that */
    CONTROLLER_COOL,
    CONTROLLER_HEAT_COOL, /* climates only */
    CONTROLLER_MODE_COUNT
};

enum controller_activity {
    CONTROLLER_RESTS, /* off, or it cannot see */
    CONTROLLER_IDLE,
    CONTROLLER_HEATS, /* calls for it; the device may have to wait */
    CONTROLLER_COOLS
};

struct engine_controller_state {
    enum controller_mode mode;
    double setpoint;     /* of a climate: the middle of its band */
    struct value value;  /* of the input; VALUE_NONE = it is lost */
    struct value output; /* VALUE_NONE = none; of a climate the one of the side that calls */
    bool has_terms;      /* PID */
    struct pid_terms terms;
    struct pid_gains gains;
    struct tuning_report tuning;
    bool has_pwm;
    struct value switched; /* what the device is asked for */
    double owed_s;         /* see pwm.h */
    bool has_band;         /* climate */
    struct climate_band band;
    enum controller_activity activity;
    const char *reason; /* valid until the engine is called again */
};

enum controller_tuning {
    CONTROLLER_TUNING_NONE,
    CONTROLLER_TUNING_START,
    CONTROLLER_TUNING_CANCEL,
    CONTROLLER_TUNING_ADOPT, /* use what was found */
    CONTROLLER_TUNING_REVERT /* use what is configured */
};

/* What a person wants of a controller. */
struct controller_change {
    bool has_setpoint;
    double setpoint; /* in the unit of the input; moves a whole band */
    bool has_low;    /* climates only, as `high`; one alone that passes the other takes it along */
    double low;
    bool has_high;
    double high;
    bool has_mode;
    enum controller_mode mode;
    bool has_output;
    double output; /* for mode manual */
    enum controller_tuning tuning;
};

#endif
