/* `check` on DBC files alone: what is wrong in them, and what a message of theirs looks like. */
#ifndef EDGE_GATEWAY_APP_CHECK_DBC_H
#define EDGE_GATEWAY_APP_CHECK_DBC_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

struct check_dbc_options {
    const char *const *paths;
    size_t count;
    bool strict;         /* take warnings for errors */
    const char *explain; /* name of a message or an environment variable; NULL: only check */
};

/* Reads all files into one database; every mistake goes to stderr, a summary or the explanation to
 * stdout. Gives the exit status. */
EDGE_MUST_CHECK int check_dbc(const struct check_dbc_options *options);

#endif
