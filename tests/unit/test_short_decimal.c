#include "edge-gateway/dbc/short_decimal.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT 100000000u

static const uint32_t powers[SHORT_DECIMAL_DECIMALS_MAX + 1] = {1,     10,     100,     1000,
                                                                10000, 100000, 1000000, 10000000};

/* By printf(), zeros and a bare point cut off by hand. */
static void reference(uint32_t number, unsigned decimals, char *text, size_t size)
{
    if (decimals == 0) {
        (void)snprintf(text, size, "%u", number);
        return;
    }
    int length = snprintf(text, size, "%u.%0*u", number / powers[decimals], (int)decimals,
                          number % powers[decimals]);
    while (text[length - 1] == '0') {
        text[--length] = '\0';
    }
    if (text[length - 1] == '.') {
        text[--length] = '\0';
    }
}

static void check(uint32_t number, unsigned decimals)
{
    char expected[32];
    char *text = test_malloc(SHORT_DECIMAL_ROOM_BYTES); /* its bounds are watched */
    reference(number, decimals, expected, sizeof(expected));
    size_t length = short_decimal_format(number, decimals, text);
    if (length != strlen(expected) || strcmp(text, expected) != 0) {
        fail_msg("%u with %u decimals: %s, not %s", number, decimals, text, expected);
    }
    test_free(text);
}

static void check_all_decimals(uint32_t number)
{
    for (unsigned decimals = 0; decimals <= SHORT_DECIMAL_DECIMALS_MAX; decimals++) {
        check(number, decimals);
    }
}

static void every_small_number_prints_as_by_hand(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 12000; number++) {
        check_all_decimals(number);
    }
}

static void the_numbers_around_every_power_of_ten(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= SHORT_DECIMAL_DECIMALS_MAX; i++) {
        for (uint32_t times = 1; times < 10; times++) {
            check_all_decimals(powers[i] * times - 1);
            check_all_decimals(powers[i] * times);
            check_all_decimals(powers[i] * times + 1);
        }
    }
    check_all_decimals(LIMIT - 1);
}

static void random_numbers_print_as_by_hand(void **state)
{
    (void)state;
    srand(test_seed());
    for (int i = 0; i < 20000; i++) {
        check_all_decimals((uint32_t)rand() % LIMIT >> rand() % 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_number_prints_as_by_hand),
        cmocka_unit_test(the_numbers_around_every_power_of_ten),
        cmocka_unit_test(random_numbers_print_as_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
