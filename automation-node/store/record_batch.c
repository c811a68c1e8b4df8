#include "automation-node/store/record_batch.h"

#include <string.h>

void record_batch_init(struct record_batch *batch)
{
    batch->count = 0;
    buf_init(&batch->bytes, RECORD_BATCH_MAX_BYTES);
}

void record_batch_deinit(struct record_batch *batch)
{
    buf_deinit(&batch->bytes);
}

void record_batch_reset(struct record_batch *batch)
{
    batch->count = 0;
    buf_reset(&batch->bytes);
}

/* The definition, then three texts with their NULs. */
bool record_batch_add(struct record_batch *batch, const struct stored_record *record)
{
    struct buf *bytes = &batch->bytes;
    size_t before = bytes->length;
    buf_append(bytes, &record->definition, sizeof(record->definition));
    buf_append(bytes, record->kind, strlen(record->kind) + 1);
    buf_append(bytes, record->id, strlen(record->id) + 1);
    buf_append(bytes, record->data, strlen(record->data) + 1);
    if (!buf_ok(bytes)) {
        bytes->length = before;
        bytes->failed = false;
        return false;
    }
    batch->count++;
    return true;
}

static const char *take_text(const struct record_batch *batch, size_t *at)
{
    const char *text = batch->bytes.data + *at;
    *at += strlen(text) + 1;
    return text;
}

bool record_batch_next(const struct record_batch *batch, size_t *at, struct stored_record *ret)
{
    if (*at >= batch->bytes.length) {
        return false;
    }
    memcpy(&ret->definition, batch->bytes.data + *at, sizeof(ret->definition));
    *at += sizeof(ret->definition);
    ret->kind = take_text(batch, at);
    ret->id = take_text(batch, at);
    ret->data = take_text(batch, at);
    return true;
}
