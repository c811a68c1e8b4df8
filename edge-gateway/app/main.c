#include "edge-gateway/app/commands.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"run", "the daemon", cmd_run},
    {"check", "validate a configuration", cmd_check},
    {"decode", "candump log to NDJSON", cmd_decode},
    {"encode", "NDJSON to candump lines", cmd_encode},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *to)
{
    (void)fprintf(to, "usage: edge-gateway COMMAND [ARGUMENTS]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].summary);
    }
    (void)fprintf(to, "\nedge-gateway COMMAND --help tells more; --version prints the version.\n");
}

int main(int argc, char **argv)
{
    /* A reader that went away is a write error like any other, not a reason to die unseen. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("edge-gateway %s\n", EDGE_VERSION);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr, "edge-gateway: unknown command '%s'\n", argv[1]);
    print_help(stderr);
    return EXIT_USAGE;
}
