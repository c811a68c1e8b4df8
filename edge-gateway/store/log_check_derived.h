/*
 * What is made of the frames of a log, and lies beside them: whether it fits to them.
 *
 *   summaries   each begins in a segment, and has a bucket for each signal of its series
 *   rollups     each row begins where one of its length can, and has a bucket for each signal;
 *               packed minutes are those of an hour and of a signal that its series has; hours
 *               count as many values as their minutes
 *   zones       they follow each other without a hole up to rollup_seq
 *   seal        its lines can be read, and reserve at least what was given out
 */
#ifndef EDGE_GATEWAY_STORE_LOG_CHECK_DERIVED_H
#define EDGE_GATEWAY_STORE_LOG_CHECK_DERIVED_H

#include "common/attributes.h"
#include "edge-gateway/store/log_report.h"

#include <sqlite3.h>

/* Adds its findings to `report`, of which the figures are known, within the caller's transaction. 0
 * or -errno of reading. */
EDGE_MUST_CHECK int log_check_derived(sqlite3 *db, struct log_report *report);

#endif
