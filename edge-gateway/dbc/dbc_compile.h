/*
 * From draft to messages: resolves multiplexing and attribute defaults, and prepares for each
 * signal the tables that decoding and encoding need. Internal to the DBC engine.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_COMPILE_H
#define EDGE_GATEWAY_DBC_DBC_COMPILE_H

#include "common/attributes.h"
#include "common/diagnostics.h"
#include "edge-gateway/dbc/dbc_draft.h"

/* Where the warnings of one file go. */
struct dbc_report {
    struct diagnostics *diagnostics;
    const char *file;
};

void dbc_report_warn(const struct dbc_report *report, struct dbc_position at, const char *format,
                     ...) EDGE_PRINTF(3, 4);

/* What the file as a whole says, once before its messages are compiled. */
void dbc_compile_protocol(struct dbc_draft *draft);

/* Fills the message of `draft` in place; everything it points to is in the draft's arena. 0 or
 * -ENOMEM. */
EDGE_MUST_CHECK int dbc_compile(struct dbc_draft *draft, struct dbc_draft_message *message,
                                const struct dbc_report *report);

/* dbc_compile_field.c: the layout, scale and range of one signal. */
void dbc_compile_signal(struct dbc_draft_signal *draft, const struct dbc_report *report);

/* dbc_compile_mux.c: selectors, their order and slots. 0 or -ENOMEM. */
EDGE_MUST_CHECK int dbc_compile_selectors(struct dbc_draft *draft,
                                          struct dbc_draft_message *message,
                                          const struct dbc_report *report);

/* dbc_check.c: warns about signals that overlap or reach beyond the message. */
void dbc_check_layout(const struct dbc_draft_message *message, const struct dbc_report *report);

#endif
