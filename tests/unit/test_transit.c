#include "common/transit.h"

#include "tests/unit/cmocka_all.h"

#define S INT64_C(1000000)

/* The wall clock is so much ahead of the loop's, which counts from the start of the machine; the
 * sender's is wrong by hours. */
#define WALL_US  (INT64_C(1795423160) * S)
#define WRONG_US (INT64_C(7200) * S)

static int64_t us(double seconds)
{
    return (int64_t)(seconds * (double)S);
}

static int64_t late(struct transit *transit, double sent_s, double arrived_s)
{
    return transit_late_us(transit, WALL_US - WRONG_US + us(sent_s), us(arrived_s),
                           WALL_US + us(arrived_s));
}

/* ... and where it is right */
static int64_t late_by_right_clocks(struct transit *transit, double sent_s, double arrived_s)
{
    return transit_late_us(transit, WALL_US + us(sent_s), us(arrived_s), WALL_US + us(arrived_s));
}

static void the_first_one_is_never_late(void **state)
{
    (void)state;
    struct transit transit = {0};
    assert_int_equal(late(&transit, 100, 105), 0);
}

static void what_comes_as_soon_as_before_is_not_late_however_far_the_clocks_are_apart(void **state)
{
    (void)state;
    struct transit transit = {0};
    for (int second = 0; second < 200; second++) {
        assert_int_equal(late(&transit, second, second + 0.25), 0);
    }
}

static void what_was_held_up_is_as_late_as_it_was_held_up(void **state)
{
    (void)state;
    struct transit transit = {0};
    assert_int_equal(late(&transit, 1, 1), 0);
    /* twelve seconds of silence, then all at once */
    for (int second = 2; second <= 14; second++) {
        assert_int_equal(late(&transit, second, 14), (14 - second) * S);
    }
    assert_int_equal(late(&transit, 15, 15), 0);
}

static void a_long_silence_forgets_nothing(void **state)
{
    (void)state;
    struct transit transit = {0};
    assert_int_equal(late(&transit, 1, 1), 0);
    assert_int_equal(late(&transit, 2, 602), 600 * S);
    assert_int_equal(late(&transit, 602, 602), 0);
}

static void a_stream_that_begins_with_what_waited_is_late_from_its_first_reading_on(void **state)
{
    (void)state;
    struct transit transit = {0};
    for (int second = 0; second <= 12; second++) {
        assert_int_equal(late_by_right_clocks(&transit, second, 12), (12 - second) * S);
    }
    assert_int_equal(late_by_right_clocks(&transit, 13, 13), 0);
}

static void a_clock_that_is_a_little_wrong_counts_for_the_first_seconds_only(void **state)
{
    (void)state;
    struct transit transit = {0};
    assert_int_equal(late_by_right_clocks(&transit, 0, 40), 40 * S);
    assert_int_equal(late_by_right_clocks(&transit, 1, 41), 40 * S);
    assert_int_equal(late_by_right_clocks(&transit, 4, 44), 0);
}

static void a_clock_that_is_set_forward_makes_nothing_late(void **state)
{
    (void)state;
    struct transit transit = {0};
    assert_int_equal(late(&transit, 1, 1), 0);
    assert_int_equal(late(&transit, 3602, 2), 0);
    assert_int_equal(late(&transit, 3603, 3), 0);
}

/* Both were 56 years back, and are set right while we stand still. */
static void what_waited_while_the_clocks_were_set_right_is_late(void **state)
{
    (void)state;
    struct transit transit = {0};
    const int64_t back_us = WALL_US - us(100);
    for (int second = 1; second <= 70; second++) {
        const int64_t wall_us = WALL_US - back_us + us(second);
        assert_int_equal(transit_late_us(&transit, wall_us, us(second), wall_us), 0);
    }
    for (int second = 71; second <= 83; second++) {
        assert_int_equal(late_by_right_clocks(&transit, second, 83), (83 - second) * S);
    }
    assert_int_equal(late_by_right_clocks(&transit, 90, 90), 0);
}

static void a_clock_that_is_set_back_is_believed_after_two_windows(void **state)
{
    (void)state;
    struct transit transit = {0};
    assert_int_equal(late(&transit, 100, 100), 0);
    assert_int_equal(late(&transit, 51, 101), 50 * S);
    const double window_s = (double)TRANSIT_WINDOW_US / (double)S;
    int64_t now_late = 50 * S;
    for (double t = 102; t <= 100 + 2 * window_s + 1; t++) {
        now_late = late(&transit, t - 50, t);
    }
    assert_int_equal(now_late, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_one_is_never_late),
        cmocka_unit_test(what_comes_as_soon_as_before_is_not_late_however_far_the_clocks_are_apart),
        cmocka_unit_test(what_was_held_up_is_as_late_as_it_was_held_up),
        cmocka_unit_test(a_long_silence_forgets_nothing),
        cmocka_unit_test(a_stream_that_begins_with_what_waited_is_late_from_its_first_reading_on),
        cmocka_unit_test(a_clock_that_is_a_little_wrong_counts_for_the_first_seconds_only),
        cmocka_unit_test(a_clock_that_is_set_forward_makes_nothing_late),
        cmocka_unit_test(what_waited_while_the_clocks_were_set_right_is_late),
        cmocka_unit_test(a_clock_that_is_set_back_is_believed_after_two_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
