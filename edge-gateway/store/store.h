/*
 * The frame log as the loop sees it: append now, committed a moment later, never waiting.
 *
 * Every frame of an assured message gets the next seq here and goes into the segment that is being
 * filled. Each `commit_interval_us`, or when it is full, the segment is handed to the writer thread
 * and committed (WAL, synchronous=FULL). Seqs are reserved in blocks, and a reservation is on the
 * disk before any of its seqs is given out: after a crash none is used for other content.
 *
 * What the disk does not take waits in memory up to `memory_bytes`; what comes then is not logged:
 * its seq becomes a void in the log ("stalled"), counted and announced. A database that is damaged,
 * or of something else, is set aside and a new one begun; one that cannot be opened is tried again
 * from time to time. While there is none, store_append_frame() gives no seq.
 *
 * One loop, one thread; the threads behind are the store's own.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_H
#define EDGE_GATEWAY_STORE_STORE_H

#include "common/attributes.h"
#include "common/loop.h"
#include "edge-gateway/can/frame.h"
#include "edge-gateway/store/store_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct store_setup;

/* Opens the database, or sets it aside; blocks for as long as that takes (start-up only). 0 also
 * when it cannot be opened now: store_stats() tells. -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int store_new(const struct store_options *options, struct store **ret);
/* Commits what is in memory, gives back the seqs that were reserved and not used, and closes.
 * Blocks. Accepts NULL. */
void store_free(struct store *store);

/* The seq under which it is logged; `frame.bus` is the index of options->bus_names. 0: there is no
 * database, or no seq is reserved; counted. */
uint64_t store_append_frame(struct store *store, const struct frame *frame);
/* The same for an event, JSON text without its seq; see segment_append_event(). */
uint64_t store_append_event(struct store *store, int64_t ts_us, const char *text, size_t length);

/* How many frames a source that can wait (a replay) should hand over now: what is left is for those
 * that cannot. */
size_t store_room(const struct store *store);

/*
 * Other options from now on, between two frames: other buses, limits and memos. Path, memory, crash
 * directory and handler stay what they are. What is to be remembered under names that stay is kept.
 * Prepared first, so that the change itself cannot fail: 0; -EINVAL, -ERANGE: the log would have to
 * know more than 256 buses; -ENOMEM. Then one of the other two, which take it.
 *
 * The writer follows with the next commit, and reads what the options borrow until then and
 * afterwards: what was borrowed by those before is free when `released` is called (or in
 * store_free()).
 */
EDGE_MUST_CHECK int store_prepare_change(struct store *store, const struct store_options *options,
                                         struct store_setup **ret);
void store_change(struct store *store, struct store_setup *take, void (*released)(void *context),
                  void *context);
void store_drop_change(struct store_setup *take);

/* Where the log stood when it was opened: everything up to `acknowledged` is done with, `newest` is
 * the last seq that was given out or reserved by the run before. Both 0 for a new log. */
struct store_position store_opened_at(const struct store *store);

/* Everything up to `seq` has been acknowledged. Written with the next commit: after a power cut the
 * cursor may be older, never newer. */
void store_acknowledge(struct store *store, uint64_t seq);
/* The same for memory that outlives a crash alone, where there is such: nothing is written, so each
 * acknowledgement may be noted. */
void store_note_acknowledged(struct store *store, uint64_t seq);

/* Whether stamps of frames are true: without a battery, a machine begins in 1970. Frames are logged
 * all the same, and their stamps corrected when the clock is set. */
bool store_clock_is_set(const struct store *store);
/* The wall clock was set by so much (clock_watch.h). */
void store_clock_jumped(struct store *store, int64_t jump_us);

/* Counters to be kept in the database for `edge-gateway verify`, written at most once a second.
 * `counters` is borrowed for good and read when it is time; NULL ends it. */
void store_keep_counters(struct store *store, const struct store_counter *counters, size_t count);

/* Remembers the text (shorter than STORE_MEMO_BYTES) under one of options->memo_names with the next
 * commit; store_memo_read() finds it after a restart. */
void store_set_memo(struct store *store, size_t memo, const char *text);

/*
 * Asks for what the log has at `seq`; the answer comes through handler->fetched, not from within.
 * One at a time. False: one is under way, or there is no database.
 */
EDGE_MUST_CHECK bool store_fetch(struct store *store, uint64_t seq);

/* The configured bus with this id of the log; -1: the configuration has it no more. */
int store_bus_index(const struct store *store, uint8_t log_bus);

struct store_stats store_stats(const struct store *store);

#endif
