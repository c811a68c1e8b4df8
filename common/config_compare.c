#include "common/config_compare.h"

#include "common/config_types.h"

#include <string.h>

#define TEXT_MAX_BYTES 8192 /* of one value */
#define DEPTH_MAX      8    /* of sections in each other that are named */

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

/* The names of keys that lead to the first difference; further down than DEPTH_MAX they are left
 * out. */
struct trail {
    const char *names[DEPTH_MAX];
    size_t count;
};

/* From the difference upwards. */
static void note(struct trail *trail, size_t depth, const char *name)
{
    if (depth < DEPTH_MAX) {
        trail->names[depth] = name;
        trail->count = trail->count > depth ? trail->count : depth + 1;
    }
}

static bool find(const struct config_section *schema, const char *a, const char *b,
                 const char *const *except, struct trail *trail, size_t depth);

static const char *const nothing[] = {NULL};

/* The same for one item, which is at `depth`; `except` is of its keys. */
static bool items_differ(const struct config_key *key, const char *a, const char *b,
                         const char *const *except, struct trail *trail, size_t depth)
{
    if (!names_equal(key, a, b)) {
        return true;
    }
    if (key->type == CONFIG_SECTION) {
        return find(key->section, a, b, except, trail, depth);
    }
    size_t offset = key->shape == CONFIG_SHAPE_MAP ? config_types_named_offset(key->type) : 0;
    return !values_equal(key, a + offset, b + offset);
}

static bool find_in_key(const struct config_key *key, const char *a, const char *b,
                        const char *const *except, struct trail *trail, size_t depth)
{
    struct config_items x = config_types_items(key, a);
    struct config_items y = config_types_items(key, b);
    bool differ = x.count != y.count;
    for (size_t i = 0; !differ && i < x.count; i++) {
        differ = items_differ(key, x.data + i * key->size, y.data + i * key->size, except, trail,
                              depth + 1);
    }
    if (differ) {
        note(trail, depth, key->name);
    }
    return differ;
}

static bool is_among(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

static bool find(const struct config_section *schema, const char *a, const char *b,
                 const char *const *except, struct trail *trail, size_t depth)
{
    bool differ = false;
    for (const struct config_key *key = schema->keys; key->name != NULL && !differ; key++) {
        differ = !is_among(key->name, except) && find_in_key(key, a, b, nothing, trail, depth);
    }
    return differ;
}

static void write_trail(const struct trail *trail, struct buf *out)
{
    for (size_t i = 0; i < trail->count; i++) {
        buf_printf(out, "%s%s", i > 0 ? "." : "", trail->names[i]);
    }
}

bool config_find_difference(const struct config_section *schema, const void *a, const void *b,
                            const char *const *except, struct buf *ret_key)
{
    struct trail trail = {.count = 0};
    bool differ = find(schema, a, b, except, &trail, 0);
    write_trail(&trail, ret_key);
    return differ;
}

static const struct config_fixed *find_fixed(const struct config_fixed *fixed, const char *key)
{
    while (fixed->key != NULL && strcmp(fixed->key, key) != 0) {
        fixed++;
    }
    return fixed->key != NULL ? fixed : NULL;
}

bool config_find_fixed(const struct config_section *schema, const struct config_fixed *fixed,
                       const void *a, const void *b, struct buf *ret_key)
{
    struct trail trail = {.count = 0};
    bool differ = false;
    for (const struct config_key *key = schema->keys; key->name != NULL && !differ; key++) {
        const struct config_fixed *found = find_fixed(fixed, key->name);
        if (found != NULL) {
            const char *const *except = found->in_flight != NULL ? found->in_flight : nothing;
            differ = find_in_key(key, a, b, except, &trail, 0);
        }
    }
    write_trail(&trail, ret_key);
    return differ;
}

bool config_key_differs(const struct config_key *key, const void *a, const void *b)
{
    struct trail trail = {.count = 0};
    return find_in_key(key, a, b, nothing, &trail, 0);
}
