#include "automation-node/engine/pid.h"

#include "tests/unit/engine_help.h"

#include <errno.h>
#include <math.h>

/* A controller, its input, and what the device is told. */
struct bench {
    struct input input;
    struct pid *pid;
    struct value actual;
    bool in_charge;
    int64_t now_us;
};

static struct pid_options heating(void)
{
    return (struct pid_options){.id = "air",
                                .mode = PID_AUTO,
                                .setpoint = 20,
                                .kp = 10,
                                .ki = 0.1,
                                .max = 100,
                                .period_us = SECOND};
}

static struct bench bench_new(const struct pid_options *options)
{
    struct bench b = {.input = make_input("temperature", "°C", 60 * SECOND), .in_charge = true};
    assert_int_equal(pid_new(options, &b.pid), 0);
    return b;
}

static bool evaluate(struct bench *b)
{
    return pid_evaluate(b->pid, &b->input, &b->actual, b->in_charge, b->now_us);
}

/* A reading after so long; what is proposed is done. */
static double see(struct bench *b, double value, int64_t after_us)
{
    b->now_us += after_us;
    show(&b->input, value, b->now_us);
    (void)evaluate(b);
    if (b->in_charge) {
        b->actual = pid_proposal(b->pid)->value;
    }
    return pid_proposal(b->pid)->value.number;
}

static void assert_near(double a, double b)
{
    if (fabs(a - b) > 1e-9) {
        fail_msg("%.12g is not %.12g", a, b);
    }
}

static void output_is_proportional_plus_the_sum_of_the_past(void **state)
{
    (void)state;
    struct pid_options options = heating();
    struct bench b = bench_new(&options);
    assert_near(see(&b, 18, 0), 20);
    assert_near(see(&b, 18, SECOND), 20.2);
    assert_near(see(&b, 19, SECOND), 10.3);
    assert_near(see(&b, 21, SECOND), 0); /* -10 + 0.3, limited */
    assert_string_equal(pid_proposal(b.pid)->cause.source, "controller:air");
    assert_string_equal(pid_proposal(b.pid)->cause.reason,
                        "temperature is 21 °C, setpoint 20 °C: P -10, I 0.3, D 0");
    pid_free(b.pid);
}

static void cooling_is_the_mirror_image(void **state)
{
    (void)state;
    struct pid_options options = heating();
    options.cools = true;
    options.kd = 1;
    struct bench b = bench_new(&options);
    assert_near(see(&b, 22, 0), 20);
    assert_near(see(&b, 23, SECOND), 31.3); /* 30 + 0.3 + 1 */
    pid_free(b.pid);
}

static void a_new_set_point_acts_at_once_and_is_no_kick(void **state)
{
    (void)state;
    struct pid_options options = heating();
    options.kd = 100;
    struct bench b = bench_new(&options);
    (void)see(&b, 18, 0);
    (void)see(&b, 18, SECOND);
    assert_int_equal(pid_set_setpoint(b.pid, 21), 0);
    assert_true(evaluate(&b));
    assert_near(pid_proposal(b.pid)->value.number, 30.2);
    assert_near(pid_terms(b.pid).d, 0);
    assert_int_equal(pid_set_setpoint(b.pid, NAN), -EINVAL);
    pid_free(b.pid);
}

/* Complaint 11: a huge time after a blackout winds the integral up. */
static void a_gap_between_readings_adds_nothing(void **state)
{
    (void)state;
    struct pid_options options = heating();
    struct bench b = bench_new(&options);
    (void)see(&b, 18, 0);
    b.now_us += 3600 * SECOND;
    (void)evaluate(&b); /* stale */
    assert_true(pid_is_blind(b.pid));
    b.actual = value_number(0); /* fail-safe */
    assert_near(see(&b, 18, SECOND), 20);
    assert_near(pid_terms(b.pid).i, 0);
    (void)see(&b, 18, 10 * SECOND); /* more than three periods */
    assert_near(pid_terms(b.pid).i, 0);
    (void)see(&b, 18, 3 * SECOND);
    assert_near(pid_terms(b.pid).i, 0.6);
    pid_free(b.pid);
}

/* Complaint 12: the integral grows while the controller is off. */
static void while_it_is_off_nothing_grows(void **state)
{
    (void)state;
    struct pid_options options = heating();
    options.mode = PID_OFF;
    struct bench b = bench_new(&options);
    for (int i = 0; i < 1000; i++) {
        (void)see(&b, 10, SECOND);
    }
    assert_int_equal(pid_proposal(b.pid)->value.kind, VALUE_NONE);
    assert_near(pid_terms(b.pid).i, 0);
    pid_free(b.pid);
}

