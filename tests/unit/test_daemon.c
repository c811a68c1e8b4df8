/* A daemon and its service manager: a socket of our own plays the manager. */
#include "common/daemon.h"
#include "common/service_manager.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct manager {
    char directory[32];
    char path[64];
    int fd;
    struct loop *loop;
    struct loop_fd source;
    int ready;
    int signs; /* of life */
    int stopping;
    int signs_wanted;
    const char *stuck;
    int asked;
};

static int set_up(void **state)
{
    struct manager *m = calloc(1, sizeof(*m));
    assert_non_null(m);
    (void)snprintf(m->directory, sizeof(m->directory), "/tmp/test_daemon.XXXXXX");
    assert_non_null(mkdtemp(m->directory));
    (void)snprintf(m->path, sizeof(m->path), "%s/notify", m->directory);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", m->path);
    m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(m->fd >= 0);
    assert_int_equal(bind(m->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", m->path, 1), 0);
    assert_int_equal(loop_new(&m->loop), 0);
    *state = m;
    return 0;
}

static int tear_down(void **state)
{
    struct manager *m = *state;
    loop_free(m->loop);
    (void)close(m->fd);
    (void)unlink(m->path);
    (void)rmdir(m->directory);
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
    free(m);
    return 0;
}

static void on_datagram(void *context, uint32_t events)
{
    struct manager *m = context;
    char text[256];
    (void)events;
    ssize_t n = recv(m->fd, text, sizeof(text) - 1, 0);
    assert_true(n > 0);
    text[n] = '\0';
    m->ready += strcmp(text, "READY=1") == 0;
    m->signs += strcmp(text, "WATCHDOG=1") == 0;
    m->stopping += strcmp(text, "STOPPING=1") == 0;
    if (m->ready > 0 && m->signs == m->signs_wanted) {
        (void)raise(SIGTERM);
        m->signs_wanted = -1;
    }
    if (m->stopping > 0) {
        loop_stop(m->loop, 7);
    }
}

static void stop(void *context)
{
    (void)context; /* the datagram ends the loop */
}

static const char *stuck(void *context)
{
    struct manager *m = context;
    if (++m->asked == 5) {
        loop_stop(m->loop, 8);
    }
    return m->stuck;
}

static int run(struct manager *m)
{
    const struct daemon_handler handler = {.stop = stop, .stuck = stuck, .context = m};
    m->source = (struct loop_fd){.fn = on_datagram, .context = m};
    assert_int_equal(loop_fd_watch(m->loop, &m->source, m->fd, EPOLLIN), 0);
    return daemon_run(m->loop, "test", &handler);
}

static void it_says_ready_then_lives_then_stops(void **state)
{
    struct manager *m = *state;
    m->signs_wanted = 3;
    assert_int_equal(setenv("WATCHDOG_USEC", "4000", 1), 0);
    assert_int_equal(run(m), 7);
    assert_int_equal(m->ready, 1);
    assert_true(m->signs >= 3);
    assert_int_equal(m->stopping, 1);
}

static void a_stuck_part_ends_the_signs_of_life(void **state)
{
    struct manager *m = *state;
    m->signs_wanted = -1;
    m->stuck = "the writer";
    assert_int_equal(setenv("WATCHDOG_USEC", "4000", 1), 0);
    assert_int_equal(run(m), 8);
    assert_int_equal(m->ready, 1);
    assert_int_equal(m->signs, 0);
}

static void nobody_is_asked_where_no_watchdog_is_wanted(void **state)
{
    struct manager *m = *state;
    m->signs_wanted = 0;
    assert_int_equal(run(m), 7);
    assert_int_equal(m->asked, 0);
}

static void the_watchdog_of_another_process_is_not_ours(void **state)
{
    struct manager *m = *state;
    struct service_manager manager;
    (void)m;
    assert_int_equal(setenv("WATCHDOG_USEC", "4000", 1), 0);
    assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
    assert_int_equal(service_manager_open(&manager), 0);
    assert_int_equal(manager.watchdog_us, 0);
    service_manager_close(&manager);
}

static void an_address_that_is_none_is_refused(void **state)
{
    static const char *const names[] = {"relative", "/", "@"};
    struct manager *m = *state;
    struct service_manager manager;
    char name[256];
    (void)m;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        assert_int_equal(service_manager_open(&manager), -EINVAL);
        assert_int_equal(manager.fd, -1);
    }
    memset(name, 'x', sizeof(name) - 1);
    name[0] = '/';
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    assert_int_equal(service_manager_open(&manager), -EINVAL);
    assert_int_equal(setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1), 0);
    assert_int_equal(service_manager_open(&manager), -ENOENT);
    service_manager_tell(&manager, "READY=1"); /* to nobody */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_says_ready_then_lives_then_stops, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stuck_part_ends_the_signs_of_life, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_is_asked_where_no_watchdog_is_wanted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_watchdog_of_another_process_is_not_ours, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_address_that_is_none_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
