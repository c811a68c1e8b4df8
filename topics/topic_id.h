/*
 * Ids: the parts of a topic that a person or a DBC file chooses. `[A-Za-z0-9_-]+`, at most
 * TOPIC_ID_MAX_BYTES: cluster brokers rewrite or refuse '.' and space.
 */
#ifndef EDGE_TOPICS_TOPIC_ID_H
#define EDGE_TOPICS_TOPIC_ID_H

#include "topics/attributes.h"

#include <stdbool.h>
#include <stddef.h>

bool topic_id_is_valid(const char *text);
bool topic_id_n_is_valid(const char *text, size_t length);

/* A word that has a meaning of its own somewhere in the tree (see topic_table.c). As the id of that
 * part it is refused; topic_id_from_text() never makes one. */
bool topic_id_is_reserved(const char *text);

/* One or two ids with a slash between, at most TOPIC_PREFIX_MAX_BYTES. */
bool topic_prefix_is_valid(const char *text);

/* A legal id of any text: each character that is not allowed becomes '_', so does an empty text;
 * a reserved word gets a '_' behind it. Different texts can give the same id: the caller must look.
 * -ENAMETOOLONG if it does not fit in `size` or TOPIC_ID_MAX_BYTES: nothing is cut off. */
TOPICS_MUST_CHECK int topic_id_from_text(const char *text, char *ret_id, size_t size);

#endif
