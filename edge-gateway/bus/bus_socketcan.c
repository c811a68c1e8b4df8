/*
 * The driver for real (and virtual) CAN interfaces of Linux.
 *
 * The socket lives as long as the interface does, not as long as it is up: one that is bound while
 * its interface is down receives again as soon as that comes up, and nothing is missed.
 *
 *   absent ──appears──▶ present, socket open ──removed, socket error──▶ absent or socket closed
 *                         └ down / up / error states, told by link notices and error frames
 */
#include "edge-gateway/bus/bus_driver.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/netlink.h>
#include <linux/can/raw.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "edge-gateway/bus/bus_off.h"
#include "edge-gateway/bus/drop_count.h"
#include "edge-gateway/bus/socketcan_error.h"
#include "edge-gateway/bus/socketcan_frame.h"
#include "edge-gateway/bus/socketcan_link.h"
#include "edge-gateway/bus/socketcan_restart.h"

#define BATCH_FRAMES    64
#define REOPEN_WAIT_US  (1 * US_PER_S) /* after a socket error which no link notice explains */
#define NO_CARRIER_TEXT "no carrier: nothing can be sent until the interface is set down and up"

struct receive_slot {
    struct canfd_frame frame;
    _Alignas(struct cmsghdr) unsigned char control[CMSG_SPACE(sizeof(struct timespec)) +
                                                   CMSG_SPACE(sizeof(uint32_t))];
};

struct socketcan {
    struct bus_port *port;
    struct loop *loop;
    struct can_filter *filters; /* NULL = receive everything */
    size_t filter_count;
    int receive_buffer_bytes;
    struct socketcan_link *link;
    struct socketcan_link_status status;
    int fd; /* -1 = closed */
    struct loop_fd source;
    struct timer reopen_timer;
    struct bus_off bus_off;
    struct timer restart_timer; /* of a controller that is bus-off */
    struct drop_count dropped;  /* of this socket */
    struct mmsghdr headers[BATCH_FRAMES];
    struct iovec vectors[BATCH_FRAMES];
    struct receive_slot slots[BATCH_FRAMES];
    struct frame frames[BATCH_FRAMES];
};

static void count_dropped(struct socketcan *can, uint32_t value)
{
    can->port->stats.kernel_dropped += drop_count_note(&can->dropped, value);
}

/* SO_RXQ_OVFL tells of lost frames with the next one that is received. When that is yet to come, or
 * never will, the socket itself has to be asked. */
static void ask_dropped(struct socketcan *can)
{
    uint32_t memory[SK_MEMINFO_VARS];
    socklen_t size = sizeof(memory);
    if (getsockopt(can->fd, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0 && size == sizeof(memory)) {
        count_dropped(can, memory[SK_MEMINFO_DROPS]);
    }
}

static void close_socket(struct socketcan *can)
{
    loop_timer_cancel(can->loop, &can->reopen_timer);
    if (can->fd < 0) {
        return;
    }
    ask_dropped(can);
    loop_fd_unwatch(can->loop, &can->source);
    (void)close(can->fd);
    can->fd = -1;
}

static void prepare_batch(struct socketcan *can)
{
    for (size_t i = 0; i < BATCH_FRAMES; i++) {
        struct receive_slot *slot = &can->slots[i];
        can->vectors[i] = (struct iovec){&slot->frame, sizeof(slot->frame)};
        can->headers[i].msg_hdr = (struct msghdr){
            .msg_iov = &can->vectors[i],
            .msg_iovlen = 1,
            .msg_control = slot->control,
            .msg_controllen = sizeof(slot->control),
        };
    }
}

static void read_control(struct socketcan *can, struct msghdr *header, struct frame *frame)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET) {
            continue;
        }
        if (c->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
            frame->ts_us = (int64_t)stamp.tv_sec * US_PER_S + stamp.tv_nsec / 1000;
        } else if (c->cmsg_type == SO_RXQ_OVFL) {
            uint32_t value;
            memcpy(&value, CMSG_DATA(c), sizeof(value));
            count_dropped(can, value);
        }
    }
}

static int read_slot(struct socketcan *can, size_t i, struct frame *frame)
{
    struct mmsghdr *header = &can->headers[i];
    int r = socketcan_frame_decode(&can->slots[i].frame, header->msg_len, frame);
    if (r < 0) {
        return r;
    }
    frame->bus = can->port->index;
    frame->ts_us = loop_realtime_us(can->loop); /* unless the kernel says better */
    if ((header->msg_hdr.msg_flags & MSG_DONTROUTE) != 0) {
        frame->flags |= FRAME_TX; /* by another program on this host */
    }
    read_control(can, &header->msg_hdr, frame);
    return 0;
}

