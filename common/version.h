/* What `--version` prints: the program and its version on the first line, for programs; then how it
 * was built, and which libraries it was compiled with and runs with. */
#ifndef EDGE_COMMON_VERSION_H
#define EDGE_COMMON_VERSION_H

#include "common/build_facts.h"

#include <stdio.h>

void version_print(const char *program, const struct build_facts *facts, FILE *to);

#endif
