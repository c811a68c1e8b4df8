#include "common/config_compare.h"

#include "common/config_types.h"

#include <string.h>

#define TEXT_MAX_BYTES 8192 /* of one value */
#define DEPTH_MAX      8    /* of sections in each other, by the schemas */

struct items {
    const char *data; /* first value or item */
    size_t count;
};

static struct items look(const struct config_key *key, const char *base)
{
    struct items items = {base + key->offset, 1};
    if (key->shape == CONFIG_SHAPE_FIELD) {
        return items;
    }
    memcpy(&items.data, base + key->offset, sizeof(items.data));
    if (key->shape == CONFIG_SHAPE_POINTER) {
        items.count = items.data != NULL ? 1 : 0;
    } else {
        memcpy(&items.count, base + key->count_offset, sizeof(items.count));
    }
    return items;
}

static bool texts_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_text(const struct config_key *key)
{
    return key->type == CONFIG_STRING || key->type == CONFIG_ID || key->type == CONFIG_PATH;
}

/* Texts as they are, since secrets are not printed; all else by how it is printed. */
static bool values_equal(const struct config_key *key, const char *a, const char *b)
{
    if (is_text(key)) {
        const char *texts[2];
        memcpy(&texts[0], a, sizeof(texts[0]));
        memcpy(&texts[1], b, sizeof(texts[1]));
        return texts_equal(texts[0], texts[1]);
    }
    struct buf texts[2];
    buf_init(&texts[0], TEXT_MAX_BYTES);
    buf_init(&texts[1], TEXT_MAX_BYTES);
    config_types_print(key, a, &texts[0]);
    config_types_print(key, b, &texts[1]);
    bool equal =
        buf_ok(&texts[0]) && buf_ok(&texts[1]) && texts_equal(texts[0].data, texts[1].data);
    buf_deinit(&texts[0]);
    buf_deinit(&texts[1]);
    return equal;
}

/* The name that an item of a map begins with. */
static bool names_equal(const struct config_key *key, const char *a, const char *b)
{
    const char *names[2];
    if (key->shape != CONFIG_SHAPE_MAP) {
        return true;
    }
    memcpy(&names[0], a, sizeof(names[0]));
    memcpy(&names[1], b, sizeof(names[1]));
    return texts_equal(names[0], names[1]);
}

/* How many names of keys lead to the first difference; 0: there is none. */
static size_t find(const struct config_section *schema, const char *a, const char *b,
                   const char *const *except, const char **names);

/* The same for one item; `names` are those below its key. */
static bool items_differ(const struct config_key *key, const char *a, const char *b,
                         const char **names, size_t *ret_below)
{
    const char *const none[] = {NULL};
    *ret_below = 0;
    if (!names_equal(key, a, b)) {
        return true;
    }
    if (key->type == CONFIG_SECTION) {
        *ret_below = find(key->section, a, b, none, names);
        return *ret_below > 0;
    }
    size_t offset = key->shape == CONFIG_SHAPE_MAP ? config_types_named_offset(key->type) : 0;
    return !values_equal(key, a + offset, b + offset);
}

static size_t find_in_key(const struct config_key *key, const char *a, const char *b,
                          const char **names)
{
    struct items x = look(key, a);
    struct items y = look(key, b);
    size_t below = 0;
    bool differ = x.count != y.count;
    for (size_t i = 0; !differ && i < x.count; i++) {
        differ =
            items_differ(key, x.data + i * key->size, y.data + i * key->size, names + 1, &below);
    }
    names[0] = key->name;
    return differ ? below + 1 : 0;
}

static bool is_among(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

static size_t find(const struct config_section *schema, const char *a, const char *b,
                   const char *const *except, const char **names)
{
    size_t count = 0;
    for (const struct config_key *key = schema->keys; key->name != NULL && count == 0; key++) {
        count = is_among(key->name, except) ? 0 : find_in_key(key, a, b, names);
    }
    return count;
}

bool config_find_difference(const struct config_section *schema, const void *a, const void *b,
                            const char *const *except, struct buf *ret_key)
{
    const char *names[DEPTH_MAX];
    size_t count = find(schema, a, b, except, names);
    for (size_t i = 0; i < count; i++) {
        buf_printf(ret_key, "%s%s", i > 0 ? "." : "", names[i]);
    }
    return count > 0;
}

bool config_key_differs(const struct config_key *key, const void *a, const void *b)
{
    const char *names[DEPTH_MAX];
    return find_in_key(key, a, b, names) > 0;
}
