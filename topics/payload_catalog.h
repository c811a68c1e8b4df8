/*
 * The catalog: what a gateway's readings mean. Written in steps, from outside in:
 *
 *   begin  { bus_begin  { message_begin  signal*  message_end }  bus_end }  end
 *
 *   {"ts":1795423160.5,"buses":[{"name":"can0","messages":[{"name":"Climate","id":291,
 *    "extended":false,"cycle_ms":100,"stale_ms":15300,"layout":"message","settable":false,"signals":[
 *    {"name":"Temperature","unit":"°C","min":-40,"max":215,"decimals":1},
 *    {"name":"Pump","labels":[{"value":0,"label":"Off"},{"value":1,"label":"Running"}]}]}]}]}
 */
#ifndef EDGE_TOPICS_PAYLOAD_CATALOG_H
#define EDGE_TOPICS_PAYLOAD_CATALOG_H

#include "topics/json_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum payload_layout {
    PAYLOAD_LAYOUT_MESSAGE, /* one JSON per message */
    PAYLOAD_LAYOUT_SIGNAL   /* one plain value per signal, on a topic below the message's */
};

struct payload_catalog_message {
    const char *name;     /* as in the DBC */
    const char *topic_id; /* as in topics, if it had to differ; NULL: the same */
    uint32_t can_id;      /* without flag bits */
    bool extended;        /* a 29-bit id */
    uint32_t cycle_ms;    /* 0: not known, left out */
    bool has_stale;
    uint64_t stale_ms; /* without a reading for this long the last one is stale; 0 = never */
    enum payload_layout layout;
    bool settable; /* `/set` is allowed */
};

struct payload_catalog_signal {
    const char *name;
    const char *unit; /* NULL: none */
    const char *min;  /* exact decimals as in json_number_text(); NULL: none stated */
    const char *max;
    int decimals;    /* a person wants to see; -1: not known */
    bool has_labels; /* payload_catalog_label() follows, once at least */
};

void payload_catalog_begin(struct json_writer *w, int64_t ts_us);
void payload_catalog_bus_begin(struct json_writer *w, const char *name);
void payload_catalog_message_begin(struct json_writer *w,
                                   const struct payload_catalog_message *message);
void payload_catalog_signal_begin(struct json_writer *w,
                                  const struct payload_catalog_signal *signal);
/* `value` is raw, as in VAL_ of the DBC. */
void payload_catalog_label(struct json_writer *w, int64_t value, const char *text);
void payload_catalog_signal_end(struct json_writer *w, const struct payload_catalog_signal *signal);
void payload_catalog_message_end(struct json_writer *w);
void payload_catalog_bus_end(struct json_writer *w);
void payload_catalog_end(struct json_writer *w);

/* The same as the `data` of an answer, instead of begin and end: only the members, without the
 * object around. Each chunk of the answer holds some of the messages. */
void payload_catalog_data_begin(struct json_writer *w, int64_t ts_us);
void payload_catalog_data_end(struct json_writer *w);

#endif
