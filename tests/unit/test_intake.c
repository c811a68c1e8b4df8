/* Rates and sizes of what strangers send. */
#include "common/clock.h"
#include "common/intake.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

static const struct token_rate ten_a_second = {.per_s = 10, .burst = 5};

static int64_t taken_at(struct token_bucket *bucket, int64_t now_us, int tries)
{
    int64_t taken = 0;
    for (int i = 0; i < tries; i++) {
        taken += token_bucket_take(bucket, ten_a_second, now_us);
    }
    return taken;
}

static void a_full_bucket_gives_its_burst_and_then_its_rate(void **state)
{
    (void)state;
    struct token_bucket bucket = {0};
    assert_int_equal(taken_at(&bucket, US_PER_S, 100), 5);
    assert_int_equal(taken_at(&bucket, US_PER_S + 99999, 100), 0);
    assert_int_equal(taken_at(&bucket, US_PER_S + 100000, 100), 1);
    assert_int_equal(taken_at(&bucket, US_PER_S + 300000, 100), 2);
    assert_int_equal(taken_at(&bucket, 3600 * US_PER_S, 100), 5);
}

static void over_a_long_time_it_gives_the_rate(void **state)
{
    (void)state;
    struct token_bucket bucket = {0};
    int64_t taken = 0;
    for (int64_t now_us = 0; now_us < 100 * US_PER_S; now_us += 1000) {
        taken += token_bucket_take(&bucket, ten_a_second, now_us);
    }
    assert_in_range(taken, 1000, 1005);
}

static void a_clock_that_steps_back_does_not_close_it_for_good(void **state)
{
    (void)state;
    struct token_bucket bucket = {0};
    assert_int_equal(taken_at(&bucket, 1000 * US_PER_S, 5), 5);
    assert_int_equal(taken_at(&bucket, US_PER_S, 100), 0);
    assert_int_equal(taken_at(&bucket, US_PER_S + 500000, 100), 5);
}

static void without_a_rate_there_is_no_limit(void **state)
{
    (void)state;
    struct token_bucket bucket = {0};
    const struct token_rate none = {0};
    for (int i = 0; i < 100000; i++) {
        assert_true(token_bucket_take(&bucket, none, 0));
    }
}

static struct intake limits(void)
{
    return (struct intake){
        .limits = {.payload_bytes = 100, .wishes = 50, .wishes_per_topic = 10, .requests = 5},
        .seed = 7};
}

static unsigned taken_of(struct intake *intake, enum intake_kind kind, const char *topic, int tries)
{
    unsigned taken = 0;
    for (int i = 0; i < tries; i++) {
        taken += intake_judge(intake, kind, topic, 10, US_PER_S) == INTAKE_TAKEN;
    }
    return taken;
}

static void one_topic_cannot_take_all_that_there_is(void **state)
{
    (void)state;
    struct intake intake = limits();
    assert_int_equal(taken_of(&intake, INTAKE_WISH, "a/set", 1000), 20);
    assert_int_equal(taken_of(&intake, INTAKE_WISH, "b/set", 1000), 20);
    assert_int_equal(intake.stats.wishes[INTAKE_TAKEN], 40);
    assert_int_equal(intake.stats.wishes[INTAKE_TOO_MANY_ON_TOPIC], 1960);
    assert_int_equal(intake.stats.wishes[INTAKE_TOO_MANY], 0);
}

static void all_topics_together_are_limited(void **state)
{
    (void)state;
    struct intake intake = limits();
    unsigned taken = 0;
    char topic[32];
    for (int i = 0; i < 500; i++) {
        (void)snprintf(topic, sizeof(topic), "devices/%d/set", i);
        taken += taken_of(&intake, INTAKE_WISH, topic, 1);
    }
    assert_int_equal(taken, 100);
    assert_true(intake.stats.wishes[INTAKE_TOO_MANY] > 0);
}

static void requests_and_wishes_do_not_take_from_each_other(void **state)
{
    (void)state;
    struct intake intake = limits();
    assert_int_equal(taken_of(&intake, INTAKE_REQUEST, "request/history", 1000), 10);
    assert_int_equal(intake.stats.requests[INTAKE_TOO_MANY], 990);
    assert_int_equal(taken_of(&intake, INTAKE_WISH, "a/set", 1000), 20);
}

static void what_is_too_large_is_refused_and_costs_no_token(void **state)
{
    (void)state;
    struct intake intake = limits();
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(intake_judge(&intake, INTAKE_WISH, "a/set", 101, US_PER_S),
                         INTAKE_TOO_LARGE);
    }
    assert_int_equal(taken_of(&intake, INTAKE_WISH, "a/set", 1000), 20);
}

static void readings_are_not_limited(void **state)
{
    (void)state;
    struct intake intake = limits();
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(intake_judge(&intake, INTAKE_OTHER, "can/a", 1000000, 0), INTAKE_TAKEN);
    }
    assert_int_equal(intake.stats.wishes[INTAKE_TAKEN], 0);
}

static void a_flood_of_refusals_is_no_flood_of_answers(void **state)
{
    (void)state;
    struct intake intake = limits();
    unsigned answered = 0;
    for (int i = 0; i < 10000; i++) {
        answered += intake_may_answer(&intake, US_PER_S);
    }
    assert_int_equal(answered, 20);
    assert_int_equal(intake.stats.unanswered, 9980);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bucket_gives_its_burst_and_then_its_rate),
        cmocka_unit_test(over_a_long_time_it_gives_the_rate),
        cmocka_unit_test(a_clock_that_steps_back_does_not_close_it_for_good),
        cmocka_unit_test(without_a_rate_there_is_no_limit),
        cmocka_unit_test(one_topic_cannot_take_all_that_there_is),
        cmocka_unit_test(all_topics_together_are_limited),
        cmocka_unit_test(requests_and_wishes_do_not_take_from_each_other),
        cmocka_unit_test(what_is_too_large_is_refused_and_costs_no_token),
        cmocka_unit_test(readings_are_not_limited),
        cmocka_unit_test(a_flood_of_refusals_is_no_flood_of_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
