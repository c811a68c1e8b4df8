/*
 * One of a group of nodes that may drive the same devices: which of them does. The protocol, and
 * why there are never two, are in docs/standby.md.
 *
 *   FOLLOWING ──no leader for long enough──▶ CANDIDATE ──its claim comes back to it──▶ LEADER
 *       ▲                                       │                                       │
 *       ├──somebody else's claim comes first────┘                                       │
 *       └──its lease is over, a higher epoch, a gateway that knows one, a handover──────┘
 *
 * A leader drives until its lease is over, which begins anew, from when it was sent, with each
 * claim of its own that comes back to it from the broker.
 *
 * Pure: monotonic `now_us` is an argument. After each call: standby_take_claim() until there is
 * none.
 */
#ifndef EDGE_AUTOMATION_STANDBY_STANDBY_H
#define EDGE_AUTOMATION_STANDBY_STANDBY_H

#include "automation-node/standby/standby_claim.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STANDBY_PEERS_MAX  8 /* of a group, without this node */
#define STANDBY_ID_SIZE    129
#define STANDBY_BEATS_KEPT 32

enum standby_state {
    STANDBY_FOLLOWING,
    STANDBY_CANDIDATE,
    STANDBY_LEADER
};

struct standby_options {
    const char *node; /* borrowed */
    unsigned rank;    /* 1 goes first */
    int64_t takeover_us;
    uint64_t first_beat; /* above all beats of earlier runs: such as the wall clock */
};

struct standby_peer {
    char node[STANDBY_ID_SIZE];
    unsigned rank;
    bool offline; /* by its will, or its own word */
};

struct standby_stats {
    uint64_t takeovers;
    uint64_t step_downs;
    uint64_t candidatures;
    uint64_t peers_ignored; /* claims of more nodes than there is room for */
};

/* Read through the functions, but for the statistics. */
struct standby {
    struct standby_options options;
    struct standby_stats stats;
    enum standby_state state;
    enum standby_cause cause;
    bool linked;
    bool greeted; /* a first claim, which the broker did not keep, came back: all that it had kept,
                     an own claim of an earlier life too, was heard before */
    uint64_t highest;        /* epoch that anybody was heard of with */
    uint64_t epoch;          /* its own, as candidate or leader, or of when it led last */
    int64_t heard_us;        /* the last sign of a leader or candidate, or of the link */
    int64_t leader_heard_us; /* the last sign of whoever led before */
    bool handed_over;        /* that one gave it up */
    int64_t lease_end_us;
    int64_t next_beat_us; /* of a leader, or the next greeting */
    int64_t tried_us;     /* since when it is candidate */
    struct standby_peer peers[STANDBY_PEERS_MAX];
    size_t peer_count;
    char leader[STANDBY_ID_SIZE]; /* of all that lead or want to, the one of the highest epoch; "":
                                     nobody */
    uint64_t leader_epoch;
    bool leader_led;   /* it said so on this connection, and not only that it wants to */
    bool vacant;       /* it led, and has given that up: nobody drives */
    bool was_released; /* in order, and not because of a fault */
    char successor[STANDBY_ID_SIZE]; /* whom it wanted; "": anybody */
    bool released;                   /* this node has, and nobody was heard of since */
    char released_to[STANDBY_ID_SIZE];
    bool claim_due;
    uint64_t beat;
    struct {
        uint64_t beat;
        int64_t sent_us;
    } beats[STANDBY_BEATS_KEPT];
};

void standby_init(struct standby *s, const struct standby_options *options, int64_t now_us);

/* The connection with the broker: subscribed, and gone. */
void standby_up(struct standby *s, int64_t now_us);
void standby_down(struct standby *s, int64_t now_us);

/* A claim of the group arrived, this node's own ones too. `retained`: it was kept by the broker,
 * and may be of any age. */
void standby_hear(struct standby *s, const struct standby_claim *claim, bool retained,
                  int64_t now_us);

/* A node says, or the broker for it, whether it is there. */
void standby_hear_status(struct standby *s, const char *node, bool online);

/* A gateway has accepted a command of this group with that epoch. */
void standby_hear_fence(struct standby *s, const char *node, uint64_t epoch, int64_t now_us);

/* Does what time alone makes due. */
void standby_tick(struct standby *s, int64_t now_us);
/* The first instant at which standby_tick() has something to do; INT64_MAX if none. */
int64_t standby_deadline(const struct standby *s);

/* The leader stops at once, and lets `to` (NULL: anybody) lead. -EPERM: it does not lead; -ENOENT:
 * no such node of the group is there. */
EDGE_MUST_CHECK int standby_release(struct standby *s, const char *to, int64_t now_us);

/* May drive now. To be asked before each actuation, with a clock that is read for it. */
bool standby_leads(const struct standby *s, int64_t now_us);

/* A claim is to be published now. False: none. */
EDGE_MUST_CHECK bool standby_take_claim(struct standby *s, struct standby_claim *ret,
                                        int64_t now_us);

/* The epoch in which it leads; as anything else the highest that it knows. */
uint64_t standby_epoch(const struct standby *s);

#endif
