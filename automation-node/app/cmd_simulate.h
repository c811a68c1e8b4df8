/* `automation-node simulate`: what would the rules have done, and why, over recorded days. */
#ifndef EDGE_AUTOMATION_NODE_APP_CMD_SIMULATE_H
#define EDGE_AUTOMATION_NODE_APP_CMD_SIMULATE_H

/* Gives the exit status. */
int cmd_simulate(int argc, char **argv);

#endif
