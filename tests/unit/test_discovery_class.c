#include "topics/discovery_class.h"

#include "tests/unit/cmocka_all.h"

#include <stddef.h>

static void units_are_spelt_as_home_assistant_does(void **state)
{
    static const struct {
        const char *written;
        const char *text;
        enum discovery_class device_class;
    } cases[] = {
        {"degC", "°C", DISCOVERY_CLASS_TEMPERATURE},
        {" °C ", "°C", DISCOVERY_CLASS_TEMPERATURE},
        {"µA", "μA", DISCOVERY_CLASS_CURRENT},
        {"l/min", "L/min", DISCOVERY_CLASS_VOLUME_FLOW_RATE},
        {"mi/h", "mph", DISCOVERY_CLASS_SPEED},
        {"m3", "m³", DISCOVERY_CLASS_VOLUME_STORAGE},
        {"Watt", "W", DISCOVERY_CLASS_POWER},
        {"mW", "mW", DISCOVERY_CLASS_POWER},
        {"MW", "MW", DISCOVERY_CLASS_POWER},
        {"1/min", "rpm", DISCOVERY_CLASS_NONE},
        {"%", "%", DISCOVERY_CLASS_NONE},
        {"furlong", "furlong", DISCOVERY_CLASS_NONE},
        {"", NULL, DISCOVERY_CLASS_NONE},
        {"-", NULL, DISCOVERY_CLASS_NONE},
        {NULL, NULL, DISCOVERY_CLASS_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct discovery_unit unit = discovery_unit(cases[i].written);
        assert_int_equal(unit.device_class, cases[i].device_class);
        if (cases[i].text == NULL) {
            assert_null(unit.text);
        } else {
            assert_string_equal(unit.text, cases[i].text);
        }
        assert_true(discovery_class_takes_unit(unit.device_class, unit.text));
    }
}

static void each_class_has_a_name_and_takes_its_usual_state(void **state)
{
    (void)state;
    for (int i = 0; i < DISCOVERY_CLASS_COUNT; i++) {
        enum discovery_class device_class = (enum discovery_class)i;
        enum discovery_class found;
        const char *text = discovery_class_text(device_class);
        assert_true(discovery_class_from_text(text != NULL ? text : "none", &found));
        assert_int_equal(found, device_class);
        assert_true(discovery_class_takes_state(device_class, discovery_class_state(device_class)));
    }
}

static void classes_take_only_what_belongs_to_them(void **state)
{
    (void)state;
    assert_true(discovery_class_takes_unit(DISCOVERY_CLASS_TEMPERATURE, "K"));
    assert_false(discovery_class_takes_unit(DISCOVERY_CLASS_TEMPERATURE, "C"));
    assert_false(discovery_class_takes_unit(DISCOVERY_CLASS_TEMPERATURE, NULL));
    assert_false(discovery_class_takes_unit(DISCOVERY_CLASS_ENUM, "V"));
    assert_true(discovery_class_takes_unit(DISCOVERY_CLASS_PH, NULL));
    assert_true(discovery_class_takes_unit(DISCOVERY_CLASS_NONE, "furlong"));
    assert_false(discovery_class_takes_state(DISCOVERY_CLASS_ENERGY, DISCOVERY_STATE_MEASUREMENT));
    assert_false(discovery_class_takes_state(DISCOVERY_CLASS_ENUM, DISCOVERY_STATE_MEASUREMENT));
    assert_true(discovery_class_takes_state(DISCOVERY_CLASS_ENUM, DISCOVERY_STATE_NONE));
    assert_true(discovery_binary_class_is_known("door"));
    assert_false(discovery_binary_class_is_known("temperature"));
}

static void words_that_are_none_are_refused(void **state)
{
    enum discovery_class device_class;
    enum discovery_state state_class;
    (void)state;
    assert_false(discovery_class_from_text("warmth", &device_class));
    assert_false(discovery_state_from_text("sum", &state_class));
    assert_true(discovery_state_from_text("none", &state_class));
    assert_int_equal(state_class, DISCOVERY_STATE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_spelt_as_home_assistant_does),
        cmocka_unit_test(each_class_has_a_name_and_takes_its_usual_state),
        cmocka_unit_test(classes_take_only_what_belongs_to_them),
        cmocka_unit_test(words_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
