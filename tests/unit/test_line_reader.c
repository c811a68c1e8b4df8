#include "common/line_reader.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX 8

struct fixture {
    struct line_reader reader;
    int write_fd;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    int ends[2];
    if (f == NULL || pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0 ||
        line_reader_init(&f->reader, ends[0], MAX) < 0) {
        return -1;
    }
    f->write_fd = ends[1];
    *state = f;
    return 0;
}

static void close_writer(struct fixture *f)
{
    if (f->write_fd >= 0) {
        (void)close(f->write_fd);
    }
    f->write_fd = -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    close_writer(f);
    (void)close(f->reader.fd);
    line_reader_deinit(&f->reader);
    free(f);
    return 0;
}

static void deliver(const struct fixture *f, const char *text)
{
    assert_int_equal(write(f->write_fd, text, strlen(text)), strlen(text));
}

static void expect(struct fixture *f, enum line_result result, const char *text)
{
    const char *line = NULL;
    size_t length = 0;
    assert_int_equal(line_reader_next(&f->reader, &line, &length), result);
    if (result == LINE_READ || result == LINE_TOO_LONG) {
        assert_int_equal(length, strlen(text));
        assert_memory_equal(line, text, length);
    }
}

static void lines_end_with_either_newline_and_the_last_with_none(void **state)
{
    struct fixture *f = *state;
    deliver(f, "a\nbc\r\n\n\r\nlast");
    close_writer(f);
    expect(f, LINE_READ, "a");
    expect(f, LINE_READ, "bc");
    expect(f, LINE_READ, "");
    expect(f, LINE_READ, "");
    expect(f, LINE_READ, "last");
    expect(f, LINE_END, "");
    expect(f, LINE_END, "");
    assert_int_equal(f->reader.number, 5);
}

static void what_has_not_come_yet_is_waited_for(void **state)
{
    struct fixture *f = *state;
    expect(f, LINE_WAIT, "");
    deliver(f, "on");
    expect(f, LINE_WAIT, "");
    deliver(f, "e\ntw");
    expect(f, LINE_READ, "one");
    expect(f, LINE_WAIT, "");
    deliver(f, "o\n");
    expect(f, LINE_READ, "two");
    close_writer(f);
    expect(f, LINE_END, "");
}

static void the_longest_line_is_read_whole(void **state)
{
    struct fixture *f = *state;
    deliver(f, "12345678\n12345678\r");
    expect(f, LINE_READ, "12345678");
    expect(f, LINE_WAIT, "");
    deliver(f, "\n12345678");
    expect(f, LINE_READ, "12345678");
    close_writer(f);
    expect(f, LINE_READ, "12345678");
    expect(f, LINE_END, "");
}

static void a_line_too_long_is_told_once_and_its_rest_skipped(void **state)
{
    struct fixture *f = *state;
    deliver(f, "123456789\nshort\n123456789abcdefgh");
    expect(f, LINE_TOO_LONG, "12345678");
    expect(f, LINE_READ, "short");
    expect(f, LINE_TOO_LONG, "12345678");
    expect(f, LINE_WAIT, "");
    deliver(f, "ijklm");
    expect(f, LINE_WAIT, "");
    deliver(f, "n\nnext\n123456789");
    expect(f, LINE_READ, "next");
    close_writer(f);
    expect(f, LINE_TOO_LONG, "12345678");
    expect(f, LINE_END, "");
    assert_int_equal(f->reader.number, 5);
}

static void a_file_can_be_read_again(void **state)
{
    struct fixture *f = *state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_true(fputs("one\ntwo\n", file) >= 0);
    assert_int_equal(fflush(file), 0);
    struct line_reader reader;
    const char *line;
    size_t length;
    assert_int_equal(line_reader_init(&reader, fileno(file), MAX), 0);
    for (int pass = 0; pass < 3; pass++) {
        assert_int_equal(line_reader_rewind(&reader), 0);
        assert_int_equal(line_reader_next(&reader, &line, &length), LINE_READ);
        assert_memory_equal(line, "one", 3);
        assert_int_equal(reader.number, 1);
    }
    line_reader_deinit(&reader);
    (void)fclose(file);
    assert_int_equal(line_reader_rewind(&f->reader), -ESPIPE);
}

static void many_blocks_give_every_line(void **state)
{
    (void)state;
    enum {
        LINES = 200000
    };
    FILE *file = tmpfile();
    assert_non_null(file);
    for (int i = 0; i < LINES; i++) {
        assert_true(fprintf(file, "%d\n", i) > 0);
    }
    assert_int_equal(fflush(file), 0);
    rewind(file);
    struct line_reader reader;
    assert_int_equal(line_reader_init(&reader, fileno(file), MAX), 0);
    for (int i = 0; i < LINES; i++) {
        const char *line;
        size_t length;
        char expected[MAX + 1];
        int size = snprintf(expected, sizeof(expected), "%d", i);
        assert_int_equal(line_reader_next(&reader, &line, &length), LINE_READ);
        assert_int_equal(length, size);
        assert_memory_equal(line, expected, length);
    }
    line_reader_deinit(&reader);
    (void)fclose(file);
}

static void a_failure_is_told_with_its_reason(void **state)
{
    (void)state;
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    struct line_reader reader;
    const char *line;
    size_t length;
    assert_int_equal(line_reader_init(&reader, fd, MAX), 0);
    assert_int_equal(line_reader_next(&reader, &line, &length), LINE_FAILED);
    assert_int_equal(errno, EISDIR);
    line_reader_deinit(&reader);
    (void)close(fd);
}

int main(void)
{
#define PIPE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        PIPE_TEST(lines_end_with_either_newline_and_the_last_with_none),
        PIPE_TEST(what_has_not_come_yet_is_waited_for),
        PIPE_TEST(the_longest_line_is_read_whole),
        PIPE_TEST(a_line_too_long_is_told_once_and_its_rest_skipped),
        PIPE_TEST(a_file_can_be_read_again),
        cmocka_unit_test(many_blocks_give_every_line),
        cmocka_unit_test(a_failure_is_told_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
