#include "common/mqtt_link.h"

#include "common/backoff.h"
#include "common/mqtt_connection.h"
#include "common/mqtt_link_move.h"
#include "common/mqtt_link_options.h"
#include "common/mqtt_turns.h"

#include <errno.h>
#include <mosquitto.h>
#include <stdlib.h>
#include <string.h>

/* A connection that lasted this long was a good one: the next delay is short again. Two clients
 * with one id, which throw each other out at once, never get there and so back off. */
#define STABLE_US (30 * US_PER_S)

#define STOP_TOKEN UINT64_MAX

/* For the DISCONNECT to get past what is still unsent. */
#define LEAVE_US US_PER_S

/*
 * idle ──start──▶ connecting ──▶ up ──ended──▶ waiting ──back-off over──▶ connecting
 *                      └──failed──────────────────▲
 * stop: from up to stopping (last message sent, its acknowledgement awaited), then leaving
 * (DISCONNECT on its way), then stopped; from anywhere else to stopped.
 * move: the same, but for its end, which is connecting.
 */
enum link_state {
    LINK_IDLE,
    LINK_CONNECTING,
    LINK_UP,
    LINK_WAITING,
    LINK_STOPPING,
    LINK_LEAVING,
    LINK_STOPPED
};

struct subscription {
    struct mqtt_subscription options; /* filter is ours */
    int mid;                          /* of the SUBSCRIBE on the way; 0 = none */
};

struct mqtt_link {
    struct loop *loop;
    struct mqtt_link_options *options; /* a copy, ours */
    struct mqtt_link_options *next;    /* a copy that is moved to; NULL: the link stays, or stops */
    struct mqtt_link_handler handler;
    enum link_state state;
    struct mqtt_connection *connection;
    struct timer timer; /* back-off; patience while stopping */
    struct backoff backoff;
    struct mqtt_turns turns;
    int64_t up_us;
    struct subscription *subscriptions;
    size_t subscription_count;
    size_t subscription_capacity;
    struct mqtt_link_stats stats;
};

static void note_stopped(struct mqtt_link *link)
{
    link->state = LINK_STOPPED;
    loop_timer_cancel(link->loop, &link->timer);
    if (link->handler.stopped != NULL) {
        link->handler.stopped(link->handler.context);
    }
}

static void subscribe(struct mqtt_link *link, struct subscription *subscription)
{
    int mid = 0;
    /* A failure means that the connection is breaking; the next one subscribes again. */
    if (mqtt_connection_subscribe(link->connection, &subscription->options, &mid) == 0) {
        subscription->mid = mid;
    }
}

static void on_up(void *context, bool session_present)
{
    struct mqtt_link *link = context;
    link->state = LINK_UP;
    link->up_us = loop_now_us(link->loop);
    mqtt_turns_up(&link->turns);
    link->stats.connects++;
    for (size_t i = 0; i < link->subscription_count; i++) {
        subscribe(link, &link->subscriptions[i]);
    }
    if (link->handler.up != NULL) {
        link->handler.up(link->handler.context, session_present);
    }
}

static void turn_to_options(struct mqtt_link *link)
{
    mqtt_turns_init(&link->turns, link->options->address_count, link->options->version);
    backoff_init(&link->backoff, link->options->retry_min_us, link->options->retry_max_us,
                 link->options->seed);
}

static void use_next(struct mqtt_link *link)
{
    mqtt_link_options_free(link->options);
    link->options = link->next;
    link->next = NULL;
    turn_to_options(link);
}

/* When a good connection ends, the broker may have gone, and left a thousand others as well. */
static int64_t wait_us(struct mqtt_link *link, enum mqtt_end why, bool stable)
{
    bool all_had_their_turn = mqtt_turns_next(&link->turns, why, stable);
    if (stable) {
        backoff_reset(&link->backoff);
        if (link->options->reconnect_spread_us > 0) {
            return backoff_spread_us(&link->backoff, link->options->reconnect_spread_us);
        }
    }
    return all_had_their_turn ? backoff_next_us(&link->backoff) : backoff_other_us(&link->backoff);
}

