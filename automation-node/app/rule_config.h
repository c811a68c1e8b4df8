/* The part of node_config.h about rules, their actions, scenes, and schedules. */
#ifndef EDGE_AUTOMATION_NODE_APP_RULE_CONFIG_H
#define EDGE_AUTOMATION_NODE_APP_RULE_CONFIG_H

#include "automation-node/app/alarm_config.h"
#include "common/config.h"

enum wait_end_kind {
    WAIT_END_STOP,
    WAIT_END_CONTINUE
};

struct branch_config {
    const struct action_config *do_;
    size_t do_count;
};

/* One thing that a rule does; exactly one of set, release, delay, wait, if, repeat, while, until,
 * parallel, alarm, publish, scene and ramp. */
struct action_config {
    const char *set; /* a device */
    const char *value;
    int64_t for_us; /* 0 = until further notice */
    const char *release;
    const int64_t *delay_us;
    const char *wait;   /* a condition */
    int64_t timeout_us; /* 0 = for ever */
    enum wait_end_kind on_timeout;
    const char *if_; /* a condition */
    const struct action_config *then_;
    size_t then_count;
    const struct action_config *else_;
    size_t else_count;
    const int64_t *repeat; /* times */
    const char *while_;    /* a condition */
    const char *until;     /* a condition */
    const struct action_config *do_;
    size_t do_count;
    const struct branch_config *parallel;
    size_t parallel_count;
    const struct alarm_action_config *alarm;
    const char *publish; /* a topic */
    const char *payload; /* NULL = empty */
    int64_t qos;
    bool retain;
    const char *scene;
    const char *ramp; /* a device */
    const double *from;
    const double *to;
    const int64_t *over_us;
};

struct scene_config {
    const char *name;
    const struct config_named_string *set; /* device: value */
    size_t set_count;
};

/* A message that is a trigger. */
struct message_config {
    const char *topic;
    const char *field;   /* of its JSON; NULL = the whole payload */
    const char *payload; /* what it must say; NULL = anything */
};

enum rule_mode_kind {
    RULE_MODE_SINGLE,
    RULE_MODE_RESTART,
    RULE_MODE_QUEUED,
    RULE_MODE_PARALLEL
};

enum missed_kind {
    MISSED_SKIP,
    MISSED_RUN
};

/* Either a device has a value while a condition holds, or actions are done when something happens.
 */
struct rule_config {
    const char *name;
    const char *while_; /* a condition; NULL = input with above or below */
    const char *input;
    const struct quantity *above; /* at most one of above and below */
    const struct quantity *below;
    struct quantity hysteresis;
    int64_t for_us;
    const char *device;
    const char *value;     /* while the condition holds */
    const char *otherwise; /* when it does not; NULL = no wish */

    const char *const *when; /* conditions that become true */
    size_t when_count;
    const char *const *at; /* times of day */
    size_t at_count;
    const char *const *cron;
    size_t cron_count;
    const int64_t *every_us;
    const struct message_config *messages;
    size_t message_count;
    bool at_start;
    enum missed_kind missed;
    const char *if_; /* a condition; NULL = always */
    const struct action_config *do_;
    size_t do_count;
    enum rule_mode_kind mode;
    int64_t max;

    bool enabled;
};

struct block_config {
    const char *days; /* "mon-fri" */
    const char *from; /* times of day */
    const char *to;
    const char *value;
};

/* Exactly one of like, value and nothing. */
struct exception_config {
    const char *date; /* "2026-12-24", or "12-24" in every year */
    const char *to;   /* the last day; NULL = the same */
    const char *like; /* a day of the week */
    const char *value;
    bool nothing;
};

struct schedule_config {
    const char *name;
    const char *device;     /* exactly one of device and controller */
    const char *controller; /* a thermostat, or a PID controller */
    const struct block_config *blocks;
    size_t block_count;
    const char *otherwise; /* NULL = no wish */
    const struct exception_config *exceptions;
    size_t exception_count;
    bool enabled;
};

/* One rule, one scene, one schedule. */
extern const struct config_section rule_config_section;
extern const struct config_section scene_config_section;
extern const struct config_section schedule_config_section;

#endif
