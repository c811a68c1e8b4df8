#include "edge-gateway/app/encode_line.h"

#include "edge-gateway/app/json_reader.h"
#include "edge-gateway/can/cursor.h"
#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/dbc/dbc_encode.h"
#include "edge-gateway/dbc/dbc_float.h"
#include "edge-gateway/dbc/decimal_integer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR_MAX_BYTES   256
#define SAME_VALUE        1e-12 /* relative: two texts of one double */
#define MICRO_EXPONENT    (-6)
#define DEFAULT_BUS       "can0"
#define CLASSIC_MAX_BYTES 8

/* What a line says about one signal; absent parts are NULL or false. */
struct wish {
    const char *signal;
    const char *label;
    bool has_value;
    bool has_raw;
    bool is_null;   /* "value":null, which decode prints for a float that is no finite number */
    bool is_double; /* the value's text is a printed double: see is_printed_double() */
    struct decimal value;
    struct decimal raw;
    struct json_number value_text; /* where has_value */
    struct json_number raw_text;   /* where has_raw */
};

struct encode_line {
    const struct dbc_database *db;
    bool any_value;
    struct wish *wishes;
    struct dbc_input *inputs;
    size_t count;
    const char *message;
    const char *bus;
    bool has_id;
    uint32_t can_id;
    bool extended;
    int64_t ts_us;
    char error[ERROR_MAX_BYTES];
};

struct encode_line *encode_line_new(const struct dbc_database *db, bool any_value)
{
    struct encode_line *encoder = calloc(1, sizeof(*encoder));
    if (encoder == NULL) {
        return NULL;
    }
    encoder->db = db;
    encoder->any_value = any_value;
    encoder->wishes = calloc(DBC_SIGNALS_MAX, sizeof(*encoder->wishes));
    encoder->inputs = calloc(DBC_SIGNALS_MAX, sizeof(*encoder->inputs));
    if (encoder->wishes == NULL || encoder->inputs == NULL) {
        encode_line_free(encoder);
        return NULL;
    }
    return encoder;
}

void encode_line_free(struct encode_line *encoder)
{
    if (encoder != NULL) {
        free(encoder->wishes);
        free(encoder->inputs);
        free(encoder);
    }
}

const char *encode_line_error(const struct encode_line *encoder)
{
    return encoder->error;
}

EDGE_PRINTF(2, 3)
static void refuse(struct encode_line *encoder, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(encoder->error, sizeof(encoder->error), format, args);
    va_end(args);
}

static bool read_number(struct json_reader *json, struct json_number *ret_text, struct decimal *ret)
{
    return json_reader_number(json, ret_text) &&
           decimal_parse(ret_text->text, ret_text->length, ret) == 0;
}

static bool read_decimal(struct json_reader *json, struct decimal *ret)
{
    struct json_number text;
    return read_number(json, &text, ret);
}

/*
 * Programs print doubles with 16 or 17 digits where arithmetic left its traces
 * (0.30000000000000004). Such a text stands for the double; any other one for exactly what it says.
 */
static bool is_printed_double(const struct json_number *number, const struct decimal *value)
{
    const int64_t digits_15 = 1000000000000000;
    const int64_t digits_17 = digits_15 * 100;
    int64_t mantissa = 0;
    bool fits = int128_to_i64(value->mantissa, &mantissa);
    bool integer = memchr(number->text, '.', number->length) == NULL &&
                   memchr(number->text, 'e', number->length) == NULL &&
                   memchr(number->text, 'E', number->length) == NULL;
    return !integer && fits && llabs(mantissa) >= digits_15 && llabs(mantissa) < digits_17;
}

static void read_value(struct json_reader *json, struct wish *wish)
{
    wish->has_value = read_number(json, &wish->value_text, &wish->value);
    wish->is_double = wish->has_value && is_printed_double(&wish->value_text, &wish->value);
}

