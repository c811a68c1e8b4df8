#include "automation-node/engine/timetable.h"

#include "automation-node/calendar/civil.h"
#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

#include <errno.h>

#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* One trigger at 06:30 UTC, and what is seen of the clocks. */
struct table {
    struct zone *zone;
    struct calendar calendar;
    struct time_trigger trigger;
    struct timetable *timetable;
    struct expression_view view;
};

static void table_open(struct table *t, const struct time_trigger *trigger, bool catches_up)
{
    *t = (struct table){.trigger = *trigger};
    assert_int_equal(zone_new_posix("UTC0", &t->zone), 0);
    t->calendar.zone = t->zone;
    t->view = (struct expression_view){
        .calendar = &t->calendar, .wall_us = EXPRESSION_NO_CLOCK, .changed = EXPRESSION_NO_INPUT};
    assert_int_equal(timetable_new(&t->trigger, 1, catches_up, 0, &t->timetable), 0);
}

static void table_close(struct table *t)
{
    timetable_free(t->timetable);
    zone_free(t->zone);
}

static void at_half_past_six(struct table *t, bool catches_up)
{
    struct time_trigger trigger = {.kind = TIME_MOMENT, .text = "06:30"};
    assert_int_equal(moment_parse("06:30", 5, &trigger.moment), 0);
    table_open(t, &trigger, catches_up);
}

static int64_t wall(int day, int hour, int minute, int second)
{
    int64_t days = civil_day((struct civil_date){2026, 11, day});
    return ((days * 24 + hour) * 60 + minute) * MINUTE + second * SECOND;
}

static void set_clock(struct table *t, int64_t wall_us)
{
    t->view.wall_us = wall_us;
    timetable_set_clock(t->timetable, &t->view);
}

static void pass(struct table *t, int64_t span_us)
{
    t->view.now_us += span_us;
    t->view.wall_us += t->view.wall_us != EXPRESSION_NO_CLOCK ? span_us : 0;
}

static unsigned count_due(struct table *t)
{
    unsigned count = 0;
    for (size_t trigger; timetable_take(t->timetable, &t->view, &trigger);) {
        count++;
    }
    return count;
}

static void nothing_is_due_before_the_clock_is_set(void **state)
{
    (void)state;
    struct table t;
    at_half_past_six(&t, true);
    pass(&t, 100 * HOUR);
    assert_int_equal(count_due(&t), 0);
    assert_true(timetable_deadline(t.timetable, &t.view) == DEADLINE_NONE);
    set_clock(&t, wall(26, 12, 0, 0));
    assert_int_equal(count_due(&t), 0); /* what was before is not missed: nobody knew */
    assert_true(timetable_deadline(t.timetable, &t.view) ==
                t.view.now_us + 18 * HOUR + 30 * MINUTE);
    table_close(&t);
}

static void it_is_due_once_a_day(void **state)
{
    (void)state;
    struct table t;
    at_half_past_six(&t, false);
    set_clock(&t, wall(26, 6, 29, 59));
    assert_int_equal(count_due(&t), 0);
    pass(&t, SECOND);
    assert_int_equal(count_due(&t), 1);
    pass(&t, 24 * HOUR - 1);
    assert_int_equal(count_due(&t), 0);
    pass(&t, 1);
    assert_int_equal(count_due(&t), 1);
    table_close(&t);
}

static void what_the_clock_jumped_over_is_missed_or_made_up_for(void **state)
{
    (void)state;
    for (int catches_up = 0; catches_up <= 1; catches_up++) {
        struct table t;
        at_half_past_six(&t, catches_up != 0);
        set_clock(&t, wall(26, 6, 0, 0));
        set_clock(&t, wall(29, 12, 0, 0));
        assert_int_equal(count_due(&t), catches_up); /* once, not once a day */
        assert_int_equal(timetable_next_s(t.timetable), wall(30, 6, 30, 0) / SECOND);
        table_close(&t);
    }
}

static void a_small_jump_over_it_is_only_lateness(void **state)
{
    (void)state;
    struct table t;
    at_half_past_six(&t, false);
    set_clock(&t, wall(26, 6, 29, 58));
    set_clock(&t, wall(26, 6, 30, 3));
    assert_int_equal(count_due(&t), 1);
    table_close(&t);
}

static void a_small_jump_back_does_not_repeat_it(void **state)
{
    (void)state;
    struct table t;
    at_half_past_six(&t, false);
    set_clock(&t, wall(26, 6, 30, 0));
    pass(&t, 24 * HOUR);
    assert_int_equal(count_due(&t), 1);
    set_clock(&t, wall(27, 6, 29, 30));
    pass(&t, MINUTE);
    assert_int_equal(count_due(&t), 0);
    pass(&t, 24 * HOUR);
    assert_int_equal(count_due(&t), 1);
    table_close(&t);
}

static void a_far_jump_back_is_another_time(void **state)
{
    (void)state;
    struct table t;
    at_half_past_six(&t, false);
    set_clock(&t, wall(26, 6, 29, 0));
    pass(&t, MINUTE);
    assert_int_equal(count_due(&t), 1);
    set_clock(&t, wall(25, 6, 0, 0)); /* it had been a day ahead */
    pass(&t, 30 * MINUTE);
    assert_int_equal(count_due(&t), 1);
    table_close(&t);
}

static void a_clock_that_is_doubted_again_stops_it(void **state)
{
    (void)state;
    struct table t;
    at_half_past_six(&t, false);
    set_clock(&t, wall(26, 6, 0, 0));
    set_clock(&t, EXPRESSION_NO_CLOCK);
    pass(&t, HOUR);
    assert_int_equal(count_due(&t), 0);
    table_close(&t);
}

static void periods_need_no_clock_and_never_pile_up(void **state)
{
    (void)state;
    struct table t;
    table_open(&t, &(struct time_trigger){.kind = TIME_PERIOD, .period_us = 10 * SECOND}, false);
    assert_true(timetable_deadline(t.timetable, &t.view) == 10 * SECOND);
    pass(&t, 10 * SECOND - 1);
    assert_int_equal(count_due(&t), 0);
    pass(&t, 1);
    assert_int_equal(count_due(&t), 1);
    pass(&t, 45 * SECOND);
    assert_int_equal(count_due(&t), 1);
    assert_true(timetable_deadline(t.timetable, &t.view) == 60 * SECOND);
    table_close(&t);
}

static void a_period_that_is_none_is_refused(void **state)
{
    (void)state;
    struct timetable *timetable = NULL;
    struct time_trigger trigger = {.kind = TIME_PERIOD};
    assert_int_equal(timetable_new(&trigger, 1, false, 0, &timetable), -EINVAL);
    timetable_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_due_before_the_clock_is_set),
        cmocka_unit_test(it_is_due_once_a_day),
        cmocka_unit_test(what_the_clock_jumped_over_is_missed_or_made_up_for),
        cmocka_unit_test(a_small_jump_over_it_is_only_lateness),
        cmocka_unit_test(a_small_jump_back_does_not_repeat_it),
        cmocka_unit_test(a_far_jump_back_is_another_time),
        cmocka_unit_test(a_clock_that_is_doubted_again_stops_it),
        cmocka_unit_test(periods_need_no_clock_and_never_pile_up),
        cmocka_unit_test(a_period_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
