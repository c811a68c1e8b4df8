#include "common/config_keys.h"

#include "common/config_types.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 256

/* A section that is being told, within those above it. */
struct level {
    const struct config_section *section;
    const char *path; /* of the key that holds it, "" at the root */
    const struct level *above;
};

const struct config_key *config_keys_find(const struct config_section *section, const char *name)
{
    const struct config_key *k = section->keys;
    while (k->name != NULL && strcmp(k->name, name) != 0) {
        k++;
    }
    assert(k->name != NULL);
    return k;
}

static void print_type(const struct config_key *k, struct buf *out)
{
    if (k->type == CONFIG_SECTION) {
        buf_puts(out, k->shape == CONFIG_SHAPE_LIST  ? "a list of sections"
                      : k->shape == CONFIG_SHAPE_MAP ? "sections by name"
                                                     : "a section");
        return;
    }
    if (k->type != CONFIG_ENUM) {
        buf_puts(out, config_types_what(k->type));
    }
    for (size_t i = 0; k->type == CONFIG_ENUM && k->names[i].name != NULL; i++) {
        buf_printf(out, "%s%s", i > 0 ? " | " : "", k->names[i].name);
    }
    if (k->unit != NULL) {
        buf_printf(out, " in %s", k->unit);
    }
    if (k->shape == CONFIG_SHAPE_LIST) {
        buf_puts(out, ", or a list");
    }
}

/* Of texts, `max` is a length. */
static void print_limits(const struct config_key *k, struct buf *out)
{
    if (k->type == CONFIG_STRING || k->type == CONFIG_ID || k->type == CONFIG_PATH) {
        if (k->max != NULL) {
            buf_printf(out, ", at most %s bytes", k->max);
        }
    } else if (k->min != NULL && k->max != NULL) {
        buf_printf(out, ", %s to %s", k->min, k->max);
    } else if (k->min != NULL) {
        buf_printf(out, ", at least %s", k->min);
    } else if (k->max != NULL) {
        buf_printf(out, ", at most %s", k->max);
    }
}

static void print_key(const struct config_key *k, const char *path, struct buf *out)
{
    buf_printf(out, "%s: ", path);
    print_type(k, out);
    print_limits(k, out);
    if ((k->flags & CONFIG_SECRET) != 0) {
        buf_puts(out, ", never printed");
    }
    if ((k->flags & CONFIG_REQUIRED) != 0) {
        buf_puts(out, ", required");
    }
    if (k->fallback != NULL) {
        buf_printf(out, ", default %s", k->fallback[0] != '\0' ? k->fallback : "empty");
    }
    buf_printf(out, "\n    %s\n", k->help);
}

static const struct level *find_level(const struct level *level,
                                      const struct config_section *section)
{
    while (level != NULL && level->section != section) {
        level = level->above;
    }
    return level;
}

static void print_section(const struct level *level, struct buf *out)
{
    for (const struct config_key *k = level->section->keys; k->name != NULL; k++) {
        char path[PATH_SIZE];
        const char *item = k->shape == CONFIG_SHAPE_MAP                                 ? ".<name>"
                           : k->shape == CONFIG_SHAPE_LIST && k->type == CONFIG_SECTION ? "[]"
                                                                                        : "";
        int length = snprintf(path, sizeof(path), "%s%s%s%s", level->path,
                              level->path[0] != '\0' ? "." : "", k->name, item);
        assert(length > 0 && (size_t)length < sizeof(path));
        (void)length;
        const struct level *same = k->type == CONFIG_SECTION ? find_level(level, k->section) : NULL;
        if (same != NULL) {
            buf_printf(out, "%s: as %s\n    %s\n", path, same->path, k->help);
            continue;
        }
        print_key(k, path, out);
        if (k->type == CONFIG_SECTION) {
            const struct level below = {k->section, path, level};
            print_section(&below, out);
        }
    }
}

void config_keys_print(const struct config_section *schema, struct buf *out)
{
    const struct level root = {schema, "", NULL};
    print_section(&root, out);
}
