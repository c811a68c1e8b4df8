/*
 * The dash-cam: the last raw frames of every bus in memory, and a file of them when something
 * happens. A trigger writes what came before it and what comes after, of all buses, since what
 * happens on one is often explained by another; a trigger while a recording runs makes that one
 * longer. The disk is a thread's business: one that is slow or full costs frames of the recording,
 * which are counted, and never delays the loop.
 */
#ifndef EDGE_GATEWAY_APP_DASH_CAM_H
#define EDGE_GATEWAY_APP_DASH_CAM_H

#include "common/attributes.h"
#include "common/loop.h"
#include "edge-gateway/app/dash_cam_config.h"
#include "edge-gateway/can/frame.h"
#include "topics/payload_recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dash_cam;

/* What became of recordings. Texts are borrowed during the call. */
struct dash_cam_handler {
    void (*recorded)(void *context, const struct payload_recording *recording);
    /* For people: what is wrong and what to do. Not at every failure of many. */
    void (*failed)(void *context, const char *text);
    void *context;
};

struct dash_cam_options {
    struct loop *loop;
    const struct dash_cam_config *config; /* enabled */
    const char *const *buses;             /* names, by frame.bus */
    size_t bus_count;
    struct dash_cam_handler handler;
};

/* 0 or -errno. The texts in `options` are copied. */
EDGE_MUST_CHECK int dash_cam_new(const struct dash_cam_options *options, struct dash_cam **ret);
/* Ends a recording with what there is, and waits for the disk. Accepts NULL. */
void dash_cam_free(struct dash_cam *cam);

/* It is what these options would make: a change of the configuration need not end it. */
bool dash_cam_suits(const struct dash_cam *cam, const struct dash_cam_options *options);
/* A recording runs, or the disk is at work for it: dash_cam_free() would wait. */
bool dash_cam_is_busy(const struct dash_cam *cam);

/* What a bus received, or sent. Accept NULL: there is no dash-cam. */
void dash_cam_frames(struct dash_cam *cam, const struct frame *frames, size_t count);
void dash_cam_sent(struct dash_cam *cam, size_t bus, const struct frame *frame);

/*
 * Something happened. `bus` is its name, NULL for all; `what` is a word or an id, as "bus_off". The
 * two make the name of the file. *ret (may be NULL): the recording that it will be in.
 */
void dash_cam_trigger(struct dash_cam *cam, const char *bus, const char *what,
                      struct payload_recording_begun *ret);

/*
 * triggers = started + extended + waiting
 * started = finished + empty + failed + running
 */
struct dash_cam_stats {
    uint64_t triggers;
    uint64_t started;
    uint64_t extended;
    bool waiting; /* for the end of a recording that is as long as it may be */
    uint64_t finished;
    uint64_t empty; /* nothing had been received: no file */
    uint64_t failed;
    bool running;
    uint64_t recovered; /* after a crash, at the start */
    uint64_t frames;    /* in finished recordings */
    uint64_t lost;      /* of recordings: memory was too small for the disk's pace */
    uint64_t removed;   /* files, to keep the quota */
    uint64_t files;     /* in the directory, as last seen */
    uint64_t file_bytes;
    uint64_t held_frames; /* in memory now */
    uint64_t held_bytes;
    int64_t reach_us; /* how far memory that is full reaches back, at least; 0: none is full */
};

struct dash_cam_stats dash_cam_stats(const struct dash_cam *cam);

#endif
