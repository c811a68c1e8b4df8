/* By what time data get old: a wall clock that has gone on evenly for an hour. */
#include "edge-gateway/store/store_age.h"

#include "tests/unit/cmocka_all.h"

#include <stdlib.h>

#define T0_US   (1795423160 * US_PER_S)
#define YEAR_US (INT64_C(365) * 86400 * US_PER_S)

struct machine {
    struct clock_fake clock;
    struct store_age age;
};

static int set_up(void **state)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    machine->clock = (struct clock_fake){.monotonic_us = 7 * US_PER_S, .realtime_us = T0_US};
    *state = machine;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static int64_t after(struct machine *machine, int64_t us)
{
    struct clock_fake *clock = &machine->clock;
    clock->monotonic_us += us;
    clock->realtime_us += us;
    return store_age_now(&machine->age, clock->realtime_us, clock->monotonic_us);
}

static void nothing_is_old_for_an_hour_after_the_start(void **state)
{
    struct machine *machine = *state;
    assert_int_equal(after(machine, 0), 0);
    assert_int_equal(after(machine, STORE_AGE_STEADY_US - 1), 0);
    assert_int_equal(after(machine, 1), T0_US + STORE_AGE_STEADY_US);
    assert_int_equal(after(machine, 10 * YEAR_US), T0_US + STORE_AGE_STEADY_US + 10 * YEAR_US);
}

static void assert_waits_after(struct machine *machine, int64_t jump_us)
{
    (void)after(machine, 0);
    assert_true(after(machine, STORE_AGE_STEADY_US) > 0);
    machine->clock.realtime_us += jump_us;
    assert_int_equal(after(machine, 0), 0);
    assert_int_equal(after(machine, STORE_AGE_STEADY_US - 1), 0);
    int64_t age_us = after(machine, 1);
    assert_int_equal(age_us, machine->clock.realtime_us);
}

static void a_jump_begins_another_hour(void **state)
{
    struct machine *machine = *state;
    assert_waits_after(machine, 4 * YEAR_US);
    assert_waits_after(machine, -4 * YEAR_US);
    assert_waits_after(machine, STORE_AGE_DRIFT_US + 1);
    assert_waits_after(machine, -STORE_AGE_DRIFT_US - 1);
}

static void small_steps_are_no_jump(void **state)
{
    struct machine *machine = *state;
    (void)after(machine, 0);
    for (int i = 0; i < 10; i++) {
        machine->clock.realtime_us += US_PER_S;
        (void)after(machine, STORE_AGE_STEADY_US / 10);
    }
    assert_int_equal(after(machine, 0), machine->clock.realtime_us);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_is_old_for_an_hour_after_the_start),
        CASE(a_jump_begins_another_hour),
        CASE(small_steps_are_no_jump),
    };
    return cmocka_run_group_tests_name("store_age", tests, NULL, NULL);
}
