#include "topics/json_core.h"
#include "topics/limits.h"
#include "topics/utf8.h"

#include <errno.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

_Static_assert(PAYLOAD_DEPTH_MAX <= 32, "struct json_writer has 32 bits for its containers");

void json_writer_init(struct json_writer *w, char *text, size_t size)
{
    *w = (struct json_writer){.text = text, .size = size};
}

void json_core_append(struct json_writer *w, const char *bytes, size_t length)
{
    /* One byte stays free for the final NUL. */
    if (w->overflowed || length >= w->size - w->length) {
        w->overflowed = true;
        return;
    }
    memcpy(w->text + w->length, bytes, length);
    w->length += length;
}

static void append_byte(struct json_writer *w, char byte)
{
    json_core_append(w, &byte, 1);
}

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static void append_control(struct json_writer *w, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (letters[byte] != '\0') {
        json_core_append(w, (const char[]){'\\', letters[byte]}, 2);
    } else {
        json_core_append(
            w, (const char[]){'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]}, 6);
    }
}

/* Writes the character at `bytes`, which is not a plain one. Returns how many bytes it had. */
static size_t append_special(struct json_writer *w, const char *bytes, size_t length)
{
    uint8_t byte = (uint8_t)bytes[0];
    if (byte == '"' || byte == '\\') {
        json_core_append(w, (const char[]){'\\', bytes[0]}, 2);
        return 1;
    }
    if (byte < 0x20) {
        append_control(w, byte);
        return 1;
    }
    size_t count = utf8_char_bytes(bytes, length);
    if (count == 0) {
        json_core_append(w, REPLACEMENT, sizeof(REPLACEMENT) - 1);
        return 1;
    }
    json_core_append(w, bytes, count);
    return count;
}

/* Most texts have nothing to be escaped, and room enough: they go to `out` in one go. The end of
 * what was written; NULL: the text has other characters, too. */
static char *quote_plain(char *out, const char *bytes, size_t length)
{
    *out++ = '"';
    for (size_t i = 0; i < length; i++) {
        if (!is_plain((uint8_t)bytes[i])) {
            return NULL;
        }
        *out++ = bytes[i];
    }
    *out++ = '"';
    return out;
}

static void append_quoted_slowly(struct json_writer *w, const char *bytes, size_t length)
{
    append_byte(w, '"');
    for (size_t at = 0; at < length;) {
        size_t start = at;
        while (at < length && is_plain((uint8_t)bytes[at])) {
            at++;
        }
        json_core_append(w, bytes + start, at - start);
        if (at < length) {
            at += append_special(w, bytes + at, length - at);
        }
    }
    append_byte(w, '"');
}

void json_core_append_quoted(struct json_writer *w, const char *bytes, size_t length)
{
    bool has_room = json_writer_has_room(w, length + 2);
    char *end = has_room ? quote_plain(w->text + w->length, bytes, length) : NULL;
    if (end != NULL) {
        w->length = (size_t)(end - w->text);
    } else {
        append_quoted_slowly(w, bytes, length);
    }
}

static bool in_object(const struct json_writer *w)
{
    return w->depth > 0 && (w->objects >> (w->depth - 1) & 1u) != 0;
}

void json_core_value(struct json_writer *w, const char *key)
{
    bool second_root = w->depth == 0 && w->comma;
    if (in_object(w) != (key != NULL) || second_root) {
        w->misused = true;
        return;
    }
    if (w->comma) {
        append_byte(w, ',');
    }
    if (key != NULL) {
        json_core_append_quoted(w, key, strlen(key));
        append_byte(w, ':');
    }
    w->comma = true;
}

static void begin(struct json_writer *w, const char *key, bool object)
{
    if (w->depth >= PAYLOAD_DEPTH_MAX) {
        w->misused = true;
        return;
    }
    json_core_value(w, key);
    append_byte(w, object ? '{' : '[');
    uint32_t bit = 1u << w->depth;
    w->objects = object ? w->objects | bit : w->objects & ~bit;
    w->depth++;
    w->comma = false;
}

static void end(struct json_writer *w, bool object)
{
    if (w->depth == 0 || in_object(w) != object) {
        w->misused = true;
        return;
    }
    append_byte(w, object ? '}' : ']');
    w->depth--;
    w->comma = true;
}

void json_object_begin(struct json_writer *w, const char *key)
{
    begin(w, key, true);
}

void json_object_end(struct json_writer *w)
{
    end(w, true);
}

void json_array_begin(struct json_writer *w, const char *key)
{
    begin(w, key, false);
}

void json_array_end(struct json_writer *w)
{
    end(w, false);
}

bool json_writer_has_room(const struct json_writer *w, size_t bytes)
{
    return !w->overflowed && bytes < w->size - w->length;
}

int json_writer_finish(struct json_writer *w, size_t *ret_length)
{
    if (w->overflowed) {
        return -EMSGSIZE;
    }
    if (w->misused || w->depth > 0 || !w->comma) {
        return -EINVAL;
    }
    w->text[w->length] = '\0';
    *ret_length = w->length;
    return 0;
}
