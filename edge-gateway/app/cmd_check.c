#include "edge-gateway/app/commands.h"

#include "edge-gateway/app/check_dbc.h"
#include "edge-gateway/app/load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define DBC_FILES_MAX 256

struct options {
    struct cli_config_options config; /* its path is NULL when DBC files are checked alone */
    const char *dbc_paths[DBC_FILES_MAX];
    size_t dbc_count;
    const char *explain; /* NULL: only check */
    bool keys;           /* tell what a configuration may have, and nothing else */
};

static void print_usage(FILE *to)
{
    (void)fprintf(
        to, "usage: edge-gateway check -c FILE [--print] [--strict]\n"
            "       edge-gateway check --dbc FILE [--dbc FILE ...] [--strict] [--explain NAME]\n"
            "       edge-gateway check --keys\n");
}

static void print_help(void)
{
    print_usage(stdout);
    (void)printf(
        "\n"
        "Tells each mistake with file, line and column; needs neither a broker nor a bus.\n"
        "Exit 0: none (warnings are none, without --strict), 1: some.\n"
        "\n"
        "  -c, --config FILE   a configuration, with the DBC files that it names\n"
        "      --print         print the effective configuration, defaults included, and end\n"
        "      --dbc FILE      a DBC file alone; several make one bus: the first with an id wins\n"
        "      --explain NAME  draw the bits of a message and list its signals\n"
        "      --strict        take warnings for errors\n"
        "      --keys          print every key that a configuration may have, and end\n"
        "  -h, --help          this text\n");
}

/* False: the command ends with *ret_status. */
static bool parse_options(int argc, char **argv, struct options *options, int *ret_status)
{
    static const struct option table[] = {
        {"config", required_argument, NULL, 'c'},  {"print", no_argument, NULL, 'p'},
        {"dbc", required_argument, NULL, 'd'},     {"strict", no_argument, NULL, 's'},
        {"explain", required_argument, NULL, 'e'}, {"keys", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    *ret_status = EXIT_USAGE;
    for (int option; (option = getopt_long(argc, argv, "c:d:h", table, NULL)) != -1;) {
        if (option == 'c') {
            options->config.path = optarg;
        } else if (option == 'd' && options->dbc_count < DBC_FILES_MAX) {
            options->dbc_paths[options->dbc_count++] = optarg;
        } else if (option == 'e') {
            options->explain = optarg;
        } else if (option == 'p') {
            options->config.print = true;
        } else if (option == 's') {
            options->config.strict = true;
        } else if (option == 'k') {
            options->keys = true;
        } else {
            option == 'h' ? print_help() : print_usage(stderr);
            *ret_status = option == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
            return false;
        }
    }
    bool config = options->config.path != NULL && options->dbc_count == 0 && !options->explain;
    bool dbc = options->config.path == NULL && options->dbc_count > 0 && !options->config.print;
    if (optind < argc || config + dbc + options->keys != 1) {
        print_usage(stderr);
        return false;
    }
    return true;
}

static void print_summary(const struct loaded *loaded)
{
    size_t messages = 0;
    for (size_t i = 0; i < loaded->plan->config->bus_count; i++) {
        messages += loaded->plan->buses[i].message_count;
    }
    (void)printf("ok: %zu bus%s, %zu messages, %zu warning%s\n", loaded->plan->config->bus_count,
                 loaded->plan->config->bus_count == 1 ? "" : "es", messages, loaded->warnings,
                 loaded->warnings == 1 ? "" : "s");
}

static int check_config(const struct cli_config_options *options)
{
    struct loaded loaded;
    int status = load_gateway(options, &loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    if (options->print) {
        status = cli_print_config(loaded.config);
    } else {
        print_summary(&loaded);
    }
    load_free(&loaded);
    return status;
}

int cmd_check(int argc, char **argv)
{
    struct options options = {.dbc_count = 0};
    int status;
    if (!parse_options(argc, argv, &options, &status)) {
        return status;
    }
    if (options.keys) {
        return cli_print_keys(&gateway_config_schema);
    }
    if (options.config.path != NULL) {
        return check_config(&options.config);
    }
    const struct check_dbc_options dbc = {options.dbc_paths, options.dbc_count,
                                          options.config.strict, options.explain};
    return check_dbc(&dbc);
}
