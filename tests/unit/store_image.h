/* The files of a log, in memory: to be damaged, and put where a store finds them. */
#ifndef EDGE_TESTS_UNIT_STORE_IMAGE_H
#define EDGE_TESTS_UNIT_STORE_IMAGE_H

#include "tests/unit/store_bench.h"

#include <stddef.h>
#include <stdint.h>

enum store_file {
    STORE_FILE_DATABASE,
    STORE_FILE_WAL,
    STORE_FILE_SHM, /* the index of the WAL */
    STORE_FILE_SEAL,
    STORE_FILE_COUNT
};

struct store_image {
    uint8_t *bytes[STORE_FILE_COUNT]; /* NULL: there is no such file */
    size_t length[STORE_FILE_COUNT];
    uint64_t highest; /* as the bench knows it */
    uint64_t acknowledged;
};

/* `size` is enough for every bench's. */
void store_image_path(const struct store_bench *bench, enum store_file file, char *path,
                      size_t size);

/* Of a store that is open: as after a crash; of one that is closed: as after a clean end. */
struct store_image store_image_take(const struct store_bench *bench);
struct store_image store_image_copy(const struct store_image *image);
void store_image_drop(struct store_image *image);

void store_image_remove(struct store_image *image, enum store_file file);

/* Makes the files of a bench that has none yet. */
void store_image_put(const struct store_image *image, const struct store_bench *bench);

#endif
