#include "topics/foreign.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static void patterns_become_the_topics_of_each_project(void **state)
{
    (void)state;
    static const struct {
        enum foreign_kind kind;
        const char *topic;
        const char *command;
        const char *told;
        const char *availability;
    } cases[] = {
        {FOREIGN_TASMOTA, "plug", "cmnd/plug/POWER", "stat/plug/RESULT", "tele/plug/LWT"},
        {FOREIGN_ZIGBEE2MQTT, "zigbee2mqtt/my lamp", "zigbee2mqtt/my lamp/set",
         "zigbee2mqtt/my lamp", "zigbee2mqtt/my lamp/availability"},
        {FOREIGN_ESPHOME, "house/cellar/switch/pump", "house/cellar/switch/pump/command",
         "house/cellar/switch/pump/state", "house/cellar/status"},
        {FOREIGN_HOMIE, "homie/5/dev/relay/on", "homie/5/dev/relay/on/set", "homie/5/dev/relay/on",
         "homie/5/dev/$state"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct foreign_device *device = foreign_device(cases[i].kind);
        const char *const patterns[] = {device->command.pattern, device->states[0].pattern,
                                        device->availability};
        const char *const expected[] = {cases[i].command, cases[i].told, cases[i].availability};
        for (size_t j = 0; j < 3; j++) {
            char text[64];
            assert_int_equal(foreign_topic_format(patterns[j], cases[i].topic, device->field, text,
                                                  sizeof(text)),
                             0);
            assert_string_equal(text, expected[j]);
        }
    }
}

static void each_project_has_an_example_that_works(void **state)
{
    (void)state;
    for (int i = 0; i < FOREIGN_KIND_COUNT; i++) {
        const struct foreign_device *device = foreign_device((enum foreign_kind)i);
        char text[64];
        assert_int_equal(foreign_topic_format(device->availability, device->example, device->field,
                                              text, sizeof(text)),
                         0);
    }
}

static void what_makes_no_topic_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *topic;
        const char *field;
        int result;
    } cases[] = {
        {"%d/status", "pump", NULL, -EINVAL},
        {"%d/status", "switch/pump", NULL, -EINVAL},
        {"%d/status", "/switch/pump", NULL, -EINVAL},
        {"cmnd/%t/%f", "plug", NULL, -EINVAL},
        {"%t/set", "", NULL, -EINVAL},
        {"%t/set", "a/+", NULL, -EINVAL},
        {"%t/set", "12345678901", NULL, -ENAMETOOLONG},
        {"%t/set", "12345678901234567890", NULL, -ENAMETOOLONG},
        {"%t/set", "1234567890", NULL, -ENAMETOOLONG}, /* no room for the NUL */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[14] = "";
        assert_int_equal(foreign_topic_format(cases[i].pattern, cases[i].topic, cases[i].field,
                                              text, sizeof(text)),
                         cases[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_become_the_topics_of_each_project),
        cmocka_unit_test(each_project_has_an_example_that_works),
        cmocka_unit_test(what_makes_no_topic_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