/* {"value":21.5,"raw":215,"unit":"V","label":"On"} */
static void read_object(struct json_reader *json, struct wish *wish)
{
    const char *key;
    for (json_reader_open(json); json_reader_member(json, &key);) {
        enum json_kind kind = json_reader_kind(json);
        if (strcmp(key, "value") == 0 && kind == JSON_NUMBER) {
            read_value(json, wish);
        } else if (strcmp(key, "raw") == 0 && kind == JSON_NUMBER) {
            wish->has_raw = read_number(json, &wish->raw_text, &wish->raw);
        } else if ((strcmp(key, "label") == 0 || strcmp(key, "value") == 0) &&
                   kind == JSON_STRING) {
            (void)json_reader_string(json, &wish->label);
        } else {
            wish->is_null = wish->is_null || (strcmp(key, "value") == 0 && kind == JSON_NULL);
            json_reader_skip(json);
        }
    }
}

static void read_wish(struct json_reader *json, struct wish *wish)
{
    switch (json_reader_kind(json)) {
    case JSON_NUMBER:
        read_value(json, wish);
        break;
    case JSON_STRING:
        (void)json_reader_string(json, &wish->label);
        break;
    case JSON_OBJECT:
        read_object(json, wish);
        break;
    case JSON_NULL:
        wish->is_null = true;
        json_reader_skip(json);
        break;
    case JSON_NONE:
    case JSON_BOOLEAN:
    case JSON_ARRAY:
        json_reader_skip(json);
        break;
    }
}

static void read_signals(struct encode_line *encoder, struct json_reader *json)
{
    const char *name;
    for (json_reader_open(json); json_reader_member(json, &name);) {
        if (encoder->count == DBC_SIGNALS_MAX) {
            refuse(encoder, "more than %d signals", DBC_SIGNALS_MAX);
            return;
        }
        struct wish *wish = &encoder->wishes[encoder->count++];
        *wish = (struct wish){.signal = name};
        read_wish(json, wish);
    }
}

static void read_time(struct encode_line *encoder, struct json_reader *json)
{
    struct decimal ts;
    int64_t us = 0;
    if (!read_decimal(json, &ts)) {
        refuse(encoder, "'ts' is not a number");
        return;
    }
    double rough_us = decimal_to_double(&ts) * 1e6;
    if (rough_us >= (double)CURSOR_TIME_MAX_US) {
        refuse(encoder, "'ts' is beyond the year 9999");
        return;
    }
    if (!decimal_to_i64(&ts, MICRO_EXPONENT, &us)) {
        us = llround(rough_us); /* finer than that */
    }
    encoder->ts_us = us > 0 ? us : 0;
}

/* One word of a candump line; "" is what decode prints for a name that is not UTF-8. */
static void read_bus(struct encode_line *encoder, struct json_reader *json)
{
    const char *name;
    if (!json_reader_string(json, &name) || name[0] == '\0') {
        return;
    }
    for (const char *at = name; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == '\x7F' || at - name == LOG_BUS_MAX_BYTES) {
            refuse(encoder, "'bus' is no interface name");
            return;
        }
    }
    encoder->bus = name;
}

static void read_id(struct encode_line *encoder, struct json_reader *json)
{
    struct decimal id;
    uint64_t number = 0;
    encoder->has_id = read_decimal(json, &id) && decimal_to_u64(&id, 0, &number) &&
                      number <= FRAME_ID_EXTENDED_MAX;
    if (encoder->has_id) {
        encoder->can_id = (uint32_t)number;
    } else {
        refuse(encoder, "'id' is no CAN id");
    }
}

static void read_member(struct encode_line *encoder, struct json_reader *json, const char *key)
{
    enum json_kind kind = json_reader_kind(json);
    if (strcmp(key, "message") == 0 && kind == JSON_STRING) {
        (void)json_reader_string(json, &encoder->message);
    } else if (strcmp(key, "signals") == 0) {
        read_signals(encoder, json);
    } else if (strcmp(key, "bus") == 0 && kind == JSON_STRING) {
        read_bus(encoder, json);
    } else if (strcmp(key, "ts") == 0) {
        read_time(encoder, json);
    } else if (strcmp(key, "id") == 0) {
        read_id(encoder, json);
    } else if (strcmp(key, "ext") == 0) {
        (void)json_reader_boolean(json, &encoder->extended);
    } else {
        json_reader_skip(json);
    }
}

