#include "common/complaint.h"

#include "tests/unit/cmocka_all.h"

#include "common/clock.h"

#define MINUTE_US (60 * US_PER_S)

static void a_fault_is_said_at_once_and_not_again(void **state)
{
    (void)state;
    struct complaint c = {0};
    assert_true(complaint_is_due(&c, 5));
    assert_false(complaint_is_due(&c, 5));
    assert_false(complaint_is_due(&c, MINUTE_US + 4));
    assert_int_equal(c.times, 3);
}

static void the_distance_doubles_up_to_an_hour(void **state)
{
    (void)state;
    static const int64_t said_at_minute[] = {0, 1, 3, 7, 15, 31, 63, 123, 183};
    struct complaint c = {0};
    size_t said = 0;
    for (int64_t minute = 0; minute <= 183; minute++) {
        if (complaint_is_due(&c, minute * MINUTE_US)) {
            assert_int_equal(minute, said_at_minute[said]);
            said++;
        }
    }
    assert_int_equal(said, sizeof(said_at_minute) / sizeof(said_at_minute[0]));
}

static void a_new_fault_is_said_at_once(void **state)
{
    (void)state;
    struct complaint c = {0};
    assert_true(complaint_is_due(&c, 0));
    assert_false(complaint_is_due(&c, 1));
    complaint_over(&c);
    assert_true(complaint_is_due(&c, 2));
    assert_int_equal(c.times, 1);
    assert_false(complaint_is_due(&c, 2 + MINUTE_US - 1));
    assert_true(complaint_is_due(&c, 2 + MINUTE_US));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_is_said_at_once_and_not_again),
        cmocka_unit_test(the_distance_doubles_up_to_an_hour),
        cmocka_unit_test(a_new_fault_is_said_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
