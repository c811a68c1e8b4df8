/* What an engine makes of what it remembers when that is damaged, outdated, or by a clock that is
 * not to be trusted; and of commands that could not leave. */
#include "automation-node/engine/device_inspect.h"
#include "automation-node/engine/engine_delivery.h"
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/engine_inspect.h"
#include "tests/scenario/restart.h"
#include "tests/unit/rich_engine.h"

struct fixture {
    struct rich rich;
    struct engine *engine;
    struct notebook book;
};

static int set_up(void **state)
{
    static struct fixture f;
    f.book = (struct notebook){0};
    f.engine = rich_make(&f.rich, NOON_US);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    engine_free(f->engine);
    notebook_close(&f->book);
    rich_deinit(&f->rich);
    return free_conditions(NULL);
}

static void wish(struct fixture *f, size_t device, struct value value, int64_t now_us)
{
    const struct wish wanted = {.value = value, .for_us = HOUR};
    assert_int_equal(engine_wish(f->engine, device, &wanted, now_us), REFUSAL_NONE);
    rich_take_all(f->engine);
}

static void stop(struct fixture *f, int64_t now_us)
{
    notebook_write(&f->book, f->engine, true, now_us);
    engine_free(f->engine);
    f->engine = NULL;
}

static void go_on(struct fixture *f, int64_t stop_us, int64_t now_us)
{
    f->engine = notebook_resume(&f->book, &f->rich.options, true, stop_us, now_us);
}

static struct engine_record *record_of(struct fixture *f, const char *kind, const char *id)
{
    const struct engine_record wanted = {.kind = kind, .id = id};
    size_t count = f->book.count;
    struct engine_record *found = notebook_find(&f->book, &wanted);
    assert_int_equal(f->book.count, count); /* it was there */
    return found;
}

static size_t commands_to(struct engine *engine, size_t device, struct device_command *ret)
{
    struct engine_output output;
    size_t count = 0;
    while (engine_take(engine, &output)) {
        if (output.kind == ENGINE_COMMAND && output.device == device) {
            *ret = output.command;
            count++;
        }
    }
    return count;
}

/* ---- damage ---- */

static void a_damaged_record_is_as_good_as_none(void **state)
{
    struct fixture *f = *state;
    wish(f, HEATER, label("ON"), SECOND);
    wish(f, FAN, value_number(40), SECOND);
    stop(f, 2 * SECOND);
    struct engine_record *heater = record_of(f, "device", "heater");
    ((char *)heater->data)[heater->length - 1] = '?';
    go_on(f, MINUTE, MINUTE);
    assert_value(engine_device_state(f->engine, HEATER).target, "OFF"); /* its fail-safe value */
    assert_value(engine_device_state(f->engine, FAN).target, "40");
}

static void what_is_configured_otherwise_begins_anew(void **state)
{
    struct fixture *f = *state;
    rich_see(f->engine, HUMIDITY, value_number(70), SECOND);
    rich_see(f->engine, HUMIDITY, value_number(70), 11 * SECOND);
    assert_true(engine_controller_terms(f->engine, CONTROLLER_VENT).i > 0);
    stop(f, 12 * SECOND);
    f->rich.pid.pid.kp = 2;
    f->rich.thermostat.thermostat.below = 1;
    go_on(f, MINUTE, MINUTE);
    assert_true(engine_controller_terms(f->engine, CONTROLLER_VENT).i == 0);
    assert_value(engine_device_state(f->engine, FAN).target, "22"); /* as it was */
}

/* ---- interlocks ---- */

static void run_pump(struct fixture *f)
{
    rich_see(f->engine, PUMP_STATE, label("OFF"), SECOND);
    engine_tick(f->engine, 10 * SECOND);
    wish(f, PUMP, label("ON"), 10 * SECOND);
    rich_see(f->engine, PUMP_STATE, label("ON"), 11 * SECOND);
    assert_value(engine_device_state(f->engine, PUMP).target, "ON");
}

