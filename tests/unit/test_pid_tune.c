#include "automation-node/engine/pid_tune.h"

#include "automation-node/engine/pid_archive.h"
#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"
#include "tests/unit/plant_help.h"

#include <errno.h>

#define SETPOINT 20
#define HOUR     (3600 * SECOND)

/* A PID controller with poor gains, and a room that it heats. */
struct bench {
    struct input input;
    struct pid *pid;
    struct plant plant;
    struct value actual;
    bool in_charge;
    int64_t now_us;
};

static struct pid_options heating(void)
{
    return (struct pid_options){.id = "air",
                                .mode = PID_AUTO,
                                .setpoint = SETPOINT,
                                .kp = 1,
                                .ki = 0.001,
                                .max = 100,
                                .period_us = 10 * SECOND,
                                .tuning = {.enabled = true,
                                           .amplitude = 50,
                                           .hysteresis = 0.1,
                                           .max_deviation = 5,
                                           .timeout_us = 4 * HOUR,
                                           .rule = TUNING_RULE_TYREUS_LUYBEN_PI}};
}

static void evaluate(struct bench *b)
{
    (void)pid_evaluate(b->pid, &b->input, &b->actual, b->in_charge, b->now_us);
    if (b->in_charge) {
        b->actual = pid_proposal(b->pid)->value;
    }
}

/* A second of the room; a reading every other one. */
static void live(struct bench *b, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        b->now_us += SECOND;
        double output = b->actual.kind == VALUE_NUMBER ? b->actual.number : 0;
        double value = plant_live(&b->plant, output);
        if (b->now_us / SECOND % 2 == 0) {
            show(&b->input, value, b->now_us);
        }
        evaluate(b);
    }
}

static struct bench bench_new(const struct pid_options *options)
{
    struct bench b = {.input = make_input("temperature", "°C", 60 * SECOND),
                      .plant = plant_new(0.3, 600, 60, 5),
                      .actual = value_number(50),
                      .in_charge = true};
    plant_rest_at(&b.plant, 50);
    assert_int_equal(pid_new(options, &b.pid), 0);
    live(&b, 10);
    return b;
}

static void start(struct bench *b)
{
    assert_int_equal(pid_tune_start(b->pid, b->now_us), 0);
    evaluate(b);
    assert_int_equal(pid_tune_report(b->pid).state, TUNING_RUNNING);
}

static void run_to_the_end(struct bench *b)
{
    while (pid_tune_report(b->pid).state == TUNING_RUNNING) {
        live(b, 1);
    }
}

static double output(const struct bench *b)
{
    return pid_proposal(b->pid)->value.number;
}

/* What it is before and after, but for what the moving room asks. */
static void assert_as_before(const struct bench *b, const struct pid_terms *before,
                             enum tuning_state why)
{
    assert_int_equal(pid_tune_report(b->pid).state, why);
    assert_true(fabs(pid_terms(b->pid).i - before->i) < 0.05);
    assert_true(pid_gains(b->pid).kp == 1);
    assert_true(fabs(output(b) - before->output) < 5.1); /* P of what the room has moved */
    assert_true(pid_next_deadline(b->pid) == DEADLINE_NONE);
}

static void it_swings_finds_and_proposes(void **state)
{
    (void)state;
    const struct pid_options options = heating();
    struct bench b = bench_new(&options);
    assert_int_equal(pid_tune_report(b.pid).state, TUNING_NEVER);
    const struct pid_terms before = pid_terms(b.pid);
    start(&b);
    assert_true(output(&b) == 0 || output(&b) == 100);
    assert_true(pid_next_deadline(b.pid) == b.now_us + 4 * HOUR);
    run_to_the_end(&b);
    struct tuning_report report = pid_tune_report(b.pid);
    assert_true(fabs(report.found.ultimate_period_s / plant_ultimate_period_s(&b.plant) - 1) <
                0.15);
    assert_true(fabs(report.proposed.kp - report.found.ultimate_gain / 3.2) < 1e-9);
    assert_false(report.adopted);
    assert_as_before(&b, &before, TUNING_FOUND);
    pid_free(b.pid);
}

