#include "edge-gateway/app/commands.h"

#include "edge-gateway/app/ndjson.h"
#include "edge-gateway/app/output.h"
#include "edge-gateway/app/text_command.h"
#include "edge-gateway/can/log_format.h"
#include "edge-gateway/dbc/dbc_decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

static const char help[] =
    "usage: edge-gateway decode --dbc FILE [--dbc FILE ...] [LOG|-]\n\n"
    "Reads a log and prints one JSON object per frame. Known are candump text (as candump\n"
    "prints it, with or without -t, -x, -L), Vector ASCII (.asc) and PEAK traces (.trc);\n"
    "which one it is is told by its first lines. A log that is packed: zcat LOG.gz | ...\n\n"
    "  --dbc FILE   a DBC file; of several, the first that knows an id decodes it\n"
    "  --unknown    print frames that no DBC knows, too\n"
    "  --quiet      decode, but print only the counters\n";

struct options {
    bool print_unknown;
    bool quiet;
};

struct counters {
    uint64_t frames;
    uint64_t decoded;
    uint64_t values;
    uint64_t unknown;
    uint64_t without_data; /* remote and error frames */
    uint64_t events;       /* lines that tell of something else than frames */
    uint64_t malformed;
    uint64_t first_malformed; /* line number, 0 if none */
};

struct decoder {
    const struct options *options;
    struct text_input *input;
    struct log_format format;
    struct ndjson *json;
    struct dbc_value *values; /* room for the message with most signals */
    struct output output;
    struct counters counters;
};

static struct ndjson_frame frame_of(const struct log_line *line)
{
    return (struct ndjson_frame){&line->frame, line->bus, line->bus_length, 0};
}

static void print_unknown(struct decoder *decoder, const struct log_line *line)
{
    if (decoder->options->print_unknown && !decoder->options->quiet) {
        const struct ndjson_frame frame = frame_of(line);
        char *room = output_room(&decoder->output, ndjson_max_bytes(decoder->json));
        output_commit(&decoder->output, ndjson_write_unknown(room, &frame));
    }
}

static void print_reading(struct decoder *decoder, const struct log_line *line,
                          const struct dbc_message *message, size_t count)
{
    if (!decoder->options->quiet) {
        const struct ndjson_frame frame = frame_of(line);
        char *room = output_room(&decoder->output, ndjson_max_bytes(decoder->json));
        output_commit(&decoder->output, ndjson_write_reading(decoder->json, room, &frame, message,
                                                             decoder->values, count));
    }
}

static void decode_frame(struct decoder *decoder, const struct log_line *line)
{
    const struct frame *frame = &line->frame;
    decoder->counters.frames++;
    if ((frame->flags & (FRAME_REMOTE | FRAME_ERROR)) != 0) {
        decoder->counters.without_data++;
        return;
    }
    const struct dbc_message *message =
        dbc_find_by_id(decoder->input->db, frame->can_id, (frame->flags & FRAME_EXTENDED) != 0);
    if (message == NULL) {
        decoder->counters.unknown++;
        print_unknown(decoder, line);
        return;
    }
    size_t count = dbc_decode(message, frame->data, frame->len, decoder->values);
    decoder->counters.decoded++;
    decoder->counters.values += count;
    print_reading(decoder, line, message, count);
}

static void count_malformed(struct decoder *decoder)
{
    if (decoder->counters.malformed++ == 0) {
        decoder->counters.first_malformed = decoder->input->reader.number;
    }
}

static void take_result(struct decoder *decoder, enum log_result result,
                        const struct log_line *line)
{
    switch (result) {
    case LOG_FRAME:
        decode_frame(decoder, line);
        break;
    case LOG_EVENT:
        decoder->counters.events++;
        break;
    case LOG_MALFORMED:
        count_malformed(decoder);
        break;
    case LOG_BLANK:
    case LOG_HEADER:
    case LOG_FOREIGN: /* ends the loop over the lines */
        break;
    }
}

