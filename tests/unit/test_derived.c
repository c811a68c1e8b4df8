#include "automation-node/input/deadline.h"
#include "automation-node/input/derived.h"

#include "tests/unit/engine_help.h"

#include <errno.h>

#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* Three inputs, and something derived from them. */
struct fixture {
    struct input inputs[3];
    struct derived *derived;
};

static const size_t all[] = {0, 1, 2};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){.inputs = {make_input("a", "", MINUTE), make_input("b", "", MINUTE),
                                    make_input("c", "", 0)}};
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    derived_free(f->derived);
    f->derived = NULL;
    return 0;
}

static void make(struct fixture *f, enum derived_kind kind, size_t count, int64_t span_us)
{
    const struct derived_options options = {.kind = kind,
                                            .sources = all,
                                            .source_count = count,
                                            .span_us = span_us,
                                            .state = label("Running")};
    derived_free(f->derived);
    assert_int_equal(derived_new(&options, &f->derived), 0);
}

static struct reading now(struct fixture *f, int64_t now_us)
{
    return derived_evaluate(f->derived, f->inputs, now_us);
}

static void assert_number(struct fixture *f, int64_t now_us, double number)
{
    struct reading reading = now(f, now_us);
    assert_int_equal(reading.quality, QUALITY_GOOD);
    assert_int_equal(reading.value.kind, VALUE_NUMBER);
    assert_true(reading.value.number > number - 1e-6 && reading.value.number < number + 1e-6);
}

static void several_become_one(void **state)
{
    struct fixture *f = *state;
    show(&f->inputs[0], 20, 0);
    show(&f->inputs[1], 23, 0);
    show(&f->inputs[2], 14, 0);
    make(f, DERIVED_MEAN, 3, 0);
    assert_number(f, 0, 19);
    make(f, DERIVED_MIN, 3, 0);
    assert_number(f, 0, 14);
    make(f, DERIVED_MAX, 3, 0);
    assert_number(f, 0, 23);
    make(f, DERIVED_DIFFERENCE, 2, 0);
    assert_number(f, 0, -3);
    make(f, DERIVED_MEAN, 1, 0);
    assert_number(f, 0, 20);
}

static void the_quality_is_that_of_the_worst(void **state)
{
    struct fixture *f = *state;
    make(f, DERIVED_MEAN, 2, 0);
    assert_int_equal(now(f, 0).quality, QUALITY_STALE); /* never seen */
    show(&f->inputs[0], 20, 0);
    assert_int_equal(now(f, 0).quality, QUALITY_STALE);
    show(&f->inputs[1], 22, 0);
    assert_number(f, 0, 21);
    show_quality(&f->inputs[1], QUALITY_OUT_OF_RANGE, SECOND);
    assert_int_equal(now(f, SECOND).quality, QUALITY_OUT_OF_RANGE);
    show_quality(&f->inputs[0], QUALITY_NOT_AVAILABLE, SECOND);
    assert_int_equal(now(f, SECOND).quality, QUALITY_NOT_AVAILABLE);
    show_quality(&f->inputs[0], QUALITY_OUT_OF_RANGE, SECOND);
    assert_int_equal(now(f, SECOND).quality, QUALITY_OUT_OF_RANGE);
    assert_int_equal(now(f, MINUTE).quality, QUALITY_STALE); /* held for too long */
}

static void words_have_no_mean(void **state)
{
    struct fixture *f = *state;
    const struct reading word = good(label("Running"), 1);
    make(f, DERIVED_MEAN, 1, 0);
    input_update(&f->inputs[0], &word, 0);
    assert_int_equal(now(f, 0).quality, QUALITY_STALE);
}

static void the_newest_source_says_when(void **state)
{
    struct fixture *f = *state;
    struct reading readings[] = {good(value_number(1), 7), good(value_number(2), 9),
                                 good(value_number(3), 8)};
    for (size_t i = 0; i < 3; i++) {
        input_update(&f->inputs[i], &readings[i], 0);
    }
    make(f, DERIVED_MEAN, 3, 0);
    struct reading reading = now(f, 0);
    assert_int_equal(reading.seq, 9);
    assert_int_equal(reading.ts_us, 9000);
}

