/* The file for node_exporter: whole at any moment, for another user to read, and in nobody's way.
 */
#include "common/metrics_file.h"

#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char directory[40];
    char path[64];
    struct loop *loop;
    struct metrics_file *file;
    struct timer look;
    uint64_t wanted; /* attempts that have ended */
};

static void on_look(void *context)
{
    struct fixture *f = context;
    const struct metrics_file_stats stats = metrics_file_stats(f->file);
    if (stats.written + stats.failed >= f->wanted) {
        loop_stop(f->loop, 0);
        return;
    }
    loop_timer_after(f->loop, &f->look, US_PER_MS);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    (void)snprintf(f->directory, sizeof(f->directory), "/tmp/test_metrics_file.XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    (void)snprintf(f->path, sizeof(f->path), "%s/edge.prom", f->directory);
    assert_int_equal(loop_new(&f->loop), 0);
    assert_int_equal(metrics_file_new(f->loop, "demo", "gw1", &f->file), 0);
    f->look = (struct timer){.fn = on_look, .context = f};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    metrics_file_free(f->file);
    loop_timer_cancel(f->loop, &f->look);
    loop_free(f->loop);
    (void)unlink(f->path);
    assert_int_equal(rmdir(f->directory), 0); /* nothing else is left there */
    free(f);
    return 0;
}

static void write_value(struct fixture *f, uint64_t value)
{
    const struct counter_sink sink = metrics_file_begin(f->file, 60);
    counter_tell(&sink, "value", value);
    metrics_file_tell(&sink, f->file);
    metrics_file_write(f->file, f->path);
}

static void await_attempts(struct fixture *f, uint64_t attempts)
{
    f->wanted = attempts;
    loop_timer_after(f->loop, &f->look, 0);
    assert_int_equal(loop_run(f->loop), 0);
}

static void assert_file_has(const struct fixture *f, const char *text)
{
    char content[4096];
    FILE *file = fopen(f->path, "r");
    assert_non_null(file);
    size_t length = fread(content, 1, sizeof(content) - 1, file);
    (void)fclose(file);
    content[length] = '\0';
    assert_non_null(strstr(content, text));
}

static void the_file_is_replaced_and_everybody_may_read_it(void **state)
{
    struct fixture *f = *state;
    struct stat first;
    struct stat second;
    mode_t before = umask(0077);
    write_value(f, 1);
    await_attempts(f, 1);
    assert_file_has(f, "\nedge_value_total{site=\"demo\",node=\"gw1\"} 1\n");
    assert_int_equal(stat(f->path, &first), 0);
    int open_fd = open(f->path, O_RDONLY | O_CLOEXEC); /* so that its inode is not used again */
    assert_true(open_fd >= 0);
    write_value(f, 2);
    await_attempts(f, 2);
    (void)umask(before);
    assert_file_has(f, "\nedge_value_total{site=\"demo\",node=\"gw1\"} 2\n");
    assert_file_has(f, "\nedge_uptime_s{site=\"demo\",node=\"gw1\"} 60\n");
    assert_file_has(f, "\nedge_textfile_written_total{site=\"demo\",node=\"gw1\"} 1\n");
    assert_int_equal(stat(f->path, &second), 0);
    assert_int_equal(second.st_mode & 07777, 0644);
    assert_int_not_equal(first.st_ino, second.st_ino);
    (void)close(open_fd);
}

static void what_cannot_be_written_is_counted(void **state)
{
    struct fixture *f = *state;
    const struct counter_sink sink = metrics_file_begin(f->file, 60);
    counter_tell(&sink, "value", 1);
    metrics_file_write(f->file, "/nowhere/edge.prom");
    await_attempts(f, 1);
    assert_int_equal(metrics_file_stats(f->file).failed, 1);
    write_value(f, 2); /* and it goes on */
    await_attempts(f, 2);
    assert_int_equal(metrics_file_stats(f->file).written, 1);
    assert_file_has(f, "\nedge_textfile_failed_total{site=\"demo\",node=\"gw1\"} 1\n");
}

/* The loop has no turn between the two, so the first has not ended. */
static void while_one_is_written_the_next_is_skipped(void **state)
{
    struct fixture *f = *state;
    write_value(f, 1);
    write_value(f, 2);
    assert_int_equal(metrics_file_stats(f->file).skipped, 1);
    await_attempts(f, 1);
    assert_file_has(f, "\nedge_value_total{site=\"demo\",node=\"gw1\"} 1\n");
}

static void a_link_in_the_way_is_not_followed(void **state)
{
    struct fixture *f = *state;
    char temporary[80];
    char target[80];
    (void)snprintf(temporary, sizeof(temporary), "%s.tmp", f->path);
    (void)snprintf(target, sizeof(target), "%s/target", f->directory);
    assert_int_equal(symlink(target, temporary), 0);
    write_value(f, 1);
    await_attempts(f, 1);
    assert_int_equal(metrics_file_stats(f->file).written, 1);
    assert_int_equal(access(target, F_OK), -1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_file_is_replaced_and_everybody_may_read_it),
        CASE(what_cannot_be_written_is_counted),
        CASE(while_one_is_written_the_next_is_skipped),
        CASE(a_link_in_the_way_is_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
