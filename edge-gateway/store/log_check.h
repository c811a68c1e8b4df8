/*
 * Whether a frame log holds what it promises. Read as of one moment, also while a gateway writes:
 *
 *   database         SQLite finds its file sound (PRAGMA quick_check)
 *   checksums        every segment is what was written, and where
 *   contents         it decodes to as many seqs as its row says, of buses that have a name
 *   times            its row's earliest and latest stamp are its records'
 *   gaps             each gives a reason
 *   coverage         from the oldest segment to the newest seq, each seq is in one segment or gap;
 *                    below that, only acknowledged ones are gone
 *   reservation      nothing lies above reserved_seq: no seq can be given out twice
 *   acknowledgement  nothing is acknowledged that was not given out
 *
 * and what is made of the frames fits to them: log_check_derived.h.
 */
#ifndef EDGE_GATEWAY_STORE_LOG_CHECK_H
#define EDGE_GATEWAY_STORE_LOG_CHECK_H

#include "common/attributes.h"
#include "edge-gateway/store/log_report.h"

#include <sqlite3.h>

/* Adds its findings to `report`, within the caller's transaction. 0, whatever was found; -EINVAL:
 * there is no frame log in it; -ENOMEM. */
EDGE_MUST_CHECK int log_check_run(sqlite3 *db, struct log_report *report);

#endif
