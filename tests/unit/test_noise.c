#include "edge-gateway/statistics/noise.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FULL   1000.0
#define SERIES 100u /* a rule of thumb fails for one series in twenty, and holds for the mean */

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) {
        fail_msg("%.9g is not within %g of %.9g", value, tolerance, expected);
    }
}

static double uniform(void)
{
    return (double)random() / 2147483647.0;
}

/* Twelve uniform numbers: a deviation of 1. */
static double gauss(void)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++) {
        sum += uniform();
    }
    return sum;
}

static double quantised(double value, double factor)
{
    return round(value / factor) * factor;
}

static void a_sample_is_spread_evenly_over_all_that_came(void **state)
{
    (void)state;
    static struct sample sample;
    for (int i = 0; i < 100000; i++) {
        sample_add(&sample, i);
    }
    assert_int_equal(sample.seen, 100000);
    assert_in_range(sample.count, SAMPLE_VALUES / 2, SAMPLE_VALUES);
    for (size_t i = 0; i < sample.count; i++) {
        assert_true(sample.values[i] == (double)(i * sample.stride));
    }
    assert_near(sample_quantile(&sample, 0.5), 50000.0, 1000.0);
    assert_near(sample_quantile(&sample, 0.0), 0.0, 0.0);
    assert_true(sample_quantile(&sample, 1.0) > 99000.0);
    assert_true(sample_quantile(&(struct sample){0}, 0.5) == 0.0);
}

static void white_noise_has_the_level_of_its_deviation(void **state)
{
    (void)state;
    double sum = 0.0;
    for (unsigned seed = 1; seed <= SERIES; seed++) {
        srandom(seed);
        static struct noise noise;
        memset(&noise, 0, sizeof(noise));
        for (int i = 0; i < 20000; i++) {
            noise_add(&noise, 20.0 + 0.5 * gauss());
        }
        assert_near(noise_level(&noise), 0.5 * 1.652, 0.5);
        sum += noise_level(&noise);
    }
    assert_near(sum / SERIES, 0.5 * 1.652, 0.03);
}

static void a_trend_a_counter_and_rare_steps_are_no_noise(void **state)
{
    (void)state;
    struct noise ramp = {0};
    struct noise counter = {0};
    struct noise steps = {0};
    double deadband = -1.0;
    for (int i = 0; i < 500; i++) {
        noise_add(&ramp, i * 0.25);
        noise_add(&counter, i % 16);
        noise_add(&steps, i / 50);
    }
    assert_int_equal(noise_judge(&ramp, 0.25, FULL, &deadband), NOISE_NONE);
    assert_int_equal(noise_judge(&counter, 1.0, 16.0, &deadband), NOISE_NONE);
    assert_int_equal(noise_judge(&steps, 1.0, FULL, &deadband), NOISE_NONE);
    assert_true(deadband == -1.0);
}

static void few_values_and_a_value_that_stands_give_no_deadband(void **state)
{
    (void)state;
    struct noise noise = {0};
    double deadband;
    for (int i = 0; i < NOISE_VALUES_MIN - 1; i++) {
        noise_add(&noise, i % 2);
    }
    assert_int_equal(noise_judge(&noise, 1.0, FULL, &deadband), NOISE_UNKNOWN);
    noise = (struct noise){0};
    for (int i = 0; i < 100; i++) {
        noise_add(&noise, 7.0);
    }
    assert_int_equal(noise_judge(&noise, 1.0, FULL, &deadband), NOISE_STEADY);
}

static void a_checksum_is_told_from_a_noisy_measurement(void **state)
{
    (void)state;
    srandom(test_seed());
    static struct noise checksum;
    static struct noise noisy;
    memset(&checksum, 0, sizeof(checksum));
    memset(&noisy, 0, sizeof(noisy));
    double deadband;
    for (int i = 0; i < 1000; i++) {
        noise_add(&checksum, floor(256.0 * uniform()));
        noise_add(&noisy, quantised(100.0 + 5.0 * gauss(), 1.0));
    }
    assert_int_equal(noise_judge(&checksum, 1.0, 256.0, &deadband), NOISE_ONLY);
    assert_int_equal(noise_judge(&noisy, 1.0, 256.0, &deadband), NOISE_DEADBAND);
}

static void what_jumps_from_end_to_end_is_no_measurement(void **state)
{
    (void)state;
    struct noise noise = {0};
    double deadband;
    for (int i = 0; i < 200; i++) {
        noise_add(&noise, i % 2 == 0 ? 0.11 : 5.11);
    }
    assert_int_equal(noise_judge(&noise, 0.01, FULL, &deadband), NOISE_ONLY);
}

