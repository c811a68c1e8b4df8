/*
 * A person's text inside a message: in quotes, on one line, of bounded length. Pure.
 */
#ifndef EDGE_COMMON_QUOTE_H
#define EDGE_COMMON_QUOTE_H

#define QUOTE_MAX_BYTES 60

struct quote {
    char text[QUOTE_MAX_BYTES + 6]; /* quotes, "..." and NUL */
};

/* 'text' with control characters as '?', cut with "..." after 60 bytes at a character's end.
 * Returns q->text, so that a compound literal serves in an argument list:
 * quote_text(&(struct quote){0}, key). */
const char *quote_text(struct quote *q, const char *text);

#endif