static void print_counters(const struct decoder *decoder)
{
    const struct counters *c = &decoder->counters;
    if (decoder->options->quiet) {
        (void)fprintf(stderr,
                      "edge-gateway: %" PRIu64 " frames, %" PRIu64 " decoded, %" PRIu64 " values\n",
                      c->frames, c->decoded, c->values);
    }
    if (c->unknown > 0) {
        (void)fprintf(stderr, "edge-gateway: %" PRIu64 " frames unknown to the DBC\n", c->unknown);
    }
    if (c->without_data > 0) {
        (void)fprintf(stderr,
                      "edge-gateway: %" PRIu64 " remote and error frames, which carry no signals\n",
                      c->without_data);
    }
    if (c->events > 0) {
        (void)fprintf(stderr,
                      "edge-gateway: %" PRIu64 " lines tell of something else than frames\n",
                      c->events);
    }
    if (c->malformed > 0) {
        (void)fprintf(stderr,
                      "edge-gateway: %" PRIu64 " lines are no %s, the first is line %" PRIu64 "\n",
                      c->malformed, log_format_name(&decoder->format), c->first_malformed);
    }
}

/* 0 or -errno of reading. */
static int decode_lines(struct decoder *decoder)
{
    struct log_format *format = &decoder->format;
    while (decoder->output.error == 0 && log_format_foreign(format) == NULL) {
        const char *text;
        size_t length;
        struct log_line line;
        switch (text_input_next(decoder->input, &text, &length)) {
        case LINE_READ:
            take_result(decoder, log_format_parse(format, text, length, &line), &line);
            break;
        case LINE_TOO_LONG:
            take_result(decoder, log_format_parse_cut(format, text, length), &line);
            break;
        case LINE_FAILED:
            return -errno;
        case LINE_WAIT:
        case LINE_END:
            return 0;
        }
    }
    return 0;
}

static int report_foreign(const struct decoder *decoder)
{
    const char *path = decoder->input->path;
    (void)fprintf(stderr, "edge-gateway: %s is %s\n", path != NULL ? path : "standard input",
                  log_format_foreign(&decoder->format));
    return EXIT_FAULT;
}

/* A reader that went away (EPIPE) ends the work quietly. */
static int run(struct decoder *decoder)
{
    int r = decode_lines(decoder);
    int written = output_flush(&decoder->output);
    if (written < 0) {
        return written == -EPIPE ? EXIT_FAULT : text_command_fault("writing", written);
    }
    if (log_format_foreign(&decoder->format) != NULL) {
        return report_foreign(decoder);
    }
    print_counters(decoder);
    return r < 0 ? text_command_fault("reading the log", r) : EXIT_SUCCESS;
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

static int prepare(struct decoder *decoder)
{
    decoder->json = ndjson_new(decoder->input->db);
    decoder->values = calloc(most_signals(decoder->input->db) + 1, sizeof(*decoder->values));
    if (decoder->json == NULL || decoder->values == NULL) {
        return -ENOMEM;
    }
    return output_init(&decoder->output, STDOUT_FILENO, ndjson_max_bytes(decoder->json));
}

static int decode(void *context, struct text_input *input)
{
    struct decoder decoder = {.options = context, .input = input};
    int r = prepare(&decoder);
    int status = r < 0 ? text_command_fault("starting", r) : run(&decoder);
    ndjson_free(decoder.json);
    free(decoder.values);
    output_deinit(&decoder.output);
    return status;
}

int cmd_decode(int argc, char **argv)
{
    struct options options = {false, false};
    const struct text_flag flags[] = {{"unknown", &options.print_unknown},
                                      {"quiet", &options.quiet}};
    const struct text_command command = {.help = help,
                                         .flags = flags,
                                         .flag_count = sizeof(flags) / sizeof(flags[0]),
                                         .line_max_bytes = LINE_MAX_BYTES,
                                         .work = decode,
                                         .context = &options};
    return text_command_run(&command, argc, argv);
}
