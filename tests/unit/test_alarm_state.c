#include "common/alarm_state.h"

#include "tests/unit/cmocka_all.h"

#include "tests/unit/seed.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_US INT64_C(3600000000)

static const struct alarm_options plain = {ALARM_ACK_REQUIRED, false, 8 * HOUR_US};
static const struct alarm_options latching = {ALARM_ACK_REQUIRED, true, 8 * HOUR_US};
static const struct alarm_options forgiving = {ALARM_ACK_ON_RETURN, false, 8 * HOUR_US};
static const struct alarm_options quiet = {ALARM_ACK_NONE, true, 0};

/* One event, at a time of its own, and what is shown after it. */
struct step {
    enum alarm_event event;
    enum alarm_verdict verdict;
    enum alarm_status status;
};

static void walk(const struct alarm_options *options, const struct step *steps, size_t count)
{
    struct alarm_state state = {0};
    enum alarm_status before = ALARM_NORMAL;
    int64_t since_us = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t now_us = 1000 + (int64_t)i;
        enum alarm_verdict verdict =
            steps[i].event == ALARM_EVENT_SHELVE
                ? alarm_state_shelve(&state, options, HOUR_US, now_us)
                : alarm_state_apply(&state, options, steps[i].event, now_us);
        enum alarm_status status = alarm_state_status(&state);
        if (verdict != steps[i].verdict || status != steps[i].status) {
            fail_msg("step %zu: verdict %d, status %d", i, (int)verdict, (int)status);
        }
        since_us = status != before ? now_us : since_us;
        before = status;
        assert_int_equal(state.since_us, since_us);
    }
}

#define WALK(options, ...)                                      \
    do {                                                        \
        static const struct step steps[] = {__VA_ARGS__};       \
        walk(options, steps, sizeof(steps) / sizeof(steps[0])); \
    } while (0)

static void one_that_is_acknowledged_while_active_ends_with_its_cause(void **state)
{
    (void)state;
    WALK(&plain, {ALARM_EVENT_CLEAR, ALARM_UNCHANGED, ALARM_NORMAL},
         {ALARM_EVENT_ACK, ALARM_REFUSED_NOT_UNACKED, ALARM_NORMAL},
         {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_RAISE, ALARM_UNCHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_ACK, ALARM_CHANGED, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_ACK, ALARM_REFUSED_NOT_UNACKED, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_RAISE, ALARM_UNCHANGED, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_NORMAL});
}

static void one_that_nobody_saw_stays_until_somebody_does(void **state)
{
    (void)state;
    WALK(&plain, {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_RETURNED_UNACK},
         {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_RETURNED_UNACK},
         {ALARM_EVENT_RESET, ALARM_REFUSED_NOT_LATCHED, ALARM_RETURNED_UNACK},
         {ALARM_EVENT_ACK, ALARM_CHANGED, ALARM_NORMAL});
}

static void one_that_latches_needs_a_reset(void **state)
{
    (void)state;
    WALK(&latching, {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_RESET, ALARM_REFUSED_ACTIVE, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_LATCHED_UNACK},
         {ALARM_EVENT_RESET, ALARM_REFUSED_UNACKED, ALARM_LATCHED_UNACK},
         {ALARM_EVENT_ACK, ALARM_CHANGED, ALARM_LATCHED_ACK},
         {ALARM_EVENT_RESET, ALARM_CHANGED, ALARM_NORMAL},
         {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_ACK, ALARM_CHANGED, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_LATCHED_ACK},
         {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_UNACK});
}

static void the_end_of_it_acknowledges_where_that_is_configured(void **state)
{
    (void)state;
    WALK(&forgiving, {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_NORMAL});
}

static void one_without_acknowledgement_never_asks_for_it(void **state)
{
    (void)state;
    WALK(&quiet, {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_ACK, ALARM_REFUSED_NOT_UNACKED, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_SHELVE, ALARM_REFUSED_SPAN, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_SUPPRESS, ALARM_CHANGED, ALARM_SUPPRESSED},
         {ALARM_EVENT_RESTORE, ALARM_CHANGED, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_LATCHED_ACK},
         {ALARM_EVENT_RESET, ALARM_CHANGED, ALARM_NORMAL});
}

static void what_is_shelved_is_watched_on_and_asks_again_when_it_comes_back(void **state)
{
    (void)state;
    WALK(&plain, {ALARM_EVENT_UNSHELVE, ALARM_REFUSED_NOT_SHELVED, ALARM_NORMAL},
         {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_ACK, ALARM_CHANGED, ALARM_ACTIVE_ACK},
         {ALARM_EVENT_SHELVE, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_ACK, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_UNSHELVE, ALARM_CHANGED, ALARM_ACTIVE_UNACK},
         {ALARM_EVENT_SHELVE, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_UNSHELVE, ALARM_CHANGED, ALARM_NORMAL});
}

static void what_latched_behind_a_shelf_is_still_latched(void **state)
{
    (void)state;
    WALK(&latching, {ALARM_EVENT_SHELVE, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_CLEAR, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_UNSHELVE, ALARM_CHANGED, ALARM_LATCHED_UNACK});
}

