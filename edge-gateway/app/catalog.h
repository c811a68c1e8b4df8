/* A message of the plan as the catalog shows it: on its topic, and in answers. */
#ifndef EDGE_GATEWAY_APP_CATALOG_H
#define EDGE_GATEWAY_APP_CATALOG_H

#include "edge-gateway/app/plan.h"
#include "topics/json_writer.h"

#include <stddef.h>

/* Between payload_catalog_bus_begin() and _end(). */
void catalog_write(struct json_writer *w, const struct bus_plan *bus, size_t message);

#endif
