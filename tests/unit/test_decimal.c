#include "edge-gateway/dbc/decimal.h"
#include "edge-gateway/dbc/decimal_integer.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/int128_power.h"
#include "tests/unit/seed.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void texts_are_parsed_to_a_normalised_decimal(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long long mantissa;
        int exponent;
    } cases[] = {
        {"0", 0, 0},    {"-0.000", 0, 0},        {"1", 1, 0},      {"+7", 7, 0},
        {"1.0", 1, 0},  {"0.01", 1, -2},         {".25", 25, -2},  {"5.", 5, 0},
        {"1000", 1, 3}, {"1E10", 1, 10},         {"1e+3", 1, 3},   {"-1e-3", -1, -3},
        {"1.e2", 1, 2}, {"-273.15", -27315, -2}, {"0E-009", 0, 0}, {"1E-05", 1, -5},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct decimal d = decimal_of(99, 99);
        assert_int_equal(decimal_parse(cases[i].text, strlen(cases[i].text), &d), 0);
        if (int128_compare(d.mantissa, int128_of(cases[i].mantissa)) != 0 ||
            d.exponent != cases[i].exponent) {
            fail_msg("%s: %lld e %d", cases[i].text, (long long)d.mantissa.low, d.exponent);
        }
    }
}

static void more_than_64_bits_of_digits_are_kept(void **state)
{
    (void)state;
    struct decimal d;
    assert_int_equal(decimal_parse("18446744073709551616.001", 24, &d), 0);
    assert_int_equal(d.mantissa.high, 1000);
    assert_int_equal(d.mantissa.low, 1);
    assert_int_equal(d.exponent, -3);
}

static void what_is_no_number_is_refused_and_the_result_untouched(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "-",   ".",   "e5",  "1e",  "1e+", "1 ",
                                        " 1", "0x1", "1,5", "--1", "nan", "inf", "1.2.3"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct decimal d = decimal_of(42, 7);
        assert_int_equal(decimal_parse(texts[i], strlen(texts[i]), &d), -EINVAL);
        assert_true(d.mantissa.low == 42 && d.exponent == 7);
    }
}

static void an_exponent_beyond_the_limit_is_out_of_range(void **state)
{
    (void)state;
    struct decimal d;
    assert_int_equal(decimal_parse("1e401", 5, &d), -ERANGE);
    assert_int_equal(decimal_parse("1e-99999999999", 14, &d), -ERANGE);
    assert_int_equal(decimal_parse("0e99999", 7, &d), 0);
}

static void digits_beyond_the_37th_are_dropped_but_count(void **state)
{
    (void)state;
    const char *text = "12345678901234567890123456789012345678901234567890";
    struct decimal d;
    assert_int_equal(decimal_parse(text, strlen(text), &d), 0);
    assert_true(fabs(decimal_to_double(&d) - 1.2345678901234567e49) < 1e34);
}

static void rescaling_is_exact_or_refused(void **state)
{
    (void)state;
    struct decimal d = decimal_of(2157, -2);
    int64_t scaled = 0;
    struct int128 wide = int128_of(7);
    assert_true(decimal_to_i64(&d, -4, &scaled));
    assert_int_equal(scaled, 215700);
    assert_false(decimal_to_i64(&d, -1, &scaled));
    assert_int_equal(scaled, 215700);
    d = decimal_of(1, 30);
    assert_false(decimal_rescale(&d, -10, &wide));
    d = decimal_of(1, 400);
    assert_false(decimal_rescale(&d, 0, &wide));
    assert_int_equal(wide.low, 7);
    d = decimal_of(0, 0);
    assert_true(decimal_to_i64(&d, -400, &scaled));
    assert_int_equal(scaled, 0);
}

static void sixty_four_bits_are_taken_and_no_more(void **state)
{
    (void)state;
    struct decimal d = {int128_of_unsigned(UINT64_MAX), 0};
    int64_t number = 3;
    uint64_t large = 0;
    assert_false(decimal_to_i64(&d, 0, &number));
    assert_int_equal(number, 3);
    assert_true(decimal_to_u64(&d, 0, &large));
    assert_true(large == UINT64_MAX);
    d = decimal_of(-1, 0);
    assert_false(decimal_to_u64(&d, 0, &large));
    assert_true(large == UINT64_MAX);
    d = (struct decimal){power_of_two(64), 0};
    assert_false(decimal_to_u64(&d, 0, &large));
}

