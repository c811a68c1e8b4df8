#include "common/cli.h"

#include "common/config_keys.h"
#include "common/version.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE       1024
#define PRINT_MAX_BYTES (4u << 20)

static void print_help(const struct cli_program *program, FILE *to)
{
    (void)fprintf(to, "usage: %s COMMAND [ARGUMENTS]\n\n", program->name);
    for (size_t i = 0; i < program->count; i++) {
        (void)fprintf(to, "  %-8s %s\n", program->commands[i].name, program->commands[i].summary);
    }
    (void)fprintf(to, "\n%s COMMAND --help tells more; --version prints the version.\n",
                  program->name);
}

int cli_main(const struct cli_program *program, int argc, char **argv)
{
    /* A reader that went away is a write error like any other, not a reason to die unseen. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_help(program, stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(program, stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        version_print(program->name, program->build, stdout);
        program->print_drivers(stdout);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < program->count; i++) {
        if (strcmp(argv[1], program->commands[i].name) == 0) {
            return program->commands[i].run(argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr, "%s: unknown command '%s'\n", program->name, argv[1]);
    print_help(program, stderr);
    return EXIT_USAGE;
}

static void print_config_help(const char *usage)
{
    (void)printf(
        "usage: %s -c FILE [--print] [--strict]\n\n"
        "Runs until SIGTERM or Ctrl-C. Mistakes in the file are told with their place.\n\n"
        "  -c, --config FILE   configuration file\n"
        "      --print         print the effective configuration, defaults included, and end\n"
        "      --strict        take warnings for errors\n"
        "  -h, --help          this text\n",
        usage);
}

bool cli_config_parse(int argc, char **argv, const char *usage, struct cli_config_options *ret,
                      int *ret_status)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"print", no_argument, NULL, 'p'},
        {"strict", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct cli_config_options parsed = {0};
    *ret_status = EXIT_USAGE;
    for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        switch (option) {
        case 'c':
            parsed.path = optarg;
            break;
        case 'p':
            parsed.print = true;
            break;
        case 's':
            parsed.strict = true;
            break;
        case 'h':
            print_config_help(usage);
            *ret_status = EXIT_SUCCESS;
            return false;
        default:
            return false; /* getopt_long() has said why */
        }
    }
    if (parsed.path == NULL || optind < argc) {
        (void)fprintf(stderr, "usage: %s -c FILE [--print] [--strict]\n", usage);
        return false;
    }
    *ret = parsed;
    return true;
}

void cli_print_diagnostics(const struct diagnostics *d)
{
    char line[LINE_SIZE];
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        (void)diagnostic_format(diagnostics_at(d, i), line, sizeof(line));
        (void)fprintf(stderr, "%s\n", line);
        if (diagnostic_format_excerpt(diagnostics_at(d, i), line, sizeof(line)) > 0) {
            (void)fprintf(stderr, "%s\n", line);
        }
    }
    size_t total = diagnostics_count(d, SEVERITY_ERROR) + diagnostics_count(d, SEVERITY_WARNING);
    if (total > diagnostics_kept(d)) {
        (void)fprintf(stderr, "... and %zu more\n", total - diagnostics_kept(d));
    }
}

int cli_fault(const char *what, int error)
{
    (void)fprintf(stderr, "%s: %s\n", what, strerror(-error));
    return EXIT_FAULT;
}

void cli_print_loaded(const struct diagnostics *d, const char *path, int r)
{
    if (d == NULL) {
        (void)cli_fault(path, -ENOMEM);
        return;
    }
    cli_print_diagnostics(d);
    if (r == -ENOMEM || (r < 0 && diagnostics_count(d, SEVERITY_ERROR) == 0)) {
        (void)cli_fault(path, r);
    }
}

/* To stdout. Gives the exit status. */
static int print_and_free(struct buf *out)
{
    int r = !buf_ok(out) ? -ENOMEM : 0;
    errno = 0;
    if (r == 0 &&
        (fwrite(out->data, 1, out->length, stdout) != out->length || fflush(stdout) != 0)) {
        r = errno != 0 ? -errno : -EIO;
    }
    buf_deinit(out);
    return r == 0 ? EXIT_SUCCESS : cli_fault("standard output", r);
}

int cli_print_keys(const struct config_section *schema)
{
    struct buf out;
    buf_init(&out, PRINT_MAX_BYTES);
    config_keys_print(schema, &out);
    return print_and_free(&out);
}

int cli_print_config(const struct config *config)
{
    struct buf out;
    buf_init(&out, PRINT_MAX_BYTES);
    config_print(config, &out);
    return print_and_free(&out);
}
