/*
 * The driver for recorded buses: plays a log against the loop's clock.
 *
 * A frame is due at the time of the first one plus its distance in the log, divided by the speed.
 * What comes first out of a pipe that was empty is due when it comes.
 * Every turn plays what is due, a batch at most, so that a dense log starves nobody.
 */
#include "edge-gateway/bus/bus_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/line_reader.h"
#include "edge-gateway/bus/socketcan_error.h"
#include "edge-gateway/can/candump.h"
#include "edge-gateway/can/log_format.h"

#define LINE_MAX_BYTES  4096
#define BATCH_FRAMES    64
#define LINES_PER_TURN  256 /* frames or not */
#define ROOM_WAIT_US    (1 * US_PER_MS)
#define SPEED_MIN       0.001
#define SPEED_MAX       1e6
#define REBASE_BACK_US  (1 * US_PER_S) /* logs joined end to end jump back in time */
#define DISTANCE_MAX_US 1e15           /* thirty years: what a garbled stamp counts as at most */

/* How a turn ends: what there is to wait for. */
enum turn {
    TURN_MORE,  /* nothing: there is more to do at once */
    TURN_LATER, /* until the next frame is due */
    TURN_PIPE,  /* until the pipe delivers */
    TURN_END,   /* the log has been read to its end */
    TURN_FAILED /* the log cannot be read: `error` */
};

struct replay {
    struct bus_port *port;
    struct loop *loop;
    double speed;
    bool looping;
    bool stamp_now;
    char interface[LOG_BUS_MAX_BYTES + 1]; /* "" = all */
    int sent_fd;                           /* what is sent goes here; -1 = nothing can be sent */
    char name[LOG_BUS_MAX_BYTES + 1];      /* of the bus, in what was sent */

    struct line_reader reader;
    struct log_format format;
    bool pipe;
    struct loop_fd source; /* of a pipe that we wait for */
    struct timer timer;
    uint64_t played_in_pass; /* frames since the last rewind */
    int error;               /* errno of TURN_FAILED */

    bool based;           /* the three below are set */
    int64_t base_log_us;  /* the frame of this log time ... */
    int64_t base_loop_us; /* ... was due at this time of the loop */
    int64_t last_log_us;

    bool pending; /* `next` was read and has not been played */
    struct frame next;
    int64_t next_due_us;
    struct frame frames[BATCH_FRAMES];
};

static bool as_fast_as_possible(const struct replay *replay)
{
    return replay->speed == 0.0;
}

static void finish(struct replay *replay, const char *reason)
{
    loop_fd_unwatch(replay->loop, &replay->source);
    loop_timer_cancel(replay->loop, &replay->timer);
    bus_port_finish(replay->port, reason);
}

static void count_malformed(struct replay *replay)
{
    struct bus_stats *stats = &replay->port->stats;
    if (stats->malformed++ == 0) {
        stats->malformed_line = replay->reader.number;
    }
}

/* True: a frame that is to be played. */
static bool take_frame(struct replay *replay, const struct log_line *line)
{
    bool wanted = replay->interface[0] == '\0' ||
                  (line->bus_length == strlen(replay->interface) &&
                   memcmp(line->bus, replay->interface, line->bus_length) == 0);
    if (wanted && (line->frame.flags & FRAME_ERROR) != 0) {
        socketcan_error_count(&line->frame, &replay->port->stats);
        return false;
    }
    return wanted;
}

/* When the frame is due on the loop's clock. */
static int64_t due_us(struct replay *replay, const struct frame *frame)
{
    int64_t now_us = loop_now_us(replay->loop);
    if (as_fast_as_possible(replay)) {
        return now_us;
    }
    if (!replay->based || frame->ts_us < replay->last_log_us - REBASE_BACK_US) {
        replay->based = true;
        replay->base_log_us = frame->ts_us;
        replay->base_loop_us = now_us;
    }
    replay->last_log_us = frame->ts_us;
    double distance_us = ((double)frame->ts_us - (double)replay->base_log_us) / replay->speed;
    distance_us = fmin(fmax(distance_us, -DISTANCE_MAX_US), DISTANCE_MAX_US);
    return replay->base_loop_us + (int64_t)distance_us;
}

/* What a line turned out to be. TURN_LATER: `next` is pending. */
static enum turn take_line(struct replay *replay, enum log_result result,
                           const struct log_line *line)
{
    switch (result) {
    case LOG_FRAME:
        if (!take_frame(replay, line)) {
            return TURN_MORE;
        }
        replay->next = line->frame;
        replay->next.bus = replay->port->index;
        replay->next_due_us = due_us(replay, &replay->next);
        replay->pending = true;
        return TURN_LATER;
    case LOG_MALFORMED:
        count_malformed(replay);
        return TURN_MORE;
    case LOG_FOREIGN:
        return TURN_END;
    case LOG_BLANK:
    case LOG_HEADER:
    case LOG_EVENT:
        break;
    }
    return TURN_MORE;
}

