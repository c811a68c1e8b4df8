/*
 * Any messages as what a broker delivers to a gateway: it goes on, and what it publishes is well
 * formed, and on its own topics or where an answer may go. The input: dispatch.h.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/gateway_dispatch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct configuration *configuration;
    if (configuration == NULL) {
        configuration = gateway_dispatch_load("store: { enabled: no }\n");
    }
    gateway_dispatch(configuration, data, size);
    return 0;
}
