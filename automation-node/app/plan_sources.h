/* Where inputs and feedbacks come from, and what drivers are told: see node_plan.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_SOURCES_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_SOURCES_H

#include "automation-node/app/planner.h"

/* Of a configured input. */
const struct input_scale *planner_scale(const struct planner *p, const struct input_config *input);

/* Complains unless it can be published to; unless it is NULL or names something in a JSON. */
void planner_topic(struct planner *p, const char *const *topic);
void planner_field(struct planner *p, const char *const *field);

/* Adds to the plan's topics. 0 or -ENOMEM. */
EDGE_MUST_CHECK int planner_add_source(struct planner *p, const struct topic_source *source);
EDGE_MUST_CHECK int planner_availability(struct planner *p, size_t input,
                                         const struct availability_config *config);

/* The messages that trigger a rule, by its number in the engine. 0 or -ENOMEM. */
EDGE_MUST_CHECK int planner_messages(struct planner *p, const struct rule_config *config,
                                     size_t rule);

/* What the device's driver is told; 0 or -ENOMEM. */
EDGE_MUST_CHECK int planner_driver(struct planner *p, const struct device_config *config,
                                   struct driver_options *ret);

/* The input that shows what the device does, if there is any. 0 or -ENOMEM. */
EDGE_MUST_CHECK int planner_feedback(struct planner *p, const struct device_config *config,
                                     struct engine_device *device);

/* The configured values of a device, or those of a switch where nothing else is said. */
const struct config_named_string *planner_values(const struct device_config *config,
                                                 size_t *ret_count);

#endif
