/*
 * One line of NDJSON to one candump line: the text side of `edge-gateway encode`.
 */
#ifndef EDGE_GATEWAY_APP_ENCODE_LINE_H
#define EDGE_GATEWAY_APP_ENCODE_LINE_H

#include "edge-gateway/can/candump.h"
#include "edge-gateway/dbc/dbc.h"

#include <stdbool.h>
#include <stddef.h>

struct encode_line;

/* Borrows the database. With `any_value` the DBC's ranges do not refuse. NULL when out of memory.
 */
struct encode_line *encode_line_new(const struct dbc_database *db, bool any_value);
void encode_line_free(struct encode_line *encoder);

/*
 * Encodes the JSON text, which is changed in place and needs one writable byte behind it. Returns
 * the length of the candump text, or 0: then encode_line_error() says why, "" for a blank line.
 */
size_t encode_line_run(struct encode_line *encoder, char *json, size_t length,
                       char text[CANDUMP_TEXT_MAX]);
const char *encode_line_error(const struct encode_line *encoder);

#endif
