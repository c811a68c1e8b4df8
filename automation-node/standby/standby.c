#include "automation-node/standby/standby.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* In tenths of `takeover_after`. A lease is over well before anybody may take over, however far the
 * clocks of the two drift apart (1 % and more). */
#define LEASE_TENTHS   6
#define OFFLINE_TENTHS 7 /* silence of a leader whose connection is known to be gone */
#define BEAT_TENTHS    1
#define TURN_TENTHS    1 /* between two ranks */

static const char *const cause_texts[] = {
    [STANDBY_STARTED] = "it has started",
    [STANDBY_SILENCE] = "no leader was heard",
    [STANDBY_HANDED] = "the leader gave it up",
    [STANDBY_OTHERS] = "another node leads, or wants to",
    [STANDBY_NO_ECHO] = "its claim did not come back: check the broker's access rules",
    [STANDBY_LOST_LINK] = "the connection was lost",
    [STANDBY_LEASE] = "its lease is over: no claim of its own came back in time",
    [STANDBY_FENCED] = "a gateway knows a newer epoch",
    [STANDBY_RELEASED] = "that was asked for",
};
_Static_assert(sizeof(cause_texts) / sizeof(cause_texts[0]) == STANDBY_CAUSE_COUNT,
               "a text for each cause");

const char *standby_cause_text(enum standby_cause cause)
{
    return cause_texts[cause];
}

static int64_t tenths(const struct standby *s, int count)
{
    return s->options.takeover_us / 10 * count;
}

void standby_init(struct standby *s, const struct standby_options *options, int64_t now_us)
{
    *s = (struct standby){.options = *options,
                          .state = STANDBY_FOLLOWING,
                          .cause = STANDBY_STARTED,
                          .heard_us = now_us,
                          .leader_heard_us = now_us,
                          .beat = options->first_beat};
}

static void copy_id(char id[STANDBY_ID_SIZE], const char *text)
{
    (void)snprintf(id, STANDBY_ID_SIZE, "%s", text != NULL ? text : "");
}

static bool is_me(const struct standby *s, const char *node)
{
    return strcmp(s->options.node, node) == 0;
}

static void enter(struct standby *s, enum standby_state state, enum standby_cause cause,
                  int64_t now_us)
{
    s->stats.step_downs += s->state == STANDBY_LEADER ? 1 : 0;
    s->state = state;
    s->cause = cause;
    s->heard_us = now_us;
    s->claim_due = true;
}

static void become_candidate(struct standby *s, int64_t now_us)
{
    enter(s, STANDBY_CANDIDATE, s->vacant ? STANDBY_HANDED : STANDBY_SILENCE, now_us);
    s->stats.candidatures++;
    s->handed_over = s->vacant && s->was_released;
    s->highest++;
    s->epoch = s->highest;
    s->tried_us = now_us;
    s->released = false;
}

static void become_leader(struct standby *s, int64_t sent_us, int64_t now_us)
{
    enter(s, STANDBY_LEADER, s->cause, now_us);
    s->stats.takeovers++;
    s->lease_end_us = sent_us + tenths(s, LEASE_TENTHS);
    s->next_beat_us = now_us + tenths(s, BEAT_TENTHS);
    s->vacant = false;
    s->leader[0] = '\0'; /* of the others, none */
    s->leader_epoch = s->epoch;
}

/* ---- the others ---- */

static struct standby_peer *find_peer(struct standby *s, const char *node)
{
    for (size_t i = 0; i < s->peer_count; i++) {
        if (strcmp(s->peers[i].node, node) == 0) {
            return &s->peers[i];
        }
    }
    return NULL;
}

static void note_peer(struct standby *s, const struct standby_claim *claim, bool retained)
{
    struct standby_peer *peer = find_peer(s, claim->node);
    if (peer == NULL && s->peer_count == STANDBY_PEERS_MAX) {
        s->stats.peers_ignored++;
        return;
    }
    if (peer == NULL) {
        peer = &s->peers[s->peer_count++];
        copy_id(peer->node, claim->node);
    }
    peer->rank = claim->rank;
    peer->offline = peer->offline && retained;
}

static bool goes_before(unsigned rank, const char *node, const struct standby *s)
{
    return rank != s->options.rank ? rank < s->options.rank : strcmp(node, s->options.node) < 0;
}

/* How many of the others take their turn first. */
static int turns_before(const struct standby *s)
{
    int count = 0;
    for (size_t i = 0; i < s->peer_count; i++) {
        const struct standby_peer *peer = &s->peers[i];
        bool leads = strcmp(peer->node, s->leader) == 0;
        count += !peer->offline && !leads && goes_before(peer->rank, peer->node, s) ? 1 : 0;
    }
    return count;
}

