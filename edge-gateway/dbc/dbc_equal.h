/* Whether two messages, of two readings of DBC files, say the same. Pure. */
#ifndef EDGE_GATEWAY_DBC_DBC_EQUAL_H
#define EDGE_GATEWAY_DBC_DBC_EQUAL_H

#include "edge-gateway/dbc/dbc.h"

#include <stdbool.h>

/* The same frames mean the same values in the same units. Comments, senders, groups and places in
 * the file do not matter. */
bool dbc_messages_equal(const struct dbc_message *a, const struct dbc_message *b);
bool dbc_signals_equal(const struct dbc_signal *a, const struct dbc_signal *b);

#endif
