#include "edge-gateway/dbc/dbc_encode.h"

#include "edge-gateway/dbc/dbc_decode.h"
#include "tests/unit/dbc_text.h"
#include "tests/unit/seed.h"

#include <math.h>
#include <stdlib.h>

#define INPUTS_MAX    32
#define TEXT_BYTES    160
#define MESSAGE_BYTES 53 /* of all_kinds */

static struct dbc_input number(const char *signal, const char *text)
{
    struct dbc_input input = {.signal = signal, .kind = DBC_INPUT_DECIMAL};
    assert_int_equal(decimal_parse(text, strlen(text), &input.decimal), 0);
    return input;
}

static struct dbc_input label(const char *signal, const char *text)
{
    return (struct dbc_input){.signal = signal, .kind = DBC_INPUT_LABEL, .label = text};
}

static struct dbc_input not_a_number(const char *signal)
{
    return (struct dbc_input){.signal = signal, .kind = DBC_INPUT_NUMBER, .number = (double)NAN};
}

static enum dbc_encode_result encode(const struct dbc_text *t, const struct dbc_input *inputs,
                                     size_t count, uint8_t *data, size_t *failed)
{
    struct dbc_encode_request request = {inputs, count, false};
    return dbc_encode(dbc_message_at(t->db, 0), &request, data, failed);
}

static const char plain[] =
    "BO_ 1 M: 8 X\n SG_ temp : 0|16@1- (0.1,-40) [-40|100] \"\" X\n"
    " SG_ mode : 16|4@1+ (1,0) [0|3] \"\" X\n SG_ big : 24|8@1+ (1,0) [0|0] \"\" X\n"
    "VAL_ 1 mode 0 \"Off\" 1 \"On\" 15 \"SNA\" ;\n";