static void a_rate_is_the_slope_per_hour(void **state)
{
    struct fixture *f = *state;
    make(f, DERIVED_RATE, 1, 10 * MINUTE);
    /* One degree in 20 minutes, and a reading each 10 s, for an hour. */
    for (int64_t t = 0; t <= HOUR; t += 10 * SECOND) {
        show(&f->inputs[0], 20 + (double)t / (20.0 * MINUTE), t);
        struct reading reading = now(f, t);
        if (t < 5 * MINUTE) {
            assert_int_equal(reading.quality, QUALITY_NOT_AVAILABLE); /* too short to tell */
        } else {
            assert_number(f, t, 3);
        }
    }
    /* It stands still: ten minutes later nothing of the slope is left. */
    for (int64_t t = HOUR; t <= HOUR + 12 * MINUTE; t += 10 * SECOND) {
        show(&f->inputs[0], 23, t);
        (void)now(f, t);
    }
    assert_number(f, HOUR + 12 * MINUTE, 0);
}

static void many_readings_at_once_do_not_push_old_ones_out(void **state)
{
    struct fixture *f = *state;
    make(f, DERIVED_RATE, 1, MINUTE);
    for (int64_t t = 0; t <= MINUTE; t += SECOND / 100) {
        show(&f->inputs[0], (double)t / SECOND, t);
        (void)now(f, t);
    }
    assert_number(f, MINUTE, 3600);
    show(&f->inputs[0], 60, MINUTE); /* twice at the same instant */
    assert_number(f, MINUTE, 3600);
}

static void a_rate_begins_anew_after_a_loss(void **state)
{
    struct fixture *f = *state;
    make(f, DERIVED_RATE, 1, MINUTE);
    for (int64_t t = 0; t <= MINUTE; t += SECOND) {
        show(&f->inputs[0], 20, t);
        (void)now(f, t);
    }
    assert_number(f, MINUTE, 0);
    assert_int_equal(now(f, HOUR).quality, QUALITY_STALE);
    show(&f->inputs[0], 90, HOUR);
    assert_int_equal(now(f, HOUR).quality, QUALITY_NOT_AVAILABLE);
    show(&f->inputs[0], 90, HOUR + 30 * SECOND);
    assert_number(f, HOUR + 30 * SECOND, 0);
}

static void show_word(struct input *input, const char *word, int64_t now_us)
{
    const struct reading reading = good(label(word), 1);
    input_update(input, &reading, now_us);
}

static void a_state_is_timed_since_it_began(void **state)
{
    struct fixture *f = *state;
    struct input *pump = &f->inputs[0];
    make(f, DERIVED_TIME, 1, 0);
    show_word(pump, "Stopped", 0);
    assert_number(f, 0, 0);
    assert_int_equal(derived_next_deadline(f->derived), DEADLINE_NONE);
    show_word(pump, "Running", 10 * SECOND);
    assert_number(f, 10 * SECOND, 0);
    assert_int_equal(derived_next_deadline(f->derived), 11 * SECOND);
    assert_number(f, 11 * SECOND, 1);
    show_word(pump, "Running", 30 * SECOND + 400000);
    assert_number(f, 30 * SECOND + 400000, 20);
    assert_int_equal(derived_next_deadline(f->derived), 31 * SECOND);
    show_quality(pump, QUALITY_NOT_AVAILABLE, 31 * SECOND); /* a blip: it goes on */
    assert_int_equal(now(f, 31 * SECOND).quality, QUALITY_NOT_AVAILABLE);
    assert_int_equal(derived_next_deadline(f->derived), DEADLINE_NONE);
    show_word(pump, "Running", 40 * SECOND);
    assert_number(f, 40 * SECOND, 30);
    show_word(pump, "Stopped", 41 * SECOND);
    assert_number(f, 41 * SECOND, 0);
}

