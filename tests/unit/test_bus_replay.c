#include "edge-gateway/bus/bus.h"

#include "tests/unit/bus_recorder.h"
#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    struct recorder recorder;
    char directory[32];
    char path[64];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (f == NULL || recorder_init(&f->recorder) < 0) {
        return -1;
    }
    (void)snprintf(f->directory, sizeof(f->directory), "/tmp/replay-XXXXXX");
    if (mkdtemp(f->directory) == NULL) {
        return -1;
    }
    (void)snprintf(f->path, sizeof(f->path), "%s/log", f->directory);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    recorder_deinit(&f->recorder);
    (void)unlink(f->path);
    (void)rmdir(f->directory);
    free(f);
    return 0;
}

static void write_log(const struct fixture *f, const char *text)
{
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct bus_options options_for(struct fixture *f, double speed)
{
    struct bus_options options = recorder_options(&f->recorder, BUS_KIND_REPLAY);
    options.replay.path = f->path;
    options.replay.speed = speed;
    return options;
}

static void open_and_start(struct fixture *f, const struct bus_options *options)
{
    assert_int_equal(bus_open(options, &f->recorder.bus), 0);
    assert_int_equal(bus_start(f->recorder.bus), 0);
}

static void plays_at_the_recorded_pace(void **state)
{
    struct fixture *f = *state;
    struct recorder *r = &f->recorder;
    write_log(f, "(100.0) a 001#\n(101.0) a 002#\n(104.0) a 003#\n");
    struct bus_options options = options_for(f, 1.0);
    open_and_start(f, &options);
    assert_int_equal(r->state, BUS_STATE_UP);
    recorder_run(r, 10 * US_PER_S);

    assert_int_equal(r->count, 3);
    assert_int_equal(r->arrived_us[0], 0);
    assert_int_equal(r->arrived_us[1], 1 * US_PER_S);
    assert_int_equal(r->arrived_us[2], 4 * US_PER_S);
    assert_int_equal(r->frames[2].can_id, 3);
    assert_int_equal(r->frames[2].bus, 3);
    assert_true(r->finished);
    assert_int_equal(r->state, BUS_STATE_DOWN);
    assert_string_equal(r->reason, "end of the log");
}

static void a_speed_divides_the_time_between_frames(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(100.0) a 001#\n(110.0) a 002#\n");
    struct bus_options options = options_for(f, 10.0);
    open_and_start(f, &options);
    recorder_run(&f->recorder, 10 * US_PER_S);
    assert_int_equal(f->recorder.arrived_us[1], 1 * US_PER_S);
}

static void paced_frames_are_stamped_as_if_they_happened_now(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(100.0) a 001#\n(104.0) a 002#\n");
    struct bus_options options = options_for(f, 2.0);
    open_and_start(f, &options);
    recorder_run(&f->recorder, 10 * US_PER_S);
    assert_true(f->recorder.frames[0].ts_us == RECORDER_WALL_US);
    assert_true(f->recorder.frames[1].ts_us == RECORDER_WALL_US + 2 * US_PER_S);
}

static void full_speed_keeps_the_recorded_stamps(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(100.0) a 001#\n(4000.0) a 002#\n");
    struct bus_options options = options_for(f, 0.0);
    open_and_start(f, &options);
    recorder_run(&f->recorder, 10 * US_PER_S);
    assert_int_equal(f->recorder.count, 2);
    assert_int_equal(f->recorder.arrived_us[1], 0);
    assert_true(f->recorder.frames[1].ts_us == 4000 * US_PER_S);
}

static void stamps_can_be_chosen(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(100.0) a 001#\n");
    struct bus_options options = options_for(f, 0.0);
    options.replay.stamps = BUS_REPLAY_STAMPS_NOW;
    open_and_start(f, &options);
    recorder_run(&f->recorder, 10 * US_PER_S);
    assert_true(f->recorder.frames[0].ts_us == RECORDER_WALL_US);
}

static void full_speed_respects_the_consumers_room(void **state)
{
    struct fixture *f = *state;
    struct recorder *r = &f->recorder;
    write_log(f, "(1.0) a 001#\n(1.0) a 002#\n(1.0) a 003#\n(1.0) a 004#\n(1.0) a 005#\n");
    struct bus_options options = options_for(f, 0.0);
    r->room = 0;
    open_and_start(f, &options);
    recorder_run(r, 1 * US_PER_S);
    assert_int_equal(r->count, 0);

    r->room = 2;
    recorder_run(r, 2 * US_PER_S);
    assert_int_equal(r->count, 5);
    assert_int_equal(r->largest_batch, 2);
    assert_int_equal(r->frames[4].can_id, 5);
}

static void a_dense_log_leaves_turns_to_others(void **state)
{
    struct fixture *f = *state;
    static const char line[] = "(1.0) a 007#\n";
    char text[1000 * (sizeof(line) - 1) + 1] = "";
    for (size_t i = 0; i < 1000; i++) {
        memcpy(text + i * (sizeof(line) - 1), line, sizeof(line));
    }
    write_log(f, text);
    struct bus_options options = options_for(f, 0.0);
    open_and_start(f, &options);
    assert_int_equal(loop_run_once(f->recorder.loop, 0), 0);
    assert_in_range(f->recorder.count, 1, 64);
    recorder_run(&f->recorder, 1 * US_PER_S);
    assert_int_equal(f->recorder.count, 1000);
}

static void a_loop_begins_again(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(100.0) a 001#\n(102.0) a 002#\n");
    struct bus_options options = options_for(f, 1.0);
    options.replay.loop = true;
    open_and_start(f, &options);
    recorder_run(&f->recorder, 5 * US_PER_S);
    assert_false(f->recorder.finished);
    assert_int_equal(f->recorder.count, 5); /* at 0, 2, 2, 4 and 4 s */
    assert_int_equal(f->recorder.frames[4].can_id, 1);
    assert_true(f->recorder.frames[4].ts_us == RECORDER_WALL_US + 4 * US_PER_S);
}

static void a_log_that_jumps_back_goes_on_at_once(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(100.0) a 001#\n(101.0) a 002#\n(50.0) a 003#\n(52.0) a 004#\n");
    struct bus_options options = options_for(f, 1.0);
    open_and_start(f, &options);
    recorder_run(&f->recorder, 10 * US_PER_S);
    assert_int_equal(f->recorder.arrived_us[2], 1 * US_PER_S);
    assert_int_equal(f->recorder.arrived_us[3], 3 * US_PER_S);
}

static void an_empty_log_ends_even_when_looped(void **state)
{
    struct fixture *f = *state;
    write_log(f, "\n\nrubbish\n");
    struct bus_options options = options_for(f, 1.0);
    options.replay.loop = true;
    open_and_start(f, &options);
    recorder_run(&f->recorder, 1 * US_PER_S);
    assert_true(f->recorder.finished);
    assert_string_equal(f->recorder.reason, "the log holds no frame to play; "
                                            "1 lines are malformed, the first is line 3");
}

static void malformed_lines_are_counted_and_the_first_is_named(void **state)
{
    struct fixture *f = *state;
    static const char before[] = "(1.0) a 001#\r\nrubbish\n\n(1.0) a 002#\n";
    static const char after[] = "\n(1.0) a 003#"; /* behind a line that is too long; no newline */
    char text[8000];
    memset(text, 'x', sizeof(text));
    memcpy(text, before, sizeof(before) - 1);
    memcpy(text + sizeof(text) - sizeof(after), after, sizeof(after));
    write_log(f, text);
    struct bus_options options = options_for(f, 0.0);
    open_and_start(f, &options);
    recorder_run(&f->recorder, 1 * US_PER_S);

    struct bus_stats stats;
    bus_stats(f->recorder.bus, &stats);
    assert_int_equal(stats.received, 3);
    assert_int_equal(f->recorder.frames[2].can_id, 3);
    assert_int_equal(stats.malformed, 2);
    assert_int_equal(stats.malformed_line, 2);
    assert_string_equal(f->recorder.reason,
                        "end of the log; 2 lines are malformed, the first is line 2");
}

static void error_frames_are_counted_and_not_delivered(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(1.0) a 001#\n(1.1) a 20000080#0000000000000000\n(1.2) a 002#\n");
    struct bus_options options = options_for(f, 0.0);
    open_and_start(f, &options);
    recorder_run(&f->recorder, 1 * US_PER_S);
    assert_int_equal(f->recorder.count, 2);
    assert_int_equal(f->recorder.frames[1].can_id, 2);
    struct bus_stats stats;
    bus_stats(f->recorder.bus, &stats);
    assert_int_equal(stats.error_frames[BUS_ERROR_BUS_ERROR], 1);
}

static void a_vector_log_is_played_again_from_its_start(void **state)
{
    struct fixture *f = *state;
    write_log(f, "base hex timestamps relative\n"
                 "   1.000000 1 11 Rx d 0\n"
                 "   2.000000 2 12 Rx d 0\n"
                 "   1.000000 1 13 Rx d 0\n");
    struct bus_options options = options_for(f, 1.0);
    options.replay.loop = true;
    options.replay.interface = "can1";
    open_and_start(f, &options);
    recorder_run(&f->recorder, 4 * US_PER_S);
    assert_int_equal(f->recorder.count, 3); /* at 0, 3 and again 3 s */
    assert_int_equal(f->recorder.frames[1].can_id, 0x13);
    assert_int_equal(f->recorder.arrived_us[1], 3 * US_PER_S);
    assert_int_equal(f->recorder.arrived_us[2], 3 * US_PER_S);
}

static void a_peak_trace_is_played_with_its_own_stamps(void **state)
{
    struct fixture *f = *state;
    write_log(f, ";$FILEVERSION=1.1\r\n"
                 ";$STARTTIME=25570.5\r\n"
                 "     1)      1000.5  Rx         0011  1  7F \r\n");
    struct bus_options options = options_for(f, 0.0);
    open_and_start(f, &options);
    recorder_run(&f->recorder, 1 * US_PER_S);
    assert_int_equal(f->recorder.count, 1);
    assert_int_equal(f->recorder.frames[0].can_id, 0x11);
    assert_int_equal(f->recorder.frames[0].bus, 3);
    assert_true(f->recorder.frames[0].ts_us == 129601000500);
}

static void packed_data_end_the_bus_with_the_way_to_unpack_them(void **state)
{
    struct fixture *f = *state;
    write_log(f, "\x1F\x8B\x08\n");
    struct bus_options options = options_for(f, 1.0);
    options.replay.loop = true;
    open_and_start(f, &options);
    recorder_run(&f->recorder, 1 * US_PER_S);
    assert_true(f->recorder.finished);
    assert_string_equal(f->recorder.reason, "the log is gzip data: read it through zcat");
}

static void one_interface_can_be_chosen(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(1.0) a 001#\n(1.0) b 002#\n(1.0) a 003#\n");
    struct bus_options options = options_for(f, 0.0);
    options.replay.interface = "b";
    open_and_start(f, &options);
    recorder_run(&f->recorder, 1 * US_PER_S);
    assert_int_equal(f->recorder.count, 1);
    assert_int_equal(f->recorder.frames[0].can_id, 2);
}

/* Not each bus of a log is an interface of Linux: `history` writes its name in the configuration.
 */
static void a_long_name_can_be_chosen(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(1.0) greenhouse_north_climate 001#\n(1.0) greenhouse_north_light 002#\n");
    struct bus_options options = options_for(f, 0.0);
    options.replay.interface = "greenhouse_north_light";
    open_and_start(f, &options);
    recorder_run(&f->recorder, 1 * US_PER_S);
    assert_int_equal(f->recorder.count, 1);
    assert_int_equal(f->recorder.frames[0].can_id, 2);
}

static void deliver(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void a_pipe_is_played_as_it_delivers(void **state)
{
    struct fixture *f = *state;
    struct recorder *r = &f->recorder;
    assert_int_equal(mkfifo(f->path, 0600), 0);
    struct bus_options options = options_for(f, 0.0);
    open_and_start(f, &options);
    assert_int_equal(loop_run_once(r->loop, 0), 0);
    assert_false(r->finished); /* no writer yet */

    int fd = open(f->path, O_WRONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    deliver(fd, "(1.0) a 001#\n(1.0) a");
    recorder_run(r, 1 * US_PER_MS);
    assert_int_equal(r->count, 1);
    deliver(fd, " 002#\n");
    recorder_run(r, 2 * US_PER_MS);
    assert_int_equal(r->count, 2);
    assert_int_equal(close(fd), 0);
    recorder_run(r, 3 * US_PER_MS);
    assert_true(r->finished);
}

static void what_a_pipe_delivers_after_a_pause_is_due_when_it_comes(void **state)
{
    struct fixture *f = *state;
    struct recorder *r = &f->recorder;
    assert_int_equal(mkfifo(f->path, 0600), 0);
    struct bus_options options = options_for(f, 1e6);
    open_and_start(f, &options);
    int fd = open(f->path, O_WRONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    deliver(fd, "(1.0) a 001#\n");
    recorder_run(r, 1 * US_PER_S);
    deliver(fd, "(6.0) a 002#\n");
    recorder_run(r, 10 * US_PER_S);
    assert_int_equal(r->count, 2);
    assert_int_equal(r->frames[1].ts_us - r->frames[0].ts_us, 1 * US_PER_S);
    assert_int_equal(close(fd), 0);
}

static void impossible_logs_are_refused(void **state)
{
    struct fixture *f = *state;
    struct bus *bus = NULL;
    struct bus_options options = options_for(f, 1.0);
    assert_int_equal(bus_open(&options, &bus), -ENOENT);

    options.replay.path = f->directory;
    assert_int_equal(bus_open(&options, &bus), -EISDIR);
    options.replay.path = "/dev/null";
    assert_int_equal(bus_open(&options, &bus), -ESPIPE);

    assert_int_equal(mkfifo(f->path, 0600), 0);
    options = options_for(f, 1.0);
    options.replay.loop = true;
    assert_int_equal(bus_open(&options, &bus), -ESPIPE);

    options = options_for(f, -1.0);
    assert_int_equal(bus_open(&options, &bus), -EINVAL);
    assert_null(bus);
}

static void a_recording_cannot_be_sent_to(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(1.0) a 001#\n");
    struct bus_options options = options_for(f, 1.0);
    open_and_start(f, &options);
    struct frame frame = {.can_id = 1};
    assert_int_equal(bus_send(f->recorder.bus, &frame), -EOPNOTSUPP);
    struct bus_stats stats;
    bus_stats(f->recorder.bus, &stats);
    assert_int_equal(stats.send_failed, 1);
    assert_int_equal(stats.sent, 0);
}

static void read_text(const char *path, char *ret_text, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    ret_text[fread(ret_text, 1, size - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
}

static void what_is_sent_is_added_to_a_file(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(1.0) a 001#\n");
    char sent[96];
    (void)snprintf(sent, sizeof(sent), "%s/sent.log", f->directory);
    struct frame frame = {.can_id = 0x123, .len = 2, .data = {0xAB, 0x01}};
    for (int round = 0; round < 2; round++) {
        struct bus_options options = options_for(f, 1.0);
        options.replay.sent_path = sent;
        open_and_start(f, &options);
        assert_int_equal(bus_send(f->recorder.bus, &frame), 0);
        bus_free(f->recorder.bus);
        f->recorder.bus = NULL;
    }
    char text[256];
    read_text(sent, text, sizeof(text));
    const char *first = strstr(text, " 123#AB01\n");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, " 123#AB01\n"));
    assert_int_equal(unlink(sent), 0);
}

static void a_full_pipe_for_what_is_sent_says_try_later(void **state)
{
    struct fixture *f = *state;
    write_log(f, "(1.0) a 001#\n");
    char sent[96];
    (void)snprintf(sent, sizeof(sent), "%s/sent.pipe", f->directory);
    assert_int_equal(mkfifo(sent, 0600), 0);
    struct bus_options options = options_for(f, 1.0);
    options.replay.sent_path = sent;
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), -ENXIO); /* nobody reads it */
    int fd = open(sent, O_RDONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    open_and_start(f, &options);
    struct frame frame = {.can_id = 1};
    int r = 0;
    for (int i = 0; r == 0 && i < 1000000; i++) {
        r = bus_send(f->recorder.bus, &frame);
    }
    assert_int_equal(r, -EAGAIN);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(sent), 0);
}

static void silence_is_a_state_and_a_frame_ends_it(void **state)
{
    struct fixture *f = *state;
    struct recorder *r = &f->recorder;
    write_log(f, "(100.0) a 001#\n(101.0) a 002#\n(110.0) a 003#\n(120.0) a 004#\n");
    struct bus_options options = options_for(f, 1.0);
    options.silence_us = 3 * US_PER_S;
    open_and_start(f, &options);
    recorder_run(r, 3900 * US_PER_MS);
    assert_int_equal(r->state, BUS_STATE_UP);
    recorder_run(r, 4 * US_PER_S);
    assert_int_equal(r->state, BUS_STATE_NO_TRAFFIC);
    recorder_run(r, 10 * US_PER_S);
    assert_int_equal(r->state, BUS_STATE_UP);
    recorder_run(r, 13 * US_PER_S);
    assert_int_equal(r->state, BUS_STATE_NO_TRAFFIC);
    assert_int_equal(r->state_calls, 4);
}

int main(void)
{
#define REPLAY_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        REPLAY_TEST(plays_at_the_recorded_pace),
        REPLAY_TEST(a_speed_divides_the_time_between_frames),
        REPLAY_TEST(paced_frames_are_stamped_as_if_they_happened_now),
        REPLAY_TEST(full_speed_keeps_the_recorded_stamps),
        REPLAY_TEST(stamps_can_be_chosen),
        REPLAY_TEST(full_speed_respects_the_consumers_room),
        REPLAY_TEST(a_dense_log_leaves_turns_to_others),
        REPLAY_TEST(a_loop_begins_again),
        REPLAY_TEST(a_log_that_jumps_back_goes_on_at_once),
        REPLAY_TEST(an_empty_log_ends_even_when_looped),
        REPLAY_TEST(malformed_lines_are_counted_and_the_first_is_named),
        REPLAY_TEST(error_frames_are_counted_and_not_delivered),
        REPLAY_TEST(a_vector_log_is_played_again_from_its_start),
        REPLAY_TEST(a_peak_trace_is_played_with_its_own_stamps),
        REPLAY_TEST(packed_data_end_the_bus_with_the_way_to_unpack_them),
        REPLAY_TEST(one_interface_can_be_chosen),
        REPLAY_TEST(a_long_name_can_be_chosen),
        REPLAY_TEST(a_pipe_is_played_as_it_delivers),
        REPLAY_TEST(impossible_logs_are_refused),
        REPLAY_TEST(what_a_pipe_delivers_after_a_pause_is_due_when_it_comes),
        REPLAY_TEST(a_recording_cannot_be_sent_to),
        REPLAY_TEST(what_is_sent_is_added_to_a_file),
        REPLAY_TEST(a_full_pipe_for_what_is_sent_says_try_later),
        REPLAY_TEST(silence_is_a_state_and_a_frame_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
