/*
 * The frame of a streaming JSON writer: text goes straight into a caller's fixed buffer, nothing is
 * allocated. Errors are sticky: write as often as you like, then ask once with
 * json_writer_finish(); a text that did not fit is a failure there, never a shortened text.
 * Values are written with json_writer.h, which includes this.
 *
 * `key` is the member's name inside an object and NULL inside an array and at the root.
 */
#ifndef EDGE_TOPICS_JSON_CORE_H
#define EDGE_TOPICS_JSON_CORE_H

#include "topics/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Initialise with json_writer_init(); read the fields only through the functions. */
struct json_writer {
    char *text;
    size_t size;
    size_t length;    /* bytes written, without the final NUL */
    uint32_t objects; /* bit n: the container at depth n + 1 is an object */
    uint8_t depth;    /* open containers */
    bool comma;       /* the next value follows another one */
    bool overflowed;  /* the text did not fit */
    bool misused;     /* wrong nesting, a missing key, a number which is none */
};

/* `text` has `size` bytes, the final NUL included; it is borrowed until the finish. */
void json_writer_init(struct json_writer *w, char *text, size_t size);

/* 0 and the length of the NUL-terminated text; -EMSGSIZE: it did not fit; -EINVAL: no value at all,
 * an open or wrongly closed container, or another misuse by the caller. */
TOPICS_MUST_CHECK int json_writer_finish(struct json_writer *w, size_t *ret_length);

/* Nothing was too long up to now, and `bytes` more fit. A copy of the writer is a place to go back
 * to: keep one before an element, and put it back if this says no afterwards. */
bool json_writer_has_room(const struct json_writer *w, size_t bytes);

void json_object_begin(struct json_writer *w, const char *key);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w, const char *key);
void json_array_end(struct json_writer *w);

/* For the writers of single values only: what comes before a value (comma, key, colon), then its
 * bytes as they are, or quoted and escaped. */
void json_core_value(struct json_writer *w, const char *key);
void json_core_append(struct json_writer *w, const char *bytes, size_t length);
void json_core_append_quoted(struct json_writer *w, const char *bytes, size_t length);

#endif