/* Not even for a moment: a minimum time off would begin. */
static void who_may_be_on_goes_on(void **state)
{
    struct fixture *f = *state;
    struct device_command command;
    for (int after_stop = 0; after_stop < 2; after_stop++) {
        engine_free(f->engine);
        f->rich.devices[PUMP].min_off_us = MINUTE;
        assert_int_equal(engine_new(&f->rich.options, 0, &f->engine), 0);
        rich_see(f->engine, PUMP_STATE, label("OFF"), SECOND);
        engine_tick(f->engine, 2 * MINUTE);
        wish(f, PUMP, label("ON"), 2 * MINUTE);
        rich_see(f->engine, PUMP_STATE, label("ON"), 2 * MINUTE + SECOND);
        stop(f, 3 * MINUTE);
        f->engine = notebook_resume(&f->book, &f->rich.options, after_stop != 0, 0, 3 * MINUTE);
        assert_value(engine_device_state(f->engine, PUMP).target, "ON");
        assert_string_equal(engine_device_state(f->engine, PUMP).cause.source, "manual");
        assert_int_equal(commands_to(f->engine, PUMP, &command), 0);
        notebook_close(&f->book);
    }
}

static void who_may_be_on_but_is_another_device_now_does_not(void **state)
{
    struct fixture *f = *state;
    run_pump(f);
    stop(f, 12 * SECOND);
    f->rich.devices[PUMP].device.confirm_us = 7 * SECOND;
    go_on(f, SECOND, 13 * SECOND);
    wish(f, PUMP, label("ON"), 13 * SECOND);
    assert_value(engine_device_state(f->engine, PUMP).target, "OFF");
    assert_string_equal(engine_device_state(f->engine, PUMP).cause.source, "interlock:water");
}

static void what_has_no_feedback_is_told_again_that_it_is_off(void **state)
{
    struct fixture *f = *state;
    struct device_command command;
    assert_value(engine_device_state(f->engine, WELL).target, "OFF");
    stop(f, SECOND);
    go_on(f, SECOND, 2 * SECOND);
    assert_int_equal(commands_to(f->engine, WELL, &command), 1);
    assert_value(command.value, "OFF");
}

/* ---- clocks ---- */

static int64_t end_of_wish(const struct fixture *f)
{
    return engine_device_state(f->engine, FAN).until_us;
}

static void a_clock_that_went_back_says_nothing(void **state)
{
    struct fixture *f = *state;
    wish(f, FAN, value_number(40), SECOND);
    stop(f, 2 * SECOND);
    go_on(f, -24 * HOUR, 10 * SECOND);
    /* As if no time had passed: the wish has as much left as it had. */
    assert_true(end_of_wish(f) == SECOND + HOUR + 8 * SECOND);
}

static void resume_without_clock(struct fixture *f, int64_t now_us)
{
    struct engine_options resumed = f->rich.options;
    f->book.memory = (struct engine_memory){.records = f->book.records,
                                            .count = f->book.count,
                                            .after_stop = true,
                                            .alive_us = f->book.alive_us,
                                            .wall_us = EXPRESSION_NO_CLOCK};
    resumed.memory = &f->book.memory;
    assert_int_equal(engine_new(&resumed, now_us, &f->engine), 0);
    rich_take_all(f->engine);
}

static void a_clock_that_comes_late_puts_right_what_it_can(void **state)
{
    struct fixture *f = *state;
    wish(f, FAN, value_number(40), SECOND);
    stop(f, 2 * SECOND);
    struct engine_record *hot = record_of(f, "rule", "hot");
    ((char *)hot->data)[0] = '?';
    struct engine_record *dry = record_of(f, "rule", "dry");
    free((char *)dry->id);
    dry->id = strdup("of another configuration");
    resume_without_clock(f, 10 * SECOND);
    assert_true(end_of_wish(f) == SECOND + HOUR + 8 * SECOND);
    engine_set_clock(f->engine, f->book.alive_us + 20 * MINUTE, 11 * SECOND);
    rich_take_all(f->engine);
    assert_true(end_of_wish(f) == HOUR - 20 * MINUTE + 10 * SECOND);
}

