/*
 * Decoded frames as NDJSON, one object per line. Everything that does not change from frame to
 * frame (names, units, labels) is escaped once, when the writer is made.
 */
#ifndef EDGE_GATEWAY_APP_NDJSON_H
#define EDGE_GATEWAY_APP_NDJSON_H

#include "edge-gateway/can/frame.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/dbc/dbc_decode.h"

#include <stddef.h>
#include <stdint.h>

struct ndjson;

/* The frame that a line is of. */
struct ndjson_frame {
    const struct frame *frame;
    const char *bus; /* up to LOG_BUS_MAX_BYTES; left empty if it is no UTF-8 */
    size_t bus_length;
    uint64_t seq; /* in the frame log; 0 = none, left out */
};

/* Borrows the database. NULL when out of memory. */
struct ndjson *ndjson_new(const struct dbc_database *db);
void ndjson_free(struct ndjson *json);

/* The longest line any frame can make. */
size_t ndjson_max_bytes(const struct ndjson *json);

/* Writes the line with its newline; returns its end. */
char *ndjson_write_reading(struct ndjson *json, char *at, const struct ndjson_frame *frame,
                           const struct dbc_message *message, const struct dbc_value *values,
                           size_t count);

/* A frame no DBC knows: {"ts":..,"bus":"can0","id":291,"ext":false,"message":null,"data":"0011"}.
 */
char *ndjson_write_unknown(char *at, const struct ndjson_frame *frame);

#endif
