/*
 * Watches one network interface by name: tells when it appears, changes and goes, from the kernel's
 * own notifications (rtnetlink(7)), without polling. For a CAN controller it reads what the same
 * notifications carry: controller state, bit rate, error counters.
 */
#ifndef EDGE_GATEWAY_BUS_SOCKETCAN_LINK_H
#define EDGE_GATEWAY_BUS_SOCKETCAN_LINK_H

#include "common/attributes.h"
#include "common/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct socketcan_link;

struct socketcan_link_status {
    bool present;     /* all below are zero when it is not */
    bool up;          /* administratively; a controller that is bus-off is still up */
    bool has_carrier; /* without, the kernel drops in silence what is sent */
    bool is_can;
    int index;                 /* a new one each time the interface is created */
    uint32_t mtu_bytes;        /* CANFD_MTU: takes FD frames */
    bool has_controller;       /* false for virtual interfaces; the fields below are zero then */
    uint32_t controller_state; /* enum can_state of linux/can/netlink.h */
    uint32_t bitrate;          /* bit/s in the arbitration phase; 0 = not set */
    uint32_t data_bitrate;     /* ... of FD frames; 0 = not set */
    uint8_t tx_errors;
    uint8_t rx_errors;
};

struct socketcan_link_handler {
    /* The status is borrowed during the call. */
    void (*status)(void *context, const struct socketcan_link_status *status);
    /* What the kernel said to a restart: 0 or -errno. */
    void (*restarted)(void *context, int error);
    void *context;
};

/* `name` and the handler are copied. 0, -EINVAL (name too long or empty), -ENOMEM. */
EDGE_MUST_CHECK int socketcan_link_new(struct loop *loop, const char *name,
                                       const struct socketcan_link_handler *handler,
                                       struct socketcan_link **ret);
void socketcan_link_free(struct socketcan_link *link);

/* Begins to watch; the first status follows in the loop. 0 or -errno. */
EDGE_MUST_CHECK int socketcan_link_start(struct socketcan_link *link);

/* Asks the kernel for the status, which then follows in the loop; notices of a carrier and of a
 * controller's state come late or not at all. 0 or -errno. */
int socketcan_link_ask(struct socketcan_link *link);

/* Asks the kernel to restart a controller that is bus-off; the answer comes in the loop. 0 or
 * -errno: it was not asked. */
EDGE_MUST_CHECK int socketcan_link_restart(struct socketcan_link *link);

#endif
