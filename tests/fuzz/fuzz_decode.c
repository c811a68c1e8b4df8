/*
 * Any frames through any DBC: every value has a text, a number and a label that agree, and what was
 * decoded encodes to a payload that decodes to the same.
 *
 * Input: the DBC's text, NUL, then frames: a byte n, a byte for the length, the data. Below
 * BY_ID, n picks the nth message; above, the four bytes before the length are the id.
 */
#include "edge-gateway/app/ndjson.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/dbc/dbc_encode.h"
#include "edge-gateway/dbc/text_encoding.h"
#include "tests/fuzz/fuzz.h"
#include "topics/json_number.h"

#include <float.h>
#include <math.h>

#define BY_ID        0x80u
#define BY_ID_EXT    0x40u
#define FRAMES_MAX   64
#define EXACT_DIGITS 36 /* decimal_parse() keeps these */

/* Frames, read from the end of the input. */
struct source {
    const uint8_t *at;
    size_t left;
};

static uint8_t take_byte(struct source *source)
{
    if (source->left == 0) {
        return 0;
    }
    source->left--;
    return *source->at++;
}

struct target {
    const struct dbc_database *db;
    struct ndjson *json;
    char *line; /* of ndjson_max_bytes(), so that one byte too many is a finding */
};

/* One frame's values, and the inputs that make them again. */
struct reading {
    const struct dbc_message *message;
    struct dbc_value *values;
    size_t count;
    struct dbc_input *inputs;
    size_t input_count;
};

static struct decimal parse_decimal(const char *text, size_t length)
{
    struct decimal decimal;
    require(decimal_parse(text, length, &decimal) == 0);
    return decimal;
}

/* A text has as many digits as its type needs to be read back. */
static bool reads_back(const struct dbc_signal *signal, double read, double number)
{
    if (signal->type == DBC_FLOAT && signal->length_bits < 64 &&
        signal->scale.kind == DBC_SCALE_IDENTITY) {
        return (float)read == (float)number;
    }
    return fabs(read - number) <= DBL_EPSILON * fabs(number);
}

static void check_label(const struct dbc_value *value)
{
    const char *label = dbc_value_label(value);
    if (label == NULL) {
        return;
    }
    require(text_is_utf8(label, strlen(label)));
    struct dbc_input input = {.kind = DBC_INPUT_LABEL, .label = label};
    struct dbc_value again = {.signal = value->signal};
    require(dbc_encode_raw(value->signal, &input, true, &again.raw) == DBC_ENCODE_OK);
    require(dbc_value_label(&again) != NULL);
    require(strcmp(dbc_value_label(&again), label) == 0);
}

/* With an integer scale the text is exact, and so is the way back. */
static void check_exact(const struct dbc_value *value, const char *text, size_t length)
{
    const struct dbc_scale *scale = &value->signal->scale;
    bool integer = scale->kind == DBC_SCALE_INT64 || scale->kind == DBC_SCALE_INT128 ||
                   (scale->kind == DBC_SCALE_IDENTITY && value->signal->type != DBC_FLOAT);
    bool lossless = scale->kind == DBC_SCALE_IDENTITY || scale->factor != 0;
    if (!integer || !lossless || length > EXACT_DIGITS) {
        return;
    }
    struct dbc_input input = {.kind = DBC_INPUT_DECIMAL, .decimal = parse_decimal(text, length)};
    uint64_t raw = ~value->raw;
    require(dbc_encode_raw(value->signal, &input, true, &raw) == DBC_ENCODE_OK);
    require(raw == value->raw);
}

static void check_number(const struct dbc_value *value)
{
    char text[DBC_VALUE_TEXT_MAX];
    double number = dbc_value_number(value);
    size_t length = dbc_value_text(value, text);
    require((length > 0) == (isfinite(number) != 0));
    require(length > 0 || value->quality == DBC_QUALITY_NOT_AVAILABLE);
    if (length == 0) {
        return;
    }
    require(length == strlen(text));
    require(json_number_is_valid(text, length));
    struct decimal decimal = parse_decimal(text, length);
    require(reads_back(value->signal, decimal_to_double(&decimal), number));
    check_exact(value, text, length);
}

