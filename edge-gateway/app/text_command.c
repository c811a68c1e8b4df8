#include "edge-gateway/app/text_command.h"

#include "common/cli.h"
#include "edge-gateway/app/dbc_files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DBC_FILES_MAX 256
#define FIRST_FLAG    256 /* what getopt_long() gives for flags[0]: no character */

struct arguments {
    const char *dbc_paths[DBC_FILES_MAX];
    size_t dbc_count;
    const char *input_path; /* NULL: standard input */
};

int text_command_fault(const char *what, int error)
{
    (void)fprintf(stderr, "edge-gateway: %s: %s\n", what, strerror(-error));
    return EXIT_FAULT;
}

static void fill_table(const struct text_command *command, struct option *table)
{
    *table++ = (struct option){"dbc", required_argument, NULL, 'd'};
    *table++ = (struct option){"help", no_argument, NULL, 'h'};
    for (size_t i = 0; i < command->flag_count; i++) {
        *table++ = (struct option){command->flags[i].name, no_argument, NULL, FIRST_FLAG + (int)i};
    }
    *table = (struct option){NULL, 0, NULL, 0};
}

static bool take_option(const struct text_command *command, int option, struct arguments *arguments)
{
    if (option >= FIRST_FLAG) {
        *command->flags[option - FIRST_FLAG].value = true;
        return true;
    }
    if (option != 'd') {
        return false;
    }
    if (arguments->dbc_count == DBC_FILES_MAX) {
        (void)fprintf(stderr, "edge-gateway: at most %d DBC files\n", DBC_FILES_MAX);
        return false;
    }
    arguments->dbc_paths[arguments->dbc_count++] = optarg;
    return true;
}

/* False: the command ends with *ret_status. */
static bool parse_arguments(const struct text_command *command, int argc, char **argv,
                            struct arguments *arguments, int *ret_status)
{
    struct option table[TEXT_FLAGS_MAX + 3];
    assert(command->flag_count <= TEXT_FLAGS_MAX);
    fill_table(command, table);
    int option;
    while ((option = getopt_long(argc, argv, "d:h", table, NULL)) != -1) {
        if (!take_option(command, option, arguments)) {
            (void)fputs(command->help, option == 'h' ? stdout : stderr);
            *ret_status = option == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
            return false;
        }
    }
    if (arguments->dbc_count == 0 || argc - optind > 1) {
        (void)fputs(command->help, stderr);
        *ret_status = EXIT_USAGE;
        return false;
    }
    bool named = argc > optind && strcmp(argv[optind], "-") != 0;
    arguments->input_path = named ? argv[optind] : NULL;
    return true;
}

enum line_result text_input_next(struct text_input *input, const char **ret_line,
                                 size_t *ret_length)
{
    for (;;) {
        enum line_result result = line_reader_next(&input->reader, ret_line, ret_length);
        struct pollfd wait = {.fd = input->reader.fd, .events = POLLIN};
        if (result != LINE_WAIT) {
            return result;
        }
        if (poll(&wait, 1, -1) < 0 && errno != EINTR) {
            return LINE_FAILED;
        }
    }
}

static int work(const struct text_command *command, const struct arguments *arguments, int fd)
{
    struct text_input input = {.path = arguments->input_path};
    int r = line_reader_init(&input.reader, fd, command->line_max_bytes);
    if (r < 0) {
        return text_command_fault("starting", r);
    }
    input.db = dbc_files_load(arguments->dbc_paths, arguments->dbc_count);
    int status = input.db != NULL ? command->work(command->context, &input) : EXIT_FAULT;
    dbc_free(input.db);
    line_reader_deinit(&input.reader);
    return status;
}

int text_command_run(const struct text_command *command, int argc, char **argv)
{
    struct arguments arguments = {.dbc_count = 0};
    int status;
    if (!parse_arguments(command, argc, argv, &arguments, &status)) {
        return status;
    }
    if (arguments.input_path == NULL) {
        return work(command, &arguments, STDIN_FILENO);
    }
    int fd = open(arguments.input_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return text_command_fault(arguments.input_path, -errno);
    }
    status = work(command, &arguments, fd);
    (void)close(fd); /* only read from */
    return status;
}
