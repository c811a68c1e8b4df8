/*
 * Writes single JSON values; json_core.h explains the writer, `key` and the sticky errors.
 * Numbers are written exactly: no float on the way.
 */
#ifndef EDGE_TOPICS_JSON_WRITER_H
#define EDGE_TOPICS_JSON_WRITER_H

#include "topics/json_core.h"

/* Any bytes: quotes, backslashes and control characters are escaped, a byte that is not UTF-8
 * becomes U+FFFD. */
void json_string(struct json_writer *w, const char *key, const char *text);
void json_string_n(struct json_writer *w, const char *key, const char *text, size_t length);

/* `text` is a decimal as JSON writes it ("21.57", "-4e3") and is copied as it is; anything else is
 * the caller's mistake and fails the finish with -EINVAL. */
void json_number_text(struct json_writer *w, const char *key, const char *text, size_t length);

void json_i64(struct json_writer *w, const char *key, int64_t value);
void json_u64(struct json_writer *w, const char *key, uint64_t value);

/* The shortest decimal that reads back as the same double; null if it is not finite. For computed
 * values only: what comes from a bus has an exact decimal. */
void json_double(struct json_writer *w, const char *key, double value);

void json_bool(struct json_writer *w, const char *key, bool value);
void json_null(struct json_writer *w, const char *key);

/* Microseconds since the Unix epoch as seconds, with no more decimals than needed:
 * 1795423160495983 is 1795423160.495983. */
void json_time_us(struct json_writer *w, const char *key, int64_t us);

/* Nothing for NULL, and for an instant that is not after the epoch. */
void json_string_if(struct json_writer *w, const char *key, const char *text);
void json_time_us_if(struct json_writer *w, const char *key, int64_t us);

#endif
