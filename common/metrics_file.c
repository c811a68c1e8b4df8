#include "common/metrics_file.h"

#include "common/buf.h"
#include "common/complaint.h"
#include "common/log.h"
#include "common/offload.h"
#include "common/prometheus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)4 << 20)
#define FILE_MODE      0644 /* whatever the umask: another user reads it */

/* The thread's, while it runs. */
struct job {
    char *path;
    char *temporary; /* beside it, under a name that no collector reads */
    struct buf text;
    struct metrics_file *file; /* for the loop alone */
};

struct metrics_file {
    struct loop *loop;
    struct prometheus *prometheus;
    struct offload *writing; /* NULL: nothing is */
    struct complaint complaint;
    struct metrics_file_stats stats;
};

static void free_job(void *context)
{
    struct job *job = context;
    if (job != NULL) {
        buf_deinit(&job->text);
        free(job->temporary);
        free(job->path);
        free(job);
    }
}

/* ---- in the thread ---------------------------------------------------------------------- */

static int write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n > 0) {
            data += n;
            length -= (size_t)n;
        }
    }
    return 0;
}

/* A new file each time: what somebody has put there under that name is not written through. */
static int write_temporary(const struct job *job)
{
    if (unlink(job->temporary) < 0 && errno != ENOENT) {
        return -errno;
    }
    int fd = open(job->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return -errno;
    }
    int r = write_all(fd, job->text.data, job->text.length);
    if (r == 0 && fchmod(fd, FILE_MODE) < 0) {
        r = -errno;
    }
    if (close(fd) < 0 && r == 0) {
        r = -errno;
    }
    return r;
}

static int run(void *context)
{
    const struct job *job = context;
    int r = write_temporary(job);
    if (r == 0 && rename(job->temporary, job->path) < 0) {
        r = -errno;
    }
    if (r < 0) {
        (void)unlink(job->temporary);
    }
    return r;
}

/* ---- in the loop ------------------------------------------------------------------------ */

static void fail(struct metrics_file *file, const char *path, int r)
{
    file->stats.failed++;
    if (complaint_is_due(&file->complaint, loop_now_us(file->loop))) {
        log_warning("metrics",
                    "%s cannot be written: %s; its folder must be there and belong to this "
                    "program's user, and its unit needs ReadWritePaths=",
                    path, strerror(-r));
    }
}

static void done(void *context, int result)
{
    struct job *job = context;
    struct metrics_file *file = job->file;
    file->writing = NULL;
    if (result < 0) {
        fail(file, job->path, result);
    } else {
        file->stats.written++;
        if (file->complaint.times > 0) {
            log_info("metrics", "%s is written again", job->path);
        }
        complaint_over(&file->complaint);
    }
    free_job(job);
}

static struct job *new_job(struct metrics_file *file, const char *path)
{
    size_t size = strlen(path) + sizeof(".tmp");
    struct job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return NULL;
    }
    buf_init(&job->text, FILE_MAX_BYTES);
    job->file = file;
    job->path = strdup(path);
    job->temporary = malloc(size);
    if (job->path == NULL || job->temporary == NULL) {
        free_job(job);
        return NULL;
    }
    (void)snprintf(job->temporary, size, "%s.tmp", path);
    return job;
}

void metrics_file_write(struct metrics_file *file, const char *path)
{
    if (file->writing != NULL) {
        file->stats.skipped++;
        return;
    }
    struct job *job = new_job(file, path);
    int r = job != NULL ? prometheus_write(file->prometheus, &job->text) : -ENOMEM;
    if (r == 0) {
        const struct offload_call call = {
            .run = run, .done = done, .discard = free_job, .context = job};
        r = offload_start(file->loop, &call, &file->writing);
    }
    if (r < 0) {
        fail(file, path, r);
        free_job(job);
    }
}

struct counter_sink metrics_file_begin(struct metrics_file *file, uint64_t uptime_s)
{
    const struct counter_sink sink = prometheus_begin(file->prometheus);
    number_tell(&sink, "ts", (double)loop_realtime_us(file->loop) / (double)US_PER_S);
    gauge_tell(&sink, "uptime_s", uptime_s);
    return sink;
}

void metrics_file_tell(const struct counter_sink *sink, const struct metrics_file *file)
{
    const struct counter counters[] = {COUNTER("written", file->stats.written),
                                       COUNTER("failed", file->stats.failed),
                                       COUNTER("skipped", file->stats.skipped)};
    counters_tell_group(sink, "textfile", counters, sizeof(counters) / sizeof(counters[0]));
}

struct metrics_file_stats metrics_file_stats(const struct metrics_file *file)
{
    return file->stats;
}

int metrics_file_new(struct loop *loop, const char *site, const char *node,
                     struct metrics_file **ret)
{
    struct metrics_file *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return -ENOMEM;
    }
    file->loop = loop;
    if (prometheus_new(site, node, &file->prometheus) < 0) {
        metrics_file_free(file);
        return -ENOMEM;
    }
    *ret = file;
    return 0;
}

void metrics_file_free(struct metrics_file *file)
{
    if (file != NULL) {
        offload_abandon(file->writing);
        prometheus_free(file->prometheus);
        free(file);
    }
}
