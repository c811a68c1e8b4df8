#include "common/quantity.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UNTOUCHED    777

struct whole_case {
    const char *text;
    int result;
    int64_t value;
};

static void durations_are_exact_microseconds(void **state)
{
    (void)state;
    static const struct whole_case cases[] = {
        {"250ms", 0, 250000},
        {"5s", 0, 5000000},
        {"1.5 min", 0, 90000000},
        {"2h", 0, 7200000000},
        {"1d", 0, 86400000000},
        {"7us", 0, 7},
        {"7µs", 0, 7},
        {"0", 0, 0},
        {" 0.1 s ", 0, 100000},
        {".5s", 0, 500000},
        {"5.s", 0, 5000000},
        {"1.000000000000000000000000 h", 0, 3600000000},
        {"1h 30min", 0, 5400000000},
        {"1h30min", 0, 5400000000},
        {"-30 min", 0, -1800000000},
        {"+30 min", 0, 1800000000},
        {"0.0000001s", -ERANGE, UNTOUCHED},
        {"9223372036854775807us", 0, INT64_MAX},
        {"9223372036854775808us", -ERANGE, UNTOUCHED},
        {"300000 d 300000000 d", -ERANGE, UNTOUCHED},
        {"99999999999999999999999999h", -ERANGE, UNTOUCHED},
        {"5", -EINVAL, UNTOUCHED},
        {"5 parsecs", -EINVAL, UNTOUCHED},
        {"5 m", -EINVAL, UNTOUCHED},
        {"s", -EINVAL, UNTOUCHED},
        {"", -EINVAL, UNTOUCHED},
        {"1,5s", -EINVAL, UNTOUCHED},
        {"1e3s", -EINVAL, UNTOUCHED},
        {"5s!", -EINVAL, UNTOUCHED},
        {"1h -5min", -EINVAL, UNTOUCHED},
        {".s", -EINVAL, UNTOUCHED},
        {"--5s", -EINVAL, UNTOUCHED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t us = UNTOUCHED;
        assert_int_equal(quantity_parse_duration(cases[i].text, &us), cases[i].result);
        assert_true(us == cases[i].value);
    }
}

static void sizes_are_exact_bytes(void **state)
{
    (void)state;
    static const struct whole_case cases[] = {
        {"64MB", 0, 64000000},
        {"64MiB", 0, 67108864},
        {"64 MiB", 0, 67108864},
        {"1.5GiB", 0, 1610612736},
        {"4096", 0, 4096},
        {"10B", 0, 10},
        {"10kB", 0, 10000},
        {"8EiB", -EINVAL, UNTOUCHED},
        {"0.5B", -ERANGE, UNTOUCHED},
        {"9999999TiB", -ERANGE, UNTOUCHED},
        {"-1", -EINVAL, UNTOUCHED},
        {"64MB 1B", -EINVAL, UNTOUCHED},
        {"64mb", -EINVAL, UNTOUCHED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t bytes = UNTOUCHED;
        assert_int_equal(quantity_parse_bytes(cases[i].text, &bytes), cases[i].result);
        assert_true(bytes == cases[i].value);
    }
}

static void a_quantity_is_a_number_and_a_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int result;
        double value;
        const char *unit;
    } cases[] = {
        {"0.2 °C", 0, 0.2, "°C"},
        {"0.2°C", 0, 0.2, "°C"},
        {"5%", 0, 5, "%"},
        {" -3.5e2 kW ", 0, -350, "kW"},
        {"12", 0, 12, ""},
        {"1000 1/min", 0, 1000, "1/min"},
        {"3 Degrees CW", 0, 3, "Degrees CW"},
        {"2 eV", 0, 2, "eV"},
        {"2e", 0, 2, "e"},
        {"°C", -EINVAL, UNTOUCHED, "x"},
        {"", -EINVAL, UNTOUCHED, "x"},
        {"1,5 V", -EINVAL, UNTOUCHED, "x"},
        {"12:30", -EINVAL, UNTOUCHED, "x"},
        {"5-6 V", -EINVAL, UNTOUCHED, "x"},
        {"1 000", -EINVAL, UNTOUCHED, "x"},
        {"1.2.3", -EINVAL, UNTOUCHED, "x"},
        {"1e999 V", -ERANGE, UNTOUCHED, "x"},
        {"1 V\tA", -EINVAL, UNTOUCHED, "x"},
        {"1 aaaaaaaaaaaaaaaaaaaaaaa", 0, 1, "aaaaaaaaaaaaaaaaaaaaaaa"},
        {"1 aaaaaaaaaaaaaaaaaaaaaaaa", -EINVAL, UNTOUCHED, "x"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct quantity q = {UNTOUCHED, "x"};
        assert_int_equal(quantity_parse(cases[i].text, &q), cases[i].result);
        assert_true(q.value == cases[i].value);
        assert_string_equal(q.unit, cases[i].unit);
    }
}

static void durations_print_in_the_largest_whole_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "0s"},           {250000, "250ms"},   {5000000, "5s"}, {90000000, "90s"},
        {120000000, "2min"}, {7200000000, "2h"},  {1, "1us"},      {-1800000000, "-30min"},
        {1500, "1500us"},    {86400000000, "1d"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out, 64);
        quantity_format_duration(cases[i].us, &out);
        assert_string_equal(out.data, cases[i].text);
        int64_t again;
        assert_int_equal(quantity_parse_duration(out.data, &again), 0);
        assert_true(again == cases[i].us);
        buf_deinit(&out);
    }
}

static void sizes_print_in_the_largest_whole_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t bytes;
        const char *text;
    } cases[] = {{0, "0B"}, {67108864, "64MiB"}, {64000000, "62500KiB"}, {1001, "1001B"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out, 64);
        quantity_format_bytes(cases[i].bytes, &out);
        assert_string_equal(out.data, cases[i].text);
        buf_deinit(&out);
    }
}

static void numbers_print_as_short_as_possible(void **state)
{
    (void)state;
    static const struct {
        struct quantity q;
        const char *text;
    } cases[] = {
        {{0.1, ""}, "0.1"},
        {{21.57, "°C"}, "21.57 °C"},
        {{0.1 + 0.2, ""}, "0.30000000000000004"},
        {{-1e300, "V"}, "-1e+300 V"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out, 64);
        quantity_format(&cases[i].q, &out);
        assert_string_equal(out.data, cases[i].text);
        buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_exact_microseconds),
        cmocka_unit_test(sizes_are_exact_bytes),
        cmocka_unit_test(a_quantity_is_a_number_and_a_unit),
        cmocka_unit_test(durations_print_in_the_largest_whole_unit),
        cmocka_unit_test(sizes_print_in_the_largest_whole_unit),
        cmocka_unit_test(numbers_print_as_short_as_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
