#include "edge-gateway/app/actuations.h"

#include "common/asker.h"
#include "common/clock.h"
#include "common/log.h"
#include "edge-gateway/app/fences.h"
#include "edge-gateway/command/sender_clocks.h"
#include "topics/json_writer.h"
#include "topics/payload_node.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_US (10 * US_PER_MS) /* a full transmit queue drains a frame in about 0.1 ms */

/* One settable message, and the wish that waits for the bus, if any. */
struct actuation {
    struct actuations *owner;
    size_t bus;
    struct command *command;
    struct asker asker;
    size_t fence; /* of the frame that waits */
    struct timer timer;
};

struct actuations {
    const struct gateway_plan *plan;
    struct environment env;
    struct mqtt_link *link;
    struct fences *fences;
    struct sender_clocks clocks;
    int (*send)(void *context, size_t bus, const struct frame *frame);
    void *context;
    struct actuation *items; /* the rules of all buses, in their order */
    size_t count;
    struct actuations_stats stats;
};

static void answer(struct actuations *a, const struct asker *asker, enum command_result result,
                   const char *error)
{
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, sizeof(text));
    if (result == COMMAND_ACCEPTED) {
        payload_response_ok(&w, asker_transaction(asker));
    } else {
        payload_response_error(&w, asker_transaction(asker), error);
    }
    if (json_writer_finish(&w, &length) == 0 &&
        asker_answer(asker, a->link, text, length) != MQTT_PUBLISHED) {
        a->stats.unanswered++; /* of no use later */
    }
}

static void refuse(struct actuations *a, const struct asker *asker, enum command_result result,
                   const char *what, const char *error)
{
    a->stats.refused[result]++;
    log_warning("command", "%s refused (%s): %s", what, command_result_text(result), error);
    answer(a, asker, result, error);
}

static const char *message_name(const struct actuation *item)
{
    return command_message(item->command)->name;
}

static void give_up(struct actuation *item, enum command_result result, const char *error)
{
    struct actuations *a = item->owner;
    command_given_up(item->command);
    a->stats.waiting--;
    refuse(a, &item->asker, result, message_name(item), error);
}

static void arm(struct actuation *item, int64_t retry_us)
{
    int64_t send_us = command_send_us(item->command);
    int64_t expiry_us = command_expiry_us(item->command);
    int64_t next_us = send_us > retry_us ? send_us : retry_us;
    loop_timer_at(item->owner->env.loop, &item->timer, next_us < expiry_us ? next_us : expiry_us);
}

/* Sends the waiting frame if its time has come and the bus takes it. */
static void try_send(struct actuation *item)
{
    struct actuations *a = item->owner;
    int64_t now_us = loop_now_us(a->env.loop);
    if (!command_is_waiting(item->command)) {
        return;
    }
    if (now_us >= command_expiry_us(item->command)) {
        give_up(item, COMMAND_EXPIRED, "it could not be sent within its time to live");
        return;
    }
    if (now_us < command_send_us(item->command)) {
        arm(item, now_us);
        return;
    }
    int r = a->send(a->context, item->bus, command_frame(item->command));
    if (r == -EOPNOTSUPP || r == -EINVAL) {
        give_up(item, COMMAND_REJECTED_BY_BUS, "this bus cannot send the frame");
    } else if (r < 0) {
        arm(item, now_us + RETRY_US);
    } else {
        command_sent(item->command, now_us);
        a->stats.waiting--;
        a->stats.sent++;
        loop_timer_cancel(a->env.loop, &item->timer);
        log_info("command", "%s sent on %s", message_name(item),
                 a->plan->buses[item->bus].config->name);
        answer(a, &item->asker, COMMAND_ACCEPTED, NULL);
    }
}

static void on_timer(void *context)
{
    try_send(context);
}

static int add_items(struct actuations *a)
{
    size_t total = 0;
    for (size_t bus = 0; bus < a->plan->config->bus_count; bus++) {
        total += a->plan->buses[bus].command_count;
    }
    a->items = calloc(total + 1, sizeof(struct actuation));
    if (a->items == NULL) {
        return -ENOMEM;
    }
    for (size_t bus = 0; bus < a->plan->config->bus_count; bus++) {
        for (size_t i = 0; i < a->plan->buses[bus].command_count; i++) {
            struct actuation *item = &a->items[a->count];
            *item = (struct actuation){.owner = a,
                                       .bus = bus,
                                       .fence = FENCE_NONE,
                                       .timer = {.fn = on_timer, .context = item}};
            int r = command_new(&a->plan->buses[bus].commands[i], &item->command);
            if (r < 0) {
                return r;
            }
            a->count++;
        }
    }
    return 0;
}

