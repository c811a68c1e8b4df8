#include "edge-gateway/app/survey_source.h"

#include "common/cli.h"
#include "common/line_reader.h"
#include "common/loop.h"
#include "edge-gateway/app/text_command.h"
#include "edge-gateway/bus/bus.h"
#include "edge-gateway/can/log_format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES       4096
#define RECEIVE_BUFFER_BYTES (4u << 20)

/* ---- a log ------------------------------------------------------------------------------ */

struct log_reader {
    struct survey_bus *bus;
    const char *path;
    struct line_reader lines;
    struct log_format format;
    uint64_t malformed;
    uint64_t first_malformed;
};

static bool is_wanted(struct survey_bus *bus, const struct log_line *line)
{
    if (bus->name[0] == '\0') {
        int length = (int)line->bus_length;
        (void)snprintf(bus->name, sizeof(bus->name), "%.*s", length, line->bus);
    }
    return strlen(bus->name) == line->bus_length &&
           memcmp(bus->name, line->bus, line->bus_length) == 0;
}

static int take_line(struct log_reader *reader, enum log_result result, const struct log_line *line)
{
    switch (result) {
    case LOG_FRAME:
        if (is_wanted(reader->bus, line)) {
            return survey_bus_add(reader->bus, &line->frame);
        }
        reader->bus->elsewhere++;
        break;
    case LOG_MALFORMED:
        if (reader->malformed++ == 0) {
            reader->first_malformed = reader->lines.number;
        }
        break;
    case LOG_BLANK:
    case LOG_HEADER:
    case LOG_EVENT:
    case LOG_FOREIGN: /* ends the loop over the lines */
        break;
    }
    return 0;
}

/* 0 or -errno. A descriptor that does not block is at its end when nothing is there. */
static int read_lines(struct log_reader *reader)
{
    int r = 0;
    while (r == 0 && log_format_foreign(&reader->format) == NULL) {
        const char *text;
        size_t length;
        struct log_line line;
        switch (line_reader_next(&reader->lines, &text, &length)) {
        case LINE_READ:
            r = take_line(reader, log_format_parse(&reader->format, text, length, &line), &line);
            break;
        case LINE_TOO_LONG:
            r = take_line(reader, log_format_parse_cut(&reader->format, text, length), &line);
            break;
        case LINE_FAILED:
            return -errno;
        case LINE_WAIT:
        case LINE_END:
            return 0;
        }
    }
    return r;
}

static int read_log(struct log_reader *reader, int fd)
{
    int r = line_reader_init(&reader->lines, fd, LINE_MAX_BYTES);
    if (r == 0) {
        r = read_lines(reader);
        line_reader_deinit(&reader->lines);
    }
    if (r < 0) {
        return text_command_fault(reader->path, r);
    }
    if (log_format_foreign(&reader->format) != NULL) {
        (void)fprintf(stderr, "edge-gateway: %s is %s\n", reader->path,
                      log_format_foreign(&reader->format));
        return EXIT_FAULT;
    }
    if (reader->malformed > 0) {
        (void)fprintf(stderr,
                      "edge-gateway: %" PRIu64 " lines are no %s, the first is line %" PRIu64 "\n",
                      reader->malformed, log_format_name(&reader->format), reader->first_malformed);
    }
    return EXIT_SUCCESS;
}

int survey_read_log(struct survey_bus *bus, const char *path, const char *interface)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return text_command_fault(path, -errno);
    }
    if (interface != NULL) {
        (void)snprintf(bus->name, sizeof(bus->name), "%s", interface);
    }
    struct log_reader reader = {.bus = bus, .path = is_stdin ? "standard input" : path};
    int status = read_log(&reader, fd);
    if (!is_stdin) {
        (void)close(fd); /* only read from */
    }
    return status;
}

/* ---- an interface ----------------------------------------------------------------------- */

struct listener {
    struct survey_bus *bus;
    struct loop *loop;
    struct timer end;
    bool was_up;
};

static void on_end(void *context)
{
    loop_stop(((struct listener *)context)->loop, 0);
}

static void on_signal(void *context, int signal_number)
{
    (void)signal_number;
    on_end(context);
}

static void on_frames(void *context, const struct frame *frames, size_t count)
{
    struct listener *listener = context;
    for (size_t i = 0; i < count; i++) {
        int r = survey_bus_add(listener->bus, &frames[i]);
        if (r < 0) {
            loop_stop(listener->loop, r);
            return;
        }
    }
}

static void on_state(void *context, const struct bus_status *status)
{
    struct listener *listener = context;
    listener->was_up = listener->was_up || status->state != BUS_STATE_DOWN;
    (void)fprintf(stderr, "edge-gateway: %s is %s: %s\n", listener->bus->name,
                  bus_state_text(status->state), status->reason);
}

static int run_loop(struct listener *listener, struct bus *bus, int64_t duration_us)
{
    int r = loop_on_signal(listener->loop, SIGINT, on_signal, listener);
    r = r < 0 ? r : loop_on_signal(listener->loop, SIGTERM, on_signal, listener);
    r = r < 0 ? r : bus_start(bus);
    if (r < 0) {
        return r;
    }
    loop_timer_after(listener->loop, &listener->end, duration_us);
    return loop_run(listener->loop);
}

static int listen_on(struct listener *listener, int64_t duration_us)
{
    const struct bus_options options = {
        .loop = listener->loop,
        .name = listener->bus->name,
        .kind = BUS_KIND_SOCKETCAN,
        .handler = {.frames = on_frames, .state = on_state, .context = listener},
        .socketcan = {.interface = listener->bus->name,
                      .receive_buffer_bytes = RECEIVE_BUFFER_BYTES},
    };
    struct bus *bus;
    int r = bus_open(&options, &bus);
    if (r < 0) {
        return r;
    }
    r = run_loop(listener, bus, duration_us);
    struct bus_stats stats;
    bus_stats(bus, &stats);
    if (stats.kernel_dropped > 0) {
        (void)fprintf(stderr, "edge-gateway: %" PRIu64 " frames were lost, so rates are too low\n",
                      stats.kernel_dropped);
    }
    bus_free(bus);
    return r;
}

int survey_listen(struct survey_bus *bus, const char *interface, int64_t duration_us)
{
    struct listener listener = {.bus = bus, .end = {.fn = on_end}};
    listener.end.context = &listener;
    (void)snprintf(bus->name, sizeof(bus->name), "%s", interface);
    int r = loop_new(&listener.loop);
    if (r == 0) {
        r = listen_on(&listener, duration_us);
        loop_timer_cancel(listener.loop, &listener.end);
        loop_free(listener.loop);
    }
    if (r < 0) {
        return text_command_fault(interface, r);
    }
    if (!listener.was_up) {
        (void)fprintf(stderr,
                      "edge-gateway: %s was never up: ip link set %s up type can bitrate 500000\n",
                      interface, interface);
        return EXIT_FAULT;
    }
    return EXIT_SUCCESS;
}