/* TURN_LATER: `next` is pending. TURN_MORE: this turn's lines are used up. */
static enum turn read_next(struct replay *replay, unsigned *lines)
{
    enum turn turn = TURN_MORE;
    for (; *lines > 0 && turn == TURN_MORE; (*lines)--) {
        const char *text;
        size_t length;
        struct log_line line;
        switch (line_reader_next(&replay->reader, &text, &length)) {
        case LINE_READ:
            turn = take_line(replay, log_format_parse(&replay->format, text, length, &line), &line);
            break;
        case LINE_TOO_LONG:
            turn = take_line(replay, log_format_parse_cut(&replay->format, text, length), &line);
            break;
        case LINE_WAIT:
            return TURN_PIPE;
        case LINE_END:
            return TURN_END;
        case LINE_FAILED:
            replay->error = errno;
            return TURN_FAILED;
        }
    }
    return turn;
}

/* Fills `frames` with what is due, `room` at most. */
static enum turn collect(struct replay *replay, size_t room, size_t *ret_count)
{
    unsigned lines = LINES_PER_TURN;
    int64_t now_us = loop_now_us(replay->loop);
    size_t count = 0;
    enum turn turn = TURN_MORE;
    while (count < room) {
        if (!replay->pending) {
            turn = read_next(replay, &lines);
        }
        if (!replay->pending) {
            break;
        }
        if (replay->next_due_us > now_us) {
            turn = TURN_LATER;
            break;
        }
        if (replay->stamp_now) {
            int64_t late_us = now_us - replay->next_due_us;
            replay->next.ts_us = loop_realtime_us(replay->loop) - late_us;
        }
        replay->frames[count++] = replay->next;
        replay->pending = false;
        turn = TURN_MORE;
    }
    *ret_count = count;
    return turn;
}

/* The reason tells what could not be read, too. */
static void finish_at_end(struct replay *replay)
{
    const struct bus_stats *stats = &replay->port->stats;
    const char *foreign = log_format_foreign(&replay->format);
    char reason[BUS_REASON_SIZE];
    if (foreign != NULL) {
        (void)snprintf(reason, sizeof(reason), "the log is %s", foreign);
    } else {
        const char *end =
            replay->played_in_pass > 0 ? "end of the log" : "the log holds no frame to play";
        int length = snprintf(reason, sizeof(reason), "%s", end);
        if (stats->malformed > 0) {
            (void)snprintf(reason + length, sizeof(reason) - (size_t)length,
                           "; %" PRIu64 " lines are malformed, the first is line %" PRIu64,
                           stats->malformed, stats->malformed_line);
        }
    }
    finish(replay, reason);
}

static void at_end(struct replay *replay)
{
    if (replay->played_in_pass == 0 || !replay->looping) {
        finish_at_end(replay);
        return;
    }
    int r = line_reader_rewind(&replay->reader);
    if (r < 0) {
        finish(replay, strerror(-r));
        return;
    }
    replay->format = (struct log_format){.form = NULL};
    replay->played_in_pass = 0;
    replay->based = false;
    loop_timer_after(replay->loop, &replay->timer, 0);
}

static void wait_for_pipe(struct replay *replay)
{
    int r = loop_fd_watch(replay->loop, &replay->source, replay->reader.fd, EPOLLIN);
    if (r < 0) {
        finish(replay, strerror(-r));
    }
}

static void end_turn(struct replay *replay, enum turn turn)
{
    if (turn != TURN_PIPE) {
        loop_fd_unwatch(replay->loop,
                        &replay->source); /* it may be ready, and at its end for ever */
    }
    switch (turn) {
    case TURN_MORE:
        loop_timer_after(replay->loop, &replay->timer, 0);
        break;
    case TURN_LATER:
        loop_timer_at(replay->loop, &replay->timer, replay->next_due_us);
        break;
    case TURN_PIPE:
        wait_for_pipe(replay);
        break;
    case TURN_END:
        at_end(replay);
        break;
    case TURN_FAILED:
        finish(replay, strerror(replay->error));
        break;
    }
}

static void play(void *context)
{
    struct replay *replay = context;
    size_t room = BATCH_FRAMES;
    if (as_fast_as_possible(replay)) {
        room = bus_port_room(replay->port, BATCH_FRAMES);
    }
    if (room == 0) {
        loop_fd_unwatch(replay->loop, &replay->source);
        loop_timer_after(replay->loop, &replay->timer, ROOM_WAIT_US);
        return;
    }
    size_t count;
    enum turn turn = collect(replay, room, &count);
    replay->played_in_pass += count;
    bus_port_frames(replay->port, replay->frames, count);
    end_turn(replay, turn);
}

