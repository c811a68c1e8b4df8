/* How often a line may repeat, in virtual time. */
#include "common/log_rate.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define SECOND_US   INT64_C(1000000)
#define INTERVAL_US (30 * SECOND_US)

static const struct log_site sites[LOG_RATE_KINDS + 10];

/* Logs it at that time, after what is to be told; true: it passed. */
static bool offer(struct log_rate *rate, size_t site, enum log_level level, const char *text,
                  int64_t now_us)
{
    const struct log_entry entry = {&sites[site], level, "mqtt", text, 0};
    struct log_rate_sum sum;
    while (log_rate_next(rate, now_us, &sum)) {
    }
    return log_rate_pass(rate, &entry, now_us);
}

static size_t offer_many(struct log_rate *rate, size_t site, size_t count, int64_t now_us)
{
    size_t passed = 0;
    for (size_t i = 0; i < count; i++) {
        passed += offer(rate, site, LOG_LEVEL_WARNING, "lost", now_us) ? 1 : 0;
    }
    return passed;
}

static void a_burst_passes_in_each_interval(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {5, INTERVAL_US}};
    assert_int_equal(offer_many(&rate, 0, 1000, SECOND_US), 5);
    assert_int_equal(offer_many(&rate, 0, 1000, SECOND_US + INTERVAL_US - 1), 0);
    assert_int_equal(offer_many(&rate, 0, 1000, SECOND_US + INTERVAL_US), 5);
    assert_int_equal(rate.left_out, 995 + 1000 + 995);
}

static void places_do_not_share_a_burst(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {5, INTERVAL_US}};
    assert_int_equal(offer_many(&rate, 0, 10, 0), 5);
    assert_int_equal(offer_many(&rate, 1, 10, 0), 5);
}

static void without_a_burst_all_pass(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {0, INTERVAL_US}};
    struct log_rate_sum sum;
    assert_int_equal(offer_many(&rate, 0, 1000, 0), 1000);
    assert_false(log_rate_next(&rate, INT64_MAX, &sum));
}

static void what_is_left_out_is_told_when_the_interval_ends(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {1, INTERVAL_US}};
    struct log_rate_sum sum = {0};
    assert_true(offer(&rate, 3, LOG_LEVEL_WARNING, "first", SECOND_US));
    assert_false(offer(&rate, 3, LOG_LEVEL_ERROR, "second", 2 * SECOND_US));
    assert_false(offer(&rate, 3, LOG_LEVEL_INFO, "third", 3 * SECOND_US));
    assert_false(log_rate_next(&rate, SECOND_US + INTERVAL_US - 1, &sum));
    assert_true(log_rate_next(&rate, SECOND_US + INTERVAL_US, &sum));
    assert_int_equal(sum.lines, 2);
    assert_int_equal(sum.level, LOG_LEVEL_ERROR);
    assert_int_equal(sum.begun_us, SECOND_US);
    assert_ptr_equal(sum.site, &sites[3]);
    assert_string_equal(sum.subsystem, "mqtt");
    assert_string_equal(sum.newest, "third");
    assert_false(log_rate_next(&rate, INT64_MAX, &sum)); /* once */
}

static void the_level_is_that_of_this_interval_alone(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {1, INTERVAL_US}};
    struct log_rate_sum sum = {0};
    (void)offer(&rate, 0, LOG_LEVEL_ERROR, "a", 0);
    (void)offer(&rate, 0, LOG_LEVEL_ERROR, "a", 0);
    assert_true(log_rate_next(&rate, INTERVAL_US, &sum));
    (void)offer(&rate, 0, LOG_LEVEL_INFO, "b", INTERVAL_US);
    (void)offer(&rate, 0, LOG_LEVEL_INFO, "b", INTERVAL_US);
    assert_true(log_rate_next(&rate, 2 * INTERVAL_US, &sum));
    assert_int_equal(sum.level, LOG_LEVEL_INFO);
}

static void all_is_told_at_the_end(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {1, INTERVAL_US}};
    struct log_rate_sum sum = {0};
    uint64_t lines = 0;
    for (size_t i = 0; i < LOG_RATE_KINDS + 10; i++) {
        (void)offer_many(&rate, i, 3, (int64_t)i);
    }
    while (log_rate_next(&rate, INT64_MAX, &sum)) {
        lines += sum.lines;
    }
    assert_int_equal(lines, rate.left_out);
    assert_true(lines > 0);
}

static void more_kinds_than_there_is_room_for_share_one_burst(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {5, INTERVAL_US}};
    size_t passed = 0;
    for (size_t i = 0; i < LOG_RATE_KINDS; i++) {
        assert_int_equal(offer_many(&rate, i, 10, 0), 5);
    }
    for (size_t i = LOG_RATE_KINDS; i < LOG_RATE_KINDS + 10; i++) {
        passed += offer_many(&rate, i, 10, 0);
    }
    assert_int_equal(passed, 5);
    assert_int_equal(offer_many(&rate, LOG_RATE_KINDS, 10, INTERVAL_US), 5); /* there is room */
    assert_int_equal(offer_many(&rate, LOG_RATE_KINDS + 1, 10, INTERVAL_US), 5);
}

static void a_long_text_is_cut_and_says_so(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {1, INTERVAL_US}};
    struct log_rate_sum sum = {0};
    char text[2 * LOG_RATE_TEXT_BYTES];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    (void)offer(&rate, 0, LOG_LEVEL_ERROR, text, 0);
    (void)offer(&rate, 0, LOG_LEVEL_ERROR, text, 0);
    assert_true(log_rate_next(&rate, INT64_MAX, &sum));
    assert_int_equal(strlen(sum.newest), LOG_RATE_TEXT_BYTES - 1);
    assert_string_equal(sum.newest + LOG_RATE_TEXT_BYTES - 5, "x...");
}

static void a_limit_that_changes_keeps_what_was_left_out(void **state)
{
    (void)state;
    struct log_rate rate = {.limit = {1, INTERVAL_US}};
    struct log_rate_sum sum = {0};
    (void)offer_many(&rate, 0, 4, 0);
    rate.limit = (struct log_rate_limit){0, SECOND_US};
    assert_true(offer(&rate, 0, LOG_LEVEL_WARNING, "lost", SECOND_US));
    assert_true(log_rate_next(&rate, INTERVAL_US, &sum));
    assert_int_equal(sum.lines, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_in_each_interval),
        cmocka_unit_test(places_do_not_share_a_burst),
        cmocka_unit_test(without_a_burst_all_pass),
        cmocka_unit_test(what_is_left_out_is_told_when_the_interval_ends),
        cmocka_unit_test(the_level_is_that_of_this_interval_alone),
        cmocka_unit_test(all_is_told_at_the_end),
        cmocka_unit_test(more_kinds_than_there_is_room_for_share_one_burst),
        cmocka_unit_test(a_long_text_is_cut_and_says_so),
        cmocka_unit_test(a_limit_that_changes_keeps_what_was_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