static void a_lost_state_is_not_timed(void **state)
{
    struct fixture *f = *state;
    make(f, DERIVED_TIME, 1, 0);
    show_word(&f->inputs[0], "Running", 0);
    assert_number(f, 0, 0);
    assert_int_equal(now(f, MINUTE).quality, QUALITY_STALE);
    assert_int_equal(derived_next_deadline(f->derived), DEADLINE_NONE);
    show_word(&f->inputs[0], "Running", 2 * MINUTE);
    assert_number(f, 2 * MINUTE, 0);
}

/* Runs the pump for the first ten minutes of every hour. */
static void run_for_hours(struct fixture *f, int64_t from_us, int64_t to_us)
{
    for (int64_t t = from_us; t <= to_us; t += 10 * SECOND) {
        show_word(&f->inputs[2], t % HOUR < 10 * MINUTE ? "Running" : "Stopped", t);
        (void)now(f, t);
    }
}

static void a_state_is_timed_in_a_window(void **state)
{
    struct fixture *f = *state;
    static const size_t pump[] = {2};
    const struct derived_options options = {.kind = DERIVED_TIME,
                                            .sources = pump,
                                            .source_count = 1,
                                            .span_us = 6 * HOUR,
                                            .state = label("Running")};
    assert_int_equal(derived_new(&options, &f->derived), 0);
    run_for_hours(f, 0, 3 * HOUR - 10 * SECOND);
    assert_number(f, 3 * HOUR - 10 * SECOND, 3 * 600);
    run_for_hours(f, 3 * HOUR, 24 * HOUR - 10 * SECOND);
    assert_number(f, 24 * HOUR - 10 * SECOND, 6 * 600);
    /* It stays off: what is older than the window leaves, and then nothing is to be done. */
    show_word(&f->inputs[2], "Stopped", 24 * HOUR);
    assert_number(f, 27 * HOUR - SECOND, 3 * 600);
    assert_int_equal(derived_next_deadline(f->derived), 27 * HOUR);
    assert_number(f, 27 * HOUR, 2 * 600 + 240); /* a sixtieth of the window has left */
    assert_number(f, 31 * HOUR, 0);
    assert_int_equal(derived_next_deadline(f->derived), DEADLINE_NONE);
}

static void a_window_that_nobody_looked_at_for_long_is_full(void **state)
{
    struct fixture *f = *state;
    static const size_t pump[] = {2};
    const struct derived_options options = {.kind = DERIVED_TIME,
                                            .sources = pump,
                                            .source_count = 1,
                                            .span_us = HOUR,
                                            .state = label("Running")};
    assert_int_equal(derived_new(&options, &f->derived), 0);
    show_word(&f->inputs[2], "Running", 100 * HOUR);
    assert_number(f, 100 * HOUR, 0);
    struct reading reading = now(f, 200 * HOUR);
    assert_true(reading.value.number >= 3540 && reading.value.number <= 3600);
}

static void what_makes_no_sense_is_refused(void **state)
{
    struct fixture *f = *state;
    static const struct derived_options bad[] = {
        {.kind = DERIVED_MEAN, .source_count = 0},
        {.kind = DERIVED_DIFFERENCE, .source_count = 1},
        {.kind = DERIVED_DIFFERENCE, .source_count = 3},
        {.kind = DERIVED_RATE, .source_count = 1},
        {.kind = DERIVED_RATE, .source_count = 2, .span_us = MINUTE},
        {.kind = DERIVED_TIME, .source_count = 1},
        {.kind = DERIVED_KIND_COUNT, .source_count = 1},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct derived_options options = bad[i];
        options.sources = all;
        assert_int_equal(derived_new(&options, &f->derived), -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_become_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_quality_is_that_of_the_worst, set_up, tear_down),
        cmocka_unit_test_setup_teardown(words_have_no_mean, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_newest_source_says_when, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rate_is_the_slope_per_hour, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_readings_at_once_do_not_push_old_ones_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_rate_begins_anew_after_a_loss, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_state_is_timed_since_it_began, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_state_is_not_timed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_state_is_timed_in_a_window, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_window_that_nobody_looked_at_for_long_is_full, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
