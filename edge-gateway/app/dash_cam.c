#include "edge-gateway/app/dash_cam.h"

#include "common/complaint.h"
#include "common/log.h"
#include "common/worker.h"
#include "edge-gateway/app/recording_file.h"
#include "edge-gateway/app/recording_name.h"
#include "edge-gateway/dashcam/frame_ring.h"
#include "edge-gateway/dashcam/recording.h"
#include "topics/limits.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_FRAMES 512               /* for the thread at once */
#define TICK_US      (100 * US_PER_MS) /* how often the thread gets what has been received */

#define PATH_SIZE (2 * RECORDING_NAME_MAX_BYTES + 1024)

/* One recording: what it is called and what it is about. */
struct clip {
    char path[PATH_SIZE];
    size_t name_at; /* in `path`, behind the directory */
    char trigger[TOPIC_ID_MAX_BYTES + 1];
    char bus[TOPIC_ID_MAX_BYTES + 1]; /* "": all */
    uint64_t extended;
    bool is_cut;
};

enum job_kind {
    JOB_TIDY,
    JOB_WRITE,
    JOB_FINISH
};

/* The one job there is: the thread's from worker_submit() to its `done`, with the directory and the
 * file. */
struct job {
    struct worker_job base;
    struct dash_cam *cam;
    enum job_kind kind;
    bool is_out; /* with the thread */
    struct recording_directory directory;
    struct recording_file file; /* open while its directory_fd >= 0 */
    struct frame frames[CHUNK_FRAMES];
    size_t count;
    size_t recovered;
    int result;
};

struct dash_cam {
    struct loop *loop;
    struct dash_cam_config config; /* its texts are ours */
    struct dash_cam_handler handler;
    struct recording_limits limits;
    struct frame_ring **rings; /* by bus */
    struct frame_reader *readers;
    char **names;
    size_t bus_count;
    struct worker *worker;
    struct job job;
    struct timer timer;
    struct recording recording;
    struct clip clip; /* of `recording` */
    bool is_at_start; /* the readers are past what came too early */
    bool has_waiting;
    struct clip waiting; /* for its end */
    bool is_ending;
    struct complaint complaint;
    struct dash_cam_stats stats;
};

/* ---- in the thread ---------------------------------------------------------------------- */

static int write_chunk(struct job *job)
{
    const struct clip *clip = &job->cam->clip; /* nobody changes it while it is written */
    int r = 0;
    if (job->file.directory_fd < 0) {
        r = recording_file_open(&job->directory, clip->path + clip->name_at, &job->file);
    }
    if (r < 0) {
        return r;
    }
    r = recording_file_write(&job->file, job->frames, job->count);
    if (r < 0 && r != -EFBIG) {
        recording_file_abandon(&job->file);
    }
    return r;
}

static void run_job(struct worker_job *base)
{
    struct job *job = (struct job *)base;
    switch (job->kind) {
    case JOB_TIDY:
        job->result = recording_directory_tidy(&job->directory, &job->recovered);
        break;
    case JOB_WRITE:
        job->result = write_chunk(job);
        break;
    case JOB_FINISH:
        job->result = recording_file_finish(&job->file);
        break;
    }
}

static void submit(struct dash_cam *cam, enum job_kind kind)
{
    cam->job.kind = kind;
    cam->job.is_out = true;
    bool taken = worker_submit(cam->worker, &cam->job.base);
    assert(taken); /* there is no other job */
    (void)taken;
}

/* ---- a recording and its end ------------------------------------------------------------ */

static void arm(struct dash_cam *cam)
{
    loop_timer_after(cam->loop, &cam->timer, TICK_US);
}

static void begin(struct dash_cam *cam)
{
    for (size_t i = 0; i < cam->bus_count; i++) {
        cam->readers[i] = frame_ring_window(cam->rings[i]);
    }
    cam->is_at_start = false;
    cam->job.file = (struct recording_file){.directory_fd = -1};
    cam->stats.started++;
    arm(cam);
}

static void end(struct dash_cam *cam)
{
    cam->recording.is_running = false;
    if (cam->has_waiting && !cam->is_ending) {
        cam->has_waiting = false;
        cam->clip = cam->waiting;
        (void)recording_trigger(&cam->recording, &cam->limits, loop_now_us(cam->loop));
        begin(cam);
    }
}

static const char *advice_on(int error)
{
    switch (error) {
    case -ENOSPC:
    case -EDQUOT:
        return "make room on the disk, or give dash_cam.directory another one";
    case -EACCES:
    case -EPERM:
    case -EROFS:
        return "let the gateway write there, or give dash_cam.directory another one";
    case -ENOENT:
    case -ENOTDIR:
        return "make the directory above it, or give dash_cam.directory another one";
    default:
        return "look at the disk";
    }
}

