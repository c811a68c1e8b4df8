/* Numbers of 128 bits against the compiler's own, where it has them, and by hand everywhere. */
#include "edge-gateway/dbc/int128.h"
#include "edge-gateway/dbc/int128_double.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/int128_power.h"
#include "tests/unit/seed.h"

#include <math.h>
#include <stdlib.h>

static const struct int128 largest = {UINT64_MAX, INT64_MAX};
static const struct int128 lowest = {0, INT64_MIN};

static void assert_same(struct int128 a, struct int128 b)
{
    assert_int_equal(int128_compare(a, b), 0);
    assert_int_equal(a.high, b.high);
    assert_true(a.low == b.low);
}

static void a_result_that_does_not_fit_is_refused_and_leaves_the_other(void **state)
{
    struct int128 kept = int128_of(7);
    (void)state;
    assert_false(int128_add(largest, int128_of(1), &kept));
    assert_false(int128_add(lowest, int128_of(-1), &kept));
    assert_false(int128_subtract(lowest, int128_of(1), &kept));
    assert_false(int128_subtract(int128_of(0), lowest, &kept));
    assert_false(int128_multiply(largest, int128_of(2), &kept));
    assert_false(int128_multiply(lowest, int128_of(-1), &kept));
    assert_false(int128_multiply(power_of_two(64), power_of_two(63), &kept));
    assert_same(kept, int128_of(7));
}

static void the_lowest_number_is_reached(void **state)
{
    struct int128 product;
    (void)state;
    assert_true(int128_multiply(power_of_two(64), int128_of(INT64_MIN), &product));
    assert_same(product, lowest);
    assert_same(int128_negate(lowest), lowest);
    assert_true(int128_multiply(lowest, int128_of(1), &product));
    assert_same(product, lowest);
}

static void sixty_four_bits_fit_and_no_more(void **state)
{
    int64_t value = 5;
    (void)state;
    assert_true(int128_to_i64(int128_of(INT64_MIN), &value));
    assert_int_equal(value, INT64_MIN);
    assert_true(int128_to_i64(int128_of(INT64_MAX), &value));
    assert_false(int128_to_i64(int128_of_unsigned(UINT64_C(1) << 63), &value));
    assert_false(int128_to_i64(lowest, &value));
    assert_int_equal(value, INT64_MAX);
}

static void doubles_come_and_go(void **state)
{
    static const double values[] = {0, 1, -1, 0.9, -0.9, 9007199254740993.0, 1e30, -1e30, 1.7e38};
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        assert_true(int128_to_double(int128_of_double(values[i])) == trunc(values[i]));
    }
    assert_true(int128_to_double(lowest) == -ldexp(1, 127));
}

/* Numbers of all lengths, and those beside powers of two. */
static struct int128 random_number(void)
{
    struct int128 a = {(uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ (uint64_t)random(),
                       (int64_t)((uint64_t)random() << 33 ^ (uint64_t)random() << 10)};
    unsigned bits = (unsigned)random() % 127;
    struct int128 low = power_of_two(bits);
    struct int128 rest;
    int128_divide(a, low, &rest, &a);
    return random() % 8 == 0 ? low : random() % 2 != 0 ? int128_negate(a) : a;
}

static void quotient_and_remainder_make_the_number_again(void **state)
{
    (void)state;
    srandom(test_seed());
    for (int i = 0; i < 30000; i++) {
        struct int128 a = random_number();
        struct int128 b = random_number();
        struct int128 quotient;
        struct int128 rest;
        struct int128 back;
        if (int128_is_zero(b)) {
            continue;
        }
        int128_divide(a, b, &quotient, &rest);
        assert_true(int128_multiply(quotient, b, &back));
        assert_true(int128_add(back, rest, &back));
        assert_same(back, a);
        assert_true(int128_is_zero(rest) || int128_is_negative(rest) == int128_is_negative(a));
        assert_true(int128_compare(int128_is_negative(rest) ? int128_negate(rest) : rest,
                                   int128_is_negative(b) ? int128_negate(b) : b) < 0);
    }
}

#ifdef __SIZEOF_INT128__
static __int128 native(struct int128 a)
{
    return (__int128)((unsigned __int128)(uint64_t)a.high << 64 | a.low);
}

static void assert_native(bool fits, struct int128 a, bool overflow, __int128 expected)
{
    assert_int_equal(fits, !overflow);
    assert_true(!fits || native(a) == expected);
}

static void it_computes_what_the_compiler_does(void **state)
{
    (void)state;
    srandom(test_seed());
    for (int i = 0; i < 60000; i++) {
        struct int128 a = random_number();
        struct int128 b = random_number();
        struct int128 r = {0, 0};
        struct int128 rest;
        __int128 expected;
        bool overflow = __builtin_add_overflow(native(a), native(b), &expected);
        bool fits = int128_add(a, b, &r);
        assert_native(fits, r, overflow, expected);
        overflow = __builtin_sub_overflow(native(a), native(b), &expected);
        fits = int128_subtract(a, b, &r);
        assert_native(fits, r, overflow, expected);
        overflow = __builtin_mul_overflow(native(a), native(b), &expected);
        fits = int128_multiply(a, b, &r);
        assert_native(fits, r, overflow, expected);
        assert_int_equal(int128_compare(a, b), (native(a) > native(b)) - (native(a) < native(b)));
        if (!int128_is_zero(b)) {
            int128_divide(a, b, &r, &rest);
            assert_true(native(r) == native(a) / native(b));
            assert_true(native(rest) == native(a) % native(b));
        }
        uint32_t small = (uint32_t)random() | 1;
        r = a;
        assert_int_equal(int128_divide_unsigned(&r, small),
                         (uint32_t)((unsigned __int128)native(a) % small));
        assert_true((unsigned __int128)native(r) == (unsigned __int128)native(a) / small);
        assert_true(fabs(int128_to_double(a) - (double)native(a)) <=
                    fabs((double)native(a)) * 1e-15);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_that_does_not_fit_is_refused_and_leaves_the_other),
        cmocka_unit_test(the_lowest_number_is_reached),
        cmocka_unit_test(sixty_four_bits_fit_and_no_more),
        cmocka_unit_test(doubles_come_and_go),
        cmocka_unit_test(quotient_and_remainder_make_the_number_again),
#ifdef __SIZEOF_INT128__
        cmocka_unit_test(it_computes_what_the_compiler_does),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
