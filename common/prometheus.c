#include "common/prometheus.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX      6
#define TEXT_MAX_BYTES ((size_t)4 << 20)

struct level {
    size_t name_length;   /* of the name before this group */
    size_t help_length;   /* likewise */
    size_t labels_length; /* likewise */
    const char *label;    /* what its members are a label of; NULL: none */
};

/* Where they stand in the text. */
struct sample {
    const char *text; /* set when all are there, since the text moves as it grows */
    size_t name;
    size_t help;
    size_t labels;
    size_t value;
    size_t number; /* in the order of telling */
    bool is_counter;
};

struct prometheus {
    struct buf own;    /* labels of every sample */
    struct buf name;   /* of the group that is open */
    struct buf help;   /* likewise */
    struct buf labels; /* likewise */
    struct level levels[DEPTH_MAX];
    size_t depth;
    struct buf text; /* of the samples: strings with their NUL */
    struct sample *samples;
    size_t count;
    size_t room;
    int fault; /* 0 or -errno */
};

/* ---- names and labels ------------------------------------------------------------------- */

static void cut(struct buf *b, size_t length)
{
    b->length = length;
    if (b->data != NULL) {
        b->data[length] = '\0';
    }
}

/* As it stands in the metrics payload: "commands.refused". */
static void append_path(struct buf *b, const char *word)
{
    buf_printf(b, "%s%s", b->length > 0 ? "." : "", word);
}

/* A name has letters, digits and '_'. */
static void append_name(struct buf *b, const char *word)
{
    size_t at = b->length + 1;
    buf_printf(b, "_%s", word);
    for (; buf_ok(b) && at < b->length; at++) {
        if (!isalnum((unsigned char)b->data[at])) {
            b->data[at] = '_';
        }
    }
}

static void append_label(struct buf *b, const char *label, const char *value)
{
    buf_printf(b, "%s%s=\"", b->length > 0 ? "," : "", label);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\n') {
            buf_puts(b, "\\n");
        } else {
            buf_printf(b, *c == '\\' || *c == '"' ? "\\%c" : "%c", *c);
        }
    }
    buf_puts(b, "\"");
}

static const char *open_label(const struct prometheus *p)
{
    return p->depth > 0 ? p->levels[p->depth - 1].label : NULL;
}

/* ---- what is told ----------------------------------------------------------------------- */

static void on_begin(void *context, const char *group, const char *label)
{
    struct prometheus *p = context;
    if (p->depth == DEPTH_MAX) {
        p->fault = -EOVERFLOW;
        return;
    }
    const char *value_of = open_label(p);
    p->levels[p->depth++] = (struct level){p->name.length, p->help.length, p->labels.length, label};
    if (value_of != NULL) {
        append_label(&p->labels, value_of, group);
        return;
    }
    append_name(&p->name, group);
    append_path(&p->help, group);
}

static void on_end(void *context)
{
    struct prometheus *p = context;
    if (p->depth > 0) {
        const struct level *level = &p->levels[--p->depth];
        cut(&p->name, level->name_length);
        cut(&p->help, level->help_length);
        cut(&p->labels, level->labels_length);
    }
}

static struct sample *add_sample(struct prometheus *p)
{
    if (p->count == p->room) {
        size_t room = p->room > 0 ? 2 * p->room : 256;
        struct sample *samples = realloc(p->samples, room * sizeof(*samples));
        if (samples == NULL) {
            p->fault = -ENOMEM;
            return NULL;
        }
        p->samples = samples;
        p->room = room;
    }
    p->samples[p->count] = (struct sample){.number = p->count};
    return &p->samples[p->count++];
}

/* Appends a string with its NUL; where it stands. */
static size_t keep(struct prometheus *p, const char *text)
{
    size_t at = p->text.length;
    buf_append(&p->text, text, strlen(text) + 1);
    return at;
}

static const char *text_of(const struct buf *b)
{
    return b->data != NULL ? b->data : "";
}

