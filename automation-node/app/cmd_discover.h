/* `automation-node discover --print`: what Home Assistant is told, with no broker. */
#ifndef EDGE_AUTOMATION_NODE_APP_CMD_DISCOVER_H
#define EDGE_AUTOMATION_NODE_APP_CMD_DISCOVER_H

/* Gives the exit status. */
int cmd_discover(int argc, char **argv);

#endif
