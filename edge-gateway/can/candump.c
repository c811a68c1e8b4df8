#include "edge-gateway/can/candump.h"

#include <stdbool.h>
#include <string.h>

#define ERROR_FLAG         0x20000000u /* CAN_ERR_FLAG of linux/can.h, as candump writes it */
#define ID_DIGITS_STANDARD 3
#define ID_DIGITS_EXTENDED 8
#define CLASSIC_MAX_BYTES  8
#define FD_FLAG_BRS        1u
#define FD_FLAG_ESI        2u
#define MICROSECONDS       1000000
#define SECONDS_MAX        INT64_C(253402300800) /* the end of the year 9999 */
#define NOT_HEX            UINT32_MAX

static const char hex_digits[] = "0123456789ABCDEF";

struct cursor {
    const char *at;
    const char *end;
};

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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && is_blank(*c->at)) {
        c->at++;
    }
}

static bool take(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static bool take_word(struct cursor *c, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0) {
        return false;
    }
    c->at += length;
    return true;
}

/* Decimal digits; false when there is none or the value exceeds SECONDS_MAX. */
static bool take_number(struct cursor *c, int64_t *ret)
{
    const char *start = c->at;
    int64_t value = 0;
    while (c->at < c->end && is_digit(*c->at) && value <= SECONDS_MAX) {
        value = value * 10 + (*c->at++ - '0');
    }
    *ret = value;
    return c->at > start && value <= SECONDS_MAX;
}

/* Digits behind the point, as microseconds; more than six are cut. */
static int64_t take_fraction(struct cursor *c)
{
    int64_t value = 0;
    int64_t unit = MICROSECONDS;
    while (c->at < c->end && is_digit(*c->at)) {
        unit /= 10;
        value += (*c->at++ - '0') * unit;
    }
    return value;
}

/* Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March. */
static int64_t days_since_epoch(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* "-07-10 08:17:32" behind the year of `candump -t A`; taken as UTC. */
static bool take_date(struct cursor *c, int64_t year, int64_t *ret_seconds)
{
    int64_t month;
    int64_t day;
    int64_t hour;
    int64_t minute;
    int64_t second;
    bool ok = year <= 9999 && take(c, '-') && take_number(c, &month) && month >= 1 && month <= 12 &&
              take(c, '-') && take_number(c, &day) && day >= 1 && day <= 31;
    skip_blanks(c);
    ok = ok && take_number(c, &hour) && hour < 24 && take(c, ':') && take_number(c, &minute) &&
         minute < 60 && take(c, ':') && take_number(c, &second) && second <= 60;
    if (ok) {
        *ret_seconds =
            ((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    }
    return ok;
}

/* "(1436509052.249713)", "(000.000123)", "(2015-07-10 08:17:32.249713)"; nothing is right, too. */
static bool take_time(struct cursor *c, int64_t *ret_us)
{
    *ret_us = 0;
    if (!take(c, '(')) {
        return true;
    }
    int64_t seconds;
    skip_blanks(c);
    if (!take_number(c, &seconds)) {
        return false;
    }
    if (c->at < c->end && *c->at == '-' && !take_date(c, seconds, &seconds)) {
        return false;
    }
    int64_t fraction = take(c, '.') ? take_fraction(c) : 0;
    *ret_us = seconds * MICROSECONDS + fraction;
    return take(c, ')');
}

static bool take_bus(struct cursor *c, struct candump_line *line)
{
    line->bus = c->at;
    while (c->at < c->end && !is_blank(*c->at)) {
        c->at++;
    }
    line->bus_length = (size_t)(c->at - line->bus);
    return line->bus_length > 0 && line->bus_length <= CANDUMP_BUS_MAX;
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

/* Only blanks and candump's direction mark may follow a log line. */
static bool at_end(struct cursor *c)
{
    skip_blanks(c);
    if (c->end - c->at == 1 && (*c->at == 'R' || *c->at == 'T')) {
        c->at++;
    }
    return c->at == c->end;
}

static bool take_remote_length(struct cursor *c, struct frame *frame)
{
    frame->flags |= FRAME_REMOTE;
    frame->len = 0;
    if (c->at < c->end && is_digit(*c->at)) {
        frame->len = (uint8_t)(*c->at++ - '0');
    }
    return frame->len <= CLASSIC_MAX_BYTES;
}

/* Behind the '#' of the log form. */
static bool take_log_payload(struct cursor *c, struct frame *frame)
{
    if (take(c, '#')) {
        unsigned flags = c->at < c->end ? hex_value(*c->at++) : NOT_HEX;
        if (flags == NOT_HEX) {
            return false;
        }
        frame->flags |= FRAME_FD;
        frame->flags |= (flags & FD_FLAG_BRS) != 0 ? FRAME_BRS : 0;
        frame->flags |= (flags & FD_FLAG_ESI) != 0 ? FRAME_ESI : 0;
        return take_data(c, '.', FRAME_DATA_MAX_BYTES, frame) && at_end(c);
    }
    if (take(c, 'R')) {
        return take_remote_length(c, frame) && at_end(c);
    }
    if (!take_data(c, '.', CLASSIC_MAX_BYTES, frame)) {
        return false;
    }
    if (take(c, '_') && c->at < c->end && hex_value(*c->at) != NOT_HEX) {
        c->at++; /* the raw DLC of 9 to 15 that some controllers send with 8 bytes */
    }
    return at_end(c);
}

/* "RX - -" or "TX B E" of `candump -x`: direction, BRS, ESI. */
static void take_direction(struct cursor *c, unsigned *flags)
{
    if (!take_word(c, "RX ") && !take_word(c, "TX ")) {
        return;
    }
    *flags |= c->at[-3] == 'T' ? FRAME_TX : 0;
    skip_blanks(c);
    *flags |= take(c, 'B') ? FRAME_BRS : 0;
    (void)take(c, '-');
    skip_blanks(c);
    *flags |= take(c, 'E') ? FRAME_ESI : 0;
    (void)take(c, '-');
    skip_blanks(c);
}

/* "[8]  00 11 ..", "[64]  ..", "[4]  remote request"; text behind the data is for people. */
static bool take_columns(struct cursor *c, unsigned direction, struct frame *frame)
{
    int64_t length;
    skip_blanks(c);
    const char *start = c->at;
    if (!take(c, '[') || !take_number(c, &length) || length > FRAME_DATA_MAX_BYTES ||
        !take(c, ']')) {
        return false;
    }
    bool fd = c->at - start > 3;
    frame->flags |= (uint8_t)(direction & (fd ? FRAME_TX | FRAME_BRS | FRAME_ESI : FRAME_TX));
    skip_blanks(c);
    if (take_word(c, "remote request")) {
        frame->flags |= FRAME_REMOTE;
        frame->len = (uint8_t)length;
        return length <= CLASSIC_MAX_BYTES;
    }
    frame->flags |= fd ? FRAME_FD : 0;
    struct cursor data = *c;
    /* Two hex digits of the ASCII column may follow the data: read only as much as announced. */
    if (data.end - data.at > length * 3) {
        data.end = data.at + length * 3;
    }
    return (fd || length <= CLASSIC_MAX_BYTES) &&
           take_data(&data, ' ', FRAME_DATA_MAX_BYTES, frame) && frame->len == length;
}

enum candump_result candump_parse(const char *line, size_t length, struct candump_line *ret)
{
    struct cursor c = {line, line + length};
    struct candump_line parsed;
    unsigned direction = 0;
    skip_blanks(&c);
    if (c.at == c.end || *c.at == '#' || *c.at == ';' || take_word(&c, "//")) {
        return CANDUMP_BLANK;
    }
    if (!take_time(&c, &parsed.frame.ts_us)) {
        return CANDUMP_MALFORMED;
    }
    skip_blanks(&c);
    if (!take_bus(&c, &parsed)) {
        return CANDUMP_MALFORMED;
    }
    skip_blanks(&c);
    take_direction(&c, &direction);
    bool ok =
        take_id(&c, &parsed.frame) && (take(&c, '#') ? take_log_payload(&c, &parsed.frame)
                                                     : take_columns(&c, direction, &parsed.frame));
    if (!ok) {
        return CANDUMP_MALFORMED;
    }
    parsed.frame.bus = 0;
    *ret = parsed;
    return CANDUMP_FRAME;
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
    size_t bus_length = strnlen(bus, CANDUMP_BUS_MAX);
    memcpy(at, bus, bus_length);
    at += bus_length;
    *at++ = ' ';
    at = put_payload(put_id(at, frame), frame);
    *at = '\0';
    return (size_t)(at - text);
}
