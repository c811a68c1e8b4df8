#include "edge-gateway/app/dash_cam.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/recordings.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAIT_S      60
#define FRAME_BYTES 32 /* in memory: a classic frame with eight bytes */

/* The disk: writes to regular files stop while `stopped`, and fail with `error`. */
static pthread_mutex_t disk_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t disk_changed = PTHREAD_COND_INITIALIZER;
static bool disk_stopped;
static bool disk_waits; /* somebody is in a write */
static int disk_error;

ssize_t __real_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length);

ssize_t __wrap_write(int fd, const void *data, size_t length)
{
    struct stat status;
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        return __real_write(fd, data, length);
    }
    (void)pthread_mutex_lock(&disk_mutex);
    disk_waits = true;
    (void)pthread_cond_broadcast(&disk_changed);
    while (disk_stopped) {
        (void)pthread_cond_wait(&disk_changed, &disk_mutex);
    }
    disk_waits = false;
    int error = disk_error;
    (void)pthread_mutex_unlock(&disk_mutex);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return __real_write(fd, data, length);
}

static void set_disk(bool stopped, int error)
{
    (void)pthread_mutex_lock(&disk_mutex);
    disk_stopped = stopped;
    disk_error = error;
    (void)pthread_cond_broadcast(&disk_changed);
    (void)pthread_mutex_unlock(&disk_mutex);
}

struct fixture {
    struct recordings files;
    struct dash_cam_config config;
    struct clock_fake clock;
    struct loop *loop;
    struct dash_cam *cam;
    size_t recorded; /* times */
    struct payload_recording last;
    char path[RECORDINGS_PATH_SIZE];
    char trigger[64];
    size_t failed; /* times it was told */
    char failure[512];
};

static void on_recorded(void *context, const struct payload_recording *recording)
{
    struct fixture *f = context;
    f->recorded++;
    f->last = *recording;
    (void)snprintf(f->path, sizeof(f->path), "%s", recording->path != NULL ? recording->path : "");
    (void)snprintf(f->trigger, sizeof(f->trigger), "%s", recording->trigger);
}

