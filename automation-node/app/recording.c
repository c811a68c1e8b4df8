#include "automation-node/app/recording.h"

#include "common/line_reader.h"

#include <cjson/cJSON.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)

struct tape {
    const struct node_plan *plan;
    recording_fn take;
    void *context;
    struct recording_stats stats;
};

/* "value" or, where the signal has one, "label"; NULL is a value that is not available. */
static struct reading reading_of(const cJSON *signal)
{
    struct reading reading = {.quality = QUALITY_GOOD};
    const cJSON *label = cJSON_GetObjectItemCaseSensitive(signal, "label");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(signal, "value");
    if (cJSON_IsString(label)) {
        if (value_text(label->valuestring, strlen(label->valuestring), &reading.value) < 0) {
            reading.value = (struct value){0}; /* longer than any that a condition can name */
        }
    } else if (cJSON_IsNumber(value)) {
        reading.value = value_number(value->valuedouble);
    }
    if (reading.value.kind == VALUE_NONE) {
        reading.quality = QUALITY_NOT_AVAILABLE;
    }
    return reading;
}

static bool is_from(const struct signal_path *path, const char *bus, const char *message)
{
    return path->gateway != NULL && strcmp(path->message, message) == 0 &&
           strcmp(path->bus, bus) == 0;
}

static int take_frame(struct tape *tape, const cJSON *frame, const cJSON *signals)
{
    const char *bus = cJSON_GetObjectItemCaseSensitive(frame, "bus")->valuestring;
    const char *message = cJSON_GetObjectItemCaseSensitive(frame, "message")->valuestring;
    const cJSON *seq = cJSON_GetObjectItemCaseSensitive(frame, "seq");
    double ts_s = cJSON_GetObjectItemCaseSensitive(frame, "ts")->valuedouble;
    for (size_t i = 0; i < tape->plan->config->input_count; i++) {
        const struct signal_path *path = &tape->plan->sources[i];
        const cJSON *signal = is_from(path, bus, message)
                                  ? cJSON_GetObjectItemCaseSensitive(signals, path->signal)
                                  : NULL;
        if (signal == NULL) {
            continue;
        }
        struct reading reading = reading_of(signal);
        reading.ts_us = llround(ts_s * 1e6);
        reading.seq = cJSON_IsNumber(seq) ? (uint64_t)seq->valuedouble : tape->stats.lines;
        tape->stats.readings++;
        int r = tape->take(tape->context, i, &reading);
        if (r != 0) {
            return r;
        }
    }
    return 0;
}

static bool is_frame(const cJSON *frame)
{
    const cJSON *ts = cJSON_GetObjectItemCaseSensitive(frame, "ts");
    return cJSON_IsNumber(ts) && ts->valuedouble >= 0 && ts->valuedouble < 1e11 &&
           cJSON_IsString(cJSON_GetObjectItemCaseSensitive(frame, "bus"));
}

static int take_line(struct tape *tape, const char *line, size_t length)
{
    cJSON *frame = cJSON_ParseWithLength(line, length);
    int r = 0;
    tape->stats.lines++;
    if (is_frame(frame)) {
        const cJSON *message = cJSON_GetObjectItemCaseSensitive(frame, "message");
        const cJSON *signals = cJSON_GetObjectItemCaseSensitive(frame, "signals");
        /* Frames that no DBC knows have no message. */
        r = cJSON_IsString(message) && cJSON_IsObject(signals) ? take_frame(tape, frame, signals)
                                                               : 0;
    } else if (cJSON_GetObjectItemCaseSensitive(frame, "event") == NULL &&
               tape->stats.malformed++ == 0) {
        tape->stats.first_malformed = tape->stats.lines;
    }
    cJSON_Delete(frame);
    return r;
}

static int read_lines(struct tape *tape, struct line_reader *reader)
{
    for (;;) {
        const char *line;
        size_t length;
        int r = 0;
        switch (line_reader_next(reader, &line, &length)) {
        case LINE_READ:
        case LINE_TOO_LONG:
            r = take_line(tape, line, length);
            break;
        case LINE_FAILED:
            return -errno;
        case LINE_WAIT: /* the descriptor blocks */
        case LINE_END:
            return 0;
        }
        if (r != 0) {
            return r;
        }
    }
}

int recording_read(int fd, const struct node_plan *plan, recording_fn take, void *context,
                   struct recording_stats *ret)
{
    struct tape tape = {.plan = plan, .take = take, .context = context};
    struct line_reader reader;
    int r = line_reader_init(&reader, fd, LINE_MAX_BYTES);
    if (r == 0) {
        r = read_lines(&tape, &reader);
        line_reader_deinit(&reader);
    }
    *ret = tape.stats;
    return r;
}