static void on_ended(void *context, enum mqtt_end why, const char *reason)
{
    struct mqtt_link *link = context;
    bool stopping = link->state == LINK_STOPPING || link->state == LINK_LEAVING;
    bool stable = link->state == LINK_UP && loop_now_us(link->loop) - link->up_us >= STABLE_US;
    link->state = LINK_WAITING;
    link->stats.ends[why]++;
    if (link->handler.down != NULL) {
        const struct mqtt_down down = {why, link->turns.address, reason};
        link->handler.down(link->handler.context, &down);
    }
    mqtt_connection_free(link->connection);
    link->connection = NULL;
    if (stopping && link->next == NULL) {
        note_stopped(link);
        return;
    }
    if (stopping) {
        use_next(link);
        loop_timer_after(link->loop, &link->timer, 0);
        return;
    }
    if (link->state != LINK_WAITING) {
        return; /* the handler stopped the link */
    }
    loop_timer_after(link->loop, &link->timer, wait_us(link, why, stable));
}

static void on_message(void *context, const struct mqtt_received *message)
{
    struct mqtt_link *link = context;
    link->stats.received++;
    if (link->handler.message != NULL) {
        link->handler.message(link->handler.context, message);
    }
}

static void on_acknowledged(void *context, uint64_t token, enum mqtt_fate fate)
{
    struct mqtt_link *link = context;
    switch (fate) {
    case MQTT_ACKNOWLEDGED:
        link->stats.acknowledged++;
        break;
    case MQTT_REFUSED:
        link->stats.refused++;
        break;
    case MQTT_LOST:
        link->stats.lost++;
        break;
    }
    if (token == STOP_TOKEN) {
        if (link->state == LINK_STOPPING) {
            loop_timer_after(link->loop, &link->timer, 0);
        }
    } else if (token != 0 && link->handler.acknowledged != NULL) {
        link->handler.acknowledged(link->handler.context, token, fate);
    }
}

static void on_room(void *context)
{
    struct mqtt_link *link = context;
    if (link->state == LINK_UP && link->handler.room != NULL) {
        link->handler.room(link->handler.context);
    }
}

static void on_subscribed(void *context, int mid, bool granted)
{
    struct mqtt_link *link = context;
    for (size_t i = 0; i < link->subscription_count; i++) {
        struct subscription *subscription = &link->subscriptions[i];
        if (subscription->mid != mid) {
            continue;
        }
        subscription->mid = 0;
        if (!granted && link->handler.refused != NULL) {
            link->handler.refused(link->handler.context, subscription->options.filter);
        }
        return;
    }
}

static void connect_now(struct mqtt_link *link)
{
    const struct mqtt_connection_options options = {
        .link = link->options,
        .address = link->options->addresses[link->turns.address],
        .version = link->turns.version,
        .handler = {on_up, on_ended, on_message, on_acknowledged, on_room, on_subscribed, link},
    };
    link->state = LINK_CONNECTING;
    link->stats.attempts++;
    int r = mqtt_connection_open(link->loop, &options, &link->connection);
    if (r < 0) {
        link->connection = NULL;
        on_ended(link, MQTT_END_UNREACHABLE, strerror(-r));
    }
}

static void drop_connection(struct mqtt_link *link)
{
    mqtt_connection_free(link->connection);
    link->connection = NULL;
}

static void on_timer(void *context)
{
    struct mqtt_link *link = context;
    if (link->state == LINK_STOPPING) {
        link->state = LINK_LEAVING;
        loop_timer_after(link->loop, &link->timer, LEAVE_US);
        mqtt_connection_disconnect(link->connection);
    } else if (link->state == LINK_LEAVING) {
        on_ended(link, MQTT_END_LOST, "the broker reads no more");
    } else {
        connect_now(link);
    }
}

