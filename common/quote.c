#include "common/quote.h"

#include <stdbool.h>
#include <string.h>

static bool continues_character(char c)
{
    return ((unsigned char)c & 0xC0u) == 0x80u;
}

const char *quote_text(struct quote *q, const char *text)
{
    size_t length = strnlen(text, QUOTE_MAX_BYTES + 1);
    bool cut = length > QUOTE_MAX_BYTES;
    if (cut) {
        length = QUOTE_MAX_BYTES;
        while (length > 0 && continues_character(text[length])) {
            length--;
        }
    }
    char *at = q->text;
    *at++ = '\'';
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        *at++ = c < 0x20 || c == 0x7F ? '?' : text[i];
    }
    if (cut) {
        memcpy(at, "...", 3);
        at += 3;
    }
    *at++ = '\'';
    *at = '\0';
    return q->text;
}
