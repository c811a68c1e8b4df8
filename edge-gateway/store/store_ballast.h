/*
 * A file that takes up room on the disk for one purpose: to be given up. On a full disk not even
 * deleting works, because the WAL cannot grow; so the log keeps some bytes in reserve. Writer
 * thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_BALLAST_H
#define EDGE_GATEWAY_STORE_STORE_BALLAST_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

/* Makes the file of `bytes`, with its blocks. 0 (also when it is there already), or -errno; then
 * there is no file. */
EDGE_MUST_CHECK int store_ballast_make(const char *path, uint64_t bytes);

/* Gives it up. True: there was one. */
bool store_ballast_drop(const char *path);

#endif
