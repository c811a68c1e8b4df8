/*
 * The parts of a running gateway, for gateway*.c and stages.c alone. What lives for as long as the
 * gateway does (link, frame log, events, clock) is apart from what is made from a configuration
 * (struct stages), so that a reload makes new stages and leaves the rest alone.
 */
#ifndef EDGE_GATEWAY_APP_GATEWAY_IMPL_H
#define EDGE_GATEWAY_APP_GATEWAY_IMPL_H

#include "common/clock_watch.h"
#include "common/home_assistant.h"
#include "common/mqtt_node.h"
#include "common/standstill.h"
#include "edge-gateway/app/actuations.h"
#include "edge-gateway/app/alarm_wishes.h"
#include "edge-gateway/app/alarms.h"
#include "edge-gateway/app/announce.h"
#include "edge-gateway/app/backfill.h"
#include "edge-gateway/app/bus_health.h"
#include "edge-gateway/app/dash_cam.h"
#include "edge-gateway/app/events.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/app/gateway.h"
#include "edge-gateway/app/log_counters.h"
#include "edge-gateway/app/pipeline.h"
#include "edge-gateway/app/requests.h"
#include "edge-gateway/bus/bus.h"

#include <stddef.h>

struct stages;

/* One bus and what hangs on it. */
struct gateway_bus {
    struct stages *stages;
    size_t index;
    struct bus *bus;
    struct pipeline *pipeline;
    struct bus_health *health;
    bool adopts; /* the driver of the bus before it */
};

/* What is made from one configuration. */
struct stages {
    struct gateway *gateway;
    struct configuration *configuration; /* held */
    const struct gateway_plan *plan;     /* its own */
    struct environment environment;
    struct announcer *announcer;
    struct home_assistant *home; /* NULL: not enabled */
    struct dash_cam *dash_cam;   /* NULL: not enabled */
    bool keeps_dash_cam;         /* of the stages before */
    struct alarms *alarms;
    struct alarm_wishes alarm_wishes;
    struct request_room *room; /* until the requests have it */
    struct actuations *actuations;
    struct gateway_bus *buses; /* as in the configuration */
};

struct gateway {
    struct loop *loop;
    struct mqtt_node *node;
    struct events *events;
    struct frame_log *log; /* NULL: not enabled */
    struct backfill *backfill;
    struct clock_watch *clock;
    struct requests *requests;
    const struct build_facts *build; /* NULL: not known */
    void (*reload)(void *context);
    void *reload_context;
    int64_t started_us; /* of the wall clock */
    char *prefix;       /* of the topic tree; as the two below for as long as the gateway lives */
    char *site;
    char *name;
    struct pipeline_stats gone; /* of buses that the configuration has no more */
    struct timer metrics_timer;
    struct metrics_file *metrics_file;
    struct log_counters counters;
    struct timer counters_timer;
    struct standstill writer;
    struct stages *stages; /* NULL until all of them are there */
};

#endif
