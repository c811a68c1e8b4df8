/* What a PID controller remembers over a stop. */
#ifndef EDGE_AUTOMATION_ENGINE_PID_ARCHIVE_H
#define EDGE_AUTOMATION_ENGINE_PID_ARCHIVE_H

#include "automation-node/engine/pid.h"
#include "automation-node/state/archive.h"

/* See archive.h. */
void pid_archive(struct pid *pid, struct archive *a);

/* After pid_archive() has loaded it: there was a stop. What the slope was is not known any more;
 * the integral counts from the first reading on, unless it is `outdated`: then it follows what the
 * device is told. */
void pid_doubt(struct pid *pid, bool outdated);

/* How far the integral has moved since this was asked for last time with `mark`, as a share of the
 * range of the output: 0 to 1. */
double pid_drift(struct pid *pid, bool mark);

#endif
