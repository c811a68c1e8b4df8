/*
 * The table `series`: what the buckets of a row of roll-ups or summaries stand for. A message that
 * is defined anew (other signals, another scale) begins another series. Writer thread, within its
 * transaction.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_SERIES_H
#define EDGE_GATEWAY_STORE_STORE_SERIES_H

#include "common/attributes.h"

#include <sqlite3.h>

#include <stdint.h>

struct dbc_message;

struct store_series_table {
    sqlite3_stmt *insert;
    sqlite3_stmt *find;
};

/* 0 or -errno; deinit accepts a half-made one. */
EDGE_MUST_CHECK int store_series_init(struct store_series_table *table, sqlite3 *db);
void store_series_deinit(struct store_series_table *table);

/* The id of the message's series as it is defined now. 1; 0: there is none yet; -errno. */
EDGE_MUST_CHECK int store_series_find(struct store_series_table *table, const char *bus,
                                      const struct dbc_message *message, int64_t *ret_id);
/* The same, made if it is new. 0 or -errno. */
EDGE_MUST_CHECK int store_series_id(struct store_series_table *table, const char *bus,
                                    const struct dbc_message *message, int64_t *ret_id);

#endif
