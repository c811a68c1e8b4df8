#include "edge-gateway/can/candump.h"

#include "edge-gateway/can/calendar.h"
#include "edge-gateway/can/cursor.h"

#include <stdbool.h>
#include <string.h>

#define ERROR_FLAG         0x20000000u /* CAN_ERR_FLAG of linux/can.h, as candump writes it */
#define ID_DIGITS_STANDARD 3
#define ID_DIGITS_EXTENDED 8
#define CLASSIC_MAX_BYTES  8
#define FD_FLAG_BRS        1u
#define FD_FLAG_ESI        2u
#define MICROSECONDS       1000000
#define SECONDS_MAX        (CURSOR_TIME_MAX_US / MICROSECONDS)
#define NOT_HEX            UINT32_MAX

static const char hex_digits[] = "0123456789ABCDEF";

/* One more than the digit's value; 0 for everything that is no digit. */
static const uint8_t hex_table[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

/* NOT_HEX for everything that is no digit. */
static inline unsigned hex_value(char c)
{
    return hex_table[(unsigned char)c] - 1u;
}

/* "-07-10 08:17:32" behind the year of `candump -t A`. */
static bool take_date(struct cursor *c, int64_t year, int64_t *ret_seconds)
{
    struct calendar_time time = {.year = year};
    bool ok = cursor_take(c, '-') && cursor_take_number(c, 12, &time.month) &&
              cursor_take(c, '-') && cursor_take_number(c, 31, &time.day);
    cursor_skip_blanks(c);
    return ok && calendar_take_clock(c, &time) && calendar_to_unix(&time, ret_seconds);
}

/* "(1436509052.249713)", "(000.000123)", "(2015-07-10 08:17:32.249713)"; nothing is right, too. */
static bool take_time(struct cursor *c, int64_t *ret_us)
{
    *ret_us = 0;
    if (!cursor_take(c, '(')) {
        return true;
    }
    int64_t seconds;
    cursor_skip_blanks(c);
    if (!cursor_take_number(c, SECONDS_MAX, &seconds)) {
        return false;
    }
    if (c->at < c->end && *c->at == '-' && !take_date(c, seconds, &seconds)) {
        return false;
    }
    int64_t fraction = cursor_take(c, '.') ? cursor_take_fraction(c, MICROSECONDS) : 0;
    *ret_us = seconds * MICROSECONDS + fraction;
    return cursor_take(c, ')');
}

static bool take_bus(struct cursor *c, struct log_line *line)
{
    line->bus = c->at;
    while (c->at < c->end && !cursor_is_blank(*c->at)) {
        c->at++;
    }
    line->bus_length = (size_t)(c->at - line->bus);
    return line->bus_length > 0 && line->bus_length <= LOG_BUS_MAX_BYTES;
}

/* Three digits are an 11-bit id, eight a 29-bit one or, with CAN_ERR_FLAG, an error class. */
static bool take_id(struct cursor *c, struct frame *frame)
{
    uint32_t id = 0;
    const char *start = c->at;
    while (c->at < c->end && hex_value(*c->at) != NOT_HEX && c->at - start < ID_DIGITS_EXTENDED) {
        id = id << 4 | hex_value(*c->at++);
    }
    frame->flags = 0;
    frame->can_id = id;
    if (c->at - start == ID_DIGITS_STANDARD) {
        return id <= FRAME_ID_STANDARD_MAX;
    }
    if (c->at - start != ID_DIGITS_EXTENDED) {
        return false;
    }
    frame->flags = (id & ERROR_FLAG) != 0 ? FRAME_ERROR : FRAME_EXTENDED;
    frame->can_id = id & FRAME_ID_EXTENDED_MAX;
    return (id & ~(FRAME_ID_EXTENDED_MAX | ERROR_FLAG)) == 0;
}

/* Hex pairs, with or without one separator between them; stops at anything else. */
static bool take_data(struct cursor *c, char separator, size_t max, struct frame *frame)
{
    size_t count = 0;
    while (c->end - c->at >= 2) {
        unsigned high = hex_value(c->at[0]);
        unsigned low = hex_value(c->at[1]);
        if ((high | low) >= 16) {
            break;
        }
        if (count == max) {
            return false;
        }
        frame->data[count++] = (uint8_t)(high << 4 | low);
        c->at += 2;
        if (c->at < c->end && *c->at == separator) {
            c->at++;
        }
    }
    frame->len = (uint8_t)count;
    return true;
}

/* Only blanks and the direction mark of `candump -x` may follow a log line. */
static bool take_end(struct cursor *c, struct frame *frame)
{
    cursor_skip_blanks(c);
    if (cursor_left(c) == 1 && (*c->at == 'R' || *c->at == 'T')) {
        frame->flags |= *c->at == 'T' ? FRAME_TX : 0;
        c->at++;
    }
    return c->at == c->end;
}

/* "_D": the raw DLC of 9 to 15 that some controllers send with eight bytes. */
static bool take_raw_dlc(struct cursor *c)
{
    return !cursor_take(c, '_') || (c->at < c->end && hex_value(*c->at++) != NOT_HEX);
}

static bool take_remote(struct cursor *c, struct frame *frame)
{
    frame->flags |= FRAME_REMOTE;
    frame->len = 0;
    if (c->at < c->end && hex_value(*c->at) < 10) {
        frame->len = (uint8_t)hex_value(*c->at++);
    }
    return frame->len <= CLASSIC_MAX_BYTES && take_raw_dlc(c) && take_end(c, frame);
}

static bool take_fd(struct cursor *c, struct frame *frame)
{
    unsigned flags = c->at < c->end ? hex_value(*c->at++) : NOT_HEX;
    if (flags == NOT_HEX) {
        return false;
    }
    frame->flags |= FRAME_FD;
    frame->flags |= (flags & FD_FLAG_BRS) != 0 ? FRAME_BRS : 0;
    frame->flags |= (flags & FD_FLAG_ESI) != 0 ? FRAME_ESI : 0;
    (void)cursor_take(c, '.');
    return take_data(c, '.', FRAME_DATA_MAX_BYTES, frame) && take_end(c, frame);
}

/* Behind the '#' of the log form. */
static bool take_log_payload(struct cursor *c, struct frame *frame)
{
    if (cursor_take(c, '#')) {
        return take_fd(c, frame);
    }
    if (cursor_take(c, 'R') || cursor_take(c, 'r')) {
        return take_remote(c, frame);
    }
    return take_data(c, '.', CLASSIC_MAX_BYTES, frame) && take_raw_dlc(c) && take_end(c, frame);
}

/* "RX - -" or "TX B E" of `candump -x`: direction, BRS, ESI. */
static void take_direction(struct cursor *c, unsigned *flags)
{
    if (!cursor_take_text(c, "RX ") && !cursor_take_text(c, "TX ")) {
        return;
    }
    *flags |= c->at[-3] == 'T' ? FRAME_TX : 0;
    cursor_skip_blanks(c);
    *flags |= cursor_take(c, 'B') ? FRAME_BRS : 0;
    (void)cursor_take(c, '-');
    cursor_skip_blanks(c);
    *flags |= cursor_take(c, 'E') ? FRAME_ESI : 0;
    (void)cursor_take(c, '-');
    cursor_skip_blanks(c);
}

/* "[8]" or, of a classic frame with `candump -8`, its raw DLC "{F}"; "[08]" is CAN FD. */
static bool take_length(struct cursor *c, struct frame *frame)
{
    if (cursor_take(c, '{')) {
        unsigned dlc = c->at < c->end ? hex_value(*c->at++) : NOT_HEX;
        frame->len = dlc < CLASSIC_MAX_BYTES ? (uint8_t)dlc : CLASSIC_MAX_BYTES;
        return dlc != NOT_HEX && cursor_take(c, '}');
    }
    int64_t length;
    const char *start = c->at;
    if (!cursor_take(c, '[') || !cursor_take_number(c, FRAME_DATA_MAX_BYTES, &length) ||
        !cursor_take(c, ']')) {
        return false;
    }
    bool fd = c->at - start > 3;
    frame->flags |= fd ? FRAME_FD : 0;
    frame->len = (uint8_t)length;
    return fd || length <= CLASSIC_MAX_BYTES;
}

/* "[8]  00 11 ..", "[64]  ..", "[4]  remote request"; text behind the data is for people. */
static bool take_columns(struct cursor *c, unsigned direction, struct frame *frame)
{
    cursor_skip_blanks(c);
    if (!take_length(c, frame)) {
        return false;
    }
    bool fd = (frame->flags & FRAME_FD) != 0;
    frame->flags |= (uint8_t)(direction & (fd ? FRAME_TX | FRAME_BRS | FRAME_ESI : FRAME_TX));
    cursor_skip_blanks(c);
    if (cursor_take_text(c, "remote request")) {
        frame->flags |= FRAME_REMOTE;
        return !fd;
    }
    uint8_t length = frame->len;
    struct cursor data = *c;
    /* Two hex digits of the ASCII column may follow the data: read only as much as announced. */
    if (cursor_left(&data) > length * 3u) {
        data.end = data.at + length * 3u;
    }
    return take_data(&data, ' ', FRAME_DATA_MAX_BYTES, frame) && frame->len == length;
}

/* What candump says between the frames: lost ones, and with -e what an error frame means. */
static bool is_remark(const char *line, size_t length)
{
    struct cursor c = {line, line + length};
    return cursor_take(&c, '\t') || cursor_take_text(&c, "DROPCOUNT:");
}

enum log_result candump_parse(const char *line, size_t length, struct log_line *ret)
{
    struct cursor c = {line, line + length};
    struct log_line parsed;
    unsigned direction = 0;
    cursor_skip_blanks(&c);
    if (c.at == c.end || *c.at == '#' || *c.at == ';' || cursor_take_text(&c, "//")) {
        return LOG_BLANK;
    }
    bool ok = take_time(&c, &parsed.frame.ts_us);
    cursor_skip_blanks(&c);
    ok = ok && take_bus(&c, &parsed);
    cursor_skip_blanks(&c);
    take_direction(&c, &direction);
    ok = ok && take_id(&c, &parsed.frame) &&
         (cursor_take(&c, '#') ? take_log_payload(&c, &parsed.frame)
                               : take_columns(&c, direction, &parsed.frame));
    if (!ok) {
        return is_remark(line, length) ? LOG_EVENT : LOG_MALFORMED;
    }
    parsed.frame.bus = 0;
    *ret = parsed;
    return LOG_FRAME;
}

static char *put_decimal(char *at, uint64_t value, unsigned min_digits)
{
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count < min_digits) {
        digits[count++] = '0';
    }
    while (count > 0) {
        *at++ = digits[--count];
    }
    return at;
}