static void what_was_found_is_used_when_asked_and_given_back(void **state)
{
    (void)state;
    const struct pid_options options = heating();
    struct bench b = bench_new(&options);
    assert_int_equal(pid_tune_adopt(b.pid, true), -ENODATA);
    start(&b);
    assert_int_equal(pid_tune_adopt(b.pid, true), -EALREADY);
    assert_int_equal(pid_tune_start(b.pid, b.now_us), -EALREADY);
    run_to_the_end(&b);
    live(&b, 600);
    double before = output(&b);
    assert_int_equal(pid_tune_adopt(b.pid, true), 0);
    evaluate(&b);
    assert_true(fabs(output(&b) - before) < 0.5); /* no bump */
    assert_true(pid_gains(b.pid).kp == pid_tune_report(b.pid).proposed.kp);
    assert_true(pid_tune_report(b.pid).adopted);
    assert_int_equal(pid_tune_adopt(b.pid, false), 0);
    assert_true(pid_gains(b.pid).kp == 1);
    pid_free(b.pid);
}

/* The room is cold; by the gains that were found it settles, whichever rule is used. */
static void the_tuned_loop_settles(void **state)
{
    (void)state;
    for (enum tuning_rule rule = 0; rule < TUNING_RULE_COUNT; rule++) {
        struct pid_options options = heating();
        options.tuning.apply = true;
        options.tuning.rule = rule;
        struct bench b = bench_new(&options);
        start(&b);
        run_to_the_end(&b);
        assert_true(pid_tune_report(b.pid).adopted);
        assert_int_equal(pid_set_setpoint(b.pid, SETPOINT - 6), 0);
        live(&b, 2 * 3600);
        for (int i = 0; i < 3600; i++) {
            live(&b, 1);
            assert_true(fabs(b.plant.value - (SETPOINT - 6)) < 0.2);
        }
        pid_free(b.pid);
    }
}

static void it_begins_only_where_it_can(void **state)
{
    (void)state;
    struct pid_options options = heating();
    struct bench b = bench_new(&options);
    assert_int_equal(pid_set_setpoint(b.pid, SETPOINT + 6), 0);
    assert_int_equal(pid_tune_start(b.pid, b.now_us), -EAGAIN); /* too far */
    assert_int_equal(pid_set_setpoint(b.pid, SETPOINT), 0);
    pid_set_mode(b.pid, PID_MANUAL);
    assert_int_equal(pid_tune_start(b.pid, b.now_us), -EAGAIN);
    pid_set_mode(b.pid, PID_AUTO);
    b.now_us += 120 * SECOND;
    evaluate(&b);
    assert_int_equal(pid_tune_start(b.pid, b.now_us), -EAGAIN); /* blind */
    pid_free(b.pid);
    options.tuning.enabled = false;
    b = bench_new(&options);
    assert_int_equal(pid_tune_start(b.pid, b.now_us), -ENOTSUP);
    assert_int_equal(pid_tune_cancel(b.pid), -ENOTSUP);
    assert_int_equal(pid_tune_adopt(b.pid, false), -ENOTSUP);
    assert_false(pid_tune_report(b.pid).enabled);
    pid_free(b.pid);
}

/* ---- what ends it ---- */

static void go_silent(struct bench *b)
{
    b->now_us += 120 * SECOND;
    evaluate(b);
}

static void lose_the_device(struct bench *b)
{
    b->in_charge = false;
    evaluate(b);
}

static void leave_the_set_point(struct bench *b)
{
    b->now_us += SECOND;
    show(&b->input, SETPOINT + 5.01, b->now_us);
    evaluate(b);
}

static void take_too_long(struct bench *b)
{
    live(b, 101);
}

static void change_the_mode(struct bench *b)
{
    pid_set_mode(b->pid, PID_MANUAL);
    pid_set_mode(b->pid, PID_AUTO);
    evaluate(b);
}

static void change_the_set_point(struct bench *b)
{
    assert_int_equal(pid_set_setpoint(b->pid, SETPOINT), 0);
    assert_int_equal(pid_tune_report(b->pid).state, TUNING_RUNNING); /* it is the same */
    assert_int_equal(pid_set_setpoint(b->pid, SETPOINT + 1), 0);
    evaluate(b);
}

static void cancel(struct bench *b)
{
    assert_int_equal(pid_tune_cancel(b->pid), 0);
    evaluate(b);
}

static void stop_the_node(struct bench *b)
{
    pid_doubt(b->pid, false);
}

