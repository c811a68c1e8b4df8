#include "topics/payload_controller.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static int decode(const char *text, struct payload_controller_set *ret)
{
    struct payload_error error = {""};
    int r = payload_controller_set_decode(text, strlen(text), ret, &error);
    assert_true((r == 0) == (error.text[0] == '\0'));
    return r;
}

static void a_number_is_a_set_point(void **state)
{
    (void)state;
    struct payload_controller_set set;
    assert_int_equal(decode(" 21.5\n", &set), 0);
    assert_true(set.has_setpoint && set.setpoint == 21.5);
    assert_false(set.has_mode || set.has_output);
}

static void an_object_may_say_more(void **state)
{
    (void)state;
    struct payload_controller_set set;
    assert_int_equal(decode("{\"mode\":\"manual\",\"output\":40,\"transaction\":\"t\"}", &set), 0);
    assert_true(set.has_mode && set.mode == PAYLOAD_CONTROLLER_MANUAL);
    assert_true(set.has_output && set.output == 40);
    assert_int_equal(decode("{\"preset\":\"night\"}", &set), 0);
    assert_string_equal(set.preset, "night");
}

static void what_heats_and_cools_has_a_band(void **state)
{
    (void)state;
    struct payload_controller_set set;
    assert_int_equal(
        decode("{\"mode\":\"heat_cool\",\"setpoint_low\":20,\"setpoint_high\":24}", &set), 0);
    assert_true(set.has_mode && set.mode == PAYLOAD_CONTROLLER_HEAT_COOL);
    assert_true(set.has_low && set.low == 20 && set.has_high && set.high == 24);
    assert_false(set.has_setpoint);
}

static void auto_tuning_is_asked_for_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum payload_controller_autotune autotune;
    } cases[] = {{"{\"autotune\":true,\"transaction\":\"t\"}", PAYLOAD_AUTOTUNE_START},
                 {"{\"autotune\":false}", PAYLOAD_AUTOTUNE_CANCEL},
                 {"{\"autotune\":\"apply\"}", PAYLOAD_AUTOTUNE_APPLY},
                 {"{\"autotune\":\"revert\"}", PAYLOAD_AUTOTUNE_REVERT}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload_controller_set set;
        assert_int_equal(decode(cases[i].text, &set), 0);
        assert_int_equal(set.autotune, cases[i].autotune);
    }
}

static void anything_else_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "warm",
                                        "{}",
                                        "{\"transaction\":\"t\"}",
                                        "{\"mode\":\"fast\"}",
                                        "{\"setpoint\":\"21\"}",
                                        "{\"output\":true}",
                                        "{\"output\":1,\"colour\":2}",
                                        "{\"setpoint_low\":true}",
                                        "{\"autotune\":1}",
                                        "{\"autotune\":\"now\"}",
                                        "{\"autotune\":true,\"setpoint\":20}",
                                        "[21]"};
    struct payload_controller_set set;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(decode(texts[i], &set), -EINVAL);
    }
}

static void a_state_is_written(void **state)
{
    (void)state;
    char text[1024];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, sizeof(text));
    payload_controller_state_write(
        &w, &(struct payload_controller_state){.mode = PAYLOAD_CONTROLLER_AUTO,
                                               .setpoint = 21.5,
                                               .value = {.type = PAYLOAD_NUMBER, .number = 20.9},
                                               .has_terms = true,
                                               .p = 12,
                                               .i = 28,
                                               .gains = {20, 0.5, 0},
                                               .quality = READING_GOOD});
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"mode\":\"auto\",\"setpoint\":21.5,\"value\":20.9,"
                              "\"output\":null,\"terms\":{\"p\":12,\"i\":28,\"d\":0},"
                              "\"gains\":{\"kp\":20,\"ki\":0.5,\"kd\":0},"
                              "\"quality\":\"good\"}");
}

static void tuning_and_pulses_are_told(void **state)
{
    (void)state;
    char text[1024];
    struct json_writer w;
    size_t length;
    const struct payload_controller_tuning tuning = {.state = "found",
                                                     .has_result = true,
                                                     .ultimate_gain = 6.4,
                                                     .ultimate_period_s = 180,
                                                     .rule = "tyreus_luyben_pi",
                                                     .gains = {2, 0.005, 0},
                                                     .applied = true};
    json_writer_init(&w, text, sizeof(text));
    payload_controller_state_write(
        &w, &(struct payload_controller_state){.value = {.type = PAYLOAD_NULL},
                                               .has_terms = true,
                                               .tuning = &tuning,
                                               .has_pwm = true,
                                               .switched = {.type = PAYLOAD_TEXT, .text = "ON"},
                                               .owed_s = -2.5});
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_non_null(strstr(text, "\"autotune\":{\"state\":\"found\",\"cycles\":0,"
                                 "\"rule\":\"tyreus_luyben_pi\",\"ultimate_gain\":6.4,"
                                 "\"ultimate_period_s\":180,\"kp\":2,\"ki\":0.005,\"kd\":0,"
                                 "\"applied\":true}"));
    assert_non_null(strstr(text, "\"pwm\":{\"value\":\"ON\",\"owed_s\":-2.5}"));
}

static void a_band_is_told_with_what_is_done_about_it(void **state)
{
    (void)state;
    char text[1024];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, sizeof(text));
    payload_controller_state_write(
        &w, &(struct payload_controller_state){.mode = PAYLOAD_CONTROLLER_HEAT_COOL,
                                               .setpoint = 22,
                                               .value = {.type = PAYLOAD_NULL},
                                               .has_band = true,
                                               .low = 20,
                                               .high = 24,
                                               .has_action = true,
                                               .action = PAYLOAD_ACTION_COOLING});
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"mode\":\"heat_cool\",\"setpoint\":22,\"setpoint_low\":20,"
                              "\"setpoint_high\":24,\"value\":null,\"output\":null,"
                              "\"action\":\"cooling\",\"quality\":\"good\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_a_set_point),
        cmocka_unit_test(an_object_may_say_more),
        cmocka_unit_test(what_heats_and_cools_has_a_band),
        cmocka_unit_test(auto_tuning_is_asked_for_alone),
        cmocka_unit_test(anything_else_is_refused_with_a_reason),
        cmocka_unit_test(a_state_is_written),
        cmocka_unit_test(tuning_and_pulses_are_told),
        cmocka_unit_test(a_band_is_told_with_what_is_done_about_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
