#include "edge-gateway/app/history_format.h"

#include "edge-gateway/app/ndjson.h"
#include "edge-gateway/can/candump.h"
#include "topics/payload_event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EVENT_LINE_MAX_BYTES (SEGMENT_EVENT_MAX_BYTES + 128) /* with its ts and seq */
#define GAP_LINE_MAX_BYTES   128

static void put_line(struct history_writer *w, char *room, size_t length)
{
    room[length] = '\n';
    output_commit(&w->output, room + length + 1);
}

/* ---- ndjson ----------------------------------------------------------------------------- */

static void ndjson_frame(struct history_writer *w, const struct history_frame *frame)
{
    const struct ndjson_frame head = {frame->frame, frame->bus->name, strlen(frame->bus->name),
                                      frame->seq};
    if (frame->message == NULL) {
        char *room = output_room(&w->output, EVENT_LINE_MAX_BYTES);
        output_commit(&w->output, ndjson_write_unknown(room, &head));
        return;
    }
    char *room = output_room(&w->output, ndjson_max_bytes(frame->bus->json));
    output_commit(&w->output, ndjson_write_reading(frame->bus->json, room, &head, frame->message,
                                                   frame->values, frame->count));
}

static void ndjson_event(struct history_writer *w, const struct segment_record *event)
{
    char *room = output_room(&w->output, EVENT_LINE_MAX_BYTES);
    struct json_writer json;
    size_t length;
    json_writer_init(&json, room, EVENT_LINE_MAX_BYTES);
    payload_event_restore(&json, event->ts_us, event->seq, event->text, event->length);
    if (json_writer_finish(&json, &length) == 0) { /* it has room for the longest */
        put_line(w, room, length);
    }
}

static void ndjson_gap(struct history_writer *w, uint64_t first, uint64_t last, const char *reason)
{
    char *room = output_room(&w->output, GAP_LINE_MAX_BYTES);
    int length =
        snprintf(room, GAP_LINE_MAX_BYTES,
                 "{\"ranges\":[[%" PRIu64 ",%" PRIu64 "]],\"reason\":\"%s\"}", first, last, reason);
    put_line(w, room, (size_t)length);
}

/* ---- candump ---------------------------------------------------------------------------- */

static void candump_frame(struct history_writer *w, const struct history_frame *frame)
{
    char *room = output_room(&w->output, CANDUMP_TEXT_MAX + 1);
    put_line(w, room, candump_format(frame->frame, frame->bus->name, room));
}

static void candump_gap(struct history_writer *w, uint64_t first, uint64_t last, const char *reason)
{
    char *room = output_room(&w->output, GAP_LINE_MAX_BYTES);
    int length = snprintf(room, GAP_LINE_MAX_BYTES, "# seq %" PRIu64 " to %" PRIu64 ": %s", first,
                          last, reason);
    put_line(w, room, (size_t)length);
}

/* ---- all of them ------------------------------------------------------------------------ */

static const struct history_format history_ndjson = {
    .name = "ndjson",
    .decodes = true,
    .prints_unknown = true,
    .frame = ndjson_frame,
    .event = ndjson_event,
    .gap = ndjson_gap,
};

static const struct history_format history_candump = {
    .name = "candump",
    .frame = candump_frame,
    .gap = candump_gap,
};

const struct history_format *history_format_find(const char *name)
{
    static const struct history_format *const formats[] = {&history_ndjson, &history_candump,
                                                           &history_csv};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(formats[i]->name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

/* Buses that share a DBC database share its texts. */
static int prepare_ndjson(struct history_buses *buses, size_t *max_bytes)
{
    for (int i = 0; i < HISTORY_BUSES; i++) {
        struct history_bus *bus = &buses->list[i];
        for (int k = 0; k < i && bus->json == NULL && bus->db != NULL; k++) {
            bus->json = buses->list[k].db == bus->db ? buses->list[k].json : NULL;
        }
        if (bus->json == NULL && bus->db != NULL) {
            bus->json = ndjson_new(bus->db);
            if (bus->json == NULL) {
                return -ENOMEM;
            }
            size_t bytes = ndjson_max_bytes(bus->json);
            *max_bytes = bytes > *max_bytes ? bytes : *max_bytes;
        }
    }
    return 0;
}

int history_writer_init(struct history_writer *writer, const struct history_format *format,
                        struct history_buses *buses)
{
    size_t max_bytes = EVENT_LINE_MAX_BYTES;
    *writer = (struct history_writer){.format = format, .output = {.fd = -1}};
    int r = format == &history_ndjson ? prepare_ndjson(buses, &max_bytes) : 0;
    return r < 0 ? r : output_init(&writer->output, STDOUT_FILENO, max_bytes);
}

void history_writer_deinit(struct history_writer *writer, struct history_buses *buses)
{
    output_deinit(&writer->output);
    for (int i = 0; i < HISTORY_BUSES; i++) {
        struct ndjson *json = buses->list[i].json;
        for (int k = i; json != NULL && k < HISTORY_BUSES; k++) {
            buses->list[k].json = buses->list[k].json == json ? NULL : buses->list[k].json;
        }
        ndjson_free(json);
    }
}
