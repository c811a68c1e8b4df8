/*
 * The frame log that `history` and `verify` read: which file it is, by `--log` or by the
 * configuration of the gateway that writes it, and the file opened for reading only. Mistakes go to
 * stderr.
 */
#ifndef EDGE_GATEWAY_APP_LOG_SOURCE_H
#define EDGE_GATEWAY_APP_LOG_SOURCE_H

#include "common/attributes.h"
#include "edge-gateway/app/load.h"

#include <sqlite3.h>

#include <stdbool.h>

struct log_source {
    const char *path;     /* of the database */
    bool has_config;      /* `loaded` is */
    struct loaded loaded; /* the configuration and its DBC files */
    sqlite3 *db;
};

/* `log` or `config` may be NULL, not both; `log` is the file if both are given. EXIT_SUCCESS, or
 * the exit status with everything said and nothing left open. */
EDGE_MUST_CHECK int log_source_open(struct log_source *source, const char *log, const char *config);
void log_source_close(struct log_source *source);

/* "edge-gateway: edge.db: there is no frame log in it"; gives EXIT_FAULT. `error` is of reading. */
int log_source_fault(const struct log_source *source, int error);

#endif
