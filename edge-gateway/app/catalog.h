/* The messages of the plan as the catalog shows them: on its topic, and in answers. */
#ifndef EDGE_GATEWAY_APP_CATALOG_H
#define EDGE_GATEWAY_APP_CATALOG_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"
#include "topics/json_writer.h"

#include <stddef.h>
#include <stdint.h>

/* Brokers from mosquitto 2.1 on refuse packets above 2,000,000 bytes unless told otherwise. */
#define CATALOG_MAX_BYTES 1900000

/* Between payload_catalog_bus_begin() and _end(). */
void catalog_write(struct json_writer *w, const struct bus_plan *bus, size_t message);

/* The payload of its topic, to be freed. 0, -ENOMEM, or -EMSGSIZE: it is larger than
 * CATALOG_MAX_BYTES. */
EDGE_MUST_CHECK int catalog_text_new(const struct gateway_plan *plan, int64_t ts_us, char **ret,
                                     size_t *ret_length);

#endif
