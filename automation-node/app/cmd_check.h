/* `automation-node check`: everything that can be wrong with a configuration, with no broker. */
#ifndef EDGE_AUTOMATION_NODE_APP_CMD_CHECK_H
#define EDGE_AUTOMATION_NODE_APP_CMD_CHECK_H

/* Gives the exit status. */
int cmd_check(int argc, char **argv);

#endif
