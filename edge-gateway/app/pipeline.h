/*
 * The gateway's one natural direction for one bus: frames ─▶ decode ─▶ policy ─▶ encode ─▶
 * last-value queue. Wiring: it knows the stages, and the stages do not know each other.
 */
#ifndef EDGE_GATEWAY_APP_PIPELINE_H
#define EDGE_GATEWAY_APP_PIPELINE_H

#include "common/attributes.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/dbc/dbc_decode.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Identities that hold at any time:
 *   received = unknown + malformed + accepted + suppressed + held
 *   accepted = assured + live_only
 * Remote frames carry nothing to decode and are counted apart.
 */
struct pipeline_stats {
    uint64_t received; /* data frames */
    uint64_t remote;
    uint64_t unknown;   /* no DBC names the id */
    uint64_t malformed; /* too short to hold any signal */
    uint64_t accepted;
    uint64_t suppressed;
    uint64_t held; /* by the policy, now */
    uint64_t assured;
    uint64_t live_only;
};

/* Whoever looks at all that comes, whatever the policy makes of it. */
struct pipeline_tap {
    /* A data frame; `message` is NULL where no DBC names it. */
    void (*frame)(void *context, const struct frame *frame, const struct dbc_message *message);
    /* What it says, after it was published. */
    void (*reading)(void *context, const struct dbc_message *message,
                    const struct dbc_value *values, size_t count);
    void *context;
};

struct pipeline;

/* `index`: of the bus, which frames have. Adds the bus's topics to the queue. 0, -EINVAL (a name
 * that is no topic level) or -ENOMEM. `plan` is borrowed. */
EDGE_MUST_CHECK int pipeline_new(const struct bus_plan *plan, size_t index,
                                 const struct environment *environment, struct pipeline **ret);
void pipeline_free(struct pipeline *pipeline);

/* NULL in a tap: nobody. Copied. */
void pipeline_tap(struct pipeline *pipeline, const struct pipeline_tap *tap);

void pipeline_frames(struct pipeline *pipeline, const struct frame *frames, size_t count);

/* Goes on where `from` ended, which served the same bus in an earlier configuration: a message that
 * means what it meant keeps what its policy knows and holds; what is held of the others goes out,
 * by the rules of before. `from` is of no more use. */
void pipeline_adopt(struct pipeline *pipeline, struct pipeline *from);

/* Publishes all that is held. */
void pipeline_flush(struct pipeline *pipeline);

struct pipeline_stats pipeline_stats(const struct pipeline *pipeline);

#endif
