/*
 * candump text: one line, one frame. Reads the log form (`candump -L`) and what candump prints for
 * people, with and without time; writes the log form. Pure, no allocation.
 *
 *   (1436509052.249713) vcan0 044#2A366C2BBA      log form; 18FEF100#.. has eight digits: extended
 *   (1436509052.249713) vcan0 044#2A366C2BBA T    with -x: sent by this host (R: received)
 *   (1436509052.449847) vcan0 121##1AABBCC        CAN FD: a flags digit (1 = BRS, 2 = ESI), data
 *   (1436509052.549847) vcan0 121#R4              remote request for four bytes
 *   (1436509052.649847) vcan0 20000088#00..       error frame: the id has CAN_ERR_FLAG
 *    can0  18FEF100   [8]  00 11 22 33 44 55 66 77   '........'
 *    (000.000123)  can0  RX - -  123   [03]  11 22 33          two digits in [..]: CAN FD
 *
 * The time is what candump printed, in microseconds: since 1970 with -ta, -tA (a date and a time of
 * day, taken as UTC) and in the log form; since the first frame with -tz; since the frame before
 * with -td, so that a sum of them is a time. -td and -tz look alike, and which it was is not told.
 */
#ifndef EDGE_GATEWAY_CAN_CANDUMP_H
#define EDGE_GATEWAY_CAN_CANDUMP_H

#include "edge-gateway/can/log_line.h"

#include <stddef.h>

/* A full CAN FD frame with a bus name of up to LOG_BUS_MAX_BYTES. */
#define CANDUMP_TEXT_MAX 256

/*
 * `line` without its newline; it need not end in NUL. LOG_FRAME, LOG_BLANK (a comment begins with
 * '#', '//' or ';'), LOG_EVENT (what candump says of lost frames and, behind a tab, of errors) or
 * LOG_MALFORMED; *ret is written with LOG_FRAME alone, its time is 0 where there is none.
 */
enum log_result candump_parse(const char *line, size_t length, struct log_line *ret);

/*
 * The log form, NUL-terminated, without a newline. Bus names are cut at LOG_BUS_MAX_BYTES; a time
 * before 1970 is written as 0. Returns the length.
 */
size_t candump_format(const struct frame *frame, const char *bus, char text[CANDUMP_TEXT_MAX]);

#endif
