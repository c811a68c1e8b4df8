/*
 * What one line of a log says, whatever the form of the log, and the pieces of it that the forms
 * give in the same way. Pure.
 */
#ifndef EDGE_GATEWAY_CAN_LOG_LINE_H
#define EDGE_GATEWAY_CAN_LOG_LINE_H

#include "edge-gateway/can/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_BUS_MAX_BYTES     64 /* longer names are refused */
#define LOG_CHANNEL_MAX       9999
#define LOG_CHANNEL_NAME_SIZE 8 /* "can9999" */

enum log_result {
    LOG_FRAME,
    LOG_BLANK,     /* an empty line or a comment */
    LOG_HEADER,    /* tells of the log: its form, its start */
    LOG_EVENT,     /* something happened that is no frame: statistics, a controller's state */
    LOG_MALFORMED, /* none of these */
    LOG_FOREIGN    /* the log is no text that can be read: see log_format_foreign() */
};

struct log_line {
    struct frame frame; /* ts_us is 0 where the log has no times; `bus` is 0 */
    const char *bus;    /* the name of the interface: a span of the line or of the parser */
    size_t bus_length;
};

/* A numbered channel and the name it gets: "can1" is channel 1. All zero at first. */
struct log_channel {
    uint16_t number;
    char name[LOG_CHANNEL_NAME_SIZE];
};

/* Names the line's bus after the channel, which lives as long as the line. */
void log_line_set_channel(struct log_line *line, uint16_t number, struct log_channel *channel);

/* An error frame of which no more is known: class bus error, as linux/can/error.h has it. */
void log_line_set_error(struct log_line *line);

/* The payload that a data length code of 0 to 15 means (ISO 11898-1:2015, table 5). */
uint8_t log_line_dlc_bytes(unsigned dlc, bool fd);

#endif