static void a_flicker_of_the_last_step_is_kept_in(void **state)
{
    (void)state;
    struct noise noise = {0};
    double deadband;
    for (int i = 0; i < 200; i++) {
        noise_add(&noise, 6.0 + 0.1 * (i % 2));
    }
    assert_int_equal(noise_judge(&noise, 0.1, FULL, &deadband), NOISE_DEADBAND);
    assert_true(deadband >= 0.1);
}

static void no_deadband_swallows_all_that_was_seen(void **state)
{
    (void)state;
    srandom(test_seed());
    static struct noise noise;
    memset(&noise, 0, sizeof(noise));
    double deadband;
    for (int i = 0; i < 60; i++) { /* 2.6 would be rounded up to 5, of 3.5 that were seen */
        noise_add(&noise, quantised(3.3 + 0.79 * gauss(), 0.01));
    }
    assert_int_equal(noise_judge(&noise, 0.01, FULL, &deadband), NOISE_DEADBAND);
    assert_true(deadband <= 0.6 * (noise.max - noise.min));
    assert_true(deadband > 0.5);
}

/* How many of 2000 values with this noise are published with the deadband that is found for it. */
static unsigned published_of_noise(double deviation)
{
    static struct noise noise;
    memset(&noise, 0, sizeof(noise));
    double deadband;
    double values[2000];
    for (int i = 0; i < 2000; i++) {
        values[i] = quantised(20.0 + deviation * gauss(), 0.01);
        noise_add(&noise, values[i]);
    }
    assert_int_equal(noise_judge(&noise, 0.01, FULL, &deadband), NOISE_DEADBAND);
    assert_true(deadband < 12.0 * deviation);
    unsigned published = 0;
    double last = values[0];
    for (int i = 0; i < 2000; i++) {
        if (fabs(values[i] - last) > deadband) {
            last = values[i];
            published++;
        }
    }
    return published;
}

/* What the deadband is for: of a still value's noise hardly anything is published. */
static void the_deadband_keeps_the_noise_in_and_a_change_out(void **state)
{
    (void)state;
    static const double deviations[] = {0.02, 0.1, 1.0};
    for (size_t k = 0; k < 3; k++) {
        unsigned sum = 0;
        unsigned most = 0;
        for (unsigned seed = 1; seed <= SERIES; seed++) {
            srandom(seed);
            unsigned published = published_of_noise(deviations[k]);
            most = published > most ? published : most;
            sum += published;
        }
        assert_in_range(sum / SERIES, 1, 90);
        assert_in_range(most, 1, 250);
    }
}

static void a_spike_now_and_then_changes_nothing(void **state)
{
    (void)state;
    srandom(test_seed());
    struct noise clean = {0};
    struct noise spiked = {0};
    for (int i = 0; i < 1000; i++) {
        double value = 0.1 * gauss();
        noise_add(&clean, value);
        noise_add(&spiked, i % 50 == 7 ? 500.0 : value);
    }
    assert_near(noise_level(&spiked), noise_level(&clean), 0.06);
}

static void deadbands_are_round_and_multiples_of_the_factor(void **state)
{
    (void)state;
    static const struct {
        double value;
        double factor;
        double expected;
    } cases[] = {
        {0.013, 0.01, 0.02},      /* 1, 2 or 5 */
        {0.02, 0.01, 0.02},       /* not above what is there already */
        {0.021, 0.01, 0.05},      /* the next one */
        {3.0, 1.0, 5.0},          /**/
        {6.0, 1.0, 10.0},         /**/
        {0.6, 0.25, 1.0},         /* 1 is the first round multiple of a quarter */
        {0.04, 0.03125, 0.0625},  /* no round multiple is near: two steps */
        {0.08, 0.03125, 0.15625}, /* three steps are not 1, 2 or 5: five */
        {0.3, 0.7, 0.7},          /* one step */
        {123.0, 0.0, 200.0},      /* any number will do */
        {0.00011, 0.0, 0.0002},   /**/
        {1000.0, 1.0, 1000.0},    /**/
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double rounded = noise_round_up(cases[i].value, cases[i].factor);
        assert_near(rounded, cases[i].expected, 1e-9 * cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_spread_evenly_over_all_that_came),
        cmocka_unit_test(white_noise_has_the_level_of_its_deviation),
        cmocka_unit_test(a_trend_a_counter_and_rare_steps_are_no_noise),
        cmocka_unit_test(few_values_and_a_value_that_stands_give_no_deadband),
        cmocka_unit_test(a_checksum_is_told_from_a_noisy_measurement),
        cmocka_unit_test(what_jumps_from_end_to_end_is_no_measurement),
        cmocka_unit_test(a_flicker_of_the_last_step_is_kept_in),
        cmocka_unit_test(no_deadband_swallows_all_that_was_seen),
        cmocka_unit_test(the_deadband_keeps_the_noise_in_and_a_change_out),
        cmocka_unit_test(a_spike_now_and_then_changes_nothing),
        cmocka_unit_test(deadbands_are_round_and_multiples_of_the_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
