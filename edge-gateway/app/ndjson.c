#include "edge-gateway/app/ndjson.h"

#include "common/digits.h"
#include "edge-gateway/can/candump.h"
#include "edge-gateway/dbc/dbc_arena.h"
#include "edge-gateway/dbc/text_encoding.h"

#include <stdlib.h>
#include <string.h>

#define ESCAPE_MAX     6   /* \u001F */
#define HEAD_MAX_BYTES 128 /* time, id and punctuation of a line */
#define BLOCK_BYTES    32  /* fragments are copied in whole blocks */
#define MICROSECONDS   1000000

/* A prepared piece of a line; behind it there are readable bytes up to a whole block. */
struct fragment {
    const char *text;
    size_t length;
};

struct signal_text {
    struct fragment head;    /* "Name":{"value": */
    struct fragment tail;    /* ,"unit":"V"}, or }, */
    struct fragment *labels; /* ,"label":"On" in the order of signal->labels */
    bool unscaled_float;     /* value and raw are mostly the same text, which is dear to make */
};

struct message_text {
    struct fragment head; /* ,"id":291,"ext":false,"message":"Name","signals":{ */
    size_t name_at;       /* where ,"message": begins in it, for frames matched by PGN */
    struct signal_text *signals;
};

/* The name of the last line's bus, escaped: few lines come from another one than the line before.
 */
struct bus_text {
    char name[LOG_BUS_MAX_BYTES];
    size_t length;         /* of the name */
    struct fragment whole; /* ,"bus":"can0" */
    char text[ESCAPE_MAX * LOG_BUS_MAX_BYTES + 2 * BLOCK_BYTES];
};

struct ndjson {
    struct dbc_arena arena;
    struct message_text *messages;
    struct bus_text bus;
    size_t max_bytes;
};

static char *put(char *at, const char *text, size_t length)
{
    memcpy(at, text, length);
    return at + length;
}

static char *put_text(char *at, const char *text)
{
    return put(at, text, strlen(text));
}

/* Whole blocks of a fixed size are plain moves; what is written beyond the end is overwritten. */
static inline char *put_fragment(char *at, struct fragment fragment)
{
    memcpy(at, fragment.text, BLOCK_BYTES);
    for (size_t done = BLOCK_BYTES; done < fragment.length; done += BLOCK_BYTES) {
        memcpy(at + done, fragment.text + done, BLOCK_BYTES);
    }
    return at + fragment.length;
}

/* A JSON string body (RFC 8259, section 7) of UTF-8 text. */
static char *put_escaped(char *at, const char *text, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = (char)c;
        } else if (c < 0x20) {
            at = put_text(at, "\\u00");
            *at++ = hex[c >> 4];
            *at++ = hex[c & 0xF];
        } else {
            *at++ = (char)c;
        }
    }
    return at;
}

static struct fragment make_fragment(struct dbc_arena *arena, const char *before, const char *text,
                                     const char *after)
{
    size_t length = strlen(text);
    char *start = dbc_arena_alloc(
        arena, strlen(before) + ESCAPE_MAX * length + strlen(after) + BLOCK_BYTES, 1);
    if (start == NULL) {
        return (struct fragment){"", 0};
    }
    char *end = put_text(put_escaped(put_text(start, before), text, length), after);
    return (struct fragment){start, (size_t)(end - start)};
}

static size_t prepare_signal(struct dbc_arena *arena, const struct dbc_signal *signal,
                             struct signal_text *text)
{
    text->head = make_fragment(arena, "\"", signal->name, "\":{\"value\":");
    bool has_unit = signal->unit[0] != '\0';
    text->tail = make_fragment(arena, has_unit ? ",\"unit\":\"" : "", signal->unit,
                               has_unit ? "\"}," : "},");
    text->unscaled_float = signal->type == DBC_FLOAT && signal->scale.kind == DBC_SCALE_IDENTITY;
    size_t longest = 0;
    text->labels = dbc_arena_alloc(arena, signal->label_count, sizeof(*text->labels));
    for (uint32_t i = 0; text->labels != NULL && i < signal->label_count; i++) {
        text->labels[i] = make_fragment(arena, ",\"label\":\"", signal->labels[i].text, "\"");
        longest = text->labels[i].length > longest ? text->labels[i].length : longest;
    }
    size_t numbers = 2 * (signal->type == DBC_WIDE ? DBC_WIDE_VALUE_TEXT_MAX : DBC_VALUE_TEXT_MAX);
    return text->head.length + text->tail.length + longest + numbers + HEAD_MAX_BYTES;
}

