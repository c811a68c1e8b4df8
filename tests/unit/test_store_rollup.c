#include "tests/unit/rollup_check.h"
#include "tests/unit/seed.h"

#include <sys/wait.h>

#define DAY_US (24 * STORE_HOUR_US)

static void rows_are_what_a_simple_computation_gives(void **state)
{
    struct rollup_bench *bench = *state;
    bench->in_order = true;
    check_rows_of_four_hours(bench);
}

static void late_frames_go_where_they_belong(void **state)
{
    check_rows_of_four_hours(*state);
}

static void the_zones_cover_the_log_and_its_times(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    bench_append(bench, 70000);
    bench_close(bench);
    assert_int_equal(bench_ask(bench, "SELECT min(first_seq) FROM zones"), 1);
    assert_int_equal(bench_ask(bench, "SELECT max(last_seq) FROM zones"), 70000);
    assert_int_equal(bench_ask(bench, "SELECT sum(last_seq - first_seq + 1) FROM zones"), 70000);
    assert_int_equal(bench_ask(bench, "SELECT sum(frames) FROM zones"), 70000);
    assert_true(bench_ask(bench, "SELECT count(*) FROM zones") > 2);
    /* A segment's span lies in those of the zones that it is part of. */
    assert_int_equal(
        bench_ask(bench,
                  "SELECT count(*) FROM segments s WHERE last_seq <= (SELECT max(last_seq) FROM"
                  " zones) AND (from_us < (SELECT min(from_us) FROM zones z WHERE z.first_seq <="
                  " s.last_seq AND z.last_seq >= s.first_seq) OR to_us > (SELECT max(to_us) FROM"
                  " zones z WHERE z.first_seq <= s.last_seq AND z.last_seq >= s.first_seq))"),
        0);
}

/* Appends, and ends without a word in the middle of it. */
static void append_and_die(struct rollup_bench *bench, unsigned seed)
{
    srand(seed);
    bench->now_us = T0_US + (int64_t)(seed % 1000) * STORE_MINUTE_US;
    bench_open(bench);
    int commits = rand() % 8;
    for (int i = 0; i < commits; i++) {
        bench_append(bench, 1000 + (size_t)(rand() % 7000));
    }
    for (int i = 0; i < 9000; i++) {
        const struct frame frame = bench_frame(bench);
        (void)store_append_frame(bench->store, &frame);
    }
    int64_t end_us = loop_now_us(bench->loop) + rand() % 40000;
    do { /* the threads go on meanwhile */
        (void)loop_run_once(bench->loop, 0);
    } while (loop_now_us(bench->loop) < end_us);
    _exit(0);
}

static void each_frame_counts_once_whenever_the_process_is_killed(void **state)
{
    struct rollup_bench *bench = *state;
    unsigned seed = test_seed();
    bench->in_order = true;
    bench->step_us = 30000; /* a minute has some 4000 frames */
    for (unsigned i = 0; i < 10; i++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            append_and_die(bench, seed / 1000 * 1000 + 30 * i);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        (void)check_rollups(bench);
    }
    bench->now_us = T0_US + 30 * DAY_US;
    bench_open(bench);
    bench_append(bench, 25000); /* the first of them ends all minutes before */
    bench_catch_up(bench);
    bench_append(bench, 25000);
    bench_close(bench);
    uint64_t seq = check_rollups(bench);
    assert_true(seq > (uint64_t)bench_ask(bench, "SELECT max(last_seq) FROM segments") - 50000);
}

/* Appends frame by frame, each in a commit of its own that the roll-ups follow; then no word. */
static void in_a_run_that_is_killed(struct rollup_bench *bench, void (*run)(struct rollup_bench *))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        bench_open(bench);
        run(bench);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Of Mixed, B comes once; then A alone, so rarely that its minutes have to be written. */
static void append_b_then_a(struct rollup_bench *bench)
{
    bench_append_one(bench, 257, T0_US, 1 | 40 << 8);
    for (int i = 0; i < 5; i++) {
        bench_append_one(bench, 257, T0_US + (i + 1) * 11 * STORE_MINUTE_US, 20 << 8);
    }
    assert_true(store_stats(bench->store).rollup.writes > 0);
}

