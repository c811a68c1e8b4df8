#include "common/config_print.h"

#include "common/config_types.h"
#include "common/yaml_text.h"

#include <stdbool.h>
#include <string.h>

#define INDENT 2

static bool is_group(const struct config_key *key)
{
    return key->shape == CONFIG_SHAPE_LIST || key->shape == CONFIG_SHAPE_MAP;
}

/* Nothing at all is printed for an optional value that is absent. */
static bool is_absent(const struct config_key *key, const char *base)
{
    struct config_items v = config_types_items(key, base);
    if (is_group(key)) {
        return false;
    }
    return v.count == 0 || (key->type != CONFIG_SECTION && !config_types_is_set(key, v.data));
}

static bool prints_nothing(const struct config_section *section, const char *base)
{
    for (const struct config_key *k = section->keys; k->name != NULL; k++) {
        if (!is_absent(k, base)) {
            return false;
        }
    }
    return true;
}

static void print_indent(struct buf *out, unsigned depth)
{
    buf_printf(out, "%*s", (int)(depth * INDENT), "");
}

/* What stands in front of an item's value: its indentation, and its dash or its key. */
static void print_item_head(const struct config_key *key, const char *item, struct buf *out,
                            unsigned depth)
{
    print_indent(out, depth);
    if (key->shape == CONFIG_SHAPE_LIST) {
        buf_puts(out, "-");
        return;
    }
    const char *name;
    memcpy(&name, item, sizeof(name));
    yaml_text_print(name, out);
    buf_puts(out, ":");
}

/* Behind "key:": the value, or the items on lines of their own. */
static void print_scalars(const struct config_key *key, struct config_items v, struct buf *out,
                          unsigned depth)
{
    bool map = key->shape == CONFIG_SHAPE_MAP;
    size_t offset = map ? config_types_named_offset(key->type) : 0;
    for (size_t i = 0; i < v.count; i++) {
        const char *item = v.data + i * key->size;
        if (is_group(key)) {
            print_item_head(key, item, out, depth);
        }
        buf_puts(out, " ");
        config_types_print(key, item + offset, out);
        buf_puts(out, "\n");
    }
}

/* What is between a head ("key:", "-" or nothing at the root) and the first key of a section. */
enum lead {
    LEAD_NONE,
    LEAD_LINE,
    LEAD_SPACE
};

static void print_section(const struct config_section *section, const char *base, struct buf *out,
                          unsigned depth, enum lead lead)
{
    bool nothing = prints_nothing(section, base);
    buf_puts(out, lead == LEAD_NONE ? "" : nothing ? " {}\n" : lead == LEAD_LINE ? "\n" : " ");
    for (const struct config_key *k = section->keys; k->name != NULL; k++) {
        if (is_absent(k, base)) {
            continue;
        }
        print_indent(out, lead == LEAD_SPACE ? 0 : depth);
        lead = LEAD_NONE;
        buf_printf(out, "%s:", k->name);
        struct config_items v = config_types_items(k, base);
        if (is_group(k)) {
            const char *empty = k->shape == CONFIG_SHAPE_LIST ? " []\n" : " {}\n";
            buf_puts(out, v.count == 0 ? empty : "\n");
        }
        if (k->type != CONFIG_SECTION) {
            print_scalars(k, v, out, depth + 1);
            continue;
        }
        for (size_t i = 0; i < v.count; i++) {
            const char *item = v.data + i * k->size;
            if (is_group(k)) {
                print_item_head(k, item, out, depth + 1);
            }
            print_section(k->section, item, out, depth + (is_group(k) ? 2 : 1),
                          k->shape == CONFIG_SHAPE_LIST ? LEAD_SPACE : LEAD_LINE);
        }
    }
}

void config_print_section(const struct config_section *schema, const void *base, struct buf *out)
{
    print_section(schema, base, out, 0, LEAD_NONE);
}
