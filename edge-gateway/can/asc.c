#include "edge-gateway/can/asc.h"

#include "common/parse.h"
#include "edge-gateway/can/calendar.h"
#include "edge-gateway/can/cursor.h"

#define MICROSECONDS      1000000
#define CLASSIC_MAX_BYTES 8
#define DLC_MAX           15

/* The flags behind a CANFD event's data. */
#define EVENT_REMOTE 0x10u
#define EVENT_FD     0x1000u

/* --- header */

/* Months as CANoe and CANalyzer write them in English and German; 'ä' in UTF-8 and in Latin-1. */
static int64_t month_of(struct cursor word)
{
    static const struct {
        const char *name;
        uint8_t month;
    } months[] = {{"jan", 1},  {"feb", 2},  {"mar", 3},        {"apr", 4},    {"may", 5},
                  {"jun", 6},  {"jul", 7},  {"aug", 8},        {"sep", 9},    {"oct", 10},
                  {"nov", 11}, {"dec", 12}, {"m\xC3\xA4r", 3}, {"m\xE4r", 3}, {"mrz", 3},
                  {"mai", 5},  {"okt", 10}, {"dez", 12}};
    for (size_t i = 0; i < sizeof(months) / sizeof(months[0]); i++) {
        if (cursor_word_is(word, months[i].name)) {
            return months[i].month;
        }
    }
    return 0;
}

/* "15:06:13.191", "03:06:13.191 pm", "03:06:13 PM" */
static bool take_time_of_day(struct cursor *c, struct calendar_time *time, int64_t *ret_fraction_us)
{
    cursor_skip_blanks(c);
    if (!calendar_take_clock(c, time)) {
        return false;
    }
    *ret_fraction_us = cursor_take(c, '.') ? cursor_take_fraction(c, MICROSECONDS) : 0;
    struct cursor before = *c;
    struct cursor half = cursor_take_word(c);
    if (cursor_word_is(half, "pm")) {
        time->hour += time->hour < 12 ? 12 : 0;
    } else if (cursor_word_is(half, "am")) {
        time->hour = time->hour == 12 ? 0 : time->hour;
    } else {
        *c = before;
    }
    return true;
}

/* "Sat Sep 30 03:06:13.191 pm 2017"; the day of the week tells nothing new. */
static bool take_date(struct cursor *c, int64_t *ret_us)
{
    struct calendar_time time;
    int64_t fraction_us;
    int64_t seconds;
    (void)cursor_take_word(c);
    time.month = month_of(cursor_take_word(c));
    cursor_skip_blanks(c);
    if (!cursor_take_number(c, 31, &time.day) || !take_time_of_day(c, &time, &fraction_us)) {
        return false;
    }
    cursor_skip_blanks(c);
    if (!cursor_take_number(c, 9999, &time.year) || !calendar_to_unix(&time, &seconds)) {
        return false;
    }
    *ret_us = seconds * MICROSECONDS + fraction_us;
    return seconds >= 0;
}

static void set_origin(struct asc *asc, int64_t us)
{
    asc->origin_us = us;
    asc->elapsed_us = 0;
    asc->has_origin = true;
}

static enum log_result parse_date(struct asc *asc, struct cursor *c)
{
    int64_t us;
    if (!take_date(c, &us)) {
        return LOG_MALFORMED;
    }
    set_origin(asc, us);
    return LOG_HEADER;
}

/* "base hex timestamps absolute"; what is not said stays as it is. */
static enum log_result parse_base(struct asc *asc, struct cursor *c)
{
    struct cursor base = cursor_take_word(c);
    if (!cursor_word_is(base, "hex") && !cursor_word_is(base, "dec")) {
        return LOG_MALFORMED;
    }
    asc->decimal = cursor_word_is(base, "dec");
    if (cursor_word_is(cursor_take_word(c), "timestamps")) {
        asc->relative = cursor_word_is(cursor_take_word(c), "relative");
    }
    return LOG_HEADER;
}

static enum log_result parse_begin(struct asc *asc, struct cursor *c)
{
    asc->block_begins = take_date(c, &asc->block_us);
    if (asc->block_begins && !asc->has_origin) {
        set_origin(asc, asc->block_us);
    }
    return asc->block_begins ? LOG_HEADER : LOG_MALFORMED;
}

static enum log_result parse_remark(struct asc *asc, struct cursor *c)
{
    (void)asc;
    (void)c;
    return LOG_BLANK;
}

static enum log_result parse_header(struct asc *asc, struct cursor *c)
{
    static const struct {
        const char *first;
        const char *second; /* NULL: the first word is enough */
        enum log_result (*parse)(struct asc *asc, struct cursor *c);
    } headers[] = {{"date", NULL, parse_date},
                   {"base", NULL, parse_base},
                   {"begin", "triggerblock", parse_begin},
                   {"end", "triggerblock", parse_remark},
                   {"internal", "events", parse_remark},
                   {"no", "internal", parse_remark}};
    struct cursor word = cursor_take_word(c);
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (cursor_word_is(word, headers[i].first) &&
            (headers[i].second == NULL || cursor_word_is(cursor_take_word(c), headers[i].second))) {
            return headers[i].parse(asc, c);
        }
    }
    return LOG_MALFORMED;
}

