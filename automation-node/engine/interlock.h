/*
 * Of a group of devices at most one may be on. The one that may is the holder; all others are
 * forbidden, also while there is none, so that two can never start at the same time.
 *
 * The holder keeps its right until another member wants to be on and the holder does not, or the
 * other asks with a higher priority, or somebody has switched the other on by hand. Then nobody
 * holds it until every other member has been seen off for the dead time. What is not known to be
 * off may be on: after a start, too. So a holder from before a stop may go on, but not start again.
 */
#ifndef EDGE_AUTOMATION_ENGINE_INTERLOCK_H
#define EDGE_AUTOMATION_ENGINE_INTERLOCK_H

#include "automation-node/engine/arbiter.h"
#include "automation-node/state/archive.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTERLOCK_NOBODY SIZE_MAX

enum member_state {
    MEMBER_UNKNOWN,
    MEMBER_OFF, /* seen off, and no command can be under way: device_proof.h */
    MEMBER_ON
};

struct interlock_member {
    enum member_state state;
    bool shows_off;         /* seen off, though perhaps a command is under way */
    bool wants_on;          /* somebody wants it to be on */
    enum priority priority; /* the class of who does */
};

struct interlock;

/* -EINVAL (fewer than two members, a negative time) or -ENOMEM. */
EDGE_MUST_CHECK int interlock_new(size_t member_count, int64_t dead_time_us,
                                  struct interlock **ret);
void interlock_free(struct interlock *interlock);

/* Who may be on now: the index of a member, or INTERLOCK_NOBODY. To be called whenever one of the
 * members has changed, and when the deadline has come. */
size_t interlock_step(struct interlock *interlock, const struct interlock_member *members,
                      int64_t now_us);

size_t interlock_holder(const struct interlock *interlock);
int64_t interlock_next_deadline(const struct interlock *interlock);

/* See archive.h. */
void interlock_archive(struct interlock *interlock, struct archive *a);

/* After interlock_archive() has loaded it: there was a stop, and perhaps more happened than was
 * loaded. Nobody is known to be off. The holder keeps its right to be on if `keeps`, but only until
 * it is seen off or need not be on, unless all others have been seen off for the dead time first.
 */
void interlock_doubt(struct interlock *interlock, bool keeps);

#endif
