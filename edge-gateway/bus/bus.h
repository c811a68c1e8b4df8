/*
 * A CAN bus behind one small interface: real (socketcan), recorded (replay) or imagined (simulate).
 *
 * A bus lives in one event loop and reports through its handler: frames in batches, and every
 * change of its state. It takes no decisions and opens itself again after anything that can happen
 * to an interface: absent, down, up, removed and created anew, bus-off.
 *
 * Order: bus_open(), bus_start(), bus_send() and bus_stats() any time later, bus_free(). No
 * callback runs before bus_start() or after bus_free(); none runs inside bus_send(). A callback may
 * send, and must not free the bus.
 */
#ifndef EDGE_GATEWAY_BUS_BUS_H
#define EDGE_GATEWAY_BUS_BUS_H

#include "common/attributes.h"
#include "common/loop.h"
#include "edge-gateway/bus/bus_options.h"
#include "edge-gateway/can/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bus;

enum bus_state {
    BUS_STATE_DOWN, /* the interface is absent or down; before the start; after the end of a log */
    BUS_STATE_UP,
    BUS_STATE_NO_TRAFFIC,    /* up, and silent for longer than `silence_us` */
    BUS_STATE_ERROR_WARNING, /* an error counter of the controller reached 96 */
    BUS_STATE_ERROR_PASSIVE, /* ... 128 */
    BUS_STATE_BUS_OFF,       /* ... 256: the controller has left the bus */
    BUS_STATE_COUNT
};

/* What an error frame is about: the bits of linux/can/error.h in their order, bit 0 first. */
enum bus_error_class {
    BUS_ERROR_TX_TIMEOUT,
    BUS_ERROR_LOST_ARBITRATION,
    BUS_ERROR_CONTROLLER,
    BUS_ERROR_PROTOCOL,
    BUS_ERROR_TRANSCEIVER,
    BUS_ERROR_NO_ACK,
    BUS_ERROR_BUS_OFF,
    BUS_ERROR_BUS_ERROR,
    BUS_ERROR_RESTARTED,
    BUS_ERROR_CLASS_COUNT
};

struct bus_status {
    uint8_t bus; /* index in the configuration */
    enum bus_state state;
    const char *reason; /* one phrase for people, never NULL; valid during the callback */
    bool finished;      /* replay: the log has been played to its end; nothing follows */
};

struct bus_handler {
    /* `count` >= 1 frames in order of arrival, borrowed during the call. Error frames are counted
     * and turned into states, and go to `error`. */
    void (*frames)(void *context, const struct frame *frames, size_t count);
    /* The state, its reason or `finished` changed. The first call tells the state after the start;
     * it may come from within bus_start(). May be NULL. */
    void (*state)(void *context, const struct bus_status *status);
    /* How many frames the consumer can take now. Replay as fast as possible hands over no more and,
     * at 0, asks again a millisecond later; live drivers do not ask. NULL = no limit. */
    size_t (*room)(void *context);
    /* An error frame, borrowed during the call, beside its counting; live drivers only. May be
     * NULL. */
    void (*error)(void *context, const struct frame *frame);
    void *context;
};

/* Text is borrowed until bus_open() returns; `loop` must outlive the bus. */
struct bus_options {
    struct loop *loop;
    uint8_t index;    /* becomes frame.bus */
    const char *name; /* as in the configuration; for the debug log */
    enum bus_kind kind;
    struct bus_handler handler;
    int64_t silence_us; /* BUS_STATE_NO_TRAFFIC after this long without a frame; 0 = never */
    struct bus_socketcan_options socketcan; /* the one that `kind` names is used */
    struct bus_replay_options replay;
    struct bus_simulate_options simulate;
};

/* All counted since bus_open(), through every re-opening. */
struct bus_stats {
    uint64_t received;       /* frames handed to the handler */
    uint64_t malformed;      /* socketcan: frames of impossible size; replay: lines */
    uint64_t malformed_line; /* replay: number of the first such line, from 1; 0 = none */
    uint64_t kernel_dropped; /* received by the kernel, lost because we read too late */
    uint64_t error_frames[BUS_ERROR_CLASS_COUNT]; /* one frame may count in several classes */
    uint64_t sent; /* accepted for sending, which is not yet delivery */
    uint64_t send_failed;
    enum bus_state state;
    uint32_t bitrate;      /* bit/s in the arbitration phase; 0 = not known */
    uint32_t data_bitrate; /* ... of FD frames that switch; 0 = not known, or they do not */
    uint8_t tx_errors;     /* the controller's error counters as last reported */
    uint8_t rx_errors;
};

/* 0; -EINVAL for options that make no sense; -ENOMEM; replay: why the file cannot be played
 * (-ENOENT, -EACCES, -EISDIR; -ESPIPE: a pipe cannot be looped or is no pipe and no file), or why
 * what is sent cannot be written (-ENXIO: nobody reads the pipe). An absent interface is a state,
 * not an error. */
EDGE_MUST_CHECK int bus_open(const struct bus_options *options, struct bus **ret);
void bus_free(struct bus *bus);

/* 0 or -errno: the bus cannot even wait for its interface (no netlink). */
EDGE_MUST_CHECK int bus_start(struct bus *bus);

/* Another handler, index, `silence_us`, filters or receive buffer from now on, while frames come:
 * what has not been read yet stays to be read, and no frame is missed. All else in `options` must
 * be what the bus was opened with. 0; -errno: the kernel did not take all of it, the rest holds. */
EDGE_MUST_CHECK int bus_change(struct bus *bus, const struct bus_options *options);

/* Hands one frame to the bus; its `ts_us` and `bus` are ignored. 0; -ENETDOWN (down or bus-off);
 * -ENOBUFS or -EAGAIN (queue full, try later); -EINVAL (no such frame: length, id); -EOPNOTSUPP
 * (replay without `sent_path`; FD on an interface without). A frame sent is not received back. */
EDGE_MUST_CHECK int bus_send(struct bus *bus, const struct frame *frame);

void bus_stats(const struct bus *bus, struct bus_stats *ret);

/* "up", "down", "no_traffic", "error_warning", "error_passive", "bus_off". */
const char *bus_state_text(enum bus_state state);
/* "tx_timeout", "lost_arbitration", "controller", ... */
const char *bus_error_class_text(enum bus_error_class class);

#endif
