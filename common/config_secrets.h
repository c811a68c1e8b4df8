/* The secrets that a configuration holds. Used by config.c only. */
#ifndef EDGE_COMMON_CONFIG_SECRETS_H
#define EDGE_COMMON_CONFIG_SECRETS_H

#include "common/config_schema.h"

/* Each text of a key marked secret in a struct that `schema` describes. */
void config_secrets_each(const struct config_section *schema, const void *base,
                         void (*each)(void *context, const char *secret), void *context);

#endif
