/*
 * A payload drawn as text: bytes down, bits 7 to 0 across, each signal one box with its number.
 * Pure; UTF-8, 70 columns wide.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_GRID_H
#define EDGE_GATEWAY_DBC_DBC_GRID_H

#include "common/buf.h"
#include "edge-gateway/dbc/dbc.h"

enum dbc_grid_role {
    DBC_GRID_HIDDEN,
    DBC_GRID_SHOWN,
    DBC_GRID_FOCUS, /* shown; if there is any, the rows without one are left out */
    DBC_GRID_VEILED /* its bits are taken, but not by whom */
};

/* `roles` has one entry per signal, in the order of message->signals. */
void dbc_grid_draw(struct buf *out, const struct dbc_message *message,
                   const enum dbc_grid_role *roles);

/* The line that explains the marks, as far as the message's grids have them. */
void dbc_grid_legend(struct buf *out, const struct dbc_message *message);

#endif
