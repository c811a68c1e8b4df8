/*
 * Which of many things is due first: a heap of deadlines with one place per item, so that moving
 * one costs O(log n) and looking costs nothing. Allocates only when it is made.
 */
#ifndef EDGE_AUTOMATION_ENGINE_AGENDA_H
#define EDGE_AUTOMATION_ENGINE_AGENDA_H

#include "automation-node/input/deadline.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agenda;

/* Items are numbers below `count`; none is due at first. -ENOMEM. */
EDGE_MUST_CHECK int agenda_new(size_t count, struct agenda **ret);
void agenda_free(struct agenda *agenda);

/* DEADLINE_NONE takes the item off. */
void agenda_set(struct agenda *agenda, size_t item, int64_t deadline_us);

/* The earliest deadline; DEADLINE_NONE if there is none. */
int64_t agenda_next(const struct agenda *agenda);

/* Takes off the item that has been due for longest, of several the one with the lowest number;
 * false when none is due. */
EDGE_MUST_CHECK bool agenda_take(struct agenda *agenda, int64_t now_us, size_t *ret_item);

#endif
