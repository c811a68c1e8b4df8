/*
 * What a message looks like, as a picture in text for an engineer: its head, its bits, a table of
 * its signals. Pure; UTF-8.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_EXPLAIN_H
#define EDGE_GATEWAY_DBC_DBC_EXPLAIN_H

#include "common/attributes.h"
#include "common/buf.h"
#include "edge-gateway/dbc/dbc.h"

/* Appends to `out`, whose own failure is sticky. 0 or -ENOMEM. */
EDGE_MUST_CHECK int dbc_explain(struct buf *out, const struct dbc_message *message);

EDGE_MUST_CHECK int dbc_explain_variable(struct buf *out, const struct dbc_variable *variable);

/* dbc_explain_table.c: one row per signal, with its labels and its comment below. 0 or -ENOMEM. */
EDGE_MUST_CHECK int dbc_explain_table(struct buf *out, const struct dbc_message *message);

/* "0 = Off, 1 = On, 255 = SNA (not available)", wrapped and indented; nothing without labels. 0 or
 * -ENOMEM. */
EDGE_MUST_CHECK int dbc_explain_labels(struct buf *out, const struct dbc_label *labels,
                                       uint32_t count, bool is_unsigned, size_t indent);

/* "1, 3-5" */
void dbc_explain_ranges(struct buf *out, const struct dbc_range *ranges, size_t count);

#define DBC_EXPLAIN_COLUMNS 80 /* for running text; names and tables may be wider */

#endif
