#include "edge-gateway/dbc/dbc_decode.h"

#include "tests/unit/dbc_text.h"
#include "tests/unit/seed.h"

#include <math.h>
#include <stdlib.h>

#define VALUES_MAX 32

static size_t decode(const struct dbc_text *t, const char *data, size_t length,
                     struct dbc_value *values)
{
    return dbc_decode(dbc_message_at(t->db, 0), (const uint8_t *)data, length, values);
}

static const struct dbc_value *value_of(const struct dbc_value *values, size_t count,
                                        const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].signal->name, name) == 0) {
            return &values[i];
        }
    }
    return NULL;
}

static void assert_text(const struct dbc_value *value, const char *expected)
{
    char text[DBC_VALUE_TEXT_MAX];
    assert_non_null(value);
    assert_int_equal(dbc_value_text(value, text), strlen(expected));
    if (expected[0] != '\0') {
        assert_string_equal(text, expected);
    }
}

/* Bit by bit, from the definition: Intel counts up from the start bit, Motorola goes down inside a
 * byte and on to the top of the next one, from the most significant bit. */
static uint64_t reference(const uint8_t *data, unsigned start, unsigned length, bool big, bool sign)
{
    uint64_t raw = 0;
    unsigned at = start;
    for (unsigned i = 0; i < length; i++) {
        uint64_t bit = (unsigned)data[at / 8] >> at % 8 & 1u;
        if (big) {
            raw = raw << 1 | bit;
            at = at % 8 == 0 ? at + 15 : at - 1;
        } else {
            raw |= bit << i;
            at++;
        }
    }
    if (sign && length < 64 && (raw >> (length - 1) & 1) != 0) {
        raw |= UINT64_MAX << length;
    }
    return raw;
}

static bool fits(unsigned start, unsigned length, bool big, unsigned bytes)
{
    unsigned sent = big ? start / 8 * 8 + 7 - start % 8 : start;
    return sent + length <= bytes * 8;
}

static void check_layout(unsigned start, unsigned length, bool big, bool sign, const uint8_t *data)
{
    char text[128];
    (void)snprintf(text, sizeof(text), "BO_ 1 M: 12 X\n SG_ S : %u|%u@%c%c (1,0) [0|0] \"\" X\n",
                   start, length, big ? '0' : '1', sign ? '-' : '+');
    struct dbc_text t;
    dbc_text_init(&t, text);
    struct dbc_value value;
    assert_int_equal(dbc_decode(dbc_message_at(t.db, 0), data, 12, &value), 1);
    uint64_t expected = reference(data, start, length, big, sign);
    if (value.raw != expected) {
        fail_msg("%s: %lx, not %lx", text, value.raw, expected);
    }
    dbc_text_deinit(&t);
}

/* All four kinds of field at one place, each over random bytes. */
static void check_place(unsigned start, unsigned length)
{
    for (unsigned kind = 0; kind < 4; kind++) {
        uint8_t data[12];
        for (size_t i = 0; i < sizeof(data); i++) {
            data[i] = (uint8_t)random();
        }
        if (fits(start, length, (kind & 1) != 0, 12)) {
            check_layout(start, length, (kind & 1) != 0, (kind & 2) != 0, data);
        }
    }
}

static void every_position_length_order_and_sign_decodes_as_bit_by_bit(void **state)
{
    (void)state;
    srandom(test_seed());
    for (unsigned start = 0; start < 80; start++) {
        for (unsigned length = 1; length <= 64; length += start < 16 ? 1 : 5) {
            check_place(start, length);
        }
    }
}

