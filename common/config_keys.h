/* What may stand in a configuration file, from the tables that load it: for `check --keys` and the
 * manual made of that. */
#ifndef EDGE_COMMON_CONFIG_KEYS_H
#define EDGE_COMMON_CONFIG_KEYS_H

#include "common/buf.h"
#include "common/config_schema.h"

/* Two lines for each key, in the order of the tables:
 *
 *   buses.<name>.socketcan.receive_buffer: a size in bytes, 64KiB to 256MiB, default 4MiB
 *       socket buffer, for bursts
 *
 * <name> is a key of the reader's own, [] an item of a list. A section that stands within itself is
 * not told twice: `...do[].then: as rules.<name>.do`. */
void config_keys_print(const struct config_section *schema, struct buf *out);

/* The row of a key of this section; it must be there. */
const struct config_key *config_keys_find(const struct config_section *section, const char *name);

#endif
