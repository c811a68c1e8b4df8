/* Payloads of a group of automation nodes, for payload_examples.c. */
#ifndef EDGE_TESTS_STANDBY_EXAMPLES_H
#define EDGE_TESTS_STANDBY_EXAMPLES_H

#include "topics/payload_node_claim.h"

extern const struct payload_master standby_example_master;

void standby_example_claim_alone(struct json_writer *w);
void standby_example_claim_released(struct json_writer *w);
void standby_example_fences(struct json_writer *w);
void standby_example_memory(struct json_writer *w);

#endif
