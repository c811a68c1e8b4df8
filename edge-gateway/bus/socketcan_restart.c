#include "edge-gateway/bus/socketcan_restart.h"

#include <errno.h>
#include <linux/can/netlink.h>
#include <stddef.h>
#include <sys/socket.h>

_Static_assert(sizeof(SOCKETCAN_RESTART_KIND) % RTA_ALIGNTO == 0, "no padding after the kind");
_Static_assert(sizeof(struct socketcan_restart) ==
                   offsetof(struct socketcan_restart, value) + sizeof(uint32_t),
               "no padding at the end");

#define LENGTH_FROM(member)                              \
    ((unsigned short)(sizeof(struct socketcan_restart) - \
                      offsetof(struct socketcan_restart, member)))

struct socketcan_restart socketcan_restart_message(int interface_index, uint32_t seq)
{
    struct socketcan_restart message = {
        .header = {.nlmsg_len = sizeof(message),
                   .nlmsg_type = RTM_NEWLINK,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
                   .nlmsg_seq = seq},
        .info = {.ifi_family = AF_UNSPEC, .ifi_index = interface_index},
        .link_info = {LENGTH_FROM(link_info), IFLA_LINKINFO},
        .kind = {RTA_LENGTH(sizeof(SOCKETCAN_RESTART_KIND)), IFLA_INFO_KIND},
        .kind_text = SOCKETCAN_RESTART_KIND,
        .data = {LENGTH_FROM(data), IFLA_INFO_DATA},
        .restart = {RTA_LENGTH(sizeof(uint32_t)), IFLA_CAN_RESTART},
        .value = 1,
    };
    return message;
}

const char *socketcan_restart_text(int error)
{
    switch (error) {
    case -EPERM:
        return "may not be restarted: the gateway needs CAP_NET_ADMIN, or the interface restart-ms";
    case -EINVAL:
        return "the interface restarts the controller by itself";
    case -EBUSY:
        return "the controller is on its way back";
    default:
        return "the controller has left the bus, and cannot be restarted";
    }
}
