/*
 * The kernel's message that restarts a CAN controller which is bus-off (`ip link set can0 type can
 * restart`). Pure.
 */
#ifndef EDGE_GATEWAY_BUS_SOCKETCAN_RESTART_H
#define EDGE_GATEWAY_BUS_SOCKETCAN_RESTART_H

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdint.h>

#define SOCKETCAN_RESTART_KIND "can"

/* As it goes over the wire: attributes are padded to four bytes. */
struct socketcan_restart {
    struct nlmsghdr header;
    struct ifinfomsg info;
    struct rtattr link_info; /* holds all that follows */
    struct rtattr kind;
    char kind_text[sizeof(SOCKETCAN_RESTART_KIND)];
    struct rtattr data; /* holds all that follows */
    struct rtattr restart;
    uint32_t value;
};

/* The answer has the same `seq`: an error, or 0. */
struct socketcan_restart socketcan_restart_message(int interface_index, uint32_t seq);

/* What the kernel's answer means (-errno), for a person: why the controller stays off. */
const char *socketcan_restart_text(int error);

#endif
