#include "automation-node/app/decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "edge-gateway"

extern char **environ;

/* Beside our own program, if it is there; else a name to be looked for. */
static void find_program(char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    size_t end = length > 0 ? (size_t)length : 0;
    while (end > 0 && path[end - 1] != '/') {
        end--;
    }
    int written = snprintf(path + end, PATH_MAX - end, "%s", PROGRAM);
    if (end == 0 || written < 0 || (size_t)written >= PATH_MAX - end || access(path, X_OK) < 0) {
        (void)snprintf(path, PATH_MAX, "%s", PROGRAM);
    }
}

/* edge-gateway decode --dbc A --dbc B LOG */
static const char **make_arguments(const char *command, const char *const *dbcs, size_t dbc_count,
                                   const char *log)
{
    const char **arguments = calloc(2 * dbc_count + 5, sizeof(*arguments));
    size_t count = 0;
    if (arguments == NULL) {
        return NULL;
    }
    arguments[count++] = PROGRAM;
    arguments[count++] = command;
    for (size_t i = 0; i < dbc_count; i++) {
        arguments[count++] = "--dbc";
        arguments[count++] = dbcs[i];
    }
    arguments[count++] = log; /* NULL ends it too */
    return arguments;
}

static int spawn(const char **arguments, int output, pid_t *ret)
{
    char path[PATH_MAX];
    posix_spawn_file_actions_t actions;
    int r = posix_spawn_file_actions_init(&actions);
    if (r != 0) {
        return -r;
    }
    find_program(path);
    r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (r == 0) {
        /* It does not write to its arguments. */
        r = posix_spawnp(ret, path, &actions, NULL, (char *const *)arguments, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions); /* always succeeds */
    if (r != 0) {
        (void)fprintf(stderr, "automation-node: %s cannot be run: %s\n", path, strerror(r));
    }
    return -r;
}

int decoder_start(const char *command, const char *const *dbcs, size_t dbc_count, const char *log,
                  struct decoder *ret)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    struct decoder decoder = {.fd = ends[0]};
    const char **arguments = make_arguments(command, dbcs, dbc_count, log);
    int r = arguments != NULL ? spawn(arguments, ends[1], &decoder.pid) : -ENOMEM;
    free(arguments);
    (void)close(ends[1]);
    if (r < 0) {
        (void)close(ends[0]);
        return r;
    }
    *ret = decoder;
    return 0;
}

int decoder_end(struct decoder *decoder)
{
    int status = 0;
    (void)close(decoder->fd); /* only read from */
    while (waitpid(decoder->pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}
