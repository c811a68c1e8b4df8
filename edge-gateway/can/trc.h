/*
 * PEAK trace files (.trc) of PCAN-View and PCAN-Explorer, versions 1.0 to 2.1 (PEAK CAN TRC File
 * Format). Pure, no allocation.
 *
 *   ;$FILEVERSION=2.1
 *   ;$STARTTIME=43008.920986006946             days since 1899-12-30; taken as UTC
 *   ;$COLUMNS=N,O,T,B,I,d,R,L,D                from 2.0 on; before, the version says it
 *   ;---+-- ------+------ +- +- --+----- ...   comment
 *        1      2501.000 DT 2      00C8 Tx -  8    09 08 07 06 05 04 03 02     2.1
 *        2      2502.500 RR 1  18EBFF00 Rx -  8                                remote request
 *        1)      6357.213 1  Rx        0401 -  8    00 00 00 00 00 00 00 00    1.3, 1.2 without "-"
 *        1)      6357.2  Rx        0401  8    00 00 00 00 00 00 00 00          1.1
 *        1)      6357  0401  8    00 00 00 00 00 00 00 00                      1.0: no version line
 *
 * N number, O milliseconds since the start, T type, B bus ("can1" is bus 1, and where there is no
 * column), I id (more than four digits: extended), d direction or, before 2.0, the type, R
 * reserved, L data length code, l bytes, D data. Types: DT classic, FD, FB (BRS), FE (ESI), BI
 * (both), RR remote, ER error frame; ST, EC, EV and warnings are events. 1.0 has no start: its
 * ts_us counts from 0.
 */
#ifndef EDGE_GATEWAY_CAN_TRC_H
#define EDGE_GATEWAY_CAN_TRC_H

#include "edge-gateway/can/log_line.h"

#include <stddef.h>
#include <stdint.h>

#define TRC_COLUMNS_SIZE 16

/* What the header tells of the lines. All zero at the beginning of a log: version 1.0. */
struct trc {
    int64_t start_us;               /* since 1970; 0 without a start */
    char columns[TRC_COLUMNS_SIZE]; /* their letters in order, "" = as in version 1.0 */
    struct log_channel channel;
};

/* `line` without its newline; it need not end in NUL. *ret is written with LOG_FRAME alone; its bus
 * name is a span of `trc`, valid until the next call. */
enum log_result trc_parse(struct trc *trc, const char *line, size_t length, struct log_line *ret);

#endif
