#include "common/mqtt_node.h"

#include "common/asker.h"
#include "common/broker_config.h"
#include "common/log.h"
#include "common/lvq.h"
#include "common/lvq_retained.h"
#include "common/mqtt_link.h"
#include "common/mqtt_node_change.h"
#include "common/mqtt_node_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STUCK_PATIENCE_US (60 * US_PER_S) /* beyond two attempts that take their time */
#define STATUS_MAX_BYTES  16
#define REFUSAL_BYTES     512
#define CLIENT_ID_SIZE    160 /* two ids of the configuration, which have 64 bytes each */

static void on_up(void *context, bool session_present)
{
    struct mqtt_node *node = context;
    (void)session_present;
    const struct mqtt_address *address = mqtt_link_address(node->link);
    const char *version = mqtt_link_stats(node->link).version == MQTT_VERSION_5 ? "5" : "3.1.1";
    log_info("mqtt", "connected with MQTT %s to %s:%u", version, address->host,
             (unsigned)address->port);
    complaint_over(&node->no_connection);
    memset(node->told, 0, sizeof(node->told));
    tls_watch_broker(node->tls, mqtt_link_stats(node->link).broker_until_s);
    lvq_on_up(node->queue, loop_now_us(node->loop));
    if (node->handler.up != NULL) {
        node->handler.up(node->handler.context);
    }
}

/* A reason that this address has not given since the last connection is told at once; the ones that
 * it has given are a complaint that lasts. */
static bool is_news(struct mqtt_node *node, const struct mqtt_down *down)
{
    uint32_t bit = UINT32_C(1) << down->end;
    bool news = (node->told[down->address] & bit) == 0;
    node->told[down->address] |= bit;
    return news;
}

static void on_down(void *context, const struct mqtt_down *down)
{
    struct mqtt_node *node = context;
    bool wanted = node->stopping || node->leaving;
    bool due = !wanted && complaint_is_due(&node->no_connection, loop_now_us(node->loop));
    bool news = !wanted && is_news(node, down);
    node->leaving = false;
    if (node->handler.down != NULL) {
        node->handler.down(node->handler.context);
    }
    if (wanted) {
        log_debug("mqtt", "disconnected: %s", down->reason);
    } else if (news) {
        log_warning("mqtt", "no connection: %s; trying on", down->reason);
    } else if (due) {
        log_warning("mqtt", "still no connection after %" PRIu64 " attempts: %s",
                    node->no_connection.times, down->reason);
    } else {
        log_debug("mqtt", "no connection: %s", down->reason);
    }
}

static void answer_refusal(struct mqtt_node *node, const struct mqtt_received *message,
                           const char *error)
{
    char text[REFUSAL_BYTES];
    size_t length;
    struct asker asker;
    const char *topic = node->gate->answer_topic(node->prefix, message->response_topic);
    if (topic == NULL || !intake_may_answer(&node->intake, loop_now_us(node->loop))) {
        return;
    }
    asker_note(&asker, message, topic, NULL, NULL);
    if (node->gate->format_error(NULL, error, text, sizeof(text), &length) < 0 ||
        asker_answer(&asker, node->link, text, length) != MQTT_PUBLISHED) {
        node->intake.stats.unanswered++;
    }
}

/* A flood is a line now and then, and counters. */
static void refuse(struct mqtt_node *node, const struct mqtt_received *message,
                   enum intake_verdict verdict)
{
    static const char *const errors[] = {
        [INTAKE_TAKEN] = "",
        [INTAKE_TOO_LARGE] = "larger than broker.limits.payload",
        [INTAKE_TOO_MANY] = "too many at once: ask again later (broker.limits)",
        [INTAKE_TOO_MANY_ON_TOPIC] =
            "too many on this topic: try again later (broker.limits.wishes_per_topic)",
    };
    if (complaint_is_due(&node->refusals, loop_now_us(node->loop))) {
        log_warning("mqtt", "%s refused (%s): %s; %" PRIu64 " so far", message->topic,
                    intake_verdict_text(verdict), errors[verdict], node->refusals.times);
    }
    answer_refusal(node, message, errors[verdict]);
}

static enum intake_kind kind_of(const struct mqtt_node *node, const char *topic)
{
    bool question;
    if (!node->gate->is_asked(node->prefix, topic, &question)) {
        return INTAKE_OTHER;
    }
    return question ? INTAKE_REQUEST : INTAKE_WISH;
}

static void on_message(void *context, const struct mqtt_received *message)
{
    struct mqtt_node *node = context;
    if (node->gate != NULL) {
        enum intake_verdict verdict =
            intake_judge(&node->intake, kind_of(node, message->topic), message->topic,
                         message->length, loop_now_us(node->loop));
        if (verdict != INTAKE_TAKEN) {
            refuse(node, message, verdict);
            return;
        }
    }
    node->handler.message(node->handler.context, message);
}

