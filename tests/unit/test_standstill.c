#include "common/standstill.h"

#include "tests/unit/cmocka_all.h"

static void what_has_no_work_never_stands_still(void **state)
{
    (void)state;
    struct standstill s = {0};
    for (int64_t now = 0; now < 100; now++) {
        assert_int_equal(standstill_look(&s, false, 7, now), 0);
    }
    assert_int_equal(standstill_look(&s, true, 7, 100), 0);
}

static void a_standstill_is_measured_from_when_it_was_first_seen(void **state)
{
    (void)state;
    struct standstill s = {0};
    assert_int_equal(standstill_look(&s, true, 0, 1000), 0);
    assert_int_equal(standstill_look(&s, true, 0, 1500), 500);
    assert_int_equal(standstill_look(&s, true, 0, 4000), 3000);
}

static void any_move_ends_it(void **state)
{
    (void)state;
    struct standstill s = {0};
    assert_int_equal(standstill_look(&s, true, 3, 1000), 0);
    assert_int_equal(standstill_look(&s, true, 3, 2000), 1000);
    assert_int_equal(standstill_look(&s, true, 4, 3000), 0);
    assert_int_equal(standstill_look(&s, true, 4, 3500), 500);
    assert_int_equal(standstill_look(&s, false, 4, 4000), 0);
    assert_int_equal(standstill_look(&s, true, 4, 5000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_work_never_stands_still),
        cmocka_unit_test(a_standstill_is_measured_from_when_it_was_first_seen),
        cmocka_unit_test(any_move_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
