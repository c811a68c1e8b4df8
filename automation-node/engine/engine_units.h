/* What an engine is made of: devices, and who speaks for them. For engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_UNITS_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_UNITS_H

#include "automation-node/engine/arbiter.h"
#include "automation-node/engine/climate.h"
#include "automation-node/engine/device.h"
#include "automation-node/engine/engine_alarm.h"
#include "automation-node/engine/interlock.h"
#include "automation-node/engine/level_rule.h"
#include "automation-node/engine/pid.h"
#include "automation-node/engine/pwm.h"
#include "automation-node/engine/schedule.h"
#include "automation-node/engine/thermostat.h"

/* Every arbiter has these three slots, then one for each controller and each rule of its device,
 * then one for the steps of rules of events. */
enum {
    SLOT_FAIL_SAFE,
    SLOT_INTERLOCK,
    SLOT_MANUAL,
    SLOT_FIRST_FREE
};

#define ENGINE_NO_INPUT      SIZE_MAX
#define ENGINE_NO_RULE       SIZE_MAX
#define ENGINE_NO_GROUP      SIZE_MAX
#define ENGINE_NO_ALARM      SIZE_MAX
#define ENGINE_NO_CONTROLLER SIZE_MAX
#define ENGINE_MESSAGES_MAX  64

#define ENGINE_ALARM_EVENTS_MAX 64

/* Where an evaluator speaks. */
struct seat {
    size_t unit;
    size_t slot;
};

/* A thermostat, a PID controller or a climate: the others are NULL. They come in this order. */
struct controller_unit {
    struct thermostat *thermostat;
    struct pid *pid;
    struct pwm *pwm; /* between the PID controller and a device that is on or off; may be NULL */
    struct climate *climate;
    enum thermostat_mode active_mode;      /* of a thermostat switched on again */
    enum climate_mode active_climate_mode; /* of a climate likewise */
    size_t input;
    struct seat seats[CLIMATE_SIDES]; /* of a climate by side */
    size_t seat_count;
    size_t next_follower; /* see device_unit */
};

struct rule_unit {
    struct level_rule *rule;
    const struct expression *condition;
    struct seat seat;
    uint64_t runs;   /* how often it came to hold */
    int64_t last_us; /* when it did so last; INT64_MIN = never */
};

struct schedule_unit {
    struct schedule *schedule;
    struct value applied; /* what a controller was told last; nothing outside of blocks */
    bool has_seat;
    struct seat seat;  /* if it speaks for a device */
    size_t controller; /* if it does not */
};

struct group_unit {
    struct interlock *interlock;
    char source[CAUSE_SOURCE_SIZE]; /* "interlock:pumps" */
    size_t *members;                /* units */
    struct interlock_member *states;
    size_t count;
    bool touched; /* a member was settled, or the deadline has come */
};

struct alarm_unit {
    struct alarm_options options;
    struct alarm_state state;
    int priority;
    bool watches;  /* a device; else steps raise it */
    size_t raiser; /* the rule of events that did so; ENGINE_NO_RULE = none */
    char text[ENGINE_ALARM_TEXT_SIZE];
    char by[ENGINE_ALARM_BY_SIZE];
};

/* What is to be told of an alarm, as it was then. */
struct alarm_transition {
    size_t alarm;
    enum alarm_event event;
    int64_t at_us;
    enum alarm_status status;
    int priority;
    char text[ENGINE_ALARM_TEXT_SIZE];
    char by[ENGINE_ALARM_BY_SIZE];
};

/* A device and everything that decides about it. */
struct device_unit {
    struct device *device;
    struct arbiter *arbiter;
    size_t slot_count; /* of the arbiter */
    size_t action_slot;
    size_t action_rule; /* the rule of events that speaks there */
    struct value off;
    size_t first_follower; /* list of the PID controllers that drive it: they want to know what it
                              is told; ENGINE_NO_CONTROLLER ends it */
    size_t group;          /* its interlock; ENGINE_NO_GROUP = none */
    size_t alarm;          /* active while it does not obey; ENGINE_NO_ALARM = none */
    size_t forbidden_by;   /* what the interlock's slot says: the holder; see engine_groups.c */
    struct value fail_safe;
    size_t *required; /* input indices */
    size_t required_count;
    size_t lost_input; /* the required input that is missing, or ENGINE_NO_INPUT */
    int64_t manual_for_us;
    int64_t manual_max_us;
    char transaction[DEVICE_TRANSACTION_SIZE]; /* of the wish in the manual slot */
    bool unsettled;                            /* something it depends on was touched */
    bool queued;                               /* is in `ready` */
};

#endif