static void check_value(const struct dbc_value *value)
{
    require(value->quality < DBC_QUALITY_COUNT);
    require(dbc_quality_text(value->quality) != NULL);
    if (value->signal->type == DBC_WIDE) {
        char wide[DBC_WIDE_VALUE_TEXT_MAX];
        size_t length = dbc_value_wide_text(value, wide);
        require(length == strlen(wide) && json_number_is_valid(wide, length));
        return;
    }
    check_number(value);
    check_label(value);
}

static struct dbc_input raw_input(const struct dbc_value *value)
{
    char text[DBC_VALUE_TEXT_MAX];
    struct dbc_input input = {.signal = value->signal->name, .kind = DBC_INPUT_RAW};
    size_t length = dbc_value_raw_text(value, text);
    bool is_number = value->signal->type != DBC_FLOAT || isfinite(dbc_value_number(value));
    if (is_number) { /* else the text is that of the bits */
        input.decimal = parse_decimal(text, length);
    } else {
        input.kind = DBC_INPUT_NUMBER;
        input.number = dbc_value_number(value);
    }
    return input;
}

/* Position of bit `i` of a signal, counted from its most significant one or its least. */
static unsigned bit_position(const struct dbc_signal *signal, unsigned i)
{
    unsigned start = signal->start_bit;
    if (!signal->big_endian) {
        return start + i;
    }
    unsigned sent = start / 8 * 8 + (7 - start % 8) + i;
    return sent / 8 * 8 + (7 - sent % 8);
}

/* Signals that share bits with others or reach beyond the message cannot all be encoded; of one
 * name only the first can be named. */
static bool is_reversible(const struct reading *reading)
{
    uint8_t used[DBC_PAYLOAD_MAX_BYTES] = {0};
    for (size_t i = 0; i < reading->count; i++) {
        const struct dbc_signal *signal = reading->values[i].signal;
        if (signal->field.end_byte > reading->message->size_bytes ||
            dbc_find_signal(reading->message, signal->name) != signal) {
            return false;
        }
        for (unsigned bit = 0; bit < signal->length_bits; bit++) {
            unsigned at = bit_position(signal, bit);
            uint8_t mask = (uint8_t)(1u << at % 8);
            if ((used[at / 8] & mask) != 0) {
                return false;
            }
            used[at / 8] |= mask;
        }
    }
    return true;
}

static const struct dbc_value *find_value(const struct reading *reading,
                                          const struct dbc_signal *signal)
{
    for (size_t i = 0; i < reading->count; i++) {
        if (reading->values[i].signal == signal) {
            return &reading->values[i];
        }
    }
    return NULL;
}

/* Bit by bit but for floats, whose zeros and NaNs have several forms. */
static void check_same(const struct dbc_value *a, const struct dbc_value *b)
{
    require(b != NULL);
    double x = dbc_value_number(a);
    double y = dbc_value_number(b);
    bool are_nans = a->signal->type == DBC_FLOAT && x != x && y != y;
    require(are_nans || a->quality == b->quality); /* one form of NaN says "not available" */
    require(are_nans || a->raw == b->raw || (a->signal->type == DBC_FLOAT && x == y));
}

static void check_again(const struct reading *reading, const uint8_t *data)
{
    struct reading again = {.message = reading->message};
    again.values = fuzz_alloc(reading->message->signal_count, sizeof(*again.values));
    again.count =
        dbc_decode(reading->message, data, dbc_encode_length(reading->message), again.values);
    for (size_t i = 0; i < reading->count; i++) {
        if (reading->values[i].signal->type != DBC_WIDE) {
            check_same(&reading->values[i], find_value(&again, reading->values[i].signal));
        }
    }
    free(again.values);
}

