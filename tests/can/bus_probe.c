/*
 * Shows what the socketcan driver sees and does on one interface; for tests inside a kernel with
 * CAN, and for people at a bus.
 *
 * usage: bus_probe INTERFACE [silence=MS] [buffer=BYTES] [filter=ID]...
 *
 * Prints, a line at a time:  (1795423160.495983) can0 123#1122      a frame, as candump -L does
 *                            state up: the interface is up
 *                            sent 123#11 / failed 123#11: Network is down
 *                            stats received=1 kernel_dropped=0 ...
 * Reads commands from stdin: send 123#11, send 123##155 (FD), stats. Its end is the program's.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/loop.h"
#include "common/parse.h"
#include "edge-gateway/bus/bus.h"

#define FILTERS_MAX       1024
#define COMMAND_MAX_BYTES 256

struct probe {
    struct loop *loop;
    struct bus *bus;
    struct bus_options options;
    struct bus_filter filters[FILTERS_MAX];
    struct loop_fd input;
    char command[COMMAND_MAX_BYTES];
    size_t command_length;
};

static void print_frame(const char *interface, const struct frame *frame)
{
    printf("(%" PRId64 ".%06" PRId64 ") %s ", (int64_t)(frame->ts_us / US_PER_S),
           (int64_t)(frame->ts_us % US_PER_S), interface);
    printf((frame->flags & FRAME_EXTENDED) != 0 ? "%08" PRIX32 "#" : "%03" PRIX32 "#",
           frame->can_id);
    if ((frame->flags & FRAME_REMOTE) != 0) {
        printf(frame->len > 0 ? "R%u\n" : "R\n", frame->len);
        return;
    }
    if ((frame->flags & FRAME_FD) != 0) {
        unsigned brs = (frame->flags & FRAME_BRS) != 0 ? 1 : 0;
        unsigned esi = (frame->flags & FRAME_ESI) != 0 ? 2 : 0;
        printf("#%X", brs | esi);
    }
    for (size_t i = 0; i < frame->len; i++) {
        printf("%02X", frame->data[i]);
    }
    printf("\n");
}

static void on_frames(void *context, const struct frame *frames, size_t count)
{
    const struct probe *probe = context;
    for (size_t i = 0; i < count; i++) {
        print_frame(probe->options.name, &frames[i]);
    }
}

static void on_state(void *context, const struct bus_status *status)
{
    (void)context;
    printf("state %s: %s\n", bus_state_text(status->state), status->reason);
}

static void print_stats(const struct probe *probe)
{
    struct bus_stats stats;
    bus_stats(probe->bus, &stats);
    printf("stats received=%" PRIu64 " malformed=%" PRIu64 " kernel_dropped=%" PRIu64
           " sent=%" PRIu64 " send_failed=%" PRIu64 " state=%s bitrate=%" PRIu32
           " tx_errors=%u rx_errors=%u",
           stats.received, stats.malformed, stats.kernel_dropped, stats.sent, stats.send_failed,
           bus_state_text(stats.state), stats.bitrate, stats.tx_errors, stats.rx_errors);
    for (unsigned i = 0; i < BUS_ERROR_CLASS_COUNT; i++) {
        printf(" %s=%" PRIu64, bus_error_class_text((enum bus_error_class)i),
               stats.error_frames[i]);
    }
    printf("\n");
}

static int parse_data(const char *hex, struct frame *frame)
{
    size_t digits = strlen(hex);
    if (digits % 2 != 0 || digits > 2 * sizeof(frame->data)) {
        return -EINVAL;
    }
    for (size_t i = 0; i < digits / 2; i++) {
        uint64_t byte;
        int r = parse_hex_u64(hex + 2 * i, 2, UINT8_MAX, &byte);
        if (r < 0) {
            return r;
        }
        frame->data[i] = (uint8_t)byte;
    }
    frame->len = (uint8_t)(digits / 2);
    return 0;
}

/* "123#1122", "12345678#", "123##1AABB" (FD with BRS), "123#R". */
static int parse_frame(const char *text, struct frame *frame)
{
    const char *hash = strchr(text, '#');
    uint64_t id;
    if (hash == NULL || parse_hex_u64(text, (size_t)(hash - text), UINT32_MAX, &id) < 0) {
        return -EINVAL;
    }
    frame->can_id = (uint32_t)id;
    frame->flags = hash - text > 3 ? FRAME_EXTENDED : 0;
    if (strcmp(hash, "#R") == 0) {
        frame->flags |= FRAME_REMOTE;
        return 0;
    }
    if (hash[1] != '#') {
        return parse_data(hash + 1, frame);
    }
    frame->flags |= FRAME_FD;
    frame->flags |= hash[2] == '1' ? FRAME_BRS : 0;
    return hash[2] == '\0' ? -EINVAL : parse_data(hash + 3, frame);
}

