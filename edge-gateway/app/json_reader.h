/*
 * A pull reader for one JSON text, for input whose numbers must stay exact: they come out as their
 * text, not as doubles. Works in place: strings are unescaped inside the buffer it is given.
 */
#ifndef EDGE_GATEWAY_APP_JSON_READER_H
#define EDGE_GATEWAY_APP_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>

enum json_kind {
    JSON_NONE, /* end of the text, or no value begins here */
    JSON_NULL,
    JSON_BOOLEAN,
    JSON_NUMBER,
    JSON_STRING,
    JSON_OBJECT,
    JSON_ARRAY
};

struct json_reader {
    char *at;
    char *end;
    const char *error; /* NULL, or the first thing that was wrong; sticky */
};

struct json_number {
    const char *text; /* a span of the buffer */
    size_t length;
};

/* `text[length]` must be writable too: it becomes NUL. */
void json_reader_init(struct json_reader *reader, char *text, size_t length);

/* The kind of the value at the cursor. */
enum json_kind json_reader_kind(struct json_reader *reader);

/* for (json_reader_open(r); json_reader_member(r, &key);) { read or skip the value } */
void json_reader_open(struct json_reader *reader);
bool json_reader_member(struct json_reader *reader, const char **ret_key);

/* Each takes the value at the cursor; false, with an error, when it is of another kind. */
bool json_reader_string(struct json_reader *reader, const char **ret);
bool json_reader_number(struct json_reader *reader, struct json_number *ret);
bool json_reader_boolean(struct json_reader *reader, bool *ret);

/* Any value, with what is inside. */
void json_reader_skip(struct json_reader *reader);

/* True when nothing but white space is left and nothing was wrong. */
bool json_reader_done(struct json_reader *reader);

#endif
