#include "automation-node/engine/arbiter.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

#include <errno.h>

enum {
    RULE,
    CONTROLLER,
    MANUAL,
    SAFETY,
    RULE_TOO
};

static const enum priority classes[] = {
    [RULE] = PRIORITY_RULE,     [CONTROLLER] = PRIORITY_CONTROLLER, [MANUAL] = PRIORITY_MANUAL,
    [SAFETY] = PRIORITY_SAFETY, [RULE_TOO] = PRIORITY_RULE,
};

static struct arbiter_options heater(void)
{
    return (struct arbiter_options){.domain = on_off(),
                                    .off = label("OFF"),
                                    .rest = label("OFF"),
                                    .classes = classes,
                                    .slot_count = sizeof(classes) / sizeof(classes[0])};
}

static struct arbiter *make(const struct arbiter_options *options)
{
    struct arbiter *arbiter = NULL;
    assert_int_equal(arbiter_new(options, &arbiter), 0);
    return arbiter;
}

static void offer(struct arbiter *arbiter, size_t slot, const char *value, int64_t now_us)
{
    struct proposal proposal = proposing(value, priority_name(classes[slot]));
    assert_int_equal(arbiter_offer(arbiter, slot, &proposal, DEADLINE_NONE, now_us), REFUSAL_NONE);
}

static void the_highest_class_wins_whatever_the_order(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    struct arbiter *arbiter = make(&options);
    static const size_t rising[] = {RULE, CONTROLLER, MANUAL, SAFETY};
    for (size_t i = 0; i < 4; i++) {
        offer(arbiter, rising[i], i % 2 == 0 ? "ON" : "OFF", 0);
        const struct decision *decision = arbiter_decide(arbiter, 0);
        assert_int_equal(decision->slot, rising[i]);
        assert_value(decision->value, i % 2 == 0 ? "ON" : "OFF");
        assert_int_equal(decision->losers, i);
    }
    arbiter_withdraw(arbiter, SAFETY);
    assert_int_equal(arbiter_decide(arbiter, 0)->priority, PRIORITY_MANUAL);
    arbiter_free(arbiter);
}

static void in_one_class_the_first_slot_wins(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    struct arbiter *arbiter = make(&options);
    offer(arbiter, RULE_TOO, "ON", 0);
    offer(arbiter, RULE, "OFF", 0);
    assert_int_equal(arbiter_decide(arbiter, 0)->slot, RULE);
    arbiter_free(arbiter);
}

static void when_nobody_asks_the_resting_value_applies(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    struct arbiter *arbiter = make(&options);
    offer(arbiter, RULE, "ON", 0);
    arbiter_decide(arbiter, 0);
    arbiter_withdraw(arbiter, RULE);
    const struct decision *decision = arbiter_decide(arbiter, 1);
    assert_value(decision->value, "OFF");
    assert_int_equal(decision->priority, PRIORITY_REST);
    assert_string_equal(decision->cause.reason, "nobody asks");
    arbiter_free(arbiter);
}

static void without_a_resting_value_the_last_one_stays(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.rest = none();
    struct arbiter *arbiter = make(&options);
    assert_int_equal(arbiter_decide(arbiter, 0)->value.kind, VALUE_NONE);
    offer(arbiter, RULE, "ON", 1);
    arbiter_decide(arbiter, 1);
    arbiter_withdraw(arbiter, RULE);
    assert_value(arbiter_decide(arbiter, 2)->value, "ON");
    arbiter_free(arbiter);
}

static void an_offer_expires_at_its_instant(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    struct arbiter *arbiter = make(&options);
    struct proposal on = proposing("ON", "manual");
    assert_int_equal(arbiter_offer(arbiter, MANUAL, &on, 100, 0), REFUSAL_NONE);
    assert_value(arbiter_decide(arbiter, 99)->value, "ON");
    assert_true(arbiter_next_deadline(arbiter) == 100);
    assert_value(arbiter_decide(arbiter, 100)->value, "OFF");
    assert_true(arbiter_next_deadline(arbiter) == DEADLINE_NONE);
    arbiter_free(arbiter);
}