/* Tells it; a controller that is bus-off is restarted in a while. */
static void set_state(struct socketcan *can, enum bus_state state, const char *reason)
{
    int64_t restart_us;
    bool is_off = state == BUS_STATE_BUS_OFF;
    if (bus_off_note(&can->bus_off, is_off, loop_now_us(can->loop), &restart_us)) {
        loop_timer_at(can->loop, &can->restart_timer, restart_us);
    } else if (!is_off) {
        loop_timer_cancel(can->loop, &can->restart_timer);
    }
    bus_port_state(can->port, state, reason);
}

/* Tried on until the controller is back: whatever hindered it may be over. */
static void on_restart(void *context)
{
    struct socketcan *can = context;
    if (can->port->driver_state != BUS_STATE_BUS_OFF) { /* frames said so before the kernel */
        set_state(can, can->port->driver_state, can->port->reason);
        return;
    }
    int r = socketcan_link_restart(can->link);
    loop_timer_at(can->loop, &can->restart_timer,
                  bus_off_again(&can->bus_off, loop_now_us(can->loop)));
    if (r < 0) {
        set_state(can, BUS_STATE_BUS_OFF, socketcan_restart_text(r));
    }
}

static void on_restarted(void *context, int error)
{
    struct socketcan *can = context;
    if (error < 0 && can->port->driver_state == BUS_STATE_BUS_OFF) {
        set_state(can, BUS_STATE_BUS_OFF, socketcan_restart_text(error));
    }
}

/* On the bus. A driver may leave the carrier off after a bus-off (slcan): that matters more. */
static void set_on_bus(struct socketcan *can, enum bus_state state, const char *reason)
{
    set_state(can, state, can->status.has_carrier ? reason : NO_CARRIER_TEXT);
}

static void take_error_frame(struct socketcan *can, const struct frame *frame)
{
    enum bus_state state;
    const char *reason;
    socketcan_error_count(frame, &can->port->stats);
    bus_port_error(can->port, frame);
    if (!socketcan_error_state(frame, &state, &reason)) {
        return;
    }
    if (state == BUS_STATE_BUS_OFF) {
        set_state(can, state, reason);
    } else if (can->port->driver_state == BUS_STATE_BUS_OFF && can->status.has_controller) {
        (void)socketcan_link_ask(can->link); /* whether there is a carrier, too */
    } else {
        set_on_bus(can, state, reason);
    }
}

static void take_frames(struct socketcan *can, size_t count)
{
    bool was_off = can->port->driver_state == BUS_STATE_BUS_OFF;
    if (count > 0 && was_off && !can->status.has_controller) { /* else it tells itself */
        set_state(can, BUS_STATE_UP, "frames are received again");
    }
    bus_port_frames(can->port, can->frames, count);
}

/* Frames are delivered before the state changes that follow them. */
static void take_batch(struct socketcan *can, size_t count)
{
    size_t ready = 0;
    for (size_t i = 0; i < count; i++) {
        struct frame *frame = &can->frames[ready];
        if (read_slot(can, i, frame) < 0) {
            can->port->stats.malformed++;
        } else if ((frame->flags & FRAME_ERROR) == 0) {
            ready++;
        } else {
            struct frame error_frame = *frame;
            take_frames(can, ready);
            ready = 0;
            take_error_frame(can, &error_frame);
        }
    }
    take_frames(can, ready);
}

static void fail_socket(struct socketcan *can, int error)
{
    close_socket(can);
    loop_timer_after(can->loop, &can->reopen_timer, REOPEN_WAIT_US);
    if (error != ENODEV) { /* of that, the link notice tells */
        set_state(can, BUS_STATE_DOWN, strerror(error));
    }
}

/* One batch per turn of the loop: what is left makes the socket ready again. */
static void on_socket_ready(void *context, uint32_t events)
{
    struct socketcan *can = context;
    (void)events;
    prepare_batch(can);
    int count = recvmmsg(can->fd, can->headers, BATCH_FRAMES, MSG_DONTWAIT, NULL);
    if (count > 0) {
        take_batch(can, (size_t)count);
        return;
    }
    /* ENETDOWN: the link notice says it better. */
    if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ENETDOWN) {
        fail_socket(can, errno);
    }
}

static int set_option(int fd, int level, int option, const void *value, size_t size)
{
    return setsockopt(fd, level, option, value, (socklen_t)size) < 0 ? -errno : 0;
}

static int set_flag(int fd, int level, int option)
{
    int on = 1;
    return set_option(fd, level, option, &on, sizeof(on));
}

