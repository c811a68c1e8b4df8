/*
 * Every id that was seen on a bus, whether a DBC knows it or not. Bounded: ids beyond the cap are
 * only counted. Pure; allocates in id_table_new() only.
 */
#ifndef EDGE_GATEWAY_SURVEY_ID_TABLE_H
#define EDGE_GATEWAY_SURVEY_ID_TABLE_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_TABLE_MAX 4096

struct id_entry {
    uint32_t can_id;
    bool extended;
    bool fd;
    uint8_t len_min;
    uint8_t len_max;
    uint64_t frames;
    int64_t first_us;
    int64_t last_us;
};

struct id_table;

/* NULL when out of memory. */
struct id_table *id_table_new(void);
void id_table_free(struct id_table *table);

void id_table_add(struct id_table *table, const struct frame *frame);

/* By id, standard ones first: index 0 to id_table_count() - 1. */
void id_table_sort(struct id_table *table);
size_t id_table_count(const struct id_table *table);
const struct id_entry *id_table_at(const struct id_table *table, size_t index);

/* Frames of ids that had no room. */
uint64_t id_table_overflow(const struct id_table *table);

#endif