static void a_refused_offer_changes_nothing(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    struct arbiter *arbiter = make(&options);
    offer(arbiter, MANUAL, "ON", 0);
    struct proposal wrong = proposing("on", "manual");
    struct proposal late = proposing("OFF", "manual");
    assert_int_equal(arbiter_offer(arbiter, MANUAL, &wrong, DEADLINE_NONE, 0),
                     REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(arbiter_offer(arbiter, MANUAL, &late, 5, 5), REFUSAL_BAD_EXPIRY);
    assert_value(arbiter_decide(arbiter, 5)->value, "ON");
    arbiter_free(arbiter);
}

static void a_minimum_on_time_delays_all_but_safety(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.min_on_us = 60 * SECOND;
    struct arbiter *arbiter = make(&options);
    offer(arbiter, CONTROLLER, "ON", 0);
    arbiter_decide(arbiter, 0);
    offer(arbiter, MANUAL, "OFF", 10 * SECOND);
    const struct decision *decision = arbiter_decide(arbiter, 10 * SECOND);
    assert_value(decision->value, "ON");
    assert_value(decision->wanted, "OFF");
    assert_int_equal(decision->hold, HOLD_MIN_ON);
    assert_string_equal(decision->cause.source, "min_on");
    assert_string_equal(decision->cause.reason, "manual wants OFF");
    assert_true(decision->until_us == 60 * SECOND);
    assert_true(arbiter_next_deadline(arbiter) == 60 * SECOND);
    offer(arbiter, SAFETY, "OFF", 20 * SECOND);
    assert_value(arbiter_decide(arbiter, 20 * SECOND)->value, "OFF");
    arbiter_free(arbiter);
}

static void a_hold_ends_by_itself(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.min_on_us = 60 * SECOND;
    struct arbiter *arbiter = make(&options);
    offer(arbiter, CONTROLLER, "ON", 0);
    arbiter_decide(arbiter, 0);
    offer(arbiter, CONTROLLER, "OFF", SECOND);
    assert_value(arbiter_decide(arbiter, 60 * SECOND - 1)->value, "ON");
    assert_value(arbiter_decide(arbiter, 60 * SECOND)->value, "OFF");
    arbiter_free(arbiter);
}

static void a_minimum_off_time_holds_against_safety_too(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.min_off_us = 60 * SECOND;
    struct arbiter *arbiter = make(&options);
    arbiter_decide(arbiter, 0); /* the first decision, OFF, counts as a transition */
    offer(arbiter, SAFETY, "ON", 10 * SECOND);
    assert_int_equal(arbiter_decide(arbiter, 10 * SECOND)->hold, HOLD_MIN_OFF);
    assert_value(arbiter_decide(arbiter, 60 * SECOND)->value, "ON");
    arbiter_free(arbiter);
}

static void a_new_level_while_on_is_no_transition(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.domain = (struct domain){.numeric = true, .min = 0, .max = 100};
    options.off = value_number(0);
    options.rest = value_number(0);
    options.min_on_us = 60 * SECOND;
    struct arbiter *arbiter = make(&options);
    struct proposal level = {.value = value_number(30)};
    assert_int_equal(arbiter_offer(arbiter, RULE, &level, DEADLINE_NONE, 0), REFUSAL_NONE);
    arbiter_decide(arbiter, 0);
    level.value = value_number(50);
    assert_int_equal(arbiter_offer(arbiter, RULE, &level, DEADLINE_NONE, 0), REFUSAL_NONE);
    assert_value(arbiter_decide(arbiter, 40 * SECOND)->value, "50");
    arbiter_withdraw(arbiter, RULE);
    assert_value(arbiter_decide(arbiter, 59 * SECOND)->value, "50");
    assert_value(arbiter_decide(arbiter, 60 * SECOND)->value, "0");
    arbiter_free(arbiter);
}

static void a_decision_says_whether_it_is_a_new_one(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    struct arbiter *arbiter = make(&options);
    assert_true(arbiter_decide(arbiter, 0)->changed);
    assert_false(arbiter_decide(arbiter, 1)->changed);
    offer(arbiter, CONTROLLER, "OFF", 2);
    assert_true(arbiter_decide(arbiter, 2)->changed); /* same value, but somebody asks now */
    assert_false(arbiter_decide(arbiter, 3)->changed);
    arbiter_free(arbiter);
}

static void losers_are_named_with_what_they_want(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    struct arbiter *arbiter = make(&options);
    offer(arbiter, RULE, "ON", 0);
    offer(arbiter, CONTROLLER, "OFF", 0);
    offer(arbiter, MANUAL, "ON", 0);
    arbiter_decide(arbiter, 0);
    char text[64];
    size_t length = arbiter_losers(arbiter, 0, text, sizeof(text));
    assert_string_equal(text, "rule wants ON; controller wants OFF");
    assert_int_equal(length, strlen(text));
    assert_int_equal(arbiter_losers(arbiter, 0, text, 5), length);
    assert_string_equal(text, "rule");
    assert_int_equal(arbiter_losers(arbiter, 0, text, 1), length);
    assert_string_equal(text, "");
    arbiter_withdraw(arbiter, RULE);
    arbiter_withdraw(arbiter, CONTROLLER);
    (void)snprintf(text, sizeof(text), "old");
    assert_int_equal(arbiter_losers(arbiter, 0, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    arbiter_free(arbiter);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    static const enum priority rest[] = {PRIORITY_REST};
    struct arbiter *arbiter = NULL;
    struct arbiter_options options = heater();
    options.off = label("Off");
    assert_int_equal(arbiter_new(&options, &arbiter), -EINVAL);
    options = heater();
    options.rest = value_number(3);
    assert_int_equal(arbiter_new(&options, &arbiter), -EINVAL);
    options = heater();
    options.min_off_us = -1;
    assert_int_equal(arbiter_new(&options, &arbiter), -EINVAL);
    options = heater();
    options.classes = rest;
    options.slot_count = 1;
    assert_int_equal(arbiter_new(&options, &arbiter), -EINVAL);
    options = heater();
    options.min_on_us = 10;
    options.max_on_us = 9;
    options.pause_us = 1;
    assert_int_equal(arbiter_new(&options, &arbiter), -EINVAL);
    options.max_on_us = 10;
    options.pause_us = 0;
    assert_int_equal(arbiter_new(&options, &arbiter), -EINVAL);
    assert_null(arbiter);
}

static void the_longest_time_on_may_be_the_shortest(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.min_on_us = 10;
    options.max_on_us = 10;
    options.pause_us = 1;
    arbiter_free(make(&options));
}

static void after_its_maximum_time_it_pauses_whoever_asks(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.max_on_us = 60 * SECOND;
    options.pause_us = 20 * SECOND;
    struct arbiter *arbiter = make(&options);
    offer(arbiter, MANUAL, "ON", 0);
    assert_value(arbiter_decide(arbiter, 0)->value, "ON");
    assert_true(arbiter_next_deadline(arbiter) == 60 * SECOND);
    assert_value(arbiter_decide(arbiter, 60 * SECOND - 1)->value, "ON");
    const struct decision *decision = arbiter_decide(arbiter, 60 * SECOND);
    assert_value(decision->value, "OFF");
    assert_int_equal(decision->hold, HOLD_MAX_ON);
    assert_string_equal(decision->cause.source, "max_on");
    assert_true(arbiter_next_deadline(arbiter) == 80 * SECOND);
    assert_value(arbiter_decide(arbiter, 80 * SECOND - 1)->value, "OFF");
    assert_value(arbiter_decide(arbiter, 80 * SECOND)->value, "ON");
    assert_true(arbiter_next_deadline(arbiter) == 140 * SECOND);
    arbiter_free(arbiter);
}

static void going_off_in_between_starts_the_maximum_time_afresh(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.max_on_us = 60 * SECOND;
    options.pause_us = 20 * SECOND;
    struct arbiter *arbiter = make(&options);
    offer(arbiter, RULE, "ON", 0);
    arbiter_decide(arbiter, 0);
    offer(arbiter, RULE, "OFF", 0);
    arbiter_decide(arbiter, 50 * SECOND);
    offer(arbiter, RULE, "ON", 0);
    assert_value(arbiter_decide(arbiter, 51 * SECOND)->value, "ON");
    assert_value(arbiter_decide(arbiter, 100 * SECOND)->value, "ON");
    arbiter_free(arbiter);
}

static void safety_does_not_pause(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.max_on_us = 60 * SECOND;
    options.pause_us = 20 * SECOND;
    struct arbiter *arbiter = make(&options);
    offer(arbiter, SAFETY, "ON", 0);
    arbiter_decide(arbiter, 0);
    assert_value(arbiter_decide(arbiter, 100 * SECOND)->value, "ON");
    assert_true(arbiter_next_deadline(arbiter) == DEADLINE_NONE);
    arbiter_free(arbiter);
}

static void changes_keep_their_distance_safety_apart(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    options.domain = (struct domain){.numeric = true, .max = 100};
    options.off = value_number(0);
    options.rest = value_number(0);
    options.min_change_us = 10 * SECOND;
    struct arbiter *arbiter = make(&options);
    struct proposal proposal = {.value = value_number(40)};
    assert_int_equal(arbiter_offer(arbiter, RULE, &proposal, DEADLINE_NONE, 0), REFUSAL_NONE);
    assert_true(arbiter_decide(arbiter, 0)->value.number == 40);
    proposal.value = value_number(60);
    assert_int_equal(arbiter_offer(arbiter, RULE, &proposal, DEADLINE_NONE, 0), REFUSAL_NONE);
    const struct decision *decision = arbiter_decide(arbiter, 4 * SECOND);
    assert_true(decision->value.number == 40);
    assert_int_equal(decision->hold, HOLD_RATE);
    assert_true(arbiter_next_deadline(arbiter) == 10 * SECOND);
    assert_true(arbiter_decide(arbiter, 10 * SECOND)->value.number == 60);
    proposal.value = value_number(0);
    assert_int_equal(arbiter_offer(arbiter, SAFETY, &proposal, DEADLINE_NONE, 0), REFUSAL_NONE);
    assert_true(arbiter_decide(arbiter, 11 * SECOND)->value.number == 0);
    arbiter_free(arbiter);
}

static void what_would_win_without_a_slot_can_be_asked_for(void **state)
{
    (void)state;
    struct arbiter_options options = heater();
    struct arbiter *arbiter = make(&options);
    enum priority priority;
    struct value wanted = arbiter_wanted(arbiter, MANUAL, 0, &priority);
    assert_value(wanted, "OFF");
    assert_int_equal(priority, PRIORITY_REST);
    offer(arbiter, MANUAL, "OFF", 0);
    offer(arbiter, RULE, "ON", 0);
    wanted = arbiter_wanted(arbiter, MANUAL, 0, &priority);
    assert_value(wanted, "ON");
    assert_int_equal(priority, PRIORITY_RULE);
    arbiter_free(arbiter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_class_wins_whatever_the_order),
        cmocka_unit_test(in_one_class_the_first_slot_wins),
        cmocka_unit_test(when_nobody_asks_the_resting_value_applies),
        cmocka_unit_test(without_a_resting_value_the_last_one_stays),
        cmocka_unit_test(an_offer_expires_at_its_instant),
        cmocka_unit_test(a_refused_offer_changes_nothing),
        cmocka_unit_test(a_minimum_on_time_delays_all_but_safety),
        cmocka_unit_test(a_hold_ends_by_itself),
        cmocka_unit_test(a_minimum_off_time_holds_against_safety_too),
        cmocka_unit_test(a_new_level_while_on_is_no_transition),
        cmocka_unit_test(a_decision_says_whether_it_is_a_new_one),
        cmocka_unit_test(losers_are_named_with_what_they_want),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(the_longest_time_on_may_be_the_shortest),
        cmocka_unit_test(after_its_maximum_time_it_pauses_whoever_asks),
        cmocka_unit_test(going_off_in_between_starts_the_maximum_time_afresh),
        cmocka_unit_test(safety_does_not_pause),
        cmocka_unit_test(changes_keep_their_distance_safety_apart),
        cmocka_unit_test(what_would_win_without_a_slot_can_be_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
