#include "automation-node/input/input_table.h"

#include "tests/unit/engine_help.h"

#include <errno.h>

static void inputs_are_found_by_id_and_kept_in_order(void **state)
{
    (void)state;
    const struct input_options options[] = {{"wind", NULL, 0}, {"air", NULL, 0}, {"soil", NULL, 0}};
    struct input_table *table = NULL;
    assert_int_equal(input_table_new(options, 3, &table), 0);
    assert_int_equal(input_table_count(table), 3);
    for (size_t i = 0; i < 3; i++) {
        size_t index = 99;
        assert_int_equal(input_table_find(table, options[i].id, &index), 0);
        assert_int_equal(index, i);
        assert_string_equal(input_table_at(table, i)->id, options[i].id);
    }
    size_t untouched = 99;
    assert_int_equal(input_table_find(table, "rain", &untouched), -ENOENT);
    assert_int_equal(input_table_find(table, NULL, &untouched), -ENOENT);
    assert_int_equal(untouched, 99);
    input_table_free(table);
}

static void two_equal_ids_are_refused(void **state)
{
    (void)state;
    const struct input_options options[] = {{"air", NULL, 0}, {"soil", NULL, 0}, {"air", NULL, 0}};
    struct input_table *table = NULL;
    assert_int_equal(input_table_new(options, 3, &table), -EEXIST);
    assert_null(table);
}

static void an_empty_table_finds_nothing(void **state)
{
    (void)state;
    struct input_table *table = NULL;
    assert_int_equal(input_table_new(NULL, 0, &table), 0);
    size_t index;
    assert_int_equal(input_table_find(table, "air", &index), -ENOENT);
    input_table_free(table);
    input_table_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_are_found_by_id_and_kept_in_order),
        cmocka_unit_test(two_equal_ids_are_refused),
        cmocka_unit_test(an_empty_table_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
