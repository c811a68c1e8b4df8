#include "automation-node/standby/standby.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define S        INT64_C(1000000)
#define TAKEOVER (10 * S) /* lease 6 s, beat and turn 1 s, offline 7 s */

/* Node auto2, rank 2. Its claims come back at once if `echoes`. */
struct fixture {
    struct standby s;
    int64_t now_us;
    bool echoes;
    struct standby_claim said; /* last */
    size_t said_count;
};

static void settle(struct fixture *f)
{
    struct standby_claim claim;
    while (standby_take_claim(&f->s, &claim, f->now_us)) {
        f->said = claim;
        f->said_count++;
        if (f->echoes) {
            standby_hear(&f->s, &claim, false, f->now_us);
        }
    }
}

static void pass(struct fixture *f, int64_t span_us)
{
    int64_t end_us = f->now_us + span_us;
    for (int64_t at_us = standby_deadline(&f->s); at_us <= end_us;
         at_us = standby_deadline(&f->s)) {
        f->now_us = at_us > f->now_us ? at_us : f->now_us;
        standby_tick(&f->s, f->now_us);
        settle(f);
    }
    f->now_us = end_us;
}

static void hear(struct fixture *f, const char *node, enum standby_role role, uint64_t epoch)
{
    const struct standby_claim claim = {
        .node = node, .role = role, .rank = (unsigned)(node[4] - '0'), .epoch = epoch};
    standby_hear(&f->s, &claim, false, f->now_us);
    settle(f);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    const struct standby_options options = {
        .node = "auto2", .rank = 2, .takeover_us = TAKEOVER, .first_beat = 1000};
    f->echoes = true;
    standby_init(&f->s, &options, 0);
    standby_up(&f->s, 0);
    settle(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void lead(struct fixture *f)
{
    pass(f, 3 * TAKEOVER);
    assert_true(standby_leads(&f->s, f->now_us));
}

static void test_it_greets_before_it_claims(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(f->said_count, 2);
    assert_int_equal(f->said.role, STANDBY_SAYS_STANDBY);
    assert_true(f->said.retain);
}

static void test_an_own_claim_of_an_earlier_life_is_known_before_it_is_replaced(void **state)
{
    struct fixture *f = *state;
    const struct standby_claim old = {.node = "auto2", .role = STANDBY_SAYS_LEADER, .epoch = 7};
    struct standby_claim claim;
    standby_init(&f->s, &f->s.options, 0);
    standby_up(&f->s, 0);
    assert_true(standby_take_claim(&f->s, &claim, 0));
    assert_false(claim.retain);
    standby_hear(&f->s, &old, true, 0);
    standby_hear(&f->s, &claim, false, 0);
    assert_true(standby_take_claim(&f->s, &claim, 0));
    assert_true(claim.retain);
    assert_int_equal(claim.epoch, 7);
}

static void test_without_a_leader_it_leads_after_its_time(void **state)
{
    struct fixture *f = *state;
    pass(f, TAKEOVER - 1);
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
    pass(f, 1);
    assert_int_equal(f->s.state, STANDBY_LEADER);
    assert_int_equal(standby_epoch(&f->s), 1);
}

static void test_a_lower_rank_goes_first(void **state)
{
    struct fixture *f = *state;
    hear(f, "auto1", STANDBY_SAYS_STANDBY, 0);
    pass(f, TAKEOVER);
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
    pass(f, S);
    assert_int_equal(f->s.state, STANDBY_LEADER);
}

static void test_a_beating_leader_is_left_alone(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) {
        hear(f, "auto1", STANDBY_SAYS_LEADER, 5);
        pass(f, 9 * S);
    }
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
    pass(f, 2 * S);
    assert_int_equal(f->s.state, STANDBY_LEADER);
    assert_int_equal(standby_epoch(&f->s), 6);
}

static void test_a_leader_whose_will_was_published_is_replaced_sooner(void **state)
{
    struct fixture *f = *state;
    hear(f, "auto1", STANDBY_SAYS_LEADER, 5);
    standby_hear_status(&f->s, "auto1", false);
    pass(f, 7 * S - 1);
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
    pass(f, 1);
    assert_int_equal(f->s.state, STANDBY_LEADER);
}

static void test_without_a_link_it_never_leads(void **state)
{
    struct fixture *f = *state;
    standby_down(&f->s, f->now_us);
    assert_true(standby_deadline(&f->s) == INT64_MAX);
    pass(f, 100 * TAKEOVER);
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
    standby_up(&f->s, f->now_us);
    settle(f);
    pass(f, TAKEOVER - 1);
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
}

static void test_a_candidate_does_not_drive_before_its_claim_comes_back(void **state)
{
    struct fixture *f = *state;
    f->echoes = false;
    pass(f, TAKEOVER);
    assert_int_equal(f->s.state, STANDBY_CANDIDATE);
    assert_false(standby_leads(&f->s, f->now_us));
    hear(f, "auto1", STANDBY_SAYS_LEADER, 0);
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
}

static void test_a_claim_that_the_broker_kept_is_no_echo(void **state)
{
    struct fixture *f = *state;
    f->echoes = false;
    pass(f, TAKEOVER);
    assert_int_equal(f->said.role, STANDBY_SAYS_CANDIDATE);
    standby_hear(&f->s, &f->said, true, f->now_us);
    assert_int_equal(f->s.state, STANDBY_CANDIDATE);
    standby_hear(&f->s, &f->said, false, f->now_us);
    assert_int_equal(f->s.state, STANDBY_LEADER);
}

static void test_a_claim_that_never_comes_back_is_given_up(void **state)
{
    struct fixture *f = *state;
    f->echoes = false;
    pass(f, 2 * TAKEOVER);
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
    assert_int_equal(f->s.cause, STANDBY_NO_ECHO);
}

static void test_a_leader_stops_when_its_claims_come_back_no_more(void **state)
{
    struct fixture *f = *state;
    lead(f);
    pass(f, 100 * S);
    assert_true(standby_leads(&f->s, f->now_us));
    f->echoes = false;
    int64_t sent_us = f->s.lease_end_us - 6 * S;
    pass(f, sent_us + 6 * S - 1 - f->now_us);
    assert_true(standby_leads(&f->s, f->now_us));
    pass(f, 1);
    assert_false(standby_leads(&f->s, f->now_us));
    assert_int_equal(f->s.cause, STANDBY_LEASE);
}

static void test_a_leader_that_stood_still_knows_it_by_the_clock_alone(void **state)
{
    struct fixture *f = *state;
    lead(f);
    assert_false(standby_leads(&f->s, f->now_us + 6 * S));
    assert_int_equal(f->s.state, STANDBY_LEADER); /* nobody has told it yet */
}

static void test_a_higher_epoch_ends_it(void **state)
{
    struct fixture *f = *state;
    lead(f);
    hear(f, "auto3", STANDBY_SAYS_CANDIDATE, standby_epoch(&f->s) + 1);
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
    assert_int_equal(f->said.role, STANDBY_SAYS_STANDBY);
}

static void test_an_older_epoch_does_not(void **state)
{
    struct fixture *f = *state;
    hear(f, "auto1", STANDBY_SAYS_LEADER, 7);
    lead(f);
    hear(f, "auto1", STANDBY_SAYS_LEADER, 7);
    assert_int_equal(f->s.state, STANDBY_LEADER);
}

static void test_a_gateway_that_refuses_ends_it_and_the_next_epoch_is_above(void **state)
{
    struct fixture *f = *state;
    lead(f);
    standby_hear_fence(&f->s, "auto2", 1, f->now_us);
    assert_int_equal(f->s.state, STANDBY_LEADER);
    standby_hear_fence(&f->s, "auto9", 40, f->now_us);
    assert_int_equal(f->s.cause, STANDBY_FENCED);
    settle(f);
    lead(f);
    assert_int_equal(standby_epoch(&f->s), 41);
}

static void test_a_handover_takes_no_time(void **state)
{
    struct fixture *f = *state;
    struct standby_claim released = {
        .node = "auto1", .role = STANDBY_SAYS_RELEASED, .rank = 1, .epoch = 5, .to = "auto2"};
    hear(f, "auto1", STANDBY_SAYS_LEADER, 5);
    standby_hear(&f->s, &released, false, f->now_us);
    pass(f, 0);
    assert_int_equal(f->s.state, STANDBY_LEADER);
    assert_int_equal(standby_epoch(&f->s), 6);
}

static void test_a_candidate_that_gives_up_leaves_no_vacancy(void **state)
{
    struct fixture *f = *state;
    hear(f, "auto1", STANDBY_SAYS_LEADER, 5);
    hear(f, "auto3", STANDBY_SAYS_CANDIDATE, 6);
    hear(f, "auto3", STANDBY_SAYS_STANDBY, 6);
    hear(f, "auto1", STANDBY_SAYS_STANDBY, 6);
    pass(f, TAKEOVER - 1); /* auto3 may lead, for all that is known here */
    assert_int_equal(f->s.state, STANDBY_FOLLOWING);
}

static void test_it_hands_over_to_somebody_who_is_there(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(standby_release(&f->s, NULL, f->now_us), -EPERM);
    lead(f);
    assert_int_equal(standby_release(&f->s, NULL, f->now_us), -ENOENT);
    hear(f, "auto1", STANDBY_SAYS_STANDBY, 0);
    standby_hear_status(&f->s, "auto1", false);
    assert_int_equal(standby_release(&f->s, "auto1", f->now_us), -ENOENT);
    standby_hear_status(&f->s, "auto1", true);
    assert_int_equal(standby_release(&f->s, "auto1", f->now_us), 0);
    assert_false(standby_leads(&f->s, f->now_us));
    settle(f);
    assert_int_equal(f->said.role, STANDBY_SAYS_RELEASED);
    assert_string_equal(f->said.to, "auto1");
    hear(f, "auto1", STANDBY_SAYS_CANDIDATE, 2);
    standby_down(&f->s, f->now_us);
    standby_up(&f->s, f->now_us);
    settle(f);
    assert_int_equal(f->said.role, STANDBY_SAYS_STANDBY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_it_greets_before_it_claims),
        TEST(test_an_own_claim_of_an_earlier_life_is_known_before_it_is_replaced),
        TEST(test_without_a_leader_it_leads_after_its_time),
        TEST(test_a_lower_rank_goes_first),
        TEST(test_a_beating_leader_is_left_alone),
        TEST(test_a_leader_whose_will_was_published_is_replaced_sooner),
        TEST(test_without_a_link_it_never_leads),
        TEST(test_a_candidate_does_not_drive_before_its_claim_comes_back),
        TEST(test_a_claim_that_the_broker_kept_is_no_echo),
        TEST(test_a_claim_that_never_comes_back_is_given_up),
        TEST(test_a_leader_stops_when_its_claims_come_back_no_more),
        TEST(test_a_leader_that_stood_still_knows_it_by_the_clock_alone),
        TEST(test_a_higher_epoch_ends_it),
        TEST(test_an_older_epoch_does_not),
        TEST(test_a_gateway_that_refuses_ends_it_and_the_next_epoch_is_above),
        TEST(test_a_handover_takes_no_time),
        TEST(test_a_candidate_that_gives_up_leaves_no_vacancy),
        TEST(test_it_hands_over_to_somebody_who_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
