/* Which roll-ups go for their age, and by which clock. */
#include "edge-gateway/store/store_age.h"
#include "tests/unit/rollup_check.h"
#include "tests/unit/seed.h"

#define DAY_US  (24 * STORE_HOUR_US)
#define YEAR_US (365 * DAY_US)
#define NOW_US  (T0_US + 200 * DAY_US)

static int set_up(void **state)
{
    srand(test_seed());
    return bench_set_up_fake_clock(state, NOW_US);
}

/* 45,000 frames from `first_us` on: an hour and a quarter if they are 200 ms apart at most. */
static void append_at(struct rollup_bench *bench, int64_t first_us, int64_t step_us)
{
    bench->now_us = first_us;
    bench->step_us = step_us;
    bench_append(bench, 45000);
}

/* While nothing waits to be written. */
static void pass(struct rollup_bench *bench, int64_t us)
{
    bench->clock.monotonic_us += us;
    bench->clock.realtime_us += us;
}

static void set_clock(struct rollup_bench *bench, int64_t jump_us)
{
    bench->clock.realtime_us += jump_us;
    store_clock_jumped(bench->store, jump_us);
}

static int64_t count_hours(struct rollup_bench *bench, const char *of, int64_t before_us)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql), "SELECT count(DISTINCT %s < %lld", of, (long long)before_us);
    return bench_ask(bench, sql);
}

#define HOUR_ROWS   "start_us) FROM rollups WHERE level_s = 3600 AND start_us"
#define MINUTE_ROWS "start_us) FROM rollups WHERE level_s < 3600 AND start_us"
#define PACKED      "hour_us) FROM minutes WHERE hour_us"

static void old_minutes_become_hours(void **state)
{
    struct rollup_bench *bench = *state;
    const int64_t old_us = NOW_US - 90 * DAY_US;
    bench_open(bench);
    append_at(bench, NOW_US - 100 * DAY_US, 400000); /* two and a half hours */
    pass(bench, STORE_AGE_STEADY_US);
    append_at(bench, NOW_US - DAY_US, 30000);
    bench_close(bench);
    assert_int_equal(count_hours(bench, MINUTE_ROWS, old_us), 0);
    assert_int_equal(count_hours(bench, PACKED, old_us), 0);
    assert_true(count_hours(bench, HOUR_ROWS, old_us) >= 2);
    assert_bytes_are_known(bench);
}

/* Years ahead for some seconds: minutes and hours of before would be too old by far. */
static void a_clock_that_is_ahead_for_a_while_drops_nothing(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    append_at(bench, NOW_US, 200000);
    pass(bench, 2 * STORE_AGE_STEADY_US);
    set_clock(bench, 12 * YEAR_US);
    append_at(bench, bench->clock.realtime_us, 30000);
    pass(bench, STORE_AGE_STEADY_US / 2);
    append_at(bench, bench->clock.realtime_us, 30000);
    set_clock(bench, -12 * YEAR_US);
    append_at(bench, bench->clock.realtime_us, 30000);
    bench_catch_up(bench);
    bench_close(bench);
    assert_true(check_rollups(bench) > 150000);
}

/* It may be the next run that is right again. */
static void a_run_with_a_clock_ahead_drops_nothing(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    append_at(bench, NOW_US, 200000);
    bench_close(bench);
    bench->clock.realtime_us += 12 * YEAR_US;
    bench_open(bench);
    append_at(bench, bench->clock.realtime_us, 30000);
    bench_catch_up(bench);
    bench_close(bench);
    assert_true(check_rollups(bench) > 60000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(old_minutes_become_hours),
        TEST(a_clock_that_is_ahead_for_a_while_drops_nothing),
        TEST(a_run_with_a_clock_ahead_drops_nothing),
    };
    return cmocka_run_group_tests_name("store_rollup_expiry", tests, NULL, NULL);
}
