/*
 * The packet ids that wait for an acknowledgement, and the token of each: found, added and removed
 * in constant time, however many are under way. Pure.
 */
#ifndef EDGE_COMMON_PACKET_IDS_H
#define EDGE_COMMON_PACKET_IDS_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet_ids;

/* For at most `max` ids at once, 1 to 65535. 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int packet_ids_new(size_t max, struct packet_ids **ret);
void packet_ids_free(struct packet_ids *ids);

size_t packet_ids_count(const struct packet_ids *ids);
bool packet_ids_contain(const struct packet_ids *ids, uint16_t id);

/* One that is not there yet, 1 to 65535 (MQTT 5, 2.2.1: 0 is none), while there is room. */
void packet_ids_add(struct packet_ids *ids, uint16_t id, uint64_t token);

/* False: it is not there. */
bool packet_ids_take(struct packet_ids *ids, uint16_t id, uint64_t *ret_token);

/* Any of them; false: there is none. */
bool packet_ids_take_any(struct packet_ids *ids, uint64_t *ret_token);

#endif
