/* The automation node's commands and its start, with each allocation failing in turn. */
#include "automation-node/app/cmd_check.h"
#include "automation-node/app/cmd_discover.h"
#include "automation-node/app/cmd_run.h"
#include "automation-node/app/cmd_test.h"
#include "tests/memory/memory_life.h"

#define EXAMPLE(name) "--config=" SOURCE_DIR "/examples/" name ".yaml"

static const struct memory_life run = {
    .name = "run", .run = cmd_run, .arguments = {"run", EXAMPLE("automation")}, .serves = true};

int main(int argc, char **argv)
{
    const struct memory_life lives[] = {
        {.name = "check", .run = cmd_check, .arguments = {"check", EXAMPLE("automation")}},
        {.name = "print", .run = cmd_check, .arguments = {"check", "--print", EXAMPLE("home")}},
        {.name = "climate", .run = cmd_check, .arguments = {"check", EXAMPLE("climate")}},
        {.name = "test",
         .run = cmd_test,
         .arguments = {"test", SOURCE_DIR "/examples/automation.test",
                       SOURCE_DIR "/examples/home.test"}},
        {.name = "announce",
         .run = cmd_discover,
         .arguments = {"discover", "--print", EXAMPLE("automation")}},
        run,
        {.name = "restart",
         .run = cmd_run,
         .arguments = {"run", EXAMPLE("automation")},
         .before = &run,
         .serves = true},
        {.name = "standby",
         .run = cmd_run,
         .arguments = {"run", EXAMPLE("standby")},
         .serves = true},
    };
    return memory_life_main(argc, argv, lives, sizeof(lives) / sizeof(lives[0]));
}
