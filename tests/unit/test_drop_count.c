#include "edge-gateway/bus/drop_count.h"

#include "tests/unit/cmocka_all.h"

static void each_drop_counts_once(void **state)
{
    (void)state;
    struct drop_count count = {0};
    assert_int_equal(drop_count_note(&count, 0), 0);
    assert_int_equal(drop_count_note(&count, 7), 7);
    assert_int_equal(drop_count_note(&count, 7), 0);
    assert_int_equal(drop_count_note(&count, 9), 2);
}

static void a_frame_that_waited_brings_an_older_value(void **state)
{
    (void)state;
    struct drop_count count = {0};
    assert_int_equal(drop_count_note(&count, 20), 20); /* the socket was asked */
    assert_int_equal(drop_count_note(&count, 5), 0);
    assert_int_equal(drop_count_note(&count, 12), 0);
    assert_int_equal(drop_count_note(&count, 21), 1);
}

static void the_counter_wraps(void **state)
{
    (void)state;
    struct drop_count count = {.seen = UINT32_MAX - 1};
    assert_int_equal(drop_count_note(&count, 3), 5);
    assert_int_equal(drop_count_note(&count, UINT32_MAX), 0);
    assert_int_equal(drop_count_note(&count, 4), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_drop_counts_once),
        cmocka_unit_test(a_frame_that_waited_brings_an_older_value),
        cmocka_unit_test(the_counter_wraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
