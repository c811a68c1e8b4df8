#include "edge-gateway/framelog/ledger.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <stdlib.h>

/* What random operations may not break, seq by seq. */
#define SEQS 600

enum model_state {
    NEW,
    LIVE,
    MISSING,
    SENDING,
    DELIVERED
};

struct model {
    enum model_state states[SEQS + 2];
    uint64_t newest;
    uint64_t acknowledged;
};

static struct ledger *new_ledger(enum ledger_mode mode, size_t runs_max, uint64_t acknowledged,
                                 uint64_t newest)
{
    const struct ledger_options options = {mode, runs_max, acknowledged, newest};
    struct ledger *ledger;
    assert_int_equal(ledger_new(&options, &ledger), 0);
    return ledger;
}

static struct ledger_range range(uint64_t first, uint64_t last)
{
    return (struct ledger_range){first, last};
}

static void assert_next_missing(const struct ledger *l, uint64_t from, uint64_t first,
                                uint64_t last)
{
    struct ledger_range missing = {0, 0};
    assert_true(ledger_next_missing(l, from, &missing));
    assert_int_equal(missing.first, first);
    assert_int_equal(missing.last, last);
}

static void acknowledged_follows_what_is_delivered_in_order(void **state)
{
    (void)state;
    struct ledger *l = new_ledger(LEDGER_BROKER, 64, 0, 0);
    for (uint64_t seq = 1; seq <= 10; seq++) {
        ledger_live(l, seq);
    }
    assert_int_equal(ledger_stats(l).acknowledged, 0);
    ledger_settle(l, range(1, 3), true);
    assert_int_equal(ledger_stats(l).acknowledged, 3);
    ledger_settle(l, range(5, 5), true);
    assert_int_equal(ledger_stats(l).acknowledged, 3);
    assert_int_equal(ledger_stats(l).delivered, 1);
    ledger_settle(l, range(4, 4), true);
    assert_int_equal(ledger_stats(l).acknowledged, 5);
    ledger_free(l);
}

static void what_was_missed_is_taken_and_delivered(void **state)
{
    (void)state;
    struct ledger *l = new_ledger(LEDGER_BROKER, 64, 0, 0);
    for (uint64_t seq = 1; seq <= 10; seq++) {
        ledger_live(l, seq);
    }
    ledger_settle(l, range(2, 4), false);
    assert_next_missing(l, 0, 2, 4);
    assert_next_missing(l, 3, 3, 4);
    assert_true(ledger_is_missing(l, 3));
    assert_false(ledger_is_missing(l, 5));
    ledger_take(l, range(2, 3));
    assert_next_missing(l, 0, 4, 4);
    ledger_settle(l, range(2, 3), true);
    ledger_settle(l, range(1, 1), true);
    assert_int_equal(ledger_stats(l).acknowledged, 3);
    ledger_free(l);
}

static void seqs_that_are_passed_over_are_missing(void **state)
{
    (void)state;
    struct ledger *l = new_ledger(LEDGER_BROKER, 64, 5, 20);
    assert_next_missing(l, 0, 6, 20);
    ledger_live(l, 30);
    ledger_missed(l, 40);
    assert_next_missing(l, 0, 6, 29);
    assert_next_missing(l, 30, 31, 40);
    ledger_free(l);
}

static void a_sink_acknowledges_and_what_it_lost_comes_again(void **state)
{
    (void)state;
    struct ledger *l = new_ledger(LEDGER_SINK, 64, 0, 0);
    struct ledger_range missing;
    for (uint64_t seq = 1; seq <= 10; seq++) {
        ledger_live(l, seq);
    }
    ledger_settle(l, range(1, 8), true);
    assert_int_equal(ledger_stats(l).acknowledged, 0);
    assert_true(ledger_sink(l, 4));
    assert_int_equal(ledger_stats(l).acknowledged, 4);
    assert_false(ledger_sink(l, 11));
    assert_true(ledger_sink(l, 2)); /* an old one changes nothing */
    assert_int_equal(ledger_stats(l).acknowledged, 4);
    assert_false(ledger_next_missing(l, 0, &missing));
    ledger_rewind(l);
    assert_next_missing(l, 0, 5, 8);
    assert_int_equal(ledger_stats(l).repeated, 4);
    assert_int_equal(ledger_stats(l).live, 2);
    assert_true(ledger_sink(l, 10)); /* it had them all along */
    assert_int_equal(ledger_stats(l).acknowledged, 10);
    ledger_free(l);
}

static void without_enough_runs_delivered_seqs_are_sent_again_and_counted(void **state)
{
    (void)state;
    struct ledger *l = new_ledger(LEDGER_BROKER, 16, 0, 0);
    for (uint64_t seq = 1; seq <= 1000; seq++) {
        ledger_live(l, seq);
        ledger_settle(l, range(seq, seq), seq % 2 == 0);
    }
    struct ledger_stats stats = ledger_stats(l);
    assert_true(stats.runs <= 16);
    assert_int_equal(stats.missing, 500 + stats.repeated);
    for (uint64_t seq = 1; seq <= 1000; seq += 2) {
        assert_true(ledger_is_missing(l, seq));
    }
    ledger_free(l);
}

/* ---- against a model -------------------------------------------------------------------- */

static void model_settle(struct model *m, struct ledger_range r, bool delivered)
{
    for (uint64_t s = r.first; s <= r.last && s <= m->newest; s++) {
        bool open = m->states[s] == LIVE || m->states[s] == SENDING;
        if (delivered && (open || m->states[s] == MISSING)) {
            m->states[s] = DELIVERED;
        } else if (!delivered && open) {
            m->states[s] = MISSING;
        }
    }
}

