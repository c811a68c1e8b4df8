/*
 * Arithmetic on monotonic instants in microseconds. An instant that never comes is DEADLINE_NONE;
 * sums saturate there, so a span given by a stranger cannot wrap around into the past.
 */
#ifndef EDGE_AUTOMATION_INPUT_DEADLINE_H
#define EDGE_AUTOMATION_INPUT_DEADLINE_H

#include <stdint.h>

#define DEADLINE_NONE INT64_MAX

/* `span_us` is not negative. */
static inline int64_t deadline_after(int64_t now_us, int64_t span_us)
{
    return now_us > DEADLINE_NONE - span_us ? DEADLINE_NONE : now_us + span_us;
}

static inline int64_t deadline_earlier(int64_t a_us, int64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

#endif
