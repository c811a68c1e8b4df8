#include "edge-gateway/bus/socketcan_link.h"

#include "edge-gateway/bus/socketcan_restart.h"

#include <errno.h>
#include <linux/can/netlink.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of our requests, by which answers are told apart. */
enum {
    SEQ_STATUS = 1,
    SEQ_RESTART
};

#define MESSAGES_PER_WAKE 64
#define RECEIVE_BYTES     32768 /* NLMSG_GOODSIZE is less; a CAN link's message is below 2 KiB */

struct socketcan_link {
    struct loop *loop;
    char name[IFNAMSIZ];
    struct socketcan_link_handler handler;
    int fd;
    struct loop_fd source;
    int index; /* of the interface as last seen; 0 = absent */
    _Alignas(struct nlmsghdr) unsigned char received[RECEIVE_BYTES];
};

int socketcan_link_new(struct loop *loop, const char *name,
                       const struct socketcan_link_handler *handler, struct socketcan_link **ret)
{
    size_t length = strlen(name);
    if (length == 0 || length >= IFNAMSIZ) {
        return -EINVAL;
    }
    struct socketcan_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return -ENOMEM;
    }
    link->loop = loop;
    memcpy(link->name, name, length + 1);
    link->handler = *handler;
    link->fd = -1;
    *ret = link;
    return 0;
}

void socketcan_link_free(struct socketcan_link *link)
{
    if (link == NULL) {
        return;
    }
    loop_fd_unwatch(link->loop, &link->source);
    if (link->fd >= 0) {
        (void)close(link->fd);
    }
    free(link);
}

