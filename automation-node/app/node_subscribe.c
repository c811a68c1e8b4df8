/* What a node is told by the broker: the filters of all its parts, each once. */
#include "automation-node/app/message_triggers.h"
#include "automation-node/app/node_impl.h"
#include "automation-node/app/stale_defaults.h"
#include "topics/topic.h"

static int subscribe(void *context, const char *filter)
{
    struct node *n = context;
    const struct mqtt_subscription subscription = {.filter = filter, .qos = 1};
    if (filter_list_has(&n->filters, filter)) {
        return 0;
    }
    int r = filter_list_add(&n->filters, filter);
    bool known = n->predecessor != NULL && filter_list_has(&n->predecessor->filters, filter);
    return r < 0 || known ? r : mqtt_link_subscribe(mqtt_node_link(n->mqtt), &subscription);
}

int node_subscribe(struct node *n)
{
    char filter[TOPIC_MAX_BYTES + 1];
    int r = device_topics_filter(n->devices, filter, sizeof(filter));
    r = r == 0 ? subscribe(n, filter) : r;
    r = r == 0 ? controller_topics_filter(n->controllers, filter, sizeof(filter)) : r;
    r = r == 0 ? subscribe(n, filter) : r;
    r = r == 0 ? alarm_topics_filter(n->alarms, filter, sizeof(filter)) : r;
    r = r == 0 ? subscribe(n, filter) : r;
    r = r == 0 ? rule_topics_subscribe(n->rules, subscribe, n) : r;
    r = r == 0 ? topic_inputs_subscribe(n->topic_inputs, subscribe, n) : r;
    r = r == 0 ? message_triggers_subscribe(n->plan, subscribe, n) : r;
    r = r == 0 ? questions_filter(n->questions, filter, sizeof(filter)) : r;
    r = r == 0 ? subscribe(n, filter) : r;
    r = r == 0 ? stale_defaults_subscribe(n->plan, subscribe, n) : r;
    r = r == 0 && n->home != NULL ? subscribe(n, home_assistant_birth_topic(n->home)) : r;
    r = r == 0 ? duty_subscribe(n->duty, subscribe, n) : r;
    if (r == 0 && n->succession != NULL) {
        r = succession_filter(n->succession, filter, sizeof(filter));
        r = r == 0 ? subscribe(n, filter) : r;
    }
    return r == 0 ? readings_subscribe(n->readings, subscribe, n) : r;
}

void node_unsubscribe_from(struct mqtt_node *mqtt, const struct filter_list *list,
                           const struct filter_list *others)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!filter_list_has(others, list->filters[i])) {
            mqtt_link_unsubscribe(mqtt_node_link(mqtt), list->filters[i]);
        }
    }
}