/* What the queue's values leave of the window. */
static void offer_room(struct mqtt_node *node)
{
    if (node->handler.room != NULL && !lvq_is_waiting(node->queue) &&
        mqtt_link_room(node->link) > 0) {
        node->handler.room(node->handler.context);
    }
}

static void on_acknowledged(void *context, uint64_t token, enum mqtt_fate fate)
{
    struct mqtt_node *node = context;
    if ((token & MQTT_NODE_TOKEN) == 0) {
        lvq_on_acknowledged(node->queue, token, fate, loop_now_us(node->loop));
        offer_room(node);
    } else if (node->handler.acknowledged != NULL) {
        node->handler.acknowledged(node->handler.context, token, fate);
    }
}

static void on_room(void *context)
{
    struct mqtt_node *node = context;
    lvq_on_room(node->queue, loop_now_us(node->loop));
    offer_room(node);
}

static void on_refused(void *context, const char *filter)
{
    (void)context;
    log_error("mqtt", "the broker refuses the subscription to %s: check its access rules", filter);
}

static void on_stopped(void *context)
{
    struct mqtt_node *node = context;
    node->handler.stopped(node->handler.context);
}

struct mqtt_publish mqtt_node_last_word(const struct mqtt_node *node)
{
    return (struct mqtt_publish){
        .topic = node->status_topic,
        .payload = node->offline,
        .length = strlen(node->offline),
        .qos = 1,
        .retain = true,
    };
}

struct mqtt_link_options mqtt_node_link_options(const struct mqtt_node *node,
                                                const struct mqtt_publish *will,
                                                struct broker_addresses *addresses,
                                                const struct broker_config *config)
{
    struct mqtt_link_options options = {
        .client_id = node->client_id,
        .will = will,
        .seed = (uint64_t)loop_realtime_us(node->loop),
    };
    broker_config_apply(config, addresses, &options);
    return options;
}

static int new_link(struct mqtt_node *node, const struct broker_config *config)
{
    struct broker_addresses addresses;
    const struct mqtt_publish will = mqtt_node_last_word(node);
    const struct mqtt_link_options options =
        mqtt_node_link_options(node, &will, &addresses, config);
    const struct mqtt_link_handler handler = {
        .up = on_up,
        .down = on_down,
        .message = on_message,
        .acknowledged = on_acknowledged,
        .room = on_room,
        .refused = on_refused,
        .stopped = on_stopped,
        .context = node,
    };
    return mqtt_link_new(node->loop, &options, &handler, &node->link);
}

static enum mqtt_publish_result publish_on_link(void *context, const struct mqtt_publish *publish)
{
    return mqtt_link_publish(context, publish);
}

static int add_status(struct mqtt_node *node)
{
    const struct lvq_slot_options slot = {node->status_topic, STATUS_MAX_BYTES, true};
    return lvq_add(node->queue, &slot, &node->status_slot);
}

/* False: there is none, or its name does not fit. */
static bool ledger_path(const struct mqtt_node_options *options, char *path, size_t size)
{
    int length = 0;
    if (options->broker->ledger != NULL) {
        length = snprintf(path, size, "%s", options->broker->ledger);
    } else if (options->ledger_beside != NULL) {
        length = snprintf(path, size, "%s%s%s.topics", options->ledger_beside,
                          options->ledger_owner != NULL ? "." : "",
                          options->ledger_owner != NULL ? options->ledger_owner : "");
    }
    return length > 0 && (size_t)length < size;
}

/* A node without it is as good as one with it, until its configuration changes. */
static int open_ledger(struct mqtt_node *node, const struct mqtt_node_options *options)
{
    char path[PATH_MAX];
    if (!ledger_path(options, path, sizeof(path))) {
        return 0;
    }
    int r = retained_ledger_open(node->loop, path, node->queue, &node->ledger);
    if (r == -EBUSY) {
        log_warning("mqtt",
                    "retained topics are not remembered: another program uses %s - give each its "
                    "own with broker.ledger",
                    path);
    } else if (r < 0 && r != -ENOMEM) {
        log_warning("mqtt", "retained topics are not remembered: %s: %s", path, strerror(-r));
    }
    return r == -ENOMEM ? r : 0;
}

static void settle_ledger(struct mqtt_node *node)
{
    int r = node->ledger != NULL ? retained_ledger_settle(node->ledger) : 0;
    if (r < 0) {
        log_warning("mqtt", "not all retained topics that are unused are deleted: %s",
                    strerror(-r));
    }
}

static int copy_names(struct mqtt_node *node, const struct mqtt_node_options *options)
{
    const char *wanted = options->broker->client_id;
    char own[CLIENT_ID_SIZE];
    (void)snprintf(own, sizeof(own), "%s-%s", options->site, options->node);
    node->client_id = strdup(wanted != NULL ? wanted : own);
    node->status_topic = strdup(options->status_topic);
    node->prefix = strdup(options->broker->prefix);
    return node->client_id != NULL && node->status_topic != NULL && node->prefix != NULL ? 0
                                                                                         : -ENOMEM;
}

