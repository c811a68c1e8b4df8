/* A whole gateway that is told what an input says (dispatch.h); network and threads are fakes. */
#ifndef EDGE_TESTS_FUZZ_GATEWAY_DISPATCH_H
#define EDGE_TESTS_FUZZ_GATEWAY_DISPATCH_H

#include "edge-gateway/app/configuration.h"

#include <stddef.h>
#include <stdint.h>

/* The greenhouse's bus, commands, alarms and Home Assistant, as site "s", node "gw1"; `more` is
 * added to the configuration. */
struct configuration *gateway_dispatch_load(const char *more);

void gateway_dispatch(struct configuration *configuration, const uint8_t *data, size_t size);

#endif
