/* Compares the roll-ups of a log with those computed the simple way (rollup_bench.h). */
#ifndef EDGE_TESTS_UNIT_ROLLUP_CHECK_H
#define EDGE_TESTS_UNIT_ROLLUP_CHECK_H

#include "edge-gateway/store/store_rollup_rows.h"
#include "tests/unit/rollup_bench.h"

#define FIRST_HOUR_US (T0_US - T0_US % STORE_HOUR_US)

/* All minutes: each is in a row of its own, or packed, or both. */
void rollup_read_minutes(struct naive *found, sqlite3 *db);

/* Every roll-up is what the simple way gives for the frames up to rollup_seq, and none is missing.
 * Returns that. */
uint64_t check_rollups(struct rollup_bench *bench);

/* Four hours of frames, and their roll-ups. */
void check_rows_of_four_hours(struct rollup_bench *bench);

/* Rows of minutes, and of the quarters of a former version. */
int64_t count_loose(struct rollup_bench *bench, int64_t before_us);

/* All hours that have been over for an hour are packed, and no others. */
void assert_hours_are_packed(struct rollup_bench *bench);

/* What is counted with each row is what a count of all gives. */
void assert_bytes_are_known(struct rollup_bench *bench);

#endif
