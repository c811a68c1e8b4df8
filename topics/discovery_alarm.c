#include "topics/discovery_alarm.h"

#include <stdio.h>

int discovery_alarm(const struct discovery_alarm_options *options, struct discovery_alarm *ret)
{
    const char *title = options->title;
    int r = discovery_template_alarm_event(options->id, ret->template, sizeof(ret->template));
    if (r < 0) {
        return r;
    }
    for (int i = 0; i < PAYLOAD_ALARM_EVENT_COUNT; i++) {
        ret->words[i] = payload_alarm_event_text((enum payload_alarm_event_word)i);
    }
    (void)snprintf(ret->event_name, sizeof(ret->event_name), "%s%s",
                   title != NULL ? title : "Alarm", title != NULL ? " alarm" : "");
    ret->state = (struct discovery_entity){
        .platform = DISCOVERY_BINARY_SENSOR,
        .name = title != NULL ? title : "Problem",
        .category = title != NULL ? DISCOVERY_PRIMARY : DISCOVERY_DIAGNOSTIC,
        .device_class = "problem",
        .state_topic = options->state_topic,
        .value_template = discovery_template_alarm_active(),
    };
    ret->event = (struct discovery_entity){
        .platform = DISCOVERY_EVENT,
        .name = ret->event_name,
        .category = DISCOVERY_DIAGNOSTIC,
        .state_topic = options->event_topic,
        .value_template = ret->template,
        .event_types = {ret->words, PAYLOAD_ALARM_EVENT_COUNT},
    };
    return 0;
}
