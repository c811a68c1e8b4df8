/*
 * Room on the disk, so that a full one does not lock the log up: what is committed waits in the WAL
 * until it is copied into the database file, and neither that nor deleting the oldest must need
 * room that is not there.
 *
 * Therefore the file is made as large as all its pages before a commit makes more of them: a disk
 * that is full refuses the commit, not the copying. The WAL can then always be emptied, and is
 * written again from its beginning, in its own room. Writer thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_SPACE_H
#define EDGE_GATEWAY_STORE_STORE_SPACE_H

#include "common/attributes.h"

#include <sqlite3.h>

#include <stdint.h>

/* Of a connection that was just opened: how much the file grows by. 0 or -errno. */
EDGE_MUST_CHECK int store_space_prepare(sqlite3 *db);

/* Within a transaction, when it has changed all that it will. 0; -ENOSPC: the file cannot grow by
 * as much; -errno. */
EDGE_MUST_CHECK int store_space_claim(sqlite3 *db);

/* Empties the WAL, unless somebody reads in it. */
void store_space_recycle(sqlite3 *db);

/* Of the WAL file; 0: there is none. */
uint64_t store_space_wal_bytes(sqlite3 *db);

#endif