static void complain(struct dash_cam *cam, const char *what, int error)
{
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    if (complaint_is_due(&cam->complaint, loop_now_us(cam->loop)) && !cam->is_ending) {
        (void)snprintf(text, sizeof(text), "%s: %s; %s (%s)", what, strerror(-error),
                       advice_on(error), cam->config.directory);
        cam->handler.failed(cam->handler.context, text);
    }
}

static void fail(struct dash_cam *cam, int error)
{
    cam->stats.failed++;
    complain(cam, "a recording was lost", error);
    end(cam);
}

static struct payload_recording outcome(const struct dash_cam *cam)
{
    const struct recording_file *file = &cam->job.file;
    const struct clip *clip = &cam->clip;
    struct payload_recording recording = {
        .path = file->frames > 0 ? clip->path : NULL,
        .trigger = clip->trigger,
        .bus = clip->bus[0] != '\0' ? clip->bus : NULL,
        .from_us = file->first_us,
        .to_us = file->last_us,
        .frames = file->frames,
        .bytes = file->bytes,
        .extended = clip->extended,
        .is_cut = clip->is_cut,
    };
    for (size_t i = 0; i < cam->bus_count; i++) {
        recording.lost += cam->readers[i].lost;
    }
    return recording;
}

static void succeed(struct dash_cam *cam)
{
    const struct payload_recording recording = outcome(cam);
    cam->stats.finished += recording.frames > 0;
    cam->stats.empty += recording.frames == 0;
    cam->stats.frames += recording.frames;
    cam->stats.lost += recording.lost;
    complaint_over(&cam->complaint);
    if (!cam->is_ending) {
        cam->handler.recorded(cam->handler.context, &recording);
    }
    end(cam);
}

/* False: there is more to pass over, at the next turn of the loop. */
static bool find_start(struct dash_cam *cam, const struct recording_source *source)
{
    if (!cam->is_at_start) {
        cam->is_at_start = recording_skip(source, cam->recording.since_us - cam->config.before_us);
    }
    if (!cam->is_at_start) {
        loop_timer_after(cam->loop, &cam->timer, 0);
    }
    return cam->is_at_start;
}

/* The next step of the recording that runs: frames for the thread, its end, or waiting. */
static void go_on(struct dash_cam *cam)
{
    struct job *job = &cam->job;
    if (!cam->recording.is_running || job->is_out || cam->is_ending) {
        return;
    }
    int64_t now_us = loop_now_us(cam->loop);
    const struct recording_source source = {cam->rings, cam->readers, cam->bus_count};
    if (!find_start(cam, &source)) {
        return;
    }
    job->count = cam->clip.is_cut
                     ? 0
                     : recording_take(&source, recording_ready_us(&cam->recording, now_us),
                                      job->frames, CHUNK_FRAMES);
    if (job->count > 0) {
        submit(cam, JOB_WRITE);
    } else if (!cam->clip.is_cut && !recording_is_complete(&cam->recording, now_us)) {
        arm(cam);
    } else if (job->file.directory_fd >= 0) {
        submit(cam, JOB_FINISH);
    } else {
        succeed(cam); /* there was nothing */
    }
}

static void on_timer(void *context)
{
    go_on(context);
}

static void on_written(struct dash_cam *cam)
{
    if (cam->job.result == -EFBIG) {
        cam->clip.is_cut = true;
    } else if (cam->job.result < 0) {
        fail(cam, cam->job.result);
    }
}

static void on_finished(struct dash_cam *cam)
{
    if (cam->job.result < 0) {
        fail(cam, cam->job.result);
    } else {
        succeed(cam);
    }
}

static void on_tidied(struct dash_cam *cam)
{
    cam->stats.recovered = cam->job.recovered;
    if (cam->job.result < 0) {
        complain(cam, "recordings cannot be kept", cam->job.result);
    } else if (cam->job.recovered > 0) {
        log_notice("dash-cam", "%zu recordings of an earlier run, which was cut short, are whole",
                   cam->job.recovered);
    }
}

static void job_done(struct worker_job *base)
{
    struct job *job = (struct job *)base;
    struct dash_cam *cam = job->cam;
    job->is_out = false;
    cam->stats.files = job->directory.files;
    cam->stats.file_bytes = job->directory.bytes;
    cam->stats.removed = job->directory.removed;
    switch (job->kind) {
    case JOB_TIDY:
        on_tidied(cam);
        break;
    case JOB_WRITE:
        on_written(cam);
        break;
    case JOB_FINISH:
        on_finished(cam);
        break;
    }
    go_on(cam);
}

