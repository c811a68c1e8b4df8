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
                                               .quality = READING_GOOD});
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"mode\":\"auto\",\"setpoint\":21.5,\"value\":20.9,"
                              "\"output\":null,\"terms\":{\"p\":12,\"i\":28,\"d\":0},"
                              "\"quality\":\"good\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_a_set_point),
        cmocka_unit_test(an_object_may_say_more),
        cmocka_unit_test(anything_else_is_refused_with_a_reason),
        cmocka_unit_test(a_state_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
