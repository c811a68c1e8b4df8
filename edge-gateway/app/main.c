#include "edge-gateway/app/commands.h"

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

int main(int argc, char **argv)
{
    const struct cli_program program = {"edge-gateway", commands,
                                        sizeof(commands) / sizeof(commands[0])};
    return cli_main(&program, argc, argv);
}
