/* Structs and schema to YAML. Used by config.c only. */
#ifndef EDGE_COMMON_CONFIG_PRINT_H
#define EDGE_COMMON_CONFIG_PRINT_H

#include "common/buf.h"
#include "common/config_schema.h"

/* `base`: a struct that `schema` describes. */
void config_print_section(const struct config_section *schema, const void *base, struct buf *out);

#endif
