/* What the log does when the disk fails: each call that SQLite makes, one run each. */
#include "tests/unit/store_bench.h"

#include <errno.h>
#include <sqlite3.h>

#define RECOVERY_US (10 * US_PER_S)
#define LASTING_US  (20 * US_PER_S)

/* A series of runs: the fault at the first call, at the second, ... until it lies beyond the end.
 */
struct series {
    struct disk_fault fault;
    unsigned step;
    int rounds;           /* commits in one piece of work */
    int frames;           /* in one of them */
    uint64_t quota_bytes; /* so little that rounds drop segments too */
};

#define ROUNDS      4
#define FRAMES      150
#define QUOTA_BYTES 40960

static void work(struct store_bench *b, const struct series *series)
{
    for (int round = 0; round < series->rounds; round++) {
        for (int i = 0; i < series->frames; i++) {
            (void)store_bench_append(b); /* 0 while there is no database */
        }
        store_bench_acknowledge(b, b->highest / 2);
        store_bench_pass(b, 50 * US_PER_MS);
    }
}

static void assert_recovers(struct store_bench *b)
{
    store_bench_await_well(b, RECOVERY_US);
    assert_int_equal(b->notices[STORE_NOTICE_RECOVERED], b->notices[STORE_NOTICE_FAULT]);
}

static void assert_complete(struct store_bench *b, bool is_lasting)
{
    struct store_bench_account account = store_bench_read(b, 1, store_stats(b->store).newest);
    assert_true(account.frames > 0);
    if (!is_lasting) {
        assert_int_equal(account.voids[SEGMENT_VOID_STALLED], 0);
    }
}

static void reopen(struct store_bench *b)
{
    store_bench_close(b);
    b->committed = 0;
    b->notices[STORE_NOTICE_FAULT] = 0;
    b->notices[STORE_NOTICE_RECOVERED] = 0;
    store_bench_open(b);
}

/* A log from its first opening to its second end, the fault on the way. False: it lies beyond. */
static bool run_with(const struct series *series)
{
    void *state;
    assert_int_equal(store_bench_set_up_fake_clock(&state), 0);
    struct store_bench *b = state;
    bool is_lasting = series->fault.is_lasting;
    b->options.quota_bytes = series->quota_bytes;
    fault_disk_arm(b->disk, &series->fault);
    store_bench_open(b);
    work(b, series);
    reopen(b);
    work(b, series);
    if (fault_disk_failed(b->disk) > 0 && is_lasting) {
        store_bench_pass(b, LASTING_US);
    }
    bool was_met = fault_disk_end(b->disk) > 0;
    assert_recovers(b);
    work(b, series);
    assert_recovers(b);
    assert_complete(b, is_lasting);
    reopen(b);
    assert_true(store_opened_at(b->store).newest >= b->highest);
    work(b, series);
    assert_complete(b, is_lasting);
    assert_int_equal(store_bench_tear_down(&state), 0);
    return was_met;
}

static void run_series(struct series series)
{
    unsigned runs = 1;
    series.fault.nth = 1;
    while (run_with(&series)) {
        series.fault.nth += series.step;
        runs++;
    }
    print_message("%u runs\n", runs);
    assert_true(runs > 1); /* it was met at least once */
}

static void run_in_steps(struct disk_fault fault, unsigned step)
{
    run_series((struct series){fault, step, ROUNDS, FRAMES, QUOTA_BYTES});
}

static void run(struct disk_fault fault)
{
    run_in_steps(fault, 1);
}

static void a_write_that_fails(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_WRITE, .code = SQLITE_IOERR_WRITE});
}

static void a_write_that_tears(void **state)
{
    (void)state;
    run_in_steps(
        (struct disk_fault){.op = FAULT_WRITE, .code = SQLITE_IOERR_WRITE, .is_torn = true}, 3);
}

