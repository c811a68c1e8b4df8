/* What the parts of store_query.h share: the connection, and the moment that an answer sees. */
#ifndef EDGE_GATEWAY_STORE_STORE_QUERY_DATABASE_H
#define EDGE_GATEWAY_STORE_STORE_QUERY_DATABASE_H

#include "common/attributes.h"
#include "edge-gateway/store/store_query.h"
#include "edge-gateway/store/store_row.h"

#include <sqlite3.h>

enum store_query_statement {
    STORE_QUERY_STATE,         /* value of a state */
    STORE_QUERY_NEWEST,        /* the last seq */
    STORE_QUERY_OLDEST,        /* first_seq of the oldest segment */
    STORE_QUERY_BUS,           /* id of a name */
    STORE_QUERY_COST,          /* segments, frames of the zones that overlap a span */
    STORE_QUERY_ZONES,         /* first_seq, last_seq of those */
    STORE_QUERY_SEGMENTS,      /* STORE_ROW_COLUMNS between two seqs */
    STORE_QUERY_SERIES,        /* id, index of a signal's series */
    STORE_QUERY_ROWS,          /* start_us, data of a series and level in a span */
    STORE_QUERY_BEFORE,        /* the same, newest first, before a time */
    STORE_QUERY_PACKED,        /* hour_us, data of a series and signal's packed minutes in a span */
    STORE_QUERY_PACKED_BEFORE, /* the same, newest first, before a time */
    STORE_QUERY_SUMMARIES,     /* from_us, data of a series, in a span and between seqs */
    STORE_QUERY_STATEMENT_COUNT
};

#define STORE_QUERY_NO_BUS (-1)

struct store_query {
    struct store_query_options options;
    sqlite3 *db; /* NULL: not open */
    sqlite3_stmt *statements[STORE_QUERY_STATEMENT_COUNT];
    struct store_row_blobs blobs;
    struct dbc_value *values; /* room for the largest message */
    struct bucket *buckets;   /* the same */
    int bus_of[256];          /* of options, by the log's id */
    uint64_t rollup_seq;      /* of this moment, as the rest */
    uint64_t newest_seq;
    int64_t weighed_us; /* see store_hold_is_weighed() */
    uint64_t damaged;   /* segments that were passed over */
};

/* Everything until the end sees the database as it is now. 0 or -errno; then it has ended. */
EDGE_MUST_CHECK int store_query_begin(struct store_query *query);
/* `result` is what was found meanwhile, and is returned: after a fault, the connection is closed.
 */
int store_query_end(struct store_query *query, int result);

/* A statement with its first parameters set; to be reset. */
sqlite3_stmt *store_query_bind(struct store_query *query, enum store_query_statement statement,
                               int64_t first, int64_t second);

#endif
