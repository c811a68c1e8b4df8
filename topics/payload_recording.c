#include "topics/payload_recording.h"

void payload_recording_members(struct json_writer *w, const struct payload_recording *recording)
{
    json_string_if(w, "path", recording->path);
    json_string(w, "trigger", recording->trigger);
    if (recording->frames > 0) {
        json_time_us(w, "from", recording->from_us);
        json_time_us(w, "to", recording->to_us);
    }
    json_u64(w, "frames", recording->frames);
    json_u64(w, "bytes", recording->bytes);
    json_u64(w, "lost", recording->lost);
    json_u64(w, "extended", recording->extended);
    if (recording->is_cut) {
        json_bool(w, "cut", true);
    }
}

void payload_recording_begun_members(struct json_writer *w,
                                     const struct payload_recording_begun *begun)
{
    json_string(w, "path", begun->path);
    json_time_us(w, "from", begun->from_us);
    json_time_us(w, "to", begun->to_us);
    json_bool(w, "extended", begun->extended);
}