static void decimals_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *layout;
        const char *data;
        const char *text;
    } cases[] = {
        {"0|16@1+ (0.01,0)", "\x6D\x08", "21.57"},
        {"0|16@1- (0.01,-40)", "\xFF\xFF", "-40.01"},
        {"0|8@1+ (0.1,0)", "\x03", "0.3"},
        {"0|8@1+ (1e3,0)", "\x07", "7000"},
        {"0|8@1+ (0.5,0)", "\x02", "1"},
        {"0|64@1+ (1,0)", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "18446744073709551615"},
        {"0|64@1+ (-1,0)", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "-18446744073709551615"},
        {"0|64@1- (1,0)", "\x00\x00\x00\x00\x00\x00\x00\x80", "-9223372036854775808"},
        {"0|64@1+ (0.000976562,-1)", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
         "18014389286109946.14424763"},
        {"0|8@1+ (1e-05,1E10)", "\x01", "10000000000.00001"},
        {"0|8@1+ (1000000000000,-1e-3)", "\x02", "1999999999999.999"},
        {"0|8@1+ (0,5)", "\x09", "5"},
        {"0|8@1+ (1e-50,0)", "\x02", "2e-50"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof(text), "BO_ 1 M: 8 X\n SG_ S : %s [0|0] \"\" X\n",
                       cases[i].layout);
        struct dbc_text t;
        struct dbc_value value;
        uint8_t data[8] = {0};
        dbc_text_init(&t, text);
        memcpy(data, cases[i].data, dbc_message_at(t.db, 0)->signals[0].length_bits / 8);
        assert_int_equal(dbc_decode(dbc_message_at(t.db, 0), data, 8, &value), 1);
        assert_text(&value, cases[i].text);
        assert_true(dbc_value_number(&value) == strtod(cases[i].text, NULL));
        dbc_text_deinit(&t);
    }
}

static void floats_print_shortest_and_non_finite_ones_are_null(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(&t,
                  "BO_ 1 M: 14 X\n SG_ f : 0|32@1- (1,0) [0|0] \"\" X\n"
                  " SG_ d : 32|64@1- (0.5,1) [0|0] \"\" X\n SG_ h : 96|16@1- (1,0) [0|0] \"\" X\n"
                  "SIG_VALTYPE_ 1 f : 1;\nSIG_VALTYPE_ 1 d : 2;\nSIG_VALTYPE_ 1 h : 1;\n");
    size_t count =
        decode(&t, "\xCD\xCC\xCC\x3D\x00\x00\x00\x00\x00\x00\x04\x40\x00\x3E", 14, values);
    assert_int_equal(count, 3);
    assert_text(&values[0], "0.1");
    assert_text(&values[1], "2.25");
    assert_text(&values[2], "1.5");
    (void)decode(&t, "\x00\x00\xC0\x7F\x00\x00\x00\x00\x00\x00\xF0\x7F\x01\x00", 14, values);
    assert_text(&values[0], "");
    assert_int_equal(values[0].quality, DBC_QUALITY_NOT_AVAILABLE);
    assert_text(&values[1], "");
    assert_true(isinf(dbc_value_number(&values[1])));
    assert_text(&values[2], "0.000000059604645");
    dbc_text_deinit(&t);
}

