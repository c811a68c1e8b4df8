#include "automation-node/engine/proposal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cause_explain(struct cause *cause, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(cause->reason, sizeof(cause->reason), format, args);
    va_end(args);
}

void cause_note_reading(struct cause *cause, const struct input *input)
{
    memcpy(cause->input, input != NULL ? input->id : "", input != NULL ? sizeof(input->id) : 1);
    cause->seq = input != NULL ? input->seq : 0;
    cause->ts_us = input != NULL ? input->ts_us : 0;
}

bool cause_equal(const struct cause *a, const struct cause *b)
{
    return a->seq == b->seq && a->ts_us == b->ts_us && strcmp(a->source, b->source) == 0 &&
           strcmp(a->reason, b->reason) == 0;
}

void cause_archive(struct cause *cause, struct archive *a)
{
    archive_text(a, "source", cause->source, sizeof(cause->source));
    archive_text(a, "reason", cause->reason, sizeof(cause->reason));
    archive_text(a, "input", cause->input, sizeof(cause->input));
    archive_u64(a, "seq", &cause->seq);
    archive_i64(a, "ts", &cause->ts_us);
}
