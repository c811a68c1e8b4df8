#include "edge-gateway/policy/policy.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define MS 1000LL

static struct policy *new_policy(enum policy_mode mode, int64_t min_ms, int64_t max_ms,
                                 double deadband)
{
    double deadbands[2] = {deadband, 0.0};
    struct policy_options options = {
        .mode = mode,
        .min_interval_us = min_ms * MS,
        .max_interval_us = max_ms * MS,
        .signal_count = 2,
        .deadbands = deadbands,
        .branch_count = 2,
    };
    struct policy *policy = NULL;
    assert_int_equal(policy_new(&options, &policy), 0);
    return policy;
}

static struct policy_verdict offer(struct policy *policy, double number, int64_t at_ms)
{
    struct policy_value value = {0, number, 0};
    struct frame frame = {.ts_us = at_ms};
    return policy_offer(policy, 0, &value, 1, &frame, at_ms * MS);
}

static void assert_verdict(struct policy_verdict verdict, enum policy_action action,
                           enum policy_reason reason)
{
    assert_int_equal(verdict.action, action);
    assert_string_equal(policy_reason_text(verdict.reason), policy_reason_text(reason));
}

/* The frame that goes out at `at_ms`, by its stamp; -1 when none is due. */
static int64_t due(struct policy *policy, int64_t at_ms)
{
    struct frame frame;
    struct policy_verdict verdict;
    return policy_take_due(policy, at_ms * MS, &frame, &verdict) ? frame.ts_us : -1;
}

static void the_first_frame_is_published(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 1000, 0, 0.5);
    assert_verdict(offer(policy, 20.0, 0), POLICY_PUBLISH, POLICY_FIRST);
    policy_free(policy);
}

static void the_deadband_is_measured_from_the_published_value(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 0, 0, 0.5);
    (void)offer(policy, 20.0, 0);
    assert_verdict(offer(policy, 20.3, 10), POLICY_SUPPRESS, POLICY_UNCHANGED);
    assert_verdict(offer(policy, 20.5, 20), POLICY_SUPPRESS, POLICY_UNCHANGED);
    assert_verdict(offer(policy, 20.6, 30), POLICY_PUBLISH, POLICY_CHANGED);
    assert_verdict(offer(policy, 20.2, 40), POLICY_SUPPRESS, POLICY_UNCHANGED);
    policy_free(policy);
}

static void without_a_deadband_any_change_counts(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 0, 0, 0.0);
    (void)offer(policy, 20.0, 0);
    assert_verdict(offer(policy, 20.0, 10), POLICY_SUPPRESS, POLICY_UNCHANGED);
    assert_verdict(offer(policy, 20.01, 20), POLICY_PUBLISH, POLICY_CHANGED);
    policy_free(policy);
}

static void a_change_within_min_interval_goes_out_when_it_ends(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 1000, 0, 0.5);
    (void)offer(policy, 20.0, 0);
    assert_verdict(offer(policy, 25.0, 100), POLICY_HOLD, POLICY_TOO_SOON);
    assert_int_equal(policy_held(policy), 1);
    assert_int_equal(policy_next_due(policy), 1000 * MS);
    assert_int_equal(due(policy, 999), -1);
    assert_int_equal(due(policy, 1000), 100);
    assert_int_equal(policy_held(policy), 0);
    assert_true(policy_next_due(policy) == INT64_MAX);
    policy_free(policy);
}

static void a_held_change_is_sent_with_the_newest_values(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 1000, 0, 0.5);
    (void)offer(policy, 20.0, 0);
    assert_false(offer(policy, 25.0, 100).replaced);
    struct policy_verdict back = offer(policy, 20.0, 200);
    assert_verdict(back, POLICY_HOLD, POLICY_TOO_SOON);
    assert_true(back.replaced);
    assert_int_equal(due(policy, 1000), 200);
    assert_verdict(offer(policy, 20.1, 2500), POLICY_SUPPRESS, POLICY_UNCHANGED);
    policy_free(policy);
}

static void a_late_due_is_overtaken_by_the_next_frame(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 1000, 0, 0.5);
    (void)offer(policy, 20.0, 0);
    (void)offer(policy, 25.0, 100);
    struct policy_verdict verdict = offer(policy, 20.0, 1500);
    assert_verdict(verdict, POLICY_PUBLISH, POLICY_CHANGED);
    assert_true(verdict.replaced);
    assert_int_equal(policy_held(policy), 0);
    policy_free(policy);
}