int mqtt_link_new(struct loop *loop, const struct mqtt_link_options *options,
                  const struct mqtt_link_handler *handler, struct mqtt_link **ret)
{
    struct mqtt_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return -ENOMEM;
    }
    link->loop = loop;
    link->handler = *handler;
    link->timer = (struct timer){.fn = on_timer, .context = link};
    int r = mqtt_link_options_copy(options, &link->options);
    /* Counted by the library; never undone, because an abandoned connecting thread may still need
     * it. It also ignores SIGPIPE for the process. */
    if (r == 0 && mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
        r = -ENOMEM;
    }
    if (r < 0) {
        mqtt_link_free(link);
        return r;
    }
    turn_to_options(link);
    *ret = link;
    return 0;
}

void mqtt_link_free(struct mqtt_link *link)
{
    if (link == NULL) {
        return;
    }
    link->state = LINK_STOPPED;
    loop_timer_cancel(link->loop, &link->timer);
    mqtt_connection_free(link->connection);
    for (size_t i = 0; i < link->subscription_count; i++) {
        free((char *)link->subscriptions[i].options.filter);
    }
    free(link->subscriptions);
    mqtt_link_options_free(link->options);
    mqtt_link_options_free(link->next);
    free(link);
}

void mqtt_link_start(struct mqtt_link *link)
{
    if (link->state == LINK_IDLE) {
        connect_now(link);
    }
}

/* Whatever the window holds: a disconnect without the last word would leave no will to say it. */
static bool publish_last(struct mqtt_link *link, const struct mqtt_publish *last)
{
    struct mqtt_publish publish = *last;
    publish.token = STOP_TOKEN;
    bool sent = mqtt_connection_publish_last(link->connection, &publish) == MQTT_PUBLISHED;
    link->stats.published += sent;
    return sent;
}

static void begin_to_leave(struct mqtt_link *link, const struct mqtt_publish *last,
                           int64_t patience_us)
{
    link->state = LINK_STOPPING;
    bool waiting = last != NULL && publish_last(link, last) && last->qos > 0;
    loop_timer_after(link->loop, &link->timer, waiting ? patience_us : 0);
}

static bool is_leaving(const struct mqtt_link *link)
{
    return link->state == LINK_STOPPING || link->state == LINK_LEAVING;
}

void mqtt_link_stop(struct mqtt_link *link, const struct mqtt_publish *last, int64_t patience_us)
{
    mqtt_link_options_free(link->next);
    link->next = NULL;
    if (is_leaving(link) || link->state == LINK_STOPPED) {
        return;
    }
    if (link->state != LINK_UP) {
        drop_connection(link);
        note_stopped(link);
        return;
    }
    begin_to_leave(link, last, patience_us);
}

void mqtt_link_move(struct mqtt_link *link, struct mqtt_link_options *take,
                    const struct mqtt_publish *last, int64_t patience_us)
{
    if (link->state == LINK_STOPPED || (is_leaving(link) && link->next == NULL)) {
        mqtt_link_options_free(take);
        return;
    }
    mqtt_link_options_free(link->next);
    link->next = take;
    switch (link->state) {
    case LINK_UP:
        begin_to_leave(link, last, patience_us);
        break;
    case LINK_CONNECTING:
    case LINK_WAITING:
        drop_connection(link);
        use_next(link);
        link->state = LINK_WAITING;
        loop_timer_after(link->loop, &link->timer, 0);
        break;
    case LINK_IDLE:
        use_next(link);
        break;
    case LINK_STOPPING:
    case LINK_LEAVING:
    case LINK_STOPPED:
        break; /* on its way already, and then to the newer ones */
    }
}

static void copy_waits(struct mqtt_link_options *to, const struct mqtt_link_options *from)
{
    to->connect_timeout_us = from->connect_timeout_us;
    to->retry_min_us = from->retry_min_us;
    to->retry_max_us = from->retry_max_us;
    to->reconnect_spread_us = from->reconnect_spread_us;
}

