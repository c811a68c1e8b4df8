/*
 * What people wished of devices while another node led: that one carries it out, and if it could
 * not any more, whoever leads next does. One per device, the last.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_HELD_WISHES_H
#define EDGE_AUTOMATION_NODE_APP_HELD_WISHES_H

#include "automation-node/engine/engine.h"
#include "common/attributes.h"
#include "topics/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct held_wish {
    bool is_there;
    struct wish wish;
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1];
    int64_t at_us;
};

struct held_wishes {
    struct held_wish *items; /* by device */
    size_t count;
};

/* 0 or -ENOMEM; deinit accepts {0}. */
EDGE_MUST_CHECK int held_wishes_init(struct held_wishes *held, size_t device_count);
void held_wishes_deinit(struct held_wishes *held);

void held_wishes_hold(struct held_wishes *held, size_t device, const struct wish *wish,
                      int64_t now_us);

/* The wish for the device that came after `since_us`, with the time that it has left; false: none,
 * or it is over. Valid until the next is held. */
EDGE_MUST_CHECK bool held_wishes_get(struct held_wishes *held, size_t device, int64_t since_us,
                                     int64_t now_us, struct wish *ret);

#endif
