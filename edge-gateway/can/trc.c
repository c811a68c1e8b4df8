#include "edge-gateway/can/trc.h"

#include "common/parse.h"
#include "edge-gateway/can/cursor.h"

#include <stdbool.h>
#include <string.h>

#define MILLISECOND_US    1000
#define DAY_US            INT64_C(86400000000)
#define DAYS_TO_1970      25569 /* from 1899-12-30 */
#define DAYS_MAX          1000000
#define DAY_PARTS         INT64_C(1000000000000) /* what its fraction is counted in: 0.0864 us */
#define DAY_PART_FACTOR   864
#define DAY_PART_DIVISOR  10000
#define CLASSIC_MAX_BYTES 8
#define DLC_MAX           15
#define ID_DIGITS_SHORT   4 /* more are an extended id */
#define WARNING_ID        UINT32_MAX

static const char columns_1_0[] = "NOILD";

/* --- header */

static enum log_result parse_version(struct trc *trc, struct cursor value)
{
    static const struct {
        const char *version;
        const char *columns;
    } versions[] = {{"1.0", columns_1_0}, {"1.1", "NOdILD"},  {"1.2", "NOBdILD"},
                    {"1.3", "NOBdIRLD"},  {"2.0", "NOTIdlD"}, {"2.1", "NOTBIdRlD"}};
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (cursor_word_is(value, versions[i].version)) {
            memcpy(trc->columns, versions[i].columns, strlen(versions[i].columns) + 1);
            return LOG_HEADER;
        }
    }
    return LOG_MALFORMED;
}

/* "44548.6028595139", rounded to microseconds. */
static enum log_result parse_start(struct trc *trc, struct cursor value)
{
    int64_t days;
    if (!cursor_take_number(&value, DAYS_MAX, &days)) {
        return LOG_MALFORMED;
    }
    bool point = cursor_take(&value, '.') || cursor_take(&value, ',');
    int64_t parts = point ? cursor_take_fraction(&value, DAY_PARTS) : 0;
    if (value.at != value.end) {
        return LOG_MALFORMED;
    }
    int64_t us = (days - DAYS_TO_1970) * DAY_US +
                 (parts * DAY_PART_FACTOR + DAY_PART_DIVISOR / 2) / DAY_PART_DIVISOR;
    trc->start_us = us > 0 ? us : 0; /* programs that know no date write 0 */
    return LOG_HEADER;
}

/* A frame needs its time, id, length and data. */
static bool are_enough(const char *columns)
{
    return strchr(columns, 'O') != NULL && strchr(columns, 'I') != NULL &&
           strpbrk(columns, "lL") != NULL && strchr(columns, 'D') != NULL;
}

/* "N,O,T,B,I,d,R,L,D" */
static enum log_result parse_columns(struct trc *trc, struct cursor value)
{
    char columns[TRC_COLUMNS_SIZE] = "";
    size_t count = 0;
    do {
        if (value.at == value.end || count == TRC_COLUMNS_SIZE - 1) {
            return LOG_MALFORMED;
        }
        columns[count++] = *value.at++;
    } while (cursor_take(&value, ','));
    if (value.at != value.end || !are_enough(columns)) {
        return LOG_MALFORMED;
    }
    memcpy(trc->columns, columns, sizeof(columns));
    return LOG_HEADER;
}

/* Behind the ';'. */
static enum log_result parse_comment(struct trc *trc, struct cursor *c)
{
    static const struct {
        const char *key;
        enum log_result (*parse)(struct trc *trc, struct cursor value);
    } keys[] = {{"$FILEVERSION=", parse_version},
                {"$STARTTIME=", parse_start},
                {"$COLUMNS=", parse_columns}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (cursor_take_text(c, keys[i].key)) {
            return keys[i].parse(trc, cursor_take_word(c));
        }
    }
    return LOG_BLANK;
}

/* --- lines */

/* What is known of a line so far; the columns come in the order of the header. */
struct row {
    struct log_line line;
    bool error; /* an error frame, whose id and data mean other things than a frame's */
    bool event; /* no frame at all */
};

static const char *columns_of(const struct trc *trc)
{
    return trc->columns[0] != '\0' ? trc->columns : columns_1_0;
}

/* Before 2.0 a parenthesis follows the number. */
static bool take_number(const char *columns, struct cursor *c)
{
    bool closed = strchr(columns, 'T') == NULL;
    int64_t number;
    return cursor_take_number(c, INT32_MAX, &number) && (!closed || cursor_take(c, ')'));
}

static bool take_offset(const struct trc *trc, struct cursor *c, struct row *row)
{
    int64_t offset_us;
    if (!cursor_take_time(c, MILLISECOND_US, &offset_us)) {
        return false;
    }
    row->line.frame.ts_us = trc->start_us + offset_us;
    return c->at == c->end || cursor_is_blank(*c->at);
}

static bool take_bus(struct trc *trc, struct cursor *c, struct row *row)
{
    struct cursor word = cursor_take_word(c);
    uint64_t channel;
    if (parse_u64(word.at, cursor_left(&word), LOG_CHANNEL_MAX, &channel) < 0) {
        return false;
    }
    log_line_set_channel(&row->line, (uint16_t)channel, &trc->channel);
    return true;
}

