/* The subcommands of edge-gateway: each gets its own arguments and gives the exit status, see
 * common/cli.h. */
#ifndef EDGE_GATEWAY_APP_COMMANDS_H
#define EDGE_GATEWAY_APP_COMMANDS_H

#include "common/cli.h"

int cmd_catalog(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_decode(int argc, char **argv);
int cmd_discover(int argc, char **argv);
int cmd_discover_survey(int argc, char **argv); /* discover without --print */
int cmd_encode(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_verify(int argc, char **argv);

#endif
