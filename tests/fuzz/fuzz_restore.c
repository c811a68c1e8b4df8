/*
 * Any text as what an engine remembers: whatever a disk holds, the engine that goes on with it
 * works. Devices are told what their configuration allows, of an interlock no two are told to be
 * on, time goes forward, and what the engine then remembers is taken by the next one as it is.
 *
 * The first byte says how the engine ended; each line after it is one record: KIND ID JSON.
 */
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/engine/engine_snapshot.h"
#include "automation-node/expression/expression.h"
#include "automation-node/input/deadline.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/node_plan.h"

#include <math.h>

#define SECOND_US   INT64_C(1000000)
#define NOW_US      (5000 * SECOND_US)
#define WALL_US     INT64_C(1795423160000000)
#define RECORDS_MAX 64
#define STEPS       12
#define TICKS_MAX   2000 /* within a step */

static const char configuration[] =
    "site: s\n"
    "node: n\n"
    "broker: { address: 127.0.0.1 }\n"
    "time: { zone: Europe/Berlin, latitude: 52.5, longitude: 13.4 }\n"
    "inputs:\n"
    "  a: { gateway: g, signal: c/M/A, unit: °C, stale_after: 20s }\n"
    "  b: { gateway: g, signal: c/M/B, unit: °C, stale_after: 20s }\n"
    "  button: { gateway: g, signal: c/M/Button, stale_after: 0s }\n"
    "  mean: { derive: mean, of: [a, b] }\n"
    "  slope: { derive: rate, of: a, over: 2min }\n"
    "  worked: { derive: time_in_state, of: x, state: \"ON\", over: 10min }\n"
    "  pressed: { derive: time_in_state, of: button, state: down }\n"
    "devices:\n"
    "  x: { gateway: g, command: c/X/X, feedback: c/S/X, values: { \"ON\": \"On\", \"OFF\": "
    "\"Off\" },\n"
    "       fail_safe: \"OFF\", rest: \"OFF\", min_on: 3s, min_off: 2s, max_on: 5min, pause: 10s "
    "}\n"
    "  y: { gateway: g, command: c/Y/Y, feedback: c/S/Y, values: { \"ON\": \"On\", \"OFF\": "
    "\"Off\" },\n"
    "       fail_safe: \"OFF\", rest: \"OFF\" }\n"
    "  z: { gateway: g, command: c/Z/Z, values: { \"ON\": \"On\", \"OFF\": \"Off\" }, fail_safe: "
    "\"OFF\" }\n"
    "  fan: { gateway: g, command: c/F/F, range: { min: 0, max: 100 }, fail_safe: 0 }\n"
    "interlocks:\n"
    "  pair: { devices: [x, y], dead_time: 4s }\n"
    "thermostats:\n"
    "  heat: { input: a, device: x, mode: heat, setpoint: 20 °C, hysteresis: 1 °C }\n"
    "controllers:\n"
    "  vent: { input: b, device: fan, setpoint: 22 °C, kp: 2, ki: 0.01, period: 10s }\n"
    "schedules:\n"
    "  day: { device: z, blocks: [{ from: \"06:00\", to: \"22:00\", value: \"ON\" }], otherwise: "
    "\"OFF\" }\n"
    "rules:\n"
    "  hot: { while: mean > 25 °C hysteresis 2 °C for 5s, device: y, value: \"ON\" }\n"
    "  often: { while: worked > 60s or slope > 10 °C/h, device: z, value: \"OFF\" }\n"
    "  push:\n"
    "    when: button changed or pressed > 3s\n"
    "    mode: queued\n"
    "    max: 3\n"
    "    do: [{ set: y, value: \"ON\", for: 8s }, { delay: 4s }, { wait: a > 15 °C, timeout: 20s "
    "}, { release: y }]\n"
    "  clock: { every: 31s, do: [{ set: z, value: \"ON\" }, { delay: 3s }, { set: z, value: "
    "\"OFF\" }] }\n";

enum {
    DEVICE_X,
    DEVICE_Y
};

struct records {
    struct engine_record records[RECORDS_MAX];
    size_t count;
};

static struct config *config;
static struct node_plan *plan;
static struct records known; /* how the engine defines each thing */

/* ---- records ---- */

static void free_records(struct records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        free((char *)records->records[i].kind);
        free((char *)records->records[i].id);
        free((char *)records->records[i].data);
    }
    records->count = 0;
}

/* All that the engine remembers. */
static void take_records(struct engine *engine, struct records *ret)
{
    struct buf text;
    struct engine_record record;
    buf_init(&text, ENGINE_RECORD_MAX_BYTES);
    engine_note_all_records(engine);
    ret->count = 0;
    while (engine_take_record(engine, true, &text, &record)) {
        require(ret->count < RECORDS_MAX);
        ret->records[ret->count++] =
            (struct engine_record){.kind = fuzz_text(record.kind, strlen(record.kind)),
                                   .id = fuzz_text(record.id, strlen(record.id)),
                                   .definition = record.definition,
                                   .data = fuzz_text(record.data, record.length),
                                   .length = record.length};
    }
    buf_deinit(&text);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_node_plan(configuration, &config, &plan);
    struct engine *engine;
    require(engine_new(&plan->engine, NOW_US, &engine) == 0);
    take_records(engine, &known);
    engine_free(engine);
    return 0;
}

