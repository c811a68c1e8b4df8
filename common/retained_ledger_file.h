/* A private part of retained_ledger.c: the file, its lock and its replacement. */
#ifndef EDGE_COMMON_RETAINED_LEDGER_FILE_H
#define EDGE_COMMON_RETAINED_LEDGER_FILE_H

#include "common/attributes.h"

#include <stddef.h>

/* Opens and locks it, until the descriptor is closed. 0; -ENOENT: there is none; -EBUSY: somebody
 * else has locked it; -errno. */
EDGE_MUST_CHECK int ledger_file_lock(const char *path, int *ret_fd);

/* Puts a new file in its place, on the disk when this returns. Its descriptor, locked; -errno, and
 * the old one is as it was. */
EDGE_MUST_CHECK int ledger_file_replace(const char *path, const char *text, size_t length);

#endif
