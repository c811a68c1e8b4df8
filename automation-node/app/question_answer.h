/* The answer to one question, chunk after chunk: what the engine knows now, or what was recorded,
 * as the text of topics/payload_account.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_QUESTION_ANSWER_H
#define EDGE_AUTOMATION_NODE_APP_QUESTION_ANSWER_H

#include "automation-node/app/explanation.h"
#include "common/attributes.h"
#include "common/responder.h"
#include "common/support.h"
#include "topics/payload_question.h"

struct question_answer;

/* 0; -ENOENT: it asks for a device or rule that is not there, or for records where none are kept,
 * which `reterr` (of RESPONDER_ERROR_BYTES) says; -ENOMEM. The witness is borrowed. */
EDGE_MUST_CHECK int question_answer_new(const struct witness *witness,
                                        const struct payload_question *question,
                                        struct question_answer **ret, char *reterr);

/* To `support`: the report, which is taken; before the first step. */
void question_answer_take_support(struct question_answer *answer, struct support *take);

/* How steps of this verb are made: history in the thread, all else in the loop. */
const struct responder_methods *question_answer_methods(enum payload_question_verb verb);

#endif
