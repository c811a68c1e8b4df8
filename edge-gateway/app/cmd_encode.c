#include "edge-gateway/app/commands.h"

#include "edge-gateway/app/encode_line.h"
#include "edge-gateway/app/output.h"
#include "edge-gateway/app/text_command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define REPORTS_MAX    20 /* refused lines that are named; the others are counted */

static const char help[] = "usage: edge-gateway encode --dbc FILE [--dbc FILE ...] [FILE|-]\n\n"
                           "Reads one JSON object per line and prints candump lines:\n"
                           "  {\"message\":\"Name\",\"signals\":{\"Sig\":21.5,\"Mode\":\"On\"}}\n"
                           "A signal is a number, a label, or the object that decode prints.\n\n"
                           "  --dbc FILE   a DBC file; the first message of a name is used\n"
                           "  --strict     refuse values outside the range that the DBC states\n";

struct job {
    struct text_input *input;
    struct encode_line *encoder;
    struct output output;
    char *scratch; /* a line, which encode_line_run() changes in place */
    uint64_t refused;
};

static void refuse(struct job *job, const char *reason)
{
    if (job->refused++ < REPORTS_MAX) {
        (void)fprintf(stderr, "edge-gateway: line %" PRIu64 ": %s\n", job->input->reader.number,
                      reason);
    }
}

static void encode_one(struct job *job, const char *line, size_t length)
{
    memcpy(job->scratch, line, length);
    char *room = output_room(&job->output, CANDUMP_TEXT_MAX + 1);
    size_t written = encode_line_run(job->encoder, job->scratch, length, room);
    if (written > 0) {
        room[written] = '\n';
        output_commit(&job->output, room + written + 1);
    } else if (encode_line_error(job->encoder)[0] != '\0') {
        refuse(job, encode_line_error(job->encoder));
    }
}

/* 0 or -errno of reading. */
static int encode_lines(struct job *job)
{
    while (job->output.error == 0) {
        const char *line;
        size_t length;
        switch (text_input_next(job->input, &line, &length)) {
        case LINE_READ:
            encode_one(job, line, length);
            break;
        case LINE_TOO_LONG:
            refuse(job, "too long");
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

static int run(struct job *job)
{
    int read_result = encode_lines(job);
    int r = output_flush(&job->output);
    if (r < 0) {
        return r == -EPIPE ? EXIT_FAULT : text_command_fault("writing", r);
    }
    if (read_result < 0) {
        return text_command_fault("reading", read_result);
    }
    if (job->refused > 0) {
        (void)fprintf(stderr, "edge-gateway: %" PRIu64 " of %" PRIu64 " lines refused\n",
                      job->refused, job->input->reader.number);
        return EXIT_FAULT;
    }
    return EXIT_SUCCESS;
}

static int encode(void *context, struct text_input *input)
{
    const bool *strict = context;
    struct job job = {.input = input, .output = {.fd = -1}};
    job.encoder = encode_line_new(input->db, !*strict);
    job.scratch = malloc(LINE_MAX_BYTES + 1);
    int r = job.encoder != NULL && job.scratch != NULL ? 0 : -ENOMEM;
    r = r < 0 ? r : output_init(&job.output, STDOUT_FILENO, CANDUMP_TEXT_MAX + 1);
    int status = r < 0 ? text_command_fault("starting", r) : run(&job);
    encode_line_free(job.encoder);
    free(job.scratch);
    output_deinit(&job.output);
    return status;
}

int cmd_encode(int argc, char **argv)
{
    bool strict = false;
    const struct text_flag flags[] = {{"strict", &strict}};
    const struct text_command command = {.help = help,
                                         .flags = flags,
                                         .flag_count = sizeof(flags) / sizeof(flags[0]),
                                         .line_max_bytes = LINE_MAX_BYTES,
                                         .work = encode,
                                         .context = &strict};
    return text_command_run(&command, argc, argv);
}
