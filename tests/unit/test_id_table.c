#include "edge-gateway/survey/id_table.h"

#include "tests/unit/cmocka_all.h"

static void add(struct id_table *table, uint32_t can_id, uint8_t flags, uint8_t len, int64_t ts_us)
{
    const struct frame frame = {.can_id = can_id, .flags = flags, .len = len, .ts_us = ts_us};
    id_table_add(table, &frame);
}

static void ids_are_counted_apart_and_sorted(void **state)
{
    (void)state;
    struct id_table *table = id_table_new();
    assert_non_null(table);
    add(table, 0x123, FRAME_EXTENDED, 8, 10);
    add(table, 0x456, 0, 4, 20);
    add(table, 0x123, 0, 8, 30);
    add(table, 0x456, FRAME_FD, 12, 40);
    id_table_sort(table);
    add(table, 0x456, 0, 2, 50); /* is found again after sorting */
    assert_int_equal(id_table_count(table), 3);
    assert_int_equal(id_table_at(table, 0)->can_id, 0x123);
    assert_false(id_table_at(table, 0)->extended);
    const struct id_entry *entry = id_table_at(table, 1);
    assert_int_equal(entry->can_id, 0x456);
    assert_int_equal(entry->frames, 3);
    assert_int_equal(entry->len_min, 2);
    assert_int_equal(entry->len_max, 12);
    assert_int_equal(entry->first_us, 20);
    assert_int_equal(entry->last_us, 50);
    assert_true(entry->fd);
    assert_true(id_table_at(table, 2)->extended);
    assert_int_equal(id_table_overflow(table), 0);
    id_table_free(table);
}

static void what_has_no_room_is_counted(void **state)
{
    (void)state;
    struct id_table *table = id_table_new();
    assert_non_null(table);
    for (uint32_t id = 0; id < ID_TABLE_MAX + 10; id++) {
        add(table, id * 65537, FRAME_EXTENDED, 8, 0);
        add(table, id * 65537, FRAME_EXTENDED, 8, 0);
    }
    assert_int_equal(id_table_count(table), ID_TABLE_MAX);
    assert_int_equal(id_table_overflow(table), 20);
    for (size_t i = 0; i < ID_TABLE_MAX; i++) {
        assert_int_equal(id_table_at(table, i)->frames, 2);
    }
    id_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_counted_apart_and_sorted),
        cmocka_unit_test(what_has_no_room_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
