#include "edge-gateway/alarm/alarm.h"

#include "edge-gateway/alarm/alarm_equal.h"
#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

#define S    INT64_C(1000000)
#define WALL (INT64_C(1795423160) * S) /* when the monotonic clock was 0 */

static const struct alarm_spec high = {
    .id = "high",
    .priority = 2,
    .text = "too high",
    .condition = {.has_high = true, .high = 30},
    .options = {.shelve_max_us = 3600 * S},
};

static struct alarm_now at(int64_t us)
{
    return (struct alarm_now){us, WALL + us};
}

static struct alarm_input number(double value)
{
    return (struct alarm_input){.number = value, .known = true};
}

static struct alarm_events step(struct alarm *alarm, double value, int64_t us)
{
    const struct alarm_input inputs[] = {number(value)};
    const struct alarm_now now = at(us);
    struct alarm_events events;
    alarm_step(alarm, inputs, &now, &events);
    return events;
}

static void assert_events(struct alarm_events events, size_t count, const enum alarm_event *wanted)
{
    assert_int_equal(events.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events.events[i], wanted[i]);
    }
}

#define ASSERT_EVENT(events, event) assert_events(events, 1, (const enum alarm_event[]){event})

static void it_is_raised_acknowledged_by_name_and_cleared(void **state)
{
    (void)state;
    struct alarm alarm;
    alarm_init(&alarm, &high);
    assert_int_equal(step(&alarm, 20, 0).count, 0);
    ASSERT_EVENT(step(&alarm, 31, S), ALARM_EVENT_RAISE);
    assert_int_equal(alarm_state_status(&alarm.state), ALARM_ACTIVE_UNACK);
    assert_int_equal(alarm_act(&alarm, ALARM_EVENT_ACK, "Anna", WALL + 2 * S), ALARM_CHANGED);
    assert_string_equal(alarm.by, "Anna");
    ASSERT_EVENT(step(&alarm, 29, 3 * S), ALARM_EVENT_CLEAR);
    assert_string_equal(alarm.by, ""); /* nobody did that */
    assert_int_equal(alarm_state_status(&alarm.state), ALARM_NORMAL);
}

static void a_shelving_ends_at_its_time_by_itself(void **state)
{
    (void)state;
    struct alarm alarm;
    const struct alarm_input inputs[] = {number(31)};
    const struct alarm_now now = at(S);
    alarm_init(&alarm, &high);
    (void)step(&alarm, 31, 0);
    assert_int_equal(alarm_next_us(&alarm, inputs, &now), INT64_MAX);
    assert_int_equal(alarm_shelve(&alarm, 60 * S, "", now.wall_us), ALARM_CHANGED);
    assert_int_equal(alarm_next_us(&alarm, inputs, &now), 61 * S);
    assert_int_equal(step(&alarm, 31, 61 * S - 1).count, 0);
    ASSERT_EVENT(step(&alarm, 31, 61 * S), ALARM_EVENT_UNSHELVE);
    assert_int_equal(alarm_state_status(&alarm.state), ALARM_ACTIVE_UNACK);
    assert_int_equal(alarm_shelve(&alarm, 3601 * S, "", now.wall_us), ALARM_REFUSED_SPAN);
}

static void what_is_shelved_is_watched_all_the_same(void **state)
{
    (void)state;
    struct alarm alarm;
    alarm_init(&alarm, &high);
    assert_int_equal(alarm_shelve(&alarm, 60 * S, "", WALL), ALARM_CHANGED);
    ASSERT_EVENT(step(&alarm, 31, S), ALARM_EVENT_RAISE);
    assert_int_equal(alarm_state_status(&alarm.state), ALARM_SHELVED);
    ASSERT_EVENT(step(&alarm, 20, 2 * S), ALARM_EVENT_CLEAR);
    ASSERT_EVENT(step(&alarm, 20, 60 * S), ALARM_EVENT_UNSHELVE);
    assert_int_equal(alarm_state_status(&alarm.state), ALARM_NORMAL);
}

/* ---- by design -------------------------------------------------------------------------- */

static int word_signal(void *context, const struct alarm_word *path, size_t *ret, char *error)
{
    (void)context;
    (void)path;
    (void)error;
    *ret = 1;
    return 0;
}

struct designed {
    struct alarm_expression *when;
    struct alarm_spec spec;
    struct alarm alarm;
};

static void set_up_designed(struct designed *d)
{
    const struct alarm_words words = {.signal = word_signal};
    struct alarm_expression_error error;
    assert_int_equal(alarm_expression_compile("a/b/c == 1", &words, &d->when, &error), 0);
    d->spec = high;
    d->spec.suppress_when = d->when;
    alarm_init(&d->alarm, &d->spec);
}

