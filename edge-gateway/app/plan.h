/*
 * The configuration joined with its DBC files: for each bus, what happens to each message.
 * Everything a person can get wrong between the two (a message or signal that no DBC names, a
 * deadband in the wrong unit) is found here, so that `check` needs neither broker nor bus. Const
 * once made.
 */
#ifndef EDGE_GATEWAY_APP_PLAN_H
#define EDGE_GATEWAY_APP_PLAN_H

#include "common/attributes.h"
#include "common/config.h"
#include "common/diagnostics.h"
#include "edge-gateway/app/alarm_plan.h"
#include "edge-gateway/app/gateway_config.h"
#include "edge-gateway/command/command.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/policy/policy.h"

struct message_plan {
    const struct dbc_message *message;
    enum policy_mode mode;
    enum message_layout layout;
    enum message_delivery delivery;
    enum store_priority priority;
    int64_t min_interval_us;
    int64_t max_interval_us;
    int64_t stale_after_us;              /* 0 = never */
    int64_t silent_after_us;             /* without a frame; 0 = never */
    double *deadbands;                   /* one per signal */
    size_t branch_count;                 /* multiplexor values to keep apart, at least 1 */
    size_t payload_max;                  /* bytes of a reading, with its NUL */
    const struct message_config *config; /* NULL where the configuration does not name it */
};

struct bus_plan {
    const struct bus_config *config;
    struct dbc_database *database;
    struct message_plan *messages;   /* by dbc_message.index */
    enum store_priority *priorities; /* theirs, by the same index */
    size_t message_count;
    struct command_rule *commands; /* the allow-list */
    size_t command_count;
};

struct gateway_plan {
    const struct gateway_config *config; /* borrowed */
    struct bus_plan *buses;              /* as in config->buses */
    struct alarm_plan alarms;
};

/* Reads the DBC files and joins. 0; -EINVAL with everything that is wrong in `d`; -ENOMEM. `config`
 * is borrowed and must outlive the plan. */
EDGE_MUST_CHECK int plan_new(const struct config *config, struct diagnostics *d,
                             struct gateway_plan **ret);
void plan_free(struct gateway_plan *plan);

#endif
