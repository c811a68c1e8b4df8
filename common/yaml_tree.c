#include "common/yaml_tree.h"

#include "common/arena.h"
#include "common/quote.h"
#include "common/yaml_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct yaml_tree {
    struct arena arena;
    const struct yaml_node *root;
};

/* A container whose end has not been seen. */
struct open_node {
    struct yaml_node *node;
    const struct yaml_node **tail; /* where its next child is linked in */
    const char *key;               /* mapping: a key that waits for its value */
    unsigned key_line;
    unsigned key_column;
};

struct builder {
    yaml_parser_t parser;
    const char *file;
    const char *text;
    size_t length;
    struct diagnostics *d;
    struct yaml_tree *tree;
    struct open_node open[YAML_TREE_MAX_DEPTH];
    size_t depth;
    size_t nodes;
    size_t documents;
    bool faulty; /* at least one error was reported */
};

static unsigned line_of(const yaml_mark_t *mark)
{
    return (unsigned)mark->line + 1;
}

static unsigned column_of(const yaml_mark_t *mark)
{
    return (unsigned)mark->column + 1;
}

static void complain(struct builder *b, const yaml_mark_t *mark, const char *message)
{
    b->faulty = true;
    diagnostics_add(b->d, SEVERITY_ERROR, b->file, line_of(mark), column_of(mark), "%s", message);
}

static int stop(struct builder *b, const yaml_mark_t *mark, const char *message)
{
    complain(b, mark, message);
    return -EINVAL;
}

static struct open_node *innermost(struct builder *b)
{
    return b->depth > 0 ? &b->open[b->depth - 1] : NULL;
}

static bool expects_key(const struct open_node *parent)
{
    return parent != NULL && parent->node->kind == YAML_KIND_MAPPING && parent->key == NULL;
}

/* A new node, linked into the container that is open. */
static int add_node(struct builder *b, enum yaml_kind kind, const yaml_mark_t *mark,
                    struct yaml_node **ret)
{
    if (b->nodes >= YAML_TREE_MAX_NODES) {
        return stop(b, mark, "too many values in one file - at most 100000 are allowed");
    }
    struct yaml_node *node = arena_alloc(&b->tree->arena, 1, sizeof(*node));
    if (node == NULL) {
        return -ENOMEM;
    }
    *node = (struct yaml_node){.kind = kind, .line = line_of(mark), .column = column_of(mark)};
    b->nodes++;
    struct open_node *parent = innermost(b);
    if (parent == NULL) {
        b->tree->root = node;
    } else {
        node->key = parent->key;
        node->key_line = parent->key_line;
        node->key_column = parent->key_column;
        parent->key = NULL;
        parent->key_line = parent->key_column = 0;
        *parent->tail = node;
        parent->tail = &node->next;
        parent->node->count++;
    }
    *ret = node;
    return 0;
}

static int open_container(struct builder *b, enum yaml_kind kind, const yaml_mark_t *mark)
{
    if (expects_key(innermost(b))) {
        return stop(b, mark, "a key must be text, not a list or a mapping");
    }
    if (b->depth >= YAML_TREE_MAX_DEPTH) {
        return stop(b, mark, "nested too deeply - at most 32 levels are allowed");
    }
    struct yaml_node *node;
    int r = add_node(b, kind, mark, &node);
    if (r < 0) {
        return r;
    }
    b->open[b->depth++] = (struct open_node){.node = node, .tail = &node->first};
    return 0;
}

static int add_scalar(struct builder *b, const yaml_event_t *event)
{
    const yaml_mark_t *mark = &event->start_mark;
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    struct yaml_text_fault fault; /* escapes in double quotes can bring back what was refused */
    if (!yaml_text_check(value, length, &fault)) {
        complain(b, mark, fault.message);
    }
    const char *text = arena_copy(&b->tree->arena, value, length);
    if (text == NULL) {
        return -ENOMEM;
    }
    struct open_node *parent = innermost(b);
    if (expects_key(parent)) {
        parent->key = text;
        parent->key_line = line_of(mark);
        parent->key_column = column_of(mark);
        return 0;
    }
    struct yaml_node *node;
    int r = add_node(b, YAML_KIND_SCALAR, mark, &node);
    if (r < 0) {
        return r;
    }
    node->text = text;
    node->empty = length == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return 0;
}

static int compare_keys(const void *a, const void *b)
{
    const struct yaml_node *x = *(const struct yaml_node *const *)a;
    const struct yaml_node *y = *(const struct yaml_node *const *)b;
    int order = strcmp(x->key, y->key);
    if (order != 0) {
        return order;
    }
    if (x->key_line != y->key_line) {
        return x->key_line < y->key_line ? -1 : 1;
    }
    return x->key_column < y->key_column ? -1 : x->key_column > y->key_column;
}

