#include "edge-gateway/app/log_source.h"

#include "common/cli.h"
#include "common/database.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 5000
#define PATH_BYTES      4096

int log_source_fault(const struct log_source *source, int error)
{
    const char *text = strerror(-error);
    if (error == -EINVAL) {
        text = "there is no frame log in it";
    } else if (error == -EBADMSG) {
        text = sqlite3_errmsg(source->db);
    }
    (void)fprintf(stderr, "edge-gateway: %s: %s\n", source->path, text);
    return EXIT_FAULT;
}

static bool has_wal(const char *path)
{
    char wal[PATH_BYTES];
    int length = snprintf(wal, sizeof(wal), "%s-wal", path);
    return length >= PATH_BYTES || access(wal, F_OK) == 0;
}

/* SQLite makes files beside a database that it reads. Where it may not, and no gateway has its WAL
 * open, the database can be read as it lies there. */
static int open_database(struct log_source *source)
{
    struct database_options options = {
        .path = source->path, .read_only = true, .busy_timeout_ms = BUSY_TIMEOUT_MS};
    char error[DATABASE_ERROR_BYTES];
    int r = database_open(&options, &source->db, error);
    if ((r == -EROFS || r == -EACCES) && !has_wal(source->path)) {
        options.immutable = true;
        r = database_open(&options, &source->db, error);
    }
    if (r < 0) {
        (void)fprintf(stderr, "edge-gateway: %s: %s\n", source->path, error);
        return EXIT_FAULT;
    }
    return EXIT_SUCCESS;
}

int log_source_open(struct log_source *source, const char *log, const char *config)
{
    *source = (struct log_source){.path = log, .has_config = config != NULL};
    const struct cli_config_options options = {.path = config};
    int status = config != NULL ? load_gateway(&options, &source->loaded) : EXIT_SUCCESS;
    if (status != EXIT_SUCCESS) {
        return status;
    }
    if (log == NULL) {
        source->path = source->loaded.plan->config->store.file;
    }
    status = open_database(source);
    if (status != EXIT_SUCCESS) {
        log_source_close(source);
    }
    return status;
}

void log_source_close(struct log_source *source)
{
    database_close(source->db);
    if (source->has_config) {
        load_free(&source->loaded);
    }
    *source = (struct log_source){.path = NULL};
}
