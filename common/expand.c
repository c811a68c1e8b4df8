#include "common/expand.h"

#include "common/quote.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define NAME_MAX_BYTES 128

static bool may_begin_name(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t name_length(const char *text)
{
    if (!may_begin_name(text[0])) {
        return 0;
    }
    size_t length = 1;
    while (may_begin_name(text[length]) || (text[length] >= '0' && text[length] <= '9')) {
        length++;
    }
    return length;
}

/* Expands what stands between "${" and `end`. */
static int expand_variable(const char *inside, const char *end, expand_lookup_fn lookup,
                           struct buf *out, struct buf *why)
{
    size_t length = name_length(inside);
    const char *fallback = strncmp(inside + length, ":-", 2) == 0 ? inside + length + 2 : NULL;
    bool well_formed = inside + length == end || fallback != NULL;
    if (length == 0 || length > NAME_MAX_BYTES || !well_formed) {
        buf_puts(why, "'${' begins a variable: write ${NAME} or ${NAME:-default}, or $${ for the "
                      "text itself");
        return -EINVAL;
    }
    char name[NAME_MAX_BYTES + 1];
    memcpy(name, inside, length);
    name[length] = '\0';
    const char *value = lookup(name);
    if (fallback != NULL && (value == NULL || value[0] == '\0')) {
        buf_append(out, fallback, (size_t)(end - fallback));
        return 0;
    }
    if (value == NULL) {
        buf_printf(why,
                   "environment variable %s is not set - set it or give a default: ${%s:-default}",
                   quote_text(&(struct quote){0}, name), name);
        return -EINVAL;
    }
    buf_puts(out, value);
    return 0;
}

int expand_text(const char *text, expand_lookup_fn lookup, struct buf *out, struct buf *why)
{
    for (;;) {
        const char *dollar = strchrnul(text, '$');
        buf_append(out, text, (size_t)(dollar - text));
        if (*dollar == '\0') {
            return 0;
        }
        if (dollar[1] != '{') {
            buf_puts(out, "$");
            text = dollar + (dollar[1] == '$' ? 2 : 1);
            continue;
        }
        const char *end = strchr(dollar, '}');
        if (end == NULL) {
            buf_puts(why, "'${' is not closed by '}' - write $${ for the text itself");
            return -EINVAL;
        }
        int r = expand_variable(dollar + 2, end, lookup, out, why);
        if (r < 0) {
            return r;
        }
        text = end + 1;
    }
}
