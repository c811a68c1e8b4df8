#include "automation-node/app/cmd_test.h"

#include "automation-node/app/rule_test.h"
#include "common/cli.h"
#include "common/diagnostics.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_test_help(FILE *to)
{
    (void)fprintf(to,
                  "usage: automation-node test FILE...\n\n"
                  "Runs rule tests in virtual time. A file has one statement per line:\n\n"
                  "  config FILE                        the configuration, first of all\n"
                  "  start 2026-11-26 05:59             sets the clock\n"
                  "  +10min ...   06:30 ...             time passes, then the statement\n"
                  "  INPUT VALUE | silent | bad | stale what an input shows from now on\n"
                  "  wish DEVICE VALUE [for 10min]      a person's wish; VALUE may be nothing\n"
                  "  rule NAME enable | disable | run\n"
                  "  message TOPIC PAYLOAD              triggers rules\n"
                  "  alarm NAME ack | reset | ...       what a person does, as on its topic\n"
                  "  DEVICE stuck | obeys               what a device does about commands\n"
                  "  expect DEVICE VALUE [because SOURCE]\n"
                  "  expect rule NAME runs NUMBER\n"
                  "  expect alarm NAME STATE            normal, active_unack, ...\n"
                  "  expect message TOPIC               one at least since the last such line\n");
}

int cmd_test(int argc, char **argv)
{
    size_t expectations = 0;
    bool failed = false;
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_test_help(stdout);
        return EXIT_SUCCESS;
    }
    if (argc < 2 || argv[1][0] == '-') {
        print_test_help(stderr);
        return EXIT_USAGE;
    }
    for (int i = 1; i < argc; i++) {
        struct diagnostics *d = diagnostics_new(0);
        if (d == NULL) {
            return cli_fault(argv[i], -ENOMEM);
        }
        struct rule_test_result result;
        int r = rule_test_run(argv[i], d, &result);
        cli_print_loaded(d, argv[i], r);
        diagnostics_free(d);
        expectations += result.expectations;
        failed = failed || r < 0 || result.failures > 0;
    }
    if (!failed) {
        (void)printf("ok: %d files, %zu expectations\n", argc - 1, expectations);
    }
    return failed ? EXIT_FAULT : EXIT_SUCCESS;
}
