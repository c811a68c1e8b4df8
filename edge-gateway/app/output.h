/*
 * Buffered output to a descriptor. The writer asks for room once per record and then writes into it
 * without checks. Errors are sticky.
 */
#ifndef EDGE_GATEWAY_APP_OUTPUT_H
#define EDGE_GATEWAY_APP_OUTPUT_H

#include "common/attributes.h"

#include <stddef.h>

struct output {
    int fd; /* borrowed */
    char *buffer;
    size_t size;
    size_t used;
    int error; /* 0 or the first -errno of writing */
};

/* Records of up to `max_record` bytes. 0 or -ENOMEM. */
EDGE_MUST_CHECK int output_init(struct output *output, int fd, size_t max_record);
void output_deinit(struct output *output); /* does not flush */

/* Where to write the next record, with room for `bytes` <= max_record; flushes when needed. */
char *output_room(struct output *output, size_t bytes);

/* What was written there ends before `end`. */
void output_commit(struct output *output, const char *end);

/* 0 or the first -errno of the output. */
EDGE_MUST_CHECK int output_flush(struct output *output);

#endif
