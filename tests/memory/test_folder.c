#include "tests/memory/test_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 16

static int copy_file(int from, int to)
{
    ssize_t done;
    do {
        done = sendfile(to, from, NULL, SIZE_MAX / 4);
    } while (done > 0);
    return done < 0 ? -errno : 0;
}

static int copy_folder(int from, int to);

static int copy_entry(int from, int to, const char *name, bool is_folder)
{
    if (is_folder && mkdirat(to, name, S_IRWXU) < 0) {
        return -errno;
    }
    int source = openat(from, name, O_RDONLY | O_CLOEXEC);
    int target = is_folder
                     ? openat(to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                     : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    int error = source < 0 || target < 0 ? -errno : 0;
    if (error == 0) {
        error = is_folder ? copy_folder(source, target) : copy_file(source, target);
    }
    if (source >= 0) {
        (void)close(source);
    }
    if (target >= 0) {
        (void)close(target);
    }
    return error;
}

/* Both stay open. Sockets, pipes and links are nothing that a restart would read. */
static int copy_folder(int from, int to)
{
    DIR *folder = fdopendir(dup(from));
    if (folder == NULL) {
        return -errno;
    }
    int error = 0;
    for (struct dirent *entry; error == 0 && (entry = readdir(folder)) != NULL;) {
        bool is_own = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (!is_own && (entry->d_type == DT_DIR || entry->d_type == DT_REG)) {
            error = copy_entry(from, to, entry->d_name, entry->d_type == DT_DIR);
        }
    }
    (void)closedir(folder);
    return error;
}

int test_folder_copy(const char *from, const char *to)
{
    int source = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int target = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = source < 0 || target < 0 ? -errno : copy_folder(source, target);
    if (source >= 0) {
        (void)close(source);
    }
    if (target >= 0) {
        (void)close(target);
    }
    return error;
}

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *at)
{
    (void)status, (void)flag, (void)at;
    return remove(path);
}

void test_folder_remove(const char *path)
{
    (void)nftw(path, remove_entry, DESCRIPTORS_MAX, FTW_DEPTH | FTW_PHYS);
}
