/*
 * Complaints 14 and 15: an interlock lets two relays on when they are switched fast, skips its
 * wait, or turns off whoever it likes. Here three pumps in one group get random wishes, faults
 * (commands and feedbacks that are lost, pumps that are stuck) and restarts of the engine, over a
 * bus on which commands and feedbacks take their time. A restart remembers everything, something
 * older, or nothing; a reload, everything. What the pumps really do is judged: never are two on,
 * and none is told to start before the others have been off for the dead time.
 *
 * EDGE_TEST_RUNS: how many wishes, faults and restarts there shall be, 10,000 if nothing is said.
 */
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"
#include "common/parse.h"
#include "tests/scenario/random.h"
#include "tests/scenario/restart.h"
#include "tests/unit/engine_help.h"

#define PUMPS      3
#define RUNS       10000
#define DEAD_TIME  (5 * SECOND)
#define LATENCY_MS 800 /* of a command, and of a feedback, at most */
#define WAY_MAX    16  /* commands on their way to one pump */

struct command {
    bool on;
    int64_t arrives_us;
};

/* A pump as it is, whatever the engine believes. */
struct pump {
    bool on;
    int64_t off_since_us;
    bool stuck; /* does not obey */
    struct command way[WAY_MAX];
    size_t way_count;
};

struct plant {
    struct chance chance;
    struct engine *engine;
    struct engine_options options;
    struct pump pumps[PUMPS];
    int64_t now_us;
    struct tally {
        unsigned wishes;
        unsigned faults;
        unsigned restarts;
        unsigned starts;
        unsigned continued; /* restarts with a pump that may stay on */
    } tally;
    struct notebook book;
};

static void arrive(struct plant *plant, struct pump *pump)
{
    while (pump->way_count > 0 && pump->way[0].arrives_us <= plant->now_us) {
        bool on = pump->way[0].on;
        pump->way_count--;
        memmove(pump->way, pump->way + 1, pump->way_count * sizeof(pump->way[0]));
        if (pump->stuck || on == pump->on) {
            continue;
        }
        pump->on = on;
        pump->off_since_us = on ? DEADLINE_NONE : plant->now_us;
        plant->tally.starts += on ? 1 : 0;
    }
}

static void judge(const struct plant *plant)
{
    unsigned on = 0;
    for (size_t i = 0; i < PUMPS; i++) {
        on += plant->pumps[i].on ? 1 : 0;
    }
    assert_true(on <= 1);
}

/* All that is under way happens in its order. */
static void let_arrive(struct plant *plant)
{
    for (size_t i = 0; i < PUMPS; i++) {
        arrive(plant, &plant->pumps[i]);
    }
    judge(plant);
}

static void judge_start(const struct plant *plant, size_t starting)
{
    /* A feedback may be older than a command that is still on its way: twice the way is allowed. */
    int64_t enough_us = DEAD_TIME - 2 * LATENCY_MS * 1000;
    for (size_t i = 0; i < PUMPS; i++) {
        const struct pump *pump = &plant->pumps[i];
        assert_true(i == starting ||
                    (!pump->on && plant->now_us - pump->off_since_us >= enough_us));
    }
}

static void send(struct plant *plant, size_t index, bool on)
{
    struct pump *pump = &plant->pumps[index];
    if (on) {
        judge_start(plant, index);
    }
    if (chance_one_in(&plant->chance, 20) || pump->way_count == WAY_MAX) {
        plant->tally.faults++;
        return; /* lost */
    }
    int64_t arrives_us = plant->now_us + (int64_t)chance_below(&plant->chance, LATENCY_MS) * 1000;
    if (pump->way_count > 0 && arrives_us < pump->way[pump->way_count - 1].arrives_us) {
        arrives_us = pump->way[pump->way_count - 1].arrives_us;
    }
    pump->way[pump->way_count++] = (struct command){on, arrives_us};
}

static void carry_out(struct plant *plant)
{
    struct engine_output output;
    while (engine_take(plant->engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            send(plant, output.device, strcmp(output.command.value.text, "ON") == 0);
        }
    }
}

static bool engine_decides_on(const struct plant *plant)
{
    bool on = false;
    for (size_t i = 0; i < PUMPS; i++) {
        on = on || strcmp(engine_decision(plant->engine, i)->value.text, "ON") == 0;
    }
    return on;
}

/* The engine is killed and comes back later: with all that it knew, with what was written some time
 * ago, or with nothing. */
static void restart(struct plant *plant)
{
    uint64_t kind = chance_below(&plant->chance, 3);
    plant->tally.restarts++;
    if (kind == 0) {
        notebook_write(&plant->book, plant->engine, true, plant->now_us);
    } else if (kind == 1) {
        notebook_close(&plant->book);
    }
    engine_free(plant->engine);
    plant->book.complete = kind == 0;
    plant->now_us += (int64_t)chance_below(&plant->chance, 8000) * 1000;
    let_arrive(plant);
    plant->engine = notebook_resume(&plant->book, &plant->options, true,
                                    plant->now_us - plant->book.alive_us, plant->now_us);
    plant->tally.continued += engine_decides_on(plant) ? 1 : 0;
    carry_out(plant);
}

