#include "edge-gateway/app/commands.h"

#include "common/build_facts.h"
#include "edge-gateway/bus/bus.h"

static const struct cli_command commands[] = {
    {"run", "the daemon: CAN buses to MQTT and back", cmd_run},
    {"check", "tell mistakes in a configuration and its DBC files", cmd_check},
    {"catalog", "print what DBC files say, as JSON", cmd_catalog},
    {"decode", "print a recorded CAN log as NDJSON", cmd_decode},
    {"discover", "look at a bus through DBC files, or print what Home Assistant is told",
     cmd_discover},
    {"encode", "make candump lines of NDJSON", cmd_encode},
    {"history", "print what a gateway has logged", cmd_history},
    {"verify", "tell whether a gateway's log is whole: nothing damaged, nothing missing",
     cmd_verify},
};

static void print_drivers(FILE *to)
{
    (void)fputs("drivers:", to);
    for (size_t i = 0; i < BUS_KIND_COUNT; i++) {
        (void)fprintf(to, "%s %s", i > 0 ? "," : "", bus_kind_text((enum bus_kind)i));
    }
    (void)fputs("\n", to);
}

int main(int argc, char **argv)
{
    const struct cli_program program = {
        .name = "edge-gateway",
        .commands = commands,
        .count = sizeof(commands) / sizeof(commands[0]),
        .build = &build_facts,
        .print_drivers = print_drivers,
    };
    return cli_main(&program, argc, argv);
}
