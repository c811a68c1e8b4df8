/* A disk that takes its time, or that others use: the loop goes on, and nothing is lost. */
#include "tests/unit/store_bench.h"

#include <sqlite3.h>
#include <string.h>

#define BEAT_US     (5 * US_PER_MS)
#define RECOVERY_US (10 * US_PER_S)

/* What else runs in the loop: a bus with some frames at each beat. */
struct heart {
    struct store_bench *bench;
    struct timer timer;
    int64_t last_us;
    int64_t longest_us; /* between two beats */
    int64_t beats;
};

static void on_beat(void *context)
{
    struct heart *heart = context;
    int64_t now_us = loop_now_us(heart->bench->loop);
    int64_t since_us = now_us - heart->last_us;
    heart->longest_us = since_us > heart->longest_us ? since_us : heart->longest_us;
    heart->last_us = now_us;
    heart->beats++;
    (void)store_bench_append_many(heart->bench, 5);
    loop_timer_after(heart->bench->loop, &heart->timer, BEAT_US);
}

static void start(struct heart *heart, struct store_bench *b)
{
    *heart = (struct heart){.bench = b, .last_us = loop_now_us(b->loop)};
    heart->timer = (struct timer){.fn = on_beat, .context = heart};
    loop_timer_after(b->loop, &heart->timer, BEAT_US);
}

/* The loop ran all the time: a disk that took `held_us` was not waited for. A busy machine delays
 * single beats, too, but not each one, and none by as much. */
static void stop(struct heart *heart, int64_t held_us)
{
    loop_timer_cancel(heart->bench->loop, &heart->timer);
    print_message("%ld beats, %ld ms apart at most\n", (long)heart->beats,
                  (long)(heart->longest_us / US_PER_MS));
    assert_true(heart->longest_us < held_us / 2);
    assert_true(heart->beats > held_us / BEAT_US / 10);
}

/* Every frame that was given a seq is there. */
static void assert_complete(struct store_bench *b)
{
    uint64_t newest = store_stats(b->store).newest;
    store_bench_run_until_committed(b, newest);
    assert_int_equal(store_bench_read(b, 1, newest).frames, newest);
    assert_int_equal(newest, b->given_count);
    assert_int_equal(b->notices[STORE_NOTICE_DROPPED], 0);
}

/* ---- a disk that does not answer -------------------------------------------------------- */

static void the_loop_goes_on_while_the_disk_does_not_answer(void **state)
{
    struct store_bench *b = *state;
    struct heart heart;
    const int64_t held_us = 3 * US_PER_S;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 100));
    fault_disk_hold(b->disk, held_us);
    start(&heart, b);
    store_bench_pass(b, held_us + US_PER_S);
    stop(&heart, held_us);
    assert_complete(b);
    assert_true(store_stats(b->store).commit_max_us > held_us / 2); /* it did take so long */
}

/* Turns while the disk holds the writer: the fake clock moves on. */
static void pass_held(struct store_bench *b, int64_t us)
{
    int64_t end_us = loop_now_us(b->loop) + us;
    while (loop_now_us(b->loop) < end_us) {
        assert_true(fault_disk_is_holding(b->disk));
        assert_int_equal(loop_run_once(b->loop, end_us - loop_now_us(b->loop)), 0);
    }
}

static void hold_a_commit(struct store_bench *b)
{
    fault_disk_hold(b->disk, 0);
    (void)store_bench_append_many(b, 100);
    while (!fault_disk_is_holding(b->disk)) {
        store_bench_turn(b);
    }
}

