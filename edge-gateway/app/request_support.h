/* The part of an answer that `support` gets; private to request_answer.c. */
#ifndef EDGE_GATEWAY_APP_REQUEST_SUPPORT_H
#define EDGE_GATEWAY_APP_REQUEST_SUPPORT_H

#include "edge-gateway/app/request_answer_parts.h"

/* As every request_fill_fn. */
EDGE_MUST_CHECK int request_fill_support(struct request_answer *answer, bool begins,
                                         enum responder_step *ret_step);

#endif
