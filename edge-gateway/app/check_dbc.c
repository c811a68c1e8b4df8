#include "edge-gateway/app/check_dbc.h"

#include "common/cli.h"
#include "edge-gateway/app/dbc_files.h"

#include <stdio.h>
#include <stdlib.h>

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

/* Every file is read, so that every mistake is reported. */
static bool load_all(struct dbc_database *db, const struct check_dbc_options *options,
                     struct diagnostics *d)
{
    bool good = true;
    for (size_t i = 0; i < options->count; i++) {
        good = dbc_files_add(db, options->paths[i], d) == 0 && good;
    }
    return good && diagnostics_count(d, SEVERITY_ERROR) == 0;
}

static int check(struct dbc_database *db, const struct check_dbc_options *options,
                 struct diagnostics *d)
{
    if (options->strict) {
        diagnostics_make_strict(d);
    }
    bool good = load_all(db, options, d);
    cli_print_diagnostics(d);
    if (!good) {
        return EXIT_FAULT;
    }
    print_summary(db, options->count, diagnostics_count(d, SEVERITY_WARNING));
    return EXIT_SUCCESS;
}

int check_dbc(const struct check_dbc_options *options)
{
    struct dbc_database *db = dbc_new();
    struct diagnostics *d = diagnostics_new(0);
    int status = db != NULL && d != NULL ? check(db, options, d) : EXIT_FAULT;
    diagnostics_free(d);
    dbc_free(db);
    return status;
}
