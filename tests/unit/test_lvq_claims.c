/* A queue whose owner changes: what its successor claims stays, the rest is cleared at the broker.
 */
#include "common/lvq_retained.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/lvq_bench.h"

#include <stdio.h>

/* A new owner adds topics b and d; a is left over, c is not retained. */
static void what_nobody_claims_is_cleared_if_it_is_retained(void **state)
{
    struct lvq_bench *f = *state;
    size_t slot = SIZE_MAX;
    bench_put(f, 0, "1");
    bench_put(f, 1, "2");
    bench_put(f, 2, "3");
    bench_end(f, 0, MQTT_ACKNOWLEDGED);
    assert_int_equal(lvq_claim(f->q), 0);
    assert_int_equal(lvq_add(f->q, &(struct lvq_slot_options){"b", PAYLOAD_MAX, true}, &slot), 0);
    assert_int_equal(slot, 1);
    assert_int_equal(lvq_add(f->q, &(struct lvq_slot_options){"d", PAYLOAD_MAX, true}, &slot), 0);
    assert_int_equal(slot, 3);
    lvq_claim_rest(f->q, 0);
    bench_assert_sent(f, "a=1 b=2 c=3 a=");
    bench_put(f, 3, "4");
    bench_assert_sent(f, "a=1 b=2 c=3 a= d=4");
}

static void a_claim_that_comes_to_nothing_changes_nothing(void **state)
{
    struct lvq_bench *f = *state;
    size_t slot = SIZE_MAX;
    bench_put(f, 0, "1");
    assert_int_equal(lvq_claim(f->q), 0);
    assert_int_equal(lvq_add(f->q, &(struct lvq_slot_options){"d", PAYLOAD_MAX, true}, &slot), 0);
    bench_put(f, 1, "2");
    bench_assert_sent(f, "a=1 b=2");
}

/* "t" has two slots: a message that takes turns between two readings. */
static void a_topic_that_needs_fewer_slots_is_not_cleared(void **state)
{
    struct lvq_bench *f = *state;
    const struct lvq_slot_options options = {"t", PAYLOAD_MAX, true};
    size_t slots[2];
    size_t again = SIZE_MAX;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lvq_add(f->q, &options, &slots[i]), 0);
        bench_put(f, slots[i], i == 0 ? "1" : "2");
        bench_end(f, (size_t)i, MQTT_ACKNOWLEDGED);
    }
    assert_int_equal(lvq_claim(f->q), 0);
    assert_int_equal(lvq_add(f->q, &options, &again), 0);
    assert_int_equal(again, slots[0]);
    lvq_claim_rest(f->q, 0);
    bench_assert_sent(f, "t=1 t=2");
}

static void slots_of_topics_that_are_gone_are_used_again(void **state)
{
    struct lvq_bench *f = *state;
    size_t slot = 0;
    for (int i = 0; i < 20; i++) { /* a, b and c are added never again */
        char topic[16];
        (void)snprintf(topic, sizeof(topic), "n%d", i);
        const struct lvq_slot_options options = {topic, PAYLOAD_MAX, true};
        assert_int_equal(lvq_claim(f->q), 0);
        assert_int_equal(lvq_add(f->q, &options, &slot), 0);
        lvq_claim_rest(f->q, 0);
        bench_put(f, slot, "1");
        bench_end(f, f->sent_count - 1, MQTT_ACKNOWLEDGED);
        if (i > 0) { /* the one before was deleted, and that acknowledged */
            assert_int_equal(f->sent[f->sent_count - 2].publish.length, 0);
            bench_end(f, f->sent_count - 2, MQTT_ACKNOWLEDGED);
        }
        assert_in_range(slot, 0, 4);
    }
}

static void claims_that_come_to_nothing_leave_nothing(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    for (int i = 0; i < 20; i++) {
        char topic[16];
        size_t slot = SIZE_MAX;
        (void)snprintf(topic, sizeof(topic), "n%d", i);
        const struct lvq_slot_options options = {topic, PAYLOAD_MAX, true};
        assert_int_equal(lvq_claim(f->q), 0);
        assert_int_equal(lvq_add(f->q, &options, &slot), 0);
        assert_int_equal(slot, 3);
    }
    bench_put(f, 1, "2");
    bench_assert_sent(f, "a=1 b=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LVQ_CASE(what_nobody_claims_is_cleared_if_it_is_retained),
        LVQ_CASE(a_claim_that_comes_to_nothing_changes_nothing),
        LVQ_CASE(a_topic_that_needs_fewer_slots_is_not_cleared),
        LVQ_CASE(slots_of_topics_that_are_gone_are_used_again),
        LVQ_CASE(claims_that_come_to_nothing_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
