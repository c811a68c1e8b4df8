#include "common/config_fill.h"

#include "common/config_types.h"
#include "common/expand.h"
#include "common/quote.h"
#include "common/secret.h"
#include "common/suggest.h"
#include "common/yaml_text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAP_KEY_MAX_BYTES 64
#define TEXT_MAX_BYTES    16384
#define WHY_MAX_BYTES     8192

/* A place in the text, and how a person calls what stands there. */
struct place {
    const char *name; /* NULL for the root */
    unsigned line;    /* 0 for the root */
    unsigned column;
};

static void complain(struct config_fill *f, struct place at, const char *subject, const char *what)
{
    f->faulty = true;
    diagnostics_add(f->d, SEVERITY_ERROR, f->file, at.line, at.column, "%s: %s",
                    quote_text(&(struct quote){0}, subject), what);
}

static struct place place_of(const struct yaml_node *value, const char *name)
{
    return (struct place){name, value->line, value->column};
}

/* ---- scalars ---- */

/* The text of a secret: what stands there, or what stands in the file that it names. */
static int fetch_secret(struct config_fill *f, struct place at, struct buf *text, struct buf *why)
{
    const char *named = secret_path(text->data);
    if (named == NULL) {
        return 0;
    }
    struct buf path;
    buf_init(&path, TEXT_MAX_BYTES);
    buf_printf(&path, "%s%s", named[0] != '/' ? f->directory : "", named);
    int r = buf_ok(&path) ? 0 : -ENOMEM;
    if (r < 0) {
        goto out;
    }
    struct quote name;
    quote_text(&name, path.data);
    buf_reset(text);
    bool exposed = false;
    r = secret_read(path.data, text, &exposed);
    if (r < 0 && r != -ENOMEM) {
        buf_printf(why, "file %s ", name.text);
        secret_explain(r, why);
        r = -EINVAL;
    }
    if (exposed) {
        diagnostics_add(f->d, SEVERITY_WARNING, f->file, at.line, at.column,
                        "%s: file %s can be read by everybody - chmod 640 is enough",
                        quote_text(&(struct quote){0}, at.name), name.text);
    }
out:
    buf_deinit(&path);
    return r;
}

/* What a person wrote, with variables expanded and secrets fetched, into `text`. */
static int effective_text(struct config_fill *f, const struct config_key *key, const char *written,
                          struct place at, struct buf *text, struct buf *why)
{
    buf_puts(text, "");
    int r = expand_text(written, getenv, text, why);
    if (r < 0) {
        return r;
    }
    if (buf_error(text) == -ENOMEM) {
        return -ENOMEM;
    }
    if (!buf_ok(text)) {
        buf_puts(why, "the text is too long");
        return -EINVAL;
    }
    struct yaml_text_fault fault;
    if (!yaml_text_check(text->data, text->length, &fault)) {
        buf_puts(why, fault.message);
        return -EINVAL;
    }
    return (key->flags & CONFIG_SECRET) != 0 ? fetch_secret(f, at, text, why) : 0;
}

static int fill_written(struct config_fill *f, const struct config_key *key, struct place at,
                        const char *written, void *field)
{
    struct buf text;
    struct buf why;
    buf_init(&text, TEXT_MAX_BYTES);
    buf_init(&why, WHY_MAX_BYTES);
    struct config_scalar s = {key, f->directory, f->arena, &why};
    int r = effective_text(f, key, written, at, &text, &why);
    if (r == 0) {
        r = config_types_parse(&s, text.data, field);
    }
    if (r == -EINVAL) {
        complain(f, at, at.name, buf_ok(&why) && why.length > 0 ? why.data : "not understood");
        r = 0;
    }
    if ((key->flags & CONFIG_SECRET) != 0 && text.data != NULL) {
        explicit_bzero(text.data, text.size);
    }
    buf_deinit(&why);
    buf_deinit(&text);
    return r;
}

static int fill_fallback(struct config_fill *f, const struct config_key *key, void *field)
{
    if (key->fallback == NULL) {
        return 0;
    }
    struct buf why;
    buf_init(&why, WHY_MAX_BYTES);
    struct config_scalar s = {key, f->directory, f->arena, &why};
    int r = config_types_parse(&s, key->fallback, field);
    buf_deinit(&why);
    assert(r != -EINVAL);
    return r;
}