static void a_value_holds_over_a_kill_though_other_values_of_its_message_were_newer(void **state)
{
    struct rollup_bench *bench = *state;
    bench->in_order = true;
    in_a_run_that_is_killed(bench, append_b_then_a);
    bench_open(bench);
    bench_append_one(bench, 257, T0_US + 2 * STORE_HOUR_US, 1 | 50 << 8);
    bench_close(bench);
    assert_int_equal(check_rollups(bench), bench->committed);
}

#define MANY 25000 /* frames: they are written as soon as a minute is over */

static void append_climate_alone(struct rollup_bench *bench, int64_t from_us, int count)
{
    for (int i = 0; i < count; i++) {
        const struct frame frame = {
            .ts_us = from_us + i * 10 * US_PER_MS, .can_id = 256, .len = 8, .data = {[0] = 7}};
        uint64_t seq = store_append_frame(bench->store, &frame);
        assert_true(seq > 0);
        if (i % 5000 == 4999) {
            bench_run_until_committed(bench, seq);
        }
    }
}

static void a_value_holds_over_a_restart_after_which_only_others_come(void **state)
{
    struct rollup_bench *bench = *state;
    bench->in_order = true;
    bench_open(bench);
    bench_append_one(bench, 258, T0_US, 1000);
    bench_close(bench);
    bench_open(bench);
    append_climate_alone(bench, T0_US + US_PER_S, MANY);
    assert_true(store_stats(bench->store).rollup.writes > 0);
    bench_append_one(bench, 258, T0_US + 5 * STORE_MINUTE_US, 2000);
    bench_close(bench);
    assert_int_equal(check_rollups(bench), 25002);
}

static void a_value_from_days_before_a_restart_is_not_weighed_again(void **state)
{
    struct rollup_bench *bench = *state;
    bench->in_order = true;
    bench_open(bench);
    bench_append_one(bench, 258, T0_US, 1000);
    append_climate_alone(bench, T0_US + US_PER_S, MANY);
    for (int64_t day = 1; day <= 3; day++) {
        append_climate_alone(bench, T0_US + day * DAY_US / 2, MANY);
    }
    bench_close(bench);
    bench_open(bench);
    bench_append_one(bench, 258, T0_US + 2 * DAY_US, 2000);
    bench_close(bench);
    assert_int_equal(check_rollups(bench), 100002);
}

#define FEW 15000

static void append_few(struct rollup_bench *bench)
{
    append_climate_alone(bench, bench->now_us, FEW);
    for (int i = 0; i < 5; i++) { /* commits, each of which may thin */
        bench_append_one(bench, 258, bench->now_us + STORE_MINUTE_US, 1000);
    }
}

/* Values of the first signal of Climate in all its minutes. */
static uint64_t climate_values(struct rollup_bench *bench)
{
    sqlite3 *db = bench_database(bench);
    struct naive found = {.bench = bench};
    uint64_t count = 0;
    rollup_read_minutes(&found, db);
    for (size_t i = 0; i < found.count; i++) {
        bool is_climate = strcmp(found.cells[i].message->name, "Climate") == 0;
        count += is_climate ? found.cells[i].buckets[0].count : 0;
    }
    (void)sqlite3_close(db);
    free(found.cells);
    return count;
}

static void what_thinning_takes_is_in_the_rows_before(void **state)
{
    struct rollup_bench *bench = *state;
    bench->now_us = clock_system.realtime_us(clock_system.context) - DAY_US;
    bench->now_us -= bench->now_us % STORE_HOUR_US;
    bench->quota_bytes = (uint64_t)320 << 10;
    bench->thinning = (struct store_thinning){1.0, STORE_HOUR_US, STORE_MINUTE_US};
    in_a_run_that_is_killed(bench, append_few);
    bench_open(bench);
    bench_catch_up(bench);
    bench_close(bench);
    assert_int_equal(climate_values(bench), FEW);
    bench_open(bench);
    while (store_stats(bench->store).thinned == 0) { /* it would have been taken */
        bench_append_one(bench, 258, bench->now_us + STORE_MINUTE_US, 1000);
    }
    bench_close(bench);
    assert_int_equal(climate_values(bench), FEW);
}

