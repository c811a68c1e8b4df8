/*
 * A first gateway.yaml for a bus that `discover` has looked at: the DBC files that fit, and for
 * each message that came the deadbands and intervals that its traffic suggests, with the reasons as
 * comments. `edge-gateway check` accepts it.
 */
#ifndef EDGE_GATEWAY_APP_SURVEY_CONFIG_H
#define EDGE_GATEWAY_APP_SURVEY_CONFIG_H

#include "common/attributes.h"
#include "common/buf.h"
#include "edge-gateway/app/survey_bus.h"

/* After survey_bus_finish(). `directory` is where the file will be, absolute: paths of DBC files
 * below it are relative. `source` says what was looked at, for a comment. 0 or -errno of finding
 * out where a DBC file is. */
EDGE_MUST_CHECK int survey_config_write(const struct survey_bus *bus, const char *directory,
                                        const char *source, struct buf *out);

#endif
