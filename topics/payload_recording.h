/*
 * What is said of a recording of the dash-cam.
 *
 * In the event `recorded`, beside what every event has:
 *   "path":"recordings/dashcam-20261126T101530.250Z-can0-bus_off.log","trigger":"bus_off",
 *   "from":1795423160.5,"to":1795423200.5,"frames":40000,"bytes":1840000,"lost":0
 *
 * In the answer to `record`:
 *   "path":"...","from":1795423160.5,"to":1795423200.5,"extended":false
 */
#ifndef EDGE_TOPICS_PAYLOAD_RECORDING_H
#define EDGE_TOPICS_PAYLOAD_RECORDING_H

#include "topics/json_writer.h"

#include <stdbool.h>
#include <stdint.h>

/* One that is over. */
struct payload_recording {
    const char *path;    /* NULL: no frame, so no file; left out */
    const char *trigger; /* the first one: "request", "bus_off", the id of an alarm */
    const char *bus;     /* that it was about; NULL: all, or none in particular */
    int64_t from_us;     /* stamps of the first and the last frame; left out without a frame */
    int64_t to_us;
    uint64_t frames;
    uint64_t bytes;
    uint64_t lost;     /* received, but not in the file */
    bool is_cut;       /* it reached the limit of its size */
    uint64_t extended; /* triggers that came while it ran */
};

void payload_recording_members(struct json_writer *w, const struct payload_recording *recording);

/* One that is being made. */
struct payload_recording_begun {
    const char *path;
    int64_t from_us; /* the oldest that may be in it */
    int64_t to_us;   /* its end, if nothing extends it */
    bool extended;   /* it was already running */
};

void payload_recording_begun_members(struct json_writer *w,
                                     const struct payload_recording_begun *begun);

#endif