static int refuse_duplicates(struct builder *b, const struct yaml_node *mapping)
{
    if (mapping->count < 2) {
        return 0;
    }
    const struct yaml_node **sorted = reallocarray(NULL, mapping->count, sizeof(*sorted));
    if (sorted == NULL) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (const struct yaml_node *n = mapping->first; n != NULL; n = n->next) {
        sorted[count++] = n;
    }
    qsort(sorted, count, sizeof(*sorted), compare_keys);
    const struct yaml_node *first = sorted[0];
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i]->key, first->key) != 0) {
            first = sorted[i];
            continue;
        }
        b->faulty = true;
        diagnostics_add(b->d, SEVERITY_ERROR, b->file, sorted[i]->key_line, sorted[i]->key_column,
                        "key %s stands twice - the first is on line %u",
                        quote_text(&(struct quote){0}, first->key), first->key_line);
    }
    free(sorted);
    return 0;
}

static void refuse_extras(struct builder *b, const yaml_event_t *event, const yaml_char_t *anchor,
                          const yaml_char_t *tag)
{
    if (anchor != NULL) {
        complain(b, &event->start_mark,
                 "anchors ('&name') are not supported - write the value where it is needed, or put "
                 "text in quotes");
    }
    if (tag != NULL) {
        complain(b, &event->start_mark,
                 "tags ('!name') are not supported - leave the tag out, or put text in quotes");
    }
}

static int take_event(struct builder *b, const yaml_event_t *event)
{
    const yaml_mark_t *mark = &event->start_mark;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return b->documents++ == 0 ? 0 : stop(b, mark, "a second document ('---') is not allowed");
    case YAML_ALIAS_EVENT:
        return stop(b, mark,
                    "aliases ('*name') are not supported - write the value where it is needed, or "
                    "put text in quotes");
    case YAML_SCALAR_EVENT:
        refuse_extras(b, event, event->data.scalar.anchor, event->data.scalar.tag);
        return add_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        refuse_extras(b, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return open_container(b, YAML_KIND_SEQUENCE, mark);
    case YAML_MAPPING_START_EVENT:
        refuse_extras(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return open_container(b, YAML_KIND_MAPPING, mark);
    case YAML_SEQUENCE_END_EVENT:
        b->depth--;
        return 0;
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return refuse_duplicates(b, b->open[b->depth].node);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

static int report_syntax(struct builder *b)
{
    const yaml_parser_t *p = &b->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        return -ENOMEM;
    }
    const char *problem = p->problem != NULL ? p->problem : "not YAML";
    char found = yaml_text_character(b->text, b->length, p->problem_mark.index);
    struct yaml_explanation e = yaml_text_explain(problem, found);
    const yaml_mark_t *mark = e.at_context ? &p->context_mark : &p->problem_mark;
    return stop(b, mark, e.message);
}

static int build(struct builder *b)
{
    for (;;) {
        yaml_event_t event;
        if (yaml_parser_parse(&b->parser, &event) == 0) {
            return report_syntax(b);
        }
        bool at_end = event.type == YAML_STREAM_END_EVENT;
        int r = take_event(b, &event);
        yaml_event_delete(&event);
        if (r < 0 || at_end) {
            return r;
        }
    }
}

static int parse_into(struct builder *b)
{
    if (yaml_parser_initialize(&b->parser) == 0) {
        return -ENOMEM;
    }
    yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b->parser, (const unsigned char *)b->text, b->length);
    int r = build(b);
    yaml_parser_delete(&b->parser);
    return r < 0 || !b->faulty ? r : -EINVAL;
}

int yaml_tree_parse(const char *file, const char *text, size_t length, struct diagnostics *d,
                    struct yaml_tree **ret)
{
    if (length > YAML_TREE_MAX_BYTES) {
        diagnostics_add(d, SEVERITY_ERROR, file, 0, 0, "too large - at most 1 MiB is allowed");
        return -EINVAL;
    }
    size_t skipped = yaml_text_order_mark(text, length);
    text += skipped;
    length -= skipped;
    struct yaml_text_fault fault;
    if (!yaml_text_check(text, length, &fault)) {
        diagnostics_add(d, SEVERITY_ERROR, file, fault.line, fault.column, "%s", fault.message);
        return -EINVAL;
    }
    struct yaml_tree *tree = calloc(1, sizeof(*tree));
    if (tree == NULL) {
        return -ENOMEM;
    }
    struct builder b = {.file = file, .text = text, .length = length, .d = d, .tree = tree};
    int r = parse_into(&b);
    if (r < 0) {
        yaml_tree_free(tree);
        return r;
    }
    *ret = tree;
    return 0;
}

void yaml_tree_free(struct yaml_tree *tree)
{
    if (tree != NULL) {
        arena_deinit(&tree->arena);
        free(tree);
    }
}

const struct yaml_node *yaml_tree_root(const struct yaml_tree *tree)
{
    return tree->root;
}

const char *yaml_kind_name(enum yaml_kind kind)
{
    switch (kind) {
    case YAML_KIND_SCALAR:
        return "text";
    case YAML_KIND_SEQUENCE:
        return "a list";
    case YAML_KIND_MAPPING:
        return "a mapping";
    }
    return "?";
}
