#include "common/mqtt_node_change.h"

#include "common/broker_change.h"
#include "common/log.h"
#include "common/mqtt_link_move.h"
#include "common/mqtt_link_options.h"
#include "common/mqtt_node_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_PATIENCE_US US_PER_S         /* for who asked at a broker that is left */
#define ANSWER_LOOK_US     (10 * US_PER_MS) /* whether they all have their answers */

int mqtt_node_prepare(const struct mqtt_node *node, const struct broker_config *old,
                      const struct broker_config *config, struct mqtt_node_change **ret)
{
    enum broker_change kind = broker_change_between(old, config);
    if (kind == BROKER_SAME) {
        *ret = NULL;
        return 0;
    }
    struct mqtt_node_change *change = calloc(1, sizeof(*change));
    if (change == NULL) {
        return -ENOMEM;
    }
    struct broker_addresses addresses;
    const struct mqtt_publish will = mqtt_node_last_word(node);
    const struct mqtt_link_options options =
        mqtt_node_link_options(node, &will, &addresses, config);
    change->moves = kind == BROKER_MOVE;
    change->limits = config->limits;
    change->patience_us = mqtt_node_patience_us(config);
    int r = mqtt_link_options_copy(&options, &change->link);
    if (r == 0 && change->moves && config->tls != NULL) {
        r = tls_watch_new(node->loop, config->tls, &change->tls);
    }
    if (r < 0) {
        mqtt_node_drop_change(change);
        return r;
    }
    *ret = change;
    return 0;
}

void mqtt_node_drop_change(struct mqtt_node_change *change)
{
    if (change != NULL) {
        mqtt_link_options_free(change->link);
        tls_watch_free(change->tls);
        free(change);
    }
}

static bool is_up(const struct mqtt_node *node)
{
    return mqtt_link_stats(node->link).version != MQTT_VERSION_AUTO;
}

static void leave(struct mqtt_node *node)
{
    const struct mqtt_publish last = mqtt_node_last_word(node);
    const struct mqtt_address *address = mqtt_link_address(node->link);
    struct mqtt_node_change *next = node->next;
    log_info("mqtt", "leaving %s:%u: the configuration has changed", address->host,
             (unsigned)address->port);
    tls_watch_free(node->tls);
    node->tls = next->tls;
    tls_watch_look(node->tls);
    node->leaving = node->leaving || is_up(node);
    complaint_over(&node->no_connection);
    memset(node->told, 0, sizeof(node->told));
    mqtt_link_move(node->link, next->link, &last, MQTT_NODE_STOP_PATIENCE_US);
    node->next = NULL;
    free(next); /* what it had has other owners now */
}

void mqtt_node_on_leave(void *context)
{
    struct mqtt_node *node = context;
    bool waits = is_up(node) && loop_now_us(node->loop) < node->leave_by_us &&
                 node->handler.is_asked != NULL && node->handler.is_asked(node->handler.context);
    if (waits) {
        loop_timer_after(node->loop, &node->leave, ANSWER_LOOK_US);
    } else {
        leave(node);
    }
}

/* The answer to who asked for it goes to the old broker. */
void mqtt_node_change(struct mqtt_node *node, struct mqtt_node_change *take)
{
    if (take == NULL) {
        return;
    }
    node->intake.limits = take->limits;
    node->patience_us = take->patience_us;
    if (take->moves) {
        mqtt_node_drop_change(node->next);
        node->next = take;
        node->leave_by_us = loop_now_us(node->loop) + ANSWER_PATIENCE_US;
        loop_timer_after(node->loop, &node->leave, 0);
        return;
    }
    mqtt_link_set_waits(node->link, take->link);
    if (node->next != NULL) { /* and there, too: it says the same but for these */
        struct mqtt_link_options *newer = take->link;
        take->link = node->next->link;
        node->next->link = newer;
    }
    mqtt_node_drop_change(take);
}
