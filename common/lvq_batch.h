/*
 * A batch of payloads for a last-value queue: all are made first, and sent then. The code that
 * makes one and that which sends one, the kernel's included, do not fit into a processor's caches
 * together.
 */
#ifndef EDGE_COMMON_LVQ_BATCH_H
#define EDGE_COMMON_LVQ_BATCH_H

#include "common/lvq.h"

#include <stdint.h>

/* What is put between the two is sent at the end of it, or when its slot gets a newer payload: a
 * batch supersedes nothing that would have been sent without it. Not nested, and within one turn of
 * the loop. */
void lvq_hold(struct lvq *q);
void lvq_release(struct lvq *q, int64_t now_us);

#endif
