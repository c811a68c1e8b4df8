#include "edge-gateway/app/stages.h"

#include "common/log.h"
#include "edge-gateway/app/catalog.h"
#include "edge-gateway/app/configuration.h"
#include "edge-gateway/app/dash_cam_setup.h"
#include "edge-gateway/app/discovery_publish.h"
#include "edge-gateway/app/gateway_bus.h"
#include "edge-gateway/app/gateway_impl.h"
#include "edge-gateway/app/metrics.h"

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
        alarm_wishes_on_message(&s->alarm_wishes, message)) {
        return;
    }
    (void)actuations_on_message(s->actuations, message); /* only its topics are left */
}

/* ---- beginning and end ------------------------------------------------------------------ */

static int new_dash_cam(struct stages *s, const struct stages *from)
{
    if (from == NULL) {
        return dash_cam_setup(s->plan, s->gateway->loop, s->gateway->events, &s->dash_cam);
    }
    s->keeps_dash_cam = dash_cam_setup_suits(from->dash_cam, s->plan);
    return 0; /* one that is there has the files */
}

/* Whether the frame log works is told by it. */
static void use_log(struct stages *s)
{
    if (s->environment.log != NULL) {
        events_use_log(s->gateway->events, s->environment.log, s->alarms,
                       s->plan->alarms.frame_log);
    }
}

static int new_alarms(struct stages *s, const struct stages *from)
{
    const struct alarms_options options = {
        .plan = s->plan,
        .environment = &s->environment,
        .link = link_of(s),
        .dash_cam = s->dash_cam,
        .from = from != NULL ? from->alarms : NULL,
    };
    int r = alarms_new(&options, &s->alarms);
    if (r < 0) {
        return r;
    }
    alarm_wishes_init(&s->alarm_wishes, s->alarms, &s->environment, link_of(s));
    if (from == NULL && s->environment.log != NULL) {
        /* It may have been active before a restart. */
        alarms_tell(s->alarms, s->plan->alarms.frame_log, false, NULL);
        use_log(s); /* so that the start is in the log, too */
    }
    return 0;
}

static struct gateway_bus *find_bus(const struct stages *s, const char *name)
{
    for (size_t i = 0; i < s->plan->config->bus_count; i++) {
        if (strcmp(s->plan->config->buses[i].name, name) == 0) {
            return &s->buses[i];
        }
    }
    return NULL;
}

static int open_buses(struct stages *s, const struct stages *from)
{
    s->buses = calloc(s->plan->config->bus_count, sizeof(struct gateway_bus));
    int r = s->buses != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < s->plan->config->bus_count; i++) {
        const char *name = s->plan->config->buses[i].name;
        s->buses[i] = (struct gateway_bus){.stages = s, .index = i};
        r = gateway_bus_open(&s->buses[i], from != NULL ? find_bus(from, name) : NULL);
    }
    return r;
}

static int new_actuations(struct stages *s, const struct stages *from)
{
    const struct actuations_options options = {.plan = s->plan,
                                               .environment = &s->environment,
                                               .link = link_of(s),
                                               .send = gateway_bus_send,
                                               .context = s,
                                               .follows = from != NULL};
    return actuations_new(&options, &s->actuations);
}

static int new_room(struct stages *s)
{
    const struct request_room_options options = {
        .plan = s->plan,
        .configuration = s->configuration,
        .has_log = s->environment.log != NULL,
        .dash_cam = s->dash_cam,
        .alarms = s->alarms,
    };
    return request_room_new(&options, &s->room);
}

/* Topics in the order in which they are told after a reconnect: readings before alarms. */
static int new_parts(struct stages *s, const struct stages *from)
{
    const struct prepared *prepared = &s->configuration->prepared;
    int r = new_dash_cam(s, from);
    r = r < 0 ? r : discovery_publish_new(s->plan, prepared, &s->environment, &s->home);
    r = r < 0 ? r : new_alarms(s, from);
    r = r < 0 ? r : announcer_new(s->plan, prepared->started_us, &s->environment, &s->announcer);
    r = r < 0 ? r : open_buses(s, from);
    r = r < 0 ? r : alarms_open(s->alarms);
    r = r < 0 ? r : new_actuations(s, from);
    return r < 0 ? r : new_room(s);
}

int stages_new(struct gateway *gateway, struct configuration *configuration,
               const struct environment *environment, const struct stages *from,
               struct stages **ret)
{
    struct stages *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return -ENOMEM;
    }
    s->gateway = gateway;
    s->configuration = configuration_hold(configuration);
    s->plan = configuration->loaded.plan;
    s->environment = *environment;
    int r = new_parts(s, from);
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
    request_room_release(s->room);
    alarms_free(s->alarms);
    actuations_free(s->actuations);
    announcer_free(s->announcer);
    home_assistant_free(s->home);
    free(s->buses);
    configuration_release(s->configuration);
    free(s);
}

