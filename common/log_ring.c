#include "common/log_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int log_ring_init(struct log_ring *ring, size_t size)
{
    *ring = (struct log_ring){.data = malloc(size), .size = size};
    if (ring->data == NULL) {
        ring->size = 0;
        return -ENOMEM;
    }
    return 0;
}

void log_ring_deinit(struct log_ring *ring)
{
    free(ring->data);
    *ring = (struct log_ring){0};
}

static void drop_oldest(struct log_ring *ring)
{
    char last = '\0';
    while (ring->length > 0 && last != '\n') {
        last = ring->data[ring->first];
        ring->first = (ring->first + 1) % ring->size;
        ring->length--;
    }
}

static void append(struct log_ring *ring, const char *text, size_t length)
{
    size_t at = (ring->first + ring->length) % ring->size;
    size_t before_end = ring->size - at < length ? ring->size - at : length;
    memcpy(ring->data + at, text, before_end);
    memcpy(ring->data, text + before_end, length - before_end);
    ring->length += length;
}

void log_ring_add(struct log_ring *ring, const char *text)
{
    size_t length = strlen(text);
    if (length + 1 > ring->size) {
        return;
    }
    while (ring->size - ring->length < length + 1) {
        drop_oldest(ring);
    }
    append(ring, text, length);
    append(ring, "\n", 1);
}

void log_ring_read(const struct log_ring *ring, struct buf *out)
{
    size_t before_end = ring->size - ring->first;
    if (ring->length <= before_end) {
        buf_append(out, ring->data != NULL ? ring->data + ring->first : "", ring->length);
        return;
    }
    buf_append(out, ring->data + ring->first, before_end);
    buf_append(out, ring->data, ring->length - before_end);
}
