#include "edge-gateway/app/output.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)256 << 10)

int output_init(struct output *output, int fd, size_t max_record)
{
    *output = (struct output){.fd = fd, .size = BLOCK_BYTES + max_record};
    output->buffer = malloc(output->size);
    return output->buffer != NULL ? 0 : -ENOMEM;
}

void output_deinit(struct output *output)
{
    free(output->buffer);
    *output = (struct output){.fd = -1};
}

static void flush(struct output *output)
{
    size_t done = 0;
    while (done < output->used && output->error == 0) {
        ssize_t n = write(output->fd, output->buffer + done, output->used - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno != EINTR) {
            output->error = -errno;
        }
    }
    output->used = 0;
}

int output_flush(struct output *output)
{
    flush(output);
    return output->error;
}

char *output_room(struct output *output, size_t bytes)
{
    if (output->size - output->used < bytes) {
        flush(output);
    }
    return output->buffer + output->used;
}

void output_commit(struct output *output, const char *end)
{
    output->used = (size_t)(end - output->buffer);
}
