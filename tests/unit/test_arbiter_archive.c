#include "automation-node/engine/arbiter_archive.h"

#include "automation-node/engine/arbiter_claims.h"
#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

enum {
    SAFETY,
    MANUAL,
    RULE
};

static const enum priority classes[] = {
    [SAFETY] = PRIORITY_SAFETY, [MANUAL] = PRIORITY_MANUAL, [RULE] = PRIORITY_RULE};

static struct arbiter *make(int64_t max_on_us)
{
    const struct arbiter_options options = {.domain = on_off(),
                                            .off = label("OFF"),
                                            .rest = label("OFF"),
                                            .max_on_us = max_on_us,
                                            .pause_us = max_on_us,
                                            .classes = classes,
                                            .slot_count = 3};
    struct arbiter *arbiter = NULL;
    assert_int_equal(arbiter_new(&options, &arbiter), 0);
    return arbiter;
}

static void offer(struct arbiter *arbiter, size_t slot, const char *value)
{
    const struct proposal proposal = proposing(value, priority_name(classes[slot]));
    assert_int_equal(arbiter_offer(arbiter, slot, &proposal, DEADLINE_NONE, 0), REFUSAL_NONE);
}

static void save(struct arbiter *arbiter, size_t slot, struct buf *text)
{
    struct archive a;
    buf_init(text, 4096);
    archive_save(&a, text, 0);
    arbiter_archive(arbiter, &a);
    if (slot < 3) {
        arbiter_archive_slot(arbiter, slot, &a);
    }
    archive_finish(&a);
}

static void load(struct arbiter *arbiter, size_t slot, const char *text, size_t length)
{
    struct archive a;
    assert_int_equal(archive_load(&a, text, length, 0), 0);
    arbiter_archive(arbiter, &a);
    if (slot < 3) {
        arbiter_archive_slot(arbiter, slot, &a);
    }
}

static void what_was_decided_is_known_again(void **state)
{
    (void)state;
    struct arbiter *before = make(60 * SECOND);
    struct arbiter *after = make(60 * SECOND);
    struct buf text;
    offer(before, RULE, "ON");
    assert_value(arbiter_decide(before, 10 * SECOND)->value, "ON");
    save(before, 3, &text);
    load(after, 3, text.data, text.length);
    assert_value(arbiter_decision(after)->value, "ON");
    offer(after, RULE, "ON");
    assert_value(arbiter_decide(after, 20 * SECOND)->value, "ON");
    assert_true(arbiter_max_on_ends(after) == 70 * SECOND);
    assert_value(arbiter_decide(after, 70 * SECOND - 1)->value, "ON");
    assert_value(arbiter_decide(after, 70 * SECOND)->value, "OFF");
    buf_deinit(&text);
    arbiter_free(before);
    arbiter_free(after);
}

static void a_wish_is_known_again(void **state)
{
    (void)state;
    struct arbiter *before = make(0);
    struct arbiter *after = make(0);
    struct buf text;
    struct claim claim;
    offer(before, MANUAL, "ON");
    (void)arbiter_decide(before, 0);
    save(before, MANUAL, &text);
    assert_false(arbiter_claim(after, MANUAL, 0, &claim));
    load(after, MANUAL, text.data, text.length);
    assert_true(arbiter_claim(after, MANUAL, 0, &claim));
    assert_int_equal(claim.priority, PRIORITY_MANUAL);
    assert_value(claim.proposal->value, "ON");
    assert_string_equal(claim.proposal->cause.source, "manual");
    arbiter_resume(after, 0);
    assert_int_equal(arbiter_decision(after)->slot, MANUAL);
    buf_deinit(&text);
    arbiter_free(before);
    arbiter_free(after);
}

static void when_nobody_asks_nobody_has_won(void **state)
{
    (void)state;
    struct arbiter *arbiter = make(0);
    arbiter_resume(arbiter, 0);
    assert_true(arbiter_decision(arbiter)->slot == ARBITER_NO_SLOT);
    arbiter_free(arbiter);
}

/* The configuration has changed meanwhile, or the disk is damaged. */
static void a_value_that_the_device_does_not_take_is_left_out(void **state)
{
    (void)state;
    static const char text[] = "{\"decided\":\"HALF\",\"value\":\"HALF\"}";
    struct arbiter *arbiter = make(0);
    struct claim claim;
    offer(arbiter, RULE, "ON");
    (void)arbiter_decide(arbiter, 0);
    load(arbiter, MANUAL, text, strlen(text));
    assert_value(arbiter_decision(arbiter)->value, "ON");
    assert_false(arbiter_claim(arbiter, MANUAL, 0, &claim));
    arbiter_free(arbiter);
}

static void saving_changes_nothing(void **state)
{
    (void)state;
    struct arbiter *arbiter = make(0);
    struct buf text;
    save(arbiter, MANUAL, &text); /* nothing is decided, nothing is wished */
    assert_value(arbiter_decision(arbiter)->value, "");
    buf_deinit(&text);
    offer(arbiter, RULE, "ON");
    (void)arbiter_decide(arbiter, 0);
    save(arbiter, MANUAL, &text);
    assert_value(arbiter_decision(arbiter)->value, "ON");
    buf_deinit(&text);
    arbiter_free(arbiter);
}

static void the_end_of_the_longest_time_is_told_while_it_counts(void **state)
{
    (void)state;
    struct arbiter *limited = make(60 * SECOND);
    struct arbiter *free_one = make(0);
    assert_true(arbiter_max_on_ends(limited) == DEADLINE_NONE); /* off */
    offer(limited, RULE, "ON");
    offer(free_one, RULE, "ON");
    (void)arbiter_decide(limited, 5 * SECOND);
    (void)arbiter_decide(free_one, 5 * SECOND);
    assert_true(arbiter_max_on_ends(limited) == 65 * SECOND);
    assert_true(arbiter_max_on_ends(free_one) == DEADLINE_NONE);
    offer(limited, SAFETY, "ON");
    (void)arbiter_decide(limited, 6 * SECOND);
    assert_true(arbiter_max_on_ends(limited) == DEADLINE_NONE);
    arbiter_free(limited);
    arbiter_free(free_one);
}

static void the_class_of_each_slot_is_told(void **state)
{
    (void)state;
    struct arbiter *arbiter = make(0);
    assert_int_equal(arbiter_slot_count(arbiter), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(arbiter_class(arbiter, i), classes[i]);
    }
    arbiter_free(arbiter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_decided_is_known_again),
        cmocka_unit_test(a_wish_is_known_again),
        cmocka_unit_test(when_nobody_asks_nobody_has_won),
        cmocka_unit_test(a_value_that_the_device_does_not_take_is_left_out),
        cmocka_unit_test(saving_changes_nothing),
        cmocka_unit_test(the_end_of_the_longest_time_is_told_while_it_counts),
        cmocka_unit_test(the_class_of_each_slot_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
