#include "common/timer_heap.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <stdlib.h>

#define TIMERS 200

static int64_t first_deadline_us(const struct timer_heap *heap)
{
    const struct timer *first = timer_heap_first(heap);
    return first != NULL ? first->deadline_us : -1;
}

static void an_empty_heap_has_no_first(void **state)
{
    (void)state;
    struct timer_heap heap = {0};
    assert_null(timer_heap_first(&heap));
    timer_heap_deinit(&heap);
}

static void the_earliest_deadline_comes_first(void **state)
{
    (void)state;
    static const int64_t deadlines[] = {50, 20, 90, 10, 70, 30};
    static const int64_t sorted[] = {10, 20, 30, 50, 70, 90};
    struct timer timers[6] = {0};
    struct timer_heap heap = {0};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(timer_heap_arm(&heap, &timers[i], deadlines[i]), 0);
    }
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(first_deadline_us(&heap), sorted[i]);
        timer_heap_disarm(&heap, timer_heap_first(&heap));
    }
    assert_null(timer_heap_first(&heap));
    timer_heap_deinit(&heap);
}

static void equal_deadlines_come_in_the_order_of_arming(void **state)
{
    (void)state;
    struct timer timers[40] = {0};
    struct timer_heap heap = {0};
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(timer_heap_arm(&heap, &timers[i], 100), 0);
    }
    assert_int_equal(timer_heap_arm(&heap, &timers[0], 100), 0); /* armed anew: now the last */
    for (size_t i = 1; i <= 40; i++) {
        struct timer *first = timer_heap_first(&heap);
        assert_ptr_equal(first, &timers[i % 40]);
        timer_heap_disarm(&heap, first);
    }
    timer_heap_deinit(&heap);
}

static void arming_an_armed_timer_moves_it(void **state)
{
    (void)state;
    struct timer a = {0};
    struct timer b = {0};
    struct timer_heap heap = {0};
    assert_int_equal(timer_heap_arm(&heap, &a, 10), 0);
    assert_int_equal(timer_heap_arm(&heap, &b, 20), 0);
    assert_int_equal(timer_heap_arm(&heap, &a, 30), 0);
    assert_ptr_equal(timer_heap_first(&heap), &b);
    assert_int_equal(timer_heap_arm(&heap, &a, 5), 0);
    assert_ptr_equal(timer_heap_first(&heap), &a);
    assert_int_equal(heap.count, 2);
    timer_heap_deinit(&heap);
}

static void disarming_twice_is_harmless(void **state)
{
    (void)state;
    struct timer timer = {0};
    struct timer_heap heap = {0};
    assert_int_equal(timer_heap_arm(&heap, &timer, 10), 0);
    assert_true(timer_is_armed(&timer));
    timer_heap_disarm(&heap, &timer);
    assert_false(timer_is_armed(&timer));
    timer_heap_disarm(&heap, &timer);
    assert_null(timer_heap_first(&heap));
    timer_heap_deinit(&heap);
}

static void the_end_of_the_heap_disarms_every_timer(void **state)
{
    (void)state;
    struct timer timers[3] = {0};
    struct timer_heap heap = {0};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(timer_heap_arm(&heap, &timers[i], 10), 0);
    }
    timer_heap_deinit(&heap);
    for (size_t i = 0; i < 3; i++) {
        assert_false(timer_is_armed(&timers[i]));
    }
}

/* What the heap must say, by looking at every timer. */
static int64_t earliest(const struct timer *timers)
{
    int64_t least = -1;
    for (size_t i = 0; i < TIMERS; i++) {
        if (timer_is_armed(&timers[i]) && (least < 0 || timers[i].deadline_us < least)) {
            least = timers[i].deadline_us;
        }
    }
    return least;
}

static void random_operations_keep_the_order(void **state)
{
    (void)state;
    srand(test_seed());
    static struct timer timers[TIMERS];
    struct timer_heap heap = {0};
    for (int i = 0; i < 20000; i++) {
        struct timer *timer = &timers[rand() % TIMERS];
        if (rand() % 3 == 0) {
            timer_heap_disarm(&heap, timer);
        } else {
            assert_int_equal(timer_heap_arm(&heap, timer, rand() % 1000), 0);
        }
        assert_int_equal(first_deadline_us(&heap), earliest(timers));
    }
    timer_heap_deinit(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_heap_has_no_first),
        cmocka_unit_test(the_earliest_deadline_comes_first),
        cmocka_unit_test(equal_deadlines_come_in_the_order_of_arming),
        cmocka_unit_test(arming_an_armed_timer_moves_it),
        cmocka_unit_test(disarming_twice_is_harmless),
        cmocka_unit_test(the_end_of_the_heap_disarms_every_timer),
        cmocka_unit_test(random_operations_keep_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
