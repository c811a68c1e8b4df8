/* What `--version` prints: the program and its version on the first line, for programs; then how it
 * was built, and which libraries it was compiled with and runs with. */
#ifndef EDGE_COMMON_VERSION_H
#define EDGE_COMMON_VERSION_H

#include "common/build_facts.h"

#include <stdio.h>

typedef void (*version_fn)(void *context, const char *name, const char *text);

/* All but the first line. */
void version_tell(const struct build_facts *facts, version_fn tell, void *context);

void version_print(const char *program, const struct build_facts *facts, FILE *to);

#endif