static bool take_type(struct cursor *c, struct row *row)
{
    static const struct {
        const char *type;
        uint8_t flags;
        bool error;
        bool event;
    } types[] = {
        {"DT", 0, false, false},
        {"FD", FRAME_FD, false, false},
        {"FB", FRAME_FD | FRAME_BRS, false, false},
        {"FE", FRAME_FD | FRAME_ESI, false, false},
        {"BI", FRAME_FD | FRAME_BRS | FRAME_ESI, false, false},
        {"RR", FRAME_REMOTE, false, false},
        {"ER", 0, true, false},
        {"ST", 0, false, true}, /* the controller's state has changed */
        {"EC", 0, false, true}, /* ... its error counters */
        {"EV", 0, false, true}, /* a note of the person who recorded it */
    };
    struct cursor word = cursor_take_word(c);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (cursor_word_is(word, types[i].type)) {
            row->line.frame.flags |= types[i].flags;
            row->error = types[i].error;
            row->event = types[i].event;
            return true;
        }
    }
    return false;
}

/* "Rx", "Tx"; in versions before 2.0 also what is no frame. */
static bool take_direction(struct cursor *c, struct row *row)
{
    struct cursor word = cursor_take_word(c);
    bool sent = cursor_word_is(word, "Tx");
    row->line.frame.flags |= sent ? FRAME_TX : 0;
    row->error |= cursor_word_is(word, "Error");
    row->event |= cursor_word_is(word, "Warng");
    return sent || row->error || row->event || cursor_word_is(word, "Rx");
}

static bool take_id(struct cursor *c, struct row *row)
{
    struct cursor word = cursor_take_word(c);
    struct frame *frame = &row->line.frame;
    uint64_t id;
    if (parse_hex_u64(word.at, cursor_left(&word), UINT32_MAX, &id) < 0) {
        return false;
    }
    bool extended = cursor_left(&word) > ID_DIGITS_SHORT;
    row->event |= id == WARNING_ID;
    frame->can_id = (uint32_t)id;
    frame->flags |= extended ? FRAME_EXTENDED : 0;
    return row->event || id <= (extended ? FRAME_ID_EXTENDED_MAX : FRAME_ID_STANDARD_MAX);
}

/* `code`: a data length code, else bytes. */
static bool take_length(struct cursor *c, bool code, struct frame *frame)
{
    struct cursor word = cursor_take_word(c);
    uint64_t length;
    bool fd = (frame->flags & FRAME_FD) != 0;
    uint64_t max = fd ? FRAME_DATA_MAX_BYTES : CLASSIC_MAX_BYTES;
    if (parse_u64(word.at, cursor_left(&word), code ? DLC_MAX : max, &length) < 0) {
        return false;
    }
    frame->len = code ? log_line_dlc_bytes((unsigned)length, fd) : (uint8_t)length;
    return true;
}

/* The rest of the line: bytes, "RTR", or of an error in version 1.0 "ERROR" and its bytes. */
static bool take_data(struct cursor *c, struct row *row)
{
    struct frame *frame = &row->line.frame;
    struct cursor first = *c;
    struct cursor word = cursor_take_word(&first);
    uint8_t more;
    row->error |= cursor_word_is(word, "ERROR");
    frame->flags |= cursor_word_is(word, "RTR") ? FRAME_REMOTE : 0;
    return row->error || (frame->flags & FRAME_REMOTE) != 0 ||
           (cursor_take_bytes(c, frame->len, false, frame->data) &&
            !cursor_take_bytes(c, 1, false, &more));
}

static bool take_column(struct trc *trc, char column, struct cursor *c, struct row *row)
{
    cursor_skip_blanks(c);
    switch (column) {
    case 'N':
        return take_number(columns_of(trc), c);
    case 'O':
        return take_offset(trc, c, row);
    case 'T':
        return take_type(c, row);
    case 'B':
        return take_bus(trc, c, row);
    case 'I':
        return take_id(c, row);
    case 'd':
        return take_direction(c, row);
    case 'L':
    case 'l':
        return take_length(c, column == 'L', &row->line.frame);
    case 'D':
        return take_data(c, row);
    default: /* what else there may be is one word */
        (void)cursor_take_word(c);
        return true;
    }
}

/* Of an error frame and an event, the columns from the id on have no common form. */
static bool is_decided(const struct row *row, char column)
{
    return row->event || (row->error && strchr("IRLlD", column) != NULL);
}

static enum log_result parse_row(struct trc *trc, struct cursor *c, struct row *row)
{
    const char *columns = columns_of(trc);
    for (; *columns != '\0' && !is_decided(row, *columns); columns++) {
        if (!take_column(trc, *columns, c, row)) {
            return LOG_MALFORMED;
        }
    }
    if (row->error) {
        log_line_set_error(&row->line);
    }
    return row->event ? LOG_EVENT : LOG_FRAME;
}

enum log_result trc_parse(struct trc *trc, const char *line, size_t length, struct log_line *ret)
{
    struct cursor c = {line, line + length};
    struct row row = {.error = false};
    cursor_skip_blanks(&c);
    if (c.at == c.end) {
        return LOG_BLANK;
    }
    if (cursor_take(&c, ';')) {
        return parse_comment(trc, &c);
    }
    log_line_set_channel(&row.line, 1, &trc->channel);
    enum log_result result = parse_row(trc, &c, &row);
    if (result == LOG_FRAME) {
        *ret = row.line;
    }
    return result;
}
