/*
 * Recordings of the dash-cam on the disk: candump files in one directory, which nothing else should
 * write to. A file has its name only when it is whole: until then it is hidden and ends in ".part".
 * Blocks; for the dash-cam's thread.
 */
#ifndef EDGE_GATEWAY_APP_RECORDING_FILE_H
#define EDGE_GATEWAY_APP_RECORDING_FILE_H

#include "common/attributes.h"
#include "edge-gateway/app/recording_name.h"
#include "edge-gateway/can/frame.h"

#include <stddef.h>
#include <stdint.h>

struct recording_directory {
    const char *path;
    uint64_t max_files;
    uint64_t max_bytes; /* of all files, the one that is written included */
    const char *const *buses;
    size_t bus_count;

    uint64_t files; /* now */
    uint64_t bytes;
    uint64_t removed; /* to make room; since the start */
};

struct recording_file {
    struct recording_directory *directory;
    int directory_fd; /* -1: not open */
    int fd;
    char name[RECORDING_NAME_MAX_BYTES + 1];
    uint64_t bytes;
    uint64_t frames;
    int64_t first_us; /* their stamps */
    int64_t last_us;
};

/* Makes the directory if it is not there, and room for a file. `name` is a
 * recording_name(). 0 or -errno with nothing left open. */
EDGE_MUST_CHECK int recording_file_open(struct recording_directory *directory, const char *name,
                                        struct recording_file *ret);

/* Appends the frames as lines. 0; -EFBIG: the file alone would fill the directory's quota, what
 * does not fit was left out; -errno of writing. */
EDGE_MUST_CHECK int recording_file_write(struct recording_file *file, const struct frame *frames,
                                         size_t count);

/* On the disk, under its name. 0 or -errno; closed in any case, and removed if it failed. */
EDGE_MUST_CHECK int recording_file_finish(struct recording_file *file);
void recording_file_abandon(struct recording_file *file);

/* What a crash left half-written gets its name, up to its last whole line; then the quota is kept.
 * *ret_recovered: how many there were. 0 or -errno; a directory that is not there is 0. */
EDGE_MUST_CHECK int recording_directory_tidy(struct recording_directory *directory,
                                             size_t *ret_recovered);

#endif