/* Each of them after five minutes in which the relay had the output. */
static void whatever_ends_it_it_goes_back_to_what_was(void **state)
{
    (void)state;
    static const struct {
        enum tuning_state why;
        void (*end)(struct bench *b);
    } ends[] = {{TUNING_STALE, go_silent},
                {TUNING_LOST_DEVICE, lose_the_device},
                {TUNING_TOO_FAR, leave_the_set_point},
                {TUNING_TIMEOUT, take_too_long},
                {TUNING_MODE_CHANGED, change_the_mode},
                {TUNING_SETPOINT_CHANGED, change_the_set_point},
                {TUNING_CANCELLED, cancel},
                {TUNING_RESTARTED, stop_the_node}};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct pid_options options = heating();
        options.tuning.timeout_us = ends[i].why == TUNING_TIMEOUT ? 400 * SECOND : 4 * HOUR;
        struct bench b = bench_new(&options);
        const struct pid_terms before = pid_terms(b.pid);
        start(&b);
        live(&b, 300);
        assert_int_equal(pid_tune_report(b.pid).state, TUNING_RUNNING);
        ends[i].end(&b);
        if (ends[i].why == TUNING_STALE || ends[i].why == TUNING_RESTARTED) {
            assert_true(output(&b) == before.output); /* no reading has come since */
        }
        assert_as_before(&b, &before, ends[i].why);
        pid_free(b.pid);
    }
}

/* Another controller that is configured alike goes on with what the first one remembered. */
static struct pid *reload(struct pid *pid, const struct pid_options *options)
{
    struct buf text;
    struct archive a;
    struct pid *next;
    buf_init(&text, 8192);
    archive_save(&a, &text, 77 * SECOND);
    pid_archive(pid, &a);
    archive_finish(&a);
    assert_true(buf_ok(&text));
    assert_int_equal(pid_new(options, &next), 0);
    assert_int_equal(archive_load(&a, text.data, text.length, 77 * SECOND), 0);
    pid_archive(next, &a);
    buf_deinit(&text);
    pid_free(pid);
    return next;
}

static void it_goes_on_after_a_reload_as_if_there_had_been_none(void **state)
{
    (void)state;
    struct pid_options options = heating();
    options.tuning.apply = true;
    struct bench a = bench_new(&options);
    struct bench b = bench_new(&options);
    start(&a);
    start(&b);
    for (int i = 0; i < 4 * 3600; i++) {
        live(&a, 1);
        live(&b, 1);
        b.pid = i % 13 == 0 ? reload(b.pid, &options) : b.pid;
        assert_true(output(&a) == output(&b));
    }
    assert_true(pid_tune_report(b.pid).adopted);
    assert_true(pid_gains(a.pid).ki == pid_gains(b.pid).ki);
    pid_free(a.pid);
    pid_free(b.pid);
}

static void what_is_loaded_can_do_no_harm(void **state)
{
    (void)state;
    static const char text[] =
        "{\"mode\":1,\"has_reading\":true,\"reading\":1e300,\"tuning0.state\":1,"
        "\"tuning0.ultimate_gain\":-5,\"tuning0.adopted\":true,\"tuning0.i\":1e300,"
        "\"tuning0.output\":-1e300,\"tuning0.relay0.centre\":1e300,\"tuning0.relay0.swing\":1e300,"
        "\"tuning0.relay0.cycling\":true,\"tuning0.relay0.began_at\":\"always\","
        "\"tuning0.relay0.turned_at\":\"never\",\"tuning0.relay0.cycles\":99}";
    const struct pid_options options = heating();
    struct bench b = bench_new(&options);
    struct archive a;
    assert_int_equal(archive_load(&a, text, strlen(text), 0), 0);
    pid_archive(b.pid, &a);
    assert_true(pid_gains(b.pid).kp == 1);
    for (int i = 0; i < 5 * 3600; i++) {
        live(&b, 1);
        assert_true(output(&b) >= 0 && output(&b) <= 100);
    }
    assert_int_not_equal(pid_tune_report(b.pid).state, TUNING_RUNNING);
    pid_free(b.pid);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    static const struct pid_tuning_options bad[] = {
        {true, 0, 0.1, 5, HOUR, 0, false},    {true, 51, 0.1, 5, HOUR, 0, false},
        {true, 50, 0, 5, HOUR, 0, false},     {true, 50, 0.1, 0.1, HOUR, 0, false},
        {true, 50, 0.1, NAN, HOUR, 0, false}, {true, 50, 0.1, 5, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct pid *pid = NULL;
        struct pid_options options = heating();
        options.tuning = bad[i];
        assert_int_equal(pid_new(&options, &pid), -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_swings_finds_and_proposes),
        cmocka_unit_test(what_was_found_is_used_when_asked_and_given_back),
        cmocka_unit_test(the_tuned_loop_settles),
        cmocka_unit_test(it_begins_only_where_it_can),
        cmocka_unit_test(whatever_ends_it_it_goes_back_to_what_was),
        cmocka_unit_test(it_goes_on_after_a_reload_as_if_there_had_been_none),
        cmocka_unit_test(what_is_loaded_can_do_no_harm),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
