#include "common/mqtt_turns.h"

void mqtt_turns_init(struct mqtt_turns *turns, size_t address_count, enum mqtt_version wanted)
{
    *turns = (struct mqtt_turns){
        .version = wanted == MQTT_VERSION_AUTO ? MQTT_VERSION_5 : wanted,
        .wanted = wanted,
        .address_count = address_count,
    };
}

void mqtt_turns_up(struct mqtt_turns *turns)
{
    if (turns->version == MQTT_VERSION_5) {
        turns->known[turns->address].version_5_works = true;
    }
}

/* The same address gets another chance, with the older version. */
static bool falls_back(struct mqtt_turns *turns, enum mqtt_end why)
{
    bool was_5 = turns->version == MQTT_VERSION_5;
    if (turns->wanted != MQTT_VERSION_AUTO) {
        return false;
    }
    if (why == MQTT_END_VERSION) {
        turns->known[turns->address].version_5_refused = was_5;
        return was_5;
    }
    return was_5 && why == MQTT_END_HUNG_UP && !turns->known[turns->address].version_5_works;
}

bool mqtt_turns_next(struct mqtt_turns *turns, enum mqtt_end why, bool stable)
{
    if (falls_back(turns, why)) {
        turns->version = MQTT_VERSION_311;
        return false;
    }
    bool worked = why == MQTT_END_LOST && stable;
    turns->failures = worked ? 1 : turns->failures + 1;
    if (!worked) {
        turns->address = (turns->address + 1) % turns->address_count;
    }
    turns->version = turns->wanted;
    if (turns->wanted == MQTT_VERSION_AUTO) {
        bool refused = turns->known[turns->address].version_5_refused;
        turns->version = refused ? MQTT_VERSION_311 : MQTT_VERSION_5;
    }
    bool over = turns->failures >= turns->address_count;
    turns->failures = over ? 0 : turns->failures;
    return over;
}
