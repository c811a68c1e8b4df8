#include "tests/fuzz/fake_link.h"

#include "common/mqtt_link_move.h"
#include "common/mqtt_link_options.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define OUTSTANDING_MAX   1000
#define SUBSCRIPTIONS_MAX 4096

struct mqtt_link {
    struct mqtt_link_handler handler;
    struct mqtt_address address;
    struct mqtt_link_stats stats;
    size_t max_outstanding;
    uint64_t outstanding[OUTSTANDING_MAX]; /* tokens, in order */
    size_t count;
    bool full; /* somebody was refused: `room` is to be told */
    bool up;
    bool stopped;
    size_t subscriptions;
};

/* mqtt_link.h has no other way to find it; one daemon lives at a time. */
static struct mqtt_link *newest;
static fake_link_publish_fn watch;

void fake_link_watch(fake_link_publish_fn fn)
{
    watch = fn;
}

struct mqtt_link *fake_link_get(void)
{
    return newest;
}

void fake_link_receive(struct mqtt_link *link, const struct mqtt_received *message)
{
    if (link->up) {
        link->stats.received++;
        link->handler.message(link->handler.context, message);
    }
}

static void settle(struct mqtt_link *link, enum mqtt_fate fate)
{
    uint64_t tokens[OUTSTANDING_MAX];
    size_t count = link->count;
    memcpy(tokens, link->outstanding, sizeof(tokens));
    link->count = 0;
    *(fate == MQTT_LOST ? &link->stats.lost : &link->stats.acknowledged) += count;
    for (size_t i = 0; i < count; i++) {
        if (tokens[i] != 0 && link->handler.acknowledged != NULL) {
            link->handler.acknowledged(link->handler.context, tokens[i], fate);
        }
    }
}

void fake_link_acknowledge(struct mqtt_link *link)
{
    settle(link, MQTT_ACKNOWLEDGED);
    if (link->full && link->up) {
        link->full = false;
        link->handler.room(link->handler.context);
    }
}

static void come_up(struct mqtt_link *link)
{
    link->up = true;
    link->stats.attempts++;
    link->stats.connects++;
    link->handler.up(link->handler.context, false);
}

static void connect_anew(struct mqtt_link *link, const struct mqtt_down *down)
{
    if (!link->up) {
        return;
    }
    link->up = false;
    link->full = false;
    link->stats.ends[down->end]++;
    settle(link, MQTT_LOST);
    link->handler.down(link->handler.context, down);
    if (!link->stopped) {
        come_up(link);
    }
}

void fake_link_reconnect(struct mqtt_link *link)
{
    const struct mqtt_down down = {MQTT_END_LOST, 0, "the fake broker is silent"};
    connect_anew(link, &down);
}

/* ---- mqtt_link.h ------------------------------------------------------------------------- */

int mqtt_link_new(struct loop *loop, const struct mqtt_link_options *options,
                  const struct mqtt_link_handler *handler, struct mqtt_link **ret)
{
    (void)loop;
    require(options->max_outstanding >= 1 && options->max_outstanding <= OUTSTANDING_MAX);
    struct mqtt_link *link = fuzz_alloc(1, sizeof(*link));
    link->handler = *handler;
    link->address = (struct mqtt_address){"fake", options->addresses[0].port};
    link->max_outstanding = options->max_outstanding;
    newest = link;
    *ret = link;
    return 0;
}

void mqtt_link_free(struct mqtt_link *link)
{
    newest = newest == link ? NULL : newest;
    free(link);
}

void mqtt_link_start(struct mqtt_link *link)
{
    come_up(link);
}

void mqtt_link_stop(struct mqtt_link *link, const struct mqtt_publish *last, int64_t patience_us)
{
    (void)patience_us;
    if (last != NULL && link->up) {
        watch(last);
    }
    link->up = false;
    link->stopped = true;
    settle(link, MQTT_LOST);
    link->handler.stopped(link->handler.context);
}

void mqtt_link_move(struct mqtt_link *link, struct mqtt_link_options *take,
                    const struct mqtt_publish *last, int64_t patience_us)
{
    const struct mqtt_down down = {MQTT_END_LOST, 0, "on to another fake broker"};
    (void)patience_us;
    mqtt_link_options_free(take);
    if (last != NULL && link->up) {
        watch(last);
    }
    connect_anew(link, &down);
}

void mqtt_link_set_waits(struct mqtt_link *link, const struct mqtt_link_options *options)
{
    (void)link;
    require(options->retry_min_us <= options->retry_max_us);
}

enum mqtt_publish_result mqtt_link_publish(struct mqtt_link *link,
                                           const struct mqtt_publish *publish)
{
    if (!link->up) {
        return MQTT_OFFLINE;
    }
    if (publish->qos > 0 && link->count == link->max_outstanding) {
        link->full = true;
        return MQTT_WINDOW_FULL;
    }
    watch(publish);
    link->stats.published++;
    if (publish->qos > 0) {
        link->outstanding[link->count++] = publish->token;
    }
    return MQTT_PUBLISHED;
}

void mqtt_link_hold(struct mqtt_link *link)
{
    (void)link;
}

void mqtt_link_release(struct mqtt_link *link)
{
    (void)link;
}

size_t mqtt_link_room(const struct mqtt_link *link)
{
    return link->up ? link->max_outstanding - link->count : 0;
}

int mqtt_link_subscribe(struct mqtt_link *link, const struct mqtt_subscription *subscription)
{
    require(subscription->filter[0] != '\0');
    require(link->subscriptions < SUBSCRIPTIONS_MAX);
    link->subscriptions++;
    return 0;
}

void mqtt_link_unsubscribe(struct mqtt_link *link, const char *filter)
{
    (void)filter;
    require(link->subscriptions > 0);
    link->subscriptions--;
}

const struct mqtt_address *mqtt_link_address(const struct mqtt_link *link)
{
    return &link->address;
}

struct mqtt_link_stats mqtt_link_stats(const struct mqtt_link *link)
{
    struct mqtt_link_stats stats = link->stats;
    stats.outstanding = link->count;
    stats.version = link->up ? MQTT_VERSION_5 : MQTT_VERSION_AUTO;
    return stats;
}
