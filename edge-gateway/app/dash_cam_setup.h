/* The dash-cam of a running gateway: made from the configuration, its news told as events. */
#ifndef EDGE_GATEWAY_APP_DASH_CAM_SETUP_H
#define EDGE_GATEWAY_APP_DASH_CAM_SETUP_H

#include "common/attributes.h"
#include "edge-gateway/app/dash_cam.h"
#include "edge-gateway/app/events.h"
#include "edge-gateway/app/plan.h"

#include <stdbool.h>

/* 0, *ret NULL where it is not enabled; or -errno. `plan`, `loop` and `events` are borrowed. */
EDGE_MUST_CHECK int dash_cam_setup(const struct gateway_plan *plan, struct loop *loop,
                                   struct events *events, struct dash_cam **ret);

/* Whether the dash-cam, NULL if there is none, is what the plan wants. */
bool dash_cam_setup_suits(const struct dash_cam *cam, const struct gateway_plan *plan);

#endif
