/*
 * What each bus driver needs to know: plain values, made by the configuration. Zero is a usable
 * default for every field that does not say otherwise. Everything pointed to is borrowed until
 * bus_open() returns.
 */
#ifndef EDGE_GATEWAY_BUS_BUS_OPTIONS_H
#define EDGE_GATEWAY_BUS_BUS_OPTIONS_H

#include "edge-gateway/can/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bus_kind {
    BUS_KIND_SOCKETCAN,
    BUS_KIND_REPLAY,
    BUS_KIND_SIMULATE,
    BUS_KIND_COUNT
};

/* "socketcan", "replay", "simulate"; false if it is none of them. */
bool bus_kind_from_text(const char *text, enum bus_kind *ret);
const char *bus_kind_text(enum bus_kind kind);

/* Passes frames with (id & mask) == (can_id & mask) and the same id length. */
struct bus_filter {
    uint32_t can_id;
    uint32_t mask; /* of the arbitration id; all ones = exactly this id */
    bool extended;
};

struct bus_socketcan_options {
    const char *interface;            /* required, such as "can0" */
    const struct bus_filter *filters; /* what the kernel lets through; none, or more than the kernel
                                         takes (512), = everything */
    size_t filter_count;
    uint32_t receive_buffer_bytes; /* SO_RCVBUF; 0 = the kernel's default, a few hundred frames */
};

enum bus_replay_stamps {
    BUS_REPLAY_STAMPS_DEFAULT,  /* original when as fast as possible, else now */
    BUS_REPLAY_STAMPS_ORIGINAL, /* as in the log */
    BUS_REPLAY_STAMPS_NOW       /* as if the log were happening now */
};

/* A log of any form in can/log_format.h. */
struct bus_replay_options {
    const char *path; /* required: a regular file or a named pipe */
    double speed;     /* 1 = as recorded, 10 = ten times faster; 0 = as fast as possible */
    bool loop;        /* begin again at the end; a pipe cannot */
    enum bus_replay_stamps stamps;
    const char *interface; /* only frames recorded on this one; NULL = all */
    const char *sent_path; /* what is sent is added to this file, or goes into this named pipe that
                              somebody reads, as candump text; NULL = nothing can be sent */
};

struct bus_simulate_options {
    double time_factor; /* how much faster than real time physics runs; 0 = 1; messages keep their
                           cycle times */
    uint64_t seed;      /* of the sensors' noise and the weather */
};

#endif