static void decimals_print_without_trailing_zeros(void **state)
{
    (void)state;
    static const struct {
        long long mantissa;
        int exponent;
        const char *text;
    } cases[] = {
        {0, 0, "0"},
        {0, -5, "0"},
        {2157, -2, "21.57"},
        {2150, -2, "21.5"},
        {2100, -2, "21"},
        {-5, -3, "-0.005"},
        {5, -1, "0.5"},
        {-100, -2, "-1"},
        {7, 3, "7000"},
        {1, 39, "1000000000000000000000000000000000000000"},
        {1, 40, "1e40"},
        {-12, 100, "-12e100"},
        {3, -41, "3e-41"},
        {30, -41, "0.0000000000000000000000000000000000000003"},
        {INT64_MIN, 0, "-9223372036854775808"},
        {INT64_MAX, -18, "9.223372036854775807"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char wide[DECIMAL_TEXT_MAX];
        char narrow[DECIMAL_TEXT_MAX];
        size_t length = decimal_format(int128_of(cases[i].mantissa), cases[i].exponent, wide);
        assert_string_equal(wide, cases[i].text);
        assert_int_equal(length, strlen(wide));
        (void)decimal_format_i64(cases[i].mantissa, cases[i].exponent, narrow);
        assert_string_equal(narrow, cases[i].text);
    }
}

/* Schoolbook: digits by repeated division, the point by hand. */
static void reference_text(struct int128 mantissa, int decimals, char *text)
{
    char reversed[64];
    size_t count = 0;
    bool negative = int128_is_negative(mantissa);
    while (!int128_is_zero(mantissa) || (int)count <= decimals) {
        struct int128 digit;
        int128_divide(mantissa, int128_of(10), &mantissa, &digit);
        digit = negative ? int128_negate(digit) : digit;
        reversed[count++] = (char)('0' + digit.low);
    }
    size_t used = 0;
    if (negative) {
        text[used++] = '-';
    }
    while (count > 0) {
        if ((int)count == decimals) {
            text[used++] = '.';
        }
        text[used++] = reversed[--count];
    }
    while (decimals > 0 && text[used - 1] == '0') {
        used--;
    }
    used -= text[used - 1] == '.' ? 1 : 0;
    text[used] = '\0';
}

static uint64_t random_u64(void)
{
    return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ (uint64_t)random();
}

static void random_numbers_print_as_by_hand(void **state)
{
    (void)state;
    srandom(test_seed());
    for (int i = 0; i < 200000; i++) {
        struct int128 mantissa = {random_u64(), (int64_t)(random_u64() >> 2)};
        struct int128 rest;
        struct int128 shift = power_of_two((unsigned)random() % 125);
        int128_divide(mantissa, shift, &mantissa, &rest);
        mantissa = random() % 2 ? int128_negate(mantissa) : mantissa;
        int decimals = (int)(random() % 38);
        char text[DECIMAL_TEXT_MAX];
        char expected[DECIMAL_TEXT_MAX];
        (void)decimal_format(mantissa, -decimals, text);
        reference_text(mantissa, decimals, expected);
        assert_string_equal(text, expected);
        struct decimal back;
        if (int128_compare(mantissa, power_of_two(120)) < 0 &&
            int128_compare(mantissa, int128_negate(power_of_two(120))) > 0) {
            struct int128 same;
            assert_int_equal(decimal_parse(text, strlen(text), &back), 0);
            assert_true(decimal_rescale(&back, -decimals, &same));
            assert_int_equal(int128_compare(same, mantissa), 0);
        }
    }
}

static void unsigned_numbers_print_to_64_bits(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0, 9, 10, 99, 100, 101, 999999999999999999u, UINT64_MAX};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char text[DECIMAL_TEXT_MAX];
        char expected[32];
        (void)snprintf(expected, sizeof(expected), "%" PRIu64, numbers[i]);
        assert_int_equal(decimal_format_u64(numbers[i], text), strlen(expected));
        assert_string_equal(text, expected);
    }
}

static void doubles_print_the_shortest_text_that_reads_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {21.57, "21.57"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1e22, "1e+22"},
                 {-40, "-40"},
                 {5e-324, "4.94065645841247e-324"},
                 {123456789, "123456789"}};
    char text[DECIMAL_TEXT_MAX];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(decimal_format_double(cases[i].value, text) > 0);
        assert_true(strtod(text, NULL) == cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
}

static void random_doubles_and_floats_round_trip(void **state)
{
    (void)state;
    unsigned seed = (unsigned)time(NULL) + 1;
    print_message("seed %u\n", seed);
    srandom(seed);
    for (int i = 0; i < 100000; i++) {
        char text[DECIMAL_TEXT_MAX];
        uint64_t bits = random_u64() ^ random_u64() << 32;
        double value;
        memcpy(&value, &bits, sizeof(value));
        size_t length = decimal_format_double(value, text);
        assert_int_equal(length > 0, isfinite(value));
        assert_true(length == 0 || strtod(text, NULL) == value);
        uint32_t half = (uint32_t)bits;
        float single;
        memcpy(&single, &half, sizeof(single));
        length = decimal_format_float(single, text);
        assert_int_equal(length > 0, isfinite(single));
        assert_true(length == 0 || strtof(text, NULL) == single);
    }
}

static void floats_print_fewer_digits_than_their_double(void **state)
{
    (void)state;
    char text[DECIMAL_TEXT_MAX];
    (void)decimal_format_float(0.1f, text);
    assert_string_equal(text, "0.1");
    (void)decimal_format_float(16777216.0f, text);
    assert_string_equal(text, "16777216");
    assert_int_equal(decimal_format_float((float)INFINITY, text), 0);
}

static void a_decimal_becomes_the_nearest_double(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0.1",   "1e23", "-273.15", "9007199254740993", "1e-30", "123456789012345678901234567890",
        "1e-400"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct decimal d;
        assert_int_equal(decimal_parse(texts[i], strlen(texts[i]), &d), 0);
        assert_true(decimal_to_double(&d) == strtod(texts[i], NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_parsed_to_a_normalised_decimal),
        cmocka_unit_test(more_than_64_bits_of_digits_are_kept),
        cmocka_unit_test(what_is_no_number_is_refused_and_the_result_untouched),
        cmocka_unit_test(an_exponent_beyond_the_limit_is_out_of_range),
        cmocka_unit_test(digits_beyond_the_37th_are_dropped_but_count),
        cmocka_unit_test(rescaling_is_exact_or_refused),
        cmocka_unit_test(sixty_four_bits_are_taken_and_no_more),
        cmocka_unit_test(decimals_print_without_trailing_zeros),
        cmocka_unit_test(random_numbers_print_as_by_hand),
        cmocka_unit_test(unsigned_numbers_print_to_64_bits),
        cmocka_unit_test(doubles_print_the_shortest_text_that_reads_back),
        cmocka_unit_test(random_doubles_and_floats_round_trip),
        cmocka_unit_test(floats_print_fewer_digits_than_their_double),
        cmocka_unit_test(a_decimal_becomes_the_nearest_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
