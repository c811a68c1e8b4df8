#include "edge-gateway/app/commands.h"

#include "edge-gateway/app/dbc_files.h"
#include "edge-gateway/app/encode_line.h"
#include "edge-gateway/app/line_reader.h"
#include "edge-gateway/app/output.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define DBC_FILES_MAX  256
#define REPORTS_MAX    20 /* refused lines that are named; the others are counted */

struct options {
    const char *dbc_paths[DBC_FILES_MAX];
    size_t dbc_count;
    const char *input_path; /* NULL or "-": standard input */
    bool strict;
};

static void print_help(FILE *to)
{
    (void)fprintf(to, "usage: edge-gateway encode --dbc FILE [--dbc FILE ...] [FILE|-]\n\n"
                      "Reads one JSON object per line and prints candump lines:\n"
                      "  {\"message\":\"Name\",\"signals\":{\"Sig\":21.5,\"Mode\":\"On\"}}\n"
                      "A signal is a number, a label, or the object that decode prints.\n\n"
                      "  --dbc FILE   a DBC file; the first message of a name is used\n"
                      "  --strict     refuse values outside the range that the DBC states\n");
}

/* 0, or the exit status to end with, plus one. */
static int parse_options(int argc, char **argv, struct options *options)
{
    static const struct option table[] = {{"dbc", required_argument, NULL, 'd'},
                                          {"strict", no_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "d:h", table, NULL)) != -1) {
        if (option == 'd' && options->dbc_count < DBC_FILES_MAX) {
            options->dbc_paths[options->dbc_count++] = optarg;
        } else if (option == 's') {
            options->strict = true;
        } else {
            print_help(option == 'h' ? stdout : stderr);
            return option == 'h' ? EXIT_SUCCESS + 1 : EXIT_USAGE + 1;
        }
    }
    if (options->dbc_count == 0 || argc - optind > 1) {
        print_help(stderr);
        return EXIT_USAGE + 1;
    }
    options->input_path = argc > optind ? argv[optind] : NULL;
    return 0;
}

static int fault(const char *what, int error)
{
    (void)fprintf(stderr, "edge-gateway: %s: %s\n", what, strerror(-error));
    return EXIT_FAULT;
}

struct progress {
    uint64_t lines;
    uint64_t refused;
};

static void encode_one(struct encode_line *encoder, char *scratch, const char *line, size_t length,
                       struct output *output, struct progress *progress)
{
    progress->lines++;
    memcpy(scratch, line, length);
    char *room = output_room(output, CANDUMP_TEXT_MAX + 1);
    size_t written = encode_line_run(encoder, scratch, length, room);
    if (written > 0) {
        room[written] = '\n';
        output_commit(output, room + written + 1);
    } else if (encode_line_error(encoder)[0] != '\0' && progress->refused++ < REPORTS_MAX) {
        (void)fprintf(stderr, "edge-gateway: line %lu: %s\n", progress->lines,
                      encode_line_error(encoder));
    }
}

static int finish(struct output *output, int read_result, const struct progress *progress)
{
    int r = output_flush(output);
    if (r < 0) {
        return r == -EPIPE ? EXIT_FAULT : fault("writing", r);
    }
    if (read_result < 0) {
        return fault("reading", read_result);
    }
    if (progress->refused > 0) {
        (void)fprintf(stderr, "edge-gateway: %lu of %lu lines refused\n", progress->refused,
                      progress->lines);
        return EXIT_FAULT;
    }
    return EXIT_SUCCESS;
}

static int encode_all(struct encode_line *encoder, int fd)
{
    struct line_reader reader = {.fd = -1};
    struct output output = {.fd = -1};
    struct progress progress = {0, 0};
    char *scratch = malloc(LINE_MAX_BYTES + 1);
    int r = scratch != NULL ? line_reader_init(&reader, fd, LINE_MAX_BYTES) : -ENOMEM;
    r = r < 0 ? r : output_init(&output, STDOUT_FILENO, CANDUMP_TEXT_MAX + 1);
    int status;
    if (r < 0) {
        status = fault("starting", r);
    } else {
        const char *line;
        size_t length;
        while ((r = line_reader_next(&reader, &line, &length)) > 0 && output.error == 0) {
            encode_one(encoder, scratch, line, length, &output, &progress);
        }
        status = finish(&output, r, &progress);
    }
    free(scratch);
    line_reader_deinit(&reader);
    output_deinit(&output);
    return status;
}

int cmd_encode(int argc, char **argv)
{
    struct options options = {.dbc_count = 0};
    int end = parse_options(argc, argv, &options);
    if (end != 0) {
        return end - 1;
    }
    int fd = STDIN_FILENO;
    if (options.input_path != NULL && strcmp(options.input_path, "-") != 0) {
        fd = open(options.input_path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            return fault(options.input_path, -errno);
        }
    }
    struct dbc_database *db = dbc_files_load(options.dbc_paths, options.dbc_count);
    int status = EXIT_FAULT;
    if (db != NULL) {
        struct encode_line *encoder = encode_line_new(db, !options.strict);
        status = encoder != NULL ? encode_all(encoder, fd) : fault("starting", -ENOMEM);
        encode_line_free(encoder);
    }
    dbc_free(db);
    if (fd != STDIN_FILENO) {
        (void)close(fd); /* only read from */
    }
    return status;
}