/* As the engine defines that thing; 0 if it has none of the name. */
static uint64_t definition_of(const char *kind, const char *id)
{
    for (size_t i = 0; i < known.count; i++) {
        if (strcmp(known.records[i].kind, kind) == 0 && strcmp(known.records[i].id, id) == 0) {
            return known.records[i].definition;
        }
    }
    return 0;
}

static void read_records(char *text, struct records *ret)
{
    char *state;
    for (char *line = strtok_r(text, "\n", &state); line != NULL && ret->count < RECORDS_MAX;
         line = strtok_r(NULL, "\n", &state)) {
        char *id = strchr(line, ' ');
        char *data = id != NULL ? strchr(id + 1, ' ') : NULL;
        if (data == NULL) {
            continue;
        }
        *id++ = '\0';
        *data++ = '\0';
        ret->records[ret->count++] = (struct engine_record){.kind = fuzz_text(line, strlen(line)),
                                                            .id = fuzz_text(id, strlen(id)),
                                                            .definition = definition_of(line, id),
                                                            .data = fuzz_text(data, strlen(data)),
                                                            .length = strlen(data)};
    }
}

static struct engine *resume(const struct records *records, struct engine_memory *memory)
{
    struct engine *engine;
    struct engine_options options = plan->engine;
    memory->records = records->records;
    memory->count = records->count;
    memory->integral_max_us = 3600 * SECOND_US;
    options.memory = memory;
    require(engine_new(&options, NOW_US, &engine) == 0);
    return engine;
}

/* ---- life ---- */

static bool decides_on(const struct engine *engine, size_t device)
{
    return strcmp(engine_decision(engine, device)->value.text, "ON") == 0;
}

static void carry_out(struct engine *engine)
{
    struct engine_output output;
    while (engine_take(engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            const struct domain *domain = &plan->engine.devices[output.device].device.domain;
            require(domain_check(domain, &output.command.value) == REFUSAL_NONE);
            require(output.command.attempt >= 1);
        } else if (output.kind == ENGINE_CONTROLLER_STATE) {
            require(isfinite(output.controller_state.setpoint));
        }
    }
    require(!(decides_on(engine, DEVICE_X) && decides_on(engine, DEVICE_Y)));
}

static void pass_time(struct engine *engine, int64_t *now_us, int64_t span_us)
{
    int64_t end_us = *now_us + span_us;
    size_t ticks = 0;
    for (int64_t due_us; (due_us = engine_next_deadline(engine)) <= end_us;) {
        *now_us = due_us > *now_us ? due_us : *now_us;
        engine_tick(engine, *now_us);
        carry_out(engine);
        require(engine_next_deadline(engine) > *now_us);
        require(ticks++ < TICKS_MAX);
    }
    *now_us = end_us;
}

static void live(struct engine *engine)
{
    int64_t now_us = NOW_US;
    carry_out(engine);
    for (int i = 0; i < STEPS; i++) {
        struct reading reading = {.value = value_number(10 + i % 20), .quality = QUALITY_GOOD};
        if (i % 3 == 2) {
            require(value_text(i % 2 == 0 ? "down" : "up", i % 2 == 0 ? 4 : 2, &reading.value) ==
                    0);
        }
        engine_input(engine, (size_t)i % 3, &reading, now_us);
        carry_out(engine);
        pass_time(engine, &now_us, (i % 7) * SECOND_US);
    }
    engine_set_clock(engine, WALL_US + now_us - NOW_US + 60 * SECOND_US, now_us);
    carry_out(engine);
    pass_time(engine, &now_us, 20 * SECOND_US);
}

/* A reload changes nothing of what is remembered. */
static void check_again(struct engine *engine)
{
    struct records first;
    struct records second;
    struct engine_memory memory = {.alive_us = WALL_US, .wall_us = WALL_US, .complete = true};
    take_records(engine, &first);
    struct engine *again = resume(&first, &memory);
    struct engine_output output;
    while (engine_take(again, &output)) {
    }
    take_records(again, &second);
    require(second.count == first.count);
    engine_free(again);
    free_records(&second);
    free_records(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct records records = {.count = 0};
    struct engine *engine;
    if (size == 0) {
        return 0;
    }
    char *text = fuzz_text(data + 1, size - 1);
    read_records(text, &records);
    struct engine_memory memory = {.after_stop = (data[0] & 1) != 0,
                                   .complete = (data[0] & 2) != 0,
                                   .alive_us = WALL_US - (data[0] >> 4) * 10 * SECOND_US,
                                   .wall_us = (data[0] & 4) != 0 ? WALL_US : EXPRESSION_NO_CLOCK};
    engine = resume(&records, &memory);
    check_again(engine);
    live(engine);
    engine_free(engine);
    free(text);
    free_records(&records);
    return 0;
}
