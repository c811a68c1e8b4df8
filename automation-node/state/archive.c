#include "automation-node/state/archive.h"

#include "common/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- writing ---- */

void archive_save(struct archive *a, struct buf *text, int64_t offset_us)
{
    *a = (struct archive){.mode = ARCHIVE_SAVE, .text = text, .offset_us = offset_us};
    buf_puts(text, "{");
}

void archive_finish(struct archive *a)
{
    buf_puts(a->text, "}");
}

static void write_string(struct buf *text, const char *string)
{
    buf_puts(text, "\"");
    for (const char *c = string; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\') {
            buf_printf(text, "\\%c", byte);
        } else if (byte < 0x20) {
            buf_printf(text, "\\u%04x", byte);
        } else {
            buf_append(text, c, 1);
        }
    }
    buf_puts(text, "\"");
}

static void write_key(struct archive *a, const char *key)
{
    size_t length = a->text->length;
    bool first = length == 0 || a->text->data == NULL || a->text->data[length - 1] == '{';
    buf_printf(a->text, "%s\"%s%s\":", first ? "" : ",", a->prefix, key);
}

/* ---- reading ---- */

struct span {
    const char *at;
    size_t length;
};

struct cursor {
    const char *at;
    const char *end;
};

static bool skip(struct cursor *c, char expected)
{
    if (c->at == c->end || *c->at != expected) {
        return false;
    }
    c->at++;
    return true;
}

/* With its quotes. */
static bool take_string(struct cursor *c, struct span *ret)
{
    const char *begin = c->at;
    if (!skip(c, '"')) {
        return false;
    }
    while (c->at < c->end && *c->at != '"') {
        c->at += *c->at == '\\' && c->end - c->at > 1 ? 2 : 1;
    }
    if (c->at >= c->end) {
        return false;
    }
    c->at++;
    *ret = (struct span){begin, (size_t)(c->at - begin)};
    return true;
}

static bool take_value(struct cursor *c, struct span *ret)
{
    if (c->at < c->end && *c->at == '"') {
        return take_string(c, ret);
    }
    const char *begin = c->at;
    while (c->at < c->end && *c->at != ',' && *c->at != '}' && *c->at != '"' && *c->at != '{') {
        c->at++;
    }
    *ret = (struct span){begin, (size_t)(c->at - begin)};
    return ret->length > 0;
}

static bool take_member(struct cursor *c, struct span *ret_key, struct span *ret_value)
{
    return take_string(c, ret_key) && skip(c, ':') && take_value(c, ret_value);
}

static bool is_object(const char *data, size_t length)
{
    struct cursor c = {data, data + length};
    struct span key;
    struct span value;
    if (!skip(&c, '{')) {
        return false;
    }
    if (skip(&c, '}')) {
        return c.at == c.end;
    }
    do {
        if (!take_member(&c, &key, &value)) {
            return false;
        }
    } while (skip(&c, ','));
    return skip(&c, '}') && c.at == c.end;
}

int archive_load(struct archive *a, const char *data, size_t length, int64_t offset_us)
{
    if (!is_object(data, length)) {
        return -EINVAL;
    }
    *a = (struct archive){
        .mode = ARCHIVE_LOAD, .data = data, .length = length, .offset_us = offset_us};
    return 0;
}

int archive_correct(struct archive *a, const char *data, size_t length, int64_t offset_us,
                    int64_t corrected_us)
{
    int r = archive_load(a, data, length, offset_us);
    if (r == 0) {
        a->mode = ARCHIVE_CORRECT;
        a->corrected_us = corrected_us;
    }
    return r;
}

static bool is_key(const struct archive *a, const char *key, const struct span *quoted)
{
    size_t length = strlen(key);
    return quoted->length == a->prefix_length + length + 2 &&
           memcmp(quoted->at + 1, a->prefix, a->prefix_length) == 0 &&
           memcmp(quoted->at + 1 + a->prefix_length, key, length) == 0;
}

/* The first of that name; the text is known to be an object. */
static bool find(const struct archive *a, const char *key, struct span *ret)
{
    struct cursor c = {a->data + 1, a->data + a->length};
    struct span name;
    struct span value;
    while (take_member(&c, &name, &value)) {
        if (is_key(a, key, &name)) {
            *ret = value;
            return true;
        }
        (void)skip(&c, ','); /* or the end, where no member is taken */
    }
    return false;
}

static bool is_word(const struct span *span, const char *word)
{
    return span->length == strlen(word) && memcmp(span->at, word, span->length) == 0;
}

/* Whether there is a value to be loaded. */
static bool find_to_load(const struct archive *a, const char *key, struct span *ret)
{
    return a->mode == ARCHIVE_LOAD && find(a, key, ret);
}

enum archive_kind archive_kind_of(const struct archive *a, const char *key)
{
    struct span span;
    if (a->mode == ARCHIVE_SAVE || !find(a, key, &span)) {
        return ARCHIVE_ABSENT;
    }
    if (span.at[0] == '"') {
        return ARCHIVE_TEXT;
    }
    if (is_word(&span, "true") || is_word(&span, "false")) {
        return ARCHIVE_FLAG;
    }
    return is_word(&span, "null") ? ARCHIVE_NULL : ARCHIVE_NUMBER;
}

/* ---- names ---- */

size_t archive_enter(struct archive *a, const char *name, size_t index)
{
    size_t mark = a->prefix_length;
    int added = snprintf(a->prefix + mark, sizeof(a->prefix) - mark, "%s%zu.", name, index);
    bool fits = added > 0 && (size_t)added < sizeof(a->prefix) - mark;
    a->prefix_length = fits ? mark + (size_t)added : mark;
    return mark;
}