static void a_clock_that_comes_late_and_earlier_is_not_believed(void **state)
{
    struct fixture *f = *state;
    wish(f, FAN, value_number(40), SECOND);
    stop(f, 2 * SECOND);
    resume_without_clock(f, 10 * SECOND);
    int64_t until_us = end_of_wish(f);
    engine_set_clock(f->engine, f->book.alive_us - 24 * HOUR, 11 * SECOND);
    rich_take_all(f->engine);
    assert_true(end_of_wish(f) == until_us);
}

/* Whether anything would be missed that was not written. */
static bool has_news(struct fixture *f)
{
    struct buf text;
    struct engine_record record;
    buf_init(&text, ENGINE_RECORD_MAX_BYTES);
    bool any = engine_take_record(f->engine, false, &text, &record);
    buf_deinit(&text);
    return any;
}

/* Records are by the wall clock, so that all are due when it jumps. */
static void when_the_clock_jumps_all_is_written_anew(void **state)
{
    struct fixture *f = *state;
    notebook_write(&f->book, f->engine, true, SECOND);
    engine_set_clock(f->engine, NOON_US + SECOND, SECOND); /* exactly right */
    rich_take_all(f->engine);
    assert_false(has_news(f));
    static const int64_t jumps_us[] = {HOUR, -HOUR};
    for (size_t i = 0; i < sizeof(jumps_us) / sizeof(jumps_us[0]); i++) {
        engine_set_clock(f->engine, NOON_US + 3 * SECOND + jumps_us[i], 3 * SECOND);
        rich_take_all(f->engine);
        assert_true(has_news(f));
        notebook_write(&f->book, f->engine, true, 3 * SECOND);
    }
}

/* ---- commands that could not leave ---- */

static void what_could_not_leave_is_told_as_it_is_wanted_then(void **state)
{
    struct fixture *f = *state;
    struct device_command command;
    const struct wish faster = {.value = value_number(40), .for_us = MINUTE};
    engine_tell_again(f->engine, SECOND);
    assert_int_equal(commands_to(f->engine, FAN, &command), 0); /* nothing is missing */
    notebook_write(&f->book, f->engine, false, SECOND);
    assert_int_equal(engine_wish(f->engine, FAN, &faster, SECOND), REFUSAL_NONE);
    assert_int_equal(commands_to(f->engine, FAN, &command), 1);
    engine_note_undelivered(f->engine, FAN);
    assert_true(engine_has_record(f->engine));
    const struct wish slower = {.value = value_number(10), .for_us = HOUR};
    assert_int_equal(engine_wish(f->engine, FAN, &slower, 2 * SECOND), REFUSAL_NONE);
    assert_int_equal(commands_to(f->engine, FAN, &command), 1);
    engine_note_undelivered(f->engine, FAN);
    stop(f, 3 * SECOND);
    go_on(f, MINUTE, 3 * SECOND + MINUTE);
    rich_take_all(f->engine);
    engine_tell_again(f->engine, 4 * SECOND + MINUTE);
    assert_int_equal(commands_to(f->engine, FAN, &command), 1);
    assert_value(command.value, "10");
    engine_tell_again(f->engine, 5 * SECOND + MINUTE);
    assert_int_equal(commands_to(f->engine, FAN, &command), 0); /* once */
}