/* ---- the start -------------------------------------------------------------------------- */

void stages_announce(struct stages *stages)
{
    announce_info(stages->announcer, config_hash(stages->configuration->loaded.config));
}

/* Where it is news. From now on the queue has what was prepared. */
static void announce_catalog_of(struct stages *s)
{
    struct prepared *prepared = &s->configuration->prepared;
    if (prepared->catalog != NULL) {
        announce_catalog(s->announcer, prepared->catalog, prepared->catalog_length);
    } else {
        log_error("gateway", "the catalog is too large to publish: more than %d bytes",
                  CATALOG_MAX_BYTES);
    }
    prepared_deinit(prepared);
}

static int start_buses(struct stages *s)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < s->plan->config->bus_count; i++) {
        r = gateway_bus_start(&s->buses[i]);
    }
    return r;
}

static int subscribe(struct stages *s)
{
    int r = discovery_publish_subscribe(s->home, link_of(s));
    r = r < 0 ? r : alarm_wishes_subscribe(&s->alarm_wishes);
    return r < 0 ? r : actuations_subscribe(s->actuations);
}

int stages_start(struct stages *stages)
{
    struct stages *s = stages;
    int r = subscribe(s);
    if (r < 0) {
        return r;
    }
    alarms_start(s->alarms);
    stages_announce(s);
    announce_catalog_of(s);
    return start_buses(s);
}

/* ---- another configuration -------------------------------------------------------------- */

/* What a bus that is gone has counted stays part of the sum. */
static void leave_bus(struct stages *s, struct gateway_bus *from)
{
    pipeline_flush(from->pipeline);
    const struct pipeline_stats frames = pipeline_stats(from->pipeline);
    metrics_add_frames(&s->gateway->gone, &frames);
}

void stages_adopt(struct stages *stages, struct stages *from)
{
    struct stages *s = stages;
    for (size_t i = 0; i < from->plan->config->bus_count; i++) {
        struct gateway_bus *old = &from->buses[i];
        struct gateway_bus *bus = find_bus(s, from->plan->config->buses[i].name);
        if (bus != NULL) {
            gateway_bus_adopt(bus, old);
        } else {
            leave_bus(s, old);
        }
    }
    alarms_adopt(s->alarms, from->alarms);
    s->alarm_wishes.stats = from->alarm_wishes.stats;
    actuations_adopt(s->actuations, from->actuations);
    announcer_adopt(s->announcer, from->announcer);
}

static void adopt_dash_cam(struct stages *s, struct stages *from)
{
    if (s->keeps_dash_cam) {
        s->dash_cam = from->dash_cam;
    } else {
        dash_cam_free(from->dash_cam);
        int r = dash_cam_setup(s->plan, s->gateway->loop, s->gateway->events, &s->dash_cam);
        if (r < 0) {
            log_error("dash-cam", "none until the next reload: %s", strerror(-r));
        }
    }
    from->dash_cam = NULL;
    alarms_use_dash_cam(s->alarms, s->dash_cam);
    s->room->dash_cam = s->dash_cam;
}

/* To another birth topic, or to none any more. */
static void change_birth_topic(struct stages *s, const struct stages *from)
{
    const char *old = from->home != NULL ? home_assistant_birth_topic(from->home) : "";
    const char *topic = s->home != NULL ? home_assistant_birth_topic(s->home) : "";
    if (strcmp(old, topic) == 0) {
        return;
    }
    if (from->home != NULL) {
        mqtt_link_unsubscribe(link_of(s), old);
    }
    int r = discovery_publish_subscribe(s->home, link_of(s));
    if (r < 0) {
        log_error("home", "its status is not followed: %s", strerror(-r));
    }
}

/* The info says how far the log is acknowledged, too: that alone is no news. */
static void announce_news(struct stages *s, const struct stages *from)
{
    if (config_hash(s->configuration->loaded.config) !=
        config_hash(from->configuration->loaded.config)) {
        stages_announce(s);
    }
    announce_catalog_of(s);
}

void stages_adopt_rest(struct stages *stages, struct stages *from)
{
    struct stages *s = stages;
    adopt_dash_cam(s, from);
    change_birth_topic(s, from);
    use_log(s);
    alarms_start(s->alarms);
    announce_news(s, from);
    for (size_t i = 0; i < from->plan->config->bus_count; i++) {
        gateway_bus_close(&from->buses[i]); /* before another one of its interface is started */
        from->buses[i] = (struct gateway_bus){0};
    }
    if (start_buses(s) < 0) {
        log_error("gateway", "a bus could not be started: reload, or restart the gateway");
    }
}
