#include "topics/topic_id.h"
#include "topics/limits.h"
#include "topics/topic_table.h"
#include "topics/utf8.h"

#include <errno.h>
#include <string.h>

static bool is_id_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool topic_id_n_is_valid(const char *text, size_t length)
{
    if (length == 0 || length > TOPIC_ID_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_id_char(text[i])) {
            return false;
        }
    }
    return true;
}

bool topic_id_is_valid(const char *text)
{
    return topic_id_n_is_valid(text, strlen(text));
}

bool topic_id_is_reserved(const char *text)
{
    for (size_t i = 0; i < TOPIC_PART_COUNT; i++) {
        if (topic_part_reserves(topic_part(i), text, strlen(text))) {
            return true;
        }
    }
    return false;
}

bool topic_prefix_is_valid(const char *text)
{
    if (strlen(text) > TOPIC_PREFIX_MAX_BYTES) {
        return false;
    }
    for (unsigned level = 1; level <= TOPIC_PREFIX_MAX_LEVELS; level++) {
        const char *slash = strchrnul(text, '/');
        if (!topic_id_n_is_valid(text, (size_t)(slash - text))) {
            return false;
        }
        if (*slash == '\0') {
            return true;
        }
        text = slash + 1;
    }
    return false;
}

int topic_id_from_text(const char *text, char *ret_id, size_t size)
{
    char id[TOPIC_ID_MAX_BYTES + 1];
    size_t length = 0;
    size_t left = strlen(text);
    for (size_t step; left > 0; left -= step, text += step) {
        step = utf8_char_bytes(text, left);
        step = step > 0 ? step : 1;
        if (length == TOPIC_ID_MAX_BYTES) {
            return -ENAMETOOLONG;
        }
        id[length++] = is_id_char(*text) ? *text : '_';
    }
    id[length] = '\0';
    if (length == 0 || topic_id_is_reserved(id)) {
        id[length++] = '_';
        id[length] = '\0';
    }
    if (length >= size) {
        return -ENAMETOOLONG;
    }
    memcpy(ret_id, id, length + 1);
    return 0;
}