/* The kernel answers with RTM_NEWLINK, or with NLMSG_ERROR when there is no such interface. */
int socketcan_link_ask(struct socketcan_link *link)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
        struct rtattr name_attribute;
        char name[IFNAMSIZ];
    } request = {
        .header = {.nlmsg_len = sizeof(request),
                   .nlmsg_type = RTM_GETLINK,
                   .nlmsg_flags = NLM_F_REQUEST,
                   .nlmsg_seq = SEQ_STATUS},
        .info = {.ifi_family = AF_UNSPEC},
        .name_attribute = {.rta_len = RTA_LENGTH(IFNAMSIZ), .rta_type = IFLA_IFNAME},
    };
    memcpy(request.name, link->name, sizeof(request.name));
    return send(link->fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* Copies an attribute's value; shorter ones leave the rest of *ret alone (an older kernel). */
static void copy_value(const struct rtattr *attribute, void *ret, size_t size)
{
    size_t length = RTA_PAYLOAD(attribute);
    memcpy(ret, RTA_DATA(attribute), length < size ? length : size);
}

/* The first attribute of that type in a span, or NULL. */
static const struct rtattr *find_attribute(const void *data, size_t length, unsigned type)
{
    const struct rtattr *attribute = data;
    while (RTA_OK(attribute, length)) {
        if ((attribute->rta_type & NLA_TYPE_MASK) == type) {
            return attribute;
        }
        attribute = RTA_NEXT(attribute, length);
    }
    return NULL;
}

static const struct rtattr *find_nested(const struct rtattr *parent, unsigned type)
{
    return parent == NULL ? NULL : find_attribute(RTA_DATA(parent), RTA_PAYLOAD(parent), type);
}

static uint8_t saturated(uint16_t count)
{
    return count > UINT8_MAX ? UINT8_MAX : (uint8_t)count;
}

static uint32_t read_bitrate(const struct rtattr *timing)
{
    struct can_bittiming value = {0};
    if (timing != NULL) {
        copy_value(timing, &value, sizeof(value));
    }
    return value.bitrate;
}

static void read_controller(const struct rtattr *link_info, struct socketcan_link_status *status)
{
    const struct rtattr *data = find_nested(link_info, IFLA_INFO_DATA);
    const struct rtattr *state = find_nested(data, IFLA_CAN_STATE);
    if (state == NULL) {
        return;
    }
    status->has_controller = true;
    copy_value(state, &status->controller_state, sizeof(status->controller_state));

    status->bitrate = read_bitrate(find_nested(data, IFLA_CAN_BITTIMING));
    status->data_bitrate = read_bitrate(find_nested(data, IFLA_CAN_DATA_BITTIMING));
    const struct rtattr *counters = find_nested(data, IFLA_CAN_BERR_COUNTER);
    if (counters != NULL) {
        struct can_berr_counter value = {0};
        copy_value(counters, &value, sizeof(value));
        status->tx_errors = saturated(value.txerr);
        status->rx_errors = saturated(value.rxerr);
    }
}

static void tell_absent(struct socketcan_link *link)
{
    link->index = 0;
    link->handler.status(link->handler.context, &(struct socketcan_link_status){0});
}

static bool name_is_ours(const struct socketcan_link *link, const struct rtattr *name)
{
    size_t length = name == NULL ? 0 : RTA_PAYLOAD(name);
    return length > 0 && strncmp(RTA_DATA(name), link->name, length) == 0;
}

static void on_new_link(struct socketcan_link *link, const struct nlmsghdr *message)
{
    const struct ifinfomsg *info = NLMSG_DATA(message);
    const void *attributes = IFLA_RTA(info);
    size_t length = IFLA_PAYLOAD(message);
    if (!name_is_ours(link, find_attribute(attributes, length, IFLA_IFNAME))) {
        if (link->index != 0 && info->ifi_index == link->index) {
            tell_absent(link); /* renamed */
        }
        return;
    }
    struct socketcan_link_status status = {
        .present = true,
        .up = (info->ifi_flags & IFF_UP) != 0,
        .has_carrier = (info->ifi_flags & IFF_LOWER_UP) != 0,
        .is_can = info->ifi_type == ARPHRD_CAN,
        .index = info->ifi_index,
    };
    const struct rtattr *mtu = find_attribute(attributes, length, IFLA_MTU);
    if (mtu != NULL) {
        copy_value(mtu, &status.mtu_bytes, sizeof(status.mtu_bytes));
    }
    read_controller(find_attribute(attributes, length, IFLA_LINKINFO), &status);
    link->index = status.index;
    link->handler.status(link->handler.context, &status);
}

/* Of a request for the status: there is no such interface. */
static void on_answer(struct socketcan_link *link, const struct nlmsghdr *message, size_t payload)
{
    const struct nlmsgerr *answer = NLMSG_DATA(message);
    if (message->nlmsg_seq != SEQ_RESTART) {
        tell_absent(link);
    } else if (payload >= sizeof(*answer)) {
        link->handler.restarted(link->handler.context, answer->error);
    }
}

static void on_message(struct socketcan_link *link, const struct nlmsghdr *message)
{
    const struct ifinfomsg *info = NLMSG_DATA(message);
    size_t payload = message->nlmsg_len - NLMSG_HDRLEN;
    switch (message->nlmsg_type) {
    case NLMSG_ERROR:
        on_answer(link, message, payload);
        break;
    case RTM_NEWLINK:
        if (payload >= sizeof(*info)) {
            on_new_link(link, message);
        }
        break;
    case RTM_DELLINK:
        if (payload >= sizeof(*info) && link->index != 0 && info->ifi_index == link->index) {
            tell_absent(link);
        }
        break;
    default:
        break;
    }
}

static void on_ready(void *context, uint32_t events)
{
    struct socketcan_link *link = context;
    (void)events;
    for (int budget = MESSAGES_PER_WAKE; budget > 0; budget--) {
        ssize_t size = recv(link->fd, link->received, sizeof(link->received), 0);
        if (size < 0 && errno == ENOBUFS) {
            /* Notifications were lost: ask where we stand. Should even that fail, the next
             * notification sets it right. */
            (void)socketcan_link_ask(link);
            continue;
        }
        if (size <= 0) {
            return;
        }
        const struct nlmsghdr *message = (const struct nlmsghdr *)link->received;
        size_t left = (size_t)size;
        while (NLMSG_OK(message, left)) {
            on_message(link, message);
            message = NLMSG_NEXT(message, left);
        }
    }
}

int socketcan_link_start(struct socketcan_link *link)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) {
        return -errno;
    }
    link->fd = fd;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        return -errno;
    }
    link->source = (struct loop_fd){.fn = on_ready, .context = link};
    int r = loop_fd_watch(link->loop, &link->source, fd, EPOLLIN);
    if (r < 0) {
        return r;
    }
    return socketcan_link_ask(link);
}

int socketcan_link_restart(struct socketcan_link *link)
{
    if (link->index == 0) {
        return -ENODEV;
    }
    const struct socketcan_restart message = socketcan_restart_message(link->index, SEQ_RESTART);
    return send(link->fd, &message, sizeof(message), 0) < 0 ? -errno : 0;
}
