#include "topics/json_field.h"

#include "topics/limits.h"
#include "topics/payload_json.h"

#include <errno.h>
#include <string.h>

/* What a caller holds is the tree itself. */
static const cJSON *tree_of(const struct json_document *document)
{
    return (const cJSON *)(const void *)document;
}

bool json_field_is_valid(const char *field)
{
    if (field[0] != '/') {
        return field[0] != '\0' && strchr(field, '/') == NULL;
    }
    for (const char *c = field; *c != '\0'; c++) {
        if (*c == '~' && c[1] != '0' && c[1] != '1') {
            return false;
        }
    }
    return true;
}

int json_document_parse(const char *text, size_t length, struct json_document **ret,
                        struct payload_error *reterr)
{
    cJSON *tree;
    int r = payload_json_object(text, length, PAYLOAD_READING_MAX_BYTES, &tree, reterr);
    if (r == 0) {
        *ret = (struct json_document *)(void *)tree;
    }
    return r;
}

void json_document_free(struct json_document *document)
{
    cJSON_Delete((cJSON *)(void *)document);
}

/* One level of a pointer, up to the next slash, with its escapes. */
static bool level_is(const char *level, size_t length, const char *key)
{
    for (size_t i = 0; i < length; i++) {
        char c = level[i];
        if (c == '~' && i + 1 < length) {
            c = level[++i] == '0' ? '~' : '/';
        }
        if (*key++ != c) {
            return false;
        }
    }
    return *key == '\0';
}

static const cJSON *element_at(const cJSON *array, const char *level, size_t length)
{
    size_t index = 0;
    for (size_t i = 0; i < length; i++) {
        if (level[i] < '0' || level[i] > '9' || index > PAYLOAD_READING_MAX_BYTES) {
            return NULL;
        }
        index = index * 10 + (size_t)(level[i] - '0');
    }
    const cJSON *item = length > 0 ? array->child : NULL;
    while (item != NULL && index > 0) {
        item = item->next;
        index--;
    }
    return item;
}

static const cJSON *child_of(const cJSON *parent, const char *level, size_t length)
{
    if (cJSON_IsArray(parent)) {
        return element_at(parent, level, length);
    }
    const cJSON *item = cJSON_IsObject(parent) ? parent->child : NULL;
    while (item != NULL && !level_is(level, length, item->string)) {
        item = item->next;
    }
    return item;
}

static const cJSON *find(const cJSON *tree, const char *field)
{
    if (field[0] != '/') {
        return cJSON_GetObjectItemCaseSensitive(tree, field);
    }
    const cJSON *item = tree;
    while (item != NULL && *field == '/') {
        size_t length = strcspn(field + 1, "/");
        item = child_of(item, field + 1, length);
        field += length + 1;
    }
    return item;
}

int json_document_find(const struct json_document *document, const char *field,
                       struct payload_value *ret)
{
    const cJSON *item = find(tree_of(document), field);
    struct payload_error ignored;
    return item != NULL ? payload_json_value(item, ret, &ignored) : -ENOENT;
}
