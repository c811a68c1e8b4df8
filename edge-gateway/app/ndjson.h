/*
 * Decoded frames as NDJSON, one object per line. Everything that does not change from frame to
 * frame (names, units, labels) is escaped once, when the writer is made.
 */
#ifndef EDGE_GATEWAY_APP_NDJSON_H
#define EDGE_GATEWAY_APP_NDJSON_H

#include "edge-gateway/can/candump.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/dbc/dbc_decode.h"

#include <stddef.h>

struct ndjson;

/* Borrows the database. NULL when out of memory. */
struct ndjson *ndjson_new(const struct dbc_database *db);
void ndjson_free(struct ndjson *json);

/* The longest line any frame can make. */
size_t ndjson_max_bytes(const struct ndjson *json);

/* Writes the line with its newline; returns its end. */
char *ndjson_write_reading(const struct ndjson *json, char *at, const struct log_line *line,
                           const struct dbc_message *message, const struct dbc_value *values,
                           size_t count);

/* A frame no DBC knows: {"ts":..,"bus":"can0","id":291,"ext":false,"message":null,"data":"0011"}.
 */
char *ndjson_write_unknown(char *at, const struct log_line *line);

#endif
