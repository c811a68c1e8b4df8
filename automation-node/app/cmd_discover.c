#include "automation-node/app/cmd_discover.h"

#include "automation-node/app/discovery.h"
#include "automation-node/app/load.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: automation-node discover --print -c FILE\n\n"
    "Prints what the node of a configuration tells Home Assistant, a line for each payload:\n"
    "the topic, a blank, the JSON. Needs no broker.\n\n"
    "  -c, --config FILE  the configuration\n"
    "      --print        print, and do nothing else\n";

static int print_page(void *context, const char *topic, const char *payload, size_t length)
{
    (void)context;
    return printf("%s %.*s\n", topic, (int)length, payload) < 0 ? -EIO : 0;
}

static int print_discovery(const char *path)
{
    const struct cli_config_options options = {.path = path};
    struct loaded loaded;
    size_t left_out = 0;
    int status = node_load(&options, NULL, &loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    if (!loaded.plan->config->home_assistant.enabled) {
        (void)fprintf(stderr, "note: home_assistant is not enabled: nothing of this is sent\n");
    }
    int r = discovery_build(loaded.plan, print_page, NULL, &left_out);
    if (left_out > 0) {
        (void)fprintf(stderr, "warning: %zu entities cannot be told of: too long\n", left_out);
    }
    if (r < 0) {
        (void)fprintf(stderr, "automation-node discover: %s\n", strerror(-r));
    }
    node_load_free(&loaded);
    return r < 0 || fflush(stdout) != 0 ? EXIT_FAULT : EXIT_SUCCESS;
}

int cmd_discover(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"print", no_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL;
    bool print = false;
    for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        if (option == 'c') {
            path = optarg;
        } else if (option == 'p') {
            print = true;
        } else {
            (void)fputs(help, option == 'h' ? stdout : stderr);
            return option == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
        }
    }
    if (!print || path == NULL || optind < argc) {
        (void)fputs(help, stderr);
        return EXIT_USAGE;
    }
    return print_discovery(path);
}
