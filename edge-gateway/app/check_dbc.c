#include "edge-gateway/app/check_dbc.h"

#include "common/cli.h"
#include "common/suggest.h"
#include "edge-gateway/app/dbc_files.h"
#include "edge-gateway/dbc/dbc_explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPLAIN_MAX_BYTES ((size_t)256 << 20)

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_summary(const struct dbc_database *db, size_t files, size_t warnings)
{
    size_t messages = dbc_message_count(db);
    size_t signals = 0;
    for (size_t i = 0; i < messages; i++) {
        signals += dbc_message_at(db, i)->signal_count;
    }
    (void)printf("ok: %zu DBC file%s, %zu message%s, %zu signal%s, %zu warning%s\n", files,
                 plural(files), messages, plural(messages), signals, plural(signals), warnings,
                 plural(warnings));
}

static const struct dbc_variable *find_variable(const struct dbc_database *db, const char *name)
{
    const struct dbc_variable *variable = dbc_variables(db);
    while (variable != NULL && strcmp(variable->name, name) != 0) {
        variable = variable->next;
    }
    return variable;
}

static void report_unknown(const struct dbc_database *db, const char *name)
{
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < dbc_message_count(db); i++) {
        suggest_offer(&suggest, dbc_message_at(db, i)->name);
    }
    const struct dbc_variable *variable = dbc_variables(db);
    for (; variable != NULL; variable = variable->next) {
        suggest_offer(&suggest, variable->name);
    }
    (void)fprintf(stderr, "edge-gateway: no message '%s' in the DBC files%s%s%s\n", name,
                  suggest.best != NULL ? " - did you mean '" : "",
                  suggest.best != NULL ? suggest.best : "", suggest.best != NULL ? "'?" : "");
}

static int explain(const struct dbc_database *db, const char *name)
{
    const struct dbc_message *message = dbc_find_by_name(db, name);
    const struct dbc_variable *variable = message == NULL ? find_variable(db, name) : NULL;
    if (message == NULL && variable == NULL) {
        report_unknown(db, name);
        return EXIT_FAULT;
    }
    struct buf out;
    buf_init(&out, EXPLAIN_MAX_BYTES);
    int r = message != NULL ? dbc_explain(&out, message) : dbc_explain_variable(&out, variable);
    r = r == 0 && !buf_ok(&out) ? -ENOMEM : r;
    bool written = r == 0 && fwrite(out.data, 1, out.length, stdout) == out.length;
    buf_deinit(&out);
    if (r < 0) {
        return cli_fault(name, r);
    }
    return written ? EXIT_SUCCESS : EXIT_FAULT;
}

static int by_name(const void *a, const void *b)
{
    const struct dbc_message *x = *(const struct dbc_message *const *)a;
    const struct dbc_message *y = *(const struct dbc_message *const *)b;
    int names = strcmp(x->name, y->name);
    return names != 0 ? names : (x->index > y->index) - (x->index < y->index);
}

/* Whoever asks by name gets the first of two messages. */
static int report_same_names(const struct dbc_database *db, struct diagnostics *d)
{
    size_t count = dbc_message_count(db);
    const struct dbc_message **sorted = calloc(count + 1, sizeof(struct dbc_message *));
    if (sorted == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = dbc_message_at(db, i);
    }
    qsort(sorted, count, sizeof(struct dbc_message *), by_name);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (strcmp(sorted[i]->name, sorted[first]->name) != 0) {
            first = i;
            continue;
        }
        diagnostics_add(d, SEVERITY_WARNING, sorted[i]->file, sorted[i]->line, 0,
                        "message '%s' can be neither published nor sent: its name belongs to the "
                        "one of %s:%u",
                        sorted[i]->name, sorted[first]->file, sorted[first]->line);
    }
    free(sorted);
    return 0;
}

/* Every file is read, so that every mistake is reported. 0, or the first fault as -errno. */
static int load_all(struct dbc_database *db, const struct check_dbc_options *options,
                    struct diagnostics *d)
{
    int fault = 0;
    for (size_t i = 0; i < options->count; i++) {
        int r = dbc_files_add(db, options->paths[i], d);
        fault = fault < 0 ? fault : r;
    }
    int r = report_same_names(db, d);
    return fault < 0 ? fault : r;
}

static int check(struct dbc_database *db, const struct check_dbc_options *options,
                 struct diagnostics *d)
{
    if (options->strict) {
        diagnostics_make_strict(d);
    }
    int r = load_all(db, options, d);
    cli_print_loaded(d, options->paths[0], r);
    if (r < 0 || diagnostics_count(d, SEVERITY_ERROR) > 0) {
        return EXIT_FAULT;
    }
    if (options->explain != NULL) {
        return explain(db, options->explain);
    }
    print_summary(db, options->count, diagnostics_count(d, SEVERITY_WARNING));
    return EXIT_SUCCESS;
}

int check_dbc(const struct check_dbc_options *options)
{
    struct dbc_database *db = dbc_new();
    struct diagnostics *d = diagnostics_new(0);
    int status =
        db != NULL && d != NULL ? check(db, options, d) : cli_fault(options->paths[0], -ENOMEM);
    diagnostics_free(d);
    dbc_free(db);
    return status;
}
