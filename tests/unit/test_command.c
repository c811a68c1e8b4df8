#include "edge-gateway/command/command.h"

#include "edge-gateway/dbc/dbc_decode.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000LL

static const char dbc_text[] = "VERSION \"\"\n"
                               "BU_: Node\n"
                               "BO_ 291 Heater: 8 Node\n"
                               " SG_ Mode : 0|2@1+ (1,0) [0|3] \"\" Node\n"
                               " SG_ Power : 8|8@1+ (0.5,0) [0|100] \"%\" Node\n"
                               " SG_ Offset : 16|8@1- (1,0) [-50|50] \"K\" Node\n"
                               " SG_ Gain : 32|32@1- (1,0) [0|0] \"\" Node\n"
                               "BO_ 2147483938 Valve: 3 Node\n"
                               " SG_ Select M : 0|8@1+ (1,0) [0|255] \"\" Node\n"
                               " SG_ First m1 : 8|8@1+ (1,0) [0|255] \"\" Node\n"
                               " SG_ Second m2 : 8|8@1+ (1,0) [0|255] \"\" Node\n"
                               " SG_ Common : 16|8@1+ (1,0) [0|255] \"\" Node\n"
                               "BO_ 292 Label: 16 Node\n"
                               " SG_ Serial : 0|96@1+ (1,0) [0|0] \"\" Node\n"
                               " SG_ Copies : 96|8@1+ (1,0) [0|0] \"\" Node\n"
                               "VAL_ 291 Mode 0 \"Off\" 1 \"On\" 2 \"Boost\" ;\n"
                               "SIG_VALTYPE_ 291 Gain : 1;\n"
                               "BA_DEF_ SG_ \"GenSigStartValue\" FLOAT 0 100000;\n"
                               "BA_DEF_DEF_ \"GenSigStartValue\" 0;\n"
                               "BA_ \"GenSigStartValue\" SG_ 291 Power 20;\n";

/* A command for one message, all of whose signals may be set. */
struct fixture {
    struct dbc_database *db;
    struct diagnostics *diagnostics;
    bool settable[8];
    struct command *command;
    struct command_error error;
    bool superseded;
};

static void make_command(struct fixture *f, const char *message)
{
    struct command_rule rule = {
        .message = dbc_find_by_name(f->db, message),
        .settable = f->settable,
        .min_interval_us = SECOND / 10,
        .ttl_us = 5 * SECOND,
    };
    assert_non_null(rule.message);
    command_free(f->command);
    assert_int_equal(command_new(&rule, &f->command), 0);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->db = dbc_new();
    f->diagnostics = diagnostics_new(0);
    assert_int_equal(dbc_load_text(f->db, "test.dbc", dbc_text, strlen(dbc_text), f->diagnostics),
                     0);
    assert_int_equal(diagnostics_count(f->diagnostics, SEVERITY_ERROR), 0);
    memset(f->settable, true, sizeof(f->settable));
    make_command(f, "Heater");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    command_free(f->command);
    diagnostics_free(f->diagnostics);
    dbc_free(f->db);
    free(f);
    return 0;
}

static enum command_result offer_text(struct fixture *f, const char *text, int64_t now_us)
{
    struct payload_set *set;
    struct payload_error error;
    assert_int_equal(payload_set_decode(text, strlen(text), &set, &error), 0);
    enum command_result result = command_offer(f->command, set, now_us, &f->superseded, &f->error);
    payload_set_free(set);
    return result;
}

static enum command_result offer(struct fixture *f, const char *signals)
{
    char text[256];
    assert_true(snprintf(text, sizeof(text), "{\"signals\":{%s}}", signals) < (int)sizeof(text));
    return offer_text(f, text, 0);
}

static void accept(struct fixture *f, const char *signals)
{
    f->error.text[0] = '\0';
    enum command_result result = offer(f, signals);
    assert_string_equal(f->error.text, "");
    assert_int_equal(result, COMMAND_ACCEPTED);
}

/* Accepts, and pretends that the bus took the frame at once. */
static void send(struct fixture *f, const char *signals)
{
    accept(f, signals);
    command_sent(f->command, 0);
}

/* What the waiting frame says of a signal; NaN when it is not in it. */
static double value_of(const struct fixture *f, const char *signal)
{
    const struct frame *frame = command_frame(f->command);
    struct dbc_value values[8];
    size_t count = dbc_decode(command_message(f->command), frame->data, frame->len, values);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].signal->name, signal) == 0) {
            return dbc_value_number(&values[i]);
        }
    }
    return (double)NAN;
}

static void assert_value(const struct fixture *f, const char *signal, double expected)
{
    assert_float_equal(value_of(f, signal), expected, 0.0);
}

