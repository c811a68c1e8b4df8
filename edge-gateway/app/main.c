#include "edge-gateway/app/commands.h"

static const struct cli_command commands[] = {
    {"run", "the daemon", cmd_run},
    {"check", "validate a configuration and its DBC files", cmd_check},
    {"catalog", "what DBC files say, as JSON", cmd_catalog},
    {"decode", "a recorded log to NDJSON", cmd_decode},
    {"encode", "NDJSON to candump lines", cmd_encode},
    {"history", "what is in a frame log", cmd_history},
    {"verify", "whether a frame log holds", cmd_verify},
};

int main(int argc, char **argv)
{
    const struct cli_program program = {"edge-gateway", commands,
                                        sizeof(commands) / sizeof(commands[0])};
    return cli_main(&program, argc, argv);
}