/* --- events */

/* The time of a line to one since 1970; false when a sum of times leaves every calendar. */
static bool stamp(struct asc *asc, int64_t time_us, int64_t *ret_us)
{
    if (asc->block_begins && time_us == 0) {
        set_origin(asc, asc->block_us);
    }
    asc->block_begins = false;
    if (asc->relative && time_us > CURSOR_TIME_MAX_US - asc->elapsed_us) {
        return false;
    }
    asc->elapsed_us = asc->relative ? asc->elapsed_us + time_us : time_us;
    *ret_us = asc->origin_us + asc->elapsed_us;
    return true;
}

/* "1F4" or "18EBFF00x". */
static bool parse_id(struct cursor word, bool decimal, struct frame *frame)
{
    bool extended = cursor_left(&word) > 1 && (word.end[-1] == 'x' || word.end[-1] == 'X');
    word.end -= extended ? 1 : 0;
    uint64_t max = extended ? FRAME_ID_EXTENDED_MAX : FRAME_ID_STANDARD_MAX;
    uint64_t id;
    if ((decimal ? parse_u64(word.at, cursor_left(&word), max, &id)
                 : parse_hex_u64(word.at, cursor_left(&word), max, &id)) < 0) {
        return false;
    }
    frame->can_id = (uint32_t)id;
    frame->flags = extended ? FRAME_EXTENDED : 0;
    return true;
}

/* "ID = 500" behind the data, always decimal: beside a symbolic name it is the only number. */
static bool find_id(struct cursor rest, struct frame *frame)
{
    struct cursor before = {rest.at, rest.at};
    while (rest.at < rest.end) {
        struct cursor word = cursor_take_word(&rest);
        if (cursor_word_is(before, "ID") && cursor_word_is(word, "=")) {
            return parse_id(cursor_take_word(&rest), true, frame);
        }
        before = word;
    }
    return false;
}

/* One digit is hexadecimal in either base: "F" is 15. */
static bool take_dlc(struct cursor *c, unsigned *ret)
{
    struct cursor word = cursor_take_word(c);
    uint64_t dlc;
    if ((cursor_left(&word) == 1 ? parse_hex_u64(word.at, 1, DLC_MAX, &dlc)
                                 : parse_u64(word.at, cursor_left(&word), DLC_MAX, &dlc)) < 0) {
        return false;
    }
    *ret = (unsigned)dlc;
    return true;
}

static bool set_channel(struct asc *asc, struct cursor word, struct log_line *line)
{
    uint64_t channel;
    if (parse_u64(word.at, cursor_left(&word), LOG_CHANNEL_MAX, &channel) < 0) {
        return false;
    }
    log_line_set_channel(line, (uint16_t)channel, &asc->channel);
    return true;
}

enum direction {
    DIRECTION_NONE,
    DIRECTION_RECEIVED,
    DIRECTION_SENT,
    DIRECTION_WISHED /* to be sent, not yet a frame on the bus */
};

static enum direction take_direction(struct cursor *c)
{
    struct cursor word = cursor_take_word(c);
    if (cursor_word_is(word, "Rx")) {
        return DIRECTION_RECEIVED;
    }
    if (cursor_word_is(word, "Tx")) {
        return DIRECTION_SENT;
    }
    return cursor_word_is(word, "TxRq") ? DIRECTION_WISHED : DIRECTION_NONE;
}

/* Behind "d": DLC and bytes, not one more than the DLC says. */
static bool take_data(struct cursor *c, bool decimal, struct frame *frame)
{
    unsigned dlc;
    if (!take_dlc(c, &dlc)) {
        return false;
    }
    frame->len = log_line_dlc_bytes(dlc, false);
    uint8_t more;
    return cursor_take_bytes(c, frame->len, decimal, frame->data) &&
           !cursor_take_bytes(c, 1, decimal, &more);
}

/* Behind the direction: "d 8 00 ..", "r 8" or, of older programs, "r". */
static bool take_payload(struct cursor *c, bool decimal, struct frame *frame)
{
    struct cursor kind = cursor_take_word(c);
    if (cursor_word_is(kind, "d")) {
        return take_data(c, decimal, frame);
    }
    unsigned dlc = 0;
    (void)take_dlc(c, &dlc); /* none: nothing is known of the length */
    frame->flags |= FRAME_REMOTE;
    frame->len = log_line_dlc_bytes(dlc, false);
    return cursor_word_is(kind, "r");
}

