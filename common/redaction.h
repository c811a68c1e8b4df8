/*
 * What must not leave a machine, taken out of a text: the secrets of the configuration wherever
 * they stand, the user and password of a URL, and what follows a word such as `password`, `token`
 * or `secret` with `:` or `=`. REDACTION_MASK stands in their place. It rather hides too much.
 */
#ifndef EDGE_COMMON_REDACTION_H
#define EDGE_COMMON_REDACTION_H

#include "common/attributes.h"
#include "common/buf.h"

#include <stddef.h>

#define REDACTION_MASK "********"

/* A shorter secret would hide half of any text; it is hidden behind its word alone. */
#define REDACTION_SECRET_MIN_BYTES 4

struct redaction;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int redaction_new(struct redaction **ret);
/* Forgets the secrets, and their bytes. */
void redaction_free(struct redaction *redaction);

/* One more secret: as it is, and as JSON and YAML write it. Copied. 0 or -ENOMEM. */
EDGE_MUST_CHECK int redaction_add(struct redaction *redaction, const char *secret);

/* Appends one line of text without them. */
void redaction_apply(const struct redaction *redaction, const char *line, size_t length,
                     struct buf *out);

#endif
