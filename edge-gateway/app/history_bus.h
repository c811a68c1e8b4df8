/*
 * The buses of a frame log by their number there: what they are called, and what decodes their
 * frames. One DBC database for all of them, or each its own as a configuration says.
 */
#ifndef EDGE_GATEWAY_APP_HISTORY_BUS_H
#define EDGE_GATEWAY_APP_HISTORY_BUS_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/can/log_line.h"
#include "edge-gateway/dbc/dbc.h"

#include <sqlite3.h>

#include <stdbool.h>

#define HISTORY_BUSES 256 /* of one byte in a segment's keys */

struct ndjson;

struct history_bus {
    char name[LOG_BUS_MAX_BYTES + 1]; /* "bus7" if the log does not name it: it is damaged */
    bool is_named;
    bool is_wanted;
    const struct dbc_database *db;     /* NULL: its frames are not decoded */
    const struct dbc_message *message; /* only this one; NULL: all */
    struct ndjson *json;               /* for the format ndjson; perhaps shared */
};

struct history_buses {
    struct history_bus list[HISTORY_BUSES];
};

/* What shall be read; NULL = everything. */
struct history_filter {
    const char *bus;
    const char *message;
    const char *signal;
};

/* From the table `buses`. 0; -EINVAL: there is none; -errno. */
EDGE_MUST_CHECK int history_buses_read(struct history_buses *buses, sqlite3 *db);

/* Each bus is decoded by `all` or, where that is NULL, by what `plan` (may be NULL) has for it. */
void history_buses_decode_by(struct history_buses *buses, const struct dbc_database *all,
                             const struct gateway_plan *plan);

/* Marks what is wanted. False, with the reason on stderr: it names something that is not there. */
EDGE_MUST_CHECK bool history_buses_filter(struct history_buses *buses,
                                          const struct history_filter *filter);

/* The one message that the filter left, if its signals are called alike on all buses. NULL, with
 * the reason on stderr: they are not. */
const struct dbc_message *history_buses_columns(const struct history_buses *buses);

#endif