/* The name ends with the member, or, where that is a label's value, with the group. */
static void add(struct prometheus *p, const char *member, bool is_counter, const char *value)
{
    struct sample *sample = add_sample(p);
    const char *label = open_label(p);
    const struct level before = {p->name.length, p->help.length, p->labels.length, NULL};
    if (sample == NULL) {
        return;
    }
    if (label != NULL) {
        append_label(&p->labels, label, member);
    } else {
        append_name(&p->name, member);
        append_path(&p->help, member);
    }
    buf_puts(&p->name, is_counter ? "_total" : "");
    buf_puts(&p->help, " of the topic metrics");
    if (label != NULL) {
        buf_printf(&p->help, ", by %s", label);
    }
    sample->is_counter = is_counter;
    sample->name = keep(p, text_of(&p->name));
    sample->help = keep(p, text_of(&p->help));
    sample->labels = keep(p, text_of(&p->labels));
    sample->value = keep(p, value);
    cut(&p->name, before.name_length);
    cut(&p->help, before.help_length);
    cut(&p->labels, before.labels_length);
}

static void on_counter(void *context, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, value);
    add(context, name, true, text);
}

static void on_gauge(void *context, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, value);
    add(context, name, false, text);
}

static void on_number(void *context, const char *name, double value)
{
    char text[40];
    if (isnan(value)) {
        (void)snprintf(text, sizeof(text), "NaN");
    } else if (isinf(value)) {
        (void)snprintf(text, sizeof(text), value > 0 ? "+Inf" : "-Inf");
    } else {
        (void)snprintf(text, sizeof(text), "%.17g", value);
    }
    add(context, name, false, text);
}

/* ---- the text --------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    const struct sample *a = left;
    const struct sample *b = right;
    int order = strcmp(a->text + a->name, b->text + b->name);
    if (order != 0) {
        return order;
    }
    return a->number < b->number ? -1 : a->number > b->number;
}

int prometheus_write(struct prometheus *prometheus, struct buf *out)
{
    struct prometheus *p = prometheus;
    const char *name = "";
    if (!buf_ok(&p->text) || !buf_ok(&p->name) || !buf_ok(&p->help) || !buf_ok(&p->labels)) {
        return -ENOMEM;
    }
    if (p->fault < 0) {
        return p->fault;
    }
    for (size_t i = 0; i < p->count; i++) {
        p->samples[i].text = p->text.data;
    }
    qsort(p->samples, p->count, sizeof(*p->samples), compare);
    for (size_t i = 0; i < p->count; i++) {
        const struct sample *s = &p->samples[i];
        const char *labels = s->text + s->labels;
        if (strcmp(name, s->text + s->name) != 0) {
            name = s->text + s->name;
            buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, s->text + s->help, name,
                       s->is_counter ? "counter" : "gauge");
        }
        buf_printf(out, "%s{%s%s%s} %s\n", name, p->own.data, labels[0] != '\0' ? "," : "", labels,
                   s->text + s->value);
    }
    return buf_ok(out) ? 0 : -ENOMEM;
}

/* ---- beginning and end ------------------------------------------------------------------ */

int prometheus_new(const char *site, const char *node, struct prometheus **ret)
{
    struct prometheus *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return -ENOMEM;
    }
    buf_init(&p->own, TEXT_MAX_BYTES);
    buf_init(&p->name, TEXT_MAX_BYTES);
    buf_init(&p->help, TEXT_MAX_BYTES);
    buf_init(&p->labels, TEXT_MAX_BYTES);
    buf_init(&p->text, TEXT_MAX_BYTES);
    append_label(&p->own, "site", site);
    append_label(&p->own, "node", node);
    if (!buf_ok(&p->own)) {
        prometheus_free(p);
        return -ENOMEM;
    }
    *ret = p;
    return 0;
}

void prometheus_free(struct prometheus *prometheus)
{
    if (prometheus != NULL) {
        buf_deinit(&prometheus->own);
        buf_deinit(&prometheus->name);
        buf_deinit(&prometheus->help);
        buf_deinit(&prometheus->labels);
        buf_deinit(&prometheus->text);
        free(prometheus->samples);
        free(prometheus);
    }
}

struct counter_sink prometheus_begin(struct prometheus *prometheus)
{
    struct prometheus *p = prometheus;
    buf_reset(&p->name);
    buf_reset(&p->help);
    buf_reset(&p->labels);
    buf_reset(&p->text);
    buf_puts(&p->name, "edge");
    p->depth = 0;
    p->count = 0;
    p->fault = 0;
    return (struct counter_sink){.begin = on_begin,
                                 .counter = on_counter,
                                 .gauge = on_gauge,
                                 .number = on_number,
                                 .end = on_end,
                                 .context = p};
}
