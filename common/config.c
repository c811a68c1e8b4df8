#include "common/config.h"

#include "common/arena.h"
#include "common/config_fill.h"
#include "common/config_marks.h"
#include "common/config_print.h"
#include "common/config_secrets.h"
#include "common/file.h"
#include "common/yaml_locate.h"
#include "common/yaml_text.h"
#include "common/yaml_tree.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(CONFIG_FILE_MAX_BYTES == YAML_TREE_MAX_BYTES, "one limit under two names");

struct config {
    const struct config_section *schema;
    struct arena arena; /* the root struct and all it points to */
    struct config_marks marks;
    void *root;
    const char *file;
    const char *text; /* the whole file, for messages */
    uint64_t hash;
};

#define PRINT_MAX_BYTES (64u * 1024u * 1024u)

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv */
static uint64_t fnv1a(const char *data, size_t length)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)data[i]) * 1099511628211u;
    }
    return hash;
}

static int compute_hash(struct config *c)
{
    struct buf text;
    buf_init(&text, PRINT_MAX_BYTES);
    config_print(c, &text);
    int r = buf_ok(&text) ? 0 : -ENOMEM;
    if (r == 0) {
        c->hash = fnv1a(text.data != NULL ? text.data : "", text.length);
    }
    buf_deinit(&text);
    return r;
}

/* Up to and with the last slash; "" for a file in the current directory. */
static const char *directory_of(struct arena *a, const char *file)
{
    const char *slash = strrchr(file, '/');
    return arena_copy(a, file, slash != NULL ? (size_t)(slash - file) + 1 : 0);
}

static int fill(struct config *c, const struct yaml_node *root, struct diagnostics *d)
{
    c->root = arena_alloc(&c->arena, 1, c->schema->size);
    const char *directory = directory_of(&c->arena, c->file);
    if (c->root == NULL || directory == NULL) {
        return -ENOMEM;
    }
    struct config_fill f = {
        .file = c->file, .directory = directory, .d = d, .arena = &c->arena, .marks = &c->marks};
    int r = config_fill(&f, c->schema, root, c->root);
    config_marks_sort(&c->marks);
    return r == 0 ? compute_hash(c) : r;
}

int config_load_text(const struct config_text *text, const struct config_section *schema,
                     struct diagnostics *d, struct config **ret)
{
    struct yaml_tree *tree;
    int r = yaml_tree_parse(text->name, text->text, text->length, d, &tree);
    if (r < 0) {
        return r;
    }
    struct config *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        r = -ENOMEM;
        goto out;
    }
    c->schema = schema;
    c->file = arena_copy(&c->arena, text->name, strlen(text->name));
    c->text = arena_copy(&c->arena, text->text, text->length);
    r = c->file != NULL && c->text != NULL ? fill(c, yaml_tree_root(tree), d) : -ENOMEM;
    if (r < 0) {
        config_free(c);
        goto out;
    }
    *ret = c;
out:
    yaml_tree_free(tree);
    return r;
}

int config_load_file(const char *path, const struct config_section *schema, struct diagnostics *d,
                     struct config **ret)
{
    struct buf text;
    buf_init(&text, CONFIG_FILE_MAX_BYTES + 1);
    int r = file_read(path, CONFIG_FILE_MAX_BYTES, &text, NULL);
    if (r < 0) {
        diagnostics_add(d, SEVERITY_ERROR, path, 0, 0, "cannot be read: %s",
                        r == -EFBIG ? "it is larger than 1 MiB" : strerror(-r));
    } else {
        struct config_text named = {path, text.data != NULL ? text.data : "", text.length};
        r = config_load_text(&named, schema, d, ret);
    }
    buf_deinit(&text);
    return r;
}

void config_free(struct config *c)
{
    if (c != NULL) {
        config_marks_deinit(&c->marks);
        arena_deinit(&c->arena);
        free(c);
    }
}

const void *config_root(const struct config *c)
{
    return c->root;
}

struct config_mark config_mark_of(const struct config *c, const void *field)
{
    const struct config_marks_entry *e = config_marks_find(&c->marks, field);
    assert(e != NULL); /* not an address inside this configuration */
    return (struct config_mark){c->file, e->line, e->column};
}

void config_report(const struct config *c, const void *field, struct diagnostics *d,
                   enum severity severity, const char *format, ...)
{
    struct config_mark at = config_mark_of(c, field);
    char *message = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&message, format, args);
    va_end(args);
    diagnostics_add(d, severity, at.file, at.line, at.column, "%s",
                    length >= 0 ? message : "out of memory");
    free(length >= 0 ? message : NULL);
}

/* Where the line with that number begins. */
static const char *find_line(const char *text, unsigned line)
{
    for (; line > 1 && strchr(text, '\n') != NULL; line--) {
        text = strchr(text, '\n') + 1;
    }
    return text;
}

void config_report_at(const struct config *c, const char *const *field, size_t offset,
                      struct diagnostics *d, const char *format, ...)
{
    struct config_mark at = config_mark_of(c, field);
    char *message = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&message, format, args);
    va_end(args);
    const char *text = c->text + yaml_text_order_mark(c->text, strlen(c->text));
    struct yaml_place place = {at.line, at.column};
    if (at.line > 0) {
        place = yaml_locate(text, place, offset);
    }
    diagnostics_add(d, SEVERITY_ERROR, at.file, place.line, place.column, "%s",
                    length >= 0 ? message : "out of memory");
    if (place.line > 0) {
        const char *line = find_line(text, place.line);
        diagnostics_quote(d, line, strcspn(line, "\r\n"));
    }
    free(length >= 0 ? message : NULL);
}

void config_print(const struct config *c, struct buf *out)
{
    config_print_section(c->schema, c->root, out);
}

void config_each_secret(const struct config *c, void (*each)(void *context, const char *secret),
                        void *context)
{
    config_secrets_each(c->schema, c->root, each, context);
}

uint64_t config_hash(const struct config *c)
{
    return c->hash;
}
