/* The command line of a program with subcommands, and what `run` and `check` of both daemons have
 * in common. */
#ifndef EDGE_COMMON_CLI_H
#define EDGE_COMMON_CLI_H

#include "common/attributes.h"
#include "common/build_facts.h"
#include "common/config.h"
#include "common/diagnostics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit statuses, beside EXIT_SUCCESS. */
#define EXIT_FAULT 1
#define EXIT_USAGE 2

struct cli_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; gives the exit status */
};

struct cli_program {
    const char *name;
    const struct cli_command *commands;
    size_t count;
    const struct build_facts *build;
    void (*print_drivers)(FILE *to); /* a line of --version: which kinds of them this build has */
};

/* Handles --help, --version and an unknown command, else runs the command. Gives the exit status.
 */
int cli_main(const struct cli_program *program, int argc, char **argv);

/* Options of a command that works on a configuration file. */
struct cli_config_options {
    const char *path;
    bool print;  /* --print */
    bool strict; /* --strict */
};

/* `usage` is "edge-gateway check". False: the command ends with *ret_status (usage error, --help).
 */
EDGE_MUST_CHECK bool cli_config_parse(int argc, char **argv, const char *usage,
                                      struct cli_config_options *ret, int *ret_status);

/* "what: why" on stderr, for what is no mistake of a person; `error` is -errno. Gives EXIT_FAULT.
 */
int cli_fault(const char *what, int error);

/* Every kept entry as a line on stderr, and how many more there were. */
void cli_print_diagnostics(const struct diagnostics *d);

/* The same for the file `path`, which was loaded with result `r`: 0 or -errno. Says it, too, when
 * the entries do not tell why. Accepts NULL: there was no memory for diagnostics. */
void cli_print_loaded(const struct diagnostics *d, const char *path, int r);

/* Every key that a configuration may have, on stdout. Gives the exit status. */
int cli_print_keys(const struct config_section *schema);

/* The effective configuration on stdout, secrets blanked. Gives the exit status. */
int cli_print_config(const struct config *config);

#endif
