/*
 * The answer to one request, chunk after chunk: values out of the frame log, the catalog, or how
 * alarms are, as the text of topics/payload_answer.h. Made in the loop; request_answer_step() runs
 * in the thread of the queries, which alone has the answer meanwhile, or, for alarms, in the loop.
 */
#ifndef EDGE_GATEWAY_APP_REQUEST_ANSWER_H
#define EDGE_GATEWAY_APP_REQUEST_ANSWER_H

#include "common/attributes.h"
#include "common/responder.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/store/store_query.h"
#include "topics/payload_query.h"

#include <stddef.h>
#include <stdint.h>

struct alarms;
struct dash_cam;

/* What answers are made from; borrowed, and const but for the log and the dash-cam. */
struct request_source {
    const struct gateway_plan *plan;
    struct store_query *log;     /* NULL: nothing is logged */
    struct dash_cam *dash_cam;   /* for the loop alone; NULL: there is none */
    const struct alarms *alarms; /* the same */
};

struct request_answer;

/* 0; -ENOENT: it asks for a bus, message or signal that is not there, which `reterr` (of
 * RESPONDER_ERROR_BYTES) names; -ENOMEM. `record` starts recording here. */
EDGE_MUST_CHECK int request_answer_new(const struct request_source *source,
                                       const struct payload_query *query, int64_t now_us,
                                       struct request_answer **ret, char *reterr);
void request_answer_free(struct request_answer *answer);

enum responder_step request_answer_step(struct request_answer *answer);

/* What the last step made: a payload, NUL-terminated. */
const char *request_answer_text(const struct request_answer *answer, size_t *ret_length);
/* Why it failed. */
const char *request_answer_error(const struct request_answer *answer);

#endif
