#include "tests/fuzz/gateway_dispatch.h"

#include "common/build_facts.h"
#include "edge-gateway/app/gateway.h"
#include "edge-gateway/app/plan.h"
#include "tests/fuzz/dispatch.h"
#include "tests/fuzz/fuzz.h"
#include "topics/topic.h"

#define PREFIX "edge"

/* No ledger: its file would be written for each input. */
static const char base[] =
    "site: s\n"
    "node: gw1\n"
    "broker: { address: 127.0.0.1, ledger: /nonexistent/topics, limits: { payload: 2KiB, wishes: "
    "30, wishes_per_topic: 10, requests: 10 } }\n"
    "home_assistant: { enabled: yes }\n"
    "metrics_interval: 5s\n"
    "buses:\n"
    "  can0:\n"
    "    driver: simulate\n"
    "    dbc: " SOURCE_DIR "/examples/greenhouse.dbc\n"
    "    defaults: { min_interval: 500ms, max_interval: 10s }\n"
    "    messages:\n"
    "      Climate: { layout: signal }\n"
    "    commands:\n"
    "      HeaterCommand: {}\n"
    "      VentCommand: { signals: [Position], min_interval: 100ms }\n"
    "      PumpCommand: { ttl: 2s }\n"
    "alarms:\n"
    "  warm: { signal: can0/Climate/Temperature, high: -40 °C, text: warm, shelve_max: 1h }\n"
    "  dry: { when: can0/Actuators/Pump == 'Running' and can0/Actuators/PumpFlow < 0.5 l/min,\n"
    "         on_delay: 1s, priority: 1, latch: yes, text: dry }\n";

struct configuration *gateway_dispatch_load(const char *more)
{
    struct buf text;
    struct loaded loaded = {0};
    struct prepared prepared = {0};
    struct configuration *configuration;
    struct diagnostics *d = diagnostics_new(0);
    buf_init(&text, 64 * 1024);
    buf_printf(&text, "%s%s", base, more);
    const struct config_text file = {"gateway.yaml", text.data, text.length};
    require(buf_ok(&text) && d != NULL);
    if (config_load_text(&file, &gateway_config_schema, d, &loaded.config) != 0 ||
        plan_new(loaded.config, d, &loaded.plan) != 0) {
        for (size_t i = 0; i < diagnostics_kept(d); i++) {
            (void)fprintf(stderr, "%u: %s\n", diagnostics_at(d, i)->line,
                          diagnostics_at(d, i)->message);
        }
        abort();
    }
    require(configuration_new(&loaded, &prepared, &configuration) == 0);
    diagnostics_free(d);
    buf_deinit(&text);
    return configuration;
}

/* What is announced once is made anew for the next gateway, or reload. */
static void prepare(struct configuration *configuration)
{
    prepared_deinit(&configuration->prepared);
    require(prepared_make(configuration->loaded.plan, DISPATCH_WALL_US, &configuration->prepared) ==
            0);
}

/* Its own topics, and answers to where nobody else is: never what another node says. */
static bool may_publish(const char *text)
{
    struct topic_parsed topic;
    if (topic_parse(PREFIX, text, &topic) < 0) {
        return strncmp(text, PREFIX "/", strlen(PREFIX) + 1) != 0;
    }
    bool is_own = strcmp(topic.site, "s") == 0 && strcmp(topic.node, "gw1") == 0;
    return topic.kind == TOPIC_ANSWER || (is_own && topic.kind != TOPIC_REQUEST &&
                                          topic.kind != TOPIC_ACK && !topic_is_wish(topic.kind));
}

static const struct build_facts no_facts = {"0", "", "a compiler", "a processor", "", "", "0"};

struct world {
    struct gateway *gateway;
    struct configuration *configuration;
    bool reload; /* was asked for */
};

static void on_reload(void *context)
{
    struct world *world = context;
    world->reload = true;
}

/* As it is: that every part hands over what it has is the point. */
static void reload(struct world *world)
{
    struct reload_outcome outcome = {.error = NULL};
    struct buf error;
    buf_init(&error, RELOAD_ERROR_BYTES);
    prepare(world->configuration);
    require(gateway_replace(world->gateway, world->configuration, &error) == 0);
    buf_deinit(&error);
    gateway_answer_reload(world->gateway, &outcome);
}

static void between(void *context)
{
    struct world *world = context;
    if (world->reload) {
        world->reload = false;
        reload(world);
    }
}

void gateway_dispatch(struct configuration *configuration, const uint8_t *data, size_t size)
{
    struct world world = {.configuration = configuration};
    struct dispatch d = {.may_publish = may_publish, .between = between, .context = &world};
    dispatch_begin(&d);
    prepare(configuration);
    require(gateway_new(d.loop, configuration, &world.gateway) == 0);
    gateway_know_build(world.gateway, &no_facts);
    gateway_on_reload(world.gateway, on_reload, &world);
    require(gateway_start(world.gateway) == 0);
    dispatch_run(&d, data, size);
    require(gateway_stuck_part(world.gateway) == NULL);
    gateway_stop(world.gateway);
    gateway_free(world.gateway);
    dispatch_end(&d);
}
