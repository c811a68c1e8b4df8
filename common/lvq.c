#include "common/lvq.h"

#include "common/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MAX     (1u << 24)
#define NO_SLOT       SIZE_MAX
#define TOKEN_COUNTED (1u << 24)

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
    char *topic;
    uint8_t *payload;
    size_t payload_max_bytes;
    size_t length;
    int64_t expires_us;
    uint64_t
        generation; /* of the present payload; tells a late acknowledgement from a present one */
    size_t next_waiting;
    enum slot_state state;
    bool retain;
    bool counted;
    uint8_t qos;
};

struct lvq {
    lvq_publish_fn publish;
    void *context;
    struct slot *slots;
    size_t count;
    size_t capacity;
    size_t first_waiting;
    size_t last_waiting;
    struct lvq_stats stats;
};

int lvq_new(lvq_publish_fn publish, void *context, struct lvq **ret)
{
    struct lvq *q = calloc(1, sizeof(*q));
    if (q == NULL) {
        return -ENOMEM;
    }
    q->publish = publish;
    q->context = context;
    q->first_waiting = NO_SLOT;
    q->last_waiting = NO_SLOT;
    *ret = q;
    return 0;
}

void lvq_free(struct lvq *q)
{
    if (q == NULL) {
        return;
    }
    for (size_t i = 0; i < q->count; i++) {
        free(q->slots[i].topic);
        free(q->slots[i].payload);
    }
    free(q->slots);
    free(q);
}

static int reserve_slot(struct lvq *q)
{
    if (q->count < q->capacity) {
        return 0;
    }
    if (q->count >= SLOTS_MAX) {
        return -ENOSPC;
    }
    size_t capacity = q->capacity > 0 ? q->capacity * 2 : 64;
    struct slot *slots = reallocarray(q->slots, capacity, sizeof(*slots));
    if (slots == NULL) {
        return -ENOMEM;
    }
    q->slots = slots;
    q->capacity = capacity;
    return 0;
}

int lvq_add(struct lvq *q, const struct lvq_slot_options *options, size_t *ret_slot)
{
    int r = reserve_slot(q);
    if (r < 0) {
        return r;
    }
    struct slot slot = {
        .topic = strdup(options->topic),
        .payload = malloc(options->payload_max_bytes > 0 ? options->payload_max_bytes : 1),
        .payload_max_bytes = options->payload_max_bytes,
        .retain = options->retain,
        .next_waiting = NO_SLOT,
    };
    if (slot.topic == NULL || slot.payload == NULL) {
        free(slot.topic);
        free(slot.payload);
        return -ENOMEM;
    }
    q->slots[q->count] = slot;
    *ret_slot = q->count++;
    return 0;
}

/* Token, from the low end: slot (24 bits), counted (1), generation (39, never 0, so that no token
 * is 0). */
static uint64_t token_of(size_t index, const struct slot *slot)
{
    return slot->generation << 25 | (slot->counted ? TOKEN_COUNTED : 0) | index;
}

static void append_waiting(struct lvq *q, size_t index)
{
    struct slot *slot = &q->slots[index];
    slot->state = SLOT_WAITING;
    slot->next_waiting = NO_SLOT;
    if (q->last_waiting == NO_SLOT) {
        q->first_waiting = index;
    } else {
        q->slots[q->last_waiting].next_waiting = index;
    }
    q->last_waiting = index;
    q->stats.waiting++;
}

static void remove_first_waiting(struct lvq *q)
{
    struct slot *slot = &q->slots[q->first_waiting];
    q->first_waiting = slot->next_waiting;
    if (q->first_waiting == NO_SLOT) {
        q->last_waiting = NO_SLOT;
    }
    q->stats.waiting--;
}

/* A counted payload has come to its end: `counter` is where it ends. */
static void settle(struct lvq *q, uint64_t *counter)
{
    (*counter)++;
    q->stats.pending--;
}

static void settle_slot(struct lvq *q, struct slot *slot, uint64_t *counter)
{
    if (slot->counted) {
        settle(q, counter);
        slot->counted = false;
    }
}