void archive_leave(struct archive *a, size_t mark)
{
    a->prefix_length = mark;
    a->prefix[mark] = '\0';
}

/* ---- fields ---- */

void archive_flag(struct archive *a, const char *key, bool *value)
{
    struct span span;
    if (a->mode == ARCHIVE_SAVE) {
        write_key(a, key);
        buf_puts(a->text, *value ? "true" : "false");
    } else if (find_to_load(a, key, &span) && (is_word(&span, "true") || is_word(&span, "false"))) {
        *value = is_word(&span, "true");
    }
}

void archive_i64(struct archive *a, const char *key, int64_t *value)
{
    struct span span;
    int64_t number;
    if (a->mode == ARCHIVE_SAVE) {
        write_key(a, key);
        buf_printf(a->text, "%" PRId64, *value);
    } else if (find_to_load(a, key, &span) &&
               parse_i64(span.at, span.length, INT64_MIN, INT64_MAX, &number) == 0) {
        *value = number;
    }
}

void archive_u64(struct archive *a, const char *key, uint64_t *value)
{
    struct span span;
    uint64_t number;
    if (a->mode == ARCHIVE_SAVE) {
        write_key(a, key);
        buf_printf(a->text, "%" PRIu64, *value);
    } else if (find_to_load(a, key, &span) &&
               parse_u64(span.at, span.length, UINT64_MAX, &number) == 0) {
        *value = number;
    }
}

void archive_double(struct archive *a, const char *key, double *value)
{
    struct span span;
    double number;
    if (a->mode == ARCHIVE_SAVE) {
        if (isfinite(*value)) {
            write_key(a, key);
            buf_printf(a->text, "%.17g", *value);
        }
    } else if (find_to_load(a, key, &span) && parse_f64(span.at, span.length, &number) == 0) {
        *value = number;
    }
}

void archive_index(struct archive *a, const char *key, size_t *value, size_t limit)
{
    uint64_t number = *value;
    archive_u64(a, key, &number);
    if (a->mode == ARCHIVE_LOAD && number < limit) {
        *value = (size_t)number;
    }
}

int archive_choice(struct archive *a, const char *key, int value, int count)
{
    int64_t number = value;
    archive_i64(a, key, &number);
    return number >= 0 && number < count ? (int)number : value;
}

/* ---- instants ---- */

/* Saturates instead of wrapping; what saturates is none. */
static int64_t shifted(int64_t us, int64_t by_us)
{
    int64_t sum_us;
    if (__builtin_add_overflow(us, by_us, &sum_us)) {
        return by_us > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum_us;
}

static bool read_time(const struct span *span, int64_t offset_us, int64_t *ret_us)
{
    int64_t wall_us;
    if (is_word(span, "\"never\"")) {
        *ret_us = INT64_MAX;
        return true;
    }
    if (is_word(span, "\"always\"")) {
        *ret_us = INT64_MIN;
        return true;
    }
    if (parse_i64(span->at, span->length, -ARCHIVE_INSTANT_MAX_US, ARCHIVE_INSTANT_MAX_US,
                  &wall_us) < 0) {
        return false;
    }
    *ret_us = shifted(wall_us, -offset_us);
    return true;
}

void archive_time(struct archive *a, const char *key, int64_t *value_us)
{
    struct span span;
    int64_t loaded_us;
    if (a->mode == ARCHIVE_SAVE) {
        write_key(a, key);
        if (*value_us == INT64_MAX || *value_us == INT64_MIN) {
            buf_puts(a->text, *value_us == INT64_MAX ? "\"never\"" : "\"always\"");
        } else {
            buf_printf(a->text, "%" PRId64, shifted(*value_us, a->offset_us));
        }
        return;
    }
    if (!find(a, key, &span) || !read_time(&span, a->offset_us, &loaded_us)) {
        return;
    }
    if (a->mode == ARCHIVE_LOAD) {
        *value_us = loaded_us;
    } else if (*value_us == loaded_us) {
        (void)read_time(&span, a->corrected_us, value_us); /* it could be read before */
    }
}

/* ---- texts ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a string; false for what archive_save() never writes. */
static bool unescape(struct cursor *c, char *ret)
{
    if (*c->at != '\\') {
        *ret = *c->at++;
        return true;
    }
    c->at++;
    if (c->at < c->end && (*c->at == '"' || *c->at == '\\')) {
        *ret = *c->at++;
        return true;
    }
    if (c->end - c->at < 5 || memcmp(c->at, "u00", 3) != 0) {
        return false;
    }
    int high = hex_digit(c->at[3]);
    int low = hex_digit(c->at[4]);
    c->at += 5;
    *ret = (char)(high * 16 + low);
    return high >= 0 && low >= 0 && *ret != '\0';
}

void archive_text(struct archive *a, const char *key, char *text, size_t size)
{
    struct span span;
    if (a->mode == ARCHIVE_SAVE) {
        write_key(a, key);
        write_string(a->text, text);
        return;
    }
    if (!find_to_load(a, key, &span) || span.at[0] != '"') {
        return;
    }
    struct cursor c = {span.at + 1, span.at + span.length - 1};
    struct cursor measured = c;
    size_t length = 0;
    for (char ignored; measured.at < measured.end; length++) {
        if (length + 1 >= size || !unescape(&measured, &ignored)) {
            return;
        }
    }
    for (size_t i = 0; i < length; i++) {
        (void)unescape(&c, &text[i]); /* it could be read before */
    }
    text[length] = '\0';
}

void archive_null(struct archive *a, const char *key)
{
    if (a->mode == ARCHIVE_SAVE) {
        write_key(a, key);
        buf_puts(a->text, "null");
    }
}
