/*
 * Vector ASCII logs (.asc): a header, then one event a line. Pure, no allocation.
 *
 *   date Sat Sep 30 03:06:13.191 pm 2017           when the measurement started; taken as UTC
 *   base hex  timestamps absolute                  "dec": ids and data of classic frames in
 * decimal; "relative": times since the event before Begin Triggerblock Sat Sep 30 ... 2017 2.501000
 * 1  1F4             Rx   d 8 01 02 03 04 05 06 07 08  Length = 240015 ID = 500 2.502000 2
 * 18EBFF00x       Tx   d 0             extended id; channel 2 becomes bus "can2" 2.503000 1  200 Rx
 * r 8             remote request for eight bytes 2.504000 1  ErrorFrame      ECC: 10100010 2.505000
 * CANFD   3 Rx  300  Name  1 0 9 12 00 .. 0B   102203  133   303000 .. name (may be absent), BRS,
 * ESI, DLC, bytes, data, duration, bits, flags
 *
 * ts_us counts from the date of the header. The date of a trigger block takes its place where the
 * times begin anew with the block (its first line is at 0) or where the header has none; without
 * any date it counts from 0. CAN XL, LIN, statistics and everything else with a time are events.
 */
#ifndef EDGE_GATEWAY_CAN_ASC_H
#define EDGE_GATEWAY_CAN_ASC_H

#include "edge-gateway/can/log_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the lines before tell of the next one. All zero at the beginning of a log. */
struct asc {
    int64_t origin_us;  /* what the times count from, since 1970 */
    int64_t elapsed_us; /* relative times: their sum since then */
    int64_t block_us;   /* the date of the trigger block that has just begun */
    bool has_origin;
    bool block_begins; /* `block_us` is set, and no line with a time has followed */
    bool relative;
    bool decimal;
    struct log_channel channel;
};

/* `line` without its newline; it need not end in NUL. *ret is written with LOG_FRAME alone; its bus
 * name is a span of `asc`, valid until the next call. */
enum log_result asc_parse(struct asc *asc, const char *line, size_t length, struct log_line *ret);

#endif
