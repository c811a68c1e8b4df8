/*
 * What a parser has to say about a text a person wrote: errors and warnings with file, line and
 * column, all of them and not only the first. Pure; printing is the caller's.
 */
#ifndef EDGE_COMMON_DIAGNOSTICS_H
#define EDGE_COMMON_DIAGNOSTICS_H

#include "common/attributes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum severity {
    SEVERITY_WARNING,
    SEVERITY_ERROR
};

struct diagnostic {
    enum severity severity;
    const char *file;    /* as the caller named it; owned by the diagnostics */
    unsigned line;       /* from 1; 0 = the whole file */
    unsigned column;     /* in characters, from 1; 0 = the whole line */
    const char *message; /* one line, no control characters, no final full stop */
    const char *excerpt; /* the line of the text that it is about; NULL = not given */
};

#define DIAGNOSTIC_MESSAGE_MAX_BYTES 1024

struct diagnostics;

/* At most `limit` entries of each severity are kept (0 = 1000), so that no flood of warnings hides
 * an error; later ones are counted but not kept. NULL when out of memory. */
struct diagnostics *diagnostics_new(size_t limit);
void diagnostics_free(struct diagnostics *d);

/* From now on a warning is added as an error. */
void diagnostics_make_strict(struct diagnostics *d);

/*
 * The message may repeat text of the file as it is, UTF-8 or not: control characters become
 * spaces, and what is longer than DIAGNOSTIC_MESSAGE_MAX_BYTES ends in "..." between two
 * characters.
 */
void diagnostics_add(struct diagnostics *d, enum severity severity, const char *file, unsigned line,
                     unsigned column, const char *format, ...) EDGE_PRINTF(6, 7);

/* The same with the arguments as a list. */
void diagnostics_add_list(struct diagnostics *d, enum severity severity, const char *file,
                          unsigned line, unsigned column, const char *format, va_list args)
    EDGE_PRINTF(6, 0);

/* Gives the entry that was added last the line of the text that it is about, to be shown with a
 * mark under the column. The line is copied. */
void diagnostics_quote(struct diagnostics *d, const char *line, size_t length);

/* How many of that severity were added, kept or not. */
size_t diagnostics_count(const struct diagnostics *d, enum severity severity);

/* The kept entries in the order they were added: index 0 to diagnostics_kept() - 1. */
size_t diagnostics_kept(const struct diagnostics *d);
const struct diagnostic *diagnostics_at(const struct diagnostics *d, size_t index);

/* "file:line:column: error: message" into `text`, without a newline. Returns the length, or what it
 * would have been. */
size_t diagnostic_format(const struct diagnostic *diagnostic, char *text, size_t size);

/* Two lines, with a newline between them: the excerpt, and a caret under the column. "" without an
 * excerpt. Returns as diagnostic_format(). */
size_t diagnostic_format_excerpt(const struct diagnostic *diagnostic, char *text, size_t size);

#endif
