/* Why a device does what it does and what would change that, whoever won; what a rule is about, and
 * what it would do. */
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/engine/engine_snapshot.h"
#include "automation-node/input/deadline.h"
#include "tests/scenario/restart.h"
#include "tests/unit/rich_engine.h"

#define CHANGES_MAX 8
#define NIGHT_US    (NOON_US + 11 * HOUR)

struct fixture {
    struct rich rich;
    struct engine *engine;
};

/* At night nothing is scheduled for the well. */
static int set_up(void **state)
{
    static struct fixture f;
    f.engine = rich_make(&f.rich, NIGHT_US);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    engine_free(f->engine);
    rich_deinit(&f->rich);
    return free_conditions(NULL);
}

/* The engine begins anew with what the test has changed of it. */
static void make_again(struct fixture *f, int64_t wall_us)
{
    engine_free(f->engine);
    f->engine = NULL;
    assert_int_equal(engine_new(&f->rich.options, 0, &f->engine), 0);
    engine_set_clock(f->engine, wall_us, 0);
    rich_take_all(f->engine);
}

static void without_interlock(struct fixture *f)
{
    f->rich.options.interlock_count = 0;
    make_again(f, NIGHT_US);
}

/* One of the changes says so; gives its time. */
static int64_t assert_change(const struct fixture *f, size_t device, const char *what)
{
    struct engine_change changes[CHANGES_MAX];
    int count = engine_changes(f->engine, device, changes, CHANGES_MAX);
    assert_true(count >= 0);
    for (int i = 0; i < count; i++) {
        if (strcmp(changes[i].what, what) == 0) {
            return changes[i].at_us;
        }
        print_message("told: %s\n", changes[i].what);
    }
    fail_msg("'%s' is not told", what);
    return 0;
}

static void assert_target(const struct fixture *f, size_t device, const char *value,
                          const char *source)
{
    struct device_state state = engine_device_state(f->engine, device);
    assert_value(state.target, value);
    assert_string_equal(state.cause.source, source);
}

static void wish(struct fixture *f, size_t device, const char *value, int64_t for_us,
                 int64_t now_us)
{
    const struct wish wanted = {.value = label(value), .for_us = for_us};
    assert_int_equal(engine_wish(f->engine, device, &wanted, now_us), REFUSAL_NONE);
    rich_take_all(f->engine);
}

static void see_off(struct fixture *f, int64_t now_us)
{
    rich_see(f->engine, PUMP_STATE, label("OFF"), now_us);
}

static void press(struct fixture *f, int64_t now_us)
{
    rich_see(f->engine, HUMIDITY, value_number(50), now_us);
    rich_see(f->engine, BUTTON, label("up"), now_us);
    rich_see(f->engine, BUTTON, label("down"), now_us);
}

/* ---- devices ---- */

static void a_rule_that_holds_ends_at_its_limit(void **state)
{
    struct fixture *f = *state;
    see_off(f, 0);
    rich_see(f->engine, TEMPERATURE, value_number(31), SECOND);
    engine_tick(f->engine, 10 * SECOND);
    rich_take_all(f->engine);
    assert_target(f, PUMP, "ON", "rule:hot");
    (void)assert_change(f, PUMP, "temperature <= 28 °C (now 31 °C): then OFF");
    size_t inputs[RICH_INPUTS];
    assert_int_equal(engine_counting_inputs(f->engine, PUMP, inputs, RICH_INPUTS), 1);
    assert_int_equal(inputs[0], TEMPERATURE);
}

static void a_rule_that_asks_for_nothing_would_begin(void **state)
{
    struct fixture *f = *state;
    without_interlock(f);
    rich_see(f->engine, TEMPERATURE, value_number(25), SECOND);
    assert_target(f, PUMP, "OFF", "rest");
    (void)assert_change(f, PUMP, "rule:hot: temperature > 30 °C (now 25 °C): then ON");
    engine_enable_rule(f->engine, RULE_HOT, false, 2 * SECOND);
    rich_take_all(f->engine);
    struct engine_change changes[CHANGES_MAX];
    assert_int_equal(engine_changes(f->engine, PUMP, changes, CHANGES_MAX), 0);
}

