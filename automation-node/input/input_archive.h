/* What an input remembers over a stop, and how far that may be trusted afterwards. */
#ifndef EDGE_AUTOMATION_INPUT_INPUT_ARCHIVE_H
#define EDGE_AUTOMATION_INPUT_INPUT_ARCHIVE_H

#include "automation-node/input/input.h"
#include "automation-node/state/archive.h"

#include <stdint.h>

/* How long a value that does not age is held after a stop until it is seen again. */
#define INPUT_RESTORED_HOLD_US (INT64_C(60) * 1000000)

/* A number, a text or nothing. A text that is no value is not loaded. */
void value_archive(struct value *value, struct archive *a, const char *key);

/* See archive.h. */
void input_archive(struct input *input, struct archive *a);

/*
 * After input_archive() has loaded it: there was a stop, until `now_us`, and `alive_us` is the last
 * instant at which the program was known to run, or INT64_MIN if nothing came after what was
 * loaded. A value that was good then is held for `stale_after_us` from then on, as after any other
 * gap; one that does not age for INPUT_RESTORED_HOLD_US from now. A number may have moved unnoticed
 * shortly before the stop, so that it is taken to have changed then.
 */
void input_doubt(struct input *input, int64_t alive_us, int64_t now_us);

#endif
