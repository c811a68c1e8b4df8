#include "automation-node/app/node_mqtt.h"

#include "automation-node/app/questions.h"
#include "topics/payload_node.h"
#include "topics/topic.h"

static const struct mqtt_node_gate gate = {topic_is_asked, topic_for_answer,
                                           questions_format_error};

int node_mqtt_new(struct loop *loop, const struct node_config *config,
                  const struct mqtt_node_handler *handler, struct mqtt_node **ret)
{
    const struct topic status = {.kind = TOPIC_STATUS, .site = config->site, .node = config->node};
    char status_topic[TOPIC_MAX_BYTES + 1];
    int r = topic_format(config->broker.prefix, &status, status_topic, sizeof(status_topic));
    if (r < 0) {
        return r;
    }
    const struct mqtt_node_options options = {
        .broker = &config->broker,
        .site = config->site,
        .node = config->node,
        .status_topic = status_topic,
        .online = payload_status_text(true),
        .offline = payload_status_text(false),
        .ledger_beside = config->store.file,
        .ledger_owner = config->node, /* several nodes may share a store */
        .gate = &gate,
    };
    return mqtt_node_new(loop, &options, handler, ret);
}