static void what_a_rule_of_events_asked_for_is_over_in_time(void **state)
{
    struct fixture *f = *state;
    see_off(f, 0);
    engine_tick(f->engine, 10 * SECOND);
    press(f, 20 * SECOND);
    assert_target(f, PUMP, "ON", "rule:push");
    assert_int_equal(assert_change(f, PUMP, "the time that rule:push asked for is over: then OFF"),
                     20 * SECOND + 10 * MINUTE);
    size_t inputs[RICH_INPUTS];
    size_t count = engine_counting_inputs(f->engine, PUMP, inputs, RICH_INPUTS);
    assert_int_equal(count, 2); /* its condition, and what triggered it */
    assert_int_equal(inputs[0], HUMIDITY);
    assert_int_equal(inputs[1], BUTTON);
    assert_int_equal(engine_counting_inputs(f->engine, PUMP, inputs, 1), 1);
}

static void what_a_rule_of_events_set_for_good_it_takes_back(void **state)
{
    struct fixture *f = *state;
    f->rich.steps[0].span_us = 0;
    make_again(f, NIGHT_US);
    see_off(f, 0);
    engine_tick(f->engine, 10 * SECOND);
    press(f, 20 * SECOND);
    (void)assert_change(f, PUMP, "rule:push sets or releases it: then OFF");
}

static void an_interlock_says_for_whom_to_wait(void **state)
{
    struct fixture *f = *state;
    see_off(f, 0);
    wish(f, PUMP, "ON", HOUR, SECOND); /* the well was not seen off for long enough */
    assert_target(f, PUMP, "OFF", "interlock:water");
    assert_int_equal(
        assert_change(f, PUMP,
                      "the others of interlock:water have been off for their dead time: "
                      "then ON"),
        5 * SECOND);
    engine_tick(f->engine, 5 * SECOND);
    rich_take_all(f->engine);
    assert_target(f, PUMP, "ON", "manual");
    wish(f, WELL, "ON", HOUR, 6 * SECOND);
    assert_target(f, WELL, "OFF", "interlock:water");
    (void)assert_change(f, WELL,
                        "interlock:water lets it: the one that may be on now (because of manual) "
                        "is off: then ON");
}

static void a_wish_without_an_end_is_taken_back(void **state)
{
    struct fixture *f = *state;
    f->rich.devices[FAN].manual_for_us = 0;
    make_again(f, NIGHT_US);
    const struct wish wanted = {.value = value_number(30)};
    assert_int_equal(engine_wish(f->engine, FAN, &wanted, SECOND), REFUSAL_NONE);
    struct engine_change changes[CHANGES_MAX];
    assert_int_equal(engine_changes(f->engine, FAN, changes, CHANGES_MAX), 1);
    assert_string_equal(changes[0].what, "the wish is taken back");
    assert_true(changes[0].at_us == DEADLINE_NONE);
}

static void a_pid_controller_moves_with_its_input(void **state)
{
    struct fixture *f = *state;
    rich_see(f->engine, HUMIDITY, value_number(70), SECOND);
    assert_target(f, FAN, "20", "controller:vent");
    (void)assert_change(f, FAN, "humidity moves (now 70 %, set point 50 %)");
}

static void a_schedule_gives_the_next_set_point(void **state)
{
    struct fixture *f = *state;
    rich_see(f->engine, TEMPERATURE, value_number(10), SECOND);
    assert_target(f, HEATER, "ON", "controller:air");
    assert_int_equal(assert_change(f, HEATER, "schedule:warmth sets another set point"), 7 * HOUR);
}

static void a_schedule_goes_on_to_its_next_block(void **state)
{
    struct fixture *f = *state;
    without_interlock(f);
    engine_set_clock(f->engine, NOON_US, SECOND);
    rich_take_all(f->engine);
    assert_target(f, WELL, "OFF", "schedule:wells");
    assert_int_equal(assert_change(f, WELL, "schedule:wells goes on to its next block"),
                     SECOND + 10 * HOUR);
}

static void a_schedule_that_asks_for_nothing_would_begin(void **state)
{
    struct fixture *f = *state;
    without_interlock(f);
    assert_int_equal(assert_change(f, WELL, "schedule:wells goes on to its next block: then OFF"),
                     7 * HOUR);
    engine_enable_schedule(f->engine, 0, false, SECOND);
    rich_take_all(f->engine);
    struct engine_change changes[CHANGES_MAX];
    int count = engine_changes(f->engine, WELL, changes, CHANGES_MAX);
    for (int i = 0; i < count; i++) {
        assert_null(strstr(changes[i].what, "schedule:"));
    }
}

static void a_minimum_time_has_an_end(void **state)
{
    struct fixture *f = *state;
    rich_see(f->engine, TEMPERATURE, value_number(10), SECOND);
    rich_see(f->engine, TEMPERATURE, value_number(25), 2 * SECOND);
    assert_target(f, HEATER, "ON", "min_on");
    assert_int_equal(assert_change(f, HEATER, "min_on is over: then OFF"), SECOND + MINUTE);
    struct engine_change changes[1];
    assert_int_equal(engine_changes(f->engine, HEATER, changes, 1), 1); /* no more than asked for */
}

