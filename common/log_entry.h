/* One line of the log, as the parts of the log hand it to each other. */
#ifndef EDGE_COMMON_LOG_ENTRY_H
#define EDGE_COMMON_LOG_ENTRY_H

#include <stdint.h>

#define LOG_LINE_MAX       1024
#define LOG_IDENTITY_BYTES 72 /* an id of the configuration has 64 at most */

enum log_level { /* syslog(3) priorities */
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

/* The place in the program that writes a line; its address tells one kind of line from another. */
struct log_site {
    const char *file;
    const char *function;
    int number; /* of the line in the file */
};

struct log_entry {
    const struct log_site *site; /* static */
    enum log_level level;
    const char *subsystem;
    const char *message; /* printable, one line, whole UTF-8 characters (log_text.h) */
    uint64_t left_out;   /* so many lines it stands for; 0: for itself */
};

/* Whose log it is; "" in all: nobody said. */
struct log_identity {
    char program[LOG_IDENTITY_BYTES];
    char site[LOG_IDENTITY_BYTES];
    char node[LOG_IDENTITY_BYTES];
};

#endif
