#include "automation-node/engine/schedule.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

#include <errno.h>

#define MINUTE      (60 * SECOND)
#define BLOCKS_MAX  3
#define SPECIAL_MAX 3

/* A schedule in Berlin, and a clock that is moved about. */
struct bench {
    struct zone *zone;
    struct calendar calendar;
    struct schedule_block blocks[BLOCKS_MAX];
    struct schedule_exception exceptions[SPECIAL_MAX];
    struct schedule_options options;
    struct schedule *schedule;
    struct expression_view view;
};

static void bench_init(struct bench *b)
{
    *b = (struct bench){.calendar = {.has_place = true, .place = {52.52, 13.4}}};
    assert_int_equal(zone_new_posix("CET-1CEST,M3.5.0,M10.5.0/3", &b->zone), 0);
    b->calendar.zone = b->zone;
    b->view = (struct expression_view){.calendar = &b->calendar, .wall_us = EXPRESSION_NO_CLOCK};
    b->options = (struct schedule_options){.id = "s",
                                           .blocks = b->blocks,
                                           .exceptions = b->exceptions,
                                           .otherwise = value_number(17),
                                           .enabled = true};
}

static void add_block(struct bench *b, const char *days, const char *from, const char *to,
                      double value)
{
    struct schedule_block *block = &b->blocks[b->options.block_count++];
    block->value = value_number(value);
    block->text = days;
    assert_int_equal(moment_parse(from, strlen(from), &block->from), 0);
    assert_int_equal(moment_parse(to, strlen(to), &block->to), 0);
    assert_int_equal(moment_parse_weekdays(days, strlen(days), &block->from.weekdays), 0);
}

static struct schedule_exception *add_exception(struct bench *b, int64_t year, int month, int day)
{
    struct schedule_exception *exception = &b->exceptions[b->options.exception_count++];
    *exception = (struct schedule_exception){.first = {year, month, day},
                                             .last = {year, month, day},
                                             .yearly = year == 0,
                                             .text = "special"};
    return exception;
}

static void start(struct bench *b)
{
    assert_int_equal(schedule_new(&b->options, &b->schedule), 0);
}

static void bench_deinit(struct bench *b)
{
    schedule_free(b->schedule);
    zone_free(b->zone);
}

static int64_t local_s(const struct bench *b, int month, int day, int hour, int minute)
{
    int64_t days = civil_day((struct civil_date){2026, month, day});
    return zone_instant(b->zone, days, hour * 3600 + minute * 60);
}

/* What it says at that local time of 2026. */
static const struct value *at(struct bench *b, int month, int day, int hour, int minute)
{
    b->view.wall_us = local_s(b, month, day, hour, minute) * SECOND;
    (void)schedule_evaluate(b->schedule, &b->view);
    return &schedule_proposal(b->schedule)->value;
}

static void assert_at(struct bench *b, int month, int day, int hour, int minute, double expected)
{
    const struct value *value = at(b, month, day, hour, minute);
    if (value->kind != VALUE_NUMBER || value->number != expected) {
        fail_msg("%d-%d %d:%d: %g, not %g", month, day, hour, minute, value->number, expected);
    }
}

static void blocks_have_a_value_and_so_has_the_rest(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-fri", "06:00", "22:00", 21);
    start(&b);
    assert_at(&b, 11, 26, 5, 59, 17); /* a Thursday */
    assert_at(&b, 11, 26, 6, 0, 21);
    assert_string_equal(schedule_proposal(b.schedule)->cause.source, "schedule:s");
    assert_string_equal(schedule_proposal(b.schedule)->cause.reason, "mon-fri");
    assert_at(&b, 11, 26, 21, 59, 21);
    assert_at(&b, 11, 26, 22, 0, 17);
    assert_string_equal(schedule_proposal(b.schedule)->cause.reason, "otherwise");
    assert_at(&b, 11, 28, 12, 0, 17);
    bench_deinit(&b);
}

