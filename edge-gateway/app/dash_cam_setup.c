#include "edge-gateway/app/dash_cam_setup.h"

#include "common/log.h"

#include <errno.h>
#include <stdlib.h>

static void on_recorded(void *context, const struct payload_recording *recording)
{
    events_report_recording(context, recording);
}

static void on_failed(void *context, const char *text)
{
    log_error("dash-cam", "%s", text);
    events_report(context, PAYLOAD_EVENT_RECORDING_FAILED, NULL, text);
}

int dash_cam_setup(const struct gateway_plan *plan, struct loop *loop, struct events *events,
                   struct dash_cam **ret)
{
    const struct gateway_config *config = plan->config;
    if (!config->dash_cam.enabled) {
        *ret = NULL;
        return 0;
    }
    const char **names = calloc(config->bus_count, sizeof(char *));
    if (names == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < config->bus_count; i++) {
        names[i] = config->buses[i].name;
    }
    const struct dash_cam_options options = {.loop = loop,
                                             .config = &config->dash_cam,
                                             .buses = names,
                                             .bus_count = config->bus_count,
                                             .handler = {on_recorded, on_failed, events}};
    int r = dash_cam_new(&options, ret);
    free(names);
    return r;
}
