/*
 * Roll-ups: count, extremes, mean, last and weighted mean of every signal, by minute and by hour,
 * so that a question about a week need not read the week; minutes that have been over for some time
 * are packed (store_rollup_pack.h).
 *
 * It follows the log: what a commit wrote is decoded with today's DBC and added up in memory
 * (store_cells.h); now and then, mostly when a minute is over, all of that goes into the database
 * in one transaction of its own, with `rollup_seq`: every frame up to it is in the rows, none after
 * it. So a crash at any point neither loses nor doubles a frame: the frames after rollup_seq are
 * read again from the log, a piece with each commit.
 *
 * A fault here never touches the frames: it is counted, what is in memory is forgotten, and after a
 * while it begins again at rollup_seq. Writer thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_ROLLUP_H
#define EDGE_GATEWAY_STORE_STORE_ROLLUP_H

#include "common/attributes.h"
#include "edge-gateway/framelog/segment.h"
#include "edge-gateway/store/store_options.h"

#include <sqlite3.h>

#include <stdint.h>

struct store_rollup;

/* `options` is borrowed. 0 or -ENOMEM. */
EDGE_MUST_CHECK int store_rollup_new(const struct store_options *options,
                                     struct store_rollup **ret);
void store_rollup_free(struct store_rollup *rollup);

/* A database is there; `bus_ids`: the log's id of each of options->buses. Both are borrowed until
 * it is closed. */
void store_rollup_open(struct store_rollup *rollup, sqlite3 *db, const uint8_t *bus_ids);
void store_rollup_close(struct store_rollup *rollup);
/* At the end of a run: writes what is in memory, so that nothing has to be read again. */
void store_rollup_end(struct store_rollup *rollup);

/* Writes what is in memory now, because somebody waits for store_rollup_reach(). The times are
 * those of store_rollup_follow(). */
void store_rollup_write(struct store_rollup *rollup, int64_t now_us, int64_t age_us);

/* Its rows were changed by somebody else: what is in memory is forgotten, and read again. */
void store_rollup_forget(struct store_rollup *rollup);

/* After each commit, outside of a transaction: the segment that it wrote, empty if there was none.
 * `now_us` is the loop's monotonic clock, `age_us` what store_age_now() says. A bounded piece of
 * work. */
void store_rollup_follow(struct store_rollup *rollup, const struct segment *committed,
                         int64_t now_us, int64_t age_us);

/* Later frames have to stay as they are: they are in no row yet, and after a crash they are read
 * again. UINT64_MAX while roll-ups are at fault, for whose sake nothing waits. */
uint64_t store_rollup_reach(const struct store_rollup *rollup);

struct store_rollup_stats store_rollup_stats(const struct store_rollup *rollup);

#endif
