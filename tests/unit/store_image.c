#include "tests/unit/store_image.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void store_image_path(const struct store_bench *bench, enum store_file file, char *path,
                      size_t size)
{
    static const char *const suffixes[STORE_FILE_COUNT] = {
        [STORE_FILE_DATABASE] = "",
        [STORE_FILE_WAL] = "-wal",
        [STORE_FILE_SHM] = "-shm",
        [STORE_FILE_SEAL] = ".seal",
    };
    int length = snprintf(path, size, "%s%s", bench->path, suffixes[file]);
    assert_true(length > 0 && (size_t)length < size);
}

static void take_file(struct store_image *image, const char *path, enum store_file file)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    assert_int_equal(fstat(fd, &status), 0);
    image->length[file] = (size_t)status.st_size;
    image->bytes[file] = malloc(image->length[file] + 1); /* never of no bytes */
    assert_non_null(image->bytes[file]);
    assert_int_equal(read(fd, image->bytes[file], image->length[file]), image->length[file]);
    (void)close(fd);
}

struct store_image store_image_take(const struct store_bench *bench)
{
    struct store_image image = {.highest = bench->highest, .acknowledged = bench->acknowledged};
    for (int i = 0; i < STORE_FILE_COUNT; i++) {
        char path[128];
        store_image_path(bench, (enum store_file)i, path, sizeof(path));
        take_file(&image, path, (enum store_file)i);
    }
    return image;
}

struct store_image store_image_copy(const struct store_image *image)
{
    struct store_image copy = *image;
    for (int i = 0; i < STORE_FILE_COUNT; i++) {
        if (image->bytes[i] != NULL) {
            copy.bytes[i] = malloc(image->length[i] + 1);
            assert_non_null(copy.bytes[i]);
            memcpy(copy.bytes[i], image->bytes[i], image->length[i]);
        }
    }
    return copy;
}

void store_image_remove(struct store_image *image, enum store_file file)
{
    free(image->bytes[file]);
    image->bytes[file] = NULL;
}

void store_image_drop(struct store_image *image)
{
    for (int i = 0; i < STORE_FILE_COUNT; i++) {
        store_image_remove(image, (enum store_file)i);
    }
}

void store_image_put(const struct store_image *image, const struct store_bench *bench)
{
    for (int i = 0; i < STORE_FILE_COUNT; i++) {
        char path[128];
        if (image->bytes[i] == NULL) {
            continue;
        }
        store_image_path(bench, (enum store_file)i, path, sizeof(path));
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, image->bytes[i], image->length[i]), image->length[i]);
        (void)close(fd);
    }
}
