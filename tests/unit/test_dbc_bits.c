#include "edge-gateway/dbc/dbc_bits.h"

#include "tests/unit/dbc_text.h"

static void signal_at(struct dbc_text *t, unsigned start, unsigned length, bool big)
{
    char text[128];
    (void)snprintf(text, sizeof(text), "BO_ 1 M: 16 X\n SG_ S : %u|%u@%c+ (1,0) [0|0] \"\" X\n",
                   start, length, big ? '0' : '1');
    dbc_text_init(t, text);
}

/* Bit by bit from the most significant one: Intel counts down, Motorola goes down inside a byte and
 * on to the top of the next one. */
static void check(unsigned start, unsigned length, bool big)
{
    struct dbc_text t;
    uint8_t expected[40] = {0};
    unsigned at = big ? start : start + length - 1;
    unsigned positions[80];
    for (unsigned i = 0; i < length; i++) {
        expected[at / 8] = (uint8_t)(expected[at / 8] | 1u << at % 8);
        positions[length - 1 - i] = at;
        at = !big ? at - 1 : at % 8 == 0 ? at + 15 : at - 1;
    }
    signal_at(&t, start, length, big);
    const struct dbc_signal *signal = dbc_text_signal(&t, "M", "S");
    for (unsigned byte = 0; byte < 40; byte++) {
        assert_int_equal(dbc_bits_in_byte(signal, byte), expected[byte]);
    }
    for (unsigned i = 0; i < length; i++) {
        uint8_t payload[40] = {0};
        assert_int_equal(dbc_bits_position(signal, i), positions[i]);
        dbc_bits_set(signal, i, true, payload);
        assert_int_equal(payload[positions[i] / 8], 1u << positions[i] % 8);
        assert_true(dbc_bits_get(signal, i, payload));
        dbc_bits_set(signal, i, false, payload);
        assert_false(dbc_bits_get(signal, i, payload));
    }
    dbc_text_deinit(&t);
}

static void every_layout_is_as_bit_by_bit(void **state)
{
    (void)state;
    for (unsigned start = 0; start < 24; start++) {
        for (unsigned length = 1; length <= 80; length += start % 8 < 2 ? 1 : 7) {
            check(start, length, false);
            check(start, length, true);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_is_as_bit_by_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
