/*
 * The `data` of the answer to `explain` (payload_question.h): why a device is what it is, from the
 * reading to the command, and what would change it. Members between payload_response_data_begin()
 * and _end().
 *
 * Times are since the epoch; 0 = there is none, left out. Texts that are NULL are left out.
 */
#ifndef EDGE_TOPICS_PAYLOAD_EXPLAIN_H
#define EDGE_TOPICS_PAYLOAD_EXPLAIN_H

#include "topics/payload_device.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * In steps: begin, readings, claims, changes, end.
 *   "device":"vent","state":{"value":100,"target":100,"source":"rule:air_when_hot",...},
 *   "decision":{"source":"rule:air_when_hot","priority":"rule","wanted":100,"reading":{...}},
 *   "readings":[{"input":"temperature","topic":"edge/demo/gw1/can/can0/Climate",...}],
 *   "claims":[{"source":"rule:air_when_hot","priority":"rule","value":100,"wins":true,...}],
 *   "command":{"value":100,"sent":1795423160.5,"attempt":1,"phase":"confirmed",...},
 *   "changes":[{"what":"temperature <= 24 °C (now 25.3 °C)"},{"what":"...","at":1795423760.5}],
 *   "text":"vent is 100 because ..."
 */
struct payload_explained {
    const char *device;
    struct payload_device_state state;
    const char *source;          /* who won */
    const char *priority;        /* his class */
    struct payload_value wanted; /* by the winner; what is done differs while he is held */
    const char *hold;            /* "min_on", ...: why he is held; NULL = he is not */
    const struct payload_counted *reading; /* that led to it; NULL = none did */
};

/* Where a reading came from, and what it was. */
struct payload_counted {
    const char *input;
    const char *topic;  /* NULL = computed by the node */
    const char *signal; /* "can0/Climate/Temperature"; NULL = none */
    uint64_t seq;       /* 0 = none */
    int64_t ts_us;
    bool has_value; /* else what follows is left out */
    struct payload_value value;
    const char *unit;
    enum reading_quality quality;
    double stale_after_s;   /* without another reading it is stale then; 0 = does not age; negative:
                               left out */
    const char *stale_from; /* who says so: "configuration", "catalog", "default" */
};

/* Somebody who wants something of the device. */
struct payload_claim {
    const char *source;
    const char *priority;
    const char *reason;
    struct payload_value value;
    int64_t until_us;
    bool wins;
    const char *lost_to; /* why not: who is above */
};

struct payload_sent {
    struct payload_value value;
    const char *transaction;
    uint64_t attempt;
    const char *phase; /* "idle", "pending", "confirmed", "failed" */
    int64_t sent_us;
    int64_t confirmed_us;
    const struct payload_counted *feedback; /* that proves it; NULL = there is none */
};

void payload_explain_begin(struct json_writer *w, const struct payload_explained *explained);
void payload_explain_readings_begin(struct json_writer *w);
void payload_explain_reading(struct json_writer *w, const struct payload_counted *reading);
void payload_explain_claims_begin(struct json_writer *w);
void payload_explain_claim(struct json_writer *w, const struct payload_claim *claim);
void payload_explain_command(struct json_writer *w, const struct payload_sent *sent);
void payload_explain_changes_begin(struct json_writer *w);
void payload_explain_change(struct json_writer *w, const char *what, int64_t at_us);
/* Ends each of the three arrays. */
void payload_explain_array_end(struct json_writer *w);
void payload_explain_end(struct json_writer *w, const char *text);

#endif