static int new_parts(struct mqtt_node *node, const struct mqtt_node_options *options)
{
    int r = copy_names(node, options);
    if (r == 0) {
        r = new_link(node, options->broker);
    }
    if (r == 0) {
        r = lvq_new(publish_on_link, node->link, &node->queue);
    }
    if (r == 0) {
        r = add_status(node);
    }
    if (r == 0 && options->broker->tls != NULL) {
        r = tls_watch_new(node->loop, options->broker->tls, &node->tls);
    }
    return r == 0 ? open_ledger(node, options) : r;
}

int64_t mqtt_node_patience_us(const struct broker_config *config)
{
    return STUCK_PATIENCE_US + 2 * (config->retry_max_us + config->connect_timeout_us);
}

int mqtt_node_new(struct loop *loop, const struct mqtt_node_options *options,
                  const struct mqtt_node_handler *handler, struct mqtt_node **ret)
{
    struct mqtt_node *node = calloc(1, sizeof(*node));
    if (node == NULL) {
        return -ENOMEM;
    }
    node->loop = loop;
    node->handler = *handler;
    node->gate = options->gate;
    node->intake.limits = options->broker->limits;
    node->intake.seed = (uint64_t)loop_realtime_us(loop);
    node->online = options->online;
    node->offline = options->offline;
    node->patience_us = mqtt_node_patience_us(options->broker);
    node->leave = (struct timer){.fn = mqtt_node_on_leave, .context = node};
    int r = new_parts(node, options);
    if (r < 0) {
        mqtt_node_free(node);
        return r;
    }
    *ret = node;
    return 0;
}

void mqtt_node_free(struct mqtt_node *node)
{
    if (node == NULL) {
        return;
    }
    loop_timer_cancel(node->loop, &node->leave);
    mqtt_node_drop_change(node->next);
    mqtt_link_free(node->link);
    tls_watch_free(node->tls);
    retained_ledger_close(node->ledger);
    lvq_free(node->queue);
    free(node->client_id);
    free(node->status_topic);
    free(node->prefix);
    free(node);
}

int mqtt_node_claim(struct mqtt_node *node)
{
    int r = lvq_claim(node->queue);
    return r == 0 ? add_status(node) : r;
}

void mqtt_node_claim_rest(struct mqtt_node *node)
{
    lvq_claim_rest(node->queue, loop_now_us(node->loop));
    settle_ledger(node);
}

void mqtt_node_hand_over(struct mqtt_node *node, const struct mqtt_node_handler *handler)
{
    node->handler = *handler;
}

void mqtt_node_start(struct mqtt_node *node)
{
    const struct lvq_item item = {.slot = node->status_slot,
                                  .payload = node->online,
                                  .length = strlen(node->online),
                                  .qos = 1};
    settle_ledger(node);
    lvq_put(node->queue, &item, loop_now_us(node->loop));
    tls_watch_look(node->tls);
    mqtt_link_start(node->link);
}

void mqtt_node_stop(struct mqtt_node *node)
{
    const struct mqtt_publish last = mqtt_node_last_word(node);
    node->stopping = true;
    loop_timer_cancel(node->loop, &node->leave);
    mqtt_link_stop(node->link, &last, MQTT_NODE_STOP_PATIENCE_US);
}

bool mqtt_node_is_stuck(struct mqtt_node *node)
{
    const struct mqtt_link_stats stats = mqtt_link_stats(node->link);
    bool connected = stats.version != MQTT_VERSION_AUTO;
    uint64_t moves = stats.attempts + stats.connects + stats.received + stats.acknowledged +
                     stats.refused + stats.lost;
    return standstill_look(&node->standstill, !connected || stats.outstanding > 0, moves,
                           loop_now_us(node->loop)) > node->patience_us;
}

struct mqtt_link *mqtt_node_link(struct mqtt_node *node)
{
    return node->link;
}

struct lvq *mqtt_node_queue(struct mqtt_node *node)
{
    return node->queue;
}

struct mqtt_node_stats mqtt_node_stats(const struct mqtt_node *node)
{
    struct mqtt_node_stats stats = {
        .link = mqtt_link_stats(node->link),
        .intake = node->intake.stats,
        .certificates = tls_watch_ends(node->tls),
        .wall_s = loop_realtime_us(node->loop) / US_PER_S,
    };
    if (node->ledger != NULL) {
        stats.retained = retained_ledger_stats(node->ledger);
    }
    return stats;
}

void mqtt_node_tell(const struct counter_sink *sink, const struct mqtt_node_stats *stats)
{
    mqtt_link_stats_tell(sink, &stats->link);
    tls_ends_tell(sink, &stats->certificates, stats->wall_s);
    retained_ledger_tell(sink, &stats->retained);
    intake_tell(sink, &stats->intake);
}