static void a_block_may_pass_midnight(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "fri", "22:00", "02:00", 23);
    start(&b);
    assert_at(&b, 11, 27, 1, 0, 17);
    assert_at(&b, 11, 27, 23, 0, 23);
    assert_at(&b, 11, 28, 1, 59, 23);
    assert_at(&b, 11, 28, 2, 0, 17);
    assert_at(&b, 11, 28, 23, 0, 17);
    bench_deinit(&b);
}

static void where_blocks_overlap_the_first_counts(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-sun", "12:00", "13:00", 25);
    add_block(&b, "mon-sun", "00:00", "24:00", 20);
    start(&b);
    assert_at(&b, 11, 26, 11, 59, 20);
    assert_at(&b, 11, 26, 12, 30, 25);
    assert_at(&b, 11, 26, 13, 0, 20);
    bench_deinit(&b);
}

static void exceptions_beat_blocks(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-fri", "06:00", "22:00", 21);
    add_block(&b, "sun", "09:00", "20:00", 22);
    struct schedule_exception *christmas = add_exception(&b, 0, 12, 24);
    christmas->last.day = 26;
    christmas->kind = EXCEPTION_LIKE;
    christmas->weekday = 6;
    struct schedule_exception *away = add_exception(&b, 2026, 11, 26);
    away->kind = EXCEPTION_VALUE;
    away->value = value_number(12);
    add_exception(&b, 2026, 11, 27)->kind = EXCEPTION_NOTHING;
    start(&b);
    assert_at(&b, 12, 24, 7, 0, 17); /* a Thursday, like a Sunday */
    assert_at(&b, 12, 24, 9, 0, 22);
    assert_at(&b, 12, 27, 10, 0, 22);
    assert_at(&b, 11, 26, 0, 0, 12);
    assert_at(&b, 11, 26, 12, 0, 12);
    assert_int_equal(at(&b, 11, 27, 12, 0)->kind, VALUE_NONE);
    assert_at(&b, 11, 28, 0, 0, 17);
    bench_deinit(&b);
}

static void yearly_days_may_pass_the_new_year(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-sun", "00:00", "24:00", 20);
    struct schedule_exception *holidays = add_exception(&b, 0, 12, 30);
    holidays->last = (struct civil_date){0, 1, 2};
    holidays->kind = EXCEPTION_VALUE;
    holidays->value = value_number(5);
    start(&b);
    assert_at(&b, 1, 1, 12, 0, 5);
    assert_at(&b, 1, 3, 12, 0, 20);
    assert_at(&b, 12, 29, 12, 0, 20);
    assert_at(&b, 12, 31, 12, 0, 5);
    bench_deinit(&b);
}

static void the_next_change_is_one_of_the_value(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-fri", "06:00", "12:00", 21);
    add_block(&b, "mon-fri", "12:00", "22:00", 21);
    start(&b);
    (void)at(&b, 11, 27, 8, 0); /* Friday */
    struct schedule_change next = schedule_next(b.schedule);
    assert_int_equal(next.at_s, local_s(&b, 11, 27, 22, 0));
    assert_true(next.value.number == 17);
    assert_true(schedule_until(b.schedule) == 14 * 60 * MINUTE);
    assert_true(schedule_next_deadline(b.schedule) == 4 * 60 * MINUTE); /* the other block */
    (void)at(&b, 11, 27, 23, 0);
    assert_int_equal(schedule_next(b.schedule).at_s, local_s(&b, 11, 30, 6, 0));
    bench_deinit(&b);
}

static void a_value_that_never_changes_has_no_next(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-sun", "00:00", "24:00", 17);
    start(&b);
    assert_at(&b, 11, 26, 12, 0, 17);
    assert_true(schedule_next(b.schedule).at_s == CALENDAR_NEVER);
    assert_true(schedule_until(b.schedule) == DEADLINE_NONE);
    bench_deinit(&b);
}

static void blocks_follow_the_sun(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-sun", "sunset", "sunrise", 1);
    start(&b);
    assert_at(&b, 11, 26, 15, 50, 17); /* sunset in Berlin at 15:57 */
    assert_at(&b, 11, 26, 16, 5, 1);
    assert_at(&b, 11, 27, 7, 40, 1); /* sunrise at 07:46 */
    assert_at(&b, 11, 27, 7, 55, 17);
    bench_deinit(&b);
}

