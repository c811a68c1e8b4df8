#include "edge-gateway/alarm/bus_traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_SIZE (2 * BUS_TRAFFIC_IDS_MAX)
#define NEVER      INT64_MIN
#define LATE_US    INT64_C(2000000) /* after the look before */

/* Bits of a frame without its data and without stuff bits (ISO 11898-1:2015): what goes at the bit
 * rate, and, of an FD frame, what may go faster. The three bits between frames count. */
#define CLASSIC_BITS     47
#define EXTENDED_BITS    20
#define FD_NOMINAL_BITS  29
#define FD_DATA_BITS     28 /* with a checksum of 17 bits and its fixed stuff bits */
#define FD_LONG_CRC_BITS 5  /* more, above 16 bytes of data */

struct watched {
    int64_t after_us; /* 0 = not watched */
    int64_t seen_us;
    bool silent;
};

struct bus_traffic {
    size_t message_count;
    struct watched *watched;
    int64_t settle_us;
    int64_t settled_us; /* NEVER: nothing came yet */
    int64_t looked_us;
    uint64_t frames; /* since then, as the bits */
    uint64_t nominal_bits;
    uint64_t data_bits;
    uint32_t ids[BUS_TRAFFIC_IDS_MAX]; /* in the order in which they came */
    size_t id_count;
    size_t new_count;           /* of the newest of them: not told yet */
    uint16_t table[TABLE_SIZE]; /* of an id: its place in `ids` + 1; 0 = free */
};

int bus_traffic_new(const struct bus_traffic_options *options, struct bus_traffic **ret)
{
    struct bus_traffic *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    t->message_count = options->message_count;
    t->settle_us = options->settle_us;
    t->settled_us = NEVER;
    t->looked_us = NEVER;
    t->watched = calloc(options->message_count + 1, sizeof(*t->watched));
    if (t->watched == NULL) {
        free(t);
        return -ENOMEM;
    }
    for (size_t i = 0; i < t->message_count; i++) {
        t->watched[i] = (struct watched){options->silent_after_us[i], NEVER, false};
    }
    *ret = t;
    return 0;
}

void bus_traffic_free(struct bus_traffic *traffic)
{
    if (traffic != NULL) {
        free(traffic->watched);
        free(traffic);
    }
}

/* ---- frames ----------------------------------------------------------------------------- */

static void count_bits(struct bus_traffic *t, const struct frame *frame)
{
    uint64_t data = (frame->flags & FRAME_REMOTE) != 0 ? 0 : 8u * frame->len;
    uint64_t id = (frame->flags & FRAME_EXTENDED) != 0 ? EXTENDED_BITS : 0;
    if ((frame->flags & FRAME_FD) == 0) {
        t->nominal_bits += CLASSIC_BITS + id + data;
        return;
    }
    data += FD_DATA_BITS + (frame->len > 16 ? FD_LONG_CRC_BITS : 0u);
    bool is_switched = (frame->flags & FRAME_BRS) != 0;
    t->nominal_bits += FD_NOMINAL_BITS + id + (is_switched ? 0 : data);
    t->data_bits += is_switched ? data : 0;
}

static bool is_there(struct bus_traffic *t, uint32_t id, size_t *ret_place)
{
    size_t place = (id * UINT32_C(2654435761)) % TABLE_SIZE;
    while (t->table[place] != 0) {
        if (t->ids[t->table[place] - 1] == id) {
            return true;
        }
        place = (place + 1) % TABLE_SIZE;
    }
    *ret_place = place;
    return false;
}

static void note_unknown(struct bus_traffic *t, const struct frame *frame, int64_t now_us)
{
    uint32_t id =
        frame->can_id | ((frame->flags & FRAME_EXTENDED) != 0 ? BUS_TRAFFIC_ID_EXTENDED : 0u);
    size_t place;
    if (is_there(t, id, &place) || t->id_count == BUS_TRAFFIC_IDS_MAX) {
        return;
    }
    t->ids[t->id_count++] = id;
    t->table[place] = (uint16_t)t->id_count;
    t->new_count = now_us >= t->settled_us ? t->new_count + 1 : 0;
}

