#include "tests/integration/broker_child.h"

#include "tests/unit/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_file(const struct broker *broker, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", broker->folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void remove_file(const struct broker *broker, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", broker->folder, name);
    (void)unlink(path);
}

void broker_init(struct broker *broker, const char *options)
{
    char config[1024];
    *broker = (struct broker){.folder = "/tmp/edge-link-XXXXXX",
                              .address = {"127.0.0.1", bench_free_port()}};
    assert_non_null(mkdtemp(broker->folder));
    /* As root, mosquitto would change to a user who may not read the folder. */
    int length =
        snprintf(config, sizeof(config), "listener %u 127.0.0.1\nuser root\nlog_type none\n%s\n",
                 (unsigned)broker->address.port, options);
    assert_in_range(length, 1, sizeof(config) - 1);
    write_file(broker, "mosquitto.conf", config);
    write_file(broker, "passwords", "");
    write_file(broker, "acl", "topic readwrite allowed/#\n");
}

void broker_deinit(struct broker *broker)
{
    broker_kill(broker);
    remove_file(broker, "mosquitto.conf");
    remove_file(broker, "passwords");
    remove_file(broker, "acl");
    (void)rmdir(broker->folder);
}

/* In the child: the program, in the broker's folder, dead when its parent dies. */
static void become(const struct broker *broker, const char *const arguments[])
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDWR);
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    if (chdir(broker->folder) == 0) {
        (void)execvp(arguments[0], (char *const *)arguments);
    }
    _exit(127);
}

static pid_t start_program(const struct broker *broker, const char *const arguments[])
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        become(broker, arguments);
    }
    return pid;
}

static bool takes_connections(const struct broker *broker)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = bench_loopback(broker->address.port);
    bool taken = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    (void)close(fd);
    return taken;
}

void broker_start(struct broker *broker, struct bench *bench)
{
    const char *const arguments[] = {"/usr/sbin/mosquitto", "-c", "mosquitto.conf", NULL};
    broker->pid = start_program(broker, arguments);
    AWAIT(bench, takes_connections(broker));
}

void broker_kill(struct broker *broker)
{
    if (broker->pid > 0) {
        (void)kill(broker->pid, SIGKILL);
        (void)waitpid(broker->pid, NULL, 0);
        broker->pid = 0;
    }
}

void broker_freeze(const struct broker *broker)
{
    int status = 0;
    assert_int_equal(kill(broker->pid, SIGSTOP), 0);
    assert_int_equal(waitpid(broker->pid, &status, WUNTRACED), broker->pid);
    assert_true(WIFSTOPPED(status));
}

void broker_add_user(const struct broker *broker, const char *user, const char *password)
{
    const char *const arguments[] = {"mosquitto_passwd", "-b", "passwords", user, password, NULL};
    int status = 0;
    pid_t pid = start_program(broker, arguments);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (broker->pid > 0) {
        assert_int_equal(kill(broker->pid, SIGHUP), 0);
    }
}
