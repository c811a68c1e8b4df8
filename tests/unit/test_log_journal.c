/* What the journal gets, and what becomes of a line that it does not take: sockets of our own play
 * the journal and the stream to it. */
#include "common/log.h"
#include "common/log_journal.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct log_site here = {"common/file.c", "do_it", 42};

struct fixture {
    char directory[40];
    char path[64];
    int listener;
    struct log_journal journal;
    char text[4096]; /* the last datagram */
};

static void listen_at(struct fixture *f)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
    f->listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(f->listener >= 0);
    assert_int_equal(bind(f->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    (void)snprintf(f->directory, sizeof(f->directory), "/tmp/test_log_journal.XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    (void)snprintf(f->path, sizeof(f->path), "%s/socket", f->directory);
    listen_at(f);
    assert_int_equal(log_journal_open(f->path, &f->journal), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    log_configure(NULL, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    log_identify("", "", "");
    log_journal_close(&f->journal);
    (void)close(f->listener);
    (void)unlink(f->path);
    (void)rmdir(f->directory);
    (void)unsetenv("JOURNAL_STREAM");
    free(f);
    return 0;
}

static const char *receive(struct fixture *f)
{
    ssize_t length = recv(f->listener, f->text, sizeof(f->text) - 1, 0);
    f->text[length > 0 ? length : 0] = '\0';
    return f->text;
}

static bool fill(const struct fixture *f)
{
    const struct log_entry entry = {&here, LOG_LEVEL_INFO, "bus", "full", 0};
    static const struct log_identity nobody;
    for (int i = 0; i < 100000; i++) {
        int r = log_journal_send(&f->journal, &nobody, &entry);
        if (r < 0) {
            assert_int_equal(r, -EAGAIN);
            return true;
        }
    }
    return false;
}

static void an_entry_has_our_fields(void **state)
{
    struct fixture *f = *state;
    const struct log_identity identity = {"edge-gateway", "demo", "gw1"};
    const struct log_entry entry = {&here, LOG_LEVEL_WARNING, "mqtt", "lost = 21.5 °C", 0};
    assert_int_equal(log_journal_send(&f->journal, &identity, &entry), 0);
    assert_string_equal(receive(f), "PRIORITY=4\n"
                                    "MESSAGE=mqtt: lost = 21.5 °C\n"
                                    "EDGE_AREA=mqtt\n"
                                    "SYSLOG_IDENTIFIER=edge-gateway\n"
                                    "EDGE_SITE=demo\n"
                                    "EDGE_NODE=gw1\n"
                                    "CODE_LINE=42\n"
                                    "CODE_FUNC=do_it\n"
                                    "CODE_FILE=common/file.c\n");
}

static void an_entry_of_nobody_has_no_name(void **state)
{
    struct fixture *f = *state;
    static const struct log_identity nobody;
    const struct log_entry entry = {&here, LOG_LEVEL_ERROR, "bus", "x", 7};
    assert_int_equal(log_journal_send(&f->journal, &nobody, &entry), 0);
    assert_string_equal(receive(f), "PRIORITY=3\nMESSAGE=bus: x\nEDGE_AREA=bus\nEDGE_LEFT_OUT=7\n"
                                    "CODE_LINE=42\nCODE_FUNC=do_it\nCODE_FILE=common/file.c\n");
}

static void the_longest_message_is_whole(void **state)
{
    struct fixture *f = *state;
    static const struct log_identity nobody;
    char message[LOG_LINE_MAX];
    memset(message, 'x', sizeof(message));
    message[sizeof(message) - 1] = '\0';
    const struct log_entry entry = {&here, LOG_LEVEL_ERROR, "bus", message, 0};
    assert_int_equal(log_journal_send(&f->journal, &nobody, &entry), 0);
    assert_non_null(strstr(receive(f), message));
    assert_non_null(strstr(f->text, "\nCODE_FILE=common/file.c\n"));
}

static void a_full_or_absent_journal_takes_nothing_and_delays_nothing(void **state)
{
    struct fixture *f = *state;
    static const struct log_identity nobody;
    const struct log_entry entry = {&here, LOG_LEVEL_INFO, "bus", "x", 0};
    assert_true(fill(f));
    (void)close(f->listener);
    assert_int_equal(log_journal_send(&f->journal, &nobody, &entry), -ECONNREFUSED);
    (void)unlink(f->path);
    assert_int_equal(log_journal_send(&f->journal, &nobody, &entry), -ENOENT);
    listen_at(f); /* it was started anew */
    assert_int_equal(log_journal_send(&f->journal, &nobody, &entry), 0);
    assert_non_null(strstr(receive(f), "MESSAGE=bus: x\n"));
}

static void a_path_that_is_none_is_refused(void **state)
{
    struct fixture *f = *state;
    struct log_journal journal;
    char path[200];
    memset(path, 'x', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(log_journal_open(path, &journal), -EINVAL);
    assert_int_equal(log_journal_open("relative", &journal), -EINVAL);
    (void)f;
}

static void the_stream_is_known_by_its_inode(void **state)
{
    (void)state;
    struct stat status;
    char stream[64];
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    assert_true(log_journal_is_stream(STDERR_FILENO, stream));
    assert_false(log_journal_is_stream(STDERR_FILENO, "8:1"));
    assert_false(log_journal_is_stream(STDERR_FILENO, NULL));
    assert_false(log_journal_is_stream(-1, stream));
}

/* ---- the log ---------------------------------------------------------------------------- */

static void the_log_goes_to_the_journal_and_what_it_does_not_take_to_the_file(void **state)
{
    struct fixture *f = *state;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    log_configure(file, LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO);
    log_identify("edge-gateway", "demo", "gw1");
    assert_int_equal(log_to_journal(f->path), 0);
    log_warning("mqtt", "first\n<3>forged");
    assert_non_null(strstr(receive(f), "PRIORITY=4\nMESSAGE=mqtt: first <3>forged\nEDGE_AREA=mqtt\n"
                                       "SYSLOG_IDENTIFIER=edge-gateway\n"));
    assert_non_null(strstr(f->text, "\nCODE_FUNC=the_log_goes_to_the_journal_and_what_it_does_not_"
                                    "take_to_the_file\n"));
    assert_int_equal(size, 0);
    (void)close(f->listener);
    log_error("mqtt", "second");
    assert_string_equal(text, "<3>mqtt: second\n");
    log_configure(NULL, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    (void)fclose(file);
    free(text);
}

/* Puts one end of a socket in the place of stderr, as systemd does; gives what was there. */
static int take_stderr(int ret_pair[2])
{
    struct stat status;
    char stream[64];
    int before = dup(STDERR_FILENO);
    assert_true(before >= 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_pair), 0);
    assert_int_equal(dup2(ret_pair[1], STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    return before;
}

static void a_stream_that_stands_still_delays_nothing(void **state)
{
    struct fixture *f = *state;
    int pair[2];
    char text[64] = "";
    int before = take_stderr(pair);
    uint64_t lost = log_stats().lost;
    log_configure(NULL, LOG_FORMAT_AUTO, LOG_LEVEL_INFO);
    (void)unlink(f->path);
    int r = log_to_journal(f->path); /* not the journal of this machine, if it has one */
    log_notice("mqtt", "up");
    ssize_t length = recv(pair[0], text, sizeof(text) - 1, MSG_DONTWAIT);
    for (int i = 0; i < 100000 && log_stats().lost == lost; i++) {
        log_notice("mqtt", "and up");
    }
    (void)dup2(before, STDERR_FILENO);
    (void)close(before);
    (void)close(pair[0]);
    (void)close(pair[1]);
    assert_int_equal(r, 0);
    assert_int_equal(length, strlen("<5>mqtt: up\n"));
    assert_string_equal(text, "<5>mqtt: up\n");
    assert_int_equal(log_stats().lost, lost + 1);
}

static void another_stderr_than_the_journals_gets_text(void **state)
{
    (void)state;
    int pair[2];
    char text[64] = "";
    int before = take_stderr(pair);
    assert_int_equal(setenv("JOURNAL_STREAM", "8:1", 1), 0);
    log_configure(NULL, LOG_FORMAT_AUTO, LOG_LEVEL_INFO);
    log_info("mqtt", "up");
    ssize_t length = recv(pair[0], text, sizeof(text) - 1, MSG_DONTWAIT);
    (void)dup2(before, STDERR_FILENO);
    (void)close(before);
    (void)close(pair[0]);
    (void)close(pair[1]);
    assert_true(length > 0);
    assert_non_null(strstr(text, " info    mqtt: up\n"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_entry_has_our_fields),
        CASE(an_entry_of_nobody_has_no_name),
        CASE(the_longest_message_is_whole),
        CASE(a_full_or_absent_journal_takes_nothing_and_delays_nothing),
        CASE(a_path_that_is_none_is_refused),
        CASE(the_stream_is_known_by_its_inode),
        CASE(the_log_goes_to_the_journal_and_what_it_does_not_take_to_the_file),
        CASE(a_stream_that_stands_still_delays_nothing),
        CASE(another_stderr_than_the_journals_gets_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
