#include "automation-node/engine/device.h"
#include "automation-node/engine/device_archive.h"
#include "automation-node/engine/device_delivery.h"
#include "automation-node/engine/device_proof.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

#include <errno.h>

struct bench {
    struct device *device;
    struct input feedback;
};

static struct device_options heater(void)
{
    struct device_options options = {.id = "heater",
                                     .domain = on_off(),
                                     .has_feedback = true,
                                     .confirm_us = 5 * SECOND,
                                     .attempts = 3,
                                     .grace_us = 2 * SECOND};
    options.domain.labels[0].feedback = label("Running");
    options.domain.labels[1].feedback = label("Stopped");
    return options;
}

static struct bench make(const struct device_options *options)
{
    struct bench bench = {.feedback = make_input("heater_state", NULL, 60 * SECOND)};
    assert_int_equal(device_new(options, &bench.device), 0);
    return bench;
}

static void decide(struct bench *bench, const char *value, int64_t now_us)
{
    struct decision decision = {.changed = true,
                                .value = label(value),
                                .priority = PRIORITY_CONTROLLER,
                                .until_us = DEADLINE_NONE,
                                .cause = {.source = "controller:air"}};
    device_decide(bench->device, &decision, "", now_us);
}

static void feed(struct bench *bench, const char *text, int64_t now_us)
{
    struct reading reading = good(label(text), 1);
    input_update(&bench->feedback, &reading, now_us);
    device_feedback(bench->device, &bench->feedback, now_us);
}

static struct device_command taken_command(struct bench *bench)
{
    struct device_command command = {0};
    assert_true(device_take_command(bench->device, &command));
    return command;
}

static void assert_no_command(struct bench *bench)
{
    struct device_command command;
    assert_false(device_take_command(bench->device, &command));
}

static struct device_state taken_state(struct bench *bench)
{
    struct device_state state = {0};
    assert_true(device_take_state(bench->device, &state));
    return state;
}

static void assert_counts_add_up(const struct bench *bench)
{
    struct device_stats s = device_stats(bench->device);
    assert_int_equal(s.sent, s.confirmed + s.assumed + s.timed_out + s.superseded + s.pending);
}

static void a_target_is_commanded_and_confirmed_by_feedback(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    decide(&bench, "ON", 0);
    struct device_command command = taken_command(&bench);
    assert_value(command.value, "ON");
    assert_int_equal(command.attempt, 1);
    assert_true(command.ttl_us == 5 * SECOND);
    assert_string_equal(command.transaction, "heater-1");
    assert_int_equal(taken_state(&bench).phase, DEVICE_PENDING);
    feed(&bench, "Running", SECOND);
    struct device_state shown = taken_state(&bench);
    assert_int_equal(shown.phase, DEVICE_CONFIRMED);
    assert_int_equal(shown.quality, DEVICE_QUALITY_GOOD);
    assert_value(shown.value, "ON");
    assert_int_equal(device_stats(bench.device).confirmed, 1);
    assert_true(device_next_deadline(bench.device) == DEADLINE_NONE);
    assert_counts_add_up(&bench);
    device_free(bench.device);
}

static void before_any_feedback_the_truth_is_not_known(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    decide(&bench, "ON", 7);
    struct device_state shown = taken_state(&bench);
    assert_int_equal(shown.value.kind, VALUE_NONE);
    assert_value(shown.target, "ON");
    assert_int_equal(shown.quality, DEVICE_QUALITY_STALE);
    assert_string_equal(shown.cause.source, "controller:air");
    assert_true(shown.since_us == 7);
    device_free(bench.device);
}

static void a_lost_command_is_repeated_and_then_has_failed(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    feed(&bench, "Stopped", 0);
    decide(&bench, "ON", 0);
    for (unsigned attempt = 1; attempt <= 3; attempt++) {
        struct device_command command = taken_command(&bench);
        assert_int_equal(command.attempt, attempt);
        assert_string_equal(command.transaction, "heater-1");
        int64_t due_us = device_next_deadline(bench.device);
        assert_true(due_us == attempt * 5 * SECOND);
        device_tick(bench.device, due_us - 1);
        assert_no_command(&bench);
        device_tick(bench.device, due_us);
    }
    assert_no_command(&bench);
    struct device_state shown = taken_state(&bench);
    assert_int_equal(shown.phase, DEVICE_FAILED);
    assert_int_equal(shown.quality, DEVICE_QUALITY_FAILED);
    assert_value(shown.value, "OFF");
    assert_value(shown.target, "ON");
    assert_int_equal(device_stats(bench.device).timed_out, 3);
    assert_true(device_next_deadline(bench.device) == DEADLINE_NONE);
    assert_counts_add_up(&bench);
    device_free(bench.device);
}