static void on_pipe_ready(void *context, uint32_t events)
{
    struct replay *replay = context;
    (void)events;
    replay->based = false; /* it was waited for: its pauses are its own */
    play(replay);
}

static int replay_start(void *driver)
{
    struct replay *replay = driver;
    bus_port_state(replay->port, BUS_STATE_UP, "playing the log");
    /* A pipe without a writer looks like one at its end, so it is read only when it says so. */
    end_turn(replay, replay->pipe ? TURN_PIPE : TURN_MORE);
    return 0;
}

static int replay_send(void *driver, const struct frame *frame)
{
    const struct replay *replay = driver;
    if (replay->sent_fd < 0) {
        return -EOPNOTSUPP;
    }
    struct frame sent = *frame;
    sent.ts_us = loop_realtime_us(replay->loop);
    char text[CANDUMP_TEXT_MAX + 1];
    size_t length = candump_format(&sent, replay->name, text);
    text[length++] = '\n';
    ssize_t written = write(replay->sent_fd, text, length);
    if (written < 0) {
        return -errno;
    }
    return (size_t)written == length ? 0 : -EIO;
}

static void replay_free(void *driver)
{
    struct replay *replay = driver;
    if (replay == NULL) {
        return;
    }
    loop_timer_cancel(replay->loop, &replay->timer);
    loop_fd_unwatch(replay->loop, &replay->source);
    if (replay->reader.fd >= 0) {
        (void)close(replay->reader.fd); /* only read from */
    }
    if (replay->sent_fd >= 0) {
        (void)close(replay->sent_fd); /* each write said whether it succeeded */
    }
    line_reader_deinit(&replay->reader);
    free(replay);
}

static bool options_are_sane(const struct bus_replay_options *options)
{
    bool speed_ok =
        options->speed == 0.0 || (options->speed >= SPEED_MIN && options->speed <= SPEED_MAX);
    bool interface_ok =
        options->interface == NULL || strlen(options->interface) <= LOG_BUS_MAX_BYTES;
    return options->path != NULL && speed_ok && interface_ok;
}

/* A regular file, or a named pipe that need not be looped. */
static int check_kind(struct replay *replay)
{
    struct stat status;
    if (fstat(replay->reader.fd, &status) < 0) {
        return -errno;
    }
    if (S_ISDIR(status.st_mode)) {
        return -EISDIR;
    }
    replay->pipe = S_ISFIFO(status.st_mode);
    bool playable = replay->pipe ? !replay->looping : S_ISREG(status.st_mode);
    return playable ? 0 : -ESPIPE;
}

static int open_log(struct replay *replay, const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int r = line_reader_init(&replay->reader, fd, LINE_MAX_BYTES);
    return r < 0 ? r : check_kind(replay);
}

static int open_sent(struct replay *replay, const char *path)
{
    if (path == NULL) {
        return 0;
    }
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC;
    replay->sent_fd = open(path, flags, 0644);
    return replay->sent_fd < 0 ? -errno : 0;
}

static int replay_open(struct bus_port *port, const struct bus_options *options, void **ret_driver)
{
    const struct bus_replay_options *wanted = &options->replay;
    if (!options_are_sane(wanted)) {
        return -EINVAL;
    }
    struct replay *replay = calloc(1, sizeof(*replay));
    if (replay == NULL) {
        return -ENOMEM;
    }
    replay->port = port;
    replay->loop = port->loop;
    replay->reader.fd = -1;
    replay->sent_fd = -1;
    (void)snprintf(replay->name, sizeof(replay->name), "%s", options->name);
    replay->speed = wanted->speed;
    replay->looping = wanted->loop;
    replay->stamp_now = wanted->stamps == BUS_REPLAY_STAMPS_NOW ||
                        (wanted->stamps == BUS_REPLAY_STAMPS_DEFAULT && wanted->speed > 0.0);
    replay->source = (struct loop_fd){.fn = on_pipe_ready, .context = replay};
    replay->timer = (struct timer){.fn = play, .context = replay};
    if (wanted->interface != NULL) {
        memcpy(replay->interface, wanted->interface, strlen(wanted->interface));
    }
    int r = open_log(replay, wanted->path);
    if (r == 0) {
        r = open_sent(replay, wanted->sent_path);
    }
    if (r < 0) {
        replay_free(replay);
        return r;
    }
    *ret_driver = replay;
    return 0;
}

/* The frame that waits for its time comes from the bus of that index, too. */
static int replay_change(void *driver, const struct bus_options *options)
{
    struct replay *replay = driver;
    replay->next.bus = options->index;
    return 0;
}

const struct bus_driver bus_replay_driver = {
    .name = "replay",
    .open = replay_open,
    .start = replay_start,
    .send = replay_send,
    .change = replay_change,
    .free = replay_free,
};