int actuations_new(const struct actuations_options *options, struct actuations **ret)
{
    struct actuations *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        return -ENOMEM;
    }
    a->plan = options->plan;
    a->env = *options->environment;
    a->link = options->link;
    a->send = options->send;
    a->context = options->context;
    int r = add_items(a);
    r = r < 0 ? r : fences_new(a->plan, &a->env, options->follows, &a->fences);
    if (r < 0) {
        actuations_free(a);
        return r;
    }
    *ret = a;
    return 0;
}

void actuations_free(struct actuations *actuations)
{
    if (actuations == NULL) {
        return;
    }
    for (size_t i = 0; i < actuations->count; i++) {
        loop_timer_cancel(actuations->env.loop, &actuations->items[i].timer);
        command_free(actuations->items[i].command);
    }
    fences_free(actuations->fences);
    free(actuations->items);
    free(actuations);
}

int actuations_subscribe(struct actuations *actuations)
{
    char filter[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {
        .kind = TOPIC_MESSAGE_SET, .site = actuations->env.site, .node = actuations->env.node};
    int r = topic_filter_format(actuations->env.prefix, &topic, filter, sizeof(filter));
    if (r < 0) {
        return r;
    }
    const struct mqtt_subscription subscription = {.filter = filter, .qos = 1};
    return mqtt_link_subscribe(actuations->link, &subscription);
}

static struct actuation *find(struct actuations *a, const struct topic_parsed *topic)
{
    for (size_t i = 0; i < a->count; i++) {
        struct actuation *item = &a->items[i];
        if (strcmp(command_message(item->command)->name, topic->message) == 0 &&
            strcmp(a->plan->buses[item->bus].config->name, topic->bus) == 0) {
            return item;
        }
    }
    return NULL;
}

/* What a leader had asked for before it was replaced does not go out after it. */
static void drop_older(struct actuations *a, size_t fence)
{
    for (size_t i = 0; i < a->count; i++) {
        struct actuation *item = &a->items[i];
        if (item->fence == fence && command_is_waiting(item->command)) {
            loop_timer_cancel(a->env.loop, &item->timer);
            give_up(item, COMMAND_STALE_EPOCH, "another node leads now");
        }
    }
}

/* When the wish began to wait, for all that we know of it. */
static int64_t waits_since_us(struct actuations *a, const struct payload_set *set)
{
    int64_t unread_us = loop_unread_since_us(a->env.loop);
    int64_t late_us =
        set->has_sent ? sender_clocks_late_us(&a->clocks, &set->sent, clock_boottime_us()) : 0;
    int64_t sent_us = loop_now_us(a->env.loop) - late_us;
    return sent_us < unread_us ? sent_us : unread_us;
}

/* What has outlived itself on its way is no order any more, and replaces none. */
static bool is_late(const struct actuations *a, const struct actuation *item,
                    const struct payload_set *set, int64_t since_us, struct command_error *reterr)
{
    int64_t waited_us = loop_now_us(a->env.loop) - since_us;
    int64_t ttl_us = command_ttl_us(item->command, set);
    if (!set->has_sent || waited_us < ttl_us) {
        return false; /* without a stamp it expires */
    }
    (void)snprintf(reterr->text, sizeof(reterr->text),
                   "it was on its way for %.1f s, and its time to live is %.1f s",
                   (double)waited_us / US_PER_S, (double)ttl_us / US_PER_S);
    return true;
}

static void offer(struct actuations *a, struct actuation *item, const struct payload_set *set,
                  const struct asker *asker)
{
    struct command_error error;
    int64_t since_us = waits_since_us(a, set);
    struct fence_pass pass;
    bool superseded = false;
    enum command_result result = fences_admit(a->fences, command_group(item->command),
                                              set->has_master ? &set->master : NULL, &pass, &error);
    if (result == COMMAND_ACCEPTED) {
        if (pass.raised) {
            drop_older(a, pass.fence);
        }
        result = is_late(a, item, set, since_us, &error)
                     ? COMMAND_LATE
                     : command_offer(item->command, set, since_us, &superseded, &error);
    }
    if (result != COMMAND_ACCEPTED) {
        refuse(a, asker, result, command_message(item->command)->name, error.text);
        return;
    }
    if (superseded) {
        a->stats.superseded++;
        a->stats.waiting--;
        answer(a, &item->asker, COMMAND_EXPIRED, "superseded by a newer wish");
    }
    a->stats.waiting++;
    item->asker = *asker;
    item->fence = pass.fence;
    try_send(item);
}

/* Who gave a transaction, but no response topic, hears of it on our own topic. */
static void note_asker(const struct actuations *a, const struct mqtt_received *message,
                       const char *transaction, struct asker *ret)
{
    char own[TOPIC_MAX_BYTES + 1] = "";
    const struct topic topic = {
        .kind = TOPIC_RESPONSE, .site = a->env.site, .node = a->env.node, .verb = "set"};
    if (transaction != NULL && transaction[0] != '\0' &&
        topic_format(a->env.prefix, &topic, own, sizeof(own)) < 0) {
        own[0] = '\0'; /* a prefix so long that the topic does not fit */
    }
    asker_note(ret, message, topic_for_answer(a->env.prefix, message->response_topic), transaction,
               own);
}

bool actuations_on_message(struct actuations *actuations, const struct mqtt_received *message)
{
    struct actuations *a = actuations;
    struct topic_parsed topic;
    if (topic_parse(a->env.prefix, message->topic, &topic) < 0 || topic.kind != TOPIC_MESSAGE_SET ||
        strcmp(topic.node, a->env.node) != 0 || strcmp(topic.site, a->env.site) != 0) {
        return false;
    }
    struct asker asker;
    struct payload_set *set = NULL;
    struct payload_error error;
    struct actuation *item = find(a, &topic);
    a->stats.wished++;
    /* Decoded first: whoever gave a transaction is answered whatever the refusal. */
    bool decoded = payload_set_decode(message->payload, message->length, &set, &error) == 0;
    note_asker(a, message, decoded ? set->transaction : NULL, &asker);
    if (message->retain) {
        refuse(a, &asker, COMMAND_RETAINED, topic.message,
               "retained commands would act again at each connection");
    } else if (item == NULL) {
        refuse(a, &asker, COMMAND_NOT_ALLOWED, topic.message,
               "not among the commands of this bus in the configuration");
    } else if (!decoded) {
        refuse(a, &asker, COMMAND_MALFORMED, topic.message, error.text);
    } else {
        offer(a, item, set, &asker);
    }
    payload_set_free(set);
    return true;
}

void actuations_on_bus_ready(struct actuations *actuations, size_t bus)
{
    for (size_t i = 0; i < actuations->count; i++) {
        if (actuations->items[i].bus == bus) {
            try_send(&actuations->items[i]);
        }
    }
}

struct actuations_stats actuations_stats(const struct actuations *actuations)
{
    return actuations->stats;
}

static struct actuation *find_same(struct actuations *a, const struct actuation *item)
{
    const char *bus = item->owner->plan->buses[item->bus].config->name;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(message_name(&a->items[i]), message_name(item)) == 0 &&
            strcmp(a->plan->buses[a->items[i].bus].config->name, bus) == 0) {
            return &a->items[i];
        }
    }
    return NULL;
}

void actuations_adopt(struct actuations *actuations, struct actuations *from)
{
    struct actuations *a = actuations;
    for (size_t i = 0; i < from->count; i++) {
        struct actuation *old = &from->items[i];
        struct actuation *item = find_same(a, old);
        if (item != NULL && command_adopt(item->command, old->command)) {
            item->asker = old->asker;
            item->fence = old->fence;
        } else if (command_is_waiting(old->command)) {
            give_up(old, COMMAND_NOT_ALLOWED,
                    "the configuration was read anew meanwhile, and says otherwise");
        }
    }
    fences_adopt(a->fences, from->fences);
    a->clocks = from->clocks;
    a->stats = from->stats;
    for (size_t i = 0; i < a->count; i++) {
        if (command_is_waiting(a->items[i].command)) {
            arm(&a->items[i], loop_now_us(a->env.loop));
        }
    }
}
