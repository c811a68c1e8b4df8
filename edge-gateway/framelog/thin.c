#include "edge-gateway/framelog/thin.h"

#include "edge-gateway/framelog/segment_builder.h"

#include <errno.h>
#include <stdlib.h>

struct thin {
    struct thin_options options;
    struct segment_builder *builder;
    uint64_t next_seq; /* of the builder */
};

int thin_new(const struct thin_options *options, struct thin **ret)
{
    struct thin *thin = calloc(1, sizeof(*thin));
    if (thin == NULL) {
        return -ENOMEM;
    }
    thin->options = *options;
    int r = segment_builder_new(options->records_bytes, &thin->builder);
    if (r < 0) {
        free(thin);
        return r;
    }
    thin_begin(thin);
    *ret = thin;
    return 0;
}

void thin_free(struct thin *thin)
{
    if (thin != NULL) {
        segment_builder_free(thin->builder);
        free(thin);
    }
}

static void restart(struct thin *thin, uint64_t first_seq)
{
    segment_builder_reset(thin->builder, first_seq);
    thin->next_seq = first_seq;
}

void thin_begin(struct thin *thin)
{
    restart(thin, 1);
}

int thin_end(struct thin *thin)
{
    const struct segment segment = segment_builder_view(thin->builder);
    int r = segment.count > 0 ? thin->options.put(thin->options.context, &segment) : 0;
    restart(thin, thin->next_seq);
    return r;
}

static bool is_sound(const struct segment *segment)
{
    struct segment_reader reader;
    segment_reader_init(&reader, segment);
    segment_seek(&reader, UINT64_MAX);
    struct segment_record record;
    return segment_next(&reader, &record) == SEGMENT_END;
}

static bool append(struct segment_builder *builder, const struct segment_record *record)
{
    if (record->kind == SEGMENT_FRAME) {
        return segment_append_frame(builder, &record->frame);
    }
    if (record->kind == SEGMENT_EVENT) {
        return segment_append_event(builder, record->ts_us, record->text, record->length);
    }
    return segment_append_void(builder, record->count, record->reason);
}

/* What an empty builder does not take was never in a segment. */
static int keep(struct thin *thin, const struct segment_record *record)
{
    if (!append(thin->builder, record)) {
        int r = thin_end(thin);
        if (r < 0 || !append(thin->builder, record)) {
            return r < 0 ? r : -EILSEQ;
        }
    }
    thin->next_seq += record->count;
    return 0;
}

int thin_add(struct thin *thin, const struct segment *segment)
{
    if (!is_sound(segment)) {
        return -EILSEQ;
    }
    int r = segment->first_seq != thin->next_seq ? thin_end(thin) : 0;
    if (r < 0) {
        return r;
    }
    if (segment->first_seq != thin->next_seq) {
        restart(thin, segment->first_seq);
    }
    struct segment_reader reader;
    struct segment_record record;
    segment_reader_init(&reader, segment);
    while (r == 0 && segment_next(&reader, &record) != SEGMENT_END) {
        if (record.kind == SEGMENT_FRAME &&
            thin->options.summarize(thin->options.context, record.seq, &record.frame)) {
            record.kind = SEGMENT_VOID;
            record.reason = SEGMENT_VOID_THINNED;
        }
        r = keep(thin, &record);
    }
    return r;
}