static void on_failed(void *context, const char *text)
{
    struct fixture *f = context;
    f->failed++;
    (void)snprintf(f->failure, sizeof(f->failure), "%s", text);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    recordings_make(&f->files);
    f->clock = (struct clock_fake){.monotonic_us = 1000 * US_PER_S,
                                   .realtime_us = 1795423160 * US_PER_S + 250 * US_PER_MS};
    f->config = (struct dash_cam_config){.enabled = true,
                                         .directory = f->files.path,
                                         .before_us = 30 * US_PER_S,
                                         .after_us = 10 * US_PER_S,
                                         .max_duration_us = 25 * US_PER_S,
                                         .memory_bytes = 1 << 20,
                                         .max_files = 3,
                                         .max_size_bytes = 1 << 20,
                                         .bus_off = true};
    assert_int_equal(loop_new_fake(&f->clock, &f->loop), 0);
    set_disk(false, 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    set_disk(false, 0);
    dash_cam_free(f->cam);
    loop_free(f->loop);
    recordings_remove(&f->files);
    free(f);
    return 0;
}

static void start(struct fixture *f)
{
    static const char *const buses[] = {"can0", "can1"};
    const struct dash_cam_options options = {.loop = f->loop,
                                             .config = &f->config,
                                             .buses = buses,
                                             .bus_count = 2,
                                             .handler = {on_recorded, on_failed, f}};
    assert_int_equal(dash_cam_new(&options, &f->cam), 0);
}

/* The thread works in real time, the loop in fake time, which stands still here. */
static void run_until(struct fixture *f, bool (*done)(struct fixture *f))
{
    time_t limit = time(NULL) + WAIT_S;
    while (!done(f)) {
        assert_int_equal(loop_run_once(f->loop, 0), 0);
        assert_true(time(NULL) < limit);
    }
}

static bool one_is_over(struct fixture *f)
{
    return f->recorded + f->failed > 0;
}

static void pass(struct fixture *f, int64_t us)
{
    clock_fake_advance(&f->clock, us);
    assert_int_equal(loop_run_once(f->loop, 0), 0);
}

static struct frame frame_now(const struct fixture *f, uint8_t bus)
{
    return (struct frame){
        .ts_us = f->clock.realtime_us, .can_id = 0x100u + bus, .len = 8, .bus = bus};
}

/* Time passes in steps, with a frame of bus 0 at each. */
static void live(struct fixture *f, unsigned seconds, unsigned frames_per_second)
{
    for (unsigned i = 0; i < seconds * frames_per_second; i++) {
        pass(f, US_PER_S / frames_per_second);
        const struct frame frame = frame_now(f, 0);
        dash_cam_frames(f->cam, &frame, 1);
    }
}

/* The recording that runs comes to its end; whatever time the thread takes, the loop's stands. */
static void end_recording(struct fixture *f)
{
    pass(f, f->config.after_us + US_PER_S);
    run_until(f, one_is_over);
}

static void assert_sums(const struct dash_cam *cam)
{
    const struct dash_cam_stats s = dash_cam_stats(cam);
    assert_int_equal(s.triggers, s.started + s.extended + s.waiting);
    assert_int_equal(s.started, s.finished + s.empty + s.failed + s.running);
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

static void a_trigger_records_what_was_before_and_what_comes_after(void **state)
{
    struct fixture *f = *state;
    struct payload_recording_begun begun;
    start(f);
    live(f, 60, 10);
    int64_t trigger_us = f->clock.realtime_us;
    dash_cam_trigger(f->cam, "can0", "bus_off", &begun);
    assert_false(begun.extended);
    assert_int_equal(begun.from_us, trigger_us - 30 * US_PER_S);
    assert_int_equal(begun.to_us, trigger_us + 10 * US_PER_S);
    char path[RECORDINGS_PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s", begun.path);
    assert_non_null(strstr(path, "/dashcam-20261123T"));
    assert_non_null(strstr(path, "-can0-bus_off.log"));
    live(f, 11, 10);
    run_until(f, one_is_over);
    assert_int_equal(f->recorded, 1);
    assert_string_equal(f->path, path);
    assert_string_equal(f->trigger, "bus_off");
    assert_int_equal(f->last.frames, 301 + 100); /* one exactly 30 s ago, one exactly in 10 s */
    assert_int_equal(f->last.from_us, trigger_us - 30 * US_PER_S);
    assert_int_equal(f->last.to_us, trigger_us + 10 * US_PER_S);
    assert_int_equal(f->last.lost, 0);
    char *text = recordings_read(&f->files, strrchr(path, '/') + 1);
    assert_int_equal(lines_of(text), 401);
    assert_int_equal(strlen(text), f->last.bytes);
    free(text);
    assert_sums(f->cam);
    assert_int_equal(dash_cam_stats(f->cam).files, 1);
}

static void triggers_while_it_runs_make_it_longer_up_to_its_limit(void **state)
{
    struct fixture *f = *state;
    struct payload_recording_begun begun;
    start(f);
    live(f, 1, 1);
    int64_t trigger_us = f->clock.realtime_us;
    dash_cam_trigger(f->cam, NULL, "first", NULL);
    for (int i = 0; i < 4; i++) {
        live(f, 5, 1);
        dash_cam_trigger(f->cam, NULL, "next", &begun);
        assert_true(begun.extended);
    }
    assert_int_equal(begun.to_us, trigger_us + 25 * US_PER_S);
    end_recording(f);
    assert_string_equal(f->trigger, "first");
    assert_int_equal(f->last.extended, 4);
    assert_int_equal(dash_cam_stats(f->cam).extended, 4);
    assert_sums(f->cam);
}

static bool disk_is_held(struct fixture *f)
{
    (void)f;
    (void)pthread_mutex_lock(&disk_mutex);
    bool held = disk_waits;
    (void)pthread_mutex_unlock(&disk_mutex);
    return held;
}

static bool two_are_over(struct fixture *f)
{
    return f->recorded + f->failed > 1;
}

static void a_trigger_at_the_limit_has_a_recording_of_its_own(void **state)
{
    struct fixture *f = *state;
    struct payload_recording_begun begun;
    start(f);
    live(f, 2, 1);
    set_disk(true, 0);
    dash_cam_trigger(f->cam, NULL, "first", NULL);
    pass(f, 1 * US_PER_S);
    run_until(f, disk_is_held);
    pass(f, 9 * US_PER_S);
    dash_cam_trigger(f->cam, NULL, "second", NULL);
    pass(f, 16 * US_PER_S); /* longer than it may be; the disk still stands */
    dash_cam_trigger(f->cam, "can1", "third", &begun);
    assert_false(begun.extended);
    dash_cam_trigger(f->cam, "can1", "fourth", &begun);
    assert_true(begun.extended);
    assert_true(dash_cam_stats(f->cam).waiting);
    assert_sums(f->cam);
    set_disk(false, 0);
    run_until(f, one_is_over);
    assert_string_equal(f->trigger, "first");
    assert_true(dash_cam_stats(f->cam).running);
    pass(f, 11 * US_PER_S);
    run_until(f, two_are_over);
    assert_string_equal(f->trigger, "third");
    assert_int_equal(f->recorded, 2);
    assert_sums(f->cam);
}

static void a_disk_that_stands_costs_frames_of_the_recording_and_no_time(void **state)
{
    struct fixture *f = *state;
    f->config.memory_bytes = 1000 * FRAME_BYTES;
    start(f);
    live(f, 5, 10);
    set_disk(true, 0);
    dash_cam_trigger(f->cam, NULL, "test", NULL);
    pass(f, 1 * US_PER_S);
    run_until(f, disk_is_held);
    for (int i = 0; i < 5000; i++) { /* five times what memory holds, and the loop never waits */
        const struct frame frame = frame_now(f, 0);
        dash_cam_frames(f->cam, &frame, 1);
        assert_int_equal(loop_run_once(f->loop, 0), 0);
    }
    set_disk(false, 0);
    end_recording(f);
    assert_int_equal(f->recorded, 1);
    assert_int_equal(f->last.frames, 50 + 1000);
    assert_int_equal(f->last.lost, 4000);
    const struct dash_cam_stats stats = dash_cam_stats(f->cam);
    assert_int_equal(stats.lost, 4000);
    assert_int_equal(stats.held_frames, 1000);
    assert_int_equal(stats.held_bytes, 1000 * FRAME_BYTES);
}

static bool none_runs(struct fixture *f)
{
    return !dash_cam_stats(f->cam).running;
}

static void a_full_disk_is_told_with_what_to_do_and_not_at_each_trigger(void **state)
{
    struct fixture *f = *state;
    start(f);
    live(f, 1, 10);
    set_disk(false, ENOSPC);
    for (int i = 0; i < 3; i++) {
        dash_cam_trigger(f->cam, NULL, "test", NULL);
        pass(f, 1 * US_PER_S);
        run_until(f, none_runs);
    }
    assert_int_equal(f->failed, 1);
    assert_non_null(strstr(f->failure, "No space left on device; make room on the disk"));
    assert_int_equal(dash_cam_stats(f->cam).failed, 3);
    assert_int_equal(recordings_count(&f->files), 0);
    assert_sums(f->cam);

    set_disk(false, 0);
    dash_cam_trigger(f->cam, NULL, "test", NULL);
    pass(f, 11 * US_PER_S);
    f->failed = 0;
    run_until(f, one_is_over);
    assert_int_equal(f->recorded, 1);
}

static void a_place_that_is_no_directory_is_told(void **state)
{
    struct fixture *f = *state;
    f->config.directory = "/dev/null/dashcam";
    start(f);
    run_until(f, one_is_over); /* at the start, not only when it is needed */
    assert_int_equal(f->failed, 1);
    assert_non_null(strstr(f->failure, "Not a directory; make the directory above it"));
}

/* More old frames than are passed over at once: the memory is full of what came a minute ago. */
static void after_a_silence_what_is_too_old_stays_out(void **state)
{
    struct fixture *f = *state;
    start(f);
    pass(f, US_PER_S);
    for (int i = 0; i < 20000; i++) {
        const struct frame frame = frame_now(f, 0);
        dash_cam_frames(f->cam, &frame, 1);
    }
    pass(f, 60 * US_PER_S);
    struct frame frame = frame_now(f, 1);
    dash_cam_frames(f->cam, &frame, 1);
    dash_cam_trigger(f->cam, NULL, "test", NULL);
    end_recording(f);
    assert_int_equal(f->recorded, 1);
    assert_int_equal(f->last.frames, 1);
    assert_int_equal(f->last.lost, 0);
}

static void nothing_received_is_no_file(void **state)
{
    struct fixture *f = *state;
    start(f);
    dash_cam_trigger(f->cam, NULL, "test", NULL);
    end_recording(f);
    assert_int_equal(f->recorded, 1);
    assert_string_equal(f->path, "");
    assert_int_equal(dash_cam_stats(f->cam).empty, 1);
    assert_int_equal(recordings_count(&f->files), 0);
    assert_sums(f->cam);
}

static void a_file_as_large_as_all_may_be_is_cut_and_says_so(void **state)
{
    struct fixture *f = *state;
    f->config.max_size_bytes = 65536;
    start(f);
    live(f, 20, 200);
    dash_cam_trigger(f->cam, NULL, "test", NULL);
    pass(f, 1 * US_PER_S);
    run_until(f, one_is_over);
    assert_int_equal(f->recorded, 1);
    assert_true(f->last.is_cut);
    assert_true(f->last.bytes <= 65536 && f->last.bytes > 40000);
    assert_sums(f->cam);
}

static void buses_and_sent_frames_are_in_one_file_in_order(void **state)
{
    struct fixture *f = *state;
    start(f);
    struct frame frame = frame_now(f, 1);
    dash_cam_frames(f->cam, &frame, 1);
    pass(f, US_PER_S);
    dash_cam_sent(f->cam, 0, &(struct frame){.can_id = 0x200, .len = 1, .data = {0x37}});
    dash_cam_trigger(f->cam, NULL, "al/arm", NULL);
    end_recording(f);
    const char *name = strrchr(f->path, '/') + 1;
    assert_non_null(strstr(name, "-all-al_arm.log"));
    char *text = recordings_read(&f->files, name);
    assert_string_equal(text, "(1795423160.250000) can1 101#0000000000000000\n"
                              "(1795423161.250000) can0 200#37\n");
    free(text);
}

static void the_end_of_the_gateway_is_the_end_of_the_recording(void **state)
{
    struct fixture *f = *state;
    start(f);
    live(f, 2, 100);
    dash_cam_trigger(f->cam, NULL, "test", NULL);
    dash_cam_free(f->cam);
    f->cam = NULL;
    assert_int_equal(f->recorded, 0); /* nobody is there to be told */
    assert_int_equal(recordings_count(&f->files), 1);
}

static void without_a_dash_cam_nothing_happens(void **state)
{
    struct fixture *f = *state;
    const struct frame frame = frame_now(f, 0);
    dash_cam_frames(NULL, &frame, 1);
    dash_cam_sent(NULL, 0, &frame);
    dash_cam_trigger(NULL, NULL, "test", NULL);
    dash_cam_free(NULL);
    assert_int_equal(recordings_count(&f->files), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_trigger_records_what_was_before_and_what_comes_after),
        TEST(triggers_while_it_runs_make_it_longer_up_to_its_limit),
        TEST(a_trigger_at_the_limit_has_a_recording_of_its_own),
        TEST(a_disk_that_stands_costs_frames_of_the_recording_and_no_time),
        TEST(a_full_disk_is_told_with_what_to_do_and_not_at_each_trigger),
        TEST(a_place_that_is_no_directory_is_told),
        TEST(after_a_silence_what_is_too_old_stays_out),
        TEST(nothing_received_is_no_file),
        TEST(a_file_as_large_as_all_may_be_is_cut_and_says_so),
        TEST(buses_and_sent_frames_are_in_one_file_in_order),
        TEST(the_end_of_the_gateway_is_the_end_of_the_recording),
        TEST(without_a_dash_cam_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
