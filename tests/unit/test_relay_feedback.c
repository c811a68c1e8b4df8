#include "automation-node/engine/relay_feedback.h"

#include "automation-node/engine/tuning_rule.h"
#include "tests/unit/engine_help.h"
#include "tests/unit/plant_help.h"

#define HOURS_MAX 24

static struct relay_feedback relay_of(double amplitude, double hysteresis)
{
    return (struct relay_feedback){.options = {.hysteresis = hysteresis,
                                               .max_deviation = 20,
                                               .amplitude = amplitude,
                                               .max = 100,
                                               .timeout_us = HOURS_MAX * 3600 * SECOND}};
}

/* Lets the relay have the plant until it says something; `every_s`: between two readings. */
static enum relay_verdict run(struct relay_feedback *relay, struct plant *plant, double setpoint,
                              int every_s)
{
    enum relay_verdict verdict = RELAY_GOES_ON;
    relay_begin(relay, setpoint, 50, 0);
    for (int second = 0; verdict == RELAY_GOES_ON; second++) {
        assert_true(second < HOURS_MAX * 3600);
        if (second % every_s == 0) {
            verdict = relay_feed(relay, plant->value, second * SECOND);
        }
        double output = relay_output(relay);
        assert_true(output >= relay->options.min && output <= relay->options.max);
        assert_true(fabs(output - relay->centre) <= relay->options.amplitude + 1e-9);
        (void)plant_live(plant, output);
    }
    return verdict;
}

static void assert_within(double measured, double theory, double share)
{
    if (fabs(measured - theory) > share * theory) {
        fail_msg("%g is not within %g %% of %g", measured, share * 100, theory);
    }
}

/* The output that the set points need: the middle of its range, and well off it. */
static void it_finds_the_period_and_the_gain_of_theory(void **state)
{
    (void)state;
    static const struct {
        double time_constant_s;
        size_t dead_time_s;
    } plants[] = {{600, 60}, {600, 120}, {300, 300}, {3600, 300}, {100, 30}};
    static const double needed[] = {25, 50, 70};
    for (size_t i = 0; i < sizeof(plants) / sizeof(plants[0]); i++) {
        for (size_t j = 0; j < sizeof(needed) / sizeof(needed[0]); j++) {
            struct plant plant =
                plant_new(0.3, plants[i].time_constant_s, plants[i].dead_time_s, 5);
            plant_rest_at(&plant, needed[j]);
            struct relay_feedback relay = relay_of(50, 0.1);
            assert_int_equal(run(&relay, &plant, 5 + 0.3 * needed[j], 1), RELAY_FOUND);
            assert_within(relay.last.ultimate_period_s, plant_ultimate_period_s(&plant), 0.15);
            /* The relay's wave is no sine: up to a quarter is known to be missing. */
            assert_within(relay.last.ultimate_gain, plant_ultimate_gain(&plant), 0.3);
            assert_within(relay.centre, needed[j], 0.2);
        }
    }
}

static void a_smaller_amplitude_and_rare_readings_do_as_well(void **state)
{
    (void)state;
    struct plant plant = plant_new(0.3, 600, 120, 5);
    plant_rest_at(&plant, 40);
    struct relay_feedback relay = relay_of(15, 0.05);
    assert_int_equal(run(&relay, &plant, 17, 5), RELAY_FOUND);
    assert_within(relay.last.ultimate_period_s, plant_ultimate_period_s(&plant), 0.15);
}

static void cooling_is_the_mirror_image(void **state)
{
    (void)state;
    struct plant plant = plant_new(-0.3, 600, 60, 30);
    plant_rest_at(&plant, 50);
    struct relay_feedback relay = relay_of(50, 0.1);
    relay.options.cools = true;
    assert_int_equal(run(&relay, &plant, 15, 1), RELAY_FOUND);
    assert_within(relay.last.ultimate_period_s, plant_ultimate_period_s(&plant), 0.15);
}

static void it_gives_up_too_far_from_the_set_point(void **state)
{
    (void)state;
    struct plant plant = plant_new(0.3, 600, 300, 5);
    plant_rest_at(&plant, 50);
    struct relay_feedback relay = relay_of(50, 0.1);
    relay.options.max_deviation = 3;
    assert_int_equal(run(&relay, &plant, 20, 1), RELAY_TOO_FAR);
}

/* A plant without dead time moves no further than the hysteresis. */
static void it_gives_up_where_the_hysteresis_is_all_that_moves(void **state)
{
    (void)state;
    struct plant plant = plant_new(0.3, 6000, 1, 5);
    plant_rest_at(&plant, 50);
    struct relay_feedback relay = relay_of(50, 1);
    assert_int_equal(run(&relay, &plant, 20, 1), RELAY_UNSTEADY);
}

/* The set point needs 2 %: the output cannot be as long above as below. */
static void it_gives_up_at_the_end_of_the_outputs_range(void **state)
{
    (void)state;
    struct plant plant = plant_new(0.3, 600, 60, 5);
    plant_rest_at(&plant, 2);
    struct relay_feedback relay = relay_of(50, 0.1);
    assert_int_equal(run(&relay, &plant, 5.6, 1), RELAY_UNSTEADY);
    assert_int_equal(relay.cycles, RELAY_CYCLES_MAX);
}

static void rules_have_the_gains_of_their_authors(void **state)
{
    (void)state;
    static const struct {
        enum tuning_rule rule;
        const char *name;
        struct pid_gains gains;
    } cases[] = {
        {TUNING_RULE_ZIEGLER_NICHOLS, "ziegler_nichols", {6, 6.0 / 50, 6 * 12.5}},
        {TUNING_RULE_ZIEGLER_NICHOLS_PI, "ziegler_nichols_pi", {4.5, 4.5 * 1.2 / 100, 0}},
        {TUNING_RULE_TYREUS_LUYBEN, "tyreus_luyben", {10 / 2.2, 10 / 2.2 / 220, 1000 / 2.2 / 6.3}},
        {TUNING_RULE_TYREUS_LUYBEN_PI, "tyreus_luyben_pi", {10 / 3.2, 10 / 3.2 / 220, 0}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pid_gains gains = tuning_rule_gains(cases[i].rule, 10, 100);
        assert_string_equal(tuning_rule_name(cases[i].rule), cases[i].name);
        assert_true(fabs(gains.kp - cases[i].gains.kp) < 1e-9);
        assert_true(fabs(gains.ki - cases[i].gains.ki) < 1e-9);
        assert_true(fabs(gains.kd - cases[i].gains.kd) < 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_period_and_the_gain_of_theory),
        cmocka_unit_test(a_smaller_amplitude_and_rare_readings_do_as_well),
        cmocka_unit_test(cooling_is_the_mirror_image),
        cmocka_unit_test(it_gives_up_too_far_from_the_set_point),
        cmocka_unit_test(it_gives_up_where_the_hysteresis_is_all_that_moves),
        cmocka_unit_test(it_gives_up_at_the_end_of_the_outputs_range),
        cmocka_unit_test(rules_have_the_gains_of_their_authors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
