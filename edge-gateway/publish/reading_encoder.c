#include "edge-gateway/publish/reading_encoder.h"

#include "edge-gateway/can/frame.h"
#include "topics/payload_reading.h"

#include <errno.h>
#include <string.h>

/* {"ts":-9223372036854.775808,"seq":18446744073709551615,"signals":{},"q":{}} and the final NUL. */
#define FRAME_MAX_BYTES 80
/* ,"": around a member. */
#define MEMBER_MAX_BYTES 4
/* A CAN frame's payload holds no wider number than this. */
#define TEXT_MAX          (FRAME_DATA_MAX_BYTES * 5 / 2 + DBC_VALUE_TEXT_MAX)
#define QUALITY_MAX_BYTES (MEMBER_MAX_BYTES + sizeof("\"not_available\""))

static enum reading_quality quality_of(enum dbc_quality quality)
{
    static const enum reading_quality qualities[] = {
        [DBC_QUALITY_GOOD] = READING_GOOD,
        [DBC_QUALITY_OUT_OF_RANGE] = READING_OUT_OF_RANGE,
        [DBC_QUALITY_NOT_AVAILABLE] = READING_NOT_AVAILABLE,
    };
    _Static_assert(sizeof(qualities) / sizeof(qualities[0]) == DBC_QUALITY_COUNT, "each quality");
    return qualities[quality];
}

/* The value's decimal text: its length, 0 if there is none. `text` has TEXT_MAX bytes. */
static size_t decimal_text(const struct dbc_value *value, char *text)
{
    return value->signal->type == DBC_WIDE ? dbc_value_wide_text(value, text)
                                           : dbc_value_text(value, text);
}

static void write_value(struct json_writer *w, const struct dbc_value *value)
{
    const char *label = dbc_value_label(value);
    if (label != NULL) {
        payload_reading_label(w, value->signal->name, label);
        return;
    }
    char text[TEXT_MAX];
    size_t length = decimal_text(value, text);
    if (length > 0) {
        payload_reading_number(w, value->signal->name, text, length);
    } else {
        payload_reading_null(w, value->signal->name);
    }
}

void reading_write(struct json_writer *w, const struct reading *reading)
{
    bool all_good = true;
    payload_reading_begin(w, reading->origin, reading->ts_us, reading->seq);
    for (size_t i = 0; i < reading->count; i++) {
        write_value(w, &reading->values[i]);
        all_good = all_good && reading->values[i].quality == DBC_QUALITY_GOOD;
    }
    if (!all_good) {
        payload_reading_quality_begin(w);
        for (size_t i = 0; i < reading->count; i++) {
            payload_reading_quality(w, reading->values[i].signal->name,
                                    quality_of(reading->values[i].quality));
        }
    }
    payload_reading_end(w);
}

int reading_encode(const struct reading *reading, char *text, size_t size, size_t *ret_length)
{
    struct json_writer w;
    json_writer_init(&w, text, size);
    reading_write(&w, reading);
    return json_writer_finish(&w, ret_length);
}

int signal_encode(const struct dbc_value *value, char *text, size_t size, size_t *ret_length)
{
    char number[TEXT_MAX];
    const char *source = dbc_value_label(value);
    size_t length = source != NULL ? strlen(source) : decimal_text(value, number);
    if (source == NULL) {
        source = number;
    }
    if (length >= size) {
        return -EMSGSIZE;
    }
    memcpy(text, source, length);
    text[length] = '\0';
    *ret_length = length;
    return 0;
}

/* Bytes of a text inside JSON quotes, escapes included. */
static size_t escaped_max(const char *text)
{
    size_t length = 2;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        length += c < 0x20 || c == '"' || c == '\\' || c >= 0x7F ? 6 : 1;
    }
    return length;
}

static size_t longest_label(const struct dbc_signal *signal)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < signal->label_count; i++) {
        size_t length = escaped_max(signal->labels[i].text);
        longest = length > longest ? length : longest;
    }
    return longest;
}

size_t signal_payload_max(const struct dbc_signal *signal)
{
    size_t label = longest_label(signal);
    size_t number = signal->type == DBC_WIDE ? TEXT_MAX : DBC_VALUE_TEXT_MAX;
    return (label > number ? label : number) + 1;
}

size_t reading_payload_max(const struct dbc_message *message)
{
    size_t total = FRAME_MAX_BYTES;
    for (uint16_t i = 0; i < message->signal_count; i++) {
        size_t name = escaped_max(message->signals[i].name);
        total += MEMBER_MAX_BYTES + name + signal_payload_max(&message->signals[i]);
        total += name + QUALITY_MAX_BYTES;
    }
    return total;
}
