#include "edge-gateway/publish/discovery_signal.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/dbc_text.h"

#include <stdlib.h>
#include <string.h>

static const char text[] = "VERSION \"\"\n"
                           "BU_: ECU\n"
                           "BO_ 1 M: 8 ECU\n"
                           " SG_ Temp : 0|16@1- (0.03125,-273) [-273|1735] \"degC\" ECU\n"
                           " SG_ Torque : 16|16@1- (0.5,0) [0|0] \"N.m\" ECU\n"
                           " SG_ Gear : 32|8@1+ (1,0) [0|255] \"\" ECU\n"
                           " SG_ Lamp : 40|2@1+ (1,0) [0|3] \"\" ECU\n"
                           " SG_ Bit : 42|1@1+ (1,0) [0|1] \"\" ECU\n"
                           " SG_ Level : 48|8@1+ (0.4,0) [0|100] \"%\" ECU\n"
                           " SG_ Checksum : 56|8@1+ (1,0) [0|255] \"\" ECU\n"
                           "BO_ 2 N: 8 ECU\n"
                           " SG_ Real : 0|32@1- (1,0) [0|0] \"V\" ECU\n"
                           " SG_ Store : 32|16@1+ (0.1,0) [0|0] \"kWh\" ECU\n"
                           " SG_ Humidity : 48|8@1+ (0.5,0) [0|100] \"%\" ECU\n"
                           "CM_ SG_ 1 Torque \"Shaft torque\";\n"
                           "VAL_ 1 Gear 0 \"P\" 1 \"R\" 2 \"N \" 255 \"SNA\" ;\n"
                           "VAL_ 1 Lamp 0 \"Off\" 1 \"On\" 2 \"Error\" 3 \"SNA\" ;\n"
                           "VAL_ 1 Level 255 \"SNA\" ;\n"
                           "SIG_VALTYPE_ 2 Real : 1;\n";

struct fixture {
    struct dbc_text dbc;
    struct discovery_signal signal;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    dbc_text_init(&f->dbc, text);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    dbc_text_deinit(&f->dbc);
    free(f);
    return 0;
}

static const struct discovery_entity *describe(struct fixture *f, const char *message,
                                               const char *signal,
                                               const struct discovery_wish *wish)
{
    const struct discovery_signal_options options = {
        .message = dbc_find_by_name(f->dbc.db, message),
        .signal = dbc_text_signal(&f->dbc, message, signal),
        .device_name = "Engine",
        .wish = wish,
    };
    assert_int_equal(discovery_signal(&options, &f->signal), 0);
    return &f->signal.entity;
}

static void a_unit_gives_the_class_and_the_factor_the_decimals(void **state)
{
    const struct discovery_entity *e = describe(*state, "M", "Temp", NULL);
    assert_int_equal(e->platform, DISCOVERY_SENSOR);
    assert_string_equal(e->device_class, "temperature");
    assert_string_equal(e->unit, "°C");
    assert_string_equal(e->state_class, "measurement");
    assert_int_equal(*e->precision, 2);
    assert_string_equal(e->value_template, "{{ value_json.signals.get('Temp', '') }}");
}

static void a_unit_without_a_class_stays(void **state)
{
    const struct discovery_entity *e = describe(*state, "M", "Torque", NULL);
    assert_string_equal(e->unit, "Nm");
    assert_null(e->device_class);
    assert_string_equal(e->name, "Shaft torque");
    assert_int_equal(*e->precision, 1);
}

static void a_value_table_is_an_enum_without_what_is_not_available(void **state)
{
    const struct discovery_entity *e = describe(*state, "M", "Gear", NULL);
    assert_string_equal(e->device_class, "enum");
    assert_int_equal(e->options.count, 3);
    assert_string_equal(e->options.texts[2], "N");
    assert_null(e->state_class);
    assert_null(e->precision);
}

static void on_and_off_are_a_binary_sensor(void **state)
{
    const struct discovery_entity *e = describe(*state, "M", "Lamp", NULL);
    assert_int_equal(e->platform, DISCOVERY_BINARY_SENSOR);
    assert_string_equal(e->payload_on, "On");
    assert_string_equal(e->payload_off, "Off");
    e = describe(*state, "M", "Bit", NULL);
    assert_int_equal(e->platform, DISCOVERY_BINARY_SENSOR);
    assert_string_equal(e->payload_on, "1");
}

/* A word among numbers must not reach a sensor that wants numbers. */
static void a_number_with_a_word_for_no_value_stays_a_number(void **state)
{
    const struct discovery_entity *e = describe(*state, "M", "Level", NULL);
    assert_string_equal(e->unit, "%");
    assert_null(e->device_class);
    assert_non_null(strstr(e->value_template, "is number"));
}

static void words_in_the_name_say_what_a_percentage_is(void **state)
{
    assert_string_equal(describe(*state, "N", "Humidity", NULL)->device_class, "humidity");
}

static void energy_counts_up(void **state)
{
    assert_string_equal(describe(*state, "N", "Store", NULL)->state_class, "total_increasing");
}

static void a_float_has_no_decimals_to_tell(void **state)
{
    assert_null(describe(*state, "N", "Real", NULL)->precision);
}

static void housekeeping_is_hidden(void **state)
{
    const struct discovery_entity *e = describe(*state, "M", "Checksum", NULL);
    assert_true(e->is_disabled);
    assert_int_equal(e->category, DISCOVERY_DIAGNOSTIC);
}

static void a_wish_goes_before_all_that(void **state)
{
    const struct discovery_wish wish = {.name = "Engine load",
                                        .icon = "mdi:engine",
                                        .unit = "%",
                                        .device_class = "battery",
                                        .is_diagnostic = true};
    const struct discovery_entity *e = describe(*state, "M", "Torque", &wish);
    assert_string_equal(e->name, "Load");
    assert_string_equal(e->icon, "mdi:engine");
    assert_string_equal(e->unit, "%");
    assert_string_equal(e->device_class, "battery");
    assert_int_equal(e->category, DISCOVERY_DIAGNOSTIC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_unit_gives_the_class_and_the_factor_the_decimals),
        TEST(a_unit_without_a_class_stays),
        TEST(a_value_table_is_an_enum_without_what_is_not_available),
        TEST(on_and_off_are_a_binary_sensor),
        TEST(a_number_with_a_word_for_no_value_stays_a_number),
        TEST(words_in_the_name_say_what_a_percentage_is),
        TEST(energy_counts_up),
        TEST(a_float_has_no_decimals_to_tell),
        TEST(housekeeping_is_hidden),
        TEST(a_wish_goes_before_all_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