static void model_new(struct model *m, uint64_t seq, enum model_state state)
{
    while (m->newest < seq) {
        m->states[++m->newest] = MISSING;
    }
    m->states[seq] = state;
}

static void random_step(struct ledger *l, struct model *m, enum ledger_mode mode)
{
    uint64_t first = 1 + (uint64_t)rand() % (m->newest + 1);
    struct ledger_range r = range(first, first + (uint64_t)rand() % 5);
    uint64_t next = m->newest + 1 + (rand() % 8 == 0 ? (uint64_t)rand() % 4 : 0);
    switch (rand() % 9) {
    case 0:
    case 1:
    case 2:
        if (next <= SEQS) {
            ledger_live(l, next);
            model_new(m, next, LIVE);
        }
        break;
    case 3:
        if (next <= SEQS) {
            ledger_missed(l, next);
            model_new(m, next, MISSING);
        }
        break;
    case 4:
    case 5:
        ledger_settle(l, r, true);
        model_settle(m, r, true);
        break;
    case 6:
        ledger_settle(l, r, false);
        model_settle(m, r, false);
        break;
    case 7:
        ledger_take(l, r);
        for (uint64_t s = r.first; s <= r.last && s <= m->newest; s++) {
            m->states[s] = m->states[s] == MISSING ? SENDING : m->states[s];
        }
        break;
    default:
        if (mode == LEDGER_SINK && rand() % 8 == 0) {
            ledger_rewind(l);
            for (uint64_t s = m->acknowledged + 1; s <= m->newest; s++) {
                m->states[s] = m->states[s] == DELIVERED ? MISSING : m->states[s];
            }
        } else if (mode == LEDGER_SINK && rand() % 4 == 0 && first <= m->newest) {
            assert_true(ledger_sink(l, first));
            m->acknowledged = first > m->acknowledged ? first : m->acknowledged;
            for (uint64_t s = 1; s <= m->acknowledged; s++) {
                m->states[s] = DELIVERED;
            }
        }
        break;
    }
}

static void compare(const struct ledger *l, struct model *m, enum ledger_mode mode)
{
    uint64_t counts[DELIVERED + 1] = {0};
    for (uint64_t s = 1; s <= m->newest; s++) {
        assert_int_equal(ledger_is_missing(l, s), m->states[s] == MISSING);
        counts[m->states[s]] += s > m->acknowledged ? 1 : 0;
    }
    struct ledger_stats stats = ledger_stats(l);
    if (mode == LEDGER_BROKER) {
        uint64_t acknowledged = 0;
        while (acknowledged < m->newest && m->states[acknowledged + 1] == DELIVERED) {
            acknowledged++;
        }
        assert_int_equal(stats.acknowledged, acknowledged);
    } else {
        assert_int_equal(stats.acknowledged, m->acknowledged);
        assert_int_equal(stats.delivered, counts[DELIVERED]);
    }
    uint64_t oldest_live = m->acknowledged + 1;
    while (oldest_live <= m->newest && m->states[oldest_live] != LIVE) {
        oldest_live++;
    }
    assert_true(ledger_oldest_live(l) == (oldest_live <= m->newest ? oldest_live : UINT64_MAX));
    assert_int_equal(stats.newest, m->newest);
    assert_int_equal(stats.live, counts[LIVE]);
    assert_int_equal(stats.missing, counts[MISSING]);
    assert_int_equal(stats.sending, counts[SENDING]);
}

static void random_operations_keep_to_the_model(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        enum ledger_mode mode = round % 2 == 0 ? LEDGER_BROKER : LEDGER_SINK;
        struct ledger *l = new_ledger(mode, 4 * SEQS, 0, 0);
        struct model m = {.newest = 0};
        for (int step = 0; step < 2000; step++) {
            random_step(l, &m, mode);
            if (step % 7 == 0) {
                compare(l, &m, mode);
            }
        }
        ledger_free(l);
    }
}

/* What the model has MISSING is not done with, and will be sent or is being sent. */
static void assert_nothing_is_lost(const struct ledger *l, const struct model *m)
{
    struct ledger_stats stats = ledger_stats(l);
    for (uint64_t s = 1; s <= m->newest; s++) {
        if (m->states[s] == MISSING) {
            assert_true(s > stats.acknowledged);
            assert_true(ledger_is_missing(l, s) || stats.sending + stats.live > 0);
        }
    }
    assert_true(stats.runs <= 32);
}

static void too_few_runs_never_take_anything_for_delivered(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        enum ledger_mode mode = round % 2 == 0 ? LEDGER_BROKER : LEDGER_SINK;
        struct ledger *l = new_ledger(mode, 8 + (size_t)rand() % 24, 0, 0);
        struct model m = {.newest = 0};
        for (int step = 0; step < 2000; step++) {
            random_step(l, &m, mode);
            assert_nothing_is_lost(l, &m);
        }
        ledger_free(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acknowledged_follows_what_is_delivered_in_order),
        cmocka_unit_test(what_was_missed_is_taken_and_delivered),
        cmocka_unit_test(seqs_that_are_passed_over_are_missing),
        cmocka_unit_test(a_sink_acknowledges_and_what_it_lost_comes_again),
        cmocka_unit_test(without_enough_runs_delivered_seqs_are_sent_again_and_counted),
        cmocka_unit_test(random_operations_keep_to_the_model),
        cmocka_unit_test(too_few_runs_never_take_anything_for_delivered),
    };
    srand(test_seed());
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