void bus_traffic_frame(struct bus_traffic *traffic, size_t message, const struct frame *frame,
                       int64_t now_us)
{
    struct bus_traffic *t = traffic;
    t->settled_us = t->settled_us == NEVER ? now_us + t->settle_us : t->settled_us;
    t->frames++;
    count_bits(t, frame);
    if (message == BUS_TRAFFIC_UNKNOWN) {
        note_unknown(t, frame, now_us);
    } else {
        t->watched[message].seen_us = now_us;
    }
}

void bus_traffic_pause(struct bus_traffic *traffic)
{
    for (size_t i = 0; i < traffic->message_count; i++) {
        traffic->watched[i].seen_us = NEVER;
        traffic->watched[i].silent = false;
    }
}

/* ---- the look --------------------------------------------------------------------------- */

/* Who looks late was busy, and has frames to read yet: nobody is silent for that. */
static void look_at_silence(struct bus_traffic *t, int64_t now_us, struct bus_traffic_look *ret)
{
    bool is_late = t->looked_us != NEVER && now_us - t->looked_us > LATE_US;
    for (size_t i = 0; i < t->message_count; i++) {
        struct watched *w = &t->watched[i];
        bool silent = w->after_us > 0 && w->seen_us != NEVER && now_us - w->seen_us > w->after_us &&
                      (w->silent || !is_late);
        ret->has_new_silent = ret->has_new_silent || (silent && !w->silent);
        w->silent = silent;
        if (silent && ret->silent_count < BUS_TRAFFIC_SHOWN) {
            ret->silent[ret->silent_count] = i;
        }
        ret->silent_count += silent;
    }
}

static void look_at_ids(struct bus_traffic *t, struct bus_traffic_look *ret)
{
    ret->unknown_id_count = t->id_count;
    ret->new_id_count = t->new_count;
    for (size_t i = 0; i < t->id_count && i < BUS_TRAFFIC_SHOWN; i++) {
        ret->unknown_ids[i] = t->ids[t->id_count - 1 - i];
    }
    t->new_count = 0;
}

static void look_at_load(struct bus_traffic *t, const struct bus_rates *rates, int64_t now_us,
                         struct bus_traffic_look *ret)
{
    double span_s = t->looked_us == NEVER ? 0 : (double)(now_us - t->looked_us) / 1e6;
    ret->load_permille = -1;
    if (span_s > 0) {
        uint32_t data_bitrate = rates->data_bitrate > 0 ? rates->data_bitrate : rates->bitrate;
        ret->frames_per_s = (double)t->frames / span_s;
        if (rates->bitrate > 0) {
            double busy_s =
                (double)t->nominal_bits / rates->bitrate + (double)t->data_bits / data_bitrate;
            ret->load_permille = (int)(busy_s / span_s * 1000.0 + 0.5);
        }
    }
    t->looked_us = now_us;
    t->frames = 0;
    t->nominal_bits = 0;
    t->data_bits = 0;
}

void bus_traffic_look(struct bus_traffic *traffic, const struct bus_rates *rates, int64_t now_us,
                      struct bus_traffic_look *ret)
{
    *ret = (struct bus_traffic_look){0};
    look_at_silence(traffic, now_us, ret);
    look_at_ids(traffic, ret);
    look_at_load(traffic, rates, now_us, ret);
}

void bus_traffic_adopt(struct bus_traffic *traffic, const struct bus_traffic *from,
                       const size_t *places, bool is_same)
{
    struct bus_traffic *t = traffic;
    for (size_t i = 0; i < t->message_count; i++) {
        if (places[i] != BUS_TRAFFIC_UNKNOWN && t->watched[i].after_us > 0) {
            t->watched[i].seen_us = from->watched[places[i]].seen_us;
            t->watched[i].silent = from->watched[places[i]].silent;
        }
    }
    t->looked_us = from->looked_us;
    t->frames = from->frames;
    t->nominal_bits = from->nominal_bits;
    t->data_bits = from->data_bits;
    if (is_same) {
        t->settled_us = from->settled_us;
        t->id_count = from->id_count;
        t->new_count = from->new_count;
        memcpy(t->ids, from->ids, sizeof(t->ids));
        memcpy(t->table, from->table, sizeof(t->table));
    }
}
