/* Which segments go for their age. */
#include "common/database.h"
#include "edge-gateway/store/store_quota.h"
#include "edge-gateway/store/store_schema.h"
#include "edge-gateway/store/store_state.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW_US     INT64_C(1795423160000000)
#define MAX_AGE_US INT64_C(1000000)

/* A segment of these seqs; without stamps if `to_us` is 0. */
static void insert(sqlite3 *db, int first, int last, int64_t to_us)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO segments (first_seq, last_seq, base_us, from_us, to_us, boot,"
                   " clock_set, crc, keys, records) VALUES (%d, %d, 0, 0, %lld, 1, 1, 0, x'', x'')",
                   first, last, (long long)to_us);
    assert_int_equal(database_exec(db, sql), 0);
}

/* The oldest seq that is left; 0: none. */
static uint64_t oldest_after_pruning(sqlite3 *db)
{
    struct store_quota quota;
    struct store_outcome outcome = {0};
    uint64_t oldest;
    assert_int_equal(store_quota_init(&quota, db, 0, MAX_AGE_US), 0);
    assert_int_equal(store_quota_enforce(&quota, 1000, NOW_US, &outcome), 0);
    store_quota_deinit(&quota);
    assert_int_equal(
        store_state_query(db, "SELECT coalesce(min(first_seq), 0) FROM segments", &oldest), 0);
    return oldest;
}

static int set_up(void **state)
{
    char path[] = "/tmp/test_store_quota.XXXXXX";
    int fd = mkstemp(path);
    const struct database_options options = {
        .path = path, .page_bytes = 1024, .schema = &store_schema};
    sqlite3 *db;
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(database_open(&options, &db, NULL), 0);
    assert_int_equal(database_exec(db, "INSERT INTO boots VALUES (1, 'a')"), 0);
    *state = db;
    return 0;
}

static int tear_down(void **state)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "%s", sqlite3_db_filename(*state, "main"));
    database_close(*state);
    return unlink(path);
}

static void what_is_too_old_goes(void **state)
{
    insert(*state, 1, 10, NOW_US - 2 * MAX_AGE_US);
    insert(*state, 11, 20, NOW_US);
    assert_int_equal(oldest_after_pruning(*state), 11);
}

static void voids_alone_are_as_old_as_what_follows(void **state)
{
    insert(*state, 1, 10, 0);
    insert(*state, 11, 20, NOW_US - 2 * MAX_AGE_US);
    insert(*state, 21, 30, 0);
    insert(*state, 31, 40, NOW_US);
    assert_int_equal(oldest_after_pruning(*state), 21);
}

static void voids_that_nothing_follows_stay(void **state)
{
    insert(*state, 1, 10, 0);
    assert_int_equal(oldest_after_pruning(*state), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_too_old_goes),
        TEST(voids_alone_are_as_old_as_what_follows),
        TEST(voids_that_nothing_follows_stay),
    };
    return cmocka_run_group_tests_name("store_quota", tests, NULL, NULL);
}
