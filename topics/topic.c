#include "topics/topic.h"

#include "topics/discovery_topic.h"

#include <errno.h>
#include <string.h>

#define WILDCARD "+"

/* Part of a text, not NUL-terminated. */
struct span {
    const char *at;
    size_t length;
};

/* The text up to the next slash; moves `*text` behind that slash, or to NULL after the last level.
 */
static struct span take_level(const char **text)
{
    const char *end = strchrnul(*text, '/');
    struct span level = {*text, (size_t)(end - *text)};
    *text = *end == '/' ? end + 1 : NULL;
    return level;
}

static bool span_equals(struct span span, const char *text)
{
    return strlen(text) == span.length && memcmp(span.at, text, span.length) == 0;
}

/* The variable part which that level of a pattern stands for; NULL for a word of the tree. */
static const struct topic_part *find_part(struct span level)
{
    if (level.at[0] != '%') {
        return NULL;
    }
    for (size_t i = 0; i < TOPIC_PART_COUNT; i++) {
        if (span_equals(level, topic_part(i)->name)) {
            return topic_part(i);
        }
    }
    return NULL;
}

static bool part_allows(const struct topic_part *part, struct span id)
{
    return topic_id_n_is_valid(id.at, id.length) && !topic_part_reserves(part, id.at, id.length);
}

static const char *part_of(const struct topic *topic, const struct topic_part *part)
{
    const char *id;
    memcpy(&id, (const char *)topic + part->offset, sizeof(id));
    return id;
}

/* What stands in the topic for that level of the pattern; `.at` is NULL if the part is not legal.
 */
static struct span resolve(const struct topic *topic, struct span level, bool wildcards)
{
    const struct topic_part *part = find_part(level);
    if (part == NULL) {
        return level;
    }
    const char *id = part_of(topic, part);
    if (id == NULL) {
        return wildcards ? (struct span){WILDCARD, 1} : (struct span){0};
    }
    struct span span = {id, strlen(id)};
    return part_allows(part, span) ? span : (struct span){0};
}

struct path {
    char text[TOPIC_MAX_BYTES + 1];
    size_t length;
    bool too_long;
};

static void path_append(struct path *path, const char *bytes, size_t length)
{
    if (length > TOPIC_MAX_BYTES - path->length) {
        path->too_long = true;
        return;
    }
    memcpy(path->text + path->length, bytes, length);
    path->length += length;
}

static int format(const char *prefix, const struct topic *topic, bool wildcards, char *text,
                  size_t size)
{
    if (!topic_prefix_is_valid(prefix)) {
        return -EINVAL;
    }
    struct path path = {.length = 0};
    path_append(&path, prefix, strlen(prefix));
    for (const char *rest = topic_traits(topic->kind)->pattern; rest != NULL;) {
        struct span level = resolve(topic, take_level(&rest), wildcards);
        if (level.at == NULL) {
            return -EINVAL;
        }
        path_append(&path, "/", 1);
        path_append(&path, level.at, level.length);
    }
    if (path.too_long || path.length >= size) {
        return -ENAMETOOLONG;
    }
    memcpy(text, path.text, path.length);
    text[path.length] = '\0';
    return 0;
}

int topic_format(const char *prefix, const struct topic *topic, char *text, size_t size)
{
    return format(prefix, topic, false, text, size);
}

int topic_filter_format(const char *prefix, const struct topic *topic, char *text, size_t size)
{
    return format(prefix, topic, true, text, size);
}

static bool matches_pattern(const char *pattern, const char *text)
{
    while (pattern != NULL && text != NULL) {
        struct span wanted = take_level(&pattern);
        struct span given = take_level(&text);
        const struct topic_part *part = find_part(wanted);
        bool fits = part != NULL ? part_allows(part, given)
                                 : wanted.length == given.length &&
                                       memcmp(wanted.at, given.at, given.length) == 0;
        if (!fits) {
            return false;
        }
    }
    return pattern == NULL && text == NULL;
}

/* `text` matches the pattern, so every part fits in its array. */
static void copy_parts(const char *pattern, const char *text, struct topic_parsed *parsed)
{
    while (pattern != NULL) {
        const struct topic_part *part = find_part(take_level(&pattern));
        struct span given = take_level(&text);
        if (part != NULL) {
            char *copy = (char *)parsed + part->parsed_offset;
            memcpy(copy, given.at, given.length);
            copy[given.length] = '\0';
        }
    }
}

static void clear_parts(struct topic_parsed *parsed)
{
    for (size_t i = 0; i < TOPIC_PART_COUNT; i++) {
        ((char *)parsed)[topic_part(i)->parsed_offset] = '\0';
    }
}

/* What follows the prefix and its '/', or NULL. */
static const char *below_prefix(const char *prefix, const char *text)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 && text[length] == '/' ? text + length + 1 : NULL;
}

int topic_parse(const char *prefix, const char *text, struct topic_parsed *ret)
{
    const char *rest = below_prefix(prefix, text);
    if (rest == NULL || strlen(text) > TOPIC_MAX_BYTES) {
        return -ENOENT;
    }
    for (size_t i = 0; i < TOPIC_KIND_COUNT; i++) {
        enum topic_kind kind = (enum topic_kind)i;
        const char *pattern = topic_traits(kind)->pattern;
        if (matches_pattern(pattern, rest)) {
            clear_parts(ret);
            ret->kind = kind;
            copy_parts(pattern, rest, ret);
            return 0;
        }
    }
    return -ENOENT;
}

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

struct topic topic_view(const struct topic_parsed *parsed)
{
    return (struct topic){
        .kind = parsed->kind,
        .site = text_or_null(parsed->site),
        .node = text_or_null(parsed->node),
        .bus = text_or_null(parsed->bus),
        .message = text_or_null(parsed->message),
        .signal = text_or_null(parsed->signal),
        .id = text_or_null(parsed->id),
        .verb = text_or_null(parsed->verb),
        .client = text_or_null(parsed->client),
    };
}

bool topic_is_asked(const char *prefix, const char *text, bool *ret_question)
{
    struct topic_parsed topic;
    if (topic_parse(prefix, text, &topic) < 0 ||
        (topic.kind != TOPIC_REQUEST && !topic_is_wish(topic.kind))) {
        return false;
    }
    *ret_question = topic.kind == TOPIC_REQUEST;
    return true;
}

const char *topic_for_answer(const char *prefix, const char *wanted)
{
    struct topic_parsed parsed;
    if (wanted == NULL || !topic_name_is_valid(wanted) || discovery_is_config_topic(wanted)) {
        return NULL;
    }
    if (below_prefix(prefix, wanted) == NULL) {
        return wanted;
    }
    if (topic_parse(prefix, wanted, &parsed) < 0) {
        return NULL;
    }
    return parsed.kind == TOPIC_ANSWER || parsed.kind == TOPIC_RESPONSE ? wanted : NULL;
}
