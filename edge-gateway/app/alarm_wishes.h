/*
 * What operators do with alarms over MQTT: topics `.../alarms/<id>/set`. Checks what arrives, does
 * it, answers whoever asked.
 */
#ifndef EDGE_GATEWAY_APP_ALARM_WISHES_H
#define EDGE_GATEWAY_APP_ALARM_WISHES_H

#include "common/attributes.h"
#include "common/mqtt_message.h"
#include "edge-gateway/app/alarms.h"
#include "edge-gateway/app/environment.h"

#include <stdbool.h>
#include <stdint.h>

struct mqtt_link;

enum alarm_refusal {
    ALARM_REFUSAL_RETAINED,  /* it would act again at each connection */
    ALARM_REFUSAL_UNKNOWN,   /* there is no such alarm */
    ALARM_REFUSAL_MALFORMED, /* what cannot be read */
    ALARM_REFUSAL_STATE      /* the alarm is not in a state for it */
};

enum {
    ALARM_REFUSAL_COUNT = ALARM_REFUSAL_STATE + 1
};

/* "retained", "unknown", "malformed", "state". */
const char *alarm_refusal_text(enum alarm_refusal refusal);

/* wished = done + sum of refused. */
struct alarm_wishes_stats {
    uint64_t wished;
    uint64_t done;
    uint64_t refused[ALARM_REFUSAL_COUNT];
    uint64_t unanswered; /* answers that could not be sent */
};

struct alarm_wishes {
    struct alarms *alarms;
    struct environment env;
    struct mqtt_link *link;
    struct alarm_wishes_stats stats;
};

/* All is borrowed. */
void alarm_wishes_init(struct alarm_wishes *wishes, struct alarms *alarms,
                       const struct environment *environment, struct mqtt_link *link);

/* Subscribes; the link repeats it at each connection. 0 or -errno. */
EDGE_MUST_CHECK int alarm_wishes_subscribe(struct alarm_wishes *wishes);

/* A message that arrived. False if it is none of these topics. */
bool alarm_wishes_on_message(struct alarm_wishes *wishes, const struct mqtt_received *message);

#endif
