#include "common/service_manager.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* An absolute path, or a name in the abstract namespace, written with an @. */
static int connect_to(const char *name, int *ret_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof(address.sun_path)) {
        return -EINVAL;
    }
    memcpy(address.sun_path, name, length);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (connect(fd, (const struct sockaddr *)&address, size) < 0) {
        int r = -errno;
        (void)close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}

/* WATCHDOG_PID, where given, says whom it is for. */
static int64_t watchdog_us(void)
{
    const char *interval = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    if (interval == NULL || (pid != NULL && strtoll(pid, NULL, 10) != getpid())) {
        return 0;
    }
    int64_t us = strtoll(interval, NULL, 10);
    return us > 0 ? us : 0;
}

int service_manager_open(struct service_manager *ret)
{
    *ret = (struct service_manager){.fd = -1};
    const char *name = getenv("NOTIFY_SOCKET");
    if (name == NULL || name[0] == '\0') {
        return 0;
    }
    int r = connect_to(name, &ret->fd);
    if (r == 0) {
        ret->watchdog_us = watchdog_us();
    }
    return r;
}

void service_manager_close(struct service_manager *manager)
{
    if (manager->fd >= 0) {
        (void)close(manager->fd);
        manager->fd = -1;
    }
}

void service_manager_tell(const struct service_manager *manager, const char *lines)
{
    if (manager->fd >= 0) {
        (void)send(manager->fd, lines, strlen(lines), MSG_NOSIGNAL);
    }
}

void service_manager_tell_reloading(const struct service_manager *manager, int64_t now_us)
{
    char lines[64];
    (void)snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_us);
    service_manager_tell(manager, lines);
}
