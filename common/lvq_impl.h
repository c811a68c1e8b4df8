/* What a last-value queue is made of; private to lvq.c. */
#ifndef EDGE_COMMON_LVQ_IMPL_H
#define EDGE_COMMON_LVQ_IMPL_H

#include "common/lvq.h"
#include "common/lvq_index.h"
#include "common/lvq_retained.h"

#define SLOTS_MAX   (1u << 24)
#define NO_SLOT     SIZE_MAX
#define FLIGHTS_MAX 1024 /* the link takes 1000 QoS 1 messages at most */

/*
 * empty ──put──▶ waiting ──sent──▶ in_flight ──acknowledged──▶ held
 *                   ▲                  │                        │
 *                   ├──connection lost─┘                        │
 *                   └──────────────── reconnected (retained) ───┘
 * QoS 0 goes from waiting to held when it is sent. A put leads to waiting from anywhere.
 */
enum slot_state {
    SLOT_EMPTY,
    SLOT_WAITING,
    SLOT_IN_FLIGHT,
    SLOT_HELD
};

struct slot {
    char *topic; /* NULL: the slot is free */
    uint8_t *payload;
    size_t payload_max_bytes;
    size_t length;
    int64_t expires_us;
    uint64_t tag;        /* of the present payload; 0 = none, or it has come to its end */
    uint32_t flight;     /* the one that carries the present payload, while SLOT_IN_FLIGHT */
    size_t next_waiting; /* of a free one: the next free one */
    enum slot_state state;
    bool used;    /* somebody has added it in the present life of the queue */
    bool claimed; /* ... in the one that is being prepared: see lvq_claim() */
    bool retain;
    uint8_t qos;
};

/* A QoS 1 message on its way. Its slot may hold a newer payload by now. */
struct flight {
    bool used;
    size_t slot;
    uint64_t tag;
};

struct lvq {
    lvq_publish_fn publish;
    void *context;
    lvq_settled_fn settled;
    void *settled_context;
    lvq_topic_fn cleared;
    void *cleared_context;
    struct flight flights[FLIGHTS_MAX];
    uint32_t next_flight; /* where the search for a free one begins */
    struct slot *slots;
    size_t count;
    size_t capacity;
    size_t first_waiting;
    size_t last_waiting;
    size_t first_free;
    bool claiming;
    bool held;              /* what is put waits for lvq_release() */
    struct lvq_index index; /* made by the first lvq_claim() */
    struct lvq_stats stats;
};

#endif
