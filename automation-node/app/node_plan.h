/*
 * automation.yaml as options of the engine and its drivers: names resolved, values parsed,
 * everything a person can get wrong reported with its place. `check` is this and nothing more.
 * Const once made.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_PLAN_H
#define EDGE_AUTOMATION_NODE_APP_NODE_PLAN_H

#include "automation-node/app/node_config.h"
#include "automation-node/drivers/driver.h"
#include "automation-node/engine/engine_options.h"
#include "common/arena.h"
#include "common/attributes.h"
#include "common/config.h"
#include "common/diagnostics.h"

/* A set point, or the band of a climate, that has a name; in the unit of the controller's input. */
struct controller_preset {
    const char *name;
    double setpoint;
    bool is_band; /* then not the one but these */
    double low;
    double high;
};

struct controller_presets {
    const struct controller_preset *presets;
    size_t count;
};

/* A topic of anybody's that says something about an input. */
struct topic_source {
    size_t input; /* of the engine */
    const char *topic;
    const char *field;  /* of its JSON; NULL = the whole payload */
    const char *online; /* NULL = it has the value; else it tells whether the sender is there, which
                           it is when it says this */
};

/* A message that makes a rule of events run. */
struct message_trigger {
    size_t rule; /* its number in the engine */
    const char *topic;
    const char *field;   /* of its JSON; NULL = the whole payload */
    const char *payload; /* NULL = anything */
};

/* What an input counts in. */
struct input_scale {
    const char *unit; /* NULL = none */
    bool difference;  /* steps between two values of the scale */
};

struct node_plan {
    const struct node_config *config; /* borrowed */
    struct engine_options engine;     /* its arrays are the plan's */
    struct signal_path *sources;      /* by engine input: the configured ones, then the devices'
                                         feedbacks; without a gateway it is no signal */
    bool *stale_open;                 /* by engine input: its gateway's catalog says how long */
    struct topic_source *topics;      /* what else inputs come from */
    size_t topic_count;
    struct message_trigger *triggers;
    size_t trigger_count;
    struct engine_alarm *alarms;             /* the engine's */
    const void **alarm_places;               /* theirs, in the configuration */
    size_t *feedbacks;                       /* by device that has one: its input */
    struct driver_options *drivers;          /* by device */
    size_t *engine_rules;                    /* by configured rule: its number for the engine */
    size_t *config_rules;                    /* the other way round */
    const struct action_config **messages;   /* what steps publish */
    struct calendar calendar;                /* the engine's */
    struct input_scale *scales;              /* by configured input */
    struct expression_label **input_labels;  /* by configured input: the words it may show */
    struct expression_label **device_labels; /* by device: its values, and what shows them */
    struct controller_presets *presets;      /* by controller as the engine counts them */
    struct arena arena;                      /* private: owns every array and text */
    struct expression **expressions;         /* private: every one that was compiled */
    size_t expression_count;
};

/* 0; -EINVAL with everything that is wrong in `d`; -ENOMEM. `config` is borrowed and must outlive
 * the plan. */
EDGE_MUST_CHECK int node_plan_new(const struct config *config, struct diagnostics *d,
                                  struct node_plan **ret);
void node_plan_free(struct node_plan *plan);

#endif
