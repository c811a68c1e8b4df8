#ifndef EDGE_AUTOMATION_NODE_APP_CMD_TEST_H
#define EDGE_AUTOMATION_NODE_APP_CMD_TEST_H

/* `automation-node test`: runs rule tests in virtual time. Gives the exit status. */
int cmd_test(int argc, char **argv);

#endif
