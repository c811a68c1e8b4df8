#include "common/log_text.h"

#include <stdbool.h>
#include <string.h>

/* Bytes of the UTF-8 character at `text` (RFC 3629, section 4); 0 if it is none. */
static size_t character_bytes(const unsigned char *text)
{
    static const struct {
        unsigned char first, last;               /* of the first byte */
        unsigned char second_first, second_last; /* narrower: overlong, surrogates, too large */
        size_t bytes;
    } forms[] = {
        {0x01, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    size_t i = 0;
    while (i < sizeof(forms) / sizeof(forms[0]) && text[0] > forms[i].last) {
        i++;
    }
    if (i == sizeof(forms) / sizeof(forms[0]) || text[0] < forms[i].first) {
        return 0;
    }
    if (forms[i].bytes > 1 && (text[1] < forms[i].second_first || text[1] > forms[i].second_last)) {
        return 0;
    }
    for (size_t at = 2; at < forms[i].bytes; at++) {
        if ((text[at] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return forms[i].bytes;
}

void log_text_make_printable(char *text)
{
    while (*text != '\0') {
        const unsigned char *c = (const unsigned char *)text;
        size_t bytes = character_bytes(c);
        if (bytes == 0) {
            *text++ = '?';
            continue;
        }
        if (*c < 0x20 || *c == 0x7F || (*c == 0xC2 && c[1] < 0xA0)) {
            memset(text, ' ', bytes);
        }
        text += bytes;
    }
}

void log_text_mark_cut(char *text, size_t size)
{
    size_t end = size - sizeof("...");
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80) {
        end--;
    }
    memcpy(text + end, "...", sizeof("..."));
}

void log_text_copy(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);
    bool fits = length < size;
    memcpy(to, from, fits ? length + 1 : size - 1);
    if (!fits) {
        log_text_mark_cut(to, size);
    }
}