static void send_frame(struct probe *probe, const char *text)
{
    struct frame frame = {0};
    int r = parse_frame(text, &frame);
    if (r == 0) {
        r = bus_send(probe->bus, &frame);
    }
    if (r < 0) {
        printf("failed %s: %s\n", text, strerror(-r));
    } else {
        printf("sent %s\n", text);
    }
}

static void run_command(struct probe *probe, const char *command)
{
    if (strncmp(command, "send ", 5) == 0) {
        send_frame(probe, command + 5);
    } else if (strcmp(command, "stats") == 0) {
        print_stats(probe);
    } else {
        printf("unknown command: %s\n", command);
    }
}

static void on_input(void *context, uint32_t events)
{
    struct probe *probe = context;
    (void)events;
    char text[COMMAND_MAX_BYTES];
    ssize_t size = read(STDIN_FILENO, text, sizeof(text));
    if (size <= 0) {
        loop_stop(probe->loop, 0);
        return;
    }
    for (ssize_t i = 0; i < size; i++) {
        if (text[i] == '\n') {
            probe->command[probe->command_length] = '\0';
            probe->command_length = 0;
            run_command(probe, probe->command);
        } else if (probe->command_length < sizeof(probe->command) - 1) {
            probe->command[probe->command_length++] = text[i];
        }
    }
}

static int add_filter(struct probe *probe, const char *text)
{
    uint64_t id;
    struct bus_socketcan_options *options = &probe->options.socketcan;
    if (options->filter_count == FILTERS_MAX ||
        parse_hex_u64(text, strlen(text), FRAME_ID_EXTENDED_MAX, &id) < 0) {
        return -EINVAL;
    }
    probe->filters[options->filter_count++] =
        (struct bus_filter){(uint32_t)id, UINT32_MAX, strlen(text) > 3};
    return 0;
}

static int read_argument(struct probe *probe, const char *text)
{
    uint64_t number;
    if (strncmp(text, "filter=", 7) == 0) {
        return add_filter(probe, text + 7);
    }
    if (strncmp(text, "silence=", 8) == 0) {
        int r = parse_u64(text + 8, strlen(text + 8), INT32_MAX, &number);
        probe->options.silence_us = r < 0 ? 0 : (int64_t)number * US_PER_MS;
        return r;
    }
    if (strncmp(text, "buffer=", 7) == 0) {
        int r = parse_u64(text + 7, strlen(text + 7), INT32_MAX, &number);
        probe->options.socketcan.receive_buffer_bytes = r < 0 ? 0 : (uint32_t)number;
        return r;
    }
    return -EINVAL;
}

static int run(struct probe *probe)
{
    int r = bus_open(&probe->options, &probe->bus);
    if (r == 0) {
        r = loop_fd_watch(probe->loop, &probe->input, STDIN_FILENO, EPOLLIN);
    }
    if (r == 0) {
        r = bus_start(probe->bus);
    }
    if (r == 0) {
        r = loop_run(probe->loop);
        print_stats(probe);
    }
    bus_free(probe->bus);
    return r;
}

int main(int argc, char **argv)
{
    static struct probe probe;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    int r = argc < 2 ? -EINVAL : 0;
    for (int i = 2; i < argc && r == 0; i++) {
        r = read_argument(&probe, argv[i]);
    }
    if (r < 0) {
        (void)fprintf(stderr,
                      "usage: bus_probe INTERFACE [silence=MS] [buffer=BYTES] [filter=ID]...\n");
        return 2;
    }
    r = loop_new(&probe.loop);
    if (r == 0) {
        probe.input = (struct loop_fd){.fn = on_input, .context = &probe};
        probe.options.loop = probe.loop;
        probe.options.name = argv[1];
        probe.options.kind = BUS_KIND_SOCKETCAN;
        probe.options.socketcan.interface = argv[1];
        probe.options.socketcan.filters = probe.filters;
        probe.options.handler =
            (struct bus_handler){.frames = on_frames, .state = on_state, .context = &probe};
        r = run(&probe);
    }
    loop_free(probe.loop);
    if (r < 0) {
        (void)fprintf(stderr, "bus_probe: %s\n", strerror(-r));
    }
    return r < 0 ? 1 : 0;
}
