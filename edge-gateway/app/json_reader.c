#include "edge-gateway/app/json_reader.h"

#include <stdint.h>
#include <string.h>

#define DEPTH_MAX 32

void json_reader_init(struct json_reader *reader, char *text, size_t length)
{
    *reader = (struct json_reader){text, text + length, NULL};
    text[length] = '\0';
}

static void fail(struct json_reader *reader, const char *error)
{
    if (reader->error == NULL) {
        reader->error = error;
    }
    reader->at = reader->end;
}

static void skip_space(struct json_reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL &&
           *reader->at != '\0') {
        reader->at++;
    }
}

/* The buffer ends in NUL, which no token contains: looking at *at is always allowed. */
static bool take(struct json_reader *reader, char c)
{
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != c) {
        return false;
    }
    reader->at++;
    return true;
}

enum json_kind json_reader_kind(struct json_reader *reader)
{
    skip_space(reader);
    switch (*reader->at) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 'n':
        return JSON_NULL;
    case 't':
    case 'f':
        return JSON_BOOLEAN;
    default:
        return *reader->at == '-' || (*reader->at >= '0' && *reader->at <= '9') ? JSON_NUMBER
                                                                                : JSON_NONE;
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    int letter = (c | 0x20) - 'a';
    return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

/* Four hex digits; -1 if they are not. */
static int32_t take_unit(struct json_reader *reader)
{
    int32_t unit = 0;
    if (reader->end - reader->at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(*reader->at++);
        if (digit < 0) {
            return -1;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

static char *put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    } else {
        *out++ = (char)(0xF0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3F));
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    }
    return out;
}

/* Behind \u: one unit, or a surrogate pair. Never longer than what it replaces. */
static char *unescape_unicode(struct json_reader *reader, char *out)
{
    int32_t unit = take_unit(reader);
    uint32_t code = (uint32_t)unit;
    if (unit >= 0xD800 && unit < 0xDC00 && reader->end - reader->at >= 2 && reader->at[0] == '\\' &&
        reader->at[1] == 'u') {
        reader->at += 2;
        int32_t low = take_unit(reader);
        unit = low >= 0xDC00 && low < 0xE000 ? unit : -1;
        code = 0x10000 + ((code - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
    } else if (unit == 0 || (unit >= 0xD800 && unit < 0xE000)) {
        unit = -1; /* NUL would end our strings; a lone surrogate is no character */
    }
    if (unit < 0) {
        fail(reader, "invalid \\u escape");
        return out;
    }
    return put_utf8(out, code);
}

static char *unescape(struct json_reader *reader, char *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char c = *reader->at++;
    const char *found = c != '\0' ? strchr(from, c) : NULL;
    if (c == 'u') {
        return unescape_unicode(reader, out);
    }
    if (found == NULL) {
        fail(reader, "unknown escape in a string");
        return out;
    }
    *out++ = to[found - from];
    return out;
}

bool json_reader_string(struct json_reader *reader, const char **ret)
{
    if (!take(reader, '"')) {
        fail(reader, "a string is expected");
        return false;
    }
    char *start = reader->at;
    char *out = start;
    while (reader->at < reader->end && *reader->at != '"') {
        if (*reader->at == '\\') {
            reader->at++;
            out = unescape(reader, out);
        } else {
            *out++ = *reader->at++;
        }
    }
    if (reader->at == reader->end) {
        fail(reader, "a string is not closed");
        return false;
    }
    reader->at++;
    *out = '\0';
    *ret = start;
    return true;
}

bool json_reader_number(struct json_reader *reader, struct json_number *ret)
{
    if (json_reader_kind(reader) != JSON_NUMBER) {
        fail(reader, "a number is expected");
        return false;
    }
    char *start = reader->at;
    while (*reader->at != '\0' && strchr("+-.0123456789eE", *reader->at) != NULL) {
        reader->at++;
    }
    *ret = (struct json_number){start, (size_t)(reader->at - start)};
    return true;
}

static bool take_word(struct json_reader *reader, const char *word)
{
    size_t length = strlen(word);
    skip_space(reader);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0) {
        return false;
    }
    reader->at += length;
    return true;
}

bool json_reader_boolean(struct json_reader *reader, bool *ret)
{
    bool yes = take_word(reader, "true");
    if (!yes && !take_word(reader, "false")) {
        fail(reader, "true or false is expected");
        return false;
    }
    *ret = yes;
    return true;
}

void json_reader_open(struct json_reader *reader)
{
    if (!take(reader, '{')) {
        fail(reader, "an object is expected");
    }
}

bool json_reader_member(struct json_reader *reader, const char **ret_key)
{
    if (reader->error != NULL || take(reader, '}')) {
        return false;
    }
    (void)take(reader, ','); /* also before the first member: harmless */
    if (!json_reader_string(reader, ret_key)) {
        return false;
    }
    if (!take(reader, ':')) {
        fail(reader, "':' is expected");
        return false;
    }
    return true;
}

static void skip_scalar(struct json_reader *reader)
{
    const char *text;
    struct json_number number;
    bool boolean;
    switch (json_reader_kind(reader)) {
    case JSON_STRING:
        (void)json_reader_string(reader, &text);
        break;
    case JSON_NUMBER:
        (void)json_reader_number(reader, &number);
        break;
    case JSON_BOOLEAN:
        (void)json_reader_boolean(reader, &boolean);
        break;
    case JSON_NULL:
        if (!take_word(reader, "null")) {
            fail(reader, "a value is expected");
        }
        break;
    case JSON_NONE:
    case JSON_OBJECT:
    case JSON_ARRAY:
        fail(reader, "a value is expected");
        break;
    }
}

void json_reader_skip(struct json_reader *reader)
{
    int depth = 0;
    do {
        if (take(reader, '{') || take(reader, '[')) {
            depth++;
        } else if (take(reader, '}') || take(reader, ']')) {
            depth--;
        } else if (depth == 0 || (!take(reader, ',') && !take(reader, ':'))) {
            skip_scalar(reader);
        }
        if (depth > DEPTH_MAX) {
            fail(reader, "nested too deeply");
        }
    } while (depth > 0 && reader->error == NULL);
}

bool json_reader_done(struct json_reader *reader)
{
    skip_space(reader);
    return reader->error == NULL && reader->at == reader->end;
}