static void a_disk_that_does_not_answer_is_a_fault_after_five_seconds(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 100));
    hold_a_commit(b);
    pass_held(b, 4900 * US_PER_MS);
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 0);
    assert_true(store_stats(b->store).open);
    pass_held(b, 1200 * US_PER_MS); /* it is looked at once a second */
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 1);
    assert_string_equal(b->texts[STORE_NOTICE_FAULT], "the disk does not answer");
    assert_false(store_stats(b->store).open);
    pass_held(b, 60 * US_PER_S);
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 1);
    (void)store_bench_append_many(b, 100); /* there is memory */
    fault_disk_release(b->disk);
    store_bench_await_well(b, RECOVERY_US);
    assert_int_equal(b->notices[STORE_NOTICE_RECOVERED], 1);
    assert_complete(b);
}

static void a_disk_that_answers_in_time_is_none(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    for (int i = 0; i < 5; i++) {
        hold_a_commit(b);
        pass_held(b, 3900 * US_PER_MS);
        fault_disk_release(b->disk);
        store_bench_await_well(b, RECOVERY_US);
    }
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 0);
    assert_int_equal(b->notices[STORE_NOTICE_RECOVERED], 0);
    assert_complete(b);
}

/* ---- others in the same file ------------------------------------------------------------ */

static sqlite3 *open_other(struct store_bench *b, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void close_other(sqlite3 *db)
{
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Longer than a statement of ours waits for a lock. */
static void another_writer_that_holds_the_file_costs_nothing(void **state)
{
    struct store_bench *b = *state;
    struct heart heart;
    const int64_t held_us = 5 * US_PER_S;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 100));
    sqlite3 *other = open_other(
        b, "BEGIN IMMEDIATE; CREATE TABLE device_states (device TEXT PRIMARY KEY, target TEXT)");
    start(&heart, b);
    store_bench_pass(b, held_us);
    uint64_t committed = b->committed;
    close_other(other);
    stop(&heart, held_us);
    assert_true(committed <= 100); /* it was in the way */
    store_bench_await_well(b, RECOVERY_US);
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 1);
    assert_string_equal(b->texts[STORE_NOTICE_FAULT], "database is locked");
    assert_int_equal(b->notices[STORE_NOTICE_RECOVERED], 1);
    assert_complete(b);
}

static void commit_many(struct store_bench *b, int commits)
{
    for (int i = 0; i < commits; i++) {
        store_bench_run_until_committed(b, store_bench_append_many(b, 300));
    }
}

#define WAL_LIMIT_BYTES ((uint64_t)16 << 20) /* journal_size_limit in common/database.c */

/* What is read cannot be overwritten: the WAL has to grow, which is told, and gets small again. */
static void a_reader_that_stays_costs_nothing_but_room(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    commit_many(b, 200);
    uint64_t before = store_stats(b->store).wal_bytes;
    sqlite3 *other = open_other(b, "BEGIN; SELECT count(*) FROM segments");
    commit_many(b, 3000);
    uint64_t grown = store_stats(b->store).wal_bytes;
    close_other(other);
    commit_many(b, 200);
    uint64_t after = store_stats(b->store).wal_bytes;
    print_message("WAL: %lu kB, with a reader %lu kB, then %lu kB\n", (unsigned long)before >> 10,
                  (unsigned long)grown >> 10, (unsigned long)after >> 10);
    assert_true(before < WAL_LIMIT_BYTES / 4);
    assert_true(grown > WAL_LIMIT_BYTES);
    assert_true(after <= WAL_LIMIT_BYTES);
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 0);
    assert_complete(b);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, store_bench_set_up, store_bench_tear_down)
#define CASE_FAKE_CLOCK(test) \
    cmocka_unit_test_setup_teardown(test, store_bench_set_up_fake_clock, store_bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_loop_goes_on_while_the_disk_does_not_answer),
        CASE_FAKE_CLOCK(a_disk_that_does_not_answer_is_a_fault_after_five_seconds),
        CASE_FAKE_CLOCK(a_disk_that_answers_in_time_is_none),
        CASE(another_writer_that_holds_the_file_costs_nothing),
        CASE_FAKE_CLOCK(a_reader_that_stays_costs_nothing_but_room),
    };
    return cmocka_run_group_tests_name("store_slow", tests, NULL, NULL);
}
