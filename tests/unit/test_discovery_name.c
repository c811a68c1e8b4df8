#include "topics/discovery_name.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static void names_read_like_words(void **state)
{
    static const struct {
        const char *identifier;
        const char *name;
    } cases[] = {
        {"AirTemperature", "Air temperature"},
        {"air_temperature", "Air temperature"},
        {"ENGINE_SPEED", "Engine speed"},
        {"airTemperature", "Air temperature"},
        {"CO2", "CO2"},
        {"RoomCO2Level", "Room CO2 level"},
        {"MotorRPM", "Motor RPM"},
        {"RPM", "RPM"},
        {"CANBusLoad", "CAN bus load"},
        {"ABS_ACTIVE", "ABS active"},
        {"Probe1", "Probe 1"},
        {"Temp2Sensor", "Temp 2 sensor"},
        {"DoorAOpen", "Door A open"},
        {"water-level", "Water level"},
        {"tür_offen", "Tür offen"},
        {"x", "X"},
        {"__", "__"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[DISCOVERY_NAME_SIZE];
        discovery_name(cases[i].identifier, name, sizeof(name));
        assert_string_equal(name, cases[i].name);
    }
}

static void what_does_not_fit_is_left_out_word_by_word(void **state)
{
    char name[16];
    (void)state;
    discovery_name("OneTwoThreeFourFive", name, sizeof(name));
    assert_string_equal(name, "One two three");
}

static void a_comment_is_a_name_or_a_sentence(void **state)
{
    (void)state;
    assert_true(discovery_comment_is_name("Coolant temperature"));
    assert_false(discovery_comment_is_name("Coolant"));
    assert_false(discovery_comment_is_name("Air, at the height of the plants."));
    assert_false(discovery_comment_is_name("0 is closed"));
    assert_false(discovery_comment_is_name("two\nlines of text"));
    assert_false(discovery_comment_is_name(""));
    assert_false(discovery_comment_is_name("Much too long to be the name of anything at all"));
}

static void the_name_of_the_device_is_not_repeated(void **state)
{
    char level[] = "Tank level";
    char tank[] = "Tank";
    char tankard[] = "Tankard level";
    (void)state;
    assert_string_equal(discovery_name_within(level, "Tank"), "Level");
    assert_string_equal(discovery_name_within(tank, "Tank"), "Tank");
    assert_string_equal(discovery_name_within(tankard, "Tank"), "Tankard level");
    assert_string_equal(discovery_name_within(tankard, ""), "Tankard level");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_read_like_words),
        cmocka_unit_test(what_does_not_fit_is_left_out_word_by_word),
        cmocka_unit_test(a_comment_is_a_name_or_a_sentence),
        cmocka_unit_test(the_name_of_the_device_is_not_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
