#include "edge-gateway/survey/survey.h"

#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char dbc[] = "BO_ 256 Climate: 4 Node\n"
                          " SG_ Temperature : 0|16@1- (0.01,0) [-40|85] \"C\" X\n"
                          " SG_ Mode : 16|4@1+ (1,0) [0|3] \"\" X\n"
                          " SG_ Alive : 20|4@1+ (1,0) [0|15] \"\" X\n"
                          " SG_ Check : 24|8@1+ (1,0) [0|255] \"\" X\n"
                          "BO_ 257 Absent: 8 Node\n"
                          " SG_ Level : 0|8@1+ (1,0) [0|100] \"%\" X\n"
                          "VAL_ 256 Mode 0 \"Off\" 1 \"On\" 2 \"Auto\" 3 \"SNA\" ;\n"
                          "BA_DEF_ BO_ \"GenMsgCycleTime\" INT 0 10000;\n"
                          "BA_ \"GenMsgCycleTime\" BO_ 256 100;\n";

struct fixture {
    struct dbc_database *db;
    struct survey *survey;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct diagnostics *d = diagnostics_new(0);
    assert_non_null(f);
    f->db = dbc_new();
    assert_int_equal(dbc_load_text(f->db, "test.dbc", dbc, strlen(dbc), d), 0);
    diagnostics_free(d);
    assert_int_equal(survey_new(f->db, &f->survey), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    survey_free(f->survey);
    dbc_free(f->db);
    free(f);
    return 0;
}

static struct frame climate(int number, int16_t temperature)
{
    static const uint8_t check[] = {0x13, 0xE0, 0x77, 0x05, 0xC9, 0x52, 0xFE, 0x2B, 0x91};
    uint16_t raw = (uint16_t)temperature;
    unsigned mode = (unsigned)number / 50 % 3;
    return (struct frame){.ts_us = number * INT64_C(100000),
                          .can_id = 256,
                          .len = 4,
                          .data = {(uint8_t)raw, (uint8_t)(raw >> 8),
                                   (uint8_t)(mode | ((unsigned)number % 16) << 4),
                                   check[number * 7 % 9]}};
}

static void add(struct fixture *f, struct frame frame)
{
    assert_int_equal(survey_add(f->survey, &frame), 0);
}

static void what_comes_is_counted_and_timed(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) {
        add(f, climate(i, 2000));
    }
    add(f, (struct frame){.can_id = 0x7FF, .len = 8});
    add(f, (struct frame){.can_id = 256, .flags = FRAME_EXTENDED, .len = 4});
    const struct survey_message *seen = survey_at(f->survey, 0);
    assert_int_equal(seen->frames, 50);
    assert_int_equal(seen->plausible, 50);
    assert_true(fabs(survey_cycle_s(seen) - 0.1) < 1e-9);
    assert_int_equal(survey_at(f->survey, 1)->frames, 0);
    assert_true(survey_cycle_s(survey_at(f->survey, 1)) == 0.0);
    const struct survey_totals totals = survey_totals(f->survey);
    assert_int_equal(totals.frames, 52);
    assert_int_equal(totals.known, 50);
    assert_int_equal(totals.messages, 2);
    assert_int_equal(totals.seen, 1);
}

static void frames_of_another_size_or_range_are_not_plausible(void **state)
{
    struct fixture *f = *state;
    add(f, climate(0, 2000));
    add(f, climate(1, 9000)); /* 90 degrees */
    struct frame frame = climate(2, 2000);
    frame.len = 8;
    add(f, frame);
    frame.len = 1;
    add(f, frame);
    const struct survey_message *seen = survey_at(f->survey, 0);
    assert_int_equal(seen->frames, 4);
    assert_int_equal(seen->plausible, 1);
    assert_int_equal(seen->malformed, 1);
    assert_int_equal(seen->signals[0].out_of_range, 1);
    assert_int_equal(seen->signals[0].values, 3);
}

static void only_a_noisy_measurement_gets_a_deadband(void **state)
{
    struct fixture *f = *state;
    static const int16_t noise[] = {0, 3, -2, 1, -4, 2, 0, -1, 4, -3, 1};
    for (int i = 0; i < 300; i++) {
        add(f, climate(i, (int16_t)(2000 + noise[i * 5 % 11])));
    }
    const struct survey_message *seen = survey_at(f->survey, 0);
    double deadband = -1.0;
    assert_int_equal(survey_deadband(seen, 0, &deadband), NOISE_DEADBAND);
    assert_true(deadband >= 0.05 && deadband <= 0.2);
    deadband = -1.0;
    assert_int_equal(survey_deadband(seen, 1, &deadband), NOISE_NONE); /* words */
    assert_int_equal(survey_deadband(seen, 2, &deadband), NOISE_NONE); /* counts */
    assert_int_equal(survey_deadband(seen, 3, &deadband), NOISE_ONLY); /* a checksum */
    assert_true(deadband == -1.0);
}

static void values_that_are_not_available_are_no_measurement(void **state)
{
    struct fixture *f = *state;
    struct frame frame = climate(0, 2000);
    frame.data[2] = 3;
    add(f, frame);
    const struct survey_signal *mode = &survey_at(f->survey, 0)->signals[1];
    assert_int_equal(mode->values, 1);
    assert_int_equal(mode->not_available, 1);
    assert_int_equal(mode->noise.values, 0);
}

static void a_clock_that_is_set_back_is_no_cycle(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        add(f, climate(100 - 10 * i, 2000));
    }
    assert_int_equal(survey_at(f->survey, 0)->cycle.seen, 0);
    assert_true(survey_cycle_s(survey_at(f->survey, 0)) == 0.0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_comes_is_counted_and_timed),
        TEST(frames_of_another_size_or_range_are_not_plausible),
        TEST(only_a_noisy_measurement_gets_a_deadband),
        TEST(values_that_are_not_available_are_no_measurement),
        TEST(a_clock_that_is_set_back_is_no_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