static void a_write_without_room(void **state)
{
    (void)state;
    run_in_steps((struct disk_fault){.op = FAULT_WRITE, .code = SQLITE_FULL}, 3);
}

/* So much work that the WAL is checkpointed on the way. */
static void a_write_that_fails_around_a_checkpoint(void **state)
{
    (void)state;
    run_series((struct series){.fault = {.op = FAULT_WRITE, .code = SQLITE_IOERR_WRITE},
                               .step = 211,
                               .rounds = 12,
                               .frames = 5000,
                               .quota_bytes = 10 * QUOTA_BYTES});
}

static void a_sync_that_fails(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_SYNC, .code = SQLITE_IOERR_FSYNC});
}

static void a_file_that_does_not_open(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_OPEN, .code = SQLITE_CANTOPEN});
}

static void a_file_that_is_not_cut(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_TRUNCATE, .code = SQLITE_IOERR_TRUNCATE});
}

static void a_file_that_is_not_deleted(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_DELETE, .code = SQLITE_IOERR_DELETE});
}

static void a_wal_index_that_fails(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_SHM_MAP, .code = SQLITE_IOERR_SHMMAP});
}

static void a_read_that_fails(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_READ, .code = SQLITE_IOERR_READ});
}

static void a_lock_that_fails(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_LOCK, .code = SQLITE_IOERR_LOCK});
}

static void writes_that_fail_from_then_on(void **state)
{
    (void)state;
    run_in_steps(
        (struct disk_fault){.op = FAULT_WRITE, .code = SQLITE_IOERR_WRITE, .is_lasting = true}, 5);
}

static void writes_without_room_from_then_on(void **state)
{
    (void)state;
    run_in_steps((struct disk_fault){.op = FAULT_WRITE, .code = SQLITE_FULL, .is_lasting = true},
                 5);
}

static void syncs_that_fail_from_then_on(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_SYNC, .code = SQLITE_IOERR_FSYNC, .is_lasting = true});
}

static void opening_that_fails_from_then_on(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_OPEN, .code = SQLITE_CANTOPEN, .is_lasting = true});
}

static void a_seal_that_is_not_written(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_PWRITE, .code = EIO});
    run((struct disk_fault){.op = FAULT_PWRITE, .code = ENOSPC, .is_lasting = true});
}

static void a_seal_that_tears(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_PWRITE, .code = EIO, .is_torn = true});
}

static void a_seal_that_is_not_synced(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_FDATASYNC, .code = EIO});
    run((struct disk_fault){.op = FAULT_FDATASYNC, .code = EIO, .is_lasting = true});
}

static void a_ballast_without_room(void **state)
{
    (void)state;
    run((struct disk_fault){.op = FAULT_FALLOCATE, .code = ENOSPC, .is_lasting = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_that_fails),
        cmocka_unit_test(a_write_that_tears),
        cmocka_unit_test(a_write_without_room),
        cmocka_unit_test(a_write_that_fails_around_a_checkpoint),
        cmocka_unit_test(a_sync_that_fails),
        cmocka_unit_test(a_file_that_does_not_open),
        cmocka_unit_test(a_file_that_is_not_cut),
        cmocka_unit_test(a_file_that_is_not_deleted),
        cmocka_unit_test(a_wal_index_that_fails),
        cmocka_unit_test(a_read_that_fails),
        cmocka_unit_test(a_lock_that_fails),
        cmocka_unit_test(writes_that_fail_from_then_on),
        cmocka_unit_test(writes_without_room_from_then_on),
        cmocka_unit_test(syncs_that_fail_from_then_on),
        cmocka_unit_test(opening_that_fails_from_then_on),
        cmocka_unit_test(a_seal_that_is_not_written),
        cmocka_unit_test(a_seal_that_tears),
        cmocka_unit_test(a_seal_that_is_not_synced),
        cmocka_unit_test(a_ballast_without_room),
    };
    return cmocka_run_group_tests_name("store_faults", tests, NULL, NULL);
}
