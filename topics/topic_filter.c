#include "topics/topic_filter.h"
#include "topics/limits.h"
#include "topics/utf8.h"

#include <stddef.h>
#include <string.h>

static bool is_mqtt_text(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= TOPIC_FILTER_MAX_BYTES && utf8_is_printable(text, length);
}

bool topic_filter_is_valid(const char *filter)
{
    if (!is_mqtt_text(filter)) {
        return false;
    }
    for (const char *at = filter + strcspn(filter, "+#"); *at != '\0'; at += strcspn(at, "+#")) {
        bool starts_level = at == filter || at[-1] == '/';
        bool ends_level = at[1] == '\0' || (at[1] == '/' && *at == '+');
        if (!starts_level || !ends_level) {
            return false;
        }
        at++;
    }
    return true;
}

bool topic_name_is_valid(const char *topic)
{
    return is_mqtt_text(topic) && strpbrk(topic, "+#") == NULL;
}

bool topic_matches(const char *filter, const char *topic)
{
    if (topic[0] == '$' && (filter[0] == '+' || filter[0] == '#')) {
        return false;
    }
    for (;;) {
        if (filter[0] == '#') {
            return true;
        }
        size_t wanted = strcspn(filter, "/");
        size_t given = strcspn(topic, "/");
        bool equal = wanted == given && memcmp(filter, topic, given) == 0;
        if (filter[0] != '+' && !equal) {
            return false;
        }
        filter += wanted;
        topic += given;
        if (*topic == '\0') {
            /* "sport/#" also matches the parent level, "sport". */
            return *filter == '\0' || strcmp(filter, "/#") == 0;
        }
        if (*filter == '\0') {
            return false;
        }
        filter++;
        topic++;
    }
}