static struct alarm_events step_designed(struct designed *d, double value, double stopped)
{
    const struct alarm_input inputs[] = {number(value), number(stopped)};
    const struct alarm_now now = at(S);
    struct alarm_events events;
    alarm_step(&d->alarm, inputs, &now, &events);
    return events;
}

static void a_design_suppresses_and_restores(void **state)
{
    (void)state;
    struct designed d;
    set_up_designed(&d);
    assert_events(step_designed(&d, 31, 1), 2,
                  (const enum alarm_event[]){ALARM_EVENT_SUPPRESS, ALARM_EVENT_RAISE});
    assert_int_equal(alarm_state_status(&d.alarm.state), ALARM_SUPPRESSED);
    assert_int_equal(step_designed(&d, 31, 1).count, 0);
    ASSERT_EVENT(step_designed(&d, 31, 0), ALARM_EVENT_RESTORE);
    assert_int_equal(alarm_state_status(&d.alarm.state), ALARM_ACTIVE_UNACK);
    alarm_expression_free(d.when);
}

static void people_can_overrule_a_design(void **state)
{
    (void)state;
    struct designed d;
    set_up_designed(&d);
    (void)step_designed(&d, 31, 1);
    assert_int_equal(alarm_act(&d.alarm, ALARM_EVENT_RESTORE, "", WALL), ALARM_CHANGED);
    assert_int_equal(step_designed(&d, 31, 1).count, 0);
    assert_int_equal(alarm_state_status(&d.alarm.state), ALARM_ACTIVE_UNACK);
    assert_int_equal(step_designed(&d, 31, 0).count, 0);
    ASSERT_EVENT(step_designed(&d, 31, 1), ALARM_EVENT_SUPPRESS); /* the next time */
    alarm_expression_free(d.when);
}

static void what_is_out_of_service_stays_so_whatever_the_design_says(void **state)
{
    (void)state;
    struct designed d;
    set_up_designed(&d);
    (void)step_designed(&d, 20, 1);
    assert_int_equal(alarm_act(&d.alarm, ALARM_EVENT_TAKE_OUT, "Anna", WALL), ALARM_CHANGED);
    assert_int_equal(step_designed(&d, 20, 0).count, 0);
    assert_int_equal(alarm_state_status(&d.alarm.state), ALARM_OUT_OF_SERVICE);
    assert_int_equal(alarm_act(&d.alarm, ALARM_EVENT_RESTORE, "Anna", WALL), ALARM_CHANGED);
    assert_int_equal(step_designed(&d, 20, 0).count, 0);
    assert_int_equal(alarm_state_status(&d.alarm.state), ALARM_NORMAL);
    alarm_expression_free(d.when);
}

/* ---- over a restart, and figures -------------------------------------------------------- */

static void what_it_was_comes_back(void **state)
{
    (void)state;
    struct alarm alarm;
    struct alarm again;
    char text[ALARM_MEMORY_BYTES];
    char second[ALARM_MEMORY_BYTES];
    alarm_init(&alarm, &high);
    (void)step(&alarm, 31, 0);
    assert_int_equal(alarm_act(&alarm, ALARM_EVENT_ACK, "", WALL), ALARM_CHANGED);
    assert_int_equal(alarm_shelve(&alarm, 60 * S, "Anna B.", WALL), ALARM_CHANGED);
    size_t length = alarm_remember(&alarm, text);
    assert_int_equal(length, strlen(text));
    alarm_init(&again, &high);
    assert_int_equal(alarm_recall(&again, text), 0);
    assert_int_equal(alarm_state_status(&again.state), ALARM_SHELVED);
    assert_int_equal(again.state.shelved_until_us, WALL + 60 * S);
    assert_string_equal(again.by, "Anna B.");
    (void)alarm_remember(&again, second);
    assert_string_equal(second, text);
    assert_int_equal(step(&again, 31, S).count, 0); /* not raised again */
    ASSERT_EVENT(step(&again, 31, 60 * S), ALARM_EVENT_UNSHELVE);
}

static void what_is_no_memory_changes_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "1",
        "1 1 0 0 0 0 0 1 1",
        "2 1 0 0 0 0 0 1 1 ",
        "1 1 0 0 0 0 -1 1 1 ",
        "1 1 0 0 0 0 0 1 99999999999999999999 ",
        ("1 1 0 0 0 0 0 1 1 "
         "01234567890123456789012345678901234567890123456789012345678901234"),
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct alarm alarm;
        alarm_init(&alarm, &high);
        assert_int_equal(alarm_recall(&alarm, wrong[i]), -EINVAL);
        assert_int_equal(alarm_state_status(&alarm.state), ALARM_NORMAL);
    }
}

