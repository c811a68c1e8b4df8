#include "tests/unit/recordings.h"

#include "common/file.h"
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void recordings_make(struct recordings *r)
{
    (void)snprintf(r->parent, sizeof(r->parent), "/tmp/edge-recordings-XXXXXX");
    assert_non_null(mkdtemp(r->parent));
    (void)snprintf(r->path, sizeof(r->path), "%s/dashcam", r->parent);
}

static size_t for_each(const struct recordings *r, bool remove)
{
    size_t count = 0;
    DIR *directory = opendir(r->path);
    if (directory == NULL) {
        return 0;
    }
    for (const struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            count++;
            if (remove) {
                assert_int_equal(unlinkat(dirfd(directory), e->d_name, 0), 0);
            }
        }
    }
    (void)closedir(directory);
    return count;
}

void recordings_remove(struct recordings *r)
{
    (void)for_each(r, true);
    (void)rmdir(r->path); /* it may not be there, or be a file */
    (void)unlink(r->path);
    assert_int_equal(rmdir(r->parent), 0);
}

void recordings_path(const struct recordings *r, const char *name, char path[RECORDINGS_PATH_SIZE])
{
    (void)snprintf(path, RECORDINGS_PATH_SIZE, "%s/%s", r->path, name);
}

void recordings_write(const struct recordings *r, const char *name, const char *text)
{
    char path[RECORDINGS_PATH_SIZE];
    recordings_path(r, name, path);
    (void)mkdir(r->path, 0755); /* may be there */
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

bool recordings_has(const struct recordings *r, const char *name)
{
    char path[RECORDINGS_PATH_SIZE];
    recordings_path(r, name, path);
    return access(path, F_OK) == 0;
}

size_t recordings_count(const struct recordings *r)
{
    return for_each(r, false);
}

char *recordings_read(const struct recordings *r, const char *name)
{
    char path[RECORDINGS_PATH_SIZE];
    struct buf text;
    buf_init(&text, 64 << 20);
    recordings_path(r, name, path);
    assert_int_equal(file_read(path, 64 << 20, &text, NULL), 0);
    char *taken = buf_take(&text);
    assert_non_null(taken);
    return taken;
}