static char *put_hex(char *at, uint32_t value, unsigned digits)
{
    while (digits > 0) {
        digits--;
        *at++ = hex_digits[value >> (4 * digits) & 0xF];
    }
    return at;
}

static char *put_id(char *at, const struct frame *frame)
{
    if ((frame->flags & FRAME_ERROR) != 0) {
        return put_hex(at, frame->can_id | ERROR_FLAG, ID_DIGITS_EXTENDED);
    }
    bool extended = (frame->flags & FRAME_EXTENDED) != 0;
    return put_hex(at, frame->can_id, extended ? ID_DIGITS_EXTENDED : ID_DIGITS_STANDARD);
}

static char *put_payload(char *at, const struct frame *frame)
{
    *at++ = '#';
    if ((frame->flags & FRAME_REMOTE) != 0) {
        *at++ = 'R';
        return frame->len > 0 ? put_decimal(at, frame->len, 1) : at;
    }
    if ((frame->flags & FRAME_FD) != 0) {
        *at++ = '#';
        unsigned flags = (frame->flags & FRAME_BRS) != 0 ? FD_FLAG_BRS : 0;
        flags |= (frame->flags & FRAME_ESI) != 0 ? FD_FLAG_ESI : 0;
        *at++ = hex_digits[flags];
    }
    for (unsigned i = 0; i < frame->len && i < FRAME_DATA_MAX_BYTES; i++) {
        at = put_hex(at, frame->data[i], 2);
    }
    return at;
}

size_t candump_format(const struct frame *frame, const char *bus, char text[CANDUMP_TEXT_MAX])
{
    uint64_t ts_us = frame->ts_us > 0 ? (uint64_t)frame->ts_us : 0;
    char *at = text;
    *at++ = '(';
    at = put_decimal(at, ts_us / MICROSECONDS, 10);
    *at++ = '.';
    at = put_decimal(at, ts_us % MICROSECONDS, 6);
    *at++ = ')';
    *at++ = ' ';
    size_t bus_length = strnlen(bus, LOG_BUS_MAX_BYTES);
    memcpy(at, bus, bus_length);
    at += bus_length;
    *at++ = ' ';
    at = put_payload(put_id(at, frame), frame);
    *at = '\0';
    return (size_t)(at - text);
}
