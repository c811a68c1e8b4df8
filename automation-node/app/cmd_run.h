/* `automation-node run`: the daemon, and how it reads its configuration anew. */
#ifndef EDGE_AUTOMATION_NODE_APP_CMD_RUN_H
#define EDGE_AUTOMATION_NODE_APP_CMD_RUN_H

int cmd_run(int argc, char **argv);

#endif
