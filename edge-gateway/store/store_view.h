/*
 * The view can_messages: one row per frame of the log, decoded from the blobs in plain SQL, so that
 * any SQLite tool shows what is in the log:
 *
 *   sqlite3 edge.db 'SELECT * FROM can_messages LIMIT 5'
 *
 *   seq       as in the log; rows come in this order
 *   ts        seconds since the Unix epoch
 *   time      the same as text, UTC, exact: 2026-11-23 08:39:20.495983
 *   bus       its name
 *   can_id    arbitration id; extended: 1 = of 29 bits
 *   remote, error, fd: 1 = such a frame
 *   len       payload bytes; of a remote frame what it asks for
 *   data      the payload as hexadecimal digits
 *
 * Events and voids have no row. The first rows come at once, however long the log is; but it always
 * reads from the oldest frame on, some 50,000 rows a second, so that a minute of a full bus takes
 * ten: to look at, and for small logs. The rest is for `edge-gateway history`, which begins where
 * it is told, is far faster, and decodes signals.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_VIEW_H
#define EDGE_GATEWAY_STORE_STORE_VIEW_H

/* SQL that makes it: a migration. */
extern const char store_view_sql[];

#endif
