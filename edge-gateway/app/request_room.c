#include "edge-gateway/app/request_room.h"

#include "edge-gateway/app/configuration.h"
#include "edge-gateway/app/log_buses.h"

#include <errno.h>
#include <stdlib.h>

static int open_log(struct request_room *room)
{
    const struct gateway_config *config = room->plan->config;
    int r = log_buses_new(room->plan, &room->buses);
    if (r < 0) {
        return r;
    }
    const struct store_query_options options = {config->store.file, room->buses, config->bus_count};
    return store_query_new(&options, &room->log);
}

int request_room_new(const struct request_room_options *options, struct request_room **ret)
{
    struct request_room *room = calloc(1, sizeof(*room));
    if (room == NULL) {
        return -ENOMEM;
    }
    room->plan = options->plan;
    room->configuration = configuration_hold(options->configuration);
    room->dash_cam = options->dash_cam;
    room->alarms = options->alarms;
    room->users = 1;
    int r = options->has_log ? open_log(room) : 0;
    if (r < 0) {
        request_room_release(room);
        return r;
    }
    *ret = room;
    return 0;
}

struct request_room *request_room_hold(struct request_room *room)
{
    room->users++;
    return room;
}

void request_room_release(struct request_room *room)
{
    if (room == NULL || --room->users > 0) {
        return;
    }
    store_query_free(room->log);
    log_buses_free(room->buses);
    configuration_release(room->configuration);
    free(room);
}

void request_room_close(struct request_room *room)
{
    if (room != NULL) {
        room->dash_cam = NULL;
        room->alarms = NULL;
    }
}