static void check_round_trip(struct reading *reading)
{
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed = SIZE_MAX;
    for (size_t i = 0; i < reading->count; i++) {
        if (reading->values[i].signal->type != DBC_WIDE) {
            reading->inputs[reading->input_count++] = raw_input(&reading->values[i]);
        }
    }
    struct dbc_encode_request request = {reading->inputs, reading->input_count, true};
    enum dbc_encode_result result = dbc_encode(reading->message, &request, data, &failed);
    require(dbc_encode_result_text(result) != NULL);
    require(result == DBC_ENCODE_OK || failed < reading->input_count);
    if (is_reversible(reading)) {
        require(result == DBC_ENCODE_OK);
        check_again(reading, data);
    }
}

static void check_line(const struct target *target, const struct reading *reading,
                       const struct frame *frame)
{
    const struct ndjson_frame line = {.frame = frame, .bus = "can0", .bus_length = 4};
    char *end = ndjson_write_reading(target->json, target->line, &line, reading->message,
                                     reading->values, reading->count);
    require(text_is_utf8(target->line, (size_t)(end - target->line)));
}

static void check_frame(const struct target *target, const struct dbc_message *message,
                        const uint8_t *data, size_t length, const struct frame *frame)
{
    struct reading reading = {.message = message};
    reading.values = fuzz_alloc(message->signal_count, sizeof(*reading.values));
    reading.inputs = fuzz_alloc(message->signal_count, sizeof(*reading.inputs));
    reading.count = dbc_decode(message, data, length, reading.values);
    require(reading.count <= message->signal_count);
    for (size_t i = 0; i < reading.count; i++) {
        check_value(&reading.values[i]);
    }
    check_line(target, &reading, frame);
    check_round_trip(&reading);
    free(reading.inputs);
    free(reading.values);
}

static const struct dbc_message *take_message(struct source *source, const struct dbc_database *db,
                                              struct frame *frame)
{
    uint8_t n = take_byte(source);
    if ((n & BY_ID) == 0) {
        const struct dbc_message *message = dbc_message_at(db, n % dbc_message_count(db));
        frame->can_id = message->can_id;
        frame->flags = message->extended ? FRAME_EXTENDED : 0;
        return message;
    }
    for (int i = 0; i < 4; i++) {
        frame->can_id = frame->can_id << 8 | take_byte(source);
    }
    frame->can_id &= FRAME_ID_EXTENDED_MAX;
    frame->flags = (n & BY_ID_EXT) != 0 ? FRAME_EXTENDED : 0;
    return dbc_find_by_id(db, frame->can_id, (n & BY_ID_EXT) != 0);
}

static void decode_frames(const struct target *target, struct source source)
{
    for (int i = 0; i < FRAMES_MAX && source.left > 0; i++) {
        struct frame frame = {.ts_us = 0};
        const struct dbc_message *message = take_message(&source, target->db, &frame);
        size_t length = take_byte(&source);
        length = length < source.left ? length : source.left;
        if (message != NULL) {
            uint8_t *data = (uint8_t *)fuzz_text(source.at, length);
            check_frame(target, message, data, length, &frame);
            free(data);
        }
        source.at += length;
        source.left -= length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, '\0', size);
    size_t length = nul != NULL ? (size_t)(nul - data) : size;
    struct dbc_database *db = dbc_new();
    struct diagnostics *d = diagnostics_new(1);
    require(db != NULL && d != NULL);
    if (dbc_load_text(db, "fuzz.dbc", (const char *)data, length, d) == 0 && nul != NULL &&
        dbc_message_count(db) > 0) {
        struct target target = {.db = db, .json = ndjson_new(db)};
        require(target.json != NULL);
        target.line = fuzz_alloc(ndjson_max_bytes(target.json), 1);
        decode_frames(&target, (struct source){nul + 1, size - length - 1});
        free(target.line);
        ndjson_free(target.json);
    }
    diagnostics_free(d);
    dbc_free(db);
    return 0;
}
