#include "topics/payload_reload.h"

void payload_reload_begin(struct json_writer *w, uint64_t kept)
{
    json_u64(w, "kept", kept);
    json_array_begin(w, "changes");
}

void payload_reload_change(struct json_writer *w, const char *kind, const char *id,
                           enum payload_reload_change change)
{
    static const char *const words[] = {
        [PAYLOAD_RELOAD_CHANGED] = "changed",
        [PAYLOAD_RELOAD_REMOVED] = "removed",
        [PAYLOAD_RELOAD_NEW] = "new",
    };
    _Static_assert(sizeof(words) / sizeof(words[0]) == PAYLOAD_RELOAD_NEW + 1,
                   "a word for each change");
    json_object_begin(w, NULL);
    json_string(w, "kind", kind);
    json_string(w, "id", id);
    json_string(w, "change", words[change]);
    json_object_end(w);
}

void payload_reload_end(struct json_writer *w)
{
    json_array_end(w);
}
