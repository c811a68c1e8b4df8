/*
 * What a part of the engine remembers, as a line of text and back: one flat JSON object. Each part
 * has one function that names its fields once, and does all of this, as the archive's mode says:
 *
 *   save      writes the fields
 *   load      fills in the fields that are there; one that is missing, of another kind or out of
 *             range stays as it is, so that what is on a disk can do no harm, and a newer program
 *             understands an older one
 *   correct   moves the instants that are still as they were loaded, and nothing else: the wall
 *             clock was not known when they were
 *
 * Instants are monotonic in memory and wall clock time in the text, so that they outlive the
 * machine's start.
 */
#ifndef EDGE_AUTOMATION_STATE_ARCHIVE_H
#define EDGE_AUTOMATION_STATE_ARCHIVE_H

#include "common/attributes.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_PREFIX_SIZE 48

/* The end of the year 9999. An instant that no clock shows is not loaded, so that the difference of
 * any two that are has a place in an int64_t. */
#define ARCHIVE_INSTANT_MAX_US INT64_C(253402300799000000)

enum archive_mode {
    ARCHIVE_SAVE,
    ARCHIVE_LOAD,
    ARCHIVE_CORRECT
};

/* Private but for `mode`. */
struct archive {
    enum archive_mode mode;
    struct buf *text;     /* save */
    const char *data;     /* else */
    size_t length;        /* bytes */
    int64_t offset_us;    /* wall clock minus monotonic */
    int64_t corrected_us; /* correct: what it really is */
    char prefix[ARCHIVE_PREFIX_SIZE];
    size_t prefix_length;
};

/* `offset_us`: wall clock minus monotonic. Appends to `text`, which is borrowed. */
void archive_save(struct archive *a, struct buf *text, int64_t offset_us);
void archive_finish(struct archive *a); /* after the last field that is saved */

/* -EINVAL: no flat JSON object. The text is borrowed. */
EDGE_MUST_CHECK int archive_load(struct archive *a, const char *data, size_t length,
                                 int64_t offset_us);

/* What was loaded with `offset_us` had better been loaded with `corrected_us`. */
EDGE_MUST_CHECK int archive_correct(struct archive *a, const char *data, size_t length,
                                    int64_t offset_us, int64_t corrected_us);

/* The keys that follow belong to the thing `name` number `index`; archive_leave() with the result
 * ends that. */
size_t archive_enter(struct archive *a, const char *name, size_t index);
void archive_leave(struct archive *a, size_t mark);

/* Keys are static words. */
void archive_flag(struct archive *a, const char *key, bool *value);
void archive_i64(struct archive *a, const char *key, int64_t *value);
void archive_u64(struct archive *a, const char *key, uint64_t *value);
void archive_double(struct archive *a, const char *key, double *value); /* finite ones */

/* Below `limit`. */
void archive_index(struct archive *a, const char *key, size_t *value, size_t limit);

/* A member of an enumeration from 0 to `count` - 1: gives what it is now. */
EDGE_MUST_CHECK int archive_choice(struct archive *a, const char *key, int value, int count);

/* A monotonic instant; INT64_MIN and INT64_MAX are none. Up to ARCHIVE_INSTANT_MAX_US from the
 * epoch by the wall clock. */
void archive_time(struct archive *a, const char *key, int64_t *value_us);

/* With its NUL `size` bytes at most; a longer one is not loaded. */
void archive_text(struct archive *a, const char *key, char *text, size_t size);
void archive_null(struct archive *a, const char *key);

enum archive_kind {
    ARCHIVE_ABSENT,
    ARCHIVE_NULL,
    ARCHIVE_FLAG,
    ARCHIVE_NUMBER,
    ARCHIVE_TEXT
};

/* What is there to load. */
enum archive_kind archive_kind_of(const struct archive *a, const char *key);

#endif
