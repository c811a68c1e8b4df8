/* When people are reminded of a certificate's end, and what the metrics say of it. */
#include "common/tls_watch.h"

#include "common/buf.h"
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>

#define DAY_S  INT64_C(86400)
#define WALL_S INT64_C(1795423160)

static bool is_due(struct tls_reminder *reminder, int64_t left_days, int64_t now_days)
{
    return tls_reminder_is_due(reminder, TLS_SUBJECT_OWN, WALL_S + left_days * DAY_S, WALL_S,
                               now_days * DAY_S * US_PER_S);
}

static void an_end_is_told_from_thirty_days_before_on(void **state)
{
    (void)state;
    struct tls_reminder reminder = {.told_us = {0}};
    assert_false(is_due(&reminder, 31, 0));
    assert_false(is_due(&reminder, 30, 0));
    assert_true(is_due(&reminder, 29, 0));
}

static void it_is_told_once_a_day(void **state)
{
    (void)state;
    struct tls_reminder reminder = {.told_us = {0}};
    assert_true(is_due(&reminder, 10, 0));
    assert_false(is_due(&reminder, 10, 0));
    assert_true(is_due(&reminder, 8, 2));
    assert_false(is_due(&reminder, 8, 2));
    assert_true(is_due(&reminder, -1, 11)); /* when it is past, too */
}

static void a_renewal_ends_it(void **state)
{
    (void)state;
    struct tls_reminder reminder = {.told_us = {0}};
    assert_true(is_due(&reminder, 10, 1));
    assert_false(is_due(&reminder, 90, 1));
    assert_true(is_due(&reminder, 10, 1)); /* somebody put the old one back */
}

static void what_is_not_known_is_not_told(void **state)
{
    (void)state;
    struct tls_reminder reminder = {.told_us = {0}};
    assert_false(tls_reminder_is_due(&reminder, TLS_SUBJECT_CA, 0, WALL_S, 0));
}

static void each_certificate_is_told_by_itself(void **state)
{
    (void)state;
    struct tls_reminder reminder = {.told_us = {0}};
    assert_true(is_due(&reminder, 10, 1));
    assert_true(tls_reminder_is_due(&reminder, TLS_SUBJECT_BROKER, WALL_S + DAY_S, WALL_S,
                                    DAY_S * US_PER_S));
}

static void note_begin(void *context, const char *group, const char *label)
{
    assert_null(label);
    buf_printf(context, "%s:", group);
}

static void note_gauge(void *context, const char *name, uint64_t value)
{
    buf_printf(context, " %s=%" PRIu64, name, value);
}

static void note_end(void *context)
{
    buf_puts(context, ".");
}

static void seconds_are_counted_and_nothing_is_said_of_nothing(void **state)
{
    (void)state;
    struct buf text;
    const struct counter_sink sink = {
        .begin = note_begin, .gauge = note_gauge, .end = note_end, .context = &text};
    struct tls_ends ends = {.until_s = {0}};
    buf_init(&text, 256);
    tls_ends_tell(&sink, &ends, WALL_S);
    assert_int_equal(text.length, 0);
    ends.until_s[TLS_SUBJECT_OWN] = WALL_S + 5;
    ends.until_s[TLS_SUBJECT_BROKER] = WALL_S - 5;
    tls_ends_tell(&sink, &ends, WALL_S);
    assert_string_equal(text.data, "tls: own_left_s=5 broker_left_s=0.");
    buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_is_told_from_thirty_days_before_on),
        cmocka_unit_test(it_is_told_once_a_day),
        cmocka_unit_test(a_renewal_ends_it),
        cmocka_unit_test(what_is_not_known_is_not_told),
        cmocka_unit_test(each_certificate_is_told_by_itself),
        cmocka_unit_test(seconds_are_counted_and_nothing_is_said_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
