#include "automation-node/engine/interlock.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdlib.h>

struct interlock {
    int64_t dead_time_us;
    size_t holder;
    int64_t deadline_us;
    size_t count;
    int64_t off_since_us[]; /* DEADLINE_NONE: not seen off */
};

int interlock_new(size_t member_count, int64_t dead_time_us, struct interlock **ret)
{
    if (member_count < 2 || dead_time_us < 0) {
        return -EINVAL;
    }
    struct interlock *interlock =
        calloc(1, sizeof(*interlock) + member_count * sizeof(interlock->off_since_us[0]));
    if (interlock == NULL) {
        return -ENOMEM;
    }
    interlock->dead_time_us = dead_time_us;
    interlock->holder = INTERLOCK_NOBODY;
    interlock->deadline_us = DEADLINE_NONE;
    interlock->count = member_count;
    for (size_t i = 0; i < member_count; i++) {
        interlock->off_since_us[i] = DEADLINE_NONE;
    }
    *ret = interlock;
    return 0;
}

void interlock_free(struct interlock *interlock)
{
    free(interlock);
}

static void note_states(struct interlock *interlock, const struct interlock_member *members,
                        int64_t now_us)
{
    for (size_t i = 0; i < interlock->count; i++) {
        int64_t *since_us = &interlock->off_since_us[i];
        if (members[i].state != MEMBER_OFF) {
            *since_us = DEADLINE_NONE;
        } else if (*since_us == DEADLINE_NONE) {
            *since_us = now_us;
        }
    }
}

/* The member that wants to be on with the highest priority, `except` apart; the first of equals. */
static size_t best_candidate(const struct interlock *interlock,
                             const struct interlock_member *members, size_t except)
{
    size_t best = INTERLOCK_NOBODY;
    for (size_t i = 0; i < interlock->count; i++) {
        if (i == except || !members[i].wants_on) {
            continue;
        }
        if (best == INTERLOCK_NOBODY || members[i].priority < members[best].priority) {
            best = i;
        }
    }
    return best;
}

static bool is_another_on(const struct interlock *interlock, const struct interlock_member *members)
{
    for (size_t i = 0; i < interlock->count; i++) {
        if (i != interlock->holder && members[i].state == MEMBER_ON) {
            return true;
        }
    }
    return false;
}

static bool loses_right(const struct interlock *interlock, const struct interlock_member *members)
{
    size_t other = best_candidate(interlock, members, interlock->holder);
    const struct interlock_member *holder = &members[interlock->holder];
    bool beaten = other != INTERLOCK_NOBODY &&
                  (!holder->wants_on || members[other].priority < holder->priority);
    return beaten || is_another_on(interlock, members);
}

/* When all others will have been off for long enough; DEADLINE_NONE if one is not off at all. */
static int64_t free_at(const struct interlock *interlock, size_t candidate)
{
    int64_t free_us = INT64_MIN;
    for (size_t i = 0; i < interlock->count; i++) {
        int64_t ready_us = deadline_after(interlock->off_since_us[i], interlock->dead_time_us);
        free_us = i != candidate && ready_us > free_us ? ready_us : free_us;
    }
    return free_us;
}

size_t interlock_step(struct interlock *interlock, const struct interlock_member *members,
                      int64_t now_us)
{
    note_states(interlock, members, now_us);
    interlock->deadline_us = DEADLINE_NONE;
    if (interlock->holder != INTERLOCK_NOBODY && loses_right(interlock, members)) {
        interlock->holder = INTERLOCK_NOBODY;
    }
    if (interlock->holder != INTERLOCK_NOBODY) {
        return interlock->holder;
    }
    size_t candidate = best_candidate(interlock, members, INTERLOCK_NOBODY);
    if (candidate == INTERLOCK_NOBODY) {
        return INTERLOCK_NOBODY;
    }
    int64_t free_us = free_at(interlock, candidate);
    if (now_us >= free_us) {
        interlock->holder = candidate;
    } else {
        interlock->deadline_us = free_us;
    }
    return interlock->holder;
}

size_t interlock_holder(const struct interlock *interlock)
{
    return interlock->holder;
}

int64_t interlock_next_deadline(const struct interlock *interlock)
{
    return interlock->deadline_us;
}