static void a_clock_that_jumps_is_no_burden(void **state)
{
    struct rollup_bench *bench = *state;
    static const int64_t jumps_us[] = {-56 * 365 * DAY_US, 56 * 365 * DAY_US,  4 * 365 * DAY_US,
                                       -4 * 365 * DAY_US,  -3 * STORE_HOUR_US, STORE_HOUR_US};
    srand(test_seed());
    bench_open(bench);
    for (size_t i = 0; i < sizeof(jumps_us) / sizeof(jumps_us[0]); i++) {
        bench_append(bench, 22000);
        bench->now_us += jumps_us[i];
    }
    bench_append(bench, 22000);
    struct store_rollup_stats stats = store_stats(bench->store).rollup;
    assert_int_equal(stats.faults, 0);
    assert_true(stats.writes <= 10);
    bench_close(bench);
    /* The oldest minutes go at once, hour by hour: they are 56 years old. */
    bench_exec(bench, "DELETE FROM rollups WHERE level_s = 3600");
    assert_true(bench_ask(bench, "SELECT count(*) FROM rollups") > 50);
    assert_true(stats.seq > 130000);
}

static void stamps_without_any_order_take_bounded_memory(void **state)
{
    struct rollup_bench *bench = *state;
    srand(test_seed());
    bench_open(bench);
    for (int i = 0; i < 20; i++) {
        uint64_t seq = 0;
        for (int k = 0; k < 200; k++) {
            struct frame frame = bench_frame(bench);
            frame.ts_us = (int64_t)(random_bits() % ((uint64_t)100 * 365 * DAY_US));
            seq = store_append_frame(bench->store, &frame);
        }
        bench_run_until_committed(bench, seq);
    }
    struct store_rollup_stats stats = store_stats(bench->store).rollup;
    assert_int_equal(stats.faults, 0);
    assert_true(stats.writes > 5); /* it had to: a message has too many minutes */
}

static void a_fault_in_roll_ups_costs_no_frame(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    bench_append(bench, 1000);
    bench_exec(bench, "ALTER TABLE rollups RENAME TO gone");
    bench_append(bench, 45000); /* each commit succeeds: else this does not end */
    struct store_stats stats = store_stats(bench->store);
    assert_int_equal(stats.failed_commits, 0);
    assert_true(stats.rollup.faults > 0);
    assert_true(stats.rollup.behind);
    bench_exec(bench, "ALTER TABLE gone RENAME TO rollups");
    bench_catch_up(bench); /* after a while it tries again, by itself */
    bench_append(bench, 30000);
    bench_close(bench);
    assert_true(check_rollups(bench) > 45000);
}

static void a_log_without_roll_ups_gets_them(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    bench_append(bench, 45000);
    bench_close(bench);
    bench_exec(bench, "DELETE FROM rollups; DELETE FROM minutes; DELETE FROM series;"
                      "DELETE FROM zones;"
                      "DELETE FROM state WHERE name LIKE 'rollup%'");
    bench_open(bench);
    bench_catch_up(bench);
    bench_close(bench);
    assert_true(check_rollups(bench) > 20000);
}

static void a_message_that_is_defined_anew_begins_a_series(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    bench_append(bench, 30000);
    bench_close(bench);
    struct dbc_text other;
    char text[sizeof(store_dbc)];
    memcpy(text, store_dbc, sizeof(text));
    char *factor = strstr(text, "0.5,0");
    assert_non_null(factor);
    memcpy(factor, "0.4,0", 5);
    dbc_text_init(&other, text);
    bench->buses[0].database = other.db;
    bench_open(bench);
    bench_catch_up(bench);
    bench_append(bench, 45000);
    bench_close(bench);
    dbc_free(other.db);
    assert_int_equal(bench_ask(bench, "SELECT count(*) FROM series WHERE message = 'Climate'"), 3);
    assert_int_equal(bench_ask(bench, "SELECT count(*) FROM series WHERE message = 'Mixed'"), 2);
    assert_int_equal(
        bench_ask(bench, "SELECT signals = '[\"Temperature\",\"Humidity\",\"Mode\"]' FROM series"
                         " WHERE message = 'Climate' LIMIT 1"),
        1);
}

