#include "edge-gateway/app/recording_file.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/recordings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const buses[] = {"can0", "can1"};

struct fixture {
    struct recordings files;
    struct recording_directory directory;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    recordings_make(&f->files);
    f->directory = (struct recording_directory){
        .path = f->files.path, .max_files = 3, .max_bytes = 10000, .buses = buses, .bus_count = 2};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    recordings_remove(&f->files);
    free(f);
    return 0;
}

static const struct frame two[] = {
    {.ts_us = 1500000, .can_id = 0x123, .len = 2, .data = {0x12, 0xAB}},
    {.ts_us = 1600000, .can_id = 0x18FEF100, .flags = FRAME_EXTENDED, .bus = 1},
};
#define TWO_TEXT "(0000000001.500000) can0 123#12AB\n(0000000001.600000) can1 18FEF100#\n"

static void record(struct fixture *f, const char *name)
{
    struct recording_file file;
    assert_int_equal(recording_file_open(&f->directory, name, &file), 0);
    assert_int_equal(recording_file_write(&file, two, 2), 0);
    assert_int_equal(recording_file_finish(&file), 0);
}

static void a_file_has_its_name_when_it_is_whole(void **state)
{
    struct fixture *f = *state;
    struct recording_file file;
    assert_int_equal(recording_file_open(&f->directory, "dashcam-1.log", &file), 0);
    assert_int_equal(recording_file_write(&file, two, 2), 0);
    assert_false(recordings_has(&f->files, "dashcam-1.log"));
    assert_int_equal(recording_file_finish(&file), 0);
    assert_int_equal(recordings_count(&f->files), 1);
    char *text = recordings_read(&f->files, "dashcam-1.log");
    assert_string_equal(text, TWO_TEXT);
    free(text);
    assert_int_equal(file.frames, 2);
    assert_int_equal(file.bytes, strlen(TWO_TEXT));
    assert_int_equal(file.first_us, 1500000);
    assert_int_equal(file.last_us, 1600000);
    assert_int_equal(f->directory.files, 1);
    assert_int_equal(f->directory.bytes, strlen(TWO_TEXT));
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct recording_file file;
    assert_int_equal(recording_file_open(&f->directory, "dashcam-1.log", &file), 0);
    assert_int_equal(recording_file_write(&file, two, 2), 0);
    recording_file_abandon(&file);
    assert_int_equal(recordings_count(&f->files), 0);
}

static void the_oldest_make_room_and_nobody_elses(void **state)
{
    struct fixture *f = *state;
    recordings_write(&f->files, "dashcam-notes.txt", "mine");
    recordings_write(&f->files, "aaa.log", "mine");
    record(f, "dashcam-2.log");
    record(f, "dashcam-1.log");
    record(f, "dashcam-3.log");
    record(f, "dashcam-4.log");
    assert_false(recordings_has(&f->files, "dashcam-1.log"));
    assert_int_equal(recordings_count(&f->files), 5);
    assert_int_equal(f->directory.removed, 1);
    assert_int_equal(f->directory.files, 3);
}

static void bytes_are_kept_while_a_file_is_written(void **state)
{
    struct fixture *f = *state;
    f->directory.max_bytes = 2 * strlen(TWO_TEXT) + 1;
    record(f, "dashcam-1.log");
    record(f, "dashcam-2.log");
    struct recording_file file;
    assert_int_equal(recording_file_open(&f->directory, "dashcam-3.log", &file), 0);
    assert_true(recordings_has(&f->files, "dashcam-1.log"));
    assert_int_equal(recording_file_write(&file, two, 2), 0);
    assert_false(recordings_has(&f->files, "dashcam-1.log"));
    assert_true(recordings_has(&f->files, "dashcam-2.log"));
    assert_int_equal(recording_file_write(&file, two, 2), 0);
    assert_false(recordings_has(&f->files, "dashcam-2.log"));
    assert_int_equal(recording_file_write(&file, two, 2), -EFBIG);
    assert_int_equal(recording_file_finish(&file), 0);
    assert_int_equal(file.frames, 4);
    assert_int_equal(recordings_count(&f->files), 1);
}

static void frames_of_any_number_are_written(void **state)
{
    struct fixture *f = *state;
    enum {
        MANY = 3000
    };
    f->directory.max_bytes = 10000000;
    struct frame *frames = calloc(MANY, sizeof(*frames));
    assert_non_null(frames);
    for (size_t i = 0; i < MANY; i++) {
        frames[i] =
            (struct frame){.ts_us = (int64_t)i, .can_id = 0x100, .flags = FRAME_FD, .len = 64};
    }
    struct recording_file file;
    assert_int_equal(recording_file_open(&f->directory, "dashcam-1.log", &file), 0);
    assert_int_equal(recording_file_write(&file, frames, MANY), 0);
    assert_int_equal(recording_file_finish(&file), 0);
    char *text = recordings_read(&f->files, "dashcam-1.log");
    size_t lines = 0;
    for (const char *c = text; *c != '\0'; c++) {
        lines += *c == '\n';
    }
    assert_int_equal(lines, MANY);
    assert_int_equal(strlen(text), file.bytes);
    free(text);
    free(frames);
}

static void what_a_crash_left_gets_its_name_and_loses_half_a_line(void **state)
{
    struct fixture *f = *state;
    size_t recovered = 99;
    assert_int_equal(recording_directory_tidy(&f->directory, &recovered), 0);
    assert_int_equal(recovered, 0); /* there is no directory yet */
    recordings_write(&f->files, ".dashcam-5.log.part", TWO_TEXT "(0000000001.600000) can1 18FE");
    recordings_write(&f->files, ".dashcam-6.log.part", "");
    recordings_write(&f->files, ".other.part", "x");
    assert_int_equal(recording_directory_tidy(&f->directory, &recovered), 0);
    assert_int_equal(recovered, 2);
    char *text = recordings_read(&f->files, "dashcam-5.log");
    assert_string_equal(text, TWO_TEXT);
    free(text);
    assert_int_equal(recordings_count(&f->files), 3);
    assert_int_equal(f->directory.files, 2);
}

static void a_directory_that_cannot_be_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct recording_file file = {.fd = 77};
    f->directory.path = "/dev/null/dashcam";
    assert_int_equal(recording_file_open(&f->directory, "dashcam-1.log", &file), -ENOTDIR);
    f->directory.path = "/dev/null";
    assert_int_equal(recording_file_open(&f->directory, "dashcam-1.log", &file), -ENOTDIR);
    assert_int_equal(file.fd, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_has_its_name_when_it_is_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(an_abandoned_file_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(the_oldest_make_room_and_nobody_elses, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_are_kept_while_a_file_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(frames_of_any_number_are_written, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_crash_left_gets_its_name_and_loses_half_a_line,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
