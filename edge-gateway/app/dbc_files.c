#include "edge-gateway/app/dbc_files.h"

#include "common/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_SIZE   ((size_t)1 << 20)
#define WARNINGS_MAX 200

/* Up to `room` bytes; fewer only at the end of the file. */
static ssize_t read_up_to(int fd, char *text, size_t room)
{
    size_t length = 0;
    while (length < room) {
        ssize_t n = read(fd, text + length, room - length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -errno;
        }
        if (n == 0) {
            break;
        }
        length += (size_t)n;
    }
    return (ssize_t)length;
}

/* The whole file, or one byte more than allowed, so that the parser can refuse it. */
static int read_file(int fd, size_t max, char **ret_text, size_t *ret_length)
{
    char *text = NULL;
    size_t length = 0;
    for (size_t size = FIRST_SIZE;; size *= 2) {
        size = size > max + 1 ? max + 1 : size;
        char *grown = realloc(text, size);
        if (grown == NULL) {
            free(text);
            return -ENOMEM;
        }
        text = grown;
        ssize_t n = read_up_to(fd, text + length, size - length);
        if (n < 0) {
            free(text);
            return (int)n;
        }
        length += (size_t)n;
        if (length < size || size > max) {
            *ret_text = text;
            *ret_length = length;
            return 0;
        }
    }
}

int dbc_files_add(struct dbc_database *db, const char *path, struct diagnostics *d)
{
    char *text = NULL;
    size_t length = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 ? -errno : read_file(fd, DBC_TEXT_MAX_BYTES, &text, &length);
    if (fd >= 0) {
        (void)close(fd); /* only read from */
    }
    if (r < 0) {
        diagnostics_add(d, SEVERITY_ERROR, path, 0, 0, "cannot be read: %s", strerror(-r));
        return r;
    }
    r = dbc_load_text(db, path, text, length, d);
    free(text);
    return r;
}

static int add_and_report(struct dbc_database *db, const char *path)
{
    struct diagnostics *d = diagnostics_new(WARNINGS_MAX);
    int r = d != NULL ? dbc_files_add(db, path, d) : -ENOMEM;
    if (d != NULL) {
        cli_print_diagnostics(d);
    }
    diagnostics_free(d);
    if (r < 0) {
        (void)fprintf(stderr, "edge-gateway: %s: cannot be used: %s\n", path, strerror(-r));
    }
    return r;
}

struct dbc_database *dbc_files_load(const char *const *paths, size_t count)
{
    struct dbc_database *db = dbc_new();
    if (db == NULL) {
        (void)fprintf(stderr, "edge-gateway: out of memory\n");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (add_and_report(db, paths[i]) < 0) {
            dbc_free(db);
            return NULL;
        }
    }
    return db;
}
