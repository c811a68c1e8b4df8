#include "topics/payload_value.h"

void payload_value_write(struct json_writer *w, const char *key, const struct payload_value *value)
{
    switch (value->type) {
    case PAYLOAD_NULL:
        json_null(w, key);
        return;
    case PAYLOAD_NUMBER:
        json_double(w, key, value->number);
        return;
    case PAYLOAD_TEXT:
        json_string(w, key, value->text);
        return;
    case PAYLOAD_BOOL:
        json_bool(w, key, value->truth);
        return;
    }
}