static void one_that_comes_and_goes_is_chattering(void **state)
{
    (void)state;
    struct alarm alarm;
    alarm_init(&alarm, &high);
    for (int i = 0; i < 3; i++) {
        assert_false(alarm_is_chattering(&alarm, i * 20 * S));
        (void)step(&alarm, 31, i * 20 * S);
        (void)step(&alarm, 20, i * 20 * S + 1);
    }
    assert_true(alarm_is_chattering(&alarm, 40 * S));
    assert_true(alarm_is_chattering(&alarm, 60 * S - 1));
    assert_false(alarm_is_chattering(&alarm, 60 * S));
}

static void one_that_is_active_for_more_than_a_day_is_old(void **state)
{
    (void)state;
    struct alarm alarm;
    alarm_init(&alarm, &high);
    (void)step(&alarm, 31, 0);
    assert_int_equal(alarm_act(&alarm, ALARM_EVENT_ACK, "", WALL + 80000 * S), ALARM_CHANGED);
    assert_false(alarm_is_old(&alarm, WALL + 86400 * S));
    assert_true(alarm_is_old(&alarm, WALL + 86400 * S + 1));
    (void)step(&alarm, 20, 86401 * S);
    assert_false(alarm_is_old(&alarm, WALL + 86402 * S));
}

static void an_alarm_that_did_not_change_goes_on_with_its_delays(void **state)
{
    (void)state;
    struct alarm_spec slow = high;
    struct alarm old;
    struct alarm alarm;
    slow.condition.on_delay_us = 10 * S;
    alarm_init(&old, &slow);
    alarm_init(&alarm, &slow);
    assert_int_equal(step(&old, 31, 0).count, 0);
    alarm_adopt(&alarm, &old, true);
    assert_int_equal(step(&alarm, 31, 9 * S).count, 0);
    ASSERT_EVENT(step(&alarm, 31, 10 * S), ALARM_EVENT_RAISE);
}

static void an_alarm_that_changed_keeps_what_people_did(void **state)
{
    (void)state;
    struct alarm_spec other = high;
    struct alarm old;
    struct alarm alarm;
    other.condition.high = 40;
    alarm_init(&old, &high);
    alarm_init(&alarm, &other);
    ASSERT_EVENT(step(&old, 31, 0), ALARM_EVENT_RAISE);
    assert_int_equal(alarm_shelve(&old, 60 * S, "Anna", WALL), ALARM_CHANGED);
    alarm_adopt(&alarm, &old, false);
    assert_int_equal(alarm_state_status(&alarm.state), ALARM_SHELVED);
    assert_string_equal(alarm.by, "Anna");
    ASSERT_EVENT(step(&alarm, 31, S), ALARM_EVENT_CLEAR); /* by the new limit */
}

static void alarms_are_alike_or_not(void **state)
{
    (void)state;
    const size_t same[] = {0};
    const size_t moved[] = {1};
    struct alarm_spec other = high;
    assert_true(alarm_specs_equal(&high, &other, same));
    assert_false(alarm_specs_equal(&high, &other, moved));
    other.condition.input = 1;
    assert_true(alarm_specs_equal(&high, &other, moved));
    other = high;
    other.condition.high = 31;
    assert_false(alarm_specs_equal(&high, &other, same));
    other = high;
    other.response = "open the vent";
    assert_false(alarm_specs_equal(&high, &other, same));
    other = high;
    other.options.latches = true;
    assert_false(alarm_specs_equal(&high, &other, same));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alarm_that_did_not_change_goes_on_with_its_delays),
        cmocka_unit_test(an_alarm_that_changed_keeps_what_people_did),
        cmocka_unit_test(alarms_are_alike_or_not),
        cmocka_unit_test(it_is_raised_acknowledged_by_name_and_cleared),
        cmocka_unit_test(a_shelving_ends_at_its_time_by_itself),
        cmocka_unit_test(what_is_shelved_is_watched_all_the_same),
        cmocka_unit_test(a_design_suppresses_and_restores),
        cmocka_unit_test(people_can_overrule_a_design),
        cmocka_unit_test(what_is_out_of_service_stays_so_whatever_the_design_says),
        cmocka_unit_test(what_it_was_comes_back),
        cmocka_unit_test(what_is_no_memory_changes_nothing),
        cmocka_unit_test(one_that_comes_and_goes_is_chattering),
        cmocka_unit_test(one_that_is_active_for_more_than_a_day_is_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
