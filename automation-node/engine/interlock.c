#include "automation-node/engine/interlock.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdlib.h>

struct interlock {
    int64_t dead_time_us;
    size_t holder;
    bool doubtful; /* it holds from before a stop: it may stay on, but not start */
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

/* Who was on before a stop, and is off now, starts like everybody else. */
static void lay_doubts_to_rest(struct interlock *interlock, const struct interlock_member *members,
                               int64_t now_us)
{
    if (!interlock->doubtful) {
        return;
    }
    if (interlock->holder == INTERLOCK_NOBODY || now_us >= free_at(interlock, interlock->holder)) {
        interlock->doubtful = false;
    } else if (members[interlock->holder].shows_off || !members[interlock->holder].wants_on) {
        interlock->holder = INTERLOCK_NOBODY;
        interlock->doubtful = false;
    }
}

size_t interlock_step(struct interlock *interlock, const struct interlock_member *members,
                      int64_t now_us)
{
    note_states(interlock, members, now_us);
    interlock->deadline_us = DEADLINE_NONE;
    lay_doubts_to_rest(interlock, members, now_us);
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

void interlock_archive(struct interlock *interlock, struct archive *a)
{
    size_t holder = interlock->holder != INTERLOCK_NOBODY ? interlock->holder : interlock->count;
    archive_index(a, "holder", &holder, interlock->count + 1);
    interlock->holder = holder < interlock->count ? holder : INTERLOCK_NOBODY;
    archive_flag(a, "doubtful", &interlock->doubtful);
    for (size_t i = 0; i < interlock->count; i++) {
        size_t mark = archive_enter(a, "member", i);
        archive_time(a, "off_since", &interlock->off_since_us[i]);
        archive_leave(a, mark);
    }
}

void interlock_doubt(struct interlock *interlock, bool keeps)
{
    interlock->holder = keeps ? interlock->holder : INTERLOCK_NOBODY;
    interlock->doubtful = interlock->holder != INTERLOCK_NOBODY;
    for (size_t i = 0; i < interlock->count; i++) {
        interlock->off_since_us[i] = DEADLINE_NONE;
    }
}

size_t interlock_holder(const struct interlock *interlock)
{
    return interlock->holder;
}

int64_t interlock_next_deadline(const struct interlock *interlock)
{
    return interlock->deadline_us;
}
