#include "edge-gateway/dbc/text_layout.h"

#include <stdbool.h>
#include <string.h>

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

static size_t columns_of(const char *text, size_t length)
{
    size_t columns = 0;
    for (size_t i = 0; i < length; i++) {
        columns += begins_character(text[i]) ? 1 : 0;
    }
    return columns;
}

size_t text_columns(const char *text)
{
    return columns_of(text, strlen(text));
}

void text_put_repeated(struct buf *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, text);
    }
}

/* Bytes of the first `columns` characters. */
static size_t bytes_of(const char *text, size_t columns)
{
    size_t at = 0;
    while (text[at] != '\0' && (columns > 0 || !begins_character(text[at]))) {
        columns -= begins_character(text[at]) ? 1 : 0;
        at++;
    }
    return at;
}

void text_put_fitted(struct buf *out, const char *text, size_t columns)
{
    size_t wanted = text_columns(text);
    if (wanted <= columns) {
        buf_puts(out, text);
        text_put_repeated(out, " ", columns - wanted);
    } else if (columns > 0) {
        buf_append(out, text, bytes_of(text, columns - 1));
        buf_puts(out, "…");
    }
}

void text_put_wrapped(struct buf *out, const char *text, size_t indent, size_t columns)
{
    static const char blanks[] = " \t\r\n";
    size_t used = 0;
    for (const char *word = text + strspn(text, blanks); *word != '\0';) {
        size_t length = strcspn(word, blanks);
        size_t width = columns_of(word, length);
        if (used == 0 || used + 1 + width > columns) {
            buf_puts(out, used > 0 ? "\n" : "");
            text_put_repeated(out, " ", indent);
            used = indent;
        } else {
            buf_puts(out, " ");
            used++;
        }
        buf_append(out, word, length);
        used += width;
        word += length;
        word += strspn(word, blanks);
    }
    buf_puts(out, used > 0 ? "\n" : "");
}
