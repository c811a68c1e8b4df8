/*
 * The subcommands of edge-gateway. Each gets its own arguments (argv[0] is its name) and returns
 * the exit status: 0, EXIT_FAULT or EXIT_USAGE.
 */
#ifndef EDGE_GATEWAY_APP_COMMANDS_H
#define EDGE_GATEWAY_APP_COMMANDS_H

#define EXIT_FAULT 1
#define EXIT_USAGE 2

int cmd_check(int argc, char **argv);
int cmd_decode(int argc, char **argv);
int cmd_encode(int argc, char **argv);
int cmd_run(int argc, char **argv);

#endif