static struct bench make_failed(const struct device_options *options)
{
    struct bench bench = make(options);
    decide(&bench, "ON", 0);
    for (unsigned attempt = 1; attempt <= 3; attempt++) {
        device_tick(bench.device, attempt * 5 * SECOND);
    }
    (void)taken_command(&bench);
    assert_int_equal(taken_state(&bench).phase, DEVICE_FAILED);
    return bench;
}

static void a_failed_device_is_told_again_when_its_feedback_returns(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make_failed(&options);
    feed(&bench, "Stopped", 20 * SECOND);
    struct device_command command = taken_command(&bench);
    assert_int_equal(command.attempt, 1);
    assert_string_equal(command.transaction, "heater-2");
    feed(&bench, "Running", 21 * SECOND);
    assert_int_equal(taken_state(&bench).phase, DEVICE_CONFIRMED);
    assert_counts_add_up(&bench);
    device_free(bench.device);
}

static void a_failed_device_that_obeyed_after_all_is_confirmed(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make_failed(&options);
    feed(&bench, "Running", 20 * SECOND);
    assert_int_equal(taken_state(&bench).quality, DEVICE_QUALITY_GOOD);
    assert_no_command(&bench);
    device_free(bench.device);
}

static void a_failed_device_may_be_told_again_by_time(void **state)
{
    (void)state;
    struct device_options options = heater();
    options.retry_failed_us = 60 * SECOND;
    struct bench bench = make_failed(&options);
    assert_true(device_next_deadline(bench.device) == 75 * SECOND);
    device_tick(bench.device, 75 * SECOND);
    assert_int_equal(taken_command(&bench).attempt, 1);
    device_free(bench.device);
}

static void a_new_target_supersedes_the_command_under_way(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    feed(&bench, "Stopped", 0);
    decide(&bench, "ON", 0);
    (void)taken_command(&bench);
    decide(&bench, "OFF", SECOND); /* feedback says OFF, but the ON is still on its way */
    assert_value(taken_command(&bench).value, "OFF");
    assert_int_equal(device_stats(bench.device).superseded, 1);
    assert_counts_add_up(&bench);
    device_tick(bench.device, 6 * SECOND); /* feedback had no reason to speak again */
    assert_int_equal(taken_state(&bench).phase, DEVICE_CONFIRMED);
    assert_counts_add_up(&bench);
    device_free(bench.device);
}

static void a_device_that_is_there_already_needs_no_command(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    feed(&bench, "Stopped", 0);
    decide(&bench, "OFF", 0);
    assert_no_command(&bench);
    assert_int_equal(taken_state(&bench).phase, DEVICE_CONFIRMED);
    assert_int_equal(device_stats(bench.device).sent, 0);
    device_free(bench.device);
}

static void somebody_elses_switching_is_shown_at_once_and_undone_after_the_grace(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    feed(&bench, "Stopped", 0);
    decide(&bench, "OFF", 0);
    (void)taken_state(&bench);
    feed(&bench, "Running", 10 * SECOND);
    struct device_state shown = taken_state(&bench);
    assert_value(shown.value, "ON");
    assert_value(shown.target, "OFF");
    assert_no_command(&bench);
    feed(&bench, "Running", 11 * SECOND); /* does not prolong the grace */
    device_tick(bench.device, 12 * SECOND);
    assert_value(taken_command(&bench).value, "OFF");
    device_free(bench.device);
}

static void a_mismatch_that_ends_within_the_grace_is_left_alone(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    feed(&bench, "Stopped", 0);
    decide(&bench, "OFF", 0);
    feed(&bench, "Running", 10 * SECOND);
    feed(&bench, "Stopped", 11 * SECOND);
    device_tick(bench.device, 20 * SECOND);
    assert_no_command(&bench);
    device_free(bench.device);
}

static void asked_only_to_report_it_never_commands_again(void **state)
{
    (void)state;
    struct device_options options = heater();
    options.on_mismatch = DEVICE_REPORT;
    struct bench bench = make(&options);
    feed(&bench, "Stopped", 0);
    decide(&bench, "OFF", 0);
    feed(&bench, "Running", 10 * SECOND);
    device_tick(bench.device, 1000 * SECOND);
    assert_no_command(&bench);
    assert_value(taken_state(&bench).value, "ON");
    device_free(bench.device);
}