/* `value` NULL stands for the default. */
static int fill_scalar(struct config_fill *f, const struct config_key *key, const char *name,
                       const struct yaml_node *value, void *field)
{
    if (value == NULL) {
        return fill_fallback(f, key, field);
    }
    if (value->kind == YAML_KIND_SCALAR && !value->empty) {
        return fill_written(f, key, place_of(value, name), value->text, field);
    }
    struct buf what;
    buf_init(&what, WHY_MAX_BYTES);
    buf_printf(&what, "expected %s, found %s - %s", config_types_what(key->type),
               value->kind == YAML_KIND_SCALAR ? "nothing" : yaml_kind_name(value->kind),
               config_types_hint(key->type));
    int r = buf_ok(&what) ? 0 : -ENOMEM;
    if (r == 0) {
        complain(f, place_of(value, name), name, what.data);
    }
    buf_deinit(&what);
    return r;
}

/* ---- the keys of a section ---- */

/* One step through a section: first what was written, in its order, then what was not. */
struct visit {
    const struct config_section *section;
    struct place place;              /* of the section */
    const struct yaml_node *mapping; /* NULL if the section was not written */
    const struct yaml_node *child;   /* next one written */
    const struct config_key *absent; /* next row to look for */
    const struct config_key *key;    /* this step: the row */
    const struct yaml_node *value;   /* this step: what was written; NULL if nothing was */
};

static const struct config_key *find_key(const struct config_section *section, const char *name)
{
    for (const struct config_key *k = section->keys; k->name != NULL; k++) {
        if (strcmp(k->name, name) == 0) {
            return k;
        }
    }
    return NULL;
}

static bool is_written(const struct yaml_node *mapping, const char *name)
{
    const struct yaml_node *n = mapping != NULL ? mapping->first : NULL;
    while (n != NULL && strcmp(n->key, name) != 0) {
        n = n->next;
    }
    return n != NULL;
}

static void refuse_unknown(struct config_fill *f, const struct visit *v,
                           const struct yaml_node *child)
{
    f->faulty = true;
    struct suggest nearest;
    suggest_init(&nearest, child->key);
    for (const struct config_key *k = v->section->keys; k->name != NULL; k++) {
        suggest_offer(&nearest, k->name);
    }
    struct quote unknown;
    quote_text(&unknown, child->key);
    if (nearest.best != NULL) {
        diagnostics_add(f->d, SEVERITY_ERROR, f->file, child->key_line, child->key_column,
                        "unknown key %s - did you mean '%s'?", unknown.text, nearest.best);
    } else {
        diagnostics_add(f->d, SEVERITY_ERROR, f->file, child->key_line, child->key_column,
                        "unknown key %s%s%s", unknown.text, v->place.name != NULL ? " in " : "",
                        v->place.name != NULL ? quote_text(&(struct quote){0}, v->place.name) : "");
    }
}

static bool next_visit(struct config_fill *f, struct visit *v)
{
    while (v->child != NULL) {
        v->value = v->child;
        v->child = v->child->next;
        v->key = find_key(v->section, v->value->key);
        if (v->key != NULL) {
            return true;
        }
        refuse_unknown(f, v, v->value);
    }
    v->value = NULL;
    while (v->absent->name != NULL) {
        v->key = v->absent++;
        if (!is_written(v->mapping, v->key->name)) {
            return true;
        }
    }
    return false;
}

static void report_missing(struct config_fill *f, const struct config_key *key, struct place in)
{
    f->faulty = true;
    diagnostics_add(f->d, SEVERITY_ERROR, f->file, in.line, in.column, "missing key '%s'%s%s%s%s",
                    key->name, in.name != NULL ? " in " : "",
                    in.name != NULL ? quote_text(&(struct quote){0}, in.name) : "",
                    key->help != NULL ? " - " : "", key->help != NULL ? key->help : "");
}

/* ---- where the value or the items of a key go ---- */

struct slot {
    char *data;                   /* first value or item */
    size_t count;                 /* how many */
    const struct yaml_node *node; /* written for the first; NULL = default. Its siblings follow */
};