void mqtt_link_set_waits(struct mqtt_link *link, const struct mqtt_link_options *options)
{
    copy_waits(link->options, options);
    if (link->next != NULL) {
        copy_waits(link->next, options);
    }
    backoff_set_bounds(&link->backoff, options->retry_min_us, options->retry_max_us);
    if (link->state == LINK_WAITING) { /* perhaps for as long as was right before */
        loop_timer_after(link->loop, &link->timer, backoff_again_us(&link->backoff));
    }
}

enum mqtt_publish_result mqtt_link_publish(struct mqtt_link *link,
                                           const struct mqtt_publish *publish)
{
    if (link->state != LINK_UP) {
        return MQTT_OFFLINE;
    }
    enum mqtt_publish_result result = mqtt_connection_publish(link->connection, publish);
    if (result == MQTT_PUBLISHED) {
        link->stats.published++;
    }
    return result;
}

void mqtt_link_hold(struct mqtt_link *link)
{
    if (link->state == LINK_UP) {
        mqtt_connection_hold(link->connection);
    }
}

void mqtt_link_release(struct mqtt_link *link)
{
    if (link->state == LINK_UP) {
        mqtt_connection_release(link->connection);
    }
}

size_t mqtt_link_room(const struct mqtt_link *link)
{
    return link->state == LINK_UP ? mqtt_connection_room(link->connection) : 0;
}

/* 0, -ENOSPC or -ENOMEM. */
static int reserve_subscription(struct mqtt_link *link)
{
    if (link->subscription_count < link->subscription_capacity) {
        return 0;
    }
    if (link->subscription_capacity == MQTT_LINK_SUBSCRIPTIONS_MAX) {
        return -ENOSPC;
    }
    size_t capacity = link->subscription_capacity > 0 ? 2 * link->subscription_capacity : 16;
    struct subscription *grown =
        reallocarray(link->subscriptions, capacity, sizeof(*link->subscriptions));
    if (grown == NULL) {
        return -ENOMEM;
    }
    link->subscriptions = grown;
    link->subscription_capacity = capacity;
    return 0;
}

int mqtt_link_subscribe(struct mqtt_link *link, const struct mqtt_subscription *subscription)
{
    if (subscription->filter[0] == '\0' ||
        mosquitto_sub_topic_check(subscription->filter) != MOSQ_ERR_SUCCESS) {
        return -EINVAL;
    }
    int r = reserve_subscription(link);
    if (r < 0) {
        return r;
    }
    struct subscription *added = &link->subscriptions[link->subscription_count];
    *added = (struct subscription){.options = *subscription};
    added->options.filter = strdup(subscription->filter);
    if (added->options.filter == NULL) {
        return -ENOMEM;
    }
    link->subscription_count++;
    if (link->state == LINK_UP) {
        subscribe(link, added);
    }
    return 0;
}

void mqtt_link_unsubscribe(struct mqtt_link *link, const char *filter)
{
    for (size_t i = 0; i < link->subscription_count; i++) {
        struct subscription *found = &link->subscriptions[i];
        if (strcmp(found->options.filter, filter) != 0) {
            continue;
        }
        if (link->state == LINK_UP) {
            mqtt_connection_unsubscribe(link->connection, filter);
        }
        free((char *)found->options.filter);
        *found = link->subscriptions[--link->subscription_count];
        return;
    }
}

const struct mqtt_address *mqtt_link_address(const struct mqtt_link *link)
{
    return &link->options->addresses[link->turns.address];
}

struct mqtt_link_stats mqtt_link_stats(const struct mqtt_link *link)
{
    struct mqtt_link_stats stats = link->stats;
    stats.outstanding =
        link->connection != NULL ? mqtt_connection_outstanding(link->connection) : 0;
    stats.broker_until_s =
        link->state == LINK_UP ? mqtt_connection_broker_until_s(link->connection) : 0;
    stats.version = link->state == LINK_UP ? link->turns.version : MQTT_VERSION_AUTO;
    return stats;
}
