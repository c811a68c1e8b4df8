/*
 * automation.yaml as const structs; the tables in node_config.c are what is checked.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_CONFIG_H
#define EDGE_AUTOMATION_NODE_APP_NODE_CONFIG_H

#include "automation-node/app/alarm_config.h"
#include "automation-node/app/controller_config.h"
#include "automation-node/app/device_config.h"
#include "automation-node/app/rule_config.h"
#include "automation-node/app/standby_config.h"
#include "common/broker_config.h"
#include "common/config.h"
#include "common/home_assistant_config.h"
#include "common/log_config.h"
#include "common/metrics_config.h"

struct time_config {
    const char *zone;        /* NULL = the machine's */
    const double *latitude;  /* degrees, north positive; NULL = not known, as longitude */
    const double *longitude; /* degrees, east positive */
    int64_t wait_for_sync_us;
};

/* Of these devices at most one is on. */
struct interlock_config {
    const char *name;
    const char *const *devices;
    size_t device_count;
    int64_t dead_time_us;
};

struct store_config {
    bool enabled;
    const char *file;
    int64_t history; /* decisions that are kept */
};

struct node_config {
    const char *site;
    const char *node;
    struct broker_config broker;
    struct log_config log;
    struct home_assistant_config home_assistant;
    int64_t metrics_interval_us;
    struct metrics_config metrics;
    const struct standby_config *standby; /* NULL: in no group */
    struct time_config time;
    struct store_config store;
    const struct config_named_string *conditions; /* named expressions */
    size_t condition_count;
    const struct input_config *inputs;
    size_t input_count;
    const struct device_config *devices;
    size_t device_count;
    const struct thermostat_config *thermostats;
    size_t thermostat_count;
    const struct controller_config *controllers;
    size_t controller_count;
    const struct climate_config *climates;
    size_t climate_count;
    const struct interlock_config *interlocks;
    size_t interlock_count;
    const struct alarm_config *alarms;
    size_t alarm_count;
    const struct scene_config *scenes;
    size_t scene_count;
    const struct schedule_config *schedules;
    size_t schedule_count;
    const struct rule_config *rules;
    size_t rule_count;
};

/* The schema of the whole file; its root is a struct node_config. */
extern const struct config_section node_config_schema;

#endif
