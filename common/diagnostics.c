#include "common/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT 1000

struct diagnostics {
    struct diagnostic *entries;
    size_t kept;
    size_t capacity;
    size_t limit;
    size_t counts[SEVERITY_ERROR + 1];
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
    }
    free(d->entries);
    free(d);
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
    d->counts[severity]++;
    if (d->kept >= d->limit || !reserve_entry(d)) {
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
    d->entries[d->kept++] = (struct diagnostic){severity, name, line, column, message};
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