static void whoever_is_above_keeps_a_rule_from_winning(void **state)
{
    struct fixture *f = *state;
    struct claim above;
    without_interlock(f);
    assert_true(engine_rule_would_win(f->engine, RULE_HOT, PUMP, &above));
    assert_true(engine_rule_would_win(f->engine, RULE_PUSH, PUMP, &above));
    wish(f, PUMP, "OFF", HOUR, SECOND);
    assert_false(engine_rule_would_win(f->engine, RULE_HOT, PUMP, &above));
    assert_int_equal(above.priority, PRIORITY_MANUAL);
    assert_string_equal(above.proposal->cause.source, "manual");
    assert_true(above.until_us == SECOND + HOUR);
}

/* ---- rules ---- */

static void assert_account(const struct fixture *f, size_t rule, const char *text)
{
    char told[ENGINE_CHANGE_SIZE];
    assert_int_equal(engine_rule_account(f->engine, rule, told, sizeof(told)), 0);
    assert_string_equal(told, text);
}

static void a_rule_says_what_it_is_about(void **state)
{
    struct fixture *f = *state;
    assert_account(f, RULE_HOT,
                   "it cannot be known: temperature > 30 hysteresis 2: input "
                   "'temperature' is stale (never seen)");
    rich_see(f->engine, TEMPERATURE, value_number(25), SECOND);
    assert_account(f, RULE_HOT,
                   "it does not hold: not: temperature > 30 hysteresis 2 (temperature is 25 °C)");
    rich_see(f->engine, TEMPERATURE, value_number(31), 2 * SECOND);
    assert_account(f, RULE_HOT, "it holds: temperature > 30 hysteresis 2 (temperature is 31 °C)");
    engine_enable_rule(f->engine, RULE_HOT, false, 3 * SECOND);
    assert_account(f, RULE_HOT, "it is disabled");
}

static void a_rule_of_events_says_what_it_waits_for(void **state)
{
    struct fixture *f = *state;
    enum run_result result;
    assert_account(f, RULE_PUSH, "nothing has triggered it yet");
    assert_null(engine_newest_run(f->engine, RULE_PUSH, &result));
    assert_null(engine_newest_run(f->engine, RULE_HOT, &result));
    press(f, SECOND);
    assert_account(f, RULE_PUSH, "it runs: button changed (button is down)");
    assert_non_null(engine_newest_run(f->engine, RULE_PUSH, &result));
    assert_int_equal(result, RUN_WAITS);
    rich_see(f->engine, BUTTON, label("up"), 2 * SECOND); /* waits for the first one */
    const struct run *run = engine_newest_run(f->engine, RULE_PUSH, &result);
    assert_non_null(run);
    for (int64_t now_us; (now_us = engine_next_deadline(f->engine)) < 20 * MINUTE;) {
        engine_tick(f->engine, now_us);
        rich_take_all(f->engine);
    }
    assert_account(f, RULE_PUSH,
                   "it waits for its next trigger; the last one: button changed (button is up)");
    run = engine_newest_run(f->engine, RULE_PUSH, &result);
    assert_int_equal(result, RUN_DONE);
    assert_int_equal(run->traced, 7); /* five steps, of which two waited first */
    engine_enable_rule(f->engine, RULE_PUSH, false, 20 * MINUTE);
    assert_account(f, RULE_PUSH, "it is disabled");
}

static void a_dry_run_of_a_rule_does_nothing(void **state)
{
    struct fixture *f = *state;
    struct engine_dry_run dry;
    assert_int_equal(engine_dry_run(f->engine, RULE_HOT, &dry), 0);
    assert_true(dry.enabled && !dry.runs);
    assert_int_equal(dry.holds, TRUTH_UNKNOWN);
    assert_int_equal(dry.value.kind, VALUE_NONE);
    rich_see(f->engine, TEMPERATURE, value_number(31), SECOND);
    engine_enable_rule(f->engine, RULE_HOT, false, 2 * SECOND);
    rich_take_all(f->engine);
    assert_int_equal(engine_dry_run(f->engine, RULE_HOT, &dry), 0);
    assert_true(!dry.enabled && !dry.runs);
    assert_int_equal(dry.holds, TRUTH_TRUE);
    engine_enable_rule(f->engine, RULE_HOT, true, 3 * SECOND);
    rich_take_all(f->engine);
    assert_int_equal(engine_dry_run(f->engine, RULE_HOT, &dry), 0);
    assert_true(dry.enabled && dry.runs);
    assert_value(dry.value, "ON");
    assert_string_equal(dry.why, "temperature > 30 hysteresis 2 (temperature is 31 °C)");
}

