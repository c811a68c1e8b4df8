/*
 * candump text: one line, one frame. Reads the log form (`candump -L`) and what candump prints for
 * people, with and without time; writes the log form. Pure, no allocation.
 *
 *   (1436509052.249713) vcan0 044#2A366C2BBA      log form; 18FEF100#.. has eight digits: extended
 *   (1436509052.449847) vcan0 121##1AABBCC        CAN FD: a flags digit (1 = BRS, 2 = ESI), data
 *   (1436509052.549847) vcan0 121#R4              remote request for four bytes
 *   (1436509052.649847) vcan0 20000088#00..       error frame: the id has CAN_ERR_FLAG
 *    can0  18FEF100   [8]  00 11 22 33 44 55 66 77   '........'
 *    (000.000123)  can0  RX - -  123   [03]  11 22 33          two digits in [..]: CAN FD
 */
#ifndef EDGE_GATEWAY_CAN_CANDUMP_H
#define EDGE_GATEWAY_CAN_CANDUMP_H

#include "edge-gateway/can/frame.h"

#include <stddef.h>

/* A full CAN FD frame with a bus name of up to CANDUMP_BUS_MAX bytes. */
#define CANDUMP_TEXT_MAX 256
#define CANDUMP_BUS_MAX  64

enum candump_result {
    CANDUMP_FRAME,
    CANDUMP_BLANK,    /* an empty line, or a comment: '#', '//' or ';' first */
    CANDUMP_MALFORMED /* neither; nothing was written */
};

struct candump_line {
    struct frame frame; /* ts_us is 0 without a time; its `bus` is 0 */
    const char *bus;    /* the interface name: a span of the line */
    size_t bus_length;
};

/* `line` without its newline; it need not end in NUL. */
enum candump_result candump_parse(const char *line, size_t length, struct candump_line *ret);

/*
 * The log form, NUL-terminated, without a newline. Bus names are cut at CANDUMP_BUS_MAX bytes; a
 * time before 1970 is written as 0. Returns the length.
 */
size_t candump_format(const struct frame *frame, const char *bus, char text[CANDUMP_TEXT_MAX]);

#endif