static bool read_line(struct encode_line *encoder, char *text, size_t length)
{
    struct json_reader json;
    const char *key;
    encoder->count = 0;
    encoder->message = NULL;
    encoder->bus = DEFAULT_BUS;
    encoder->has_id = false;
    encoder->extended = false;
    encoder->ts_us = 0;
    json_reader_init(&json, text, length);
    if (json_reader_done(&json)) {
        return false; /* a blank line */
    }
    for (json_reader_open(&json); encoder->error[0] == '\0' && json_reader_member(&json, &key);) {
        read_member(encoder, &json, key);
    }
    if (encoder->error[0] == '\0' && !json_reader_done(&json)) {
        refuse(encoder, "%s", json.error != NULL ? json.error : "text behind the object");
    }
    return encoder->error[0] == '\0';
}

/* By id where the line has one that fits the name, as decode prints them; else by name. */
static const struct dbc_message *find_message(struct encode_line *encoder)
{
    const struct dbc_message *message = NULL;
    if (encoder->has_id) {
        message = dbc_find_by_id(encoder->db, encoder->can_id, encoder->extended);
    }
    if (message == NULL ||
        (encoder->message != NULL && strcmp(message->name, encoder->message) != 0)) {
        message = encoder->message != NULL ? dbc_find_by_name(encoder->db, encoder->message) : NULL;
    }
    if (message == NULL) {
        refuse(encoder, "message '%s' is unknown",
               encoder->message != NULL ? encoder->message : "");
    }
    return message;
}

static bool same_value(const struct dbc_value *value, const struct decimal *wanted)
{
    /* The text of a short float has only as many digits as it needs to read back. */
    const struct dbc_signal *signal = value->signal;
    double relative = SAME_VALUE;
    double absolute = 0;
    if (signal->type == DBC_FLOAT && signal->length_bits < 64) {
        relative = ldexp(1, signal->length_bits == 32 ? -23 : -10);
        absolute =
            fabs(signal->scale.multiplier) * ldexp(1, signal->length_bits == 32 ? -149 : -24);
    }
    double a = dbc_value_number(value);
    double b = decimal_to_double(wanted);
    return fabs(a - b) <= relative * fmax(fabs(a), fabs(b)) + absolute;
}

/*
 * Value and raw together, as decode prints them: raw is exact, and the only hope where the factor
 * is 0, but somebody may have edited the value - then they contradict each other.
 */
static bool raw_agrees(const struct dbc_signal *signal, const struct wish *wish)
{
    if (signal->type == DBC_WIDE) {
        return wish->raw_text.length == wish->value_text.length &&
               memcmp(wish->raw_text.text, wish->value_text.text, wish->raw_text.length) == 0;
    }
    struct dbc_input input = {.kind = DBC_INPUT_RAW, .decimal = wish->raw};
    struct dbc_value value = {.signal = signal};
    return dbc_encode_raw(signal, &input, true, &value.raw) == DBC_ENCODE_OK &&
           same_value(&value, &wish->value);
}

/* Raw floats that no decimal can be: negative zero, and the bits of what is no finite number. */
static bool float_bits(const struct dbc_signal *signal, const struct wish *wish, uint64_t *ret)
{
    uint64_t whole = 0;
    if (signal->type != DBC_FLOAT || !wish->has_raw) {
        return false;
    }
    if (wish->is_null) {
        bool fits = decimal_to_u64(&wish->raw, 0, &whole);
        *ret = whole;
        return fits && !isfinite(dbc_float_from_raw(*ret, signal->length_bits));
    }
    *ret = dbc_float_to_raw(-0.0, signal->length_bits);
    return int128_is_zero(wish->raw.mantissa) && wish->raw_text.text[0] == '-';
}

static bool is_digits(const struct json_number *number)
{
    for (size_t i = 0; i < number->length; i++) {
        if (number->text[i] < '0' || number->text[i] > '9') {
            return false;
        }
    }
    return true;
}

/* The raw number, in the form that holds it exactly. */
static void set_raw(const struct dbc_signal *signal, const struct wish *wish,
                    struct dbc_input *input)
{
    input->kind = DBC_INPUT_RAW;
    input->decimal = wish->raw;
    if (float_bits(signal, wish, &input->bits)) {
        input->kind = DBC_INPUT_BITS;
    } else if (signal->type == DBC_WIDE && is_digits(&wish->raw_text)) {
        input->kind = DBC_INPUT_DIGITS;
        input->digits = wish->raw_text.text;
        input->digit_count = wish->raw_text.length;
    }
}

