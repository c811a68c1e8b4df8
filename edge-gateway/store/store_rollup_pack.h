/*
 * The table `minutes`: of hours that are over, the minutes of one signal in one row.
 *
 * A minute is written into a row of its own (store_rollup_rows.h), together with those of all other
 * messages: that is cheap to write, and slow to read for long spans, since each row has a disk page
 * of its own. So when an hour has been over for another one, its minutes are packed, series by
 * series, and their rows deleted.
 *
 * What comes late makes a row of its own again, beside the packed minute, and is packed with it in
 * turn: a minute is what both hold together. A packed hour always has its row of the hour.
 *
 * Everything within the caller's transaction; writer thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_ROLLUP_PACK_H
#define EDGE_GATEWAY_STORE_STORE_ROLLUP_PACK_H

#include "common/attributes.h"
#include "edge-gateway/store/store_rollup_rows.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_pack_statement {
    STORE_PACK_GET,
    STORE_PACK_PUT,
    STORE_PACK_SIZE,
    STORE_PACK_DELETE,
    STORE_PACK_OLDEST,
    STORE_PACK_STATEMENT_COUNT
};

struct store_rollup_pack {
    struct store_rollup_rows *rows; /* borrowed; its `bytes` are those of both tables */
    sqlite3_stmt *statements[STORE_PACK_STATEMENT_COUNT];
    bool sweeping; /* one hour is being packed, series by series */
    int64_t hour_us;
    int64_t series;    /* those up to this id are done */
    bool knows_oldest; /* else it has to be looked for */
    int64_t oldest_us; /* the first hour that has a row; INT64_MAX: none has */
    uint64_t damaged;  /* rows of which not everything could be read; the caller takes it */
    uint8_t *bytes;    /* the minutes' rows of one hour, one after the other */
    size_t bytes_max;
};

/* 0 or -errno; deinit accepts a half-made one. */
EDGE_MUST_CHECK int store_rollup_pack_init(struct store_rollup_pack *pack,
                                           struct store_rollup_rows *rows);
void store_rollup_pack_deinit(struct store_rollup_pack *pack);

/* Packs hours that are over; `minute_us` is the minute that is going on. A bounded piece of it,
 * with which it keeps up: more than the `written` rows of minutes since the last call. 0 or -errno.
 */
EDGE_MUST_CHECK int store_rollup_pack(struct store_rollup_pack *pack, int64_t minute_us,
                                      uint64_t written);

/* The first hour that has packed minutes. 1; 0: there is none; or -errno. */
EDGE_MUST_CHECK int store_rollup_pack_oldest(struct store_rollup_pack *pack, int64_t *ret_hour_us);

/* Deletes the packed minutes of an hour. 0 or -errno. */
EDGE_MUST_CHECK int store_rollup_pack_drop(struct store_rollup_pack *pack, int64_t series,
                                           int64_t hour_us);

#endif
