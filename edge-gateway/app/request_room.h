/*
 * What answers are made from, of one configuration; kept while one is made of it, although another
 * configuration is in force by then. Loop thread, but for what request_answer_step() reads.
 */
#ifndef EDGE_GATEWAY_APP_REQUEST_ROOM_H
#define EDGE_GATEWAY_APP_REQUEST_ROOM_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/store/store_query.h"

#include <stdbool.h>

struct alarms;
struct configuration;
struct dash_cam;

struct request_room_options {
    const struct gateway_plan *plan;
    struct configuration *configuration; /* that the plan is of, held meanwhile; NULL: borrowed */
    bool has_log;
    struct dash_cam *dash_cam; /* NULL: there is none */
    const struct alarms *alarms;
};

struct request_room {
    const struct gateway_plan *plan;
    struct store_query *log;     /* NULL: nothing is logged */
    struct dash_cam *dash_cam;   /* for the loop alone; NULL: there is none */
    const struct alarms *alarms; /* the same; NULL once it is closed */
    struct store_bus *buses;     /* of `log` */
    struct configuration *configuration;
    unsigned users;
};

/* With one user, the caller. 0 or -errno. */
EDGE_MUST_CHECK int request_room_new(const struct request_room_options *options,
                                     struct request_room **ret);
struct request_room *request_room_hold(struct request_room *room);
/* Frees it with the last user. Accepts NULL. */
void request_room_release(struct request_room *room);

/* Another configuration is in force: alarms and dash-cam are gone. Accepts NULL. */
void request_room_close(struct request_room *room);

#endif
