#include "edge-gateway/dbc/text_encoding.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT   0xFFFD
#define UTF8_MAX_SIZE 3 /* every Windows-1252 character is in the basic plane */

/* Windows-1252 0x80 to 0x9F; the rest equals Latin-1, that is U+0000 to U+00FF. */
static const uint16_t cp1252_high[32] = {
    0x20AC,      REPLACEMENT, 0x201A, 0x0192, 0x201E, 0x2026,      0x2020, 0x2021,
    0x02C6,      0x2030,      0x0160, 0x2039, 0x0152, REPLACEMENT, 0x017D, REPLACEMENT,
    REPLACEMENT, 0x2018,      0x2019, 0x201C, 0x201D, 0x2022,      0x2013, 0x2014,
    0x02DC,      0x2122,      0x0161, 0x203A, 0x0153, REPLACEMENT, 0x017E, 0x0178};

/* Length of the well-formed sequence at `at`, 0 if there is none. RFC 3629, section 4. */
static size_t sequence_length(const unsigned char *at, size_t left)
{
    if (at[0] < 0x80) {
        return 1;
    }
    size_t length = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
    if (at[0] < 0xC2 || at[0] > 0xF4 || length > left) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
    bool surrogate = at[0] == 0xED && at[1] >= 0xA0;
    bool beyond = at[0] == 0xF4 && at[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

/* Most text is ASCII, which eight bytes tell at once. */
static size_t skip_ascii(const unsigned char *bytes, size_t at, size_t length)
{
    uint64_t word;
    for (; length - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, bytes + at, sizeof(word));
        if ((word & 0x8080808080808080u) != 0) {
            break;
        }
    }
    return at;
}

bool text_is_utf8(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    while (at < length) {
        at = skip_ascii(bytes, at, length);
        if (at == length) {
            return true;
        }
        size_t step = sequence_length(bytes + at, length - at);
        if (step == 0) {
            return false;
        }
        at += step;
    }
    return true;
}

size_t text_cut(const char *text, size_t length, size_t max_bytes)
{
    if (length <= max_bytes) {
        return length;
    }
    while (max_bytes > 0 && ((unsigned char)text[max_bytes] & 0xC0) == 0x80) {
        max_bytes--;
    }
    return max_bytes;
}

static size_t put_utf8(uint16_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
}

static size_t put_cp1252(const char *line, size_t length, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)line[i];
        uint16_t code = byte >= 0x80 && byte < 0xA0 ? cp1252_high[byte - 0x80] : byte;
        used += put_utf8(code, out + used);
    }
    return used;
}

static void blank_nuls(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0') {
            text[i] = ' ';
        }
    }
}

static int convert(const char *text, size_t length, struct text_utf8 *ret)
{
    char *out = malloc(length * UTF8_MAX_SIZE + 1);
    if (out == NULL) {
        return -ENOMEM;
    }
    size_t used = 0;
    enum text_encoding encoding = TEXT_ENCODING_UTF8;
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t line = newline != NULL ? (size_t)(newline - text) + 1 - at : length - at;
        if (text_is_utf8(text + at, line)) {
            memcpy(out + used, text + at, line);
            used += line;
        } else {
            used += put_cp1252(text + at, line, out + used);
            encoding = TEXT_ENCODING_CP1252;
        }
        at += line;
    }
    blank_nuls(out, used);
    *ret = (struct text_utf8){out, used, out, encoding};
    return 0;
}

int text_to_utf8(const char *text, size_t length, struct text_utf8 *ret)
{
    if (length >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
        *ret = (struct text_utf8){NULL, 0, NULL, TEXT_ENCODING_UTF16};
        return 0;
    }
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (memchr(text, '\0', length) == NULL && text_is_utf8(text, length)) {
        *ret = (struct text_utf8){text, length, NULL, TEXT_ENCODING_UTF8};
        return 0;
    }
    return convert(text, length, ret);
}
