/* A segment out of its row, checked: for whoever reads the table `segments`. */
#ifndef EDGE_GATEWAY_STORE_STORE_ROW_H
#define EDGE_GATEWAY_STORE_STORE_ROW_H

#include "common/attributes.h"
#include "edge-gateway/framelog/segment.h"

#include <sqlite3.h>

#include <stddef.h>
#include <stdint.h>

/* The columns that a statement has to name first, in this order. */
#define STORE_ROW_COLUMNS      "first_seq, last_seq, base_us, from_us, to_us, crc, keys, records"
#define STORE_ROW_COLUMN_COUNT 8 /* where those begin that it names beyond them */

/* All but the blobs. `segment` then covers its seqs; its blobs are empty. */
struct segment store_row_head(sqlite3_stmt *row);

/* Its keys, borrowed from the row and not checked: for a first look. */
void store_row_keys(sqlite3_stmt *row, struct segment *segment);

/* Copies of the blobs, so that the statement can be reset. {0} is an empty one. */
struct store_row_blobs {
    uint8_t *bytes; /* keys, then records */
    size_t size;
};

/* The whole segment; its blobs lie in `blobs` until the next call. 0, -ENOMEM; -EBADMSG: they are
 * not what was written. */
EDGE_MUST_CHECK int store_row_take(sqlite3_stmt *row, struct store_row_blobs *blobs,
                                   struct segment *ret);
void store_row_blobs_deinit(struct store_row_blobs *blobs);

#endif