static void frames_that_no_dbc_names_are_no_fault(void **state)
{
    struct rollup_bench *bench = *state;
    bench->buses[0].database = NULL;
    bench->buses[1].database = NULL;
    bench_open(bench);
    bench_append(bench, 45000);
    struct store_rollup_stats stats = store_stats(bench->store).rollup;
    bench_close(bench);
    assert_int_equal(stats.faults, 0);
    assert_true(stats.seq > 20000);
    assert_int_equal(bench_ask(bench, "SELECT count(*) FROM rollups"), 0);
}

static void roll_ups_take_their_share_of_the_quota_and_no_more(void **state)
{
    struct rollup_bench *bench = *state;
    bench->quota_bytes = (uint64_t)2 << 20;
    srand(test_seed());
    bench->now_us = clock_system.realtime_us(clock_system.context) - 20 * DAY_US;
    bench->step_us = 10 * US_PER_S; /* 15 frames a minute: many rows of few frames */
    bench_open(bench);
    bench_append(bench, 60000);
    struct store_stats stats = store_stats(bench->store);
    bench_close(bench);
    assert_true(stats.rollup.bytes < bench->quota_bytes / 3);
    assert_true(stats.used_bytes <= bench->quota_bytes);
    assert_true(bench_ask(bench, "SELECT count(*) FROM rollups WHERE level_s = 3600") > 300);
}

static int set_up_in_1970(void **state)
{
    return bench_set_up_fake_clock(state, 100 * US_PER_S);
}

static void stamps_that_are_corrected_are_rolled_up_again(void **state)
{
    struct rollup_bench *bench = *state;
    const int64_t now_us = clock_system.realtime_us(clock_system.context);
    const int64_t jump_us = 20 * DAY_US;
    srand(test_seed());
    bench->now_us = now_us - 40 * DAY_US; /* 1970 would be too old to be kept */
    bench->step_us = 30000;
    bench_open(bench);
    bench_append(bench, 45000);
    assert_true(bench_ask(bench, "SELECT count(*) FROM rollups") > 10);
    bench->clock.realtime_us = now_us;
    assert_int_equal(loop_run_once(bench->loop, 0), 0);
    store_clock_jumped(bench->store, jump_us);
    bench->now_us += jump_us;
    bench_append(bench, 45000);
    bench_catch_up(bench);
    struct store_rollup_stats stats = store_stats(bench->store).rollup;
    bench_close(bench);
    assert_true(check_rollups(bench) > 60000);
    assert_int_equal(stats.faults, 0);
    assert_true(bench_ask(bench, "SELECT min(start_us) FROM rollups") > now_us - 21 * DAY_US);
    assert_bytes_are_known(bench);
    assert_int_equal(bench_ask(bench, "SELECT sum(last_seq - first_seq + 1) FROM zones"), 90000);
    assert_true(bench_ask(bench, "SELECT min(from_us) FROM zones") > now_us - 21 * DAY_US);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_are_what_a_simple_computation_gives),
        TEST(late_frames_go_where_they_belong),
        TEST(the_zones_cover_the_log_and_its_times),
        TEST(each_frame_counts_once_whenever_the_process_is_killed),
        TEST(a_value_holds_over_a_kill_though_other_values_of_its_message_were_newer),
        TEST(a_value_holds_over_a_restart_after_which_only_others_come),
        TEST(a_value_from_days_before_a_restart_is_not_weighed_again),
        TEST(what_thinning_takes_is_in_the_rows_before),
        TEST(a_clock_that_jumps_is_no_burden),
        TEST(stamps_without_any_order_take_bounded_memory),
        TEST(a_fault_in_roll_ups_costs_no_frame),
        TEST(a_log_without_roll_ups_gets_them),
        TEST(a_message_that_is_defined_anew_begins_a_series),
        TEST(frames_that_no_dbc_names_are_no_fault),
        TEST(roll_ups_take_their_share_of_the_quota_and_no_more),
        cmocka_unit_test_setup_teardown(stamps_that_are_corrected_are_rolled_up_again,
                                        set_up_in_1970, bench_tear_down),
    };
    return cmocka_run_group_tests_name("store_rollup", tests, NULL, NULL);
}
