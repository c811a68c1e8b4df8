#include "automation-node/app/cmd_check.h"
#include "automation-node/app/cmd_discover.h"
#include "automation-node/app/cmd_run.h"
#include "automation-node/app/cmd_simulate.h"
#include "automation-node/app/cmd_test.h"
#include "automation-node/app/device_config.h"
#include "automation-node/drivers/driver.h"
#include "common/build_facts.h"
#include "common/cli.h"
#include "common/config_keys.h"

#include <stdio.h>

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