/* Without the right to exceed net.core.rmem_max, as much as that allows. */
static int set_receive_buffer(int fd, int bytes)
{
    if (bytes == 0 || set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) == 0) {
        return 0;
    }
    return set_option(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int set_options(const struct socketcan *can, int fd)
{
    /* A kernel before 3.6 has no FD; classic frames still arrive. */
    (void)set_flag(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES);

    can_err_mask_t errors = CAN_ERR_MASK;
    int r = set_option(fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof(errors));
    if (r == 0 && can->filters != NULL) {
        r = set_option(fd, SOL_CAN_RAW, CAN_RAW_FILTER, can->filters,
                       can->filter_count * sizeof(can->filters[0]));
    }
    if (r == 0) {
        r = set_flag(fd, SOL_SOCKET, SO_TIMESTAMPNS);
    }
    if (r == 0) {
        r = set_flag(fd, SOL_SOCKET, SO_RXQ_OVFL);
    }
    return r < 0 ? r : set_receive_buffer(fd, can->receive_buffer_bytes);
}

static int bind_and_watch(struct socketcan *can)
{
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = can->status.index};
    int r = set_options(can, can->fd);
    if (r < 0) {
        return r;
    }
    if (bind(can->fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        return -errno;
    }
    return loop_fd_watch(can->loop, &can->source, can->fd, EPOLLIN);
}

static int open_socket(struct socketcan *can)
{
    can->fd = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
    if (can->fd < 0) {
        return -errno;
    }
    can->dropped = (struct drop_count){0};
    int r = bind_and_watch(can);
    if (r < 0) {
        close_socket(can);
    }
    return r;
}

static void tell_state(struct socketcan *can)
{
    static const struct {
        enum bus_state state;
        const char *reason;
    } controller_states[CAN_STATE_MAX] = {
        [CAN_STATE_ERROR_ACTIVE] = {BUS_STATE_UP, "the interface is up"},
        [CAN_STATE_ERROR_WARNING] = {BUS_STATE_ERROR_WARNING, "the controller warns of errors"},
        [CAN_STATE_ERROR_PASSIVE] = {BUS_STATE_ERROR_PASSIVE, "the controller is error passive"},
        [CAN_STATE_BUS_OFF] = {BUS_STATE_BUS_OFF, "the controller has left the bus"},
        [CAN_STATE_STOPPED] = {BUS_STATE_DOWN, "the controller is stopped"},
        [CAN_STATE_SLEEPING] = {BUS_STATE_DOWN, "the controller sleeps"},
    };
    uint32_t controller = can->status.controller_state;
    if (!can->status.up) {
        set_state(can, BUS_STATE_DOWN, "the interface is down");
    } else if (controller < CAN_STATE_BUS_OFF) {
        set_on_bus(can, controller_states[controller].state, controller_states[controller].reason);
    } else if (controller < CAN_STATE_MAX) {
        set_state(can, controller_states[controller].state, controller_states[controller].reason);
    }
}

static void reopen(void *context)
{
    struct socketcan *can = context;
    int r = open_socket(can);
    if (r < 0) {
        fail_socket(can, -r);
        return;
    }
    tell_state(can);
}

static void take_counters(struct socketcan *can)
{
    can->port->stats.bitrate = can->status.bitrate;
    can->port->stats.data_bitrate = can->status.data_bitrate;
    if (can->status.has_controller) {
        can->port->stats.tx_errors = can->status.tx_errors;
        can->port->stats.rx_errors = can->status.rx_errors;
    }
}

static void on_link(void *context, const struct socketcan_link_status *status)
{
    struct socketcan *can = context;
    struct socketcan_link_status before = can->status;
    can->status = *status;
    take_counters(can);
    if (!status->present || !status->is_can) {
        close_socket(can);
        set_state(can, BUS_STATE_DOWN,
                  status->present ? "not a CAN interface" : "the interface is absent");
        return;
    }
    if (status->index != before.index || !before.is_can) {
        close_socket(can);
        reopen(can);
        return;
    }
    /* A virtual interface has no controller state: its error frames must not be talked away by a
     * notice about something else. */
    bool news = status->has_controller || status->up != before.up ||
                status->has_carrier != before.has_carrier;
    if (can->fd >= 0 && news) {
        tell_state(can);
    }
}

static int socketcan_start(void *driver)
{
    struct socketcan *can = driver;
    return socketcan_link_start(can->link);
}

static int socketcan_send(void *driver, const struct frame *frame)
{
    struct socketcan *can = driver;
    if (can->fd < 0 || !can->status.has_carrier) {
        return -ENETDOWN;
    }
    if ((frame->flags & FRAME_FD) != 0 && can->status.mtu_bytes < CANFD_MTU) {
        return -EOPNOTSUPP;
    }
    struct canfd_frame kernel;
    size_t size = socketcan_frame_encode(frame, &kernel);
    if (write(can->fd, &kernel, size) == (ssize_t)size) {
        return 0;
    }
    return errno == ENODEV || errno == ENXIO ? -ENETDOWN : -errno;
}

static void socketcan_refresh(void *driver)
{
    struct socketcan *can = driver;
    if (can->fd >= 0) {
        ask_dropped(can);
    }
}

static void socketcan_free(void *driver)
{
    struct socketcan *can = driver;
    if (can == NULL) {
        return;
    }
    close_socket(can);
    loop_timer_cancel(can->loop, &can->restart_timer);
    socketcan_link_free(can->link);
    free(can->filters);
    free(can);
}

/* Too many filters are as good as none: the kernel refuses them, and matching a long list for every
 * frame would cost more than it saves. */
static int copy_filters(struct socketcan *can, const struct bus_socketcan_options *options)
{
    if (options->filter_count == 0 || options->filter_count > CAN_RAW_FILTER_MAX) {
        return 0;
    }
    can->filters = calloc(options->filter_count, sizeof(can->filters[0]));
    if (can->filters == NULL) {
        return -ENOMEM;
    }
    can->filter_count = options->filter_count;
    for (size_t i = 0; i < options->filter_count; i++) {
        const struct bus_filter *filter = &options->filters[i];
        canid_t id_bits = filter->extended ? CAN_EFF_MASK : CAN_SFF_MASK;
        can->filters[i].can_id =
            (filter->can_id & id_bits) | (filter->extended ? CAN_EFF_FLAG : 0u);
        can->filters[i].can_mask = (filter->mask & id_bits) | CAN_EFF_FLAG;
    }
    return 0;
}

static int socketcan_open(struct bus_port *port, const struct bus_options *options,
                          void **ret_driver)
{
    const struct bus_socketcan_options *wanted = &options->socketcan;
    if (wanted->interface == NULL || wanted->receive_buffer_bytes > INT32_MAX) {
        return -EINVAL;
    }
    struct socketcan *can = calloc(1, sizeof(*can));
    if (can == NULL) {
        return -ENOMEM;
    }
    can->port = port;
    can->loop = port->loop;
    can->fd = -1;
    can->source = (struct loop_fd){.fn = on_socket_ready, .context = can};
    can->reopen_timer = (struct timer){.fn = reopen, .context = can};
    can->restart_timer = (struct timer){.fn = on_restart, .context = can};
    bus_off_init(&can->bus_off, (uint64_t)loop_realtime_us(can->loop) | 1);
    can->receive_buffer_bytes = (int)wanted->receive_buffer_bytes;
    int r = copy_filters(can, wanted);
    if (r == 0) {
        const struct socketcan_link_handler handler = {on_link, on_restarted, can};
        r = socketcan_link_new(port->loop, wanted->interface, &handler, &can->link);
    }
    if (r < 0) {
        socketcan_free(can);
        return r;
    }
    *ret_driver = can;
    return 0;
}

/* What the kernel has when there are no filters. */
static const struct can_filter everything = {.can_id = 0, .can_mask = 0};

/* The kernel takes the new filters before it drops the old ones, and never hands over one frame
 * twice (net/can/raw.c). */
static int apply_filters(const struct socketcan *can)
{
    const struct can_filter *filters = can->filters != NULL ? can->filters : &everything;
    size_t count = can->filters != NULL ? can->filter_count : 1;
    return set_option(can->fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters, count * sizeof(*filters));
}

static int socketcan_change(void *driver, const struct bus_options *options)
{
    struct socketcan *can = driver;
    struct can_filter *before = can->filters;
    size_t count_before = can->filter_count;
    can->filters = NULL;
    can->filter_count = 0;
    int r = copy_filters(can, &options->socketcan);
    if (r < 0) { /* the old ones stay */
        can->filters = before;
        can->filter_count = count_before;
        return r;
    }
    free(before);
    can->receive_buffer_bytes = (int)options->socketcan.receive_buffer_bytes;
    if (can->fd < 0) {
        return 0; /* they are used when it is opened */
    }
    r = apply_filters(can);
    return r < 0 ? r : set_receive_buffer(can->fd, can->receive_buffer_bytes);
}

const struct bus_driver bus_socketcan_driver = {
    .name = "socketcan",
    .open = socketcan_open,
    .start = socketcan_start,
    .send = socketcan_send,
    .refresh = socketcan_refresh,
    .change = socketcan_change,
    .free = socketcan_free,
};
