/*
 * What a bus carries: how much, which messages fell silent although the DBC says how often they
 * come, and which ids no DBC names. Told of each frame, it is looked at once a second. Pure;
 * nothing is allocated after it was made.
 */
#ifndef EDGE_GATEWAY_ALARM_BUS_TRAFFIC_H
#define EDGE_GATEWAY_ALARM_BUS_TRAFFIC_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_TRAFFIC_SHOWN   16  /* of a list of names or ids */
#define BUS_TRAFFIC_IDS_MAX 256 /* unknown ids that are told apart */

#define BUS_TRAFFIC_UNKNOWN SIZE_MAX

struct bus_traffic_options {
    size_t message_count;
    const int64_t *silent_after_us; /* by message; 0 = not watched. Copied */
    int64_t settle_us; /* after the first frame: ids that come until then are not new */
};

struct bus_traffic;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int bus_traffic_new(const struct bus_traffic_options *options,
                                    struct bus_traffic **ret);
void bus_traffic_free(struct bus_traffic *traffic);

/* A data frame; `message` is its index, or BUS_TRAFFIC_UNKNOWN. */
void bus_traffic_frame(struct bus_traffic *traffic, size_t message, const struct frame *frame,
                       int64_t now_us);

/* Nothing can come now (the interface is down): nobody is silent until they have come again. */
void bus_traffic_pause(struct bus_traffic *traffic);

struct bus_rates {
    uint32_t bitrate;      /* bit/s; 0 = not known */
    uint32_t data_bitrate; /* of FD frames that switch; 0 = as the other */
};

struct bus_traffic_look {
    double frames_per_s;
    int load_permille; /* without stuff bits; -1 = not known */
    size_t silent_count;
    size_t silent[BUS_TRAFFIC_SHOWN];        /* messages */
    bool has_new_silent;                     /* since the look before */
    size_t unknown_id_count;                 /* at most BUS_TRAFFIC_IDS_MAX */
    uint32_t unknown_ids[BUS_TRAFFIC_SHOWN]; /* the newest ones, as below */
    size_t new_id_count;                     /* of these: new since the look before, newest first */
};

/* Bit 31 of an id: an extended one. */
#define BUS_TRAFFIC_ID_EXTENDED (UINT32_C(1) << 31)

/* Goes on where `from` ended. `places`, by message: the same one's index there, or
 * BUS_TRAFFIC_UNKNOWN. `is_same`: all messages are the same ones, else unknown ids are learnt anew.
 */
void bus_traffic_adopt(struct bus_traffic *traffic, const struct bus_traffic *from,
                       const size_t *places, bool is_same);

/* Since the look before. */
void bus_traffic_look(struct bus_traffic *traffic, const struct bus_rates *rates, int64_t now_us,
                      struct bus_traffic_look *ret);

#endif
