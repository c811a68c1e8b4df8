/*
 * CAN id to message: a table for the 11-bit ids, an open-addressing hash for the 29-bit ones. Keys
 * are 29 bits plus DBC_INDEX_EXTENDED; J1939 groups use dbc_index_pgn_key(). Does not own the
 * messages.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_INDEX_H
#define EDGE_GATEWAY_DBC_DBC_INDEX_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DBC_INDEX_STANDARD 2048
#define DBC_INDEX_EXTENDED 0x80000000u
#define DBC_INDEX_PGN      0x40000000u

struct dbc_message;

struct dbc_index_slot {
    uint32_t key;
    struct dbc_message *message; /* NULL: free */
};

struct dbc_index {
    struct dbc_message *standard[DBC_INDEX_STANDARD];
    struct dbc_index_slot *slots;
    size_t size; /* a power of two, 0 at first */
    size_t used;
};

/* The parameter group number of a 29-bit id (SAE J1939-21, 5.1.2): priority and source address left
 * out, for PDU1 formats (PF < 240) the destination address too. */
uint32_t dbc_index_pgn(uint32_t can_id);
uint32_t dbc_index_pgn_key(uint32_t can_id);

/* Whether the source address is the null address (SAE J1939-81), which no sender has: so DBC files
 * write the id of a parameter group. */
bool dbc_index_has_null_address(uint32_t can_id);

/* Adds a key that is not there yet. 0 or -ENOMEM. */
EDGE_MUST_CHECK int dbc_index_add(struct dbc_index *index, uint32_t key,
                                  struct dbc_message *message);
struct dbc_message *dbc_index_find(const struct dbc_index *index, uint32_t key);
void dbc_index_deinit(struct dbc_index *index);

#endif
