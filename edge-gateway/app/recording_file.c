#include "edge-gateway/app/recording_file.h"

#include "edge-gateway/can/candump.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_SUFFIX ".part"
#define PART_SIZE   (RECORDING_NAME_MAX_BYTES + sizeof("." PART_SUFFIX))

#define DIRECTORY_MODE 0755
#define FILE_MODE      0644
#define TEXT_BYTES     (64 * 1024) /* of one write */

/* ---- the directory ---------------------------------------------------------------------- */

static int open_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);
    return length > end_length && strcmp(text + length - end_length, end) == 0;
}

static bool is_recording(const char *name)
{
    return strncmp(name, RECORDING_PREFIX, strlen(RECORDING_PREFIX)) == 0 &&
           ends_with(name, RECORDING_SUFFIX);
}

static bool is_part(const char *name)
{
    return name[0] == '.' && strncmp(name + 1, RECORDING_PREFIX, strlen(RECORDING_PREFIX)) == 0 &&
           ends_with(name, RECORDING_SUFFIX PART_SUFFIX);
}

static void part_name(const char *name, char ret[PART_SIZE])
{
    (void)snprintf(ret, PART_SIZE, ".%s%s", name, PART_SUFFIX);
}

/* Calls `each` for every name in the directory until it gives something else than 0. */
static int for_each_name(int directory_fd,
                         int (*each)(void *context, int directory_fd, const char *name),
                         void *context)
{
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (stream == NULL) {
        int r = -errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return r;
    }
    int r = 0;
    errno = 0;
    for (struct dirent *entry; r == 0 && (entry = readdir(stream)) != NULL; errno = 0) {
        r = each(context, directory_fd, entry->d_name);
    }
    r = r == 0 ? -errno : r;
    (void)closedir(stream);
    return r;
}

struct census {
    uint64_t files;
    uint64_t bytes;
    char oldest[RECORDING_NAME_MAX_BYTES + 1];
};