/* Sends the slot's payload. False when the link takes nothing now. */
static bool send_slot(struct lvq *q, size_t index, int64_t now_us)
{
    struct slot *slot = &q->slots[index];
    if (slot->expires_us != 0 && slot->expires_us <= now_us) {
        settle_slot(q, slot, &q->stats.expired);
        slot->state = SLOT_EMPTY;
        return true;
    }
    int64_t left_us = slot->expires_us != 0 ? slot->expires_us - now_us : 0;
    struct mqtt_publish publish = {
        .topic = slot->topic,
        .payload = slot->payload,
        .length = slot->length,
        .qos = slot->qos,
        .retain = slot->retain,
        .expiry_s = (uint32_t)((left_us + US_PER_S - 1) / US_PER_S),
        .token = slot->qos > 0 ? token_of(index, slot) : 0,
    };
    switch (q->publish(q->context, &publish)) {
    case MQTT_PUBLISHED:
        q->stats.published++;
        slot->state = slot->qos > 0 ? SLOT_IN_FLIGHT : SLOT_HELD;
        return true;
    case MQTT_OFFLINE:
    case MQTT_WINDOW_FULL:
        return false;
    case MQTT_TOO_LARGE:
    case MQTT_FAILED:
        break;
    }
    settle_slot(q, slot, &q->stats.refused);
    slot->state = SLOT_EMPTY;
    return true;
}

static void flush(struct lvq *q, int64_t now_us)
{
    while (q->first_waiting != NO_SLOT && send_slot(q, q->first_waiting, now_us)) {
        remove_first_waiting(q);
    }
}

void lvq_put(struct lvq *q, const struct lvq_item *item, int64_t now_us)
{
    assert(item->slot < q->count && (!item->counted || item->qos == 1));
    struct slot *slot = &q->slots[item->slot];
    if (item->counted) {
        q->stats.counted++;
        q->stats.pending++;
    }
    if (item->length > slot->payload_max_bytes) {
        if (item->counted) {
            settle(q, &q->stats.refused);
        }
        return;
    }
    if (slot->state == SLOT_WAITING) {
        settle_slot(q, slot, &q->stats.superseded);
    }
    if (item->length > 0) {
        memcpy(slot->payload, item->payload, item->length);
    }
    slot->length = item->length;
    slot->qos = (uint8_t)item->qos;
    slot->counted = item->counted;
    slot->expires_us = item->expires_us;
    slot->generation++;
    if (slot->state != SLOT_WAITING) {
        append_waiting(q, item->slot);
    }
    flush(q, now_us);
}

void lvq_on_up(struct lvq *q, int64_t now_us)
{
    for (size_t i = 0; i < q->count; i++) {
        if (q->slots[i].state == SLOT_HELD && q->slots[i].retain) {
            append_waiting(q, i);
        }
    }
    flush(q, now_us);
}

void lvq_on_room(struct lvq *q, int64_t now_us)
{
    flush(q, now_us);
}

/* The payload the token stood for is still the slot's newest. */
static void settle_present(struct lvq *q, size_t index, enum mqtt_fate fate)
{
    struct slot *slot = &q->slots[index];
    switch (fate) {
    case MQTT_ACKNOWLEDGED:
        settle_slot(q, slot, &q->stats.acknowledged);
        slot->state = SLOT_HELD;
        break;
    case MQTT_REFUSED:
        settle_slot(q, slot, &q->stats.refused);
        slot->state = SLOT_EMPTY;
        break;
    case MQTT_LOST:
        append_waiting(q, index);
        break;
    }
}

/* A newer payload has taken the slot since: only the count is left to close. */
static void settle_past(struct lvq *q, enum mqtt_fate fate)
{
    switch (fate) {
    case MQTT_ACKNOWLEDGED:
        settle(q, &q->stats.acknowledged);
        break;
    case MQTT_REFUSED:
        settle(q, &q->stats.refused);
        break;
    case MQTT_LOST:
        settle(q, &q->stats.superseded);
        break;
    }
}

void lvq_on_acknowledged(struct lvq *q, uint64_t token, enum mqtt_fate fate, int64_t now_us)
{
    size_t index = token & (SLOTS_MAX - 1);
    if (token == 0 || index >= q->count) {
        return;
    }
    const struct slot *slot = &q->slots[index];
    if (slot->state == SLOT_IN_FLIGHT && slot->generation == token >> 25) {
        settle_present(q, index, fate);
    } else if ((token & TOKEN_COUNTED) != 0) {
        settle_past(q, fate);
    }
    flush(q, now_us);
}

bool lvq_is_waiting(const struct lvq *q)
{
    return q->first_waiting != NO_SLOT;
}

struct lvq_stats lvq_stats(const struct lvq *q)
{
    return q->stats;
}