static char *put_id(char *at, uint32_t can_id, bool extended)
{
    at = put_text(at, ",\"id\":");
    at += decimal_format_u64(can_id, at);
    return extended ? put_text(at, ",\"ext\":true") : put_text(at, ",\"ext\":false");
}

static size_t prepare_message(struct dbc_arena *arena, const struct dbc_message *message,
                              struct message_text *text)
{
    char id[HEAD_MAX_BYTES];
    char *end = put_id(id, message->can_id, message->extended);
    text->name_at = (size_t)(end - id);
    (void)memcpy(end, ",\"message\":\"", sizeof(",\"message\":\""));
    text->head = make_fragment(arena, id, message->name, "\",\"signals\":{");
    text->signals = dbc_arena_alloc(arena, message->signal_count, sizeof(*text->signals));
    size_t bytes = HEAD_MAX_BYTES + ESCAPE_MAX * LOG_BUS_MAX_BYTES + text->head.length;
    for (uint16_t i = 0; text->signals != NULL && i < message->signal_count; i++) {
        bytes += prepare_signal(arena, &message->signals[i], &text->signals[i]);
    }
    return bytes;
}

struct ndjson *ndjson_new(const struct dbc_database *db)
{
    struct ndjson *json = calloc(1, sizeof(*json));
    if (json == NULL) {
        return NULL;
    }
    size_t count = dbc_message_count(db);
    json->max_bytes = CANDUMP_TEXT_MAX + HEAD_MAX_BYTES + ESCAPE_MAX * LOG_BUS_MAX_BYTES;
    json->messages = dbc_arena_alloc(&json->arena, count, sizeof(*json->messages));
    for (size_t i = 0; json->messages != NULL && i < count; i++) {
        size_t bytes = prepare_message(&json->arena, dbc_message_at(db, i), &json->messages[i]);
        json->max_bytes = bytes > json->max_bytes ? bytes : json->max_bytes;
    }
    if (json->arena.failed) {
        ndjson_free(json);
        return NULL;
    }
    return json;
}

void ndjson_free(struct ndjson *json)
{
    if (json != NULL) {
        dbc_arena_deinit(&json->arena);
        free(json);
    }
}

size_t ndjson_max_bytes(const struct ndjson *json)
{
    return json->max_bytes;
}

static void set_bus(struct bus_text *bus, const struct ndjson_frame *frame)
{
    size_t length = frame->bus_length < LOG_BUS_MAX_BYTES ? frame->bus_length : LOG_BUS_MAX_BYTES;
    char *end = put_text(bus->text, ",\"bus\":\"");
    if (text_is_utf8(frame->bus, length)) {
        end = put_escaped(end, frame->bus, length);
    }
    *end++ = '"';
    memcpy(bus->name, frame->bus, length);
    bus->length = length;
    bus->whole = (struct fragment){bus->text, (size_t)(end - bus->text)};
}

static bool is_set_to(const struct bus_text *bus, const struct ndjson_frame *frame)
{
    return bus->whole.text != NULL && bus->length == frame->bus_length &&
           memcmp(bus->name, frame->bus, bus->length) == 0;
}

/* {"ts":1795423160.495983,"seq":1234 */
static char *put_stamp(char *at, const struct ndjson_frame *frame)
{
    uint64_t ts_us = frame->frame->ts_us > 0 ? (uint64_t)frame->frame->ts_us : 0;
    at = put(at, "{\"ts\":", 6);
    at += decimal_format_u64(ts_us / MICROSECONDS, at);
    /* Of the eight digits the two before the microseconds make room for the point. */
    uint64_t fraction = digits_of((uint32_t)(ts_us % MICROSECONDS)) + DIGITS_EACH('0');
    digits_store(at, fraction >> 16 << 8 | '.');
    at += 7;
    if (frame->seq > 0) {
        at = put(at, ",\"seq\":", 7);
        at += decimal_format_u64(frame->seq, at);
    }
    return at;
}