/* ---- triggers --------------------------------------------------------------------------- */

static void name_clip(struct dash_cam *cam, struct clip *clip)
{
    char name[RECORDING_NAME_MAX_BYTES + 1];
    recording_name(loop_realtime_us(cam->loop), clip->bus[0] != '\0' ? clip->bus : "all",
                   clip->trigger, name);
    int length = snprintf(clip->path, sizeof(clip->path), "%s/", cam->config.directory);
    clip->name_at = (size_t)length;
    (void)snprintf(clip->path + length, sizeof(clip->path) - (size_t)length, "%s", name);
}

static void make_clip(struct dash_cam *cam, const char *bus, const char *what, struct clip *ret)
{
    *ret = (struct clip){.extended = 0};
    (void)snprintf(ret->bus, sizeof(ret->bus), "%s", bus != NULL ? bus : "");
    (void)snprintf(ret->trigger, sizeof(ret->trigger), "%s", what);
    name_clip(cam, ret);
}

static const struct clip *take_trigger(struct dash_cam *cam, const char *bus, const char *what)
{
    enum recording_outcome outcome = RECORDING_WAITS;
    if (!cam->recording.is_running || !cam->clip.is_cut) {
        outcome = recording_trigger(&cam->recording, &cam->limits, loop_now_us(cam->loop));
    }
    switch (outcome) {
    case RECORDING_STARTED:
        make_clip(cam, bus, what, &cam->clip);
        begin(cam);
        break;
    case RECORDING_EXTENDED:
        cam->stats.extended++;
        cam->clip.extended++;
        break;
    case RECORDING_WAITS:
        if (cam->has_waiting) {
            cam->stats.extended++;
            cam->waiting.extended++;
        } else {
            cam->has_waiting = true;
            make_clip(cam, bus, what, &cam->waiting);
        }
        return &cam->waiting;
    }
    return &cam->clip;
}

void dash_cam_trigger(struct dash_cam *cam, const char *bus, const char *what,
                      struct payload_recording_begun *ret)
{
    if (cam == NULL) {
        return;
    }
    cam->stats.triggers++;
    const struct clip *clip = take_trigger(cam, bus, what);
    if (ret != NULL) {
        int64_t now_us = loop_now_us(cam->loop);
        int64_t to_real_us = loop_realtime_us(cam->loop) - now_us;
        bool runs = clip == &cam->clip;
        int64_t since_us = runs ? cam->recording.since_us : now_us;
        int64_t until_us = runs ? cam->recording.until_us : now_us + cam->limits.after_us;
        *ret = (struct payload_recording_begun){
            .path = clip->path,
            .from_us = since_us - cam->config.before_us + to_real_us,
            .to_us = until_us + to_real_us,
            .extended = clip->extended > 0,
        };
    }
}

/* ---- frames ----------------------------------------------------------------------------- */

void dash_cam_frames(struct dash_cam *cam, const struct frame *frames, size_t count)
{
    if (cam == NULL) {
        return;
    }
    int64_t now_us = loop_now_us(cam->loop);
    for (size_t i = 0; i < count; i++) {
        frame_ring_push(cam->rings[frames[i].bus], &frames[i], now_us);
    }
}

void dash_cam_sent(struct dash_cam *cam, size_t bus, const struct frame *frame)
{
    if (cam == NULL) {
        return;
    }
    struct frame sent = *frame;
    sent.ts_us = loop_realtime_us(cam->loop);
    sent.bus = (uint8_t)bus;
    sent.flags |= FRAME_TX;
    dash_cam_frames(cam, &sent, 1);
}

/* ---- beginning and end ------------------------------------------------------------------ */

static int open_rings(struct dash_cam *cam, const char *const *names)
{
    cam->rings = calloc(cam->bus_count, sizeof(struct frame_ring *));
    cam->readers = calloc(cam->bus_count, sizeof(struct frame_reader));
    cam->names = calloc(cam->bus_count, sizeof(char *));
    int r = cam->rings != NULL && cam->readers != NULL && cam->names != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < cam->bus_count; i++) {
        r = frame_ring_new((size_t)cam->config.memory_bytes, cam->config.before_us, &cam->rings[i]);
        if (r == 0) {
            cam->names[i] = strdup(names[i]);
            r = cam->names[i] != NULL ? 0 : -ENOMEM;
        }
    }
    return r;
}

