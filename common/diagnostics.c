#include "common/diagnostics.h"

#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT     1000
#define EXCERPT_MAX_BYTES 4096

struct diagnostics {
    struct diagnostic *entries;
    size_t kept;
    size_t capacity;
    size_t limit;
    bool strict;
    size_t counts[SEVERITY_ERROR + 1];
    bool last_is_kept;
};

struct diagnostics *diagnostics_new(size_t limit)
{
    struct diagnostics *d = calloc(1, sizeof(*d));
    if (d != NULL) {
        d->limit = limit > 0 ? limit : DEFAULT_LIMIT;
    }
    return d;
}

void diagnostics_free(struct diagnostics *d)
{
    if (d == NULL) {
        return;
    }
    for (size_t i = 0; i < d->kept; i++) {
        free((char *)d->entries[i].file);
        free((char *)d->entries[i].message);
        free((char *)d->entries[i].excerpt);
    }
    free(d->entries);
    free(d);
}

void diagnostics_make_strict(struct diagnostics *d)
{
    d->strict = true;
}

static bool reserve_entry(struct diagnostics *d)
{
    if (d->kept < d->capacity) {
        return true;
    }
    size_t capacity = d->capacity > 0 ? d->capacity * 2 : 16;
    struct diagnostic *entries = reallocarray(d->entries, capacity, sizeof(*entries));
    if (entries == NULL) {
        return false;
    }
    d->entries = entries;
    d->capacity = capacity;
    return true;
}

static void shorten(char *message)
{
    static const char ending[] = "...";
    if (strlen(message) > DIAGNOSTIC_MESSAGE_MAX_BYTES) {
        char *end = message + DIAGNOSTIC_MESSAGE_MAX_BYTES - strlen(ending);
        while (end > message && ((unsigned char)*end & 0xC0) == 0x80) {
            end--; /* UTF-8: inside a character */
        }
        memcpy(end, ending, sizeof(ending));
    }
}

static void flatten(char *message)
{
    for (char *at = message; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == '\x7F') {
            *at = ' ';
        }
    }
}

void diagnostics_add_list(struct diagnostics *d, enum severity severity, const char *file,
                          unsigned line, unsigned column, const char *format, va_list args)
{
    severity = d->strict ? SEVERITY_ERROR : severity;
    d->counts[severity]++;
    d->last_is_kept = false;
    if (d->counts[severity] > d->limit || !reserve_entry(d)) {
        return;
    }
    char *message = NULL;
    int length = vasprintf(&message, format, args);
    char *name = strdup(file);
    if (length < 0 || name == NULL) {
        free(length < 0 ? NULL : message);
        free(name);
        return;
    }
    shorten(message);
    flatten(message);
    d->entries[d->kept++] = (struct diagnostic){severity, name, line, column, message, NULL};
    d->last_is_kept = true;
}

void diagnostics_quote(struct diagnostics *d, const char *line, size_t length)
{
    if (d->last_is_kept && d->entries[d->kept - 1].excerpt == NULL) {
        d->entries[d->kept - 1].excerpt = strndup(line, length); /* NULL: shown without */
    }
}

void diagnostics_add(struct diagnostics *d, enum severity severity, const char *file, unsigned line,
                     unsigned column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diagnostics_add_list(d, severity, file, line, column, format, args);
    va_end(args);
}

size_t diagnostics_count(const struct diagnostics *d, enum severity severity)
{
    return d->counts[severity];
}

size_t diagnostics_kept(const struct diagnostics *d)
{
    return d->kept;
}

const struct diagnostic *diagnostics_at(const struct diagnostics *d, size_t index)
{
    return &d->entries[index];
}

size_t diagnostic_format(const struct diagnostic *diagnostic, char *text, size_t size)
{
    char position[32] = "";
    if (diagnostic->line > 0 && diagnostic->column > 0) {
        (void)snprintf(position, sizeof(position), ":%u:%u", diagnostic->line, diagnostic->column);
    } else if (diagnostic->line > 0) {
        (void)snprintf(position, sizeof(position), ":%u", diagnostic->line);
    }
    const char *word = diagnostic->severity == SEVERITY_ERROR ? "error" : "warning";
    int length =
        snprintf(text, size, "%s%s: %s: %s", diagnostic->file, position, word, diagnostic->message);
    return length < 0 ? 0 : (size_t)length;
}

/* As many columns as the characters before `column` take; a tab stays one. */
static void indent(struct buf *out, const char *line, unsigned column)
{
    for (unsigned i = 1; i < column && *line != '\0'; i++) {
        buf_puts(out, *line == '\t' ? "\t" : " ");
        do {
            line++;
        } while (((unsigned char)*line & 0xC0u) == 0x80u);
    }
}

size_t diagnostic_format_excerpt(const struct diagnostic *diagnostic, char *text, size_t size)
{
    struct buf out;
    buf_init(&out, EXCERPT_MAX_BYTES);
    if (diagnostic->excerpt != NULL && diagnostic->column > 0) {
        buf_printf(&out, "  %s\n  ", diagnostic->excerpt);
        indent(&out, diagnostic->excerpt, diagnostic->column);
        buf_puts(&out, "^");
    }
    int length = snprintf(text, size, "%s", buf_ok(&out) && out.length > 0 ? out.data : "");
    buf_deinit(&out);
    return length < 0 ? 0 : (size_t)length;
}
