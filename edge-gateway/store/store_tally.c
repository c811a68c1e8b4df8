#include "edge-gateway/store/store_tally.h"

#include "edge-gateway/dbc/dbc_decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct store_tally {
    const struct store_bus *buses;
    size_t bus_count;
    struct store_tally_entry ***entries; /* by bus, then by dbc_message.index; NULL: none yet */
    struct store_tally_entry *first;
    struct store_tally_entry *last;
    struct dbc_value *values; /* of one frame */
};

static size_t message_count(const struct store_bus *bus)
{
    return bus->database != NULL ? dbc_message_count(bus->database) : 0;
}

/* Room for the values of the largest message, and the table of each bus. */
static int allocate(struct store_tally *tally)
{
    size_t most = 1;
    tally->entries = calloc(tally->bus_count + 1, sizeof(*tally->entries));
    for (size_t i = 0; tally->entries != NULL && i < tally->bus_count; i++) {
        const struct store_bus *bus = &tally->buses[i];
        for (size_t k = 0; k < message_count(bus); k++) {
            size_t count = dbc_message_at(bus->database, k)->signal_count;
            most = count > most ? count : most;
        }
        tally->entries[i] = calloc(message_count(bus) + 1, sizeof(*tally->entries[i]));
        if (tally->entries[i] == NULL) {
            return -ENOMEM;
        }
    }
    tally->values = calloc(most, sizeof(*tally->values));
    return tally->entries != NULL && tally->values != NULL ? 0 : -ENOMEM;
}

int store_tally_new(const struct store_bus *buses, size_t bus_count, struct store_tally **ret)
{
    struct store_tally *tally = calloc(1, sizeof(*tally));
    if (tally == NULL) {
        return -ENOMEM;
    }
    tally->buses = buses;
    tally->bus_count = bus_count;
    int r = allocate(tally);
    if (r < 0) {
        store_tally_free(tally);
        return r;
    }
    *ret = tally;
    return 0;
}

void store_tally_free(struct store_tally *tally)
{
    if (tally == NULL) {
        return;
    }
    for (size_t i = 0; tally->entries != NULL && i < tally->bus_count; i++) {
        for (size_t k = 0; tally->entries[i] != NULL && k < message_count(&tally->buses[i]); k++) {
            free(tally->entries[i][k]);
        }
        free(tally->entries[i]);
    }
    free(tally->entries);
    free(tally->values);
    free(tally);
}

void store_tally_reset(struct store_tally *tally)
{
    for (struct store_tally_entry *entry = tally->first; entry != NULL; entry = entry->next) {
        entry->count = 0;
    }
    tally->first = NULL;
    tally->last = NULL;
}

/* Makes the entry the last one of the interval. */
static void begin(struct store_tally *tally, struct store_tally_entry *entry, uint64_t seq,
                  int64_t ts_us)
{
    entry->next = NULL;
    entry->first_seq = seq;
    entry->from_us = ts_us;
    entry->to_us = ts_us;
    memset(entry->buckets, 0, entry->message->signal_count * sizeof(entry->buckets[0]));
    if (tally->last != NULL) {
        tally->last->next = entry;
    } else {
        tally->first = entry;
    }
    tally->last = entry;
}

/* NULL: memory is short. */
static struct store_tally_entry *find(struct store_tally *tally, size_t bus,
                                      const struct dbc_message *message)
{
    struct store_tally_entry **place = &tally->entries[bus][message->index];
    if (*place == NULL) {
        *place = calloc(1, sizeof(**place) + message->signal_count * sizeof(struct bucket));
    }
    if (*place != NULL) {
        (*place)->bus = &tally->buses[bus];
        (*place)->message = message;
    }
    return *place;
}

/* Without a time for which a value holds, buckets have no weights. */
static void add_values(struct store_tally *tally, struct store_tally_entry *entry, size_t count,
                       int64_t ts_us)
{
    for (size_t i = 0; i < count; i++) {
        const struct dbc_value *value = &tally->values[i];
        struct bucket_hold none = {.valid = false};
        if (value->quality != DBC_QUALITY_NOT_AVAILABLE) {
            bucket_add(&entry->buckets[value->signal->index], &none, dbc_value_number(value), ts_us,
                       0);
        }
    }
}

bool store_tally_add(struct store_tally *tally, size_t bus, const struct dbc_message *message,
                     uint64_t seq, const struct frame *frame)
{
    size_t count = dbc_decode(message, frame->data, frame->len, tally->values);
    struct store_tally_entry *entry = count > 0 ? find(tally, bus, message) : NULL;
    if (entry == NULL) {
        return false;
    }
    if (entry->count == 0) {
        begin(tally, entry, seq, frame->ts_us);
    }
    entry->count++;
    entry->last_seq = seq;
    entry->from_us = frame->ts_us < entry->from_us ? frame->ts_us : entry->from_us;
    entry->to_us = frame->ts_us > entry->to_us ? frame->ts_us : entry->to_us;
    add_values(tally, entry, count, frame->ts_us);
    return true;
}

const struct store_tally_entry *store_tally_first(const struct store_tally *tally)
{
    return tally->first;
}