/* Complaint 13: at saturation strict limits never let the integral fall. */
static void at_a_limit_the_output_always_comes_back(void **state)
{
    (void)state;
    struct pid_options options = heating();
    options.ki = 1;
    struct bench b = bench_new(&options);
    for (int i = 0; i < 1000; i++) {
        assert_near(see(&b, 5, SECOND), 100); /* 15 too cold for a quarter of an hour */
    }
    assert_true(pid_terms(b.pid).i <= 100);
    int seconds = 0;
    while (see(&b, 20.5, SECOND) == 100) {
        seconds++;
    }
    assert_true(seconds < 5);
    for (int i = 0; i < 1000; i++) {
        (void)see(&b, 30, SECOND);
    }
    assert_near(pid_proposal(b.pid)->value.number, 0);
    assert_true(see(&b, 18, SECOND) > 0);
    pid_free(b.pid);
}

static void it_takes_over_without_a_bump(void **state)
{
    (void)state;
    struct pid_options options = heating();
    struct bench b = bench_new(&options);
    (void)see(&b, 19.9, 0);
    b.in_charge = false;
    b.actual = value_number(60); /* a person has the device */
    for (int i = 0; i < 100; i++) {
        (void)see(&b, 19.9, SECOND);
    }
    assert_near(pid_proposal(b.pid)->value.number, 60);
    b.in_charge = true;
    assert_near(see(&b, 19.9, SECOND), 60.01);
    pid_free(b.pid);
}

static void manual_is_what_a_person_set_and_auto_goes_on_from_there(void **state)
{
    (void)state;
    struct pid_options options = heating();
    struct bench b = bench_new(&options);
    (void)see(&b, 19.9, 0);
    assert_int_equal(pid_set_output(b.pid, 101), -EINVAL);
    assert_int_equal(pid_set_output(b.pid, 40), 0);
    pid_set_mode(b.pid, PID_MANUAL);
    assert_near(see(&b, 19.9, SECOND), 40);
    assert_near(see(&b, 10, 100 * SECOND), 40);
    pid_set_mode(b.pid, PID_AUTO);
    assert_near(see(&b, 19.9, SECOND), 40);
    assert_near(see(&b, 19.9, SECOND), 40.01);
    pid_free(b.pid);
}

static void one_reading_counts_once_and_a_bad_one_not_at_all(void **state)
{
    (void)state;
    struct pid_options options = heating();
    struct bench b = bench_new(&options);
    (void)see(&b, 18, 0);
    (void)see(&b, 18, SECOND);
    assert_false(evaluate(&b));
    b.now_us += SECOND;
    show_quality(&b.input, QUALITY_OUT_OF_RANGE, b.now_us);
    assert_false(evaluate(&b));
    assert_near(see(&b, 18, SECOND), 20.6); /* two seconds since the last good one */
    pid_free(b.pid);
}

static void small_moves_are_not_proposed_but_limits_are(void **state)
{
    (void)state;
    struct pid_options options = heating();
    options.ki = 0;
    options.step = 5;
    struct bench b = bench_new(&options);
    assert_near(see(&b, 18, 0), 20);
    assert_near(see(&b, 17.6, SECOND), 20);
    assert_near(see(&b, 17.5, SECOND), 25);
    assert_near(see(&b, 10, SECOND), 100);
    assert_near(see(&b, 10.3, SECOND), 100);
    pid_free(b.pid);
}

static void a_room_settles_at_its_set_point(void **state)
{
    (void)state;
    struct pid_options options = heating();
    options.kp = 20;
    options.ki = 0.02;
    struct bench b = bench_new(&options);
    double temperature = 5;
    for (int i = 0; i < 4 * 3600; i++) {
        double power = see(&b, temperature, SECOND);
        temperature += 0.0002 * power - 0.0005 * (temperature - 5);
    }
    assert_true(fabs(temperature - 20) < 0.05);
    pid_free(b.pid);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct pid *pid = NULL;
    struct pid_options options = heating();
    options.max = 0;
    assert_int_equal(pid_new(&options, &pid), -EINVAL);
    options = heating();
    options.ki = -1;
    assert_int_equal(pid_new(&options, &pid), -EINVAL);
    options = heating();
    options.period_us = 0;
    assert_int_equal(pid_new(&options, &pid), -EINVAL);
    options = heating();
    options.id = "";
    assert_int_equal(pid_new(&options, &pid), -EINVAL);
    pid_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_proportional_plus_the_sum_of_the_past),
        cmocka_unit_test(cooling_is_the_mirror_image),
        cmocka_unit_test(a_new_set_point_acts_at_once_and_is_no_kick),
        cmocka_unit_test(a_gap_between_readings_adds_nothing),
        cmocka_unit_test(while_it_is_off_nothing_grows),
        cmocka_unit_test(at_a_limit_the_output_always_comes_back),
        cmocka_unit_test(it_takes_over_without_a_bump),
        cmocka_unit_test(manual_is_what_a_person_set_and_auto_goes_on_from_there),
        cmocka_unit_test(one_reading_counts_once_and_a_bad_one_not_at_all),
        cmocka_unit_test(small_moves_are_not_proposed_but_limits_are),
        cmocka_unit_test(a_room_settles_at_its_set_point),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