static void out_of_service_hides_suppressed_hides_shelved(void **state)
{
    (void)state;
    WALK(&plain, {ALARM_EVENT_RESTORE, ALARM_REFUSED_IN_SERVICE, ALARM_NORMAL},
         {ALARM_EVENT_SHELVE, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_SUPPRESS, ALARM_CHANGED, ALARM_SUPPRESSED},
         {ALARM_EVENT_SUPPRESS, ALARM_UNCHANGED, ALARM_SUPPRESSED},
         {ALARM_EVENT_TAKE_OUT, ALARM_CHANGED, ALARM_OUT_OF_SERVICE},
         {ALARM_EVENT_TAKE_OUT, ALARM_UNCHANGED, ALARM_OUT_OF_SERVICE},
         {ALARM_EVENT_RAISE, ALARM_CHANGED, ALARM_OUT_OF_SERVICE},
         {ALARM_EVENT_RESTORE, ALARM_CHANGED, ALARM_SHELVED},
         {ALARM_EVENT_UNSHELVE, ALARM_CHANGED, ALARM_ACTIVE_UNACK});
}

static void a_shelving_ends_at_its_time(void **state)
{
    (void)state;
    struct alarm_state alarm = {0};
    assert_int_equal(alarm_state_deadline(&alarm), INT64_MAX);
    assert_false(alarm_state_expire(&alarm, &plain, HOUR_US));
    assert_int_equal(alarm_state_shelve(&alarm, &plain, HOUR_US, 5), ALARM_CHANGED);
    assert_int_equal(alarm_state_deadline(&alarm), HOUR_US + 5);
    assert_false(alarm_state_expire(&alarm, &plain, HOUR_US + 4));
    assert_int_equal(alarm_state_status(&alarm), ALARM_SHELVED);
    assert_true(alarm_state_expire(&alarm, &plain, HOUR_US + 5));
    assert_int_equal(alarm_state_status(&alarm), ALARM_NORMAL);
    assert_int_equal(alarm.since_us, HOUR_US + 5);
}

static void a_shelving_is_bounded_and_may_be_prolonged(void **state)
{
    (void)state;
    struct alarm_state alarm = {0};
    static const int64_t wrong[] = {-1, 0, 8 * HOUR_US + 1};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(alarm_state_shelve(&alarm, &plain, wrong[i], 0), ALARM_REFUSED_SPAN);
    }
    assert_int_equal(alarm_state_shelve(&alarm, &plain, 1, INT64_MAX), ALARM_REFUSED_SPAN);
    assert_int_equal(alarm_state_shelve(&alarm, &plain, 8 * HOUR_US, 0), ALARM_CHANGED);
    assert_int_equal(alarm_state_shelve(&alarm, &plain, HOUR_US, 10), ALARM_CHANGED);
    assert_int_equal(alarm.since_us, 0);
    assert_int_equal(alarm_state_deadline(&alarm), HOUR_US + 10);
}

/* Whatever comes: what is refused or was so already changes nothing, only what is unacknowledged
 * can be acknowledged, and nothing that is active is ever shown as normal. */
static void no_order_of_events_loses_an_alarm(void **state)
{
    (void)state;
    const struct alarm_options *const kinds[] = {&plain, &latching, &forgiving, &quiet};
    const struct alarm_options *options = &plain;
    struct alarm_state alarm = {0};
    srandom(test_seed());
    for (int i = 0; i < 100000; i++) {
        if (i % 50 == 0) {
            memset(&alarm, 0, sizeof(alarm));
            options = kinds[random() % 4];
        }
        const struct alarm_state before = alarm;
        enum alarm_event event = (enum alarm_event)(random() % ALARM_EVENT_COUNT);
        enum alarm_verdict verdict = event == ALARM_EVENT_SHELVE
                                         ? alarm_state_shelve(&alarm, options, 100, i)
                                         : alarm_state_apply(&alarm, options, event, i);
        assert_true(verdict == ALARM_CHANGED || memcmp(&before, &alarm, sizeof(alarm)) == 0);
        assert_false(event == ALARM_EVENT_ACK && verdict == ALARM_CHANGED && !before.unacked);
        assert_false(alarm.active && alarm_state_status(&alarm) == ALARM_NORMAL);
        assert_false(alarm.active && alarm.latched);
        assert_false(options->ack == ALARM_ACK_NONE && alarm.unacked);
        assert_true(event != ALARM_EVENT_RAISE || alarm.active);
        assert_true(event != ALARM_EVENT_CLEAR || !alarm.active);
    }
}

static void each_verdict_has_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < ALARM_VERDICT_COUNT; i++) {
        assert_non_null(alarm_verdict_text((enum alarm_verdict)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_is_acknowledged_while_active_ends_with_its_cause),
        cmocka_unit_test(one_that_nobody_saw_stays_until_somebody_does),
        cmocka_unit_test(one_that_latches_needs_a_reset),
        cmocka_unit_test(the_end_of_it_acknowledges_where_that_is_configured),
        cmocka_unit_test(one_without_acknowledgement_never_asks_for_it),
        cmocka_unit_test(what_is_shelved_is_watched_on_and_asks_again_when_it_comes_back),
        cmocka_unit_test(what_latched_behind_a_shelf_is_still_latched),
        cmocka_unit_test(out_of_service_hides_suppressed_hides_shelved),
        cmocka_unit_test(a_shelving_ends_at_its_time),
        cmocka_unit_test(a_shelving_is_bounded_and_may_be_prolonged),
        cmocka_unit_test(no_order_of_events_loses_an_alarm),
        cmocka_unit_test(each_verdict_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