static void unchanged_values_are_repeated_every_max_interval(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 100, 1000, 0.5);
    (void)offer(policy, 20.0, 0);
    assert_verdict(offer(policy, 20.1, 300), POLICY_HOLD, POLICY_UNCHANGED);
    assert_verdict(offer(policy, 20.2, 600), POLICY_HOLD, POLICY_UNCHANGED);
    assert_int_equal(policy_next_due(policy), 1000 * MS);
    assert_int_equal(due(policy, 1000), 600);
    assert_int_equal(due(policy, 9000), -1);
    assert_verdict(offer(policy, 20.2, 9000), POLICY_PUBLISH, POLICY_HEARTBEAT);
    policy_free(policy);
}

static void a_change_overtakes_a_held_heartbeat(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 400, 1000, 0.5);
    (void)offer(policy, 20.0, 0);
    (void)offer(policy, 20.1, 100);
    assert_verdict(offer(policy, 30.0, 200), POLICY_HOLD, POLICY_TOO_SOON);
    assert_int_equal(policy_next_due(policy), 400 * MS);
    assert_int_equal(due(policy, 400), 200);
    policy_free(policy);
}

static void every_frame_is_published_when_asked_for(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_EVERY, 0, 0, 5.0);
    (void)offer(policy, 20.0, 0);
    assert_verdict(offer(policy, 20.0, 1), POLICY_PUBLISH, POLICY_CHANGED);
    policy_free(policy);
}

static void a_disabled_message_is_never_published(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_NEVER, 0, 0, 0.0);
    assert_verdict(offer(policy, 20.0, 0), POLICY_SUPPRESS, POLICY_DISABLED);
    policy_free(policy);
}

static void quality_and_missing_numbers_are_changes(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 0, 0, 1.0);
    struct frame frame = {0};
    struct policy_value value = {0, 20.0, 0};
    (void)policy_offer(policy, 0, &value, 1, &frame, 0);
    value.quality = 2;
    assert_int_equal(policy_offer(policy, 0, &value, 1, &frame, 1).action, POLICY_PUBLISH);
    value.number = NAN;
    assert_int_equal(policy_offer(policy, 0, &value, 1, &frame, 2).action, POLICY_PUBLISH);
    assert_int_equal(policy_offer(policy, 0, &value, 1, &frame, 3).action, POLICY_SUPPRESS);
    policy_free(policy);
}

static void multiplexor_values_do_not_hide_each_other(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 1000, 0, 0.5);
    struct frame frame = {0};
    struct policy_value value = {0, 1.0, 0};
    assert_int_equal(policy_offer(policy, 7, &value, 1, &frame, 0).action, POLICY_PUBLISH);
    value.number = 2.0;
    struct policy_verdict second = policy_offer(policy, 8, &value, 1, &frame, 0);
    assert_verdict(second, POLICY_PUBLISH, POLICY_FIRST);
    assert_int_equal(second.branch, 1);
    assert_int_equal(policy_offer(policy, 8, &value, 1, &frame, 10).action, POLICY_SUPPRESS);
    value.number = 1.0;
    assert_int_equal(policy_offer(policy, 7, &value, 1, &frame, 20).action, POLICY_SUPPRESS);
    policy_free(policy);
}

static void multiplexor_values_beyond_the_limit_are_not_lost(void **state)
{
    (void)state;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 0, 0, 0.5);
    struct frame frame = {0};
    struct policy_value value = {0, 1.0, 0};
    for (uint64_t key = 0; key < 10; key++) {
        assert_int_equal(policy_offer(policy, key, &value, 1, &frame, (int64_t)key).action,
                         POLICY_PUBLISH);
    }
    policy_free(policy);
}

static void impossible_options_are_refused(void **state)
{
    (void)state;
    struct policy *policy = NULL;
    struct policy_options options = {
        .min_interval_us = 2000, .max_interval_us = 1000, .branch_count = 1};
    assert_int_equal(policy_new(&options, &policy), -EINVAL);
    options = (struct policy_options){.branch_count = 0};
    assert_int_equal(policy_new(&options, &policy), -EINVAL);
    assert_null(policy);
}