static void without_feedback_the_command_is_taken_for_the_truth(void **state)
{
    (void)state;
    struct device_options options = heater();
    options.has_feedback = false;
    struct bench bench = make(&options);
    decide(&bench, "ON", 0);
    assert_value(taken_command(&bench).value, "ON");
    struct device_state shown = taken_state(&bench);
    assert_value(shown.value, "ON");
    assert_int_equal(shown.quality, DEVICE_QUALITY_ASSUMED);
    assert_int_equal(device_stats(bench.device).assumed, 1);
    assert_counts_add_up(&bench);
    device_free(bench.device);
}

/* Nobody would ever notice: it has no feedback. */
static void what_could_not_leave_is_told_when_it_can(void **state)
{
    (void)state;
    struct device_options options = heater();
    options.has_feedback = false;
    struct bench bench = make(&options);
    assert_false(device_tell_again(bench.device, 0));
    decide(&bench, "ON", 0);
    (void)taken_command(&bench);
    assert_false(device_tell_again(bench.device, SECOND)); /* it has left */
    decide(&bench, "OFF", 2 * SECOND);
    struct device_command lost = taken_command(&bench);
    device_note_undelivered(bench.device);
    assert_no_command(&bench); /* not before it can leave */
    assert_true(device_tell_again(bench.device, 3600 * SECOND));
    struct device_command again = taken_command(&bench);
    assert_value(again.value, "OFF");
    assert_int_equal(again.attempt, 1);
    assert_string_equal(again.transaction, lost.transaction);
    assert_false(device_tell_again(bench.device, 3600 * SECOND)); /* once */
    assert_counts_add_up(&bench);
    device_free(bench.device);
}

static void of_what_could_not_leave_only_the_newest_is_told(void **state)
{
    (void)state;
    struct device_options options = heater();
    options.has_feedback = false;
    struct bench bench = make(&options);
    decide(&bench, "ON", 0);
    (void)taken_command(&bench);
    device_note_undelivered(bench.device);
    decide(&bench, "OFF", SECOND);
    (void)taken_command(&bench);
    assert_false(device_tell_again(bench.device, 2 * SECOND)); /* that one has left */
    assert_no_command(&bench);
    device_free(bench.device);
}

static void with_a_feedback_it_is_repeated_as_ever(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    decide(&bench, "ON", 0);
    (void)taken_command(&bench);
    device_note_undelivered(bench.device);
    assert_false(device_tell_again(bench.device, SECOND));
    device_tick(bench.device, 5 * SECOND);
    assert_int_equal(taken_command(&bench).attempt, 2);
    device_free(bench.device);
}

static void what_could_not_leave_is_known_after_a_restart(void **state)
{
    (void)state;
    struct device_options options = heater();
    options.has_feedback = false;
    struct bench before = make(&options);
    struct bench after = make(&options);
    struct archive a;
    struct buf text;
    decide(&before, "ON", 0);
    (void)taken_command(&before);
    device_note_undelivered(before.device);
    buf_init(&text, 4096);
    archive_save(&a, &text, 0);
    device_archive(before.device, &a);
    archive_finish(&a);
    assert_int_equal(archive_load(&a, text.data, text.length, 0), 0);
    device_archive(after.device, &a);
    device_doubt(after.device, SECOND);
    assert_true(device_tell_again(after.device, SECOND));
    assert_value(taken_command(&after).value, "ON");
    buf_deinit(&text);
    device_free(before.device);
    device_free(after.device);
}

static void a_lost_feedback_is_shown_as_stale(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    feed(&bench, "Stopped", 0);
    decide(&bench, "OFF", 0);
    (void)taken_state(&bench);
    device_feedback(bench.device, &bench.feedback, 60 * SECOND);
    assert_int_equal(taken_state(&bench).quality, DEVICE_QUALITY_STALE);
    device_free(bench.device);
}

static void a_state_is_given_only_when_it_changed(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    feed(&bench, "Stopped", 0);
    decide(&bench, "OFF", 0);
    (void)taken_state(&bench);
    struct device_state unused;
    feed(&bench, "Stopped", 1);
    decide(&bench, "OFF", 2);
    device_tick(bench.device, 3);
    assert_false(device_take_state(bench.device, &unused));
    device_free(bench.device);
}

static void a_wish_lends_its_transaction_to_the_command(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    struct decision decision = {.changed = true, .value = label("ON"), .until_us = DEADLINE_NONE};
    device_decide(bench.device, &decision, "ha-42", 0);
    assert_string_equal(taken_command(&bench).transaction, "ha-42");
    device_free(bench.device);
}

/* A command for something else may be done until it has expired; what was shown before that says
 * nothing about afterwards. */