static void a_label_a_number_and_a_bool_become_a_frame(void **state)
{
    struct fixture *f = *state;
    accept(f, "\"Mode\":\"Boost\",\"Power\":55.5");
    assert_value(f, "Mode", 2);
    assert_value(f, "Power", 55.5);
    accept(f, "\"Mode\":true");
    assert_value(f, "Mode", 1);
    accept(f, "\"Mode\":false,\"Offset\":-12");
    assert_value(f, "Mode", 0);
    assert_value(f, "Offset", -12);
}

static void the_frame_has_the_identifier_and_length_of_the_message(void **state)
{
    struct fixture *f = *state;
    accept(f, "\"Mode\":1");
    const struct frame *frame = command_frame(f->command);
    assert_int_equal(frame->can_id, 291);
    assert_int_equal(frame->flags, 0);
    assert_int_equal(frame->len, 8);
    make_command(f, "Valve");
    accept(f, "\"Common\":1");
    assert_int_equal(command_frame(f->command)->can_id, 290);
    assert_int_equal(command_frame(f->command)->flags, FRAME_EXTENDED);
    assert_int_equal(command_frame(f->command)->len, 3);
}

struct refusal {
    const char *signals;
    enum command_result result;
    const char *says;
};

static void each_refusal_has_its_reason_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    static const struct refusal cases[] = {
        {"\"Mood\":1", COMMAND_UNKNOWN_SIGNAL, "Mood"},
        {"\"Mode\":1,\"mode\":1", COMMAND_UNKNOWN_SIGNAL, "mode"},
        {"\"Offset\":1", COMMAND_SIGNAL_NOT_ALLOWED, "Offset"},
        {"\"Mode\":\"Warp\"", COMMAND_UNKNOWN_LABEL, "Mode"},
        {"\"Power\":\"On\"", COMMAND_UNKNOWN_LABEL, "Power"},
        {"\"Power\":100.5", COMMAND_OUT_OF_RANGE, "Power"},
        {"\"Power\":-1", COMMAND_OUT_OF_RANGE, "Power"},
        {"\"Power\":1e300", COMMAND_OUT_OF_RANGE, "Power"},
        {"\"Mode\":4", COMMAND_OUT_OF_RANGE, "Mode"},
        {"\"Power\":55.3", COMMAND_NOT_REPRESENTABLE, "Power"},
        {"\"Power\":10,\"Mode\":0.5", COMMAND_NOT_REPRESENTABLE, "Mode"},
    };
    f->settable[2] = false; /* Offset */
    accept(f, "\"Power\":42");
    f->superseded = false;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(command_result_text(offer(f, cases[i].signals)),
                            command_result_text(cases[i].result));
        assert_non_null(strstr(f->error.text, cases[i].says));
        assert_value(f, "Power", 42);
        assert_false(f->superseded);
    }
}

static void signals_start_at_the_start_values_of_the_file(void **state)
{
    struct fixture *f = *state;
    accept(f, "\"Mode\":\"On\"");
    assert_value(f, "Power", 10); /* raw 20 */
    assert_value(f, "Offset", 0);
}

static void signals_that_a_wish_leaves_out_keep_what_was_sent(void **state)
{
    struct fixture *f = *state;
    send(f, "\"Mode\":\"Boost\",\"Power\":55,\"Offset\":-7,\"Gain\":-1.25");
    accept(f, "\"Power\":60");
    assert_value(f, "Mode", 2);
    assert_value(f, "Power", 60);
    assert_value(f, "Offset", -7);
    assert_value(f, "Gain", -1.25);
}

static void a_float_that_no_decimal_meets_keeps_its_bits(void **state)
{
    struct fixture *f = *state;
    send(f, "\"Gain\":0.1");
    double sent = (double)0.1f;
    accept(f, "\"Mode\":1");
    assert_value(f, "Gain", sent);
}

static void a_wide_signal_keeps_its_bits(void **state)
{
    struct fixture *f = *state;
    make_command(f, "Label");
    send(f, "\"Serial\":281474976710656");
    accept(f, "\"Copies\":3");
    assert_memory_equal(command_frame(f->command)->data, "\0\0\0\0\0\0\1\0\0\0\0\0\3\0\0\0", 16);
}

static void a_newer_wish_builds_on_the_one_that_waits(void **state)
{
    struct fixture *f = *state;
    accept(f, "\"Power\":55");
    assert_false(f->superseded);
    accept(f, "\"Mode\":\"On\"");
    assert_true(f->superseded);
    assert_value(f, "Power", 55);
    assert_value(f, "Mode", 1);
    command_sent(f->command, 0);
    accept(f, "\"Mode\":\"Off\"");
    assert_false(f->superseded);
}

