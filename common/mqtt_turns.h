/*
 * Whose turn it is: which of several addresses is tried next, with which protocol version, and
 * whether all have had their turn, so that the wait grows. Pure; for mqtt_link.c.
 *
 * The address that had worked for a while is tried first after its connection is lost, since a
 * broker that restarts keeps our session. Then each other one has its turn, in the order they were
 * given. The wait grows only when all had theirs: with three nodes of which one is dead, the next
 * one is asked after the shortest wait. One address alone is a round of its own.
 *
 * What was learnt of the version is learnt per address: a list may name brokers of different kinds.
 * MQTT 5 comes first, and 3.1.1 for good only where a broker refuses 5 in so many words. One that
 * hangs up may be too old to know better, or behind a proxy and not there yet: it gets one attempt
 * with 3.1.1, and whatever becomes of that, 5 is tried again afterwards.
 */
#ifndef EDGE_COMMON_MQTT_TURNS_H
#define EDGE_COMMON_MQTT_TURNS_H

#include "common/mqtt_connection.h"

#include <stdbool.h>
#include <stddef.h>

struct mqtt_turns {
    size_t address; /* in use, or to be tried next */
    enum mqtt_version version;

    enum mqtt_version wanted; /* the rest is for the functions below */
    size_t address_count;
    size_t failures; /* turns that were taken in this round */
    struct {
        bool version_5_works;   /* it has, once: a broker that hangs up has other reasons */
        bool version_5_refused; /* in so many words, when it was asked last */
    } known[MQTT_LINK_ADDRESSES_MAX];
};

/* `address_count` is at most MQTT_LINK_ADDRESSES_MAX. */
void mqtt_turns_init(struct mqtt_turns *turns, size_t address_count, enum mqtt_version wanted);

/* The connection is up. */
void mqtt_turns_up(struct mqtt_turns *turns);

/* It ended; `stable`: after it had lasted. True: the round is over. */
bool mqtt_turns_next(struct mqtt_turns *turns, enum mqtt_end why, bool stable);

#endif
