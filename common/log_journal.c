#include "common/log_journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool log_journal_is_stream(int fd, const char *journal_stream)
{
    struct stat status;
    char actual[64];
    if (journal_stream == NULL || fstat(fd, &status) < 0) {
        return false;
    }
    (void)snprintf(actual, sizeof(actual), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    return strcmp(actual, journal_stream) == 0;
}

int log_journal_open(const char *path, struct log_journal *ret)
{
    struct log_journal journal = {.address = {.sun_family = AF_UNIX}};
    size_t length = strlen(path);
    if (path[0] != '/' || length >= sizeof(journal.address.sun_path)) {
        return -EINVAL;
    }
    memcpy(journal.address.sun_path, path, length + 1);
    /* Not connected: a journal that is started anew has another socket there. */
    journal.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (journal.fd < 0) {
        return -errno;
    }
    *ret = journal;
    return 0;
}

void log_journal_close(struct log_journal *journal)
{
    if (journal->fd >= 0) {
        (void)close(journal->fd);
        journal->fd = -1;
    }
}

struct fields {
    size_t length;
    char text[LOG_LINE_MAX + 2048];
};

/* "NAME=value\n"; no value has a newline. One that does not fit is left out: those that must be
 * there come first, and fit. */
EDGE_PRINTF(2, 3)
static void add(struct fields *fields, const char *format, ...)
{
    size_t room = sizeof(fields->text) - fields->length;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(fields->text + fields->length, room, format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < room) {
        fields->length += (size_t)length;
    }
}

static void add_all(struct fields *fields, const struct log_identity *identity,
                    const struct log_entry *entry)
{
    add(fields, "PRIORITY=%d\n", (int)entry->level);
    add(fields, "MESSAGE=%s: %s\n", entry->subsystem, entry->message);
    add(fields, "EDGE_AREA=%s\n", entry->subsystem);
    if (identity->program[0] != '\0') {
        add(fields, "SYSLOG_IDENTIFIER=%s\n", identity->program);
        add(fields, "EDGE_SITE=%s\n", identity->site);
        add(fields, "EDGE_NODE=%s\n", identity->node);
    }
    if (entry->left_out > 0) {
        add(fields, "EDGE_LEFT_OUT=%" PRIu64 "\n", entry->left_out);
    }
    add(fields, "CODE_LINE=%d\n", entry->site->number);
    add(fields, "CODE_FUNC=%s\n", entry->site->function);
    add(fields, "CODE_FILE=%s\n", entry->site->file);
}

int log_journal_send(const struct log_journal *journal, const struct log_identity *identity,
                     const struct log_entry *entry)
{
    struct fields fields;
    fields.length = 0;
    if (journal->fd < 0) {
        return -ENOTCONN;
    }
    add_all(&fields, identity, entry);
    ssize_t sent = sendto(journal->fd, fields.text, fields.length, MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&journal->address, sizeof(journal->address));
    return sent < 0 ? -errno : 0;
}