int dash_cam_new(const struct dash_cam_options *options, struct dash_cam **ret)
{
    struct dash_cam *cam = calloc(1, sizeof(*cam));
    if (cam == NULL) {
        return -ENOMEM;
    }
    const struct dash_cam_config *config = options->config;
    cam->loop = options->loop;
    cam->config = *config;
    cam->config.directory = strdup(config->directory);
    cam->handler = options->handler;
    cam->bus_count = options->bus_count;
    cam->limits = (struct recording_limits){config->after_us, config->max_duration_us};
    cam->timer = (struct timer){.fn = on_timer, .context = cam};
    cam->job.base = (struct worker_job){.run = run_job, .done = job_done};
    cam->job.cam = cam;
    cam->job.file.directory_fd = -1;
    cam->job.directory = (struct recording_directory){
        .path = cam->config.directory,
        .max_files = (uint64_t)config->max_files,
        .max_bytes = (uint64_t)config->max_size_bytes,
        .bus_count = options->bus_count,
    };
    int r = cam->config.directory != NULL ? open_rings(cam, options->buses) : -ENOMEM;
    r = r < 0 ? r : worker_new(cam->loop, "dash-cam", 1, &cam->worker);
    if (r < 0) {
        dash_cam_free(cam);
        return r;
    }
    cam->job.directory.buses = (const char *const *)cam->names;
    submit(cam, JOB_TIDY);
    *ret = cam;
    return 0;
}

/* The thread is gone: what it would have done is done here. */
static void finish_now(struct dash_cam *cam)
{
    struct job *job = &cam->job;
    const struct recording_source source = {cam->rings, cam->readers, cam->bus_count};
    int64_t now_us = loop_now_us(cam->loop);
    int64_t until_us = now_us < cam->recording.until_us ? now_us : cam->recording.until_us;
    int r = 0;
    while (!cam->is_at_start) {
        cam->is_at_start = recording_skip(&source, cam->recording.since_us - cam->config.before_us);
    }
    while (r == 0 && !cam->clip.is_cut) {
        job->count = recording_take(&source, until_us, job->frames, CHUNK_FRAMES);
        if (job->count == 0) {
            break;
        }
        r = write_chunk(job);
    }
    if ((r == 0 || r == -EFBIG) && job->file.directory_fd >= 0) {
        r = recording_file_finish(&job->file);
        log_notice("dash-cam", "%s: %s", cam->clip.path,
                   r == 0 ? "the recording ended with the gateway" : strerror(-r));
    } else if (r < 0) {
        log_error("dash-cam", "%s: a recording was lost: %s; %s", cam->clip.path, strerror(-r),
                  advice_on(r));
    }
}

void dash_cam_free(struct dash_cam *cam)
{
    if (cam == NULL) {
        return;
    }
    cam->is_ending = true;
    loop_timer_cancel(cam->loop, &cam->timer);
    worker_free(cam->worker);
    if (cam->recording.is_running) {
        finish_now(cam);
    }
    for (size_t i = 0; cam->rings != NULL && i < cam->bus_count; i++) {
        frame_ring_free(cam->rings[i]);
    }
    for (size_t i = 0; cam->names != NULL && i < cam->bus_count; i++) {
        free(cam->names[i]);
    }
    free(cam->rings);
    free(cam->readers);
    free(cam->names);
    free((char *)cam->config.directory);
    free(cam);
}

static bool configs_equal(const struct dash_cam_config *a, const struct dash_cam_config *b)
{
    return strcmp(a->directory, b->directory) == 0 && a->before_us == b->before_us &&
           a->after_us == b->after_us && a->max_duration_us == b->max_duration_us &&
           a->memory_bytes == b->memory_bytes && a->max_files == b->max_files &&
           a->max_size_bytes == b->max_size_bytes;
}

bool dash_cam_suits(const struct dash_cam *cam, const struct dash_cam_options *options)
{
    bool suits =
        configs_equal(&cam->config, options->config) && cam->bus_count == options->bus_count;
    for (size_t i = 0; suits && i < cam->bus_count; i++) {
        suits = strcmp(cam->names[i], options->buses[i]) == 0;
    }
    return suits;
}

bool dash_cam_is_busy(const struct dash_cam *cam)
{
    return cam->recording.is_running || cam->has_waiting || cam->job.is_out;
}

struct dash_cam_stats dash_cam_stats(const struct dash_cam *cam)
{
    struct dash_cam_stats stats = cam->stats;
    stats.waiting = cam->has_waiting;
    stats.running = cam->recording.is_running;
    for (size_t i = 0; i < cam->bus_count; i++) {
        const struct frame_ring_stats ring =
            frame_ring_stats(cam->rings[i], loop_now_us(cam->loop));
        stats.held_frames += ring.frames;
        stats.held_bytes += ring.bytes;
        if (ring.is_full && (stats.reach_us == 0 || ring.span_us < stats.reach_us)) {
            stats.reach_us = ring.span_us;
        }
    }
    return stats;
}
