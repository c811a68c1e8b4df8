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

/* By index of the configuration; NULL: out of memory. */
static const char **names_of(const struct gateway_config *config)
{
    const char **names = calloc(config->bus_count + 1, sizeof(char *));
    for (size_t i = 0; names != NULL && i < config->bus_count; i++) {
        names[i] = config->buses[i].name;
    }
    return names;
}

static struct dash_cam_options options_of(const struct gateway_config *config,
                                          const char *const *names, struct loop *loop,
                                          struct events *events)
{
    return (struct dash_cam_options){.loop = loop,
                                     .config = &config->dash_cam,
                                     .buses = names,
                                     .bus_count = config->bus_count,
                                     .handler = {on_recorded, on_failed, events}};
}

int dash_cam_setup(const struct gateway_plan *plan, struct loop *loop, struct events *events,
                   struct dash_cam **ret)
{
    const struct gateway_config *config = plan->config;
    if (!config->dash_cam.enabled) {
        *ret = NULL;
        return 0;
    }
    const char **names = names_of(config);
    if (names == NULL) {
        return -ENOMEM;
    }
    const struct dash_cam_options options = options_of(config, names, loop, events);
    int r = dash_cam_new(&options, ret);
    free(names);
    return r;
}

bool dash_cam_setup_suits(const struct dash_cam *cam, const struct gateway_plan *plan)
{
    const struct gateway_config *config = plan->config;
    if (cam == NULL || !config->dash_cam.enabled) {
        return cam == NULL && !config->dash_cam.enabled;
    }
    const char **names = names_of(config);
    if (names == NULL) {
        return false;
    }
    const struct dash_cam_options options = options_of(config, names, NULL, NULL);
    bool suits = dash_cam_suits(cam, &options);
    free(names);
    return suits;
}