/* Random walks: each promise of policy.h is checked after every step. */
static void promises_hold_on_random_walks(void **state)
{
    (void)state;
    srand(test_seed());
    const int64_t min_ms = 50;
    const int64_t max_ms = 400;
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, min_ms, max_ms, 1.0);
    double value = 0.0;
    double published = 0.0;
    int64_t published_ms = -1;
    int64_t newest_ms = -1;
    double newest = 0.0;
    for (int64_t now_ms = 0; now_ms < 20000; now_ms++) {
        int64_t held_ms = due(policy, now_ms);
        if (held_ms >= 0) {
            assert_int_equal(held_ms, newest_ms);
            assert_true(now_ms - published_ms >= min_ms);
            published = newest;
            published_ms = now_ms;
        }
        if (rand() % 10 == 0) {
            value += (double)(rand() % 300 - 150) / 100.0;
            newest = value;
            newest_ms = now_ms;
            if (offer(policy, value, now_ms).action == POLICY_PUBLISH) {
                assert_true(published_ms < 0 || now_ms - published_ms >= min_ms);
                published = value;
                published_ms = now_ms;
            }
        }
        bool fresh = newest_ms > published_ms;
        assert_true(!fresh || now_ms - published_ms < max_ms);
        assert_true(!fresh || fabs(newest - published) <= 1.0 || now_ms - published_ms < min_ms);
    }
    policy_free(policy);
}

static void a_new_policy_goes_on_where_the_old_one_ended(void **state)
{
    (void)state;
    struct policy *old = new_policy(POLICY_MODE_CHANGE, 1000, 0, 0.5);
    struct policy *policy = new_policy(POLICY_MODE_CHANGE, 3000, 0, 0.1);
    (void)offer(old, 20.0, 0);
    assert_verdict(offer(old, 25.0, 10), POLICY_HOLD, POLICY_TOO_SOON);
    assert_true(policy_adopt(policy, old));
    assert_int_equal(policy_held(old), 0);
    assert_int_equal(policy_held(policy), 1);
    assert_int_equal(due(policy, 2999), -1); /* by its own rules */
    assert_int_equal(due(policy, 3000), 10);
    assert_verdict(offer(policy, 25.05, 7000), POLICY_SUPPRESS, POLICY_UNCHANGED);
    assert_verdict(offer(policy, 25.2, 7001), POLICY_PUBLISH, POLICY_CHANGED);
    policy_free(old);
    policy_free(policy);
}

static void a_policy_that_publishes_nothing_adopts_nothing(void **state)
{
    (void)state;
    struct policy *old = new_policy(POLICY_MODE_CHANGE, 1000, 0, 0.5);
    struct policy *never = new_policy(POLICY_MODE_NEVER, 1000, 0, 0.5);
    (void)offer(old, 20.0, 0);
    (void)offer(old, 25.0, 10);
    assert_false(policy_adopt(never, old));
    assert_int_equal(due(old, 1000), 10); /* it is still there to be published */
    policy_free(old);
    policy_free(never);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_policy_goes_on_where_the_old_one_ended),
        cmocka_unit_test(a_policy_that_publishes_nothing_adopts_nothing),
        cmocka_unit_test(the_first_frame_is_published),
        cmocka_unit_test(the_deadband_is_measured_from_the_published_value),
        cmocka_unit_test(without_a_deadband_any_change_counts),
        cmocka_unit_test(a_change_within_min_interval_goes_out_when_it_ends),
        cmocka_unit_test(a_held_change_is_sent_with_the_newest_values),
        cmocka_unit_test(a_late_due_is_overtaken_by_the_next_frame),
        cmocka_unit_test(unchanged_values_are_repeated_every_max_interval),
        cmocka_unit_test(a_change_overtakes_a_held_heartbeat),
        cmocka_unit_test(every_frame_is_published_when_asked_for),
        cmocka_unit_test(a_disabled_message_is_never_published),
        cmocka_unit_test(quality_and_missing_numbers_are_changes),
        cmocka_unit_test(multiplexor_values_do_not_hide_each_other),
        cmocka_unit_test(multiplexor_values_beyond_the_limit_are_not_lost),
        cmocka_unit_test(impossible_options_are_refused),
        cmocka_unit_test(promises_hold_on_random_walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