/* Whatever else is to be told of the one must not hold up the command of the other. */
static void all_commands_come_before_what_is_told(void **state)
{
    struct fixture *f = *state;
    const struct wish on = {.value = label("ON"), .for_us = HOUR};
    const struct wish fast = {.value = value_number(40), .for_us = HOUR};
    struct device_command command;
    size_t device;
    assert_int_equal(engine_wish(f->engine, HEATER, &on, SECOND), REFUSAL_NONE);
    assert_int_equal(engine_wish(f->engine, FAN, &fast, SECOND), REFUSAL_NONE);
    assert_true(engine_take_command(f->engine, &device, &command));
    assert_int_equal(device, FAN); /* the heater falls back: nothing is known of the temperature */
    assert_value(command.value, "40");
    assert_false(engine_take_command(f->engine, &device, &command));
    struct engine_output output;
    bool told[RICH_DEVICES] = {false};
    while (engine_take(f->engine, &output)) {
        assert_int_not_equal(output.kind, ENGINE_COMMAND);
        if (output.kind == ENGINE_STATE) {
            told[output.device] = true;
        }
    }
    assert_true(told[FAN]);
}

/* ---- words ---- */

/* As topics/schemas has them: who reads the topics goes by these. */
static void what_is_published_has_the_words_of_the_contract(void **state)
{
    (void)state;
    assert_string_equal(device_quality_name(DEVICE_QUALITY_GOOD), "good");
    assert_string_equal(device_quality_name(DEVICE_QUALITY_ASSUMED), "assumed");
    assert_string_equal(device_quality_name(DEVICE_QUALITY_STALE), "stale");
    assert_string_equal(device_quality_name(DEVICE_QUALITY_FAILED), "failed");
    assert_string_equal(device_phase_name(DEVICE_IDLE), "idle");
    assert_string_equal(device_phase_name(DEVICE_PENDING), "pending");
    assert_string_equal(device_phase_name(DEVICE_CONFIRMED), "confirmed");
    assert_string_equal(device_phase_name(DEVICE_FAILED), "failed");
    assert_string_equal(step_kind_name(STEP_SET), "set");
    assert_string_equal(step_kind_name(STEP_RELEASE), "release");
    assert_string_equal(step_kind_name(STEP_WAIT), "wait");
    assert_string_equal(step_kind_name(STEP_JUMP_UNLESS), "if");
    assert_string_equal(step_outcome_name(STEP_TIMED_OUT), "timed_out");
    assert_string_equal(step_outcome_name(STEP_REFUSED), "refused");
    assert_string_equal(run_result_name(RUN_ENDLESS), "endless");
    assert_string_equal(run_result_name(RUN_STOPPED), "stopped");
    assert_string_equal(level_state_name(LEVEL_UNKNOWN), "unknown");
    assert_string_equal(thermostat_state_name(THERMOSTAT_STATE_BLIND), "blind");
}

/* The command that is under way, or was the last one, with what proved it. */
static void what_was_commanded_and_proved_can_be_told(void **state)
{
    struct fixture *f = *state;
    struct device_round before = engine_device_round(f->engine, FAN);
    assert_int_equal(before.command.attempt, 0);
    assert_true(before.sent_us == INT64_MIN && before.confirmed_us == INT64_MIN);
    run_pump(f);
    struct device_round round = engine_device_round(f->engine, PUMP);
    assert_value(round.command.value, "ON");
    assert_int_equal(round.command.attempt, 1);
    assert_int_equal(round.phase, DEVICE_CONFIRMED);
    assert_true(round.sent_us == 10 * SECOND && round.confirmed_us == 11 * SECOND);
    assert_int_equal(round.proof_seq, 1);
}

/* clang-format off */
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
/* clang-format on */

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_damaged_record_is_as_good_as_none),
        CASE(what_is_configured_otherwise_begins_anew),
        CASE(who_may_be_on_goes_on),
        CASE(who_may_be_on_but_is_another_device_now_does_not),
        CASE(what_has_no_feedback_is_told_again_that_it_is_off),
        CASE(a_clock_that_went_back_says_nothing),
        CASE(a_clock_that_comes_late_puts_right_what_it_can),
        CASE(a_clock_that_comes_late_and_earlier_is_not_believed),
        CASE(when_the_clock_jumps_all_is_written_anew),
        CASE(what_could_not_leave_is_told_as_it_is_wanted_then),
        CASE(all_commands_come_before_what_is_told),
        CASE(what_is_published_has_the_words_of_the_contract),
        CASE(what_was_commanded_and_proved_can_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