static bool is_there(const struct standby *s, const char *node)
{
    for (size_t i = 0; i < s->peer_count; i++) {
        if (strcmp(s->peers[i].node, node) == 0) {
            return !s->peers[i].offline;
        }
    }
    return false;
}

static int64_t patience_us(const struct standby *s)
{
    int64_t turn_us = tenths(s, TURN_TENTHS) * turns_before(s);
    if (s->vacant && strcmp(s->successor, s->options.node) == 0) {
        return 0;
    }
    if (s->vacant && !is_there(s, s->successor)) {
        return turn_us; /* nobody drives: there is no lease to wait for */
    }
    bool offline = s->leader[0] != '\0' && !is_there(s, s->leader);
    return tenths(s, offline ? OFFLINE_TENTHS : 10) + turn_us;
}

static int64_t turn_at_us(const struct standby *s)
{
    if (!s->linked) {
        return INT64_MAX;
    }
    return s->greeted ? s->heard_us + patience_us(s) : s->next_beat_us;
}

/* ---- what is heard ---- */

/* An own claim comes back: the broker has it, and whatever it had before was heard before. */
static void hear_echo(struct standby *s, const struct standby_claim *claim, int64_t now_us)
{
    size_t place = claim->beat % STANDBY_BEATS_KEPT;
    if (s->beats[place].beat != claim->beat) {
        return;
    }
    int64_t sent_us = s->beats[place].sent_us;
    if (!s->greeted) {
        s->greeted = true;
        s->heard_us = now_us;
        s->claim_due = true;
    }
    if (s->state == STANDBY_CANDIDATE && claim->role == STANDBY_SAYS_CANDIDATE &&
        claim->epoch == s->epoch) {
        become_leader(s, sent_us, now_us);
    } else if (s->state == STANDBY_LEADER && claim->role == STANDBY_SAYS_LEADER &&
               claim->epoch == s->epoch) {
        int64_t end_us = sent_us + tenths(s, LEASE_TENTHS);
        s->lease_end_us = end_us > s->lease_end_us ? end_us : s->lease_end_us;
    }
}

/* Somebody else leads, or wants to. */
static void hear_rival(struct standby *s, const struct standby_claim *claim, int64_t now_us)
{
    bool newer = claim->epoch > s->epoch;
    bool equal = claim->epoch == s->epoch && claim->role == STANDBY_SAYS_LEADER &&
                 goes_before(claim->rank, claim->node, s); /* only without order at the broker */
    s->released = false;
    if (claim->role == STANDBY_SAYS_LEADER) {
        s->leader_heard_us = now_us;
    }
    if (s->state == STANDBY_CANDIDATE || (s->state == STANDBY_LEADER && (newer || equal))) {
        enter(s, STANDBY_FOLLOWING, STANDBY_OTHERS, now_us);
    }
    if (s->state == STANDBY_FOLLOWING) {
        s->heard_us = now_us;
        s->vacant = false;
    }
    if (claim->epoch >= s->leader_epoch) {
        s->leader_epoch = claim->epoch;
        s->leader_led = claim->role == STANDBY_SAYS_LEADER;
        copy_id(s->leader, claim->node);
    }
}

/* Somebody does not lead. That says something only if it is the one who did, and nobody has wanted
 * to since: then nobody drives. */
static void hear_modest(struct standby *s, const struct standby_claim *claim, int64_t now_us)
{
    bool was_leader = s->leader_led && strcmp(s->leader, claim->node) == 0;
    if (s->state == STANDBY_CANDIDATE && claim->epoch >= s->epoch) {
        enter(s, STANDBY_FOLLOWING, STANDBY_OTHERS, now_us); /* that epoch has been used */
    }
    if (s->state == STANDBY_FOLLOWING && !s->vacant && was_leader) {
        s->vacant = true;
        s->heard_us = now_us;
        s->was_released = claim->role == STANDBY_SAYS_RELEASED;
        copy_id(s->successor, claim->role == STANDBY_SAYS_RELEASED ? claim->to : NULL);
    }
}

void standby_hear(struct standby *s, const struct standby_claim *claim, bool retained,
                  int64_t now_us)
{
    s->highest = claim->epoch > s->highest ? claim->epoch : s->highest;
    if (is_me(s, claim->node)) {
        if (!retained) {
            hear_echo(s, claim, now_us);
        }
        return;
    }
    note_peer(s, claim, retained);
    switch (claim->role) {
    case STANDBY_SAYS_LEADER:
    case STANDBY_SAYS_CANDIDATE:
        hear_rival(s, claim, now_us);
        break;
    case STANDBY_SAYS_STANDBY:
    case STANDBY_SAYS_RELEASED:
        hear_modest(s, claim, now_us);
        break;
    }
}

void standby_hear_status(struct standby *s, const char *node, bool online)
{
    struct standby_peer *peer = find_peer(s, node);
    if (peer != NULL) {
        peer->offline = !online;
    }
}

