/*
 * What became of a reload, for who asked for it over MQTT: what goes on as it was and what does
 * not, or everything that is wrong. How answers are sent is common/responder.h.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_RELOAD_ANSWER_H
#define EDGE_AUTOMATION_NODE_APP_RELOAD_ANSWER_H

#include "automation-node/app/remembered.h"
#include "common/attributes.h"
#include "common/responder.h"

#define RELOAD_ERROR_BYTES (16 * 1024)

struct reload_answer;

/* Either `error` (up to RELOAD_ERROR_BYTES of it are copied), or, where that is NULL, what the
 * engine made of what is remembered, both borrowed. `transaction` may be NULL. 0 or -ENOMEM. */
struct reload_outcome {
    const char *error;
    const struct remembered *remembered;
    const struct engine *engine;
};

EDGE_MUST_CHECK int reload_answer_new(const struct reload_outcome *outcome, const char *transaction,
                                      struct reload_answer **ret);
const struct responder_methods *reload_answer_methods(void);

#endif
