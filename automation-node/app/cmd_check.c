#include "automation-node/app/cmd_check.h"

#include "automation-node/app/decoder.h"
#include "automation-node/app/plan_check.h"
#include "automation-node/app/stale_defaults.h"
#include "common/buf.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/file.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DBCS_MAX         64
#define READ_BLOCK_BYTES 65536

static const char help[] =
    "usage: automation-node check -c FILE [--dbc FILE ... | --catalog FILE] [--print] "
    "[--strict]\n"
    "       automation-node check --keys\n\n"
    "Every mistake with its place; exit status 1 if there is one.\n\n"
    "  -c, --config FILE   the configuration\n"
    "      --dbc FILE      checks signals, units, labels and ranges against a DBC file; "
    "edge-gateway\n"
    "                      reads it\n"
    "      --catalog FILE  the same against a gateway's catalog, as on its retained topic\n"
    "      --print         print the effective configuration, defaults included, and end\n"
    "      --strict        take warnings for errors\n"
    "      --keys          print every key that a configuration may have, and end\n"
    "  -h, --help          this text\n";

struct arguments {
    const char *config;
    const char *dbcs[DBCS_MAX];
    size_t dbc_count;
    const char *catalog;
    bool print;
    bool strict;
    bool keys;
};

/* False: the command ends with *ret_status. */
static bool parse(int argc, char **argv, struct arguments *a, int *ret_status)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},  {"dbc", required_argument, NULL, 'd'},
        {"catalog", required_argument, NULL, 'g'}, {"print", no_argument, NULL, 'p'},
        {"strict", no_argument, NULL, 's'},        {"keys", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    *a = (struct arguments){0};
    *ret_status = EXIT_USAGE;
    for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        if (option == 'c') {
            a->config = optarg;
        } else if (option == 'd' && a->dbc_count < DBCS_MAX) {
            a->dbcs[a->dbc_count++] = optarg;
        } else if (option == 'g') {
            a->catalog = optarg;
        } else if (option == 'p') {
            a->print = true;
        } else if (option == 's') {
            a->strict = true;
        } else if (option == 'k') {
            a->keys = true;
        } else {
            (void)fputs(help, option == 'h' ? stdout : stderr);
            *ret_status = option == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
            return false;
        }
    }
    if ((a->config != NULL) == a->keys || optind < argc ||
        (a->catalog != NULL && a->dbc_count > 0)) {
        (void)fputs(help, stderr);
        return false;
    }
    return true;
}

/* ---- what signals can be ----------------------------------------------------------------- */

static int read_all(int fd, struct buf *text)
{
    char block[READ_BLOCK_BYTES];
    for (;;) {
        ssize_t length = read(fd, block, sizeof(block));
        if (length < 0 && errno != EINTR) {
            return -errno;
        }
        if (length == 0) {
            return buf_ok(text) ? 0 : -EMSGSIZE;
        }
        if (length > 0) {
            buf_append(text, block, (size_t)length);
        }
    }
}

static int read_dbcs(const struct arguments *a, struct buf *text)
{
    struct decoder decoder;
    int r = decoder_start("catalog", a->dbcs, a->dbc_count, NULL, &decoder);
    if (r < 0) {
        return r;
    }
    r = read_all(decoder.fd, text);
    int ended = decoder_end(&decoder);
    return ended < 0 ? ended : r;
}

/* NULL where none is asked for. */
static int read_catalog(const struct arguments *a, struct payload_catalog **ret)
{
    struct buf text;
    struct payload_error error;
    const char *what = a->catalog != NULL ? a->catalog : "the catalog of the DBC files";
    *ret = NULL;
    if (a->catalog == NULL && a->dbc_count == 0) {
        return 0;
    }
    buf_init(&text, PAYLOAD_CATALOG_MAX_BYTES + 1);
    int r = a->catalog != NULL ? file_read(a->catalog, PAYLOAD_CATALOG_MAX_BYTES, &text, NULL)
                               : read_dbcs(a, &text);
    if (r < 0) {
        if (r != -EIO) { /* else the child has said it */
            (void)fprintf(stderr, "automation-node: %s: %s\n", what, strerror(-r));
        }
    } else if (payload_catalog_decode(text.data != NULL ? text.data : "", text.length, ret,
                                      &error) < 0) {
        (void)fprintf(stderr, "automation-node: %s: %s\n", what, error.text);
        r = -EINVAL;
    }
    buf_deinit(&text);
    return r;
}

/* ---- the check --------------------------------------------------------------------------- */

/* What the catalog decides where the configuration leaves it open. */
static void print_defaults(const struct node_plan *plan, const struct signal_source *source)
{
    for (size_t i = 0; source->catalog != NULL && i < plan->config->input_count; i++) {
        int64_t span_us = stale_default_us(plan, source->catalog, source->any_bus, i);
        if (span_us > 0) {
            (void)printf("input '%s': stale_after %.6gs, from the catalog\n",
                         plan->config->inputs[i].name, (double)span_us / US_PER_S);
        } else if (span_us == 0) {
            (void)printf("input '%s': does not age, from the catalog\n",
                         plan->config->inputs[i].name);
        }
    }
}

static void print_summary(const struct node_config *config, size_t warnings)
{
    (void)printf("ok: %zu inputs, %zu devices, %zu controllers, %zu schedules, %zu rules, %zu "
                 "warnings\n",
                 config->input_count, config->device_count,
                 config->thermostat_count + config->controller_count + config->climate_count,
                 config->schedule_count, config->rule_count, warnings);
}

static int check(const struct arguments *a, const struct signal_source *source,
                 struct diagnostics *d)
{
    struct config *config = NULL;
    struct node_plan *plan = NULL;
    int r = config_load_file(a->config, &node_config_schema, d, &config);
    if (r == 0) {
        r = node_plan_new(config, d, &plan);
    }
    if (r == 0) {
        r = plan_check(config, plan, source, d);
    }
    cli_print_loaded(d, a->config, r);
    int status = r < 0 || diagnostics_count(d, SEVERITY_ERROR) > 0 ? EXIT_FAULT : EXIT_SUCCESS;
    if (status == EXIT_SUCCESS && a->print) {
        status = cli_print_config(config);
    } else if (status == EXIT_SUCCESS) {
        print_defaults(plan, source);
        print_summary(plan->config, diagnostics_count(d, SEVERITY_WARNING));
    }
    node_plan_free(plan);
    config_free(config);
    return status;
}

int cmd_check(int argc, char **argv)
{
    struct arguments arguments;
    struct payload_catalog *catalog;
    int status;
    if (!parse(argc, argv, &arguments, &status)) {
        return status;
    }
    if (arguments.keys) {
        return cli_print_keys(&node_config_schema);
    }
    if (read_catalog(&arguments, &catalog) < 0) {
        return EXIT_FAULT;
    }
    const struct signal_source source = {catalog, arguments.dbc_count > 0};
    struct diagnostics *d = diagnostics_new(0);
    if (d != NULL && arguments.strict) {
        diagnostics_make_strict(d);
    }
    status = d != NULL ? check(&arguments, &source, d) : cli_fault(arguments.config, -ENOMEM);
    diagnostics_free(d);
    payload_catalog_free(catalog);
    return status;
}