static void reload(struct plant *plant)
{
    struct notebook book = {0};
    plant->tally.restarts++;
    notebook_write(&book, plant->engine, true, plant->now_us);
    engine_free(plant->engine);
    plant->engine = notebook_resume(&book, &plant->options, false, 0, plant->now_us);
    notebook_close(&book);
    carry_out(plant);
}

static void pass_time(struct plant *plant)
{
    int64_t end_us = plant->now_us + (int64_t)chance_below(&plant->chance, 700) * 1000;
    for (int64_t due_us; (due_us = engine_next_deadline(plant->engine)) <= end_us;) {
        plant->now_us = due_us > plant->now_us ? due_us : plant->now_us;
        let_arrive(plant);
        engine_tick(plant->engine, plant->now_us);
        carry_out(plant);
    }
    plant->now_us = end_us;
    let_arrive(plant);
}

static void feed_back(struct plant *plant)
{
    size_t index = chance_below(&plant->chance, PUMPS);
    struct reading reading = good(label(plant->pumps[index].on ? "ON" : "OFF"), 1);
    if (chance_one_in(&plant->chance, 30)) {
        plant->tally.faults++;
        reading.quality = QUALITY_STALE;
    }
    engine_input(plant->engine, index, &reading, plant->now_us);
    carry_out(plant);
}

static void wish(struct plant *plant)
{
    struct wish wish = {.value = label(chance_one_in(&plant->chance, 3) ? "OFF" : "ON"),
                        .for_us = (int64_t)(1 + chance_below(&plant->chance, 20)) * SECOND};
    if (chance_one_in(&plant->chance, 4)) {
        wish.value = none();
    }
    plant->tally.wishes++;
    assert_int_equal(
        engine_wish(plant->engine, chance_below(&plant->chance, PUMPS), &wish, plant->now_us),
        REFUSAL_NONE);
    carry_out(plant);
}

static void event(struct plant *plant)
{
    switch (chance_below(&plant->chance, 10)) {
    case 0:
        wish(plant);
        break;
    case 1:
    case 2:
    case 3:
    case 4:
        feed_back(plant);
        break;
    default:
        pass_time(plant);
        break;
    }
    if (chance_one_in(&plant->chance, 200)) {
        notebook_write(&plant->book, plant->engine, false, plant->now_us);
    }
    if (chance_one_in(&plant->chance, 80)) {
        restart(plant);
    } else if (chance_one_in(&plant->chance, 200)) {
        reload(plant);
    }
    if (chance_one_in(&plant->chance, 300)) {
        struct pump *pump = &plant->pumps[chance_below(&plant->chance, PUMPS)];
        plant->tally.faults++;
        pump->stuck = !pump->stuck;
    }
}

static unsigned wanted_runs(void)
{
    uint64_t runs = RUNS;
    const char *text = getenv("EDGE_TEST_RUNS");
    if (text != NULL && parse_u64(text, strlen(text), UINT32_MAX / 2, &runs) < 0) {
        fail_msg("EDGE_TEST_RUNS is not a number: %s", text);
    }
    return (unsigned)runs;
}

static void whatever_happens_never_two_are_on(void **state)
{
    (void)state;
    static const size_t members[] = {0, 1, 2};
    static const char *const ids[] = {"a", "b", "c"};
    static const char *const feedbacks[] = {"a_state", "b_state", "c_state"};
    struct plant plant = {.chance = chance_new(), .now_us = 1000 * SECOND};
    struct input_options inputs[PUMPS];
    struct engine_device devices[PUMPS];
    const struct engine_interlock interlock = {"pumps", members, PUMPS, DEAD_TIME};
    for (size_t i = 0; i < PUMPS; i++) {
        inputs[i] = (struct input_options){feedbacks[i], NULL, 20 * SECOND};
        devices[i] = (struct engine_device){.device = {.id = ids[i],
                                                       .domain = on_off(),
                                                       .confirm_us = 3 * SECOND,
                                                       .attempts = 3,
                                                       .retry_failed_us = 5 * SECOND,
                                                       .grace_us = SECOND},
                                            .feedback = feedbacks[i],
                                            .off = label("OFF"),
                                            .rest = label("OFF"),
                                            .min_on_us = (int64_t)i * 2 * SECOND};
    }
    plant.options = (struct engine_options){.inputs = inputs,
                                            .input_count = PUMPS,
                                            .devices = devices,
                                            .device_count = PUMPS,
                                            .interlocks = &interlock,
                                            .interlock_count = 1};
    assert_int_equal(engine_new(&plant.options, plant.now_us, &plant.engine), 0);
    const struct tally *tally = &plant.tally;
    unsigned runs = wanted_runs();
    while (tally->wishes + tally->faults + tally->restarts < runs) {
        event(&plant);
    }
    print_message("%u wishes, %u faults, %u restarts: %u starts, %u pumps that a restart left on\n",
                  tally->wishes, tally->faults, tally->restarts, tally->starts, tally->continued);
    assert_true(tally->starts > runs / 100);
    assert_true(tally->continued > runs / 2000);
    engine_free(plant.engine);
    notebook_close(&plant.book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_never_two_are_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