static bool is_empty(const struct yaml_node *value)
{
    return value->kind == YAML_KIND_SCALAR && value->empty;
}

/* What a list or map key holds: the items written, or a complaint and none. */
static struct slot written_items(struct config_fill *f, const struct config_key *key,
                                 const struct yaml_node *value)
{
    bool map = key->shape == CONFIG_SHAPE_MAP;
    if (is_empty(value)) {
        return (struct slot){0};
    }
    if (value->kind == (map ? YAML_KIND_MAPPING : YAML_KIND_SEQUENCE)) {
        return (struct slot){.count = value->count, .node = value->first};
    }
    if (!map && value->kind == YAML_KIND_SCALAR && key->type != CONFIG_SECTION) {
        return (struct slot){.count = 1, .node = value};
    }
    f->faulty = true;
    diagnostics_add(f->d, SEVERITY_ERROR, f->file, value->line, value->column,
                    "'%s': expected %s, found %s", key->name,
                    map ? "a mapping ('name: ...')" : "a list ('- ...')",
                    yaml_kind_name(value->kind));
    return (struct slot){0};
}

static int open_items(struct config_fill *f, const struct config_key *key,
                      const struct yaml_node *value, char *base, struct slot *ret)
{
    bool faulty = f->faulty;
    struct slot slot = value != NULL ? written_items(f, key, value) : (struct slot){0};
    bool refused = f->faulty && !faulty;
    if (value != NULL && slot.count == 0 && !refused && (key->flags & CONFIG_REQUIRED) != 0) {
        complain(f, place_of(value, NULL), key->name, "is empty - at least one is needed");
    }
    if (slot.count > 0) {
        slot.data = arena_alloc(f->arena, slot.count, key->size);
        if (slot.data == NULL) {
            return -ENOMEM;
        }
        memcpy(base + key->offset, &slot.data, sizeof(slot.data));
        memcpy(base + key->count_offset, &slot.count, sizeof(slot.count));
    }
    *ret = slot;
    return 0;
}

/* What was not written has the place of its section. */
static int mark_visited(struct config_fill *f, const struct visit *v, const void *field)
{
    unsigned line = v->value != NULL ? v->value->line : v->place.line;
    unsigned column = v->value != NULL ? v->value->column : v->place.column;
    return config_marks_add(f->marks, field, line, column);
}

static int open_pointer(struct config_fill *f, const struct visit *v, char *base, struct slot *ret)
{
    const struct config_key *key = v->key;
    if (v->value == NULL && key->fallback == NULL) {
        *ret = (struct slot){0};
        return 0;
    }
    void *data = arena_alloc(f->arena, 1, key->size);
    if (data == NULL) {
        return -ENOMEM;
    }
    memcpy(base + key->offset, &data, sizeof(data));
    *ret = (struct slot){data, 1, v->value};
    return mark_visited(f, v, data);
}

static int open_slot(struct config_fill *f, const struct visit *v, char *base, struct slot *ret)
{
    const struct config_key *key = v->key;
    int r = mark_visited(f, v, base + key->offset);
    if (r < 0) {
        return r;
    }
    if (v->value == NULL && (key->flags & CONFIG_REQUIRED) != 0) {
        report_missing(f, key, v->place);
        *ret = (struct slot){0};
        return 0;
    }
    switch (key->shape) {
    case CONFIG_SHAPE_FIELD:
        *ret = (struct slot){base + key->offset, 1, v->value};
        return 0;
    case CONFIG_SHAPE_POINTER:
        return open_pointer(f, v, base, ret);
    case CONFIG_SHAPE_LIST:
    case CONFIG_SHAPE_MAP:
        return open_items(f, key, v->value, base, ret);
    }
    return -EINVAL;
}

/* ---- items ---- */