static void set_value(const struct dbc_signal *signal, const struct wish *wish,
                      struct dbc_input *input)
{
    input->kind = wish->is_double ? DBC_INPUT_NUMBER : DBC_INPUT_DECIMAL;
    input->number = decimal_to_double(&wish->value);
    if (signal != NULL && signal->type == DBC_WIDE && is_digits(&wish->value_text)) {
        input->kind = DBC_INPUT_DIGITS;
        input->digits = wish->value_text.text;
        input->digit_count = wish->value_text.length;
    }
}

/* Of the signals with that name the first whose value and raw agree; else the first. */
static const struct dbc_signal *find_signal(const struct dbc_message *message,
                                            const struct wish *wish, bool *ret_agrees)
{
    const struct dbc_signal *first = NULL;
    *ret_agrees = false;
    for (uint16_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i];
        if (strcmp(signal->name, wish->signal) != 0) {
            continue;
        }
        first = first == NULL ? signal : first;
        if (wish->has_raw && (!wish->has_value || raw_agrees(signal, wish))) {
            *ret_agrees = true;
            return signal;
        }
    }
    return first;
}

static bool make_input(struct encode_line *encoder, const struct dbc_message *message,
                       const struct wish *wish, struct dbc_input *input)
{
    bool agrees;
    const struct dbc_signal *signal = find_signal(message, wish, &agrees);
    *input = (struct dbc_input){.signal = wish->signal, .decimal = wish->value};
    if (agrees) {
        set_raw(signal, wish, input);
    } else if (wish->has_raw && signal != NULL) {
        refuse(encoder, "signal '%s': value and raw contradict each other", wish->signal);
        return false;
    } else if (wish->has_value) {
        set_value(signal, wish, input);
    } else if (wish->label != NULL) {
        input->kind = DBC_INPUT_LABEL;
        input->label = wish->label;
    } else if (wish->is_null) {
        input->kind = DBC_INPUT_NUMBER;
        input->number = (double)NAN;
    } else {
        refuse(encoder, "signal '%s' has no value", wish->signal);
        return false;
    }
    return true;
}

static bool encode_payload(struct encode_line *encoder, const struct dbc_message *message,
                           struct frame *frame)
{
    uint8_t data[DBC_PAYLOAD_MAX_BYTES];
    size_t failed = 0;
    for (size_t i = 0; i < encoder->count; i++) {
        if (!make_input(encoder, message, &encoder->wishes[i], &encoder->inputs[i])) {
            return false;
        }
    }
    struct dbc_encode_request request = {encoder->inputs, encoder->count, encoder->any_value};
    enum dbc_encode_result result = dbc_encode(message, &request, data, &failed);
    if (result != DBC_ENCODE_OK) {
        refuse(encoder, "message '%s', signal '%s': %s", message->name,
               encoder->inputs[failed].signal, dbc_encode_result_text(result));
        return false;
    }
    size_t length = dbc_encode_length(message);
    if (length > FRAME_DATA_MAX_BYTES) {
        refuse(encoder, "message '%s' is longer than a frame", message->name);
        return false;
    }
    memcpy(frame->data, data, length);
    frame->len = (uint8_t)length;
    return true;
}

size_t encode_line_run(struct encode_line *encoder, char *json, size_t length,
                       char text[CANDUMP_TEXT_MAX])
{
    encoder->error[0] = '\0';
    if (!read_line(encoder, json, length)) {
        return 0;
    }
    const struct dbc_message *message = find_message(encoder);
    if (message == NULL) {
        return 0;
    }
    struct frame frame = {.ts_us = encoder->ts_us, .can_id = message->can_id};
    if (!encode_payload(encoder, message, &frame)) {
        return 0;
    }
    /* A J1939 group keeps the priority and source address that the line gives. */
    if (message->j1939 && encoder->has_id && encoder->extended) {
        frame.can_id = encoder->can_id;
    }
    frame.flags = message->extended ? FRAME_EXTENDED : 0;
    frame.flags |= message->fd || frame.len > CLASSIC_MAX_BYTES ? FRAME_FD : 0;
    return candump_format(&frame, encoder->bus, text);
}
