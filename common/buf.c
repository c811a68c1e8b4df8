#include "common/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_deinit(struct buf *b)
{
    if (b != NULL) {
        free(b->data);
        buf_init(b, b->max);
    }
}

void buf_reset(struct buf *b)
{
    b->length = 0;
    b->failed = false;
    b->starved = false;
    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}

/* Room for `extra` bytes and the final NUL. */
static bool reserve(struct buf *b, size_t extra)
{
    if (b->failed || extra >= b->max || b->length >= b->max - extra) {
        b->failed = true;
        return false;
    }
    size_t needed = b->length + extra + 1;
    if (needed <= b->size) {
        return true;
    }
    size_t size = b->size > 0 ? b->size : FIRST_SIZE;
    while (size < needed) {
        size *= 2;
    }
    if (size > b->max) {
        size = b->max;
    }
    char *data = realloc(b->data, size);
    if (data == NULL) {
        b->failed = true;
        b->starved = true;
        return false;
    }
    b->data = data;
    b->size = size;
    return true;
}

void buf_append(struct buf *b, const void *data, size_t length)
{
    if (!reserve(b, length)) {
        return;
    }
    memcpy(b->data + b->length, data, length);
    b->length += length;
    b->data[b->length] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
    buf_append(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        b->failed = true;
    } else if (reserve(b, (size_t)length)) {
        (void)vsnprintf(b->data + b->length, (size_t)length + 1, format, again);
        b->length += (size_t)length;
    }
    va_end(again);
}

void buf_fail(struct buf *b, const struct buf *cause)
{
    b->failed = true;
    b->starved = b->starved || cause->starved;
}

bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

int buf_error(const struct buf *b)
{
    return !b->failed ? 0 : b->starved ? -ENOMEM : -EMSGSIZE;
}

char *buf_take(struct buf *b)
{
    if (b->failed) {
        return NULL;
    }
    char *data = b->data != NULL ? b->data : calloc(1, 1);
    buf_init(b, b->max);
    return data;
}
