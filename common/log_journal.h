/*
 * Lines of the log as entries of systemd's journal, with fields that journalctl can select by, by
 * its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram per entry, NAME=value in
 * lines. Of our own, because libsystemd would bring five libraries into a small process (see
 * service_manager.h). Nothing here waits.
 */
#ifndef EDGE_COMMON_LOG_JOURNAL_H
#define EDGE_COMMON_LOG_JOURNAL_H

#include "common/attributes.h"
#include "common/log_entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#define LOG_JOURNAL_SOCKET "/run/systemd/journal/socket"

/* {.fd = -1}: there is none. */
struct log_journal {
    int fd;
    struct sockaddr_un address;
};

/* Whether this descriptor is what JOURNAL_STREAM says ("device:inode"; NULL: it says nothing): the
 * stream to the journal that systemd makes for stdout and stderr of a service. */
bool log_journal_is_stream(int fd, const char *journal_stream);

/* 0, -EINVAL (no such path) or -errno; also where nobody listens there yet. `ret` is untouched
 * then. */
EDGE_MUST_CHECK int log_journal_open(const char *path, struct log_journal *ret);
void log_journal_close(struct log_journal *journal);

/* PRIORITY, MESSAGE, SYSLOG_IDENTIFIER, CODE_FILE, CODE_LINE, CODE_FUNC; EDGE_SITE, EDGE_NODE,
 * EDGE_AREA (the subsystem) and, where it stands for lines that were left out, EDGE_LEFT_OUT. 0 or
 * -errno: nobody listens, or its queue is full. */
EDGE_MUST_CHECK int log_journal_send(const struct log_journal *journal,
                                     const struct log_identity *identity,
                                     const struct log_entry *entry);

#endif
