#include "edge-gateway/app/commands.h"

#include "edge-gateway/app/dbc_files.h"
#include "edge-gateway/app/line_reader.h"
#include "edge-gateway/app/ndjson.h"
#include "edge-gateway/app/output.h"
#include "edge-gateway/can/candump.h"
#include "edge-gateway/dbc/dbc_decode.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define DBC_FILES_MAX  256

struct options {
    const char *dbc_paths[DBC_FILES_MAX];
    size_t dbc_count;
    const char *log_path; /* NULL or "-": standard input */
    bool print_unknown;
    bool quiet;
};

struct counters {
    uint64_t lines;
    uint64_t frames;
    uint64_t decoded;
    uint64_t values;
    uint64_t unknown;
    uint64_t without_data; /* remote and error frames */
    uint64_t malformed;
    uint64_t first_malformed; /* line number, 0 if none */
};

struct decoder {
    const struct options *options;
    struct dbc_database *db;
    struct ndjson *json;
    struct dbc_value *values; /* room for the message with most signals */
    struct line_reader reader;
    struct output output;
    struct counters counters;
};

static void print_help(FILE *to)
{
    (void)fprintf(to,
                  "usage: edge-gateway decode --dbc FILE [--dbc FILE ...] [LOG|-]\n\n"
                  "Reads candump text and prints one JSON object per frame.\n\n"
                  "  --dbc FILE   a DBC file; of several, the first that knows an id decodes it\n"
                  "  --unknown    print frames that no DBC knows, too\n"
                  "  --quiet      decode, but print only the counters\n");
}

/* 0, or the exit status to end with, plus one. */
static int parse_options(int argc, char **argv, struct options *options)
{
    static const struct option table[] = {{"dbc", required_argument, NULL, 'd'},
                                          {"unknown", no_argument, NULL, 'u'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "d:h", table, NULL)) != -1) {
        if (option == 'd' && options->dbc_count < DBC_FILES_MAX) {
            options->dbc_paths[options->dbc_count++] = optarg;
        } else if (option == 'u') {
            options->print_unknown = true;
        } else if (option == 'q') {
            options->quiet = true;
        } else {
            print_help(option == 'h' ? stdout : stderr);
            return option == 'h' ? EXIT_SUCCESS + 1 : EXIT_USAGE + 1;
        }
    }
    if (options->dbc_count == 0 || argc - optind > 1) {
        print_help(stderr);
        return EXIT_USAGE + 1;
    }
    options->log_path = argc > optind ? argv[optind] : NULL;
    return 0;
}

static void print_unknown(struct decoder *decoder, const struct candump_line *line)
{
    if (decoder->options->print_unknown && !decoder->options->quiet) {
        char *room = output_room(&decoder->output, ndjson_max_bytes(decoder->json));
        output_commit(&decoder->output, ndjson_write_unknown(room, line));
    }
}

static void decode_frame(struct decoder *decoder, const struct candump_line *line)
{
    const struct frame *frame = &line->frame;
    decoder->counters.frames++;
    if ((frame->flags & (FRAME_REMOTE | FRAME_ERROR)) != 0) {
        decoder->counters.without_data++;
        return;
    }
    const struct dbc_message *message =
        dbc_find_by_id(decoder->db, frame->can_id, (frame->flags & FRAME_EXTENDED) != 0);
    if (message == NULL) {
        decoder->counters.unknown++;
        print_unknown(decoder, line);
        return;
    }
    size_t count = dbc_decode(message, frame->data, frame->len, decoder->values);
    decoder->counters.decoded++;
    decoder->counters.values += count;
    if (!decoder->options->quiet) {
        char *room = output_room(&decoder->output, ndjson_max_bytes(decoder->json));
        output_commit(&decoder->output, ndjson_write_reading(decoder->json, room, line, message,
                                                             decoder->values, count));
    }
}

static void decode_line(struct decoder *decoder, const char *text, size_t length)
{
    struct candump_line line;
    decoder->counters.lines++;
    switch (candump_parse(text, length, &line)) {
    case CANDUMP_FRAME:
        decode_frame(decoder, &line);
        break;
    case CANDUMP_BLANK:
        break;
    case CANDUMP_MALFORMED:
        if (decoder->counters.malformed++ == 0) {
            decoder->counters.first_malformed = decoder->counters.lines;
        }
        break;
    }
}

static void print_counters(const struct decoder *decoder)
{
    const struct counters *c = &decoder->counters;
    if (decoder->options->quiet) {
        (void)fprintf(stderr, "edge-gateway: %lu frames, %lu decoded, %lu values\n", c->frames,
                      c->decoded, c->values);
    }
    if (c->unknown > 0) {
        (void)fprintf(stderr, "edge-gateway: %lu frames unknown to the DBC\n", c->unknown);
    }
    if (c->malformed > 0) {
        (void)fprintf(stderr,
                      "edge-gateway: %lu lines are no candump text, the first is line %lu\n",
                      c->malformed, c->first_malformed);
    }
}

static int fault(const char *what, int error)
{
    (void)fprintf(stderr, "edge-gateway: %s: %s\n", what, strerror(-error));
    return EXIT_FAULT;
}

/* All lines; a reader that went away (EPIPE) ends the work quietly. */
static int run(struct decoder *decoder)
{
    const char *line;
    size_t length;
    int r;
    while ((r = line_reader_next(&decoder->reader, &line, &length)) > 0 &&
           decoder->output.error == 0) {
        decode_line(decoder, line, length);
    }
    int written = output_flush(&decoder->output);
    if (written < 0) {
        return written == -EPIPE ? EXIT_FAULT : fault("writing", written);
    }
    print_counters(decoder);
    return r < 0 ? fault("reading the log", r) : EXIT_SUCCESS;
}

static size_t most_signals(const struct dbc_database *db)
{
    size_t most = 0;
    for (size_t i = 0; i < dbc_message_count(db); i++) {
        size_t count = dbc_message_at(db, i)->signal_count;
        most = count > most ? count : most;
    }
    return most;
}

static int prepare(struct decoder *decoder, int fd)
{
    decoder->json = ndjson_new(decoder->db);
    decoder->values = calloc(most_signals(decoder->db) + 1, sizeof(*decoder->values));
    if (decoder->json == NULL || decoder->values == NULL) {
        return -ENOMEM;
    }
    int r = line_reader_init(&decoder->reader, fd, LINE_MAX_BYTES);
    return r < 0 ? r
                 : output_init(&decoder->output, STDOUT_FILENO, ndjson_max_bytes(decoder->json));
}

static int decode_log(struct decoder *decoder, int fd)
{
    int r = prepare(decoder, fd);
    int status = r < 0 ? fault("starting", r) : run(decoder);
    ndjson_free(decoder->json);
    free(decoder->values);
    line_reader_deinit(&decoder->reader);
    output_deinit(&decoder->output);
    return status;
}

int cmd_decode(int argc, char **argv)
{
    struct options options = {.dbc_count = 0};
    int end = parse_options(argc, argv, &options);
    if (end != 0) {
        return end - 1;
    }
    int fd = STDIN_FILENO;
    if (options.log_path != NULL && strcmp(options.log_path, "-") != 0) {
        fd = open(options.log_path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            return fault(options.log_path, -errno);
        }
    }
    struct decoder decoder = {.options = &options};
    decoder.db = dbc_files_load(options.dbc_paths, options.dbc_count);
    int status = decoder.db != NULL ? decode_log(&decoder, fd) : EXIT_FAULT;
    dbc_free(decoder.db);
    if (fd != STDIN_FILENO) {
        (void)close(fd); /* only read from */
    }
    return status;
}