static void a_wish_given_up_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    accept(f, "\"Power\":55");
    command_given_up(f->command);
    assert_false(command_is_waiting(f->command));
    accept(f, "\"Mode\":\"On\"");
    assert_value(f, "Power", 10);
}

static void after_a_wish_given_up_what_was_sent_before_still_counts(void **state)
{
    struct fixture *f = *state;
    send(f, "\"Power\":55,\"Offset\":5");
    accept(f, "\"Power\":70");
    command_given_up(f->command);
    accept(f, "\"Mode\":\"On\"");
    assert_value(f, "Power", 55);
    assert_value(f, "Offset", 5);
}

static void a_wish_for_another_branch_changes_the_multiplexor(void **state)
{
    struct fixture *f = *state;
    make_command(f, "Valve");
    send(f, "\"First\":11,\"Common\":7");
    accept(f, "\"Second\":22");
    assert_value(f, "Select", 2);
    assert_value(f, "Second", 22);
    assert_value(f, "Common", 7);
    assert_true(isnan(value_of(f, "First")));
}

static void the_branch_stays_when_a_wish_does_not_name_one(void **state)
{
    struct fixture *f = *state;
    make_command(f, "Valve");
    send(f, "\"Second\":22");
    accept(f, "\"Common\":9");
    assert_value(f, "Select", 2);
    assert_value(f, "Second", 22);
}

static void signals_of_two_branches_do_not_go_together(void **state)
{
    struct fixture *f = *state;
    make_command(f, "Valve");
    assert_int_equal(offer(f, "\"First\":1,\"Second\":2"), COMMAND_NOT_REPRESENTABLE);
    assert_int_equal(offer(f, "\"Select\":2,\"First\":1"), COMMAND_NOT_REPRESENTABLE);
    assert_false(command_is_waiting(f->command));
}

static void the_first_frame_may_be_sent_at_once(void **state)
{
    struct fixture *f = *state;
    assert_true(command_send_us(f->command) == INT64_MAX);
    assert_true(command_expiry_us(f->command) == INT64_MAX);
    assert_int_equal(offer_text(f, "{\"signals\":{\"Mode\":1}}", 3 * SECOND), COMMAND_ACCEPTED);
    assert_true(command_send_us(f->command) <= 3 * SECOND);
}

static void the_next_frame_waits_for_the_minimum_interval(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(offer_text(f, "{\"signals\":{\"Mode\":1}}", 3 * SECOND), COMMAND_ACCEPTED);
    command_sent(f->command, 4 * SECOND);
    assert_true(command_send_us(f->command) == INT64_MAX);
    assert_int_equal(offer_text(f, "{\"signals\":{\"Mode\":0}}", 4 * SECOND), COMMAND_ACCEPTED);
    assert_int_equal(command_send_us(f->command), 4 * SECOND + SECOND / 10);
}

static void a_wish_lives_as_long_as_it_says_or_as_the_rule_says(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(offer_text(f, "{\"signals\":{\"Mode\":1},\"ttl_ms\":250}", 3 * SECOND),
                     COMMAND_ACCEPTED);
    assert_int_equal(command_expiry_us(f->command), 3 * SECOND + SECOND / 4);
    assert_int_equal(offer_text(f, "{\"signals\":{\"Mode\":1}}", 3 * SECOND), COMMAND_ACCEPTED);
    assert_int_equal(command_expiry_us(f->command), 8 * SECOND);
    command_sent(f->command, 3 * SECOND);
    assert_true(command_expiry_us(f->command) == INT64_MAX);
}

static void each_result_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < COMMAND_RESULT_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(command_result_text((enum command_result)i),
                                    command_result_text((enum command_result)j));
        }
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_label_a_number_and_a_bool_become_a_frame),
        CASE(the_frame_has_the_identifier_and_length_of_the_message),
        CASE(each_refusal_has_its_reason_and_changes_nothing),
        CASE(signals_start_at_the_start_values_of_the_file),
        CASE(signals_that_a_wish_leaves_out_keep_what_was_sent),
        CASE(a_float_that_no_decimal_meets_keeps_its_bits),
        CASE(a_wide_signal_keeps_its_bits),
        CASE(a_newer_wish_builds_on_the_one_that_waits),
        CASE(a_wish_given_up_leaves_no_trace),
        CASE(after_a_wish_given_up_what_was_sent_before_still_counts),
        CASE(a_wish_for_another_branch_changes_the_multiplexor),
        CASE(the_branch_stays_when_a_wish_does_not_name_one),
        CASE(signals_of_two_branches_do_not_go_together),
        CASE(the_first_frame_may_be_sent_at_once),
        CASE(the_next_frame_waits_for_the_minimum_interval),
        CASE(a_wish_lives_as_long_as_it_says_or_as_the_rule_says),
        cmocka_unit_test(each_result_has_a_text_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
