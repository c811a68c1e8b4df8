/*
 * Full buses for bench/bus: numbered frames to SocketCAN interfaces, at a rate that a timer paces.
 *
 *   can_feed RATE COUNT EVERY INTERFACE...     RATE frames a second and COUNT in all, to each
 *
 * The frames of a bus have IDS arbitration ids in turn, and 8 bytes of data, a counter that goes on
 * with every EVERYth frame of its id; ids do so one after another. Prints, as JSON, what was sent
 * and how long that took.
 *
 * What is due is sent together, once in a turn of about a millisecond: a system call per frame
 * would take most of a processor where those are slow (user-mode Linux). A turn is no part of the
 * kernel's tick, which counts CPU time there: else it would always find the same program at work.
 */
#include <errno.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IDS       50u
#define FIRST_ID  256u
#define BUSES_MAX 8
#define BATCH_MAX 64
#define TURN_NS   INT64_C(937000)

struct bus {
    int fd;
    uint64_t sent;
};

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(int64_t due_ns)
{
    struct timespec due = {due_ns / 1000000000, due_ns % 1000000000};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static int fail(const char *what)
{
    (void)fprintf(stderr, "can_feed: %s: %s\n", what, strerror(errno));
    return 1;
}

/* It hears nothing, so that the kernel keeps nothing for it. */
static int open_bus(const char *interface)
{
    struct sockaddr_can address = {.can_family = AF_CAN,
                                   .can_ifindex = (int)if_nametoindex(interface)};
    int fd = socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC, CAN_RAW);
    if (fd >= 0 && address.can_ifindex > 0 &&
        setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, NULL, 0) == 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
        return fd;
    }
    return -1;
}

static void fill(struct can_frame *frame, uint64_t n, uint64_t every)
{
    uint64_t value = (n / IDS + n % IDS) / every;
    *frame = (struct can_frame){.can_id = FIRST_ID + (canid_t)(n % IDS), .len = 8};
    for (int i = 0; i < 8; i++) {
        frame->data[i] = (uint8_t)(value >> (8 * i));
    }
}

/* Up to `until` frames of this bus. 0 or -1; a queue that is full is tried again in the next turn.
 */
static int send_due(struct bus *bus, uint64_t until, uint64_t every)
{
    struct can_frame frames[BATCH_MAX];
    struct iovec vectors[BATCH_MAX];
    struct mmsghdr headers[BATCH_MAX];
    while (bus->sent < until) {
        unsigned count = 0;
        for (; count < BATCH_MAX && bus->sent + count < until; count++) {
            fill(&frames[count], bus->sent + count, every);
            vectors[count] = (struct iovec){&frames[count], sizeof(frames[count])};
            headers[count] = (struct mmsghdr){
                .msg_hdr = {.msg_iov = &vectors[count], .msg_iovlen = 1},
            };
        }
        int sent = sendmmsg(bus->fd, headers, count, 0);
        if (sent < 0) {
            return errno == ENOBUFS || errno == EINTR ? 0 : -1;
        }
        bus->sent += (uint64_t)sent;
    }
    return 0;
}

static int feed(struct bus *buses, size_t count, uint64_t rate, uint64_t frames, uint64_t every)
{
    int64_t start_ns = now_ns();
    uint64_t least = 0;
    for (int64_t turn = 1; least < frames; turn++) {
        sleep_until(start_ns + turn * TURN_NS);
        uint64_t due = (uint64_t)(now_ns() - start_ns) / 1000 * rate / 1000000;
        uint64_t until = due < frames ? due : frames;
        least = frames;
        for (size_t i = 0; i < count; i++) {
            if (send_due(&buses[i], until, every) < 0) {
                return fail("cannot send");
            }
            least = buses[i].sent < least ? buses[i].sent : least;
        }
    }
    printf("{\"sent\": %llu, \"seconds\": %.6f}\n", (unsigned long long)(frames * count),
           (double)(now_ns() - start_ns) / 1e9);
    return 0;
}

int main(int argc, char **argv)
{
    struct bus buses[BUSES_MAX] = {{0}};
    size_t count = argc > 4 ? (size_t)argc - 4 : 0;
    uint64_t rate = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t frames = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t every = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    if (count == 0 || count > BUSES_MAX || rate == 0 || frames == 0 || every == 0) {
        (void)fprintf(stderr, "usage: can_feed RATE COUNT EVERY INTERFACE... (at most %d)\n",
                      BUSES_MAX);
        return 2;
    }
    (void)prctl(PR_SET_TIMERSLACK, 1);
    for (size_t i = 0; i < count; i++) {
        buses[i].fd = open_bus(argv[4 + i]);
        if (buses[i].fd < 0) {
            return fail(argv[4 + i]);
        }
    }
    return feed(buses, count, rate, frames, every);
}
