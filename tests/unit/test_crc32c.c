#include "edge-gateway/framelog/crc32c.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <stdlib.h>

/* RFC 3720 B.4 (there with the bytes in the order in which they are sent), and the check value of
 * the CRC catalogues. */
static void the_examples_of_the_rfc_hold(void **state)
{
    (void)state;
    uint8_t zeros[32];
    uint8_t ones[32];
    uint8_t up[32];
    uint8_t down[32];
    for (size_t i = 0; i < sizeof(zeros); i++) {
        zeros[i] = 0;
        ones[i] = 0xFF;
        up[i] = (uint8_t)i;
        down[i] = (uint8_t)(31 - i);
    }
    assert_int_equal(crc32c(0, zeros, sizeof(zeros)), 0x8A9136AA);
    assert_int_equal(crc32c(0, ones, sizeof(ones)), 0x62A8AB43);
    assert_int_equal(crc32c(0, up, sizeof(up)), 0x46DD794E);
    assert_int_equal(crc32c(0, down, sizeof(down)), 0x113FDB5C);
    assert_int_equal(crc32c(0, (const uint8_t *)"123456789", 9), 0xE3069283);
}

static void nothing_has_no_remainder(void **state)
{
    (void)state;
    assert_int_equal(crc32c(0, NULL, 0), 0);
    assert_int_equal(crc32c(0x12345678, NULL, 0), 0x12345678);
}

/* The definition: one bit at a time. */
static uint32_t bitwise(const uint8_t *bytes, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length * 8; i++) {
        uint32_t bit = (crc ^ (uint32_t)bytes[i / 8] >> i % 8) & 1u;
        crc = crc >> 1 ^ (bit != 0 ? 0x82F63B78u : 0u);
    }
    return ~crc;
}

static void every_length_and_division_agrees_with_the_definition(void **state)
{
    (void)state;
    srand(test_seed());
    uint8_t bytes[4096];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)rand();
    }
    for (size_t length = 0; length <= 100; length++) {
        size_t begin = (size_t)rand() % (sizeof(bytes) - length);
        uint32_t expected = bitwise(bytes + begin, length);
        for (size_t cut = 0; cut <= length; cut++) {
            uint32_t crc = crc32c(crc32c(0, bytes + begin, cut), bytes + begin + cut, length - cut);
            assert_int_equal(crc, expected);
        }
    }
    assert_int_equal(crc32c(0, bytes, sizeof(bytes)), bitwise(bytes, sizeof(bytes)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc_hold),
        cmocka_unit_test(nothing_has_no_remainder),
        cmocka_unit_test(every_length_and_division_agrees_with_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
