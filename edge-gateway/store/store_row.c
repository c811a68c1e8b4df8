#include "edge-gateway/store/store_row.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { /* as in STORE_ROW_COLUMNS */
    FIRST_SEQ,
    LAST_SEQ,
    BASE_US,
    FROM_US,
    TO_US,
    CRC,
    KEYS,
    RECORDS
};

struct segment store_row_head(sqlite3_stmt *row)
{
    struct segment segment = {
        .first_seq = (uint64_t)sqlite3_column_int64(row, FIRST_SEQ),
        .base_us = sqlite3_column_int64(row, BASE_US),
        .from_us = sqlite3_column_int64(row, FROM_US),
        .to_us = sqlite3_column_int64(row, TO_US),
    };
    segment.count = (uint64_t)sqlite3_column_int64(row, LAST_SEQ) - segment.first_seq + 1;
    return segment;
}

void store_row_keys(sqlite3_stmt *row, struct segment *segment)
{
    segment->keys = sqlite3_column_blob(row, KEYS);
    segment->keys_bytes = segment->keys != NULL ? (size_t)sqlite3_column_bytes(row, KEYS) : 0;
}

/* NULL beside a length: SQLite ran out of memory on the way. */
static bool copy(uint8_t *to, sqlite3_stmt *row, int column, size_t length)
{
    const void *from = sqlite3_column_blob(row, column);
    if (length > 0 && from != NULL) {
        memcpy(to, from, length);
    }
    return length == 0 || from != NULL;
}

static int make_room(struct store_row_blobs *blobs, size_t size)
{
    if (size <= blobs->size) {
        return 0;
    }
    uint8_t *bytes = realloc(blobs->bytes, size);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    blobs->bytes = bytes;
    blobs->size = size;
    return 0;
}

int store_row_take(sqlite3_stmt *row, struct store_row_blobs *blobs, struct segment *ret)
{
    struct segment segment = store_row_head(row);
    segment.keys_bytes = (size_t)sqlite3_column_bytes(row, KEYS);
    segment.records_bytes = (size_t)sqlite3_column_bytes(row, RECORDS);
    int r = make_room(blobs, segment.keys_bytes + segment.records_bytes + 1);
    if (r < 0) {
        return r;
    }
    segment.keys = blobs->bytes;
    segment.records = blobs->bytes + segment.keys_bytes;
    if (!copy(blobs->bytes, row, KEYS, segment.keys_bytes) ||
        !copy(blobs->bytes + segment.keys_bytes, row, RECORDS, segment.records_bytes)) {
        return -ENOMEM;
    }
    if ((uint32_t)sqlite3_column_int64(row, CRC) != segment_crc(&segment)) {
        return -EBADMSG;
    }
    *ret = segment;
    return 0;
}

void store_row_blobs_deinit(struct store_row_blobs *blobs)
{
    free(blobs->bytes);
    *blobs = (struct store_row_blobs){0};
}
