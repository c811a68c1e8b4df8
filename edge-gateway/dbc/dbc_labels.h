/*
 * Value tables: sorting, lookup, and which texts say that a signal has no valid value.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_LABELS_H
#define EDGE_GATEWAY_DBC_DBC_LABELS_H

#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/dbc/dbc_arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * True for the common ways to say "no valid value": SNA, N/A, not available, unavailable, invalid,
 * error, in any case and with any separators.
 */
bool dbc_label_means_not_available(const char *text);

/* Whether two texts have the same words, whatever their case and separators: "Sensor_Fault" and
 * "sensor fault". */
bool dbc_label_same_words(const char *a, const char *b);

/* A copy in the arena sorted by raw; of rows with one raw the last stays. NULL for none. */
const struct dbc_label *dbc_labels_sorted(struct dbc_arena *arena, const struct dbc_label *labels,
                                          size_t count, size_t *ret_count);

/* The row of a raw value, or NULL. Direct where the table begins 0, 1, 2, ..., else O(log n). */
const struct dbc_label *dbc_find_label(const struct dbc_signal *signal, int64_t raw);

/* The row with that text: exactly, else whatever the case of its ASCII letters. NULL if none. */
const struct dbc_label *dbc_find_label_text(const struct dbc_signal *signal, const char *text,
                                            size_t length);

#endif