static void what_it_shows_is_proof_once_nothing_else_can_be_under_way(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    const struct value off = label("OFF");
    assert_true(device_proven_at(bench.device, &off) == INT64_MIN);
    decide(&bench, "OFF", SECOND);
    feed(&bench, "Stopped", 2 * SECOND);
    assert_true(device_proven_at(bench.device, &off) == INT64_MIN);
    decide(&bench, "ON", 10 * SECOND); /* may be done until 15 s */
    decide(&bench, "OFF", 11 * SECOND);
    feed(&bench, "Stopped", 12 * SECOND);
    assert_true(device_proven_at(bench.device, &off) == DEADLINE_NONE);
    feed(&bench, "Stopped", 15 * SECOND);
    assert_true(device_proven_at(bench.device, &off) == 15 * SECOND);
    device_free(bench.device);
}

static void after_a_reload_proof_is_as_hard_as_before(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench before = make(&options);
    struct bench after = make(&options);
    const struct value off = label("OFF");
    struct archive a;
    struct buf text;
    decide(&before, "ON", 10 * SECOND);
    decide(&before, "OFF", 11 * SECOND);
    feed(&before, "Stopped", 12 * SECOND);
    buf_init(&text, 4096);
    archive_save(&a, &text, 0);
    device_archive(before.device, &a);
    archive_finish(&a);
    assert_int_equal(archive_load(&a, text.data, text.length, 0), 0);
    device_archive(after.device, &a);
    assert_true(device_proven_at(after.device, &off) == DEADLINE_NONE);
    feed(&after, "Stopped", 16 * SECOND);
    assert_true(device_proven_at(after.device, &off) <= 16 * SECOND);
    buf_deinit(&text);
    device_free(before.device);
    device_free(after.device);
}

static void of_a_feedback_that_does_not_age_silence_is_proof(void **state)
{
    (void)state;
    struct device_options options = heater();
    struct bench bench = make(&options);
    const struct value off = label("OFF");
    bench.feedback.stale_after_us = 0;
    feed(&bench, "Stopped", SECOND);
    decide(&bench, "ON", 10 * SECOND);
    decide(&bench, "OFF", 11 * SECOND);
    assert_true(device_proven_at(bench.device, &off) == 15 * SECOND);
    device_free(bench.device);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct device *device = NULL;
    struct device_options options = heater();
    options.attempts = 0;
    assert_int_equal(device_new(&options, &device), -EINVAL);
    options = heater();
    options.confirm_us = 0;
    assert_int_equal(device_new(&options, &device), -EINVAL);
    options = heater();
    options.id = "";
    assert_int_equal(device_new(&options, &device), -EINVAL);
    options = heater();
    options.domain = (struct domain){0};
    assert_int_equal(device_new(&options, &device), -EINVAL);
    assert_null(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_commanded_and_confirmed_by_feedback),
        cmocka_unit_test(before_any_feedback_the_truth_is_not_known),
        cmocka_unit_test(a_lost_command_is_repeated_and_then_has_failed),
        cmocka_unit_test(a_failed_device_is_told_again_when_its_feedback_returns),
        cmocka_unit_test(a_failed_device_that_obeyed_after_all_is_confirmed),
        cmocka_unit_test(a_failed_device_may_be_told_again_by_time),
        cmocka_unit_test(a_new_target_supersedes_the_command_under_way),
        cmocka_unit_test(a_device_that_is_there_already_needs_no_command),
        cmocka_unit_test(somebody_elses_switching_is_shown_at_once_and_undone_after_the_grace),
        cmocka_unit_test(a_mismatch_that_ends_within_the_grace_is_left_alone),
        cmocka_unit_test(asked_only_to_report_it_never_commands_again),
        cmocka_unit_test(without_feedback_the_command_is_taken_for_the_truth),
        cmocka_unit_test(what_could_not_leave_is_told_when_it_can),
        cmocka_unit_test(of_what_could_not_leave_only_the_newest_is_told),
        cmocka_unit_test(with_a_feedback_it_is_repeated_as_ever),
        cmocka_unit_test(what_could_not_leave_is_known_after_a_restart),
        cmocka_unit_test(a_lost_feedback_is_shown_as_stale),
        cmocka_unit_test(a_state_is_given_only_when_it_changed),
        cmocka_unit_test(a_wish_lends_its_transaction_to_the_command),
        cmocka_unit_test(what_it_shows_is_proof_once_nothing_else_can_be_under_way),
        cmocka_unit_test(after_a_reload_proof_is_as_hard_as_before),
        cmocka_unit_test(of_a_feedback_that_does_not_age_silence_is_proof),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
