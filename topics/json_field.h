/*
 * One value out of somebody else's JSON: `temperature`, or a JSON pointer (RFC 6901) such as
 * `/ENERGY/Power` or `/relays/0/ison`.
 */
#ifndef EDGE_TOPICS_JSON_FIELD_H
#define EDGE_TOPICS_JSON_FIELD_H

#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>

struct json_document;

/* A name without a slash, or a pointer that begins with one and has no bad escape. */
bool json_field_is_valid(const char *field);

/* A JSON object. 0 and a document for json_document_free(); -EINVAL, -EMSGSIZE
 * (PAYLOAD_READING_MAX_BYTES) or -ENOMEM with the reason. */
TOPICS_MUST_CHECK int json_document_parse(const char *text, size_t length,
                                          struct json_document **ret, struct payload_error *reterr);
void json_document_free(struct json_document *document);

/* 0 and the value, whose text the document owns; -ENOENT: it has no such field; -EINVAL: that is no
 * single value (an object, an array, a text that is too long). */
TOPICS_MUST_CHECK int json_document_find(const struct json_document *document, const char *field,
                                         struct payload_value *ret);

#endif
