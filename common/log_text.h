/* What may stand in a line of the log: one line, valid UTF-8, and nobody takes a cut one for whole.
 */
#ifndef EDGE_COMMON_LOG_TEXT_H
#define EDGE_COMMON_LOG_TEXT_H

#include <stddef.h>

/* Control characters from the outside (topics, payloads) must not forge another line: they become
 * spaces. A byte that is not UTF-8 becomes '?'. */
void log_text_make_printable(char *text);

/* Marks with "..." that what was in this buffer of `size` (at least 4) did not fit, behind its last
 * whole character. */
void log_text_mark_cut(char *text, size_t size);

/* Copies, and marks what does not fit. */
void log_text_copy(char *to, size_t size, const char *from);

#endif
