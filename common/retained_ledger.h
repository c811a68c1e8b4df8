/*
 * The topics that the broker retains for this node, in a text file that outlives it. A topic which
 * was published once and is in no configuration any more would stay at the broker for ever, as the
 * last value of something that no longer exists; the ledger knows it, and has it deleted.
 *
 * The file has one topic per line. It is written in a thread, replaced as a whole, and locked while
 * a program uses it: two that shared one would delete each other's topics. A topic is written
 * before it can have been retained by the broker, unless the disk takes longer than connecting
 * does, and leaves the file when the broker has acknowledged that it is deleted.
 */
#ifndef EDGE_COMMON_RETAINED_LEDGER_H
#define EDGE_COMMON_RETAINED_LEDGER_H

#include "common/attributes.h"
#include "common/counters.h"
#include "common/loop.h"
#include "common/lvq.h"

#include <stdint.h>

struct retained_ledger_stats {
    uint64_t topics;  /* in it now */
    uint64_t cleared; /* deleted at the broker since the start */
    uint64_t faults;  /* times that it could not be written */
};

struct retained_ledger;

/* Reads the file, which need not exist; blocks for as long as that takes. Tells the queue to tell
 * it what is cleared. 0; -EBUSY: another program uses it; -EFBIG: it is none; -ENOMEM or -errno.
 * `path` is copied, the rest borrowed. */
EDGE_MUST_CHECK int retained_ledger_open(struct loop *loop, const char *path, struct lvq *queue,
                                         struct retained_ledger **ret);
/* Writes what is not yet written, and waits for it. The queue may be gone. Accepts NULL. */
void retained_ledger_close(struct retained_ledger *ledger);

/* Everybody has added their topics: takes them in, and clears the others that it knows. At the
 * start and after each reload. 0, -ENOMEM or -ENOSPC; then what is not done is done next time. */
EDGE_MUST_CHECK int retained_ledger_settle(struct retained_ledger *ledger);

struct retained_ledger_stats retained_ledger_stats(const struct retained_ledger *ledger);
/* The group "retained". */
void retained_ledger_tell(const struct counter_sink *sink,
                          const struct retained_ledger_stats *stats);

#endif
