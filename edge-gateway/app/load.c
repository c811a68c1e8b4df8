#include "edge-gateway/app/load.h"

#include "edge-gateway/app/commands.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 1024

static void print_help(const char *name, const char *summary)
{
    (void)printf("usage: edge-gateway %s -c FILE\n\n%s\n\n"
                 "  -c, --config FILE   configuration file (gateway.yaml)\n"
                 "      --print         print the effective configuration, defaults included\n"
                 "      --strict        take warnings for errors\n"
                 "  -h, --help          this text\n",
                 name, summary);
}

static void print_diagnostics(const struct diagnostics *d)
{
    char line[LINE_SIZE];
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        (void)diagnostic_format(diagnostics_at(d, i), line, sizeof(line));
        (void)fprintf(stderr, "%s\n", line);
    }
    size_t total = diagnostics_count(d, SEVERITY_ERROR) + diagnostics_count(d, SEVERITY_WARNING);
    if (total > diagnostics_kept(d)) {
        (void)fprintf(stderr, "... and %zu more\n", total - diagnostics_kept(d));
    }
}

static int load_file(const char *path, struct loaded *loaded)
{
    struct diagnostics *d = diagnostics_new(0);
    if (d == NULL) {
        return EXIT_FAULT;
    }
    int r = config_load_file(path, &gateway_config_schema, d, &loaded->config);
    if (r == 0) {
        r = plan_new(loaded->config, d, &loaded->plan);
    }
    print_diagnostics(d);
    loaded->warnings = diagnostics_count(d, SEVERITY_WARNING);
    diagnostics_free(d);
    if (r < 0 || (loaded->strict && loaded->warnings > 0)) {
        load_free(loaded);
        return EXIT_FAULT;
    }
    return EXIT_SUCCESS;
}

int load_from_arguments(int argc, char **argv, const char *name, const char *summary,
                        struct loaded *ret)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"print", no_argument, NULL, 'p'},
        {"strict", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *path = NULL;
    *ret = (struct loaded){0};
    for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        switch (option) {
        case 'c':
            path = optarg;
            break;
        case 'p':
            ret->print = true;
            break;
        case 's':
            ret->strict = true;
            break;
        case 'h':
            print_help(name, summary);
            return EXIT_SUCCESS;
        default:
            return EXIT_USAGE;
        }
    }
    if (path == NULL || optind < argc) {
        (void)fprintf(stderr, "usage: edge-gateway %s -c FILE\n", name);
        return EXIT_USAGE;
    }
    return load_file(path, ret);
}

void load_free(struct loaded *loaded)
{
    plan_free(loaded->plan);
    config_free(loaded->config);
    *loaded = (struct loaded){0};
}
