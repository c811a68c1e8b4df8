/* What the verbs' parts of an answer share; private to them. */
#ifndef EDGE_GATEWAY_APP_REQUEST_ANSWER_PARTS_H
#define EDGE_GATEWAY_APP_REQUEST_ANSWER_PARTS_H

#include "common/attributes.h"
#include "edge-gateway/app/request_answer.h"
#include "topics/json_writer.h"
#include "topics/payload_answer.h"
#include "topics/payload_recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request_answer {
    struct request_room *room;
    struct payload_query query;
    int64_t now_us;
    struct store_signal signals[PAYLOAD_QUERY_SIGNALS_MAX]; /* as in the query */
    uint64_t chunk;                                         /* seq of this one */
    bool is_open;                                           /* a chunk was begun */
    struct json_writer w;
    char *text; /* PAYLOAD_CHUNK_MAX_BYTES */
    size_t length;
    char error[RESPONDER_ERROR_BYTES];

    /* history, statistics: the values of one signal after the other */
    size_t signal;
    bool has_values;
    size_t at; /* the next one of them */
    struct decimate_point *points;
    uint64_t damaged; /* of these, or of the chunk of messages */
    struct store_history history;
    struct store_statistics statistics;

    /* messages, alarm_history */
    uint64_t left; /* readings or events that may still come */
    bool is_full;  /* the chunk */

    size_t alarm; /* alarms: the next one */

    /* catalog */
    size_t bus;
    size_t message;

    /* record */
    char *path;
    struct payload_recording_begun recording;

    struct reload_outcome reload; /* `at`: the next change */
    struct support *support;      /* `at`: the next item; NULL: of another verb */
};

/* Goes on with the open chunk; `begins`: nothing is in it yet. -errno: `error` says why. */
typedef int (*request_fill_fn)(struct request_answer *answer, bool begins,
                               enum responder_step *ret_step);

EDGE_MUST_CHECK int request_fill_history(struct request_answer *answer, bool begins,
                                         enum responder_step *ret_step);
EDGE_MUST_CHECK int request_fill_statistics(struct request_answer *answer, bool begins,
                                            enum responder_step *ret_step);
EDGE_MUST_CHECK int request_fill_messages(struct request_answer *answer, bool begins,
                                          enum responder_step *ret_step);
EDGE_MUST_CHECK int request_fill_catalog(struct request_answer *answer, bool begins,
                                         enum responder_step *ret_step);
EDGE_MUST_CHECK int request_fill_alarms(struct request_answer *answer, bool begins,
                                        enum responder_step *ret_step);
EDGE_MUST_CHECK int request_fill_alarm_history(struct request_answer *answer, bool begins,
                                               enum responder_step *ret_step);

EDGE_MUST_CHECK int request_fill_record(struct request_answer *answer, bool begins,
                                        enum responder_step *ret_step);

EDGE_MUST_CHECK int request_fill_reload(struct request_answer *answer, bool begins,
                                        enum responder_step *ret_step);

/* Of `record`: pulls the trigger. 0 or -ENOMEM. */
EDGE_MUST_CHECK int request_record(struct request_answer *answer);

/* Of the log, as the answer's error; returns `r`. */
int request_fault(struct request_answer *answer, int r);

/* The signal that the chunk is about. */
struct payload_series request_series(const struct request_answer *answer, enum store_source source);
struct store_span request_span(const struct request_answer *answer);

#endif