static void without_a_clock_and_when_disabled_it_wishes_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-sun", "00:00", "24:00", 20);
    start(&b);
    (void)schedule_evaluate(b.schedule, &b.view);
    assert_int_equal(schedule_proposal(b.schedule)->value.kind, VALUE_NONE);
    assert_string_equal(schedule_proposal(b.schedule)->cause.reason, "the clock is not set yet");
    assert_true(schedule_next_deadline(b.schedule) == DEADLINE_NONE);
    assert_at(&b, 11, 26, 12, 0, 20);
    schedule_enable(b.schedule, false);
    assert_true(schedule_evaluate(b.schedule, &b.view));
    assert_int_equal(schedule_proposal(b.schedule)->value.kind, VALUE_NONE);
    assert_false(schedule_evaluate(b.schedule, &b.view));
    bench_deinit(&b);
}

static void only_news_are_news(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-sun", "06:00", "22:00", 20);
    start(&b);
    b.view.wall_us = local_s(&b, 11, 26, 12, 0) * SECOND;
    assert_true(schedule_evaluate(b.schedule, &b.view));
    b.view.wall_us += 5 * MINUTE;
    assert_false(schedule_evaluate(b.schedule, &b.view));
    b.view.wall_us = local_s(&b, 11, 26, 22, 0) * SECOND;
    assert_true(schedule_evaluate(b.schedule, &b.view));
    bench_deinit(&b);
}

/* Every ten minutes of a year, the hours that the clocks skip and repeat included: what the wall
 * clock shows decides, and following the deadlines misses nothing. */
static void through_a_year_the_clock_on_the_wall_is_right(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    add_block(&b, "mon-fri", "06:00", "22:00", 21);
    add_block(&b, "sat,sun", "09:30", "23:00", 22);
    start(&b);
    b.view.wall_us = local_s(&b, 1, 1, 0, 0) * SECOND;
    int64_t deadline_us = 0;
    for (int i = 0; i < 365 * 24 * 6; i++) {
        if (b.view.now_us >= deadline_us) {
            (void)schedule_evaluate(b.schedule, &b.view);
            deadline_us = schedule_next_deadline(b.schedule);
            assert_true(deadline_us > b.view.now_us);
        }
        struct zone_local local = zone_local(b.zone, b.view.wall_us / SECOND);
        bool weekend = civil_weekday(local.day) >= 5;
        int64_t minute = local.second / 60;
        bool inside = weekend ? minute >= 9 * 60 + 30 && minute < 23 * 60
                              : minute >= 6 * 60 && minute < 22 * 60;
        double expected = inside ? (weekend ? 22 : 21) : 17;
        assert_true(schedule_proposal(b.schedule)->value.number == expected);
        b.view.now_us += 10 * MINUTE;
        b.view.wall_us += 10 * MINUTE;
    }
    bench_deinit(&b);
}

static void a_schedule_without_an_id_is_refused(void **state)
{
    (void)state;
    struct schedule *schedule = NULL;
    struct schedule_options options = {.id = ""};
    assert_int_equal(schedule_new(&options, &schedule), -EINVAL);
    schedule_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_have_a_value_and_so_has_the_rest),
        cmocka_unit_test(a_block_may_pass_midnight),
        cmocka_unit_test(where_blocks_overlap_the_first_counts),
        cmocka_unit_test(exceptions_beat_blocks),
        cmocka_unit_test(yearly_days_may_pass_the_new_year),
        cmocka_unit_test(the_next_change_is_one_of_the_value),
        cmocka_unit_test(a_value_that_never_changes_has_no_next),
        cmocka_unit_test(blocks_follow_the_sun),
        cmocka_unit_test(without_a_clock_and_when_disabled_it_wishes_nothing),
        cmocka_unit_test(only_news_are_news),
        cmocka_unit_test(through_a_year_the_clock_on_the_wall_is_right),
        cmocka_unit_test(a_schedule_without_an_id_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