static int store_map_key(struct config_fill *f, const struct config_key *key,
                         const struct yaml_node *node, char *item)
{
    bool any = (key->flags & CONFIG_ANY_KEY) != 0;
    if (any ? node->key[0] == '\0' || strlen(node->key) > 4 * MAP_KEY_MAX_BYTES
            : !config_types_is_id(node->key, MAP_KEY_MAX_BYTES)) {
        f->faulty = true;
        diagnostics_add(f->d, SEVERITY_ERROR, f->file, node->key_line, node->key_column,
                        "%s is not %s", quote_text(&(struct quote){0}, node->key),
                        any ? "a name - write 1 to 256 bytes"
                            : "an id - use only letters, digits, '_' and '-', at most 64");
    }
    const char *copy = arena_copy(f->arena, node->key, strlen(node->key));
    if (copy == NULL) {
        return -ENOMEM;
    }
    memcpy(item, &copy, sizeof(copy));
    return config_marks_add(f->marks, item, node->key_line, node->key_column);
}

/* Everything about one item but its value. *ret_value: where the value goes. */
static int begin_item(struct config_fill *f, const struct config_key *key,
                      const struct yaml_node *node, char *item, char **ret_value)
{
    *ret_value = item;
    if (key->shape == CONFIG_SHAPE_FIELD || key->shape == CONFIG_SHAPE_POINTER) {
        return 0;
    }
    if (key->shape == CONFIG_SHAPE_LIST) {
        return config_marks_add(f->marks, item, node->line, node->column);
    }
    int r = store_map_key(f, key, node, item);
    if (r < 0 || key->type == CONFIG_SECTION) {
        return r;
    }
    *ret_value = item + config_types_named_offset(key->type);
    return config_marks_add(f->marks, *ret_value, node->line, node->column);
}

/* Ours to get right, not the user's. */
static void check_row(const struct config_key *key)
{
    size_t size = key->type == CONFIG_SECTION      ? key->section->size
                  : key->shape == CONFIG_SHAPE_MAP ? config_types_named_size(key->type)
                                                   : config_types_size(key->type);
    assert(key->size == size);
    assert(key->type != CONFIG_ENUM || key->names != NULL);
    assert((key->flags & CONFIG_SECRET) == 0 || key->type == CONFIG_STRING);
    assert(key->type != CONFIG_QUANTITY || key->unit != NULL || (!key->min && !key->max));
    (void)size;
}

static int fill_section(struct config_fill *f, const struct config_section *section,
                        struct place place, const struct yaml_node *node, char *base)
{
    if (node != NULL && is_empty(node)) {
        node = NULL;
    }
    if (node != NULL && node->kind != YAML_KIND_MAPPING) {
        f->faulty = true;
        diagnostics_add(f->d, SEVERITY_ERROR, f->file, node->line, node->column,
                        "%s%sexpected a mapping ('key: value'), found %s",
                        place.name != NULL ? quote_text(&(struct quote){0}, place.name) : "",
                        place.name != NULL ? ": " : "", yaml_kind_name(node->kind));
        return 0;
    }
    struct visit v = {.section = section,
                      .place = place,
                      .mapping = node,
                      .child = node != NULL ? node->first : NULL,
                      .absent = section->keys};
    while (next_visit(f, &v)) {
        check_row(v.key);
        struct slot slot = {0};
        int r = open_slot(f, &v, base, &slot);
        for (size_t i = 0; i < slot.count && r == 0; i++) {
            const struct yaml_node *item = slot.node;
            const char *name = v.key->shape == CONFIG_SHAPE_MAP ? item->key : v.key->name;
            char *value;
            r = begin_item(f, v.key, item, slot.data + i * v.key->size, &value);
            if (r == 0 && v.key->type == CONFIG_SECTION) {
                struct place inner = item != NULL ? place_of(item, name) : place;
                inner.name = name;
                r = fill_section(f, v.key->section, inner, item, value);
            } else if (r == 0) {
                r = fill_scalar(f, v.key, name, item, value);
            }
            slot.node = item != NULL ? item->next : NULL;
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int config_fill(struct config_fill *f, const struct config_section *schema,
                const struct yaml_node *root, void *target)
{
    int r = config_marks_add(f->marks, target, root != NULL ? root->line : 0,
                             root != NULL ? root->column : 0);
    if (r == 0) {
        r = fill_section(f, schema, (struct place){0}, root, target);
    }
    return r == 0 && f->faulty ? -EINVAL : r;
}
