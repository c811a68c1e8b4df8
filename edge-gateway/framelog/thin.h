/*
 * Makes old parts of the log smaller: of segments that follow each other it makes few, in which the
 * seqs of frames that went into summaries are voids (SEGMENT_VOID_THINNED). All else stays as it
 * is: events, other voids, and the frames which nobody summarized, with their stamps. Pure.
 */
#ifndef EDGE_GATEWAY_FRAMELOG_THIN_H
#define EDGE_GATEWAY_FRAMELOG_THIN_H

#include "common/attributes.h"
#include "edge-gateway/framelog/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thin_options {
    size_t records_bytes; /* of a segment that is put: as for segment_builder_new() */
    /* Takes a frame into a summary. False: it stays whole. */
    bool (*summarize)(void *context, uint64_t seq, const struct frame *frame);
    /* Takes a segment of what is left; borrowed during the call. 0 or -errno. */
    int (*put)(void *context, const struct segment *segment);
    void *context;
};

struct thin;

/* Nothing is allocated afterwards. 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int thin_new(const struct thin_options *options, struct thin **ret);
void thin_free(struct thin *thin);

/* Forgets what was not put yet. */
void thin_begin(struct thin *thin);
/* Adds a segment of later seqs. Seqs between it and the one before stay in no segment. 0; -EILSEQ:
 * it contradicts itself, and nothing was done; or the fault of put(). */
EDGE_MUST_CHECK int thin_add(struct thin *thin, const struct segment *segment);
/* Puts what is left. 0, or the fault of put(). */
EDGE_MUST_CHECK int thin_end(struct thin *thin);

#endif