static int count_name(void *context, int directory_fd, const char *name)
{
    struct census *census = context;
    struct stat status;
    if (!is_recording(name) || fstatat(directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(status.st_mode)) {
        return 0; /* not ours, or gone meanwhile */
    }
    if (census->files == 0 || strcmp(name, census->oldest) < 0) {
        (void)snprintf(census->oldest, sizeof(census->oldest), "%s", name);
    }
    census->files++;
    census->bytes += (uint64_t)status.st_size;
    return 0;
}

/* Removes the oldest recordings until so much more fits in. */
static int make_room(struct recording_directory *directory, int directory_fd, uint64_t more_files,
                     uint64_t more_bytes)
{
    for (;;) {
        struct census census = {0};
        int r = for_each_name(directory_fd, count_name, &census);
        if (r < 0) {
            return r;
        }
        directory->files = census.files;
        directory->bytes = census.bytes;
        if (census.files == 0 || (census.files + more_files <= directory->max_files &&
                                  census.bytes + more_bytes <= directory->max_bytes)) {
            return 0;
        }
        if (unlinkat(directory_fd, census.oldest, 0) == 0) {
            directory->removed++;
        } else if (errno != ENOENT) { /* somebody else was faster */
            return -errno;
        }
    }
}

/* ---- one file --------------------------------------------------------------------------- */

static int create_part(const struct recording_file *file)
{
    char part[PART_SIZE];
    part_name(file->name, part);
    int fd = openat(file->directory_fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    return fd < 0 ? -errno : fd;
}

int recording_file_open(struct recording_directory *directory, const char *name,
                        struct recording_file *ret)
{
    struct recording_file file = {.directory = directory, .directory_fd = -1, .fd = -1};
    (void)snprintf(file.name, sizeof(file.name), "%s", name);
    if (mkdir(directory->path, DIRECTORY_MODE) < 0 && errno != EEXIST) {
        return -errno;
    }
    file.directory_fd = open_directory(directory->path);
    if (file.directory_fd < 0) {
        return file.directory_fd;
    }
    int r = make_room(directory, file.directory_fd, 1, 0);
    file.fd = r == 0 ? create_part(&file) : r;
    if (file.fd < 0) {
        (void)close(file.directory_fd);
        return file.fd;
    }
    *ret = file;
    return 0;
}

static void close_file(struct recording_file *file)
{
    (void)close(file->directory_fd);
    file->directory_fd = -1;
    file->fd = -1;
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno != EINTR) {
            return -errno;
        }
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return 0;
}

static int write_text(struct recording_file *file, const char *text, size_t length)
{
    struct recording_directory *directory = file->directory;
    if (file->bytes + length > directory->max_bytes) {
        return -EFBIG;
    }
    int r = 0;
    if (directory->bytes + file->bytes + length > directory->max_bytes) {
        r = make_room(directory, file->directory_fd, 1, file->bytes + length);
    }
    return r < 0 ? r : write_all(file->fd, text, length);
}

/* As many frames as fit into one write. */
static int write_some(struct recording_file *file, const struct frame *frames, size_t count,
                      size_t *ret_done)
{
    char text[TEXT_BYTES];
    size_t length = 0;
    size_t done = 0;
    while (done < count && sizeof(text) - length > CANDUMP_TEXT_MAX) {
        const struct frame *frame = &frames[done++];
        length += candump_format(frame, file->directory->buses[frame->bus], text + length);
        text[length++] = '\n';
    }
    int r = write_text(file, text, length);
    if (r < 0) {
        return r;
    }
    file->first_us = file->frames == 0 ? frames[0].ts_us : file->first_us;
    file->last_us = frames[done - 1].ts_us;
    file->frames += done;
    file->bytes += length;
    *ret_done = done;
    return 0;
}

int recording_file_write(struct recording_file *file, const struct frame *frames, size_t count)
{
    int r = 0;
    for (size_t done = 0; r == 0 && count > 0; frames += done, count -= done) {
        done = 0;
        r = write_some(file, frames, count, &done);
    }
    return r;
}

static int give_name(int directory_fd, const char *part, const char *name)
{
    return renameat(directory_fd, part, directory_fd, name) < 0 ? -errno : 0;
}

int recording_file_finish(struct recording_file *file)
{
    char part[PART_SIZE];
    part_name(file->name, part);
    int r = fsync(file->fd) < 0 ? -errno : 0;
    int closed = close(file->fd) < 0 ? -errno : 0;
    r = r < 0 ? r : closed;
    r = r < 0 ? r : give_name(file->directory_fd, part, file->name);
    if (r < 0) {
        (void)unlinkat(file->directory_fd, part, 0);
    } else {
        (void)fsync(file->directory_fd); /* not every file system can; then it syncs by itself */
        file->directory->files++;
        file->directory->bytes += file->bytes;
    }
    close_file(file);
    return r;
}

void recording_file_abandon(struct recording_file *file)
{
    char part[PART_SIZE];
    part_name(file->name, part);
    (void)close(file->fd);
    (void)unlinkat(file->directory_fd, part, 0);
    close_file(file);
}

/* ---- after a crash ---------------------------------------------------------------------- */

/* Behind the last newline, which is at most a line from the end. */
static int cut_last_line(int fd)
{
    char text[CANDUMP_TEXT_MAX + 1];
    off_t end = lseek(fd, 0, SEEK_END);
    off_t start = end > (off_t)sizeof(text) ? end - (off_t)sizeof(text) : 0;
    ssize_t length = end < 0 ? -1 : pread(fd, text, sizeof(text), start);
    if (length < 0) {
        return -errno;
    }
    while (length > 0 && text[length - 1] != '\n') {
        length--;
    }
    return ftruncate(fd, start + length) < 0 ? -errno : 0;
}

static int recover_name(void *context, int directory_fd, const char *part)
{
    size_t *recovered = context;
    if (!is_part(part) || strlen(part) >= PART_SIZE) {
        return 0;
    }
    char name[PART_SIZE];
    (void)snprintf(name, sizeof(name), "%.*s", (int)(strlen(part) - strlen(PART_SUFFIX) - 1),
                   part + 1);
    int fd = openat(directory_fd, part, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    int r = cut_last_line(fd);
    (void)close(fd);
    r = r < 0 ? r : give_name(directory_fd, part, name);
    *recovered += r == 0;
    return r;
}

int recording_directory_tidy(struct recording_directory *directory, size_t *ret_recovered)
{
    size_t recovered = 0;
    int fd = open_directory(directory->path);
    if (fd < 0) {
        if (fd == -ENOENT) {
            *ret_recovered = 0;
            return 0;
        }
        return fd;
    }
    int r = for_each_name(fd, recover_name, &recovered);
    r = r < 0 ? r : make_room(directory, fd, 0, 0);
    (void)close(fd);
    if (r == 0) {
        *ret_recovered = recovered;
    }
    return r;
}
