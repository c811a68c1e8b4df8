/* Where `discover` looks: a recorded log, or an interface for some time. Trouble goes to stderr. */
#ifndef EDGE_GATEWAY_APP_SURVEY_SOURCE_H
#define EDGE_GATEWAY_APP_SURVEY_SOURCE_H

#include "common/attributes.h"
#include "edge-gateway/app/survey_bus.h"

#include <stdint.h>

/* Reads the whole log ("-": standard input). `interface`: only its frames; NULL: those of the bus
 * that the first frame is of. Gives the exit status. */
EDGE_MUST_CHECK int survey_read_log(struct survey_bus *bus, const char *path,
                                    const char *interface);

/* Listens for so long, or until SIGINT or SIGTERM; sends nothing. Gives the exit status. */
EDGE_MUST_CHECK int survey_listen(struct survey_bus *bus, const char *interface,
                                  int64_t duration_us);

#endif
