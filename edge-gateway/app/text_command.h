/*
 * What `decode` and `encode` are made of: DBC files and a text to read line by line,
 * `--dbc FILE [--dbc FILE ...] [FLAGS] [FILE|-]`.
 */
#ifndef EDGE_GATEWAY_APP_TEXT_COMMAND_H
#define EDGE_GATEWAY_APP_TEXT_COMMAND_H

#include "common/attributes.h"
#include "common/line_reader.h"
#include "edge-gateway/dbc/dbc.h"

#include <stdbool.h>
#include <stddef.h>

/* --name sets *value. */
struct text_flag {
    const char *name;
    bool *value;
};

/* What a command works on, borrowed during its work. */
struct text_input {
    struct dbc_database *db;
    const char *path; /* NULL: standard input */
    struct line_reader reader;
};

struct text_command {
    const char *help;              /* for --help, and for wrong usage on stderr */
    const struct text_flag *flags; /* `flag_count` of them, TEXT_FLAGS_MAX at most */
    size_t flag_count;
    size_t line_max_bytes;
    int (*work)(void *context, struct text_input *input); /* gives the exit status */
    void *context;
};

#define TEXT_FLAGS_MAX 8

/* Parses the arguments, opens everything and does the work. Gives the exit status. */
int text_command_run(const struct text_command *command, int argc, char **argv);

/* As line_reader_next(), but waits for the input: never LINE_WAIT. */
EDGE_MUST_CHECK enum line_result text_input_next(struct text_input *input, const char **ret_line,
                                                 size_t *ret_length);

/* "edge-gateway: WHAT: the error's text" on stderr; `error` is negative. Gives the exit status. */
int text_command_fault(const char *what, int error);

#endif