static void numbers_and_labels_become_bits(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed = 99;
    dbc_text_init(&t, plain);
    struct dbc_input inputs[] = {number("temp", "21.5"), label("mode", "on"), number("big", "255")};
    assert_int_equal(encode(&t, inputs, 3, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\x67\x02\x01\xFF\x00\x00\x00\x00", 8);
    assert_int_equal(failed, 99);
    dbc_text_deinit(&t);
}

static void every_refusal_names_its_reason(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    dbc_text_init(&t, plain);
    const struct {
        struct dbc_input input;
        enum dbc_encode_result result;
    } cases[] = {
        {number("nobody", "1"), DBC_ENCODE_UNKNOWN_SIGNAL},
        {label("mode", "Maybe"), DBC_ENCODE_UNKNOWN_LABEL},
        {label("temp", "On"), DBC_ENCODE_UNKNOWN_LABEL},
        {number("temp", "100.1"), DBC_ENCODE_OUT_OF_RANGE},
        {number("temp", "-40.1"), DBC_ENCODE_OUT_OF_RANGE},
        {number("big", "256"), DBC_ENCODE_OUT_OF_RANGE},
        {number("big", "-1"), DBC_ENCODE_OUT_OF_RANGE},
        {number("big", "1e300"), DBC_ENCODE_OUT_OF_RANGE},
        {number("temp", "21.55"), DBC_ENCODE_RESOLUTION},
        {number("mode", "0.5"), DBC_ENCODE_RESOLUTION},
        {not_a_number("temp"), DBC_ENCODE_NOT_A_NUMBER},
        {{.signal = "big", .kind = DBC_INPUT_RAW, .decimal = {{256, 0}, 0}},
         DBC_ENCODE_OUT_OF_RANGE},
        {{.signal = "big", .kind = DBC_INPUT_RAW, .decimal = {{5, 0}, -1}}, DBC_ENCODE_RESOLUTION},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dbc_input inputs[] = {number("big", "1"), cases[i].input};
        size_t failed = 99;
        assert_int_equal(encode(&t, inputs, 2, data, &failed), cases[i].result);
        assert_int_equal(failed, 1);
        assert_true(strlen(dbc_encode_result_text(cases[i].result)) > 0);
    }
    dbc_text_deinit(&t);
}

static void a_label_may_stand_outside_the_range(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed;
    dbc_text_init(&t, plain);
    struct dbc_input input = label("mode", "SNA");
    assert_int_equal(encode(&t, &input, 1, data, &failed), DBC_ENCODE_OK);
    assert_int_equal(data[2], 15);
    dbc_text_deinit(&t);
}

static void on_request_only_the_bits_limit_a_value(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed;
    dbc_text_init(&t, plain);
    struct dbc_input input = number("temp", "200");
    struct dbc_encode_request request = {&input, 1, true};
    assert_int_equal(dbc_encode(dbc_message_at(t.db, 0), &request, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\x60\x09", 2);
    dbc_text_deinit(&t);
}

static void doubles_with_the_traces_of_arithmetic_are_taken(void **state)
{
    (void)state;
    struct dbc_text t;
    uint64_t raw = 0;
    dbc_text_init(&t, plain);
    struct dbc_input input = {.signal = "temp", .kind = DBC_INPUT_NUMBER, .number = 0.1 + 0.2 - 40};
    const struct dbc_signal *signal = dbc_text_signal(&t, "M", "temp");
    assert_int_equal(dbc_encode_raw(signal, &input, false, &raw), DBC_ENCODE_OK);
    assert_int_equal(raw, 3);
    input.number = 0.05;
    assert_int_equal(dbc_encode_raw(signal, &input, false, &raw), DBC_ENCODE_RESOLUTION);
    dbc_text_deinit(&t);
}

static void what_is_not_given_has_its_start_value(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed;
    dbc_text_init(&t, "BO_ 1 M: 8 X\n SG_ given : 0|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ start : 8|8@1+ (0.5,0) [0|0] \"\" X\n"
                      " SG_ above : 16|8@1+ (1,0) [45|65] \"\" X\n"
                      " SG_ below : 24|8@1- (1,0) [-9|-3] \"\" X\n"
                      " SG_ none : 32|8@1+ (1,-10) [-10|10] \"\" X\n"
                      "BA_ \"GenSigStartValue\" SG_ 1 start 7;\n");
    struct dbc_input input = number("given", "1");
    assert_int_equal(encode(&t, &input, 1, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\x01\x07\x2D\xFD\x00\x00\x00\x00", 8);
    dbc_text_deinit(&t);
}

static const char multiplexed[] =
    "BO_ 1 M: 8 X\n SG_ Sel M : 0|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ a m1 : 8|8@1+ (1,0) [0|0] \"\" X\n SG_ b m2 : 8|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ Sub m3M : 8|8@1+ (1,0) [0|0] \"\" X\n SG_ deep m1 : 16|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ many m1 : 24|8@1+ (1,0) [0|0] \"\" X\n SG_ twice m1 : 32|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ twice m2 : 40|8@1+ (1,0) [0|0] \"\" X\n"
    "SG_MUL_VAL_ 1 deep Sub 4-6;\nSG_MUL_VAL_ 1 many Sel 1-2, 7-9;\n";

static void multiplexors_that_are_not_given_are_chosen(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed;
    dbc_text_init(&t, multiplexed);
    struct dbc_input deep[] = {number("deep", "9")};
    assert_int_equal(encode(&t, deep, 1, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\x03\x04\x09\x00", 4);
    struct dbc_input both[] = {number("many", "5"), number("b", "6"), number("twice", "7")};
    assert_int_equal(encode(&t, both, 3, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\x02\x06\x00\x05\x00\x07\x00\x00", 8);
    dbc_text_deinit(&t);
}

static void signals_that_exclude_each_other_are_refused(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed = 99;
    dbc_text_init(&t, multiplexed);
    struct dbc_input groups[] = {number("a", "1"), number("b", "1")};
    assert_int_equal(encode(&t, groups, 2, data, &failed), DBC_ENCODE_MUX_CONFLICT);
    assert_int_equal(failed, 1);
    struct dbc_input given[] = {number("Sel", "2"), number("a", "1")};
    assert_int_equal(encode(&t, given, 2, data, &failed), DBC_ENCODE_MUX_CONFLICT);
    struct dbc_input outer[] = {number("Sel", "1"), number("deep", "1")};
    assert_int_equal(encode(&t, outer, 2, data, &failed), DBC_ENCODE_MUX_CONFLICT);
    dbc_text_deinit(&t);
}

static void of_signals_with_one_name_the_one_that_can_be_there_is_set(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed;
    dbc_text_init(&t, "BO_ 1 M: 4 X\n SG_ Sel M : 0|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ Sub m1M : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ v m4 : 16|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ v m2 : 24|8@1+ (1,0) [0|0] \"\" X\n"
                      "SG_MUL_VAL_ 1 v Sub 4-4;\n");
    struct dbc_input inputs[] = {number("Sel", "2"), number("v", "7")};
    assert_int_equal(encode(&t, inputs, 2, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\x02\x00\x00\x07", 4);
    dbc_text_deinit(&t);
}

static void a_signal_beyond_the_message_has_no_room(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed;
    dbc_text_init(&t, "BO_ 1 M: 1 X\n SG_ S : 4|8@1+ (1,0) [0|0] \"\" X\n");
    struct dbc_input input = number("S", "1");
    assert_int_equal(encode(&t, &input, 1, data, &failed), DBC_ENCODE_NO_ROOM);
    dbc_text_deinit(&t);
}

static void fd_messages_get_a_length_that_a_frame_can_have(void **state)
{
    (void)state;
    static const uint8_t sizes[][2] = {{0, 0},   {8, 8},   {9, 12},  {12, 12}, {13, 16},
                                       {25, 32}, {33, 48}, {49, 64}, {64, 64}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct dbc_message message = {.fd = true, .size_bytes = sizes[i][0]};
        assert_int_equal(dbc_encode_length(&message), sizes[i][1]);
    }
}

static struct dbc_input digits(const char *signal, const char *text)
{
    return (struct dbc_input){
        .signal = signal, .kind = DBC_INPUT_DIGITS, .digits = text, .digit_count = strlen(text)};
}

static const char wide[] = "BO_ 1 M: 24 X\n SG_ w : 4|72@1+ (1,0) [0|0] \"\" X\n"
                           " SG_ m : 83|100@0+ (1,0) [0|0] \"\" X\n"
                           "BA_ \"GenSigStartValue\" SG_ 1 m 258;\n";

static void wide_numbers_become_bits(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed;
    dbc_text_init(&t, wide);
    struct dbc_input all_ones = digits("w", "4722366482869645213695");
    assert_int_equal(encode(&t, &all_ones, 1, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\xF0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x0F\x00\x00", 12);
    assert_memory_equal(data + 12, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x00", 12);
    struct dbc_input forms[] = {number("w", "17"),
                                digits("w", "0017"),
                                {.signal = "w", .kind = DBC_INPUT_NUMBER, .number = 17},
                                {.signal = "w", .kind = DBC_INPUT_BITS, .bits = 17},
                                {.signal = "w", .kind = DBC_INPUT_RAW, .decimal = {{17, 0}, 0}}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        assert_int_equal(encode(&t, &forms[i], 1, data, &failed), DBC_ENCODE_OK);
        assert_memory_equal(data, "\x10\x01\x00\x00\x00\x00\x00\x00\x00\x00", 10);
    }
    dbc_text_deinit(&t);
}

static void wide_numbers_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    char endless[6000];
    memset(endless, '9', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    dbc_text_init(&t, wide);
    const struct {
        struct dbc_input input;
        enum dbc_encode_result result;
    } cases[] = {
        {digits("w", "4722366482869645213696"), DBC_ENCODE_OUT_OF_RANGE},
        {digits("w", endless), DBC_ENCODE_OUT_OF_RANGE},
        {digits("w", "-1"), DBC_ENCODE_OUT_OF_RANGE},
        {digits("w", "1x"), DBC_ENCODE_NOT_A_NUMBER},
        {number("w", "-1"), DBC_ENCODE_OUT_OF_RANGE},
        {number("w", "0.5"), DBC_ENCODE_RESOLUTION},
        {number("w", "1e300"), DBC_ENCODE_OUT_OF_RANGE},
        {label("w", "On"), DBC_ENCODE_UNKNOWN_LABEL},
        {not_a_number("w"), DBC_ENCODE_NOT_A_NUMBER},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t failed = 99;
        assert_int_equal(encode(&t, &cases[i].input, 1, data, &failed), cases[i].result);
        assert_int_equal(failed, 0);
    }
    dbc_text_deinit(&t);
}

static void bits_are_taken_as_they_are(void **state)
{
    (void)state;
    struct dbc_text t;
    uint64_t raw = 0;
    dbc_text_init(&t, "BO_ 1 M: 8 X\n SG_ u : 0|8@1+ (0.5,0) [0|1] \"\" X\n"
                      " SG_ s : 8|8@1- (1,0) [0|1] \"\" X\n SG_ f : 32|32@1- (1,0) [0|0] \"\" X\n"
                      "SIG_VALTYPE_ 1 f : 1;\n");
    struct dbc_input input = {.kind = DBC_INPUT_BITS, .bits = 0xFF};
    assert_int_equal(dbc_encode_raw(dbc_text_signal(&t, "M", "u"), &input, false, &raw),
                     DBC_ENCODE_OK);
    assert_int_equal(raw, 0xFF);
    assert_int_equal(dbc_encode_raw(dbc_text_signal(&t, "M", "s"), &input, false, &raw),
                     DBC_ENCODE_OK);
    assert_true((int64_t)raw == -1);
    input.bits = raw;
    assert_int_equal(dbc_encode_raw(dbc_text_signal(&t, "M", "s"), &input, false, &raw),
                     DBC_ENCODE_OK);
    assert_int_equal(dbc_encode_raw(dbc_text_signal(&t, "M", "u"), &input, false, &raw),
                     DBC_ENCODE_OUT_OF_RANGE);
    input.bits = 0x7F800001; /* a NaN that a double would turn into another one */
    assert_int_equal(dbc_encode_raw(dbc_text_signal(&t, "M", "f"), &input, false, &raw),
                     DBC_ENCODE_OK);
    assert_int_equal(raw, 0x7F800001);
    dbc_text_deinit(&t);
}

static void random_bytes(uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        data[i] = (uint8_t)random();
    }
}

/* Whether the value is a number, and no constant. */
static bool leads_back(const struct dbc_value *value, char text[DBC_VALUE_TEXT_MAX])
{
    return dbc_value_text(value, text) > 0 && !int128_is_zero(value->signal->factor.mantissa);
}

/* What was decoded, as inputs: all that is a number. */
static size_t inputs_of(const struct dbc_value *values, size_t count, struct dbc_input *inputs)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        char text[DBC_VALUE_TEXT_MAX];
        if (leads_back(&values[i], text)) {
            inputs[used++] = number(values[i].signal->name, text);
        }
    }
    return used;
}

/* Layouts that cover every bit once, of every kind of scale. */
static const char all_kinds[] =
    "BO_ 1 M: 53 X\n SG_ Sel M : 0|2@1+ (1,0) [0|0] \"\" X\n"
    " SG_ a m0 : 2|14@1- (0.01,-7.5) [0|0] \"\" X\n SG_ b m1 : 2|14@1+ (-3,1) [0|0] \"\" X\n"
    " SG_ c m2 : 15|8@0- (1,0) [0|0] \"\" X\n SG_ c2 m2 : 2|6@1+ (0,3) [0|0] \"\" X\n"
    " SG_ c3 m3 : 2|14@1+ (1,0) [0|0] \"\" X\n SG_ d : 16|64@1+ (0.000976562,-1) [0|0] \"\" X\n"
    " SG_ e : 87|64@0- (1e-05,0.5) [0|0] \"\" X\n SG_ f : 151|51@0- (0.1,1E10) [0|0] \"\" X\n"
    " SG_ f2 : 192|5@1+ (1,0) [0|0] \"\" X\n SG_ f3 : 200|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ g : 208|32@1- (1,0) [0|0] \"\" X\n SG_ h : 240|64@1- (1,0) [0|0] \"\" X\n"
    " SG_ i : 304|16@1- (1,0) [0|0] \"\" X\n SG_ w : 327|100@0+ (1,0) [0|0] \"\" X\n"
    " SG_ w2 : 416|4@1- (1,0) [0|0] \"\" X\n"
    "SIG_VALTYPE_ 1 g : 1;\nSIG_VALTYPE_ 1 h : 2;\nSIG_VALTYPE_ 1 i : 1;\n";

static void encoding_what_was_decoded_gives_the_values_back(void **state)
{
    (void)state;
    srandom(test_seed());
    struct dbc_text t;
    dbc_text_init(&t, all_kinds);
    const struct dbc_message *message = dbc_message_at(t.db, 0);
    for (int round = 0; round < 5000; round++) {
        uint8_t data[MESSAGE_BYTES];
        uint8_t encoded[DBC_PAYLOAD_MAX_BYTES];
        struct dbc_value values[INPUTS_MAX];
        struct dbc_value again[INPUTS_MAX];
        struct dbc_input inputs[INPUTS_MAX];
        size_t failed = 0;
        random_bytes(data, sizeof(data));
        size_t count = dbc_decode(message, data, sizeof(data), values);
        size_t given = inputs_of(values, count, inputs);
        assert_int_equal(encode(&t, inputs, given, encoded, &failed), DBC_ENCODE_OK);
        assert_int_equal(dbc_decode(message, encoded, sizeof(data), again), count);
        for (size_t i = 0; i < count; i++) {
            char text[DBC_VALUE_TEXT_MAX];
            assert_true(!leads_back(&values[i], text) || values[i].raw == again[i].raw ||
                        dbc_value_number(&values[i]) == 0);
        }
    }
    dbc_text_deinit(&t);
}

/* Raw values as `decode` prints them and `encode` reads them, or the bits of a float. */
static void raw_inputs(const struct dbc_value *values, size_t count, char (*texts)[TEXT_BYTES],
                       struct dbc_input *inputs)
{
    for (size_t i = 0; i < count; i++) {
        const struct dbc_signal *signal = values[i].signal;
        inputs[i] = (struct dbc_input){.signal = signal->name, .kind = DBC_INPUT_RAW};
        if (signal->type == DBC_FLOAT) {
            inputs[i].kind = DBC_INPUT_BITS;
            inputs[i].bits = values[i].raw;
        } else if (signal->type == DBC_WIDE) {
            (void)dbc_value_wide_text(&values[i], texts[i]);
            inputs[i] = digits(signal->name, texts[i]);
        } else {
            size_t length = dbc_value_raw_text(&values[i], texts[i]);
            assert_int_equal(decimal_parse(texts[i], length, &inputs[i].decimal), 0);
        }
    }
}

static void decoding_and_encoding_raw_values_is_the_identity(void **state)
{
    (void)state;
    srandom(test_seed());
    struct dbc_text t;
    dbc_text_init(&t, all_kinds);
    for (int round = 0; round < 5000; round++) {
        uint8_t data[MESSAGE_BYTES];
        uint8_t encoded[DBC_PAYLOAD_MAX_BYTES];
        struct dbc_value values[INPUTS_MAX];
        char texts[INPUTS_MAX][TEXT_BYTES];
        struct dbc_input inputs[INPUTS_MAX];
        size_t failed = 0;
        random_bytes(data, sizeof(data));
        size_t count = dbc_decode(dbc_message_at(t.db, 0), data, sizeof(data), values);
        raw_inputs(values, count, texts, inputs);
        assert_int_equal(encode(&t, inputs, count, encoded, &failed), DBC_ENCODE_OK);
        assert_memory_equal(encoded, data, sizeof(data));
        for (size_t i = 0; i < count; i++) {
            inputs[i] = (struct dbc_input){
                .signal = values[i].signal->name, .kind = DBC_INPUT_PAYLOAD, .payload = data};
        }
        assert_int_equal(encode(&t, inputs, count, encoded, &failed), DBC_ENCODE_OK);
        assert_memory_equal(encoded, data, sizeof(data));
    }
    dbc_text_deinit(&t);
}

static void a_float_beyond_its_scale_is_infinite_only_when_given_so(void **state)
{
    (void)state;
    struct dbc_text t;
    uint64_t raw = 0;
    dbc_text_init(&t, "BO_ 1 M: 8 X\n SG_ s : 0|64@1- (-1e-10,1) [0|0] \"\" X\n"
                      "SIG_VALTYPE_ 1 s : 2;\n");
    const struct dbc_signal *signal = dbc_text_signal(&t, "M", "s");
    struct dbc_input input = {.signal = "s", .kind = DBC_INPUT_NUMBER, .number = -(double)INFINITY};
    struct dbc_value value = {.signal = signal};
    assert_int_equal(dbc_encode_raw(signal, &input, true, &value.raw), DBC_ENCODE_OK);
    assert_true(dbc_value_number(&value) == -(double)INFINITY);
    input.number = 1e308;
    assert_int_equal(dbc_encode_raw(signal, &input, true, &raw), DBC_ENCODE_OUT_OF_RANGE);
    input.number = (double)NAN;
    assert_int_equal(dbc_encode_raw(signal, &input, true, &value.raw), DBC_ENCODE_OK);
    assert_true(isnan(dbc_value_number(&value)));
    dbc_text_deinit(&t);
}

/* -1701411834604692317316873037158841e5 - 5728 is -2^127, which has no counterpart. */
static void the_least_128_bit_number_is_survived(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_value value;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES] = {0};
    size_t failed;
    dbc_text_init(&t, "BO_ 1 M: 2 X\n SG_ s : 0|16@1- (-1,5728) "
                      "[-1701411834604692317316873037158841e5|0] \"\" X\n");
    struct dbc_input input = number("s", "-1701411834604692317316873037158841e5");
    struct dbc_encode_request request = {&input, 1, true};
    const struct dbc_message *message = dbc_message_at(t.db, 0);
    assert_int_equal(dbc_encode(message, &request, data, &failed), DBC_ENCODE_OUT_OF_RANGE);
    assert_int_equal(dbc_decode(message, (const uint8_t *)"\x60\x16", 2, &value), 1);
    assert_int_equal(value.quality, DBC_QUALITY_GOOD);
    assert_int_equal(dbc_decode(message, (const uint8_t *)"\x5F\x16", 2, &value), 1);
    assert_int_equal(value.quality, DBC_QUALITY_OUT_OF_RANGE);
    dbc_text_deinit(&t);
}

static void zero_is_all_bits_zero_in_a_float_of_any_size(void **state)
{
    (void)state;
    struct dbc_text t;
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed;
    dbc_text_init(&t, "BO_ 1 M: 16 X\n SG_ h : 0|16@1- (1,0) [0|0] \"\" X\n"
                      " SG_ f : 32|32@1- (1,0) [0|0] \"\" X\n SG_ d : 64|64@1- (1,0) [0|0] \"\" X\n"
                      "SIG_VALTYPE_ 1 h : 1;\nSIG_VALTYPE_ 1 f : 1;\nSIG_VALTYPE_ 1 d : 2;\n");
    struct dbc_input inputs[] = {number("h", "0"), number("f", "0"), number("d", "0")};
    assert_int_equal(encode(&t, inputs, 3, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(encode(&t, NULL, 0, data, &failed), DBC_ENCODE_OK);
    assert_memory_equal(data, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    dbc_text_deinit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_labels_become_bits),
        cmocka_unit_test(every_refusal_names_its_reason),
        cmocka_unit_test(a_label_may_stand_outside_the_range),
        cmocka_unit_test(on_request_only_the_bits_limit_a_value),
        cmocka_unit_test(doubles_with_the_traces_of_arithmetic_are_taken),
        cmocka_unit_test(what_is_not_given_has_its_start_value),
        cmocka_unit_test(multiplexors_that_are_not_given_are_chosen),
        cmocka_unit_test(signals_that_exclude_each_other_are_refused),
        cmocka_unit_test(of_signals_with_one_name_the_one_that_can_be_there_is_set),
        cmocka_unit_test(a_signal_beyond_the_message_has_no_room),
        cmocka_unit_test(fd_messages_get_a_length_that_a_frame_can_have),
        cmocka_unit_test(wide_numbers_become_bits),
        cmocka_unit_test(wide_numbers_that_cannot_be_are_refused),
        cmocka_unit_test(bits_are_taken_as_they_are),
        cmocka_unit_test(decoding_and_encoding_raw_values_is_the_identity),
        cmocka_unit_test(a_float_beyond_its_scale_is_infinite_only_when_given_so),
        cmocka_unit_test(the_least_128_bit_number_is_survived),
        cmocka_unit_test(zero_is_all_bits_zero_in_a_float_of_any_size),
        cmocka_unit_test(encoding_what_was_decoded_gives_the_values_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
