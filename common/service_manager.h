/*
 * What a service manager is told, as sd_notify(3) has it: one datagram per message to the socket
 * that NOTIFY_SOCKET names. Forty lines of our own, because libsystemd would bring five libraries
 * for compression and ciphers into a small process.
 */
#ifndef EDGE_COMMON_SERVICE_MANAGER_H
#define EDGE_COMMON_SERVICE_MANAGER_H

#include "common/attributes.h"

#include <stdint.h>

struct service_manager {
    int fd;              /* -1: nobody to tell */
    int64_t watchdog_us; /* it wants a sign of life as often; 0: it does not */
};

/* From the environment. 0, also where there is nobody; -EINVAL (no such address) or -errno, and
 * then nobody is told. */
EDGE_MUST_CHECK int service_manager_open(struct service_manager *ret);
void service_manager_close(struct service_manager *manager);

/* Lines as in sd_notify(3): "READY=1", "STATUS=...", "WATCHDOG=1", "STOPPING=1". Never waits; one
 * that cannot be sent is lost. */
void service_manager_tell(const struct service_manager *manager, const char *lines);

/* The daemon begins to read its configuration anew; "READY=1" ends that. `now_us`: monotonic. */
void service_manager_tell_reloading(const struct service_manager *manager, int64_t now_us);

#endif
