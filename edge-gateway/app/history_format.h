/*
 * How `history` prints what is in a frame log:
 *
 *   ndjson   as `decode` prints a frame, with its seq; an event as on its topic; a gap as
 *            {"ranges":[[1001,1043]],"reason":"restart"}
 *   candump  the log form of can/candump.h; a gap as a comment
 *   csv      a row for each value: ts,seq,bus,message,signal,value,unit; of one message alone a row
 *            for each reading: ts,seq,bus and its signals. RFC 4180, but for "\n" as line end
 */
#ifndef EDGE_GATEWAY_APP_HISTORY_FORMAT_H
#define EDGE_GATEWAY_APP_HISTORY_FORMAT_H

#include "common/attributes.h"
#include "edge-gateway/app/history_bus.h"
#include "edge-gateway/app/output.h"
#include "edge-gateway/can/frame.h"
#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/framelog/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One frame of the log; all borrowed. */
struct history_frame {
    uint64_t seq;
    const struct frame *frame;
    const struct history_bus *bus;
    const struct dbc_message *message; /* NULL: not decoded, or unknown */
    const struct dbc_value *values;    /* those that are wanted */
    size_t count;
};

struct history_writer {
    const struct history_format *format;
    struct output output;
    const struct dbc_message *columns; /* csv of one message: its signals, or `signal` alone */
    const char *signal;                /* NULL: all */
};

/* Each writes to writer->output, whose error is sticky. NULL: the format has no place for it. */
struct history_format {
    const char *name;
    bool decodes;        /* it cannot do without DBC files */
    bool prints_unknown; /* frames that no DBC knows, if they are wanted */
    void (*begin)(struct history_writer *writer);
    void (*frame)(struct history_writer *writer, const struct history_frame *frame);
    void (*event)(struct history_writer *writer, const struct segment_record *event);
    void (*gap)(struct history_writer *writer, uint64_t first, uint64_t last, const char *reason);
};

extern const struct history_format history_csv; /* history_csv.c */

/* NULL: there is none of that name. */
const struct history_format *history_format_find(const char *name);

/* To standard output. `buses` get what their format needs of them. 0 or -ENOMEM. */
EDGE_MUST_CHECK int history_writer_init(struct history_writer *writer,
                                        const struct history_format *format,
                                        struct history_buses *buses);
void history_writer_deinit(struct history_writer *writer, struct history_buses *buses);

#endif
