#include "automation-node/engine/agenda.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#define ITEMS 200

static void an_empty_agenda_has_nothing_due(void **state)
{
    (void)state;
    struct agenda *agenda = NULL;
    size_t item;
    assert_int_equal(agenda_new(0, &agenda), 0);
    assert_true(agenda_next(agenda) == DEADLINE_NONE);
    assert_false(agenda_take(agenda, INT64_MAX - 1, &item));
    agenda_free(agenda);
    agenda_free(NULL);
}

static void items_come_by_their_deadlines(void **state)
{
    (void)state;
    struct agenda *agenda = NULL;
    size_t item;
    assert_int_equal(agenda_new(3, &agenda), 0);
    agenda_set(agenda, 0, 30);
    agenda_set(agenda, 1, 10);
    agenda_set(agenda, 2, 20);
    agenda_set(agenda, 1, 25);
    agenda_set(agenda, 0, DEADLINE_NONE);
    assert_false(agenda_take(agenda, 19, &item));
    assert_true(agenda_take(agenda, 20, &item));
    assert_int_equal(item, 2);
    assert_true(agenda_next(agenda) == 25);
    assert_true(agenda_take(agenda, 100, &item));
    assert_int_equal(item, 1);
    assert_false(agenda_take(agenda, 100, &item));
    agenda_free(agenda);
}

/* Against a list that is searched. */
static void whatever_is_moved_the_earliest_comes_first(void **state)
{
    (void)state;
    struct agenda *agenda = NULL;
    int64_t deadlines[ITEMS];
    srandom(test_seed());
    assert_int_equal(agenda_new(ITEMS, &agenda), 0);
    for (size_t i = 0; i < ITEMS; i++) {
        deadlines[i] = DEADLINE_NONE;
    }
    for (int step = 0; step < 50000; step++) {
        size_t item = (size_t)random() % ITEMS;
        deadlines[item] = random() % 4 == 0 ? DEADLINE_NONE : random() % 1000;
        agenda_set(agenda, item, deadlines[item]);
        if (random() % 3 == 0 && agenda_take(agenda, 500, &item)) {
            assert_true(deadlines[item] <= 500);
            deadlines[item] = DEADLINE_NONE;
        }
        int64_t first = DEADLINE_NONE;
        for (size_t i = 0; i < ITEMS; i++) {
            first = deadline_earlier(first, deadlines[i]);
        }
        assert_true(agenda_next(agenda) == first);
    }
    agenda_free(agenda);
}

static void what_is_due_at_the_same_time_comes_in_the_order_of_items(void **state)
{
    (void)state;
    static const size_t orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct agenda *agenda;
        size_t item;
        assert_int_equal(agenda_new(4, &agenda), 0);
        for (size_t j = 0; j < 4; j++) {
            agenda_set(agenda, orders[i][j], 7);
        }
        for (size_t expected = 0; agenda_take(agenda, 7, &item); expected++) {
            assert_int_equal(item, expected);
        }
        agenda_free(agenda);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_at_the_same_time_comes_in_the_order_of_items),
        cmocka_unit_test(an_empty_agenda_has_nothing_due),
        cmocka_unit_test(items_come_by_their_deadlines),
        cmocka_unit_test(whatever_is_moved_the_earliest_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
