#include "topics/payload_rule.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static int decode(const char *text, enum payload_rule_action *ret)
{
    struct payload_error error = {""};
    int r = payload_rule_set_decode(text, strlen(text), ret, &error);
    assert_true((r == 0) == (error.text[0] == '\0'));
    return r;
}

static void words_and_objects_are_understood(void **state)
{
    (void)state;
    enum payload_rule_action action;
    assert_int_equal(decode("enable", &action), 0);
    assert_int_equal(action, PAYLOAD_RULE_ENABLE);
    assert_int_equal(decode(" disable\n", &action), 0);
    assert_int_equal(action, PAYLOAD_RULE_DISABLE);
    assert_int_equal(decode("{\"action\":\"run\",\"transaction\":\"t\"}", &action), 0);
    assert_int_equal(action, PAYLOAD_RULE_RUN);
}

static void anything_else_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "ON",
                                        "Enable",
                                        "{}",
                                        "{\"action\":\"fly\"}",
                                        "{\"action\":1}",
                                        "{\"action\":\"run\",\"x\":1}",
                                        "{\"action\":\"run\"",
                                        "[\"run\"]"};
    enum payload_rule_action action;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(decode(texts[i], &action), -EINVAL);
    }
}

static void a_state_and_a_trace_are_written(void **state)
{
    (void)state;
    char text[1024];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, sizeof(text));
    payload_rule_state_write(
        &w, &(struct payload_rule_state){.enabled = true, .runs = 3, .dropped = 1, .reason = "x"});
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"enabled\":true,\"active\":0,\"waiting\":0,\"runs\":3,"
                              "\"dropped\":1,\"prevented\":0,\"reason\":\"x\"}");
    const struct payload_rule_step steps[] = {{"set vent 100", "done", 2000000, 0}};
    json_writer_init(&w, text, sizeof(text));
    payload_rule_trace_write(
        &w, &(struct payload_rule_trace){1000000, "asked for", "done", steps, 1, 2});
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"ts\":1,\"reason\":\"asked for\",\"result\":\"done\",\"steps\":["
                              "{\"step\":\"set vent 100\",\"outcome\":\"done\",\"ts\":2}],"
                              "\"more\":2}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_objects_are_understood),
        cmocka_unit_test(anything_else_is_refused_with_a_reason),
        cmocka_unit_test(a_state_and_a_trace_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
