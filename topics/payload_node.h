/*
 * What a node says of itself: its status word (also its will), its info, the state of its buses,
 * and its answers to requests and commands.
 */
#ifndef EDGE_TOPICS_PAYLOAD_NODE_H
#define EDGE_TOPICS_PAYLOAD_NODE_H

#include "topics/attributes.h"
#include "topics/json_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "online" or "offline"; static. */
const char *payload_status_text(bool online);

/* False: neither word. */
TOPICS_MUST_CHECK bool payload_status_from_text(const char *text, size_t length, bool *ret_online);

/* Borrowed names. */
struct payload_names {
    const char *const *names;
    size_t count;
};

/* Whose seqs a gateway gives out. A gateway on a new disk counts from 1 again, under another id. */
struct payload_log {
    uint64_t id;           /* 0: there is no log, or it is not open yet */
    uint64_t acknowledged; /* done with: no seq up to this one will be sent again */
};

#define PAYLOAD_LOG_ID_DIGITS 16 /* hexadecimal, small letters */

/* {"program":"edge-gateway","version":"0.1.0","started":1795423160.5,"configuration":"5f3c...",
 *  "log":{"id":"0f3c9a1122334455","acknowledged":1234},
 *  "buses":["can0"],"devices":[],"capabilities":["set","history"]} */
struct payload_info {
    const char *program;
    const char *version;
    int64_t started_us;
    const char *configuration; /* hash of the configuration, hexadecimal; NULL: left out */
    struct payload_log log;    /* left out without an id */
    struct payload_names buses;
    struct payload_names devices;
    struct payload_names capabilities;
};

void payload_info_write(struct json_writer *w, const struct payload_info *info);

enum payload_bus_word {
    PAYLOAD_BUS_UP,
    PAYLOAD_BUS_DOWN,          /* interface down or gone */
    PAYLOAD_BUS_NO_TRAFFIC,    /* up, but nothing has come for the configured time */
    PAYLOAD_BUS_ERROR_WARNING, /* ISO 11898-1: an error counter above 96 */
    PAYLOAD_BUS_ERROR_PASSIVE, /* above 127 */
    PAYLOAD_BUS_OFF            /* transmit errors above 255 */
};

/* "up", "down", "no_traffic", "error_warning", "error_passive", "bus_off"; static. */
const char *payload_bus_word_text(enum payload_bus_word word);
/* All of them; static. */
const char *const *payload_bus_words(size_t *ret_count);

/* A counter of -1 is not known and left out. */
struct payload_bus_state {
    enum payload_bus_word state;
    int64_t since_us;  /* of this state; 0: left out */
    int load_permille; /* of the bit rate, published in percent; -1: not known */
    int64_t tx_errors; /* the controller's error counters */
    int64_t rx_errors;
    int64_t error_frames;   /* since the start */
    int64_t bus_offs;       /* since the start */
    int64_t kernel_dropped; /* frames that the socket lost, SO_RXQ_OVFL */
    double frames_per_s;    /* -1: not known */
    int64_t unknown;        /* frames that no DBC names */
    /* Some of them, and how many there are; -1: not known. */
    struct payload_names unknown_ids; /* "1A0", "18FEF100" (29 bits: eight digits) */
    int64_t unknown_id_count;
    struct payload_names silent; /* messages that come no more, though the DBC says how often */
    int64_t silent_count;
};

void payload_bus_state_write(struct json_writer *w, const struct payload_bus_state *state);

/*
 * An answer; `transaction` is the asker's, NULL if there was none.
 *   {"transaction":"7","status":"ok"}
 *   {"transaction":"7","status":"error","error":"signal 'Power' is above its maximum 100"}
 *   {"transaction":"7","status":"ok","seq":0,"data":{...},"last":true}
 */
void payload_response_ok(struct json_writer *w, const char *transaction);
void payload_response_error(struct json_writer *w, const char *transaction, const char *error);

/* One chunk of an answer; the members of `data` are written between the two. `seq` counts the
 * chunks of this answer from 0. An error ends an answer too, whatever came before. */
void payload_response_data_begin(struct json_writer *w, const char *transaction, uint64_t seq);
void payload_response_data_end(struct json_writer *w, bool last);

#endif
