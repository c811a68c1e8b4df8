/*
 * Recorded readings as NDJSON, one frame per line, as `edge-gateway decode` and `edge-gateway
 * history` print them: what each input would have been told.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_RECORDING_H
#define EDGE_AUTOMATION_NODE_APP_RECORDING_H

#include "automation-node/app/node_plan.h"
#include "automation-node/input/input.h"
#include "common/attributes.h"

#include <stdint.h>

/* `reading.ts_us` is its time; `reading.age_us` is 0. */
typedef int (*recording_fn)(void *context, size_t input, const struct reading *reading);

struct recording_stats {
    uint64_t lines;
    uint64_t malformed;       /* that are no frames */
    uint64_t first_malformed; /* the number of the first of these */
    uint64_t readings;        /* of configured inputs */
};

/* Reads to the end. 0, -errno of reading, or what `take` returned, if that is not 0. The feedbacks
 * of devices are not among the inputs: a simulated device has its own. */
EDGE_MUST_CHECK int recording_read(int fd, const struct node_plan *plan, recording_fn take,
                                   void *context, struct recording_stats *ret);

#endif
