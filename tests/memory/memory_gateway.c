/* The gateway's commands and its start, with each allocation failing in turn. */
#include "edge-gateway/app/commands.h"
#include "tests/memory/memory_life.h"

#define EXAMPLE "--config=" SOURCE_DIR "/examples/gateway.yaml"
#define DBC     "--dbc=" SOURCE_DIR "/examples/greenhouse.dbc"
#define DATA    SOURCE_DIR "/tests/replay/data/"

static const struct memory_life run = {
    .name = "run", .run = cmd_run, .arguments = {"run", EXAMPLE}, .serves = true};

int main(int argc, char **argv)
{
    const struct memory_life lives[] = {
        {.name = "check", .run = cmd_check, .arguments = {"check", EXAMPLE}},
        {.name = "print", .run = cmd_check, .arguments = {"check", "--print", EXAMPLE}},
        {.name = "explain", .run = cmd_check, .arguments = {"check", "--explain=Climate", DBC}},
        {.name = "catalog", .run = cmd_catalog, .arguments = {"catalog", DBC}},
        {.name = "decode",
         .run = cmd_decode,
         .arguments = {"decode", "--dbc=" DATA "forms.dbc", DATA "forms-people.log"}},
        {.name = "encode",
         .run = cmd_encode,
         .arguments = {"encode", DBC, SOURCE_DIR "/tests/memory/wishes.ndjson"}},
        {.name = "announce", .run = cmd_discover, .arguments = {"discover", "--print", EXAMPLE}},
        {.name = "survey",
         .run = cmd_discover,
         .arguments = {"discover", "--log=" DATA "forms-people.log", "--dbc=" DATA "forms.dbc",
                       "--write=gateway.yaml"}},
        run,
        {.name = "restart",
         .run = cmd_run,
         .arguments = {"run", EXAMPLE},
         .before = &run,
         .serves = true},
        {.name = "history", .run = cmd_history, .arguments = {"history", EXAMPLE}, .before = &run},
        {.name = "verify", .run = cmd_verify, .arguments = {"verify", EXAMPLE}, .before = &run},
    };
    return memory_life_main(argc, argv, lives, sizeof(lives) / sizeof(lives[0]));
}
