#include "edge-gateway/app/history_format.h"

#include "edge-gateway/dbc/decimal.h"

#include <string.h>

#define PIECE_MAX_BYTES 1024 /* of a text, which may be of any length */
#define US_PER_SECOND   1000000

/* ---- fields ----------------------------------------------------------------------------- */

static void put_char(struct history_writer *w, char c)
{
    char *room = output_room(&w->output, 1);
    *room = c;
    output_commit(&w->output, room + 1);
}

static void put_bytes(struct history_writer *w, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t piece = length < PIECE_MAX_BYTES ? length : PIECE_MAX_BYTES;
        char *room = output_room(&w->output, piece);
        memcpy(room, bytes, piece);
        output_commit(&w->output, room + piece);
        bytes += piece;
        length -= piece;
    }
}

/* In quotes where it has to be: RFC 4180, section 2. */
static void put_text(struct history_writer *w, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        put_bytes(w, text, strlen(text));
        return;
    }
    put_char(w, '"');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"') {
            put_char(w, '"');
        }
        put_char(w, *c);
    }
    put_char(w, '"');
}

static void put_u64(struct history_writer *w, uint64_t value)
{
    char *room = output_room(&w->output, DECIMAL_TEXT_MAX);
    output_commit(&w->output, room + decimal_format_u64(value, room));
}

/* 1795423160.495983; as in the other formats, a time before 1970 is 0. */
static void put_time(struct history_writer *w, int64_t ts_us)
{
    uint64_t us = ts_us > 0 ? (uint64_t)ts_us : 0;
    char *room = output_room(&w->output, 2 * DECIMAL_TEXT_MAX);
    char *end = room + decimal_format_u64(us / US_PER_SECOND, room);
    /* A leading 1 keeps the zeros; the point takes its place. */
    size_t length = decimal_format_u64(US_PER_SECOND + us % US_PER_SECOND, end);
    *end = '.';
    output_commit(&w->output, end + length);
}

/* Nothing for what is no finite number. */
static void put_value(struct history_writer *w, const struct dbc_value *value)
{
    bool is_wide = value->signal->type == DBC_WIDE;
    char *room =
        output_room(&w->output, is_wide ? DBC_WIDE_VALUE_TEXT_MAX : (size_t)DBC_VALUE_TEXT_MAX);
    size_t length = is_wide ? dbc_value_wide_text(value, room) : dbc_value_text(value, room);
    output_commit(&w->output, room + length);
}

static void put_head(struct history_writer *w, const struct history_frame *frame)
{
    put_time(w, frame->frame->ts_us);
    put_char(w, ',');
    put_u64(w, frame->seq);
    put_char(w, ',');
    put_text(w, frame->bus->name);
}

/* ---- rows ------------------------------------------------------------------------------- */

static void put_long_rows(struct history_writer *w, const struct history_frame *frame)
{
    for (size_t i = 0; i < frame->count; i++) {
        const struct dbc_value *value = &frame->values[i];
        put_head(w, frame);
        put_char(w, ',');
        put_text(w, frame->message->name);
        put_char(w, ',');
        put_text(w, value->signal->name);
        put_char(w, ',');
        put_value(w, value);
        put_char(w, ',');
        put_text(w, value->signal->unit);
        put_char(w, '\n');
    }
}

static bool is_column(const struct history_writer *w, const struct dbc_signal *signal)
{
    return w->signal == NULL || strcmp(signal->name, w->signal) == 0;
}

/* Values come in the order of the signals; those that the frame does not have stay empty. */
static void put_wide_row(struct history_writer *w, const struct history_frame *frame)
{
    size_t next = 0;
    put_head(w, frame);
    for (uint16_t i = 0; i < frame->message->signal_count; i++) {
        const struct dbc_signal *signal = &frame->message->signals[i];
        if (!is_column(w, signal)) {
            continue;
        }
        put_char(w, ',');
        if (next < frame->count && frame->values[next].signal == signal) {
            put_value(w, &frame->values[next++]);
        }
    }
    put_char(w, '\n');
}

static void csv_frame(struct history_writer *w, const struct history_frame *frame)
{
    if (w->columns != NULL) {
        put_wide_row(w, frame);
    } else {
        put_long_rows(w, frame);
    }
}

static void csv_begin(struct history_writer *w)
{
    static const char long_head[] = "ts,seq,bus,message,signal,value,unit\n";
    static const char wide_head[] = "ts,seq,bus";
    if (w->columns == NULL) {
        put_bytes(w, long_head, sizeof(long_head) - 1);
        return;
    }
    put_bytes(w, wide_head, sizeof(wide_head) - 1);
    for (uint16_t i = 0; i < w->columns->signal_count; i++) {
        if (is_column(w, &w->columns->signals[i])) {
            put_char(w, ',');
            put_text(w, w->columns->signals[i].name);
        }
    }
    put_char(w, '\n');
}

const struct history_format history_csv = {
    .name = "csv",
    .decodes = true,
    .begin = csv_begin,
    .frame = csv_frame,
};
