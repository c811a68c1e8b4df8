#include "common/lvq.h"

#include "common/clock.h"
#include "common/lvq_impl.h"
#include "common/lvq_retained.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
    q->first_free = NO_SLOT;
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
    lvq_index_deinit(&q->index);
    free(q->slots);
    free(q);
}

void lvq_on_settled(struct lvq *q, lvq_settled_fn settled, void *context)
{
    q->settled = settled;
    q->settled_context = context;
}

void lvq_on_cleared(struct lvq *q, lvq_topic_fn cleared, void *context)
{
    q->cleared = cleared;
    q->cleared_context = context;
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

/* The first slot of that topic that is `is_wanted`; NO_SLOT if there is none. */
static size_t find_topic(const struct lvq *q, const char *topic,
                         bool (*is_wanted)(const struct slot *slot))
{
    uint32_t hash = lvq_index_hash(topic);
    size_t at = LVQ_INDEX_NONE;
    size_t found = NO_SLOT;
    for (size_t i = lvq_index_next(&q->index, hash, &at); i != LVQ_INDEX_NONE;
         i = lvq_index_next(&q->index, hash, &at)) {
        const struct slot *slot = &q->slots[i];
        if (i < found && slot->topic != NULL && strcmp(slot->topic, topic) == 0 &&
            is_wanted(slot)) {
            found = i;
        }
    }
    return found;
}

static bool is_unclaimed(const struct slot *slot)
{
    return !slot->claimed;
}

static bool is_used(const struct slot *slot)
{
    return slot->used;
}

static bool is_unused(const struct slot *slot)
{
    return !slot->used && !slot->claimed;
}

static int claim_slot(struct slot *slot, const struct lvq_slot_options *options)
{
    if (options->payload_max_bytes > slot->payload_max_bytes) {
        uint8_t *payload = realloc(slot->payload, options->payload_max_bytes);
        if (payload == NULL) {
            return -ENOMEM;
        }
        slot->payload = payload;
        slot->payload_max_bytes = options->payload_max_bytes;
    }
    slot->retain = options->retain;
    slot->claimed = true;
    return 0;
}

/* It must not be waiting. What is still on its way has its flight, and ends there. */
static void release(struct lvq *q, size_t index)
{
    struct slot *slot = &q->slots[index];
    free(slot->topic);
    free(slot->payload);
    *slot = (struct slot){.next_waiting = q->first_free};
    q->first_free = index;
}

static bool is_idle(const struct slot *slot)
{
    return slot->state == SLOT_EMPTY || slot->state == SLOT_HELD;
}

int lvq_claim(struct lvq *q)
{
    int r = 0;
    q->claiming = true;
    lvq_index_clear(&q->index);
    for (size_t i = 0; i < q->count; i++) {
        struct slot *slot = &q->slots[i];
        slot->claimed = false;
        if (slot->topic != NULL && !slot->used && is_idle(slot)) {
            release(q, i); /* of a claim that came to nothing, or deleted long ago */
        }
        if (slot->topic != NULL && r == 0) {
            r = lvq_index_add(&q->index, lvq_index_hash(slot->topic), i);
        }
    }
    return r;
}

static int reserve_place(struct lvq *q, size_t *ret)
{
    if (q->first_free != NO_SLOT) {
        *ret = q->first_free;
        return 0;
    }
    int r = reserve_slot(q);
    if (r == 0) {
        *ret = q->count;
    }
    return r;
}

static void take_place(struct lvq *q, size_t place)
{
    if (place == q->first_free) {
        q->first_free = q->slots[place].next_waiting;
    } else {
        q->count++;
    }
}

static int add_slot(struct lvq *q, const struct lvq_slot_options *options, size_t *ret_slot)
{
    size_t place;
    int r = reserve_place(q, &place);
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
    r = slot.topic != NULL && slot.payload != NULL ? 0 : -ENOMEM;
    if (r == 0 && q->index.size > 0) {
        r = lvq_index_add(&q->index, lvq_index_hash(slot.topic), place);
    }
    if (r < 0) {
        free(slot.topic);
        free(slot.payload);
        return r;
    }
    take_place(q, place);
    q->slots[place] = slot;
    *ret_slot = place;
    return 0;
}

int lvq_add(struct lvq *q, const struct lvq_slot_options *options, size_t *ret_slot)
{
    size_t index = q->claiming ? find_topic(q, options->topic, is_unclaimed) : NO_SLOT;
    if (index == NO_SLOT) {
        int r = add_slot(q, options, &index);
        if (r < 0) {
            return r;
        }
    }
    q->slots[index].used = q->slots[index].used || !q->claiming;
    int r = q->claiming ? claim_slot(&q->slots[index], options) : 0;
    *ret_slot = r == 0 ? index : *ret_slot;
    return r;
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

/* A payload has come to its end; tag 0: nobody wants to know. */
static void settle(struct lvq *q, uint64_t tag, enum lvq_outcome outcome)
{
    if (tag == 0) {
        return;
    }
    q->stats.outcomes[outcome]++;
    q->stats.pending--;
    if (q->settled != NULL) {
        q->settled(q->settled_context, tag, outcome);
    }
}

static void settle_slot(struct lvq *q, struct slot *slot, enum lvq_outcome outcome)
{
    uint64_t tag = slot->tag;
    slot->tag = 0;
    settle(q, tag, outcome);
}

/* A free flight; there is one, since the link takes fewer messages than there are flights. */
static uint32_t find_flight(struct lvq *q)
{
    uint32_t i = q->next_flight;
    for (uint32_t n = 0; n < FLIGHTS_MAX && q->flights[i].used; n++) {
        i = (i + 1) % FLIGHTS_MAX;
    }
    return i;
}

static void depart(struct lvq *q, uint32_t flight, size_t index)
{
    struct slot *slot = &q->slots[index];
    q->flights[flight] = (struct flight){.used = true, .slot = index, .tag = slot->tag};
    q->next_flight = (flight + 1) % FLIGHTS_MAX;
    slot->flight = flight;
    slot->state = SLOT_IN_FLIGHT;
}

/* Sends the slot's payload. False when the link takes nothing now. */
static bool send_slot(struct lvq *q, size_t index, int64_t now_us)
{
    struct slot *slot = &q->slots[index];
    if (slot->expires_us != 0 && slot->expires_us <= now_us) {
        settle_slot(q, slot, LVQ_EXPIRED);
        slot->state = SLOT_EMPTY;
        return true;
    }
    uint32_t flight = find_flight(q);
    if (q->flights[flight].used) {
        return false;
    }
    int64_t left_us = slot->expires_us != 0 ? slot->expires_us - now_us : 0;
    struct mqtt_publish publish = {
        .topic = slot->topic,
        .payload = slot->payload,
        .length = slot->length,
        .qos = slot->qos,
        .retain = slot->retain,
        .expiry_s = (uint32_t)((left_us + US_PER_S - 1) / US_PER_S),
        .token = slot->qos > 0 ? flight + 1 : 0, /* no token is 0 */
    };
    switch (q->publish(q->context, &publish)) {
    case MQTT_PUBLISHED:
        q->stats.published++;
        if (slot->qos > 0) {
            depart(q, flight, index);
        } else {
            slot->state = SLOT_HELD;
        }
        return true;
    case MQTT_OFFLINE:
    case MQTT_WINDOW_FULL:
        return false;
    case MQTT_TOO_LARGE:
    case MQTT_FAILED:
        break;
    }
    settle_slot(q, slot, LVQ_REFUSED);
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
    assert(item->slot < q->count && (item->tag == 0 || item->qos == 1));
    struct slot *slot = &q->slots[item->slot];
    if (item->tag != 0) {
        q->stats.tagged++;
        q->stats.pending++;
    }
    if (item->length > slot->payload_max_bytes) {
        settle(q, item->tag, LVQ_REFUSED);
        return;
    }
    if (slot->state == SLOT_WAITING && q->held) {
        flush(q, now_us);
    }
    if (slot->state == SLOT_WAITING) {
        settle_slot(q, slot, LVQ_SUPERSEDED);
    }
    if (item->length > 0) {
        memcpy(slot->payload, item->payload, item->length);
    }
    slot->length = item->length;
    slot->qos = (uint8_t)item->qos;
    slot->tag = item->tag;
    slot->expires_us = item->expires_us;
    if (slot->state != SLOT_WAITING) {
        append_waiting(q, item->slot);
    }
    if (!q->held) {
        flush(q, now_us);
    }
}

bool lvq_put_changed(struct lvq *q, const struct lvq_item *item, int64_t now_us)
{
    const struct slot *slot = &q->slots[item->slot];
    bool is_there = slot->state != SLOT_EMPTY && slot->length == item->length &&
                    (item->length == 0 || memcmp(slot->payload, item->payload, item->length) == 0);
    if (!is_there) {
        lvq_put(q, item, now_us);
    }
    return !is_there;
}

/* Other slots of its topic may still be in use. */
static bool is_to_be_cleared(const struct lvq *q, const struct slot *slot)
{
    return slot->retain && slot->state != SLOT_EMPTY && slot->length > 0 &&
           find_topic(q, slot->topic, is_used) == NO_SLOT;
}

void lvq_claim_rest(struct lvq *q, int64_t now_us)
{
    q->claiming = false;
    for (size_t i = 0; i < q->count; i++) {
        q->slots[i].used = q->slots[i].claimed;
        q->slots[i].claimed = false;
    }
    for (size_t i = 0; i < q->count; i++) {
        const struct slot *slot = &q->slots[i];
        if (slot->topic == NULL || slot->used) {
            continue;
        }
        if (is_to_be_cleared(q, slot)) {
            lvq_put(q, &(struct lvq_item){.slot = i, .payload = "", .qos = 1}, now_us);
        } else if (is_idle(slot)) {
            release(q, i);
        }
    }
}

/* One that waits stays in the line, and comes to nothing when its turn comes. */
static void forget(struct slot *slot, int64_t now_us)
{
    if (slot->state == SLOT_WAITING) {
        slot->expires_us = now_us > 0 ? now_us : 1;
    } else {
        slot->state = SLOT_EMPTY;
    }
}

void lvq_sort_out(struct lvq *q, enum lvq_keeping (*keeping)(void *context, const char *topic),
                  void *context, int64_t now_us)
{
    for (size_t i = 0; i < q->count; i++) {
        struct slot *slot = &q->slots[i];
        switch (keeping(context, slot->topic)) {
        case LVQ_KEEP:
            break;
        case LVQ_FORGET:
            forget(slot, now_us);
            break;
        case LVQ_DELETE:
            if (slot->retain) {
                lvq_put(q, &(struct lvq_item){.slot = i, .payload = "", .qos = 1}, now_us);
            }
            break;
        }
    }
}

int lvq_clear(struct lvq *q, const char *topic, int64_t now_us)
{
    const struct lvq_slot_options options = {.topic = topic, .retain = true};
    size_t index = find_topic(q, topic, is_unused);
    int r = index == NO_SLOT ? add_slot(q, &options, &index) : 0;
    if (r < 0) {
        return r;
    }
    struct slot *slot = &q->slots[index];
    bool under_way =
        slot->length == 0 && (slot->state == SLOT_WAITING || slot->state == SLOT_IN_FLIGHT);
    slot->retain = true;
    if (!under_way) {
        lvq_put(q, &(struct lvq_item){.slot = index, .payload = "", .qos = 1}, now_us);
    }
    return 0;
}

void lvq_each_retained(const struct lvq *q, lvq_topic_fn fn, void *context)
{
    for (size_t i = 0; i < q->count; i++) {
        if (q->slots[i].retain && q->slots[i].used) {
            fn(context, q->slots[i].topic);
        }
    }
}

void lvq_repeat(struct lvq *q, int64_t now_us)
{
    for (size_t i = 0; i < q->count; i++) {
        if (q->slots[i].state == SLOT_HELD && q->slots[i].retain) {
            append_waiting(q, i);
        }
    }
    flush(q, now_us);
}

void lvq_on_up(struct lvq *q, int64_t now_us)
{
    lvq_repeat(q, now_us);
}

void lvq_on_room(struct lvq *q, int64_t now_us)
{
    flush(q, now_us);
}

/* The broker has deleted what it retained on a topic that nobody uses any more: for good, there is
 * nothing to repeat. */
static void retire(struct lvq *q, size_t index)
{
    struct slot *slot = &q->slots[index];
    if (!slot->retain || slot->length > 0 || slot->used) {
        return;
    }
    slot->state = SLOT_EMPTY;
    if (q->cleared != NULL) {
        q->cleared(q->cleared_context, slot->topic);
    }
    if (!slot->claimed) {
        release(q, index);
    }
}

/* What travelled is still the slot's newest payload. */
static void land_present(struct lvq *q, size_t index, enum mqtt_fate fate)
{
    struct slot *slot = &q->slots[index];
    switch (fate) {
    case MQTT_ACKNOWLEDGED:
        slot->state = SLOT_HELD;
        settle_slot(q, slot, LVQ_ACKNOWLEDGED);
        retire(q, index);
        break;
    case MQTT_REFUSED:
        slot->state = SLOT_EMPTY;
        settle_slot(q, slot, LVQ_REFUSED);
        break;
    case MQTT_LOST:
        append_waiting(q, index);
        break;
    }
}

/* A newer payload has taken the slot since. */
static void land_past(struct lvq *q, uint64_t tag, enum mqtt_fate fate)
{
    switch (fate) {
    case MQTT_ACKNOWLEDGED:
        settle(q, tag, LVQ_ACKNOWLEDGED);
        break;
    case MQTT_REFUSED:
        settle(q, tag, LVQ_REFUSED);
        break;
    case MQTT_LOST:
        settle(q, tag, LVQ_SUPERSEDED);
        break;
    }
}

void lvq_on_acknowledged(struct lvq *q, uint64_t token, enum mqtt_fate fate, int64_t now_us)
{
    if (token == 0 || token > FLIGHTS_MAX || !q->flights[token - 1].used) {
        return;
    }
    uint32_t index = (uint32_t)token - 1;
    const struct flight flight = q->flights[index];
    q->flights[index].used = false;
    const struct slot *slot = &q->slots[flight.slot];
    if (slot->state == SLOT_IN_FLIGHT && slot->flight == index) {
        land_present(q, flight.slot, fate);
    } else {
        land_past(q, flight.tag, fate);
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
