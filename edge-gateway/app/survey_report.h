/* What `discover` found on a bus, for a person. */
#ifndef EDGE_GATEWAY_APP_SURVEY_REPORT_H
#define EDGE_GATEWAY_APP_SURVEY_REPORT_H

#include "common/buf.h"
#include "edge-gateway/app/survey_bus.h"

#define SURVEY_SILENT_MAX 50 /* silent messages that are named; of more, the number is told */

/* After survey_bus_finish(). */
void survey_report_write(const struct survey_bus *bus, struct buf *out);

#define SURVEY_CYCLE_TEXT_SIZE 32

/* "200 ms", "10.22 s", "-" for 0: written to `text` or static. */
const char *survey_cycle_text(double seconds, char text[SURVEY_CYCLE_TEXT_SIZE]);

/* Whether the frames come at another pace than the file says: by more than a quarter. */
bool survey_cycle_differs(const struct survey_message *message);

#endif
