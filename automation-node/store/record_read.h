/* Reading `engine_state` back, once, before the log is opened. */
#ifndef EDGE_AUTOMATION_STORE_RECORD_READ_H
#define EDGE_AUTOMATION_STORE_RECORD_READ_H

#include "automation-node/store/record_batch.h"
#include "common/attributes.h"
#include "common/database.h"

/* Adds all records of the node. 0, also if there is no file yet, or -errno with the reason in
 * `error` (of DATABASE_ERROR_BYTES). Blocks; makes the file and its tables. */
EDGE_MUST_CHECK int record_read(const char *path, const char *node, struct record_batch *records,
                                char *error);

#endif