/* Behind the channel. A name in place of the id is that of a message or that of another event. */
static enum log_result parse_classic(const struct asc *asc, struct cursor *c, struct log_line *line)
{
    struct cursor id = cursor_take_word(c);
    if (cursor_word_is(id, "ErrorFrame")) {
        log_line_set_error(line);
        return LOG_FRAME;
    }
    bool numbered = parse_id(id, asc->decimal, &line->frame);
    enum direction direction = take_direction(c);
    if (direction == DIRECTION_WISHED || (direction == DIRECTION_NONE && !numbered)) {
        return LOG_EVENT;
    }
    if (direction == DIRECTION_NONE || (!numbered && !find_id(*c, &line->frame))) {
        return LOG_MALFORMED;
    }
    line->frame.flags |= direction == DIRECTION_SENT ? FRAME_TX : 0;
    return take_payload(c, asc->decimal, &line->frame) ? LOG_FRAME : LOG_MALFORMED;
}

/* "0" or "1". */
static bool parse_bit(struct cursor word, bool *ret)
{
    *ret = cursor_word_is(word, "1");
    return *ret || cursor_word_is(word, "0");
}

/* Duration, bits, flags. False where the line ends before them. */
static bool take_event_flags(struct cursor *c, uint64_t *ret)
{
    (void)cursor_take_word(c);
    (void)cursor_take_word(c);
    struct cursor word = cursor_take_word(c);
    return parse_hex_u64(word.at, cursor_left(&word), UINT32_MAX, ret) == 0;
}

/* Behind the id: "Name 1 0 9 12 00 ..", all but the length in hexadecimal in either base. */
static bool take_fd_payload(struct cursor *c, struct frame *frame)
{
    bool brs;
    bool esi;
    unsigned dlc;
    int64_t length;
    uint64_t flags;
    if (!parse_bit(cursor_take_word(c), &brs) && !parse_bit(cursor_take_word(c), &brs)) {
        return false;
    }
    if (!parse_bit(cursor_take_word(c), &esi) || !take_dlc(c, &dlc)) {
        return false;
    }
    cursor_skip_blanks(c);
    if (!cursor_take_number(c, FRAME_DATA_MAX_BYTES, &length) ||
        !cursor_take_bytes(c, (size_t)length, false, frame->data)) {
        return false;
    }
    bool known = take_event_flags(c, &flags);
    bool remote = (known && (flags & EVENT_REMOTE) != 0) || (length == 0 && dlc > 0);
    bool fd = !known || (flags & EVENT_FD) != 0 || brs || esi || length > CLASSIC_MAX_BYTES;
    frame->len = remote ? log_line_dlc_bytes(dlc, false) : (uint8_t)length;
    if (remote) {
        frame->flags |= FRAME_REMOTE;
    } else if (fd) {
        frame->flags |= (uint8_t)(FRAME_FD | (brs ? FRAME_BRS : 0) | (esi ? FRAME_ESI : 0));
    }
    return true;
}

/* Behind "CANFD": channel, direction, id or "ErrorFrame". */
static enum log_result parse_fd(struct asc *asc, struct cursor *c, struct log_line *line)
{
    if (!set_channel(asc, cursor_take_word(c), line)) {
        return LOG_MALFORMED;
    }
    enum direction direction = take_direction(c);
    struct cursor id = cursor_take_word(c);
    if (direction == DIRECTION_WISHED) {
        return LOG_EVENT;
    }
    if (cursor_word_is(id, "ErrorFrame")) {
        log_line_set_error(line);
        return LOG_FRAME;
    }
    if (direction == DIRECTION_NONE || !parse_id(id, false, &line->frame)) {
        return LOG_MALFORMED;
    }
    line->frame.flags |= direction == DIRECTION_SENT ? FRAME_TX : 0;
    return take_fd_payload(c, &line->frame) ? LOG_FRAME : LOG_MALFORMED;
}

static enum log_result parse_event(struct asc *asc, struct cursor *c, struct log_line *line)
{
    int64_t time_us;
    if (!cursor_take_time(c, MICROSECONDS, &time_us) ||
        (c->at < c->end && !cursor_is_blank(*c->at)) || !stamp(asc, time_us, &line->frame.ts_us)) {
        return LOG_MALFORMED;
    }
    struct cursor kind = cursor_take_word(c);
    if (cursor_word_is(kind, "CANFD")) {
        return parse_fd(asc, c, line);
    }
    return set_channel(asc, kind, line) ? parse_classic(asc, c, line) : LOG_EVENT;
}

enum log_result asc_parse(struct asc *asc, const char *line, size_t length, struct log_line *ret)
{
    struct cursor c = {line, line + length};
    struct log_line parsed;
    cursor_skip_blanks(&c);
    if (c.at == c.end || cursor_take_text(&c, "//")) {
        return LOG_BLANK;
    }
    if (*c.at < '0' || *c.at > '9') {
        return parse_header(asc, &c);
    }
    enum log_result result = parse_event(asc, &c, &parsed);
    if (result == LOG_FRAME) {
        parsed.frame.bus = 0;
        *ret = parsed;
    }
    return result;
}
