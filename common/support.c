#include "common/support.h"

#include "common/log.h"
#include "common/redaction.h"
#include "common/system_facts.h"
#include "common/version.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_BYTES \
    ((size_t)8 << 20)      /* a configuration has CONFIG_FILE_MAX_BYTES, shown in full */
#define PATH_MAX_BYTES 512 /* of the name of a counter */

#define NO_NAME SIZE_MAX

/* Where the strings stand in the text. */
struct item {
    size_t group;
    size_t name; /* NO_NAME: a line */
    size_t text;
    bool is_number;
};

struct support {
    const struct config *config;
    struct redaction *redaction;
    struct buf text;
    struct buf path; /* of the group of counters that is open: "commands.refused." */
    struct item *items;
    size_t count;
    size_t room;
    bool failed;
};

/* ---- items ------------------------------------------------------------------------------ */

static struct item *new_item(struct support *s)
{
    if (s->count == s->room) {
        size_t room = s->room > 0 ? 2 * s->room : 512;
        struct item *items = realloc(s->items, room * sizeof(*items));
        if (items == NULL) {
            s->failed = true;
            return NULL;
        }
        s->items = items;
        s->room = room;
    }
    return &s->items[s->count++];
}

static size_t keep(struct support *s, const char *text)
{
    size_t at = s->text.length;
    buf_append(&s->text, text, strlen(text) + 1);
    return at;
}

static size_t keep_redacted(struct support *s, const char *text, size_t length)
{
    size_t at = s->text.length;
    redaction_apply(s->redaction, text, length, &s->text);
    buf_append(&s->text, "", 1);
    return at;
}

static void add(struct support *s, const char *group, const char *name, const char *text,
                bool is_number)
{
    struct item *item = new_item(s);
    if (item == NULL) {
        return;
    }
    *item = (struct item){
        .group = keep(s, group),
        .name = keep(s, name),
        .text = is_number ? keep(s, text) : keep_redacted(s, text, strlen(text)),
        .is_number = is_number,
    };
}

void support_add(struct support *support, const char *group, const char *name, const char *text)
{
    add(support, group, name, text, false);
}

static void add_lines(struct support *s, const char *group, const char *lines)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        struct item *item = new_item(s);
        if (item == NULL) {
            return;
        }
        *item = (struct item){
            .group = keep(s, group), .name = NO_NAME, .text = keep_redacted(s, lines, length)};
        lines += length + (lines[length] == '\n' ? 1 : 0);
    }
}

bool support_item(const struct support *support, size_t index, struct support_item *ret)
{
    if (index >= support->count) {
        return false;
    }
    const struct item *item = &support->items[index];
    const char *text = support->text.data;
    *ret = (struct support_item){
        .group = text + item->group,
        .name = item->name != NO_NAME ? text + item->name : NULL,
        .text = text + item->text,
        .is_number = item->is_number,
    };
    return true;
}

/* ---- counters --------------------------------------------------------------------------- */

static void on_begin(void *context, const char *group, const char *label)
{
    struct support *s = context;
    (void)label;
    buf_printf(&s->path, "%s.", group);
}

static void cut_path(struct support *s, size_t length)
{
    s->path.length = length;
    if (s->path.data != NULL) {
        s->path.data[length] = '\0';
    }
}

static void on_end(void *context)
{
    struct support *s = context;
    size_t length = s->path.length > 0 ? s->path.length - 1 : 0; /* its last dot */
    while (length > 0 && s->path.data[length - 1] != '.') {
        length--;
    }
    cut_path(s, length);
}

static void add_number(struct support *s, const char *name, const char *text, bool is_number)
{
    size_t length = s->path.length;
    buf_puts(&s->path, name);
    if (buf_ok(&s->path)) {
        add(s, "metrics", s->path.data, text, is_number);
        cut_path(s, length);
    }
}

static void on_count(void *context, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, value);
    add_number(context, name, text, true);
}

static void on_number(void *context, const char *name, double value)
{
    char text[40];
    (void)snprintf(text, sizeof(text), "%.15g", value);
    add_number(context, name, text, isfinite(value));
}

struct counter_sink support_metrics(struct support *support)
{
    return (struct counter_sink){.begin = on_begin,
                                 .counter = on_count,
                                 .gauge = on_count,
                                 .number = on_number,
                                 .end = on_end,
                                 .context = support};
}

/* ---- what is alike in every node -------------------------------------------------------- */

static void add_build(void *context, const char *name, const char *text)
{
    support_add(context, "build", name, text);
}

static void add_system(void *context, const char *group, const char *name, const char *text)
{
    support_add(context, group, name, text);
}

static void add_secret(void *context, const char *secret)
{
    struct support *s = context;
    s->failed = redaction_add(s->redaction, secret) < 0 || s->failed;
}

static void begin(struct support *s, const struct support_options *options)
{
    char hash[17];
    (void)snprintf(hash, sizeof(hash), "%016" PRIx64, config_hash(options->config));
    support_add(s, "node", "program", options->program);
    support_add(s, "node", "site", options->site);
    support_add(s, "node", "node", options->node);
    support_add(s, "node", "configuration", hash);
    if (options->build != NULL) {
        support_add(s, "build", "version", options->build->version);
        version_tell(options->build, add_build, s);
    }
    system_facts_tell(add_system, s);
}

int support_new(const struct support_options *options, struct support **ret)
{
    struct support *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return -ENOMEM;
    }
    s->config = options->config;
    buf_init(&s->text, TEXT_MAX_BYTES);
    buf_init(&s->path, PATH_MAX_BYTES);
    if (redaction_new(&s->redaction) < 0) {
        support_free(s);
        return -ENOMEM;
    }
    config_each_secret(options->config, add_secret, s);
    if (s->failed) { /* nothing may be told without knowing what to hide */
        support_free(s);
        return -ENOMEM;
    }
    begin(s, options);
    *ret = s;
    return 0;
}

void support_free(struct support *support)
{
    if (support != NULL) {
        redaction_free(support->redaction);
        buf_deinit(&support->text);
        buf_deinit(&support->path);
        free(support->items);
        free(support);
    }
}

int support_end(struct support *support)
{
    struct support *s = support;
    struct buf lines;
    buf_init(&lines, TEXT_MAX_BYTES);
    config_print(s->config, &lines);
    bool ok = buf_ok(&lines);
    add_lines(s, "configuration", ok && lines.data != NULL ? lines.data : "");
    buf_reset(&lines);
    log_recall(&lines);
    ok = ok && buf_ok(&lines);
    add_lines(s, "log", ok && lines.data != NULL ? lines.data : "");
    buf_deinit(&lines);
    return ok && !s->failed && buf_ok(&s->text) && buf_ok(&s->path) ? 0 : -ENOMEM;
}
