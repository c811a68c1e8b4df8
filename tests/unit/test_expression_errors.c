#include "tests/unit/expression_help.h"

#include <errno.h>

struct row {
    const char *text;
    size_t offset;
    const char *message;
};

static void check_rows(const struct row *rows, size_t count)
{
    struct plant plant = plant_new();
    for (size_t i = 0; i < count; i++) {
        struct expression *expression = NULL;
        struct expression_fault fault = {0};
        if (plant_compile(&plant, rows[i].text, &expression, &fault) != -EINVAL) {
            fail_msg("'%s' is accepted", rows[i].text);
        }
        assert_null(expression);
        if (fault.offset != rows[i].offset || strcmp(fault.text, rows[i].message) != 0) {
            fail_msg("%s: %zu: %s", rows[i].text, fault.offset, fault.text);
        }
    }
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void names_are_checked(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"temprature > 5", 0, "nothing is called 'temprature' - did you mean 'temperature'?"},
        {"true and xyzzy", 9, "nothing is called 'xyzzy'"},
        {"temperature-5 > 3", 0, "nothing is called 'temperature-5' - did you mean 'temperature'?"},
        {"a-5 > 3", 0, "nothing is called 'a-5' - write spaces around a minus"},
        {"humdity changed", 0, "nothing is called 'humdity' - did you mean 'humidity'?"},
        {"temperature > humid + 1", 14, "nothing is called 'humid'"},
    };
    CHECK(rows);
}

static void units_are_checked(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"temperature > 80 %", 14, "this is in %, but what it meets is in °C"},
        {"temperature > humidity", 14, "this is in %, but what it meets is in °C"},
        {"5 bar < temperature", 0, "this is in bar, but what it meets is in °C"},
        {"counter > 5 °C", 10, "this is in °C, but what it meets is in no unit"},
        {"temperature + 5 km > 3", 14, "this is in km, but what it meets is in °C"},
        {"temperature > 5 °C hysteresis 1 %", 31, "this is in %, but what it meets is in °C"},
        {"temperature within 1 bar of 5", 19, "this is in bar, but what it meets is in °C"},
        {"temperature > 5 florps", 14, "no unit is called 'florps'"},
        {"temperature * humidity > 5 °C", 25, "this is in °C, but what it meets is in °C·%"},
        {"temperature between 5 and 7 %", 26, "this is in %, but what it meets is in °C"},
    };
    CHECK(rows);
}

static void words_are_checked_where_they_are_known(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"pump is Runing", 8, "'pump' is never 'Runing' - did you mean 'Running'?"},
        {"pump is not xyz", 12, "'pump' is never 'xyz' - it can be 'Off'"},
        {"pump = ''", 7, "a word has 1 to 31 bytes"},
        {"pump > 3", 0, "'pump' shows words, not numbers"},
        {"pump is 3", 0, "'pump' shows words, not numbers"},
        {"Running is pump", 0, "nothing is called 'Running'"},
    };
    CHECK(rows);
}

static void kinds_do_not_mix(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"door", 0, "say what 'door' shall be, such as 'door is ...'"},
        {"5", 0, "a number is neither true nor false - compare it"},
        {"not 5", 4, "a number is neither true nor false - compare it"},
        {"temperature and true", 0,
         "say what 'temperature' shall be, such as 'temperature is ...'"},
        {"(temperature > 5) + 1 > 2", 1, "a condition is no number"},
        {"true > 5", 0, "a condition is no number"},
        {"(temperature > 5) changed", 1, "only an input changes, rises or falls"},
        {"5 rising", 0, "only an input changes, rises or falls"},
    };
    CHECK(rows);
}

static void grammar_is_checked(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", 0, "something is missing at the end"},
        {"temperature >", 13, "something is missing at the end"},
        {"temperature > 5 and", 19, "something is missing at the end"},
        {"temperature > 5 humidity > 4", 14, "no unit is called 'humidity'"},
        {"temperature > 5 °C humidity > 4", 20,
         "expected 'and', 'or' or the end, found 'humidity'"},
        {"(temperature > 5", 0, "the parenthesis that begins here is not closed"},
        {"temperature > 5)", 15, "expected 'and', 'or' or the end, found ')'"},
        {"temperature > > 5", 14, "expected a name, a number or '(', found '>'"},
        {"door is 'open", 8, "the quotes that begin here are not closed"},
        {"true & true", 5, "this character means nothing here"},
        {"temperature between 5 or 6", 22, "expected 'and' - write between LOW and HIGH"},
        {"temperature within 5", 20, "expected 'of' - write within STEP of VALUE"},
        {"temperature within x of 5", 19, "expected a number, such as '1 °C'"},
        {"temperature > 5 hysteresis -1", 27, "expected a number, such as '1 °C'"},
        {"temperature > 1e999", 14, "no number can be that large"},
        {"and true", 0, "expected a name, a number or '(', found 'and'"},
    };
    CHECK(rows);
}

