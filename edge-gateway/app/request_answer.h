/*
 * The answer to one request, chunk after chunk: values out of the frame log, the catalog, or how
 * alarms are, as the text of topics/payload_answer.h. Made in the loop; request_answer_step() runs
 * in the thread of the queries, which alone has the answer meanwhile, or, for alarms, in the loop.
 */
#ifndef EDGE_GATEWAY_APP_REQUEST_ANSWER_H
#define EDGE_GATEWAY_APP_REQUEST_ANSWER_H

#include "common/attributes.h"
#include "common/responder.h"
#include "common/support.h"
#include "edge-gateway/app/reload_outcome.h"
#include "edge-gateway/app/request_room.h"
#include "topics/payload_query.h"

#include <stddef.h>
#include <stdint.h>

struct request_answer;

/* 0; -ENOENT: it asks for a bus, message or signal that is not there, which `reterr` (of
 * RESPONDER_ERROR_BYTES) names; -ENOMEM. `record` starts recording here. The room is held. */
EDGE_MUST_CHECK int request_answer_new(struct request_room *room, const struct payload_query *query,
                                       int64_t now_us, struct request_answer **ret, char *reterr);
/* To `reload`: what became of it, which is taken; before the first step. */
void request_take_reload(struct request_answer *answer, struct reload_outcome *take);
/* To `support`: the report, which is taken; before the first step. */
void request_take_support(struct request_answer *answer, struct support *take);
void request_answer_free(struct request_answer *answer);

enum responder_step request_answer_step(struct request_answer *answer);

/* What the last step made: a payload, NUL-terminated. */
const char *request_answer_text(const struct request_answer *answer, size_t *ret_length);
/* Why it failed. */
const char *request_answer_error(const struct request_answer *answer);

#endif