static void quality_follows_range_and_label(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(
        &t, "BO_ 1 M: 4 X\n SG_ up : 0|8@1+ (0.5,-40) [-39.9|60] \"\" X\n"
            " SG_ down : 8|8@1- (-1,0) [-5|3] \"\" X\n"
            " SG_ sna : 16|8@1+ (1,0) [0|250] \"\" X\n SG_ free : 24|8@1+ (1,0) [0|0] \"\" X\n"
            "VAL_ 1 sna 255 \"SNA\" 7 \"Seven\" 252 \"Beyond\" ;\n");
    static const struct {
        unsigned char data[4];
        enum dbc_quality up, down, sna;
    } cases[] = {
        {{0, 0, 7, 255}, DBC_QUALITY_OUT_OF_RANGE, DBC_QUALITY_GOOD, DBC_QUALITY_GOOD},
        {{1, 5, 250, 0}, DBC_QUALITY_GOOD, DBC_QUALITY_GOOD, DBC_QUALITY_GOOD},
        {{200, 6, 251, 0}, DBC_QUALITY_GOOD, DBC_QUALITY_OUT_OF_RANGE, DBC_QUALITY_OUT_OF_RANGE},
        {{201, 0xFD, 255, 0},
         DBC_QUALITY_OUT_OF_RANGE,
         DBC_QUALITY_GOOD,
         DBC_QUALITY_NOT_AVAILABLE},
        {{255, 0xFC, 252, 0},
         DBC_QUALITY_OUT_OF_RANGE,
         DBC_QUALITY_OUT_OF_RANGE,
         DBC_QUALITY_OUT_OF_RANGE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(decode(&t, (const char *)cases[i].data, 4, values), 4);
        assert_int_equal(values[0].quality, cases[i].up);
        assert_int_equal(values[1].quality, cases[i].down);
        assert_int_equal(values[2].quality, cases[i].sna);
        assert_int_equal(values[3].quality, DBC_QUALITY_GOOD);
    }
    dbc_text_deinit(&t);
}

static void a_label_of_a_float_may_say_that_there_is_no_value(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(&t, "BO_ 1 M: 4 X\n SG_ f : 0|32@1- (1,0) [0|10] \"\" X\n"
                      "SIG_VALTYPE_ 1 f : 1;\nVAL_ 1 f -1 \"SNA\" 20 \"Much\" ;\n");
    (void)decode(&t, "\x00\x00\x80\xBF", 4, values); /* -1 */
    assert_int_equal(values[0].quality, DBC_QUALITY_NOT_AVAILABLE);
    (void)decode(&t, "\x00\x00\xA0\x41", 4, values); /* 20 */
    assert_int_equal(values[0].quality, DBC_QUALITY_OUT_OF_RANGE);
    (void)decode(&t, "\x00\x00\x80\x3F", 4, values); /* 1 */
    assert_int_equal(values[0].quality, DBC_QUALITY_GOOD);
    dbc_text_deinit(&t);
}

static void labels_marked_later_say_it_too(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(&t, "VAL_TABLE_ T 0 \"Off\" 3 \"Sensor_Fault\" ;\n"
                      "BO_ 1 M: 2 X\n SG_ a : 0|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ b : 8|8@1+ (1,0) [0|0] \"\" X\nVAL_ 1 a T ;\nVAL_ 1 b T ;\n");
    (void)decode(&t, "\x03\x03", 2, values);
    assert_int_equal(values[0].quality, DBC_QUALITY_GOOD);
    assert_int_equal(dbc_mark_not_available(t.db, "nobody"), 0);
    assert_int_equal(dbc_mark_not_available(t.db, "sensor fault"), 2);
    (void)decode(&t, "\x03\x00", 2, values);
    assert_int_equal(values[0].quality, DBC_QUALITY_NOT_AVAILABLE);
    assert_int_equal(values[1].quality, DBC_QUALITY_GOOD);
    (void)decode(&t, "\x00\x03", 2, values);
    assert_int_equal(values[1].quality, DBC_QUALITY_NOT_AVAILABLE);
    dbc_text_deinit(&t);
}

static void labels_name_raw_values(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(&t, "BO_ 1 M: 2 X\n SG_ a : 0|8@1- (0.5,0) [0|0] \"\" X\n"
                      " SG_ b : 8|8@1+ (1,0) [0|0] \"\" X\nVAL_ 1 a -1 \"minus\" 0 \"zero\" ;\n");
    (void)decode(&t, "\xFF\x00", 2, values);
    assert_string_equal(dbc_value_label(&values[0]), "minus");
    assert_null(dbc_value_label(&values[1]));
    (void)decode(&t, "\x01\x00", 2, values);
    assert_null(dbc_value_label(&values[0]));
    dbc_text_deinit(&t);
}

static void of_a_short_payload_only_whole_signals_are_decoded(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(&t, "BO_ 1 M: 8 X\n SG_ a : 4|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ b : 16|8@1+ (1,0) [0|0] \"\" X\n SG_ c : 7|12@0+ (1,0) [0|0] \"\" X\n"
                      " SG_ d : 0|64@1+ (1,0) [0|0] \"\" X\n");
    assert_int_equal(decode(&t, "", 0, values), 0);
    assert_int_equal(decode(&t, "\x12", 1, values), 0);
    assert_int_equal(decode(&t, "\x12\x34", 2, values), 2);
    assert_int_equal(values[0].raw, 0x41);
    assert_int_equal(values[1].raw, 0x123);
    assert_int_equal(decode(&t, "\x12\x34\x56", 3, values), 3);
    assert_int_equal(decode(&t, "\x12\x34\x56\x00\x00\x00\x00\x00\xFF\xFF", 10, values), 4);
    dbc_text_deinit(&t);
}

static void multiplexed_signals_appear_only_when_selected(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(&t, "BO_ 1 M: 8 X\n SG_ early m1 : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ Sel M : 0|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ Sub m2M : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ deep m9 : 16|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ wide m3 : 24|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ always : 32|8@1+ (1,0) [0|0] \"\" X\n"
                      "SG_MUL_VAL_ 1 deep Sub 4-5, 9-9;\nSG_MUL_VAL_ 1 wide Sel 2-3, 200-255;\n");
    assert_string_equal(t.notes, "");
    static const struct {
        const char *data;
        const char *present;
    } cases[] = {
        {"\x00\x09\x00\x00\x00", "Sel always"},
        {"\x01\x09\x00\x00\x00", "early Sel always"},
        {"\x02\x09\x00\x00\x00", "Sel Sub deep wide always"},
        {"\x02\x05\x00\x00\x00", "Sel Sub deep wide always"},
        {"\x02\x06\x00\x00\x00", "Sel Sub wide always"},
        {"\xFF\x09\x00\x00\x00", "Sel wide always"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char present[128] = "";
        size_t count = decode(&t, cases[i].data, 5, values);
        size_t used = 0;
        for (size_t v = 0; v < count; v++) {
            used += (size_t)snprintf(present + used, sizeof(present) - used, "%s%s",
                                     v > 0 ? " " : "", values[v].signal->name);
        }
        assert_string_equal(present, cases[i].present);
    }
    dbc_text_deinit(&t);
}

static void what_hangs_on_a_multiplexor_outside_the_payload_is_absent(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(&t, "BO_ 1 M: 2 X\n SG_ Sel M : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ a m0 : 0|8@1+ (1,0) [0|0] \"\" X\n");
    assert_int_equal(decode(&t, "\x00", 1, values), 0);
    assert_int_equal(decode(&t, "\x00\x00", 2, values), 2);
    dbc_text_deinit(&t);
}

static void one_name_may_stand_at_several_places_of_a_multiplexed_message(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    dbc_text_init(
        &t, "BO_ 1 M: 4 X\n SG_ Sel M : 0|8@1+ (1,0) [0|0] \"\" X\n"
            " SG_ a m0 : 8|8@1+ (1,0) [0|0] \"\" X\n SG_ a m1 : 16|8@1+ (1,0) [0|0] \"\" X\n");
    assert_string_equal(t.notes, "");
    size_t count = decode(&t, "\x00\x11\x22\x33", 4, values);
    assert_int_equal(value_of(values, count, "a")->raw, 0x11);
    count = decode(&t, "\x01\x11\x22\x33", 4, values);
    assert_int_equal(count, 2);
    assert_int_equal(value_of(values, count, "a")->raw, 0x22);
    dbc_text_deinit(&t);
}

static void a_wide_signal_is_one_large_number(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    char text[DBC_WIDE_VALUE_TEXT_MAX];
    dbc_text_init(&t, "BO_ 1 M: 16 X\n SG_ w : 0|72@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ m : 7|72@0+ (1,0) [0|0] \"\" X\n");
    (void)decode(&t, "\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00", 16,
                 values);
    assert_int_equal(dbc_value_wide_text(&values[0], text), 20);
    assert_string_equal(text, "18446744073709551616");
    (void)dbc_value_wide_text(&values[1], text);
    assert_string_equal(text, "1");
    dbc_text_deinit(&t);
}

static void payloads_longer_than_a_frame_decode_too(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value values[VALUES_MAX];
    static uint8_t data[3000];
    data[1000] = 0x5A;
    dbc_text_init(&t, "BO_ 1 M: 1785 X\n SG_ far : 8000|8@1+ (1,0) [0|0] \"\" X\n");
    assert_int_equal(dbc_decode(dbc_message_at(t.db, 0), data, sizeof(data), values), 1);
    assert_int_equal(values[0].raw, 0x5A);
    dbc_text_deinit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_position_length_order_and_sign_decodes_as_bit_by_bit),
        cmocka_unit_test(decimals_are_exact),
        cmocka_unit_test(floats_print_shortest_and_non_finite_ones_are_null),
        cmocka_unit_test(quality_follows_range_and_label),
        cmocka_unit_test(a_label_of_a_float_may_say_that_there_is_no_value),
        cmocka_unit_test(labels_marked_later_say_it_too),
        cmocka_unit_test(labels_name_raw_values),
        cmocka_unit_test(of_a_short_payload_only_whole_signals_are_decoded),
        cmocka_unit_test(multiplexed_signals_appear_only_when_selected),
        cmocka_unit_test(what_hangs_on_a_multiplexor_outside_the_payload_is_absent),
        cmocka_unit_test(one_name_may_stand_at_several_places_of_a_multiplexed_message),
        cmocka_unit_test(a_wide_signal_is_one_large_number),
        cmocka_unit_test(payloads_longer_than_a_frame_decode_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
