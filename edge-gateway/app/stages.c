#include "edge-gateway/app/stages.h"

#include "common/log.h"
#include "edge-gateway/app/dash_cam_setup.h"
#include "edge-gateway/app/discovery_publish.h"
#include "edge-gateway/app/gateway_bus.h"
#include "edge-gateway/app/gateway_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct mqtt_link *link_of(const struct stages *s)
{
    return mqtt_node_link(s->gateway->node);
}

/* ---- what arrives ----------------------------------------------------------------------- */

void stages_on_message(struct stages *stages, const struct mqtt_received *message)
{
    struct stages *s = stages;
    if ((s->home != NULL && home_assistant_on_message(s->home, message)) ||
        requests_on_message(s->requests, message) ||
        alarm_wishes_on_message(&s->alarm_wishes, message)) {
        return;
    }
    (void)actuations_on_message(s->actuations, message); /* only its topics are left */
}

/* Alarms first, then answers, since somebody waits for them. */
void stages_go_on(struct stages *stages)
{
    alarms_go_on(stages->alarms);
    requests_go_on(stages->requests);
}

/* ---- beginning and end ------------------------------------------------------------------ */

static int new_alarms(struct stages *s)
{
    const struct alarms_options options = {
        .plan = s->plan,
        .environment = &s->environment,
        .link = link_of(s),
        .dash_cam = s->dash_cam,
    };
    int r = alarms_new(&options, &s->alarms);
    if (r < 0) {
        return r;
    }
    alarm_wishes_init(&s->alarm_wishes, s->alarms, &s->environment, link_of(s));
    if (s->environment.log != NULL) {
        size_t alarm = s->plan->alarms.frame_log;
        alarms_tell(s->alarms, alarm, false, NULL); /* it may have been active before a restart */
        events_use_log(s->gateway->events, s->environment.log, s->alarms, alarm);
    }
    return 0;
}

static int open_buses(struct stages *s)
{
    s->buses = calloc(s->plan->config->bus_count, sizeof(struct gateway_bus));
    int r = s->buses != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < s->plan->config->bus_count; i++) {
        s->buses[i] = (struct gateway_bus){.stages = s, .index = i};
        r = gateway_bus_open(&s->buses[i]);
    }
    return r;
}

static int open_actuations(struct stages *s)
{
    const struct actuations_options options = {.plan = s->plan,
                                               .environment = &s->environment,
                                               .link = link_of(s),
                                               .send = gateway_bus_send,
                                               .context = s};
    int r = actuations_new(&options, &s->actuations);
    return r == 0 ? actuations_subscribe(s->actuations) : r;
}

static int open_requests(struct stages *s)
{
    const struct requests_options options = {
        .plan = s->plan,
        .environment = &s->environment,
        .link = link_of(s),
        .dash_cam = s->dash_cam,
        .alarms = s->alarms,
    };
    int r = requests_new(&options, &s->requests);
    return r == 0 ? requests_subscribe(s->requests) : r;
}

/* Topics in the order in which they are told after a reconnect: readings before alarms. */
static int new_parts(struct stages *s)
{
    struct gateway *g = s->gateway;
    int r = dash_cam_setup(s->plan, g->loop, g->events, &s->dash_cam);
    r = r < 0 ? r : discovery_publish_new(s->plan, &s->environment, link_of(s), &s->home);
    r = r < 0 ? r : new_alarms(s);
    r = r < 0 ? r : announcer_new(s->plan, &s->environment, &s->announcer);
    r = r < 0 ? r : open_buses(s);
    r = r < 0 ? r : alarms_open(s->alarms);
    r = r < 0 ? r : alarm_wishes_subscribe(&s->alarm_wishes);
    r = r < 0 ? r : open_actuations(s);
    return r < 0 ? r : open_requests(s);
}

int stages_new(struct gateway *gateway, const struct config *config_file,
               const struct gateway_plan *plan, const struct environment *environment,
               struct stages **ret)
{
    struct stages *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return -ENOMEM;
    }
    s->gateway = gateway;
    s->config_file = config_file;
    s->plan = plan;
    s->environment = *environment;
    int r = new_parts(s);
    if (r < 0) {
        stages_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

void stages_free(struct stages *stages)
{
    struct stages *s = stages;
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; s->buses != NULL && i < s->plan->config->bus_count; i++) {
        gateway_bus_close(&s->buses[i]);
    }
    dash_cam_free(s->dash_cam);
    requests_free(s->requests);
    alarms_free(s->alarms);
    actuations_free(s->actuations);
    announcer_free(s->announcer);
    home_assistant_free(s->home);
    free(s->buses);
    free(s);
}

void stages_announce(struct stages *stages)
{
    announce_info(stages->announcer, config_hash(stages->config_file));
}

int stages_start(struct stages *stages)
{
    struct stages *s = stages;
    stages_announce(s);
    int r = announce_catalog(s->announcer);
    if (r < 0) {
        log_error("gateway", "the catalog is too large to publish: %s", strerror(-r));
    }
    for (size_t i = 0; i < s->plan->config->bus_count; i++) {
        r = gateway_bus_start(&s->buses[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}