static void spans_and_times_are_checked(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"true for 5", 9, "expected a duration, such as 90s, 2min or 1h 30min"},
        {"true for ever", 9, "expected a duration, such as 90s, 2min or 1h 30min"},
        {"true for 2min and true", 14,
         "'for' belongs to all before it - put it and that in parentheses"},
        {"between 22:00 or 06:00", 14, "expected 'and' - write between TIME and TIME"},
        {"between 25:00 and 06:00", 8,
         "expected a time of day, such as 22:00, sunrise or sunset + 30min"},
        {"after noon", 6, "expected a time of day, such as 22:00, sunrise or sunset + 30min"},
        {"between sunset + x and 06:00", 17, "expected a duration, such as 90s, 2min or 1h 30min"},
        {"on monday-, tue", 3, "expected days of the week, such as mon-fri or sat, sun"},
        {"on holidays", 3, "expected days of the week, such as mon-fri or sat, sun"},
        {"counter changed within a while", 23,
         "expected a duration, such as 90s, 2min or 1h 30min"},
    };
    CHECK(rows);
}

static void the_sun_needs_a_place(void **state)
{
    (void)state;
    struct plant plant = plant_new();
    struct expression *expression = NULL;
    struct expression_fault fault = {0};
    plant.has_place = false;
    assert_int_equal(plant_compile(&plant, "after sunset", &expression, &fault), -EINVAL);
    assert_int_equal(fault.offset, 6);
    assert_string_equal(fault.text,
                        "the sun needs a place - give time.latitude and time.longitude");
}

static void named_conditions_are_checked_where_they_are_used(void **state)
{
    (void)state;
    struct plant plant = plant_new();
    struct expression *expression = NULL;
    struct expression_fault fault = {0};
    plant.condition = "humidity > 5 °C";
    assert_int_equal(plant_compile(&plant, "true and not night", &expression, &fault), -EINVAL);
    assert_int_equal(fault.offset, 13);
    assert_string_equal(fault.text,
                        "'night' is faulty itself: this is in °C, but what it meets is in %");
    plant.condition = "not night";
    assert_int_equal(plant_compile(&plant, "night", &expression, &fault), -EINVAL);
    assert_non_null(strstr(fault.text, "refers to itself"));
}

static void what_is_endless_is_refused(void **state)
{
    (void)state;
    struct plant plant = plant_new();
    struct expression *expression = NULL;
    struct expression_fault fault = {0};
    static char text[20000];
    memset(text, '(', 400);
    assert_int_equal(plant_compile(&plant, text, &expression, &fault), -EINVAL);
    assert_string_equal(fault.text, "nested too deeply - at most 32 levels are allowed");
    text[0] = '\0';
    for (int i = 0; i < 400; i++) {
        strncat(text, "1 < 2 and ", 11);
    }
    strncat(text, "true", 5);
    assert_int_equal(plant_compile(&plant, text, &expression, &fault), -EINVAL);
    assert_string_equal(fault.text,
                        "this is too long - give parts of it a name under 'conditions'");
}

/* Any bytes: a refusal or a program, never a crash. The sanitizers watch. */
static void any_text_is_harmless(void **state)
{
    (void)state;
    static const char *const words[] = {
        "temperature", "pump",   "night", "and",     "or",      "not",        "is",
        "for",         "within", "of",    "between", "changed", "(",          ")",
        "5 °C",        "22:00",  "'x'",   "+",       "-",       "*",          "/",
        "<",           "=",      "on",    "mon",     "sunset",  "hysteresis", "2min",
        ",",           "after",  "\xC2",  "1e9",     "stale",   "true",       "rising"};
    struct plant plant = plant_new();
    uint64_t state_of_chance = 1;
    size_t compiled = 0;
    for (int i = 0; i < 30000; i++) {
        char text[256] = "";
        size_t length = 0;
        state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
        size_t count = 1 + (size_t)((state_of_chance >> 33) % 9);
        for (size_t n = 0; n < count; n++) {
            state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
            const char *word =
                words[(size_t)(state_of_chance >> 33) % (sizeof(words) / sizeof(words[0]))];
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s ", word);
        }
        struct expression *expression = NULL;
        struct expression_fault fault = {0};
        int r = plant_compile(&plant, text, &expression, &fault);
        assert_true(r == 0 || (r == -EINVAL && fault.text[0] != '\0' && fault.offset <= length));
        if (r == 0) {
            struct expression_slot slots[16] = {0};
            struct expression_view view = {plant.inputs, NULL, 0, EXPRESSION_NO_CLOCK, 0};
            (void)expression_evaluate(expression, slots, &view);
            compiled++;
        }
        expression_free(expression);
    }
    assert_true(compiled > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(units_are_checked),
        cmocka_unit_test(words_are_checked_where_they_are_known),
        cmocka_unit_test(kinds_do_not_mix),
        cmocka_unit_test(grammar_is_checked),
        cmocka_unit_test(spans_and_times_are_checked),
        cmocka_unit_test(the_sun_needs_a_place),
        cmocka_unit_test(named_conditions_are_checked_where_they_are_used),
        cmocka_unit_test(what_is_endless_is_refused),
        cmocka_unit_test(any_text_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
