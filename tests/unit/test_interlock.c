#include "automation-node/engine/interlock.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

#include <errno.h>

#define DEAD_TIME (5 * SECOND)

enum {
    A,
    B,
    MEMBERS
};

struct bench {
    struct interlock *interlock;
    struct interlock_member members[MEMBERS];
};

static struct bench bench_new(void)
{
    struct bench b = {.members = {{.state = MEMBER_OFF, .priority = PRIORITY_RULE},
                                  {.state = MEMBER_OFF, .priority = PRIORITY_RULE}}};
    assert_int_equal(interlock_new(MEMBERS, DEAD_TIME, &b.interlock), 0);
    return b;
}

static size_t step(struct bench *b, int64_t now_us)
{
    return interlock_step(b->interlock, b->members, now_us);
}

static void nobody_holds_it_before_all_were_off_for_the_dead_time(void **state)
{
    (void)state;
    struct bench b = bench_new();
    b.members[B].state = MEMBER_UNKNOWN;
    b.members[A].wants_on = true;
    assert_true(step(&b, 0) == INTERLOCK_NOBODY);
    assert_true(interlock_next_deadline(b.interlock) == DEADLINE_NONE);
    b.members[B].state = MEMBER_OFF;
    assert_true(step(&b, SECOND) == INTERLOCK_NOBODY);
    assert_true(interlock_next_deadline(b.interlock) == SECOND + DEAD_TIME);
    assert_true(step(&b, SECOND + DEAD_TIME - 1) == INTERLOCK_NOBODY);
    assert_true(step(&b, SECOND + DEAD_TIME) == A);
    interlock_free(b.interlock);
}

static void the_holder_keeps_it_against_equals(void **state)
{
    (void)state;
    struct bench b = bench_new();
    (void)step(&b, 0);
    b.members[A].wants_on = true;
    assert_true(step(&b, DEAD_TIME) == A);
    b.members[A].state = MEMBER_ON;
    b.members[B].wants_on = true;
    assert_true(step(&b, DEAD_TIME + 1) == A);
    b.members[A].wants_on = false;
    assert_true(step(&b, DEAD_TIME + 2) == INTERLOCK_NOBODY);
    b.members[A].state = MEMBER_OFF;
    assert_true(step(&b, DEAD_TIME + 3) == INTERLOCK_NOBODY);
    assert_true(step(&b, 2 * DEAD_TIME + 2) == INTERLOCK_NOBODY);
    assert_true(step(&b, 2 * DEAD_TIME + 3) == B);
    interlock_free(b.interlock);
}

static void a_higher_priority_takes_it_over(void **state)
{
    (void)state;
    struct bench b = bench_new();
    (void)step(&b, 0);
    b.members[A].wants_on = true;
    assert_true(step(&b, DEAD_TIME) == A);
    b.members[B].wants_on = true;
    b.members[B].priority = PRIORITY_MANUAL;
    b.members[A].state = MEMBER_ON;
    assert_true(step(&b, DEAD_TIME + 1) == INTERLOCK_NOBODY);
    interlock_free(b.interlock);
}

static void whoever_goes_on_and_off_alone_needs_no_dead_time(void **state)
{
    (void)state;
    struct bench b = bench_new();
    (void)step(&b, 0);
    b.members[A].wants_on = true;
    assert_true(step(&b, DEAD_TIME) == A);
    b.members[A].wants_on = false;
    assert_true(step(&b, DEAD_TIME + 1) == A);
    b.members[A].wants_on = true;
    assert_true(step(&b, DEAD_TIME + 2) == A);
    interlock_free(b.interlock);
}

static void one_that_was_switched_on_by_hand_stops_the_holder(void **state)
{
    (void)state;
    struct bench b = bench_new();
    (void)step(&b, 0);
    b.members[A].wants_on = true;
    assert_true(step(&b, DEAD_TIME) == A);
    b.members[B].state = MEMBER_ON;
    assert_true(step(&b, DEAD_TIME + 1) == INTERLOCK_NOBODY);
    b.members[B].state = MEMBER_UNKNOWN; /* its feedback is lost */
    assert_true(step(&b, 100 * DEAD_TIME) == INTERLOCK_NOBODY);
    interlock_free(b.interlock);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct interlock *interlock = NULL;
    assert_int_equal(interlock_new(1, 0, &interlock), -EINVAL);
    assert_int_equal(interlock_new(2, -1, &interlock), -EINVAL);
    interlock_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_holds_it_before_all_were_off_for_the_dead_time),
        cmocka_unit_test(the_holder_keeps_it_against_equals),
        cmocka_unit_test(a_higher_priority_takes_it_over),
        cmocka_unit_test(whoever_goes_on_and_off_alone_needs_no_dead_time),
        cmocka_unit_test(one_that_was_switched_on_by_hand_stops_the_holder),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
