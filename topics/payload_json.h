/*
 * Reading JSON from strangers, for the decoders of this folder. cJSON makes the tree; what it is
 * lenient about is refused here before: size, depth, NUL bytes, control characters, broken UTF-8,
 * anything behind the value.
 *
 * All return 0 or -EINVAL (-EMSGSIZE: too long, -ENOMEM) and then say why in `reterr`. A JSON null
 * counts as an absent member where a getter says "optional".
 */
#ifndef EDGE_TOPICS_PAYLOAD_JSON_H
#define EDGE_TOPICS_PAYLOAD_JSON_H

#include "topics/payload_value.h"

#include <cjson/cJSON.h>

#include <stddef.h>
#include <stdint.h>

/* Sets the reason; bytes that cannot be printed become '?', a long text is cut. */
void payload_fail(struct payload_error *error, const char *format, ...) TOPICS_PRINTF(2, 3);

/* Without the blanks around it, which a person at a command line leaves. */
void payload_trim(const char **text, size_t *length);

/* One JSON object of at most `max_bytes`; free it with cJSON_Delete(). */
TOPICS_MUST_CHECK int payload_json_object(const char *text, size_t length, size_t max_bytes,
                                          cJSON **ret, struct payload_error *reterr);

/* Every member is one of `keys` (up to a NULL) and is there once. */
TOPICS_MUST_CHECK int payload_json_only(const cJSON *object, const char *const *keys,
                                        struct payload_error *reterr);

/* The members of the object have different names and are at most PAYLOAD_SIGNALS_MAX. */
TOPICS_MUST_CHECK int payload_json_distinct(const cJSON *object, struct payload_error *reterr);

/* A null, number, text of at most PAYLOAD_TEXT_MAX_BYTES, or bool; the text is borrowed. */
TOPICS_MUST_CHECK int payload_json_value(const cJSON *item, struct payload_value *ret,
                                         struct payload_error *reterr);

/* Optional: *ret is NULL if absent, else borrowed and not empty. */
TOPICS_MUST_CHECK int payload_json_text(const cJSON *object, const char *key, size_t max_bytes,
                                        const char **ret, struct payload_error *reterr);

/* Optional: `*ret` stays as it is if absent. An integer from `min` to `max`. */
TOPICS_MUST_CHECK int payload_json_u64(const cJSON *object, const char *key, uint64_t min,
                                       uint64_t max, uint64_t *ret, struct payload_error *reterr);

/* Optional: `*ret_us` stays as it is if absent. Seconds since the epoch, with up to six decimals.
 */
TOPICS_MUST_CHECK int payload_json_time_us(const cJSON *object, const char *key, int64_t *ret_us,
                                           struct payload_error *reterr);

#endif
