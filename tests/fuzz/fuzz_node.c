/*
 * Any messages as what a broker delivers to an automation node of a group: readings, wishes, topics
 * of other projects, questions, peers, and what the leader remembers. It goes on, and what it
 * publishes is well formed, and on topics that are its own. The input: dispatch.h; before it, a
 * byte: 1: the node leads when the messages begin. (Its database is never there: it tries on.)
 */
#include "automation-node/app/node.h"
#include "common/build_facts.h"
#include "tests/fuzz/dispatch.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/node_plan.h"
#include "topics/topic.h"

#define PREFIX  "edge"
#define LEAD_US (5 * US_PER_S) /* until it has found that nobody else does */

static const char configuration[] =
    "site: s\n"
    "node: auto1\n"
    "broker: { address: 127.0.0.1, ledger: /nonexistent/topics, limits: { payload: 2KiB, wishes: "
    "30, wishes_per_topic: 10, requests: 10 } }\n"
    "home_assistant: { enabled: yes }\n"
    "metrics_interval: 5s\n"
    "store: { file: /nonexistent/automation.db }\n"
    "standby: { group: g, rank: 2, takeover_after: 1s }\n"
    "time: { zone: Europe/Berlin, latitude: 52.5, longitude: 13.4, wait_for_sync: 0s }\n"
    "inputs:\n"
    "  a: { gateway: gw1, signal: can0/M/A, unit: °C }\n"
    "  door: { gateway: gw1, signal: can0/M/Door, labels: [Open, Closed], stale_after: 1min }\n"
    "  far: { topic: zig/sensor, field: temperature, unit: °C,\n"
    "         availability: { topic: zig/sensor/availability, field: state } }\n"
    "  deep: { topic: tele/SENSOR, field: /S/T, unit: °C, stale_after: 1min }\n"
    "  plain: { topic: weather/rain, stale_after: 0s }\n"
    "  mean: { derive: mean, of: [a, far] }\n"
    "  on_for: { derive: time_in_state, of: heater, state: \"ON\", over: 10min }\n"
    "devices:\n"
    "  heater: { gateway: gw1, command: can0/HC/Heater, feedback: can0/Act/Heater, values: { "
    "\"ON\": \"On\", \"OFF\": \"Off\" },\n"
    "            fail_safe: \"OFF\", rest: \"OFF\", min_on: 2s, confirm_within: 1s, retries: 1 }\n"
    "  fan: { driver: mqtt, preset: zigbee2mqtt, topic: zig/fan, fail_safe: \"OFF\", rest: \"OFF\" "
    "}\n"
    "  lamp: { driver: mqtt, preset: tasmota, topic: lamp, rest: \"OFF\" }\n"
    "  dim: { driver: mqtt, command_topic: dim/set, state_topic: dim/state, state_field: v, range: "
    "{ min: 0, max: 254 }, tolerance: 2, rest: 0 }\n"
    "  vent: { driver: simulated, range: { min: 0, max: 100 }, fail_safe: 0 }\n"
    "interlocks:\n"
    "  pair: { devices: [fan, lamp], dead_time: 1s }\n"
    "thermostats:\n"
    "  air: { input: a, device: heater, setpoint: 21 °C, hysteresis: 1 °C, presets: { night: 17 °C "
    "} }\n"
    "controllers:\n"
    "  flow: { input: mean, device: vent, setpoint: 22 °C, kp: 2, ki: 0.01, period: 2s }\n"
    "schedules:\n"
    "  day: { device: lamp, blocks: [{ from: \"06:00\", to: \"22:00\", value: \"ON\" }], "
    "otherwise: "
    "\"OFF\" }\n"
    "rules:\n"
    "  hot: { while: mean > 25 °C hysteresis 1 °C for 1s, device: fan, value: \"ON\" }\n"
    "  opened: { when: door is Open, mode: queued, max: 2, do: [{ publish: other/log, payload: "
    "opened }, { set: dim, value: 200, for: 5s }, { delay: 2s }] }\n"
    "  alarmed: { when: door changed, do: [{ alarm: { raise: open, text: open } }, { delay: 2s }, "
    "{ "
    "alarm: { clear: open } }] }\n"
    "  button: { messages: [{ topic: zig/button, field: action, payload: single }], mode: restart, "
    "do: [{ set: fan, value: \"ON\", for: 3s }] }\n"
    "alarms:\n"
    "  open: { latch: yes }\n";

static struct config *config;
static struct node_plan *plan;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_node_plan(configuration, &config, &plan);
    return 0;
}

/* Its own topics, those of the devices it drives, and answers to where nobody else is. */
static bool may_publish(const char *text)
{
    struct topic_parsed topic;
    if (topic_parse(PREFIX, text, &topic) < 0) {
        return strncmp(text, PREFIX "/", strlen(PREFIX) + 1) != 0;
    }
    if (topic.kind == TOPIC_MESSAGE_SET) {
        return strcmp(text, PREFIX "/s/gw1/can/can0/HC/set") == 0;
    }
    bool is_own = strcmp(topic.site, "s") == 0 && strcmp(topic.node, "auto1") == 0;
    return topic.kind == TOPIC_ANSWER || topic.kind == TOPIC_DEVICE_STATE ||
           (is_own && topic.kind != TOPIC_REQUEST && !topic_is_wish(topic.kind));
}

static const struct build_facts no_facts = {"0", "", "a compiler", "a processor", "", "", "0"};

struct world {
    struct node *node;
    bool reload; /* was asked for */
    bool turn;
};

static void on_reload(void *context)
{
    struct world *world = context;
    world->reload = true;
}

static void on_turn(void *context)
{
    struct world *world = context;
    world->turn = true;
}

static void between(void *context)
{
    struct world *world = context;
    char reason[NODE_ERROR_SIZE];
    if (world->turn) {
        world->turn = false;
        require(node_turn(&world->node, reason) == 0);
    }
    if (world->reload) { /* as it is: that every part hands over what it has is the point */
        world->reload = false;
        require(node_replace(&world->node, config, plan, reason) == 0);
        node_answer_reload(world->node, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.node = NULL};
    struct dispatch d = {.may_publish = may_publish, .between = between, .context = &world};
    if (size == 0) {
        return 0;
    }
    dispatch_begin(&d);
    require(node_new(d.loop, config, plan, &world.node) == 0);
    node_know_build(world.node, &no_facts);
    node_on_reload(world.node, on_reload, &world);
    node_on_turn(world.node, on_turn, &world);
    node_start(world.node);
    if ((data[0] & 1) != 0) {
        fake_link_acknowledge(fake_link_get());
        dispatch_pass(&d, LEAD_US);
    }
    dispatch_run(&d, data + 1, size - 1);
    require(node_stuck_part(world.node) == NULL);
    node_stop(world.node);
    node_free(world.node);
    dispatch_end(&d);
    return 0;
}
