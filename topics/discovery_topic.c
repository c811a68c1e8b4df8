#include "topics/discovery_topic.h"

#include "topics/topic_filter.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WORD_DEVICE "device"
#define WORD_CONFIG "config"
#define WORD_BORN   "online"

static bool is_id(const char *text)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strlen(text);
    return length > 0 && length <= DISCOVERY_ID_MAX_BYTES && strspn(text, allowed) == length;
}

static int finish(int length, size_t size)
{
    if (length < 0) {
        return -EINVAL;
    }
    return (size_t)length < size && length <= TOPIC_MAX_BYTES ? 0 : -ENAMETOOLONG;
}

int discovery_config_topic(const char *prefix, const char *node, const char *id, char *text,
                           size_t size)
{
    if (!topic_prefix_is_valid(prefix) || !topic_id_is_valid(node) || !is_id(id)) {
        return -EINVAL;
    }
    return finish(snprintf(text, size, "%s/" WORD_DEVICE "/%s/%s/" WORD_CONFIG, prefix, node, id),
                  size);
}

bool discovery_is_config_topic(const char *topic)
{
    return topic_matches("+/" WORD_DEVICE "/+/+/" WORD_CONFIG, topic) ||
           topic_matches("+/+/" WORD_DEVICE "/+/+/" WORD_CONFIG, topic);
}

int discovery_birth_topic(const char *prefix, char *text, size_t size)
{
    if (!topic_prefix_is_valid(prefix)) {
        return -EINVAL;
    }
    return finish(snprintf(text, size, "%s/" DISCOVERY_BIRTH_PATTERN, prefix), size);
}

const char *discovery_birth_text(void)
{
    return WORD_BORN;
}

static bool is_allowed(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

int discovery_id(const char *const *names, char *ret_id, size_t size)
{
    char id[DISCOVERY_ID_MAX_BYTES + 1];
    size_t length = 0;
    for (const char *const *name = names; *name != NULL; name++) {
        size_t wanted = strlen(*name) + (name != names ? 1 : 0);
        if (length + wanted >= sizeof(id) || length + wanted >= size) {
            return -ENAMETOOLONG;
        }
        if (name != names) {
            id[length++] = '_';
        }
        for (const char *c = *name; *c != '\0'; c++) {
            id[length++] = is_allowed(*c) ? *c : '_';
        }
    }
    if (length == 0) {
        return -EINVAL;
    }
    memcpy(ret_id, id, length);
    ret_id[length] = '\0';
    return 0;
}