static char *put_number(char *at, size_t length)
{
    return length > 0 ? at + length : put(at, "null", 4);
}

static char *put_wide(char *at, const struct dbc_value *value)
{
    char *number = at;
    at += dbc_value_wide_text(value, at);
    size_t length = (size_t)(at - number);
    at = put(at, ",\"raw\":", 7);
    return put(at, number, length);
}

/* Zero and what is no number hide bits of a float, see dbc_value_raw_text(). */
static bool tells_all(const char *number, size_t length)
{
    return length > 1 || (length == 1 && number[0] != '0');
}

static char *put_numbers(char *at, const struct signal_text *text, const struct dbc_value *value)
{
    char *number = at;
    size_t length = dbc_value_text(value, at);
    at = put_number(at, length);
    at = put(at, ",\"raw\":", 7);
    if (text->unscaled_float && tells_all(number, length)) {
        return put(at, number, length);
    }
    return put_number(at, dbc_value_raw_text(value, at));
}

/* In place of the end of the tail: ,"label":"On","q":"out_of_range"}, */
static char *put_remarks(char *at, const struct signal_text *text, const struct dbc_value *value)
{
    at -= 2;
    const struct dbc_label *label = dbc_value_label_row(value);
    if (label != NULL) {
        at = put_fragment(at, text->labels[label - value->signal->labels]);
    }
    if (value->quality != DBC_QUALITY_GOOD) {
        at = put(at, ",\"q\":\"", 6);
        at = put_text(at, dbc_quality_text(value->quality));
        *at++ = '"';
    }
    return put(at, "},", 2);
}

static char *put_value(char *at, const struct signal_text *text, const struct dbc_value *value)
{
    const struct dbc_signal *signal = value->signal;
    at = signal->type == DBC_WIDE ? put_wide(at, value) : put_numbers(at, text, value);
    at = put_fragment(at, text->tail);
    bool plain = signal->label_count == 0 && value->quality == DBC_QUALITY_GOOD;
    return plain ? at : put_remarks(at, text, value);
}

char *ndjson_write_reading(struct ndjson *json, char *at, const struct ndjson_frame *frame,
                           const struct dbc_message *message, const struct dbc_value *values,
                           size_t count)
{
    const struct message_text *text = &json->messages[message->index];
    if (!is_set_to(&json->bus, frame)) {
        set_bus(&json->bus, frame);
    }
    at = put_fragment(put_stamp(at, frame), json->bus.whole);
    if (frame->frame->can_id == message->can_id) {
        at = put_fragment(at, text->head);
    } else {
        at = put_id(at, frame->frame->can_id, true);
        at = put(at, text->head.text + text->name_at, text->head.length - text->name_at);
    }
    for (size_t i = 0; i < count; i++) {
        const struct signal_text *signal = &text->signals[values[i].signal->index];
        at = put_fragment(at, signal->head);
        at = put_value(at, signal, &values[i]);
    }
    at -= count > 0 ? 1 : 0; /* the comma behind the last one */
    return put(at, "}}\n", 3);
}

char *ndjson_write_unknown(char *at, const struct ndjson_frame *frame)
{
    static const char hex[] = "0123456789ABCDEF";
    const struct frame *f = frame->frame;
    struct bus_text bus;
    set_bus(&bus, frame);
    at = put_id(put_fragment(put_stamp(at, frame), bus.whole), f->can_id,
                (f->flags & FRAME_EXTENDED) != 0);
    at = put_text(at, ",\"message\":null,\"data\":\"");
    for (unsigned i = 0; i < f->len && (f->flags & FRAME_REMOTE) == 0; i++) {
        *at++ = hex[f->data[i] >> 4];
        *at++ = hex[f->data[i] & 0xF];
    }
    return put_text(at, "\"}\n");
}
