#include "edge-gateway/dashcam/recording.h"

#define SKIP_MAX 4096 /* frames, which takes some tens of microseconds */

enum recording_outcome recording_trigger(struct recording *recording,
                                         const struct recording_limits *limits, int64_t now_us)
{
    int64_t wanted_us = now_us + limits->after_us;
    if (!recording->is_running) {
        *recording = (struct recording){true, now_us, wanted_us};
        return RECORDING_STARTED;
    }
    int64_t last_us = recording->since_us + limits->max_us;
    recording->until_us = wanted_us < last_us ? wanted_us : last_us;
    return now_us < last_us ? RECORDING_EXTENDED : RECORDING_WAITS;
}

int64_t recording_ready_us(const struct recording *recording, int64_t now_us)
{
    int64_t settled_us = now_us - RECORDING_SETTLE_US;
    return settled_us < recording->until_us ? settled_us : recording->until_us;
}

bool recording_is_complete(const struct recording *recording, int64_t now_us)
{
    return recording_ready_us(recording, now_us) == recording->until_us;
}

bool recording_skip(const struct recording_source *source, int64_t from_us)
{
    size_t work = SKIP_MAX;
    bool done = true;
    for (size_t i = 0; i < source->count; i++) {
        done = frame_ring_skip(source->rings[i], &source->readers[i], from_us, &work) && done;
    }
    return done;
}

/* The bus whose next frame was stamped first; `count` if none has one that is ready. */
static size_t earliest(const struct recording_source *source, int64_t ready_us)
{
    size_t best = source->count;
    int64_t best_us = 0;
    for (size_t i = 0; i < source->count; i++) {
        int64_t ts_us;
        int64_t pushed_us;
        if (frame_ring_peek(source->rings[i], &source->readers[i], &ts_us, &pushed_us) &&
            pushed_us <= ready_us && (best == source->count || ts_us < best_us)) {
            best = i;
            best_us = ts_us;
        }
    }
    return best;
}

size_t recording_take(const struct recording_source *source, int64_t ready_us, struct frame *frames,
                      size_t room)
{
    size_t count = 0;
    while (count < room) {
        size_t bus = earliest(source, ready_us);
        if (bus == source->count ||
            !frame_ring_take(source->rings[bus], &source->readers[bus], &frames[count])) {
            break;
        }
        count++;
    }
    return count;
}
