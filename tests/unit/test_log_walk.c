#include "edge-gateway/store/log_walk.h"

#include "tests/unit/log_tables.h"

#include <errno.h>

#define T0_US INT64_C(1795423160000000)

/* Segments 11-20, 31-40, 41-50 and 61-70, a second apart; gaps 21-30 and 51-60, and one at the
 * end. */
static sqlite3 *make_log(struct files *files)
{
    sqlite3 *db = open_log(files);
    insert_frames(db, 11, 10, T0_US);
    insert_gap(db, 21, 30, "restart");
    insert_frames(db, 31, 10, T0_US + 1000000);
    insert_frames(db, 41, 10, T0_US + 2000000);
    insert_gap(db, 51, 60, "quota_bytes");
    insert_frames(db, 61, 10, T0_US + 3000000);
    insert_gap(db, 71, 80, "restart");
    return db;
}

/* As text: "S11 G21 S31 ...", a segment that is not intact as "s". */
static const char *walked(sqlite3 *db, const struct log_span *span)
{
    static char text[256];
    struct log_walk *walk = NULL;
    struct log_item item;
    size_t length = 0;
    int r;
    assert_int_equal(log_walk_new(db, span, &walk), 0);
    text[0] = '\0';
    while ((r = log_walk_next(walk, &item)) == 1) {
        char kind = item.kind == LOG_ITEM_GAP ? 'G' : item.intact ? 'S' : 's';
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%c%d",
                                   length > 0 ? " " : "", kind, (int)item.first);
    }
    assert_int_equal(r, 0);
    assert_int_equal(log_walk_next(walk, &item), 0); /* it stays at the end */
    log_walk_free(walk);
    return text;
}

static void all_of_it_comes_in_order(void **state)
{
    sqlite3 *db = make_log(*state);
    assert_string_equal(walked(db, &(struct log_span){0}), "S11 G21 S31 S41 G51 S61 G71");
    database_close(db);
}

static void an_empty_log_has_nothing(void **state)
{
    sqlite3 *db = open_log(*state);
    assert_string_equal(walked(db, &(struct log_span){0}), "");
    assert_string_equal(walked(db, &(struct log_span){.after_seq = 5}), "");
    assert_string_equal(walked(db, &(struct log_span){.has_time = true, .to_us = INT64_MAX}), "");
    database_close(db);
}

static void it_begins_with_what_holds_the_next_seq(void **state)
{
    sqlite3 *db = make_log(*state);
    assert_string_equal(walked(db, &(struct log_span){.after_seq = 9}),
                        "S11 G21 S31 S41 G51 S61 G71");
    assert_string_equal(walked(db, &(struct log_span){.after_seq = 25}), "G21 S31 S41 G51 S61 G71");
    assert_string_equal(walked(db, &(struct log_span){.after_seq = 40}), "S41 G51 S61 G71");
    assert_string_equal(walked(db, &(struct log_span){.after_seq = 79}), "G71");
    assert_string_equal(walked(db, &(struct log_span){.after_seq = 80}), "");
    assert_string_equal(walked(db, &(struct log_span){.after_seq = UINT64_MAX}), "");
    database_close(db);
}

static void a_time_takes_the_segments_that_reach_into_it_and_the_gaps_between(void **state)
{
    sqlite3 *db = make_log(*state);
    struct log_span span = {.has_time = true, .from_us = T0_US + 1009000, .to_us = T0_US + 3000001};
    assert_string_equal(walked(db, &span), "S31 S41 G51 S61");
    span.from_us++; /* after the last frame of 31 to 40 */
    span.to_us--;   /* not included: the first frame of 61 to 70 */
    assert_string_equal(walked(db, &span), "S41");
    span.after_seq = 50;
    assert_string_equal(walked(db, &span), "");
    database_close(db);
}

static void rows_that_overlap_come_all_the_same(void **state)
{
    sqlite3 *db = make_log(*state);
    insert_gap(db, 31, 35, "stalled");
    insert_gap(db, 45, 46, "stalled");
    assert_string_equal(walked(db, &(struct log_span){0}), "S11 G21 S31 G31 S41 G45 G51 S61 G71");
    database_close(db);
}

static void damage_is_told(void **state)
{
    sqlite3 *db = make_log(*state);
    exec(db, "UPDATE segments SET crc = crc + 1 WHERE first_seq = 31");
    exec(db, "UPDATE segments SET last_seq = 5 WHERE first_seq = 41");
    exec(db, "UPDATE segments SET records = substr(records, 2) WHERE first_seq = 61");
    assert_string_equal(walked(db, &(struct log_span){0}), "S11 G21 s31 s41 G51 s61 G71");
    database_close(db);
}

static void an_item_has_all_of_its_row(void **state)
{
    sqlite3 *db = make_log(*state);
    struct log_walk *walk = NULL;
    struct log_item item;
    assert_int_equal(log_walk_new(db, &(struct log_span){0}, &walk), 0);
    assert_int_equal(log_walk_next(walk, &item), 1);
    assert_int_equal(item.last, 20);
    assert_int_equal(item.segment.count, 10);
    assert_int_equal(item.segment.from_us, T0_US);
    assert_int_equal(item.segment.to_us, T0_US + 9000);
    assert_int_equal(read_anything(&item.segment), SEGMENT_END);
    assert_int_equal(log_walk_next(walk, &item), 1);
    assert_int_equal(item.last, 30);
    assert_string_equal(item.reason, "restart");
    log_walk_free(walk);
    database_close(db);
}

static void other_databases_are_refused(void **state)
{
    struct files *files = *state;
    sqlite3 *db = open_notes(files, 1);
    struct log_walk *walk = NULL;
    assert_int_equal(log_walk_new(db, &(struct log_span){0}, &walk), -EINVAL);
    assert_int_equal(log_walk_new(db, &(struct log_span){.after_seq = 1}, &walk), -EINVAL);
    database_close(db);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_files, remove_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_of_it_comes_in_order),
        CASE(an_empty_log_has_nothing),
        CASE(it_begins_with_what_holds_the_next_seq),
        CASE(a_time_takes_the_segments_that_reach_into_it_and_the_gaps_between),
        CASE(rows_that_overlap_come_all_the_same),
        CASE(damage_is_told),
        CASE(an_item_has_all_of_its_row),
        CASE(other_databases_are_refused),
    };
    return cmocka_run_group_tests_name("log_walk", tests, NULL, NULL);
}
