#include "edge-gateway/app/commands.h"
int cmd_encode(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return EXIT_FAULT;
}
