#include "automation-node/app/cmd_check.h"
#include "automation-node/app/cmd_discover.h"
#include "automation-node/app/cmd_run.h"
#include "automation-node/app/cmd_simulate.h"
#include "automation-node/app/device_config.h"
#include "automation-node/app/rule_test.h"
#include "automation-node/drivers/driver.h"
#include "common/build_facts.h"
#include "common/cli.h"
#include "common/config_keys.h"

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

static int cmd_test(int argc, char **argv)
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
            return EXIT_FAULT;
        }
        struct rule_test_result result;
        int r = rule_test_run(argv[i], d, &result);
        cli_print_diagnostics(d);
        diagnostics_free(d);
        expectations += result.expectations;
        failed = failed || r < 0 || result.failures > 0;
    }
    if (!failed) {
        (void)printf("ok: %d files, %zu expectations\n", argc - 1, expectations);
    }
    return failed ? EXIT_FAULT : EXIT_SUCCESS;
}

static const struct cli_command commands[] = {
    {"run", "the daemon", cmd_run},
    {"check", "validate a configuration", cmd_check},
    {"test", "run rule tests in virtual time", cmd_test},
    {"discover", "print what Home Assistant is told", cmd_discover},
    {"simulate", "run the rules over recorded days", cmd_simulate},
};

static void print_drivers(FILE *to)
{
    const struct config_key *key = config_keys_find(&device_config_section, "driver");
    (void)fputs("drivers:", to);
    for (const struct config_name *n = key->names; n->name != NULL; n++) {
        const char *missing = driver_missing((enum driver_kind)n->value);
        (void)fprintf(to, "%s %s%s", n == key->names ? "" : ",", n->name,
                      missing != NULL ? " (not in this build)" : "");
    }
    (void)fputs("\n", to);
}

int main(int argc, char **argv)
{
    const struct cli_program program = {
        .name = "automation-node",
        .commands = commands,
        .count = sizeof(commands) / sizeof(commands[0]),
        .build = &build_facts,
        .print_drivers = print_drivers,
    };
    return cli_main(&program, argc, argv);
}