void standby_hear_fence(struct standby *s, const char *node, uint64_t epoch, int64_t now_us)
{
    s->highest = epoch > s->highest ? epoch : s->highest;
    bool beaten = epoch > s->epoch || (epoch == s->epoch && !is_me(s, node));
    if (s->state != STANDBY_FOLLOWING && beaten) {
        enter(s, STANDBY_FOLLOWING, STANDBY_FENCED, now_us);
    }
}

void standby_up(struct standby *s, int64_t now_us)
{
    s->linked = true;
    s->leader_led = false; /* somebody may have taken over while nothing was heard */
    s->vacant = false;
    s->heard_us = now_us; /* who leads may have been silent to us alone */
    s->next_beat_us = now_us + tenths(s, 10);
    s->claim_due = true;
}

void standby_down(struct standby *s, int64_t now_us)
{
    s->linked = false;
    s->claim_due = s->claim_due || s->released; /* by now somebody may lead: not to be said again */
    s->released = false;
    if (s->state == STANDBY_CANDIDATE) {
        enter(s, STANDBY_FOLLOWING, STANDBY_LOST_LINK, now_us);
    }
}

void standby_tick(struct standby *s, int64_t now_us)
{
    switch (s->state) {
    case STANDBY_LEADER:
        if (now_us >= s->lease_end_us) {
            enter(s, STANDBY_FOLLOWING, STANDBY_LEASE, now_us);
        } else if (now_us >= s->next_beat_us) {
            s->next_beat_us = now_us + tenths(s, BEAT_TENTHS);
            s->claim_due = true;
        }
        break;
    case STANDBY_CANDIDATE:
        if (now_us >= s->tried_us + tenths(s, 10)) {
            enter(s, STANDBY_FOLLOWING, STANDBY_NO_ECHO, now_us);
        }
        break;
    case STANDBY_FOLLOWING:
        if (now_us < turn_at_us(s)) {
            break;
        }
        if (s->greeted) {
            become_candidate(s, now_us);
        } else { /* the greeting may have been lost */
            s->next_beat_us = now_us + tenths(s, 10);
            s->claim_due = true;
        }
        break;
    }
}

int64_t standby_deadline(const struct standby *s)
{
    switch (s->state) {
    case STANDBY_LEADER:
        return s->lease_end_us < s->next_beat_us ? s->lease_end_us : s->next_beat_us;
    case STANDBY_CANDIDATE:
        return s->tried_us + tenths(s, 10);
    case STANDBY_FOLLOWING:
        break;
    }
    return turn_at_us(s);
}

int standby_release(struct standby *s, const char *to, int64_t now_us)
{
    if (s->state != STANDBY_LEADER) {
        return -EPERM;
    }
    bool somebody = to != NULL ? is_there(s, to) : false;
    for (size_t i = 0; to == NULL && i < s->peer_count; i++) {
        somebody = somebody || !s->peers[i].offline;
    }
    if (!somebody) {
        return -ENOENT;
    }
    enter(s, STANDBY_FOLLOWING, STANDBY_RELEASED, now_us);
    s->released = true;
    copy_id(s->released_to, to);
    return 0;
}

bool standby_leads(const struct standby *s, int64_t now_us)
{
    return s->state == STANDBY_LEADER && now_us < s->lease_end_us;
}

static enum standby_role role_of(const struct standby *s)
{
    switch (s->state) {
    case STANDBY_LEADER:
        return STANDBY_SAYS_LEADER;
    case STANDBY_CANDIDATE:
        return STANDBY_SAYS_CANDIDATE;
    case STANDBY_FOLLOWING:
        break;
    }
    return s->released ? STANDBY_SAYS_RELEASED : STANDBY_SAYS_STANDBY;
}

bool standby_take_claim(struct standby *s, struct standby_claim *ret, int64_t now_us)
{
    if (!s->claim_due) {
        return false;
    }
    s->claim_due = false;
    s->beat++;
    s->beats[s->beat % STANDBY_BEATS_KEPT].beat = s->beat;
    s->beats[s->beat % STANDBY_BEATS_KEPT].sent_us = now_us;
    enum standby_role role = role_of(s);
    *ret = (struct standby_claim){.node = s->options.node,
                                  .role = role,
                                  .rank = s->options.rank,
                                  .epoch = role == STANDBY_SAYS_STANDBY ? s->highest : s->epoch,
                                  .beat = s->beat,
                                  .to = s->released && s->released_to[0] != '\0' ? s->released_to
                                                                                 : NULL,
                                  .retain = s->greeted};
    return true;
}

uint64_t standby_epoch(const struct standby *s)
{
    return s->state == STANDBY_LEADER ? s->epoch : s->highest;
}