static void a_dry_run_of_a_rule_of_events_goes_up_to_where_it_would_wait(void **state)
{
    struct fixture *f = *state;
    struct engine_dry_run dry;
    without_interlock(f);
    rich_see(f->engine, HUMIDITY, value_number(50), SECOND);
    assert_int_equal(engine_dry_run(f->engine, RULE_PUSH, &dry), 0);
    assert_true(dry.enabled && dry.runs);
    assert_int_equal(dry.result, RUN_WAITS);
    assert_int_equal(dry.traced, 3); /* set, publish, wait */
    assert_int_equal(dry.trace[2].outcome, STEP_WAITS);
    assert_string_equal(dry.why, "humidity > 5 (humidity is 50 %)");
    assert_target(f, PUMP, "OFF", "rest");
    assert_int_equal(engine_stats(f->engine).runs, 0);
    rich_see(f->engine, HUMIDITY, value_number(1), 2 * SECOND);
    assert_int_equal(engine_dry_run(f->engine, RULE_PUSH, &dry), 0);
    assert_true(dry.enabled && !dry.runs);
    f->rich.event.condition = NULL;
    f->rich.event.enabled = false;
    make_again(f, NIGHT_US);
    assert_int_equal(engine_dry_run(f->engine, RULE_PUSH, &dry), 0);
    assert_true(!dry.enabled && !dry.runs);
    assert_string_equal(dry.why, "it has no condition");
}

/* ---- records ---- */

static void note(void *context, const char *kind, const char *id)
{
    char *text = context;
    (void)strncat(text, kind, 200 - strlen(text));
    (void)strncat(text, ":", 200 - strlen(text));
    (void)strncat(text, id, 200 - strlen(text));
    (void)strncat(text, " ", 200 - strlen(text));
}

static void what_became_of_what_was_remembered_can_be_told(void **state)
{
    struct fixture *f = *state;
    struct notebook book = {0};
    char found[256] = "";
    notebook_write(&book, f->engine, true, 0);
    engine_free(f->engine);
    f->rich.rules[RULE_HOT].rule.id = "warm";
    f->rich.rules[RULE_DRY].rule.when_true = label("OFF");
    f->engine = notebook_resume(&book, &f->rich.options, false, 0, SECOND);
    size_t kept = 0;
    for (size_t i = 0; i < book.count; i++) {
        const struct engine_record *record = &book.records[i];
        bool is_rule = strcmp(record->kind, "rule") == 0;
        enum record_fate fate = engine_record_fate(f->engine, record);
        if (is_rule && strcmp(record->id, "hot") == 0) {
            assert_int_equal(fate, RECORD_REMOVED);
        } else if (is_rule) {
            assert_int_equal(fate, RECORD_CHANGED);
        } else {
            assert_int_equal(fate, RECORD_KEPT);
            kept++;
        }
    }
    assert_int_equal(kept, book.count - 2);
    const struct engine_record strange = {.kind = "moon", .id = "phase"};
    assert_int_equal(engine_record_fate(f->engine, &strange), RECORD_REMOVED);
    engine_each_new(f->engine, &book.memory, note, found);
    assert_string_equal(found, "rule:warm ");
    notebook_close(&book);
}

/* clang-format off */
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
/* clang-format on */

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_rule_that_holds_ends_at_its_limit),
        CASE(a_rule_that_asks_for_nothing_would_begin),
        CASE(what_a_rule_of_events_asked_for_is_over_in_time),
        CASE(what_a_rule_of_events_set_for_good_it_takes_back),
        CASE(an_interlock_says_for_whom_to_wait),
        CASE(a_wish_without_an_end_is_taken_back),
        CASE(a_pid_controller_moves_with_its_input),
        CASE(a_schedule_gives_the_next_set_point),
        CASE(a_schedule_goes_on_to_its_next_block),
        CASE(a_schedule_that_asks_for_nothing_would_begin),
        CASE(a_minimum_time_has_an_end),
        CASE(whoever_is_above_keeps_a_rule_from_winning),
        CASE(a_rule_says_what_it_is_about),
        CASE(a_rule_of_events_says_what_it_waits_for),
        CASE(a_dry_run_of_a_rule_does_nothing),
        CASE(a_dry_run_of_a_rule_of_events_goes_up_to_where_it_would_wait),
        CASE(what_became_of_what_was_remembered_can_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
