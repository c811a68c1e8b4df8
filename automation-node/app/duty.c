#include "automation-node/app/duty.h"

#include "automation-node/standby/ownership.h"
#include "common/log.h"
#include "common/mqtt_link.h"
#include "topics/json_writer.h"
#include "topics/payload_node.h"
#include "topics/topic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_PATIENCE_US (2 * US_PER_S) /* a broker that lets no claim through stops nobody */

_Static_assert(STANDBY_ID_SIZE > TOPIC_ID_MAX_BYTES, "a node's id fits");

struct duty {
    struct duty_options options;
    const struct standby_config *group; /* NULL: in none */
    struct standby standby;
    struct ownership *ownership;
    const char **devices;
    size_t claim_slot;
    struct timer timer;    /* of the group's protocol */
    struct timer patience; /* with the claim of a node in no group */
    bool settled;
    bool led; /* as it was told last */
    uint64_t beat;
    uint64_t malformed;
    struct payload_master master;
    char text[PAYLOAD_CLAIM_MAX_BYTES];
};

static const struct node_config *config_of(const struct duty *d)
{
    return d->options.plan->config;
}

/* ---- what is said ---- */

static const enum payload_role roles[] = {
    [STANDBY_SAYS_STANDBY] = PAYLOAD_ROLE_STANDBY,
    [STANDBY_SAYS_CANDIDATE] = PAYLOAD_ROLE_CANDIDATE,
    [STANDBY_SAYS_LEADER] = PAYLOAD_ROLE_LEADER,
    [STANDBY_SAYS_RELEASED] = PAYLOAD_ROLE_RELEASED,
};

static int write_text(struct duty *d, const struct payload_node_claim *claim, size_t *ret_length)
{
    struct json_writer w;
    json_writer_init(&w, d->text, sizeof(d->text));
    payload_node_claim_write(&w, claim);
    return json_writer_finish(&w, ret_length);
}

static size_t write_claim(struct duty *d, struct payload_node_claim *claim)
{
    size_t length = 0;
    claim->devices = d->devices;
    claim->device_count = config_of(d)->device_count;
    if (write_text(d, claim, &length) < 0) { /* thousands of devices: it goes without them */
        claim->device_count = 0;
        return write_text(d, claim, &length) < 0 ? 0 : length;
    }
    return length;
}

static void put(struct duty *d, size_t length)
{
    const struct lvq_item item = {.slot = d->claim_slot,
                                  .payload = d->text,
                                  .length = length,
                                  .qos = topic_traits(TOPIC_CLAIM)->qos};
    lvq_put(d->options.queue, &item, loop_now_us(d->options.loop));
}

static int claim_topic(const struct duty *d, char *text)
{
    const struct node_config *config = config_of(d);
    const struct topic topic = {.kind = TOPIC_CLAIM, .site = config->site, .node = config->node};
    return topic_format(config->broker.prefix, &topic, text, TOPIC_MAX_BYTES + 1);
}

/* A greeting: the broker does not keep it. One that does not leave is followed by another. */
static void greet(const struct duty *d, size_t length)
{
    char topic[TOPIC_MAX_BYTES + 1];
    const struct mqtt_publish greeting = {
        .topic = topic, .payload = d->text, .length = length, .qos = 1};
    if (claim_topic(d, topic) < 0 ||
        mqtt_link_publish(d->options.link, &greeting) != MQTT_PUBLISHED) {
        log_debug("standby", "a greeting did not leave");
    }
}

static void claim_alone(struct duty *d)
{
    struct payload_node_claim claim = {.role = PAYLOAD_ROLE_ALONE, .beat = ++d->beat};
    put(d, write_claim(d, &claim));
}

static void claim_in_group(struct duty *d)
{
    struct standby_claim said;
    while (standby_take_claim(&d->standby, &said, loop_now_us(d->options.loop))) {
        struct payload_node_claim claim = {.role = roles[said.role],
                                           .group = d->group->group,
                                           .rank = said.rank,
                                           .epoch = said.epoch,
                                           .beat = said.beat,
                                           .to = said.to};
        size_t length = write_claim(d, &claim);
        if (said.retain) {
            put(d, length);
        } else {
            greet(d, length);
        }
    }
}

static void log_state(const struct duty *d)
{
    const char *why = standby_cause_text(d->standby.cause);
    if (duty_leads(d)) {
        log_notice("standby", "leads the group %s with epoch %" PRIu64 ": %s", d->group->group,
                   standby_epoch(&d->standby), why);
    } else {
        log_notice("standby", "leads the group %s no longer: %s", d->group->group, why);
    }
}

/* After anything that may have changed the state. */
static void follow_up(struct duty *d)
{
    if (d->group == NULL) {
        return;
    }
    standby_tick(&d->standby, loop_now_us(d->options.loop));
    claim_in_group(d);
    int64_t deadline_us = standby_deadline(&d->standby);
    if (deadline_us == INT64_MAX) {
        loop_timer_cancel(d->options.loop, &d->timer);
    } else {
        loop_timer_at(d->options.loop, &d->timer, deadline_us);
    }
    if (duty_leads(d) != d->led) {
        d->led = !d->led;
        log_state(d);
        d->options.turned(d->options.context);
    }
}

static void on_timer(void *context)
{
    follow_up(context);
}

/* ---- whose device it is ---- */

static void log_conflicts(const struct duty *d)
{
    const struct node_config *config = config_of(d);
    for (size_t i = 0; i < config->device_count; i++) {
        const char *other = ownership_other(d->ownership, i);
        if (other != NULL) {
            log_error("standby",
                      "device '%s' is claimed by both %s and %s, which are no group: %s was first, "
                      "so %s does not drive it - take it out of one of the two configurations",
                      config->devices[i].name, other, config->node, other, config->node);
        }
    }
}

static void settle(struct duty *d)
{
    loop_timer_cancel(d->options.loop, &d->patience);
    d->settled = true;
    d->options.settled(d->options.context);
}

static void on_patience(void *context)
{
    struct duty *d = context;
    log_warning("standby", "the claim of this node does not come back from the broker: whether "
                           "others claim its devices is not known");
    settle(d);
}

static void on_own_claim(struct duty *d, const struct mqtt_received *message)
{
    if (!message->retain && ownership_settle(d->ownership)) {
        log_conflicts(d);
        settle(d);
    }
}

static void hear_devices(struct duty *d, const char *node, const struct payload_node_claim *claim)
{
    const struct node_config *config = config_of(d);
    const struct ownership_claim theirs = {node, claim->group, claim->devices, claim->device_count};
    size_t before = ownership_conflicts(d->ownership);
    bool had_rivals = ownership_has_rivals(d->ownership);
    ownership_hear(d->ownership, &theirs);
    if (!had_rivals && ownership_has_rivals(d->ownership) && d->settled) {
        log_warning("standby",
                    "%s claims devices of %s, too, and does not drive them: it came later", node,
                    config->node);
    }
    if (ownership_conflicts(d->ownership) < before) {
        log_notice("standby", "%s claims less than before: %s drives what is its own again", node,
                   config->node);
        settle(d);
    }
}

/* ---- what is heard ---- */

static bool to_role(enum payload_role role, enum standby_role *ret)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (roles[i] == role) {
            *ret = (enum standby_role)i;
            return true;
        }
    }
    return false;
}

static void hear_group(struct duty *d, const char *node, const struct payload_node_claim *claim,
                       bool retained)
{
    struct standby_claim said = {.node = node,
                                 .rank = (unsigned)claim->rank,
                                 .epoch = claim->epoch,
                                 .beat = claim->beat,
                                 .to = claim->to};
    if (d->group == NULL || claim->group == NULL || strcmp(claim->group, d->group->group) != 0 ||
        !to_role(claim->role, &said.role)) {
        return;
    }
    if (claim->rank == (uint64_t)d->group->rank && strcmp(node, config_of(d)->node) != 0 &&
        retained) {
        log_warning("standby", "%s has the rank %" PRIu64 " in the group %s as well as %s", node,
                    claim->rank, d->group->group, config_of(d)->node);
    }
    standby_hear(&d->standby, &said, retained, loop_now_us(d->options.loop));
}

static void on_claim(struct duty *d, const char *node, const struct mqtt_received *message)
{
    struct payload_node_claim claim = {0};
    struct payload_error error;
    if (message->length > 0 &&
        payload_node_claim_decode(message->payload, message->length, &claim, &error) < 0) {
        d->malformed++;
        log_debug("standby", "claim of %s: %s", node, error.text);
        return;
    }
    if (message->length > 0) {
        hear_group(d, node, &claim, message->retain);
    }
    if (strcmp(node, config_of(d)->node) == 0) {
        on_own_claim(d, message);
    } else {
        hear_devices(d, node, &claim);
    }
    payload_node_claim_deinit(&claim);
    follow_up(d);
}

static void on_status(struct duty *d, const char *node, const struct mqtt_received *message)
{
    bool online;
    if (payload_status_from_text(message->payload, message->length, &online)) {
        ownership_hear_status(d->ownership, node, online);
        standby_hear_status(&d->standby, node, online);
        follow_up(d);
    }
}

static void on_fence(void *context, const struct payload_master *master)
{
    struct duty *d = context;
    if (strcmp(master->group, d->group->group) == 0) {
        standby_hear_fence(&d->standby, master->node, master->epoch, loop_now_us(d->options.loop));
    }
}

static void on_fences(struct duty *d, const struct mqtt_received *message)
{
    struct payload_error error;
    if (d->group != NULL && message->length > 0 &&
        payload_fences_decode(message->payload, message->length, on_fence, d, &error) < 0) {
        d->malformed++;
    }
    follow_up(d);
}

bool duty_on_message(struct duty *duty, const struct mqtt_received *message)
{
    const struct node_config *config = config_of(duty);
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        strcmp(topic.site, config->site) != 0) {
        return false;
    }
    if (topic.kind == TOPIC_STATUS) {
        on_status(duty, topic.node, message);
        return false; /* of a gateway it says how far its readings are to be trusted */
    }
    if (topic.kind == TOPIC_CLAIM) {
        on_claim(duty, topic.node, message);
    } else if (topic.kind == TOPIC_FENCES) {
        on_fences(duty, message);
    }
    return topic.kind == TOPIC_CLAIM || topic.kind == TOPIC_FENCES;
}

/* ---- life ---- */

static int add_slot(struct duty *d)
{
    char text[TOPIC_MAX_BYTES + 1];
    int r = claim_topic(d, text);
    if (r < 0) {
        return r;
    }
    const struct lvq_slot_options options = {text, sizeof(d->text), true};
    return lvq_add(d->options.queue, &options, &d->claim_slot);
}

static int new_parts(struct duty *d)
{
    const struct node_config *config = config_of(d);
    d->devices = calloc(config->device_count + 1, sizeof(*d->devices));
    if (d->devices == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < config->device_count; i++) {
        d->devices[i] = config->devices[i].name;
    }
    const struct ownership_claim own = {config->node, d->group != NULL ? d->group->group : NULL,
                                        d->devices, config->device_count};
    int r = ownership_new(&own, &d->ownership);
    return r == 0 ? add_slot(d) : r;
}

static struct standby_options standby_options_of(const struct duty *d)
{
    return (struct standby_options){.node = config_of(d)->node,
                                    .rank = (unsigned)d->group->rank,
                                    .takeover_us = d->group->takeover_after_us,
                                    .first_beat = (uint64_t)loop_realtime_us(d->options.loop)};
}

int duty_new(const struct duty_options *options, struct duty **ret)
{
    struct duty *d = calloc(1, sizeof(*d));
    if (d == NULL) {
        return -ENOMEM;
    }
    d->options = *options;
    d->group = options->plan->config->standby;
    d->timer = (struct timer){.fn = on_timer, .context = d};
    d->patience = (struct timer){.fn = on_patience, .context = d};
    d->beat = (uint64_t)loop_realtime_us(options->loop);
    if (d->group != NULL) {
        const struct standby_options standby = standby_options_of(d);
        standby_init(&d->standby, &standby, loop_now_us(options->loop));
    }
    d->led = d->group == NULL;
    int r = new_parts(d);
    if (r < 0) {
        duty_free(d);
        return r;
    }
    *ret = d;
    return 0;
}

void duty_free(struct duty *duty)
{
    if (duty != NULL) {
        loop_timer_cancel(duty->options.loop, &duty->timer);
        loop_timer_cancel(duty->options.loop, &duty->patience);
        ownership_free(duty->ownership);
        free(duty->devices);
        free(duty);
    }
}

/* Claims first: what comes of the others is about nodes that are known then. */
int duty_subscribe(const struct duty *duty, int (*subscribe)(void *context, const char *filter),
                   void *context)
{
    static const enum topic_kind kinds[] = {TOPIC_CLAIM, TOPIC_STATUS, TOPIC_FENCES};
    const struct node_config *config = config_of(duty);
    size_t count = sizeof(kinds) / sizeof(kinds[0]) - (duty->group == NULL ? 1 : 0);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        char filter[TOPIC_MAX_BYTES + 1];
        const struct topic topic = {.kind = kinds[i], .site = config->site};
        r = topic_filter_format(config->broker.prefix, &topic, filter, sizeof(filter));
        r = r == 0 ? subscribe(context, filter) : r;
    }
    return r;
}

static void wait_for_claim(struct duty *d)
{
    loop_timer_after(d->options.loop, &d->patience, SETTLE_PATIENCE_US);
    if (d->group == NULL) {
        claim_alone(d);
    }
}

static bool has_same_devices(const struct duty *d, const struct duty *old)
{
    size_t count = config_of(d)->device_count;
    bool same = count == config_of(old)->device_count;
    for (size_t i = 0; same && i < count; i++) {
        same = strcmp(d->devices[i], old->devices[i]) == 0;
    }
    return same;
}

/* What others claim is told again by the broker when it is subscribed to anew. */
static void ask_again(struct duty *d)
{
    char filter[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {.kind = TOPIC_CLAIM, .site = config_of(d)->site};
    const struct mqtt_subscription subscription = {.filter = filter, .qos = 1};
    if (topic_filter_format(config_of(d)->broker.prefix, &topic, filter, sizeof(filter)) < 0) {
        return; /* cannot be: it was subscribed to before */
    }
    mqtt_link_unsubscribe(d->options.link, filter);
    if (mqtt_link_subscribe(d->options.link, &subscription) < 0) {
        log_error("standby", "what other nodes claim cannot be asked for");
    }
}

static void take_over(struct duty *duty, struct duty *old)
{
    if (duty->group != NULL) {
        duty->standby = old->standby;
        duty->standby.options.node = config_of(duty)->node;
        duty->led = old->led;
    }
    duty->malformed = old->malformed;
    if (has_same_devices(duty, old)) {
        struct ownership *ownership = duty->ownership;
        duty->ownership = old->ownership;
        ownership_set_own(duty->ownership, duty->devices);
        old->ownership = ownership;
        duty->settled = old->settled;
    } else {
        ask_again(duty);
        duty->standby.claim_due = true;
        wait_for_claim(duty);
    }
}

void duty_start(struct duty *duty, struct duty *old)
{
    if (old != NULL) {
        take_over(duty, old);
    } else {
        wait_for_claim(duty);
    }
    follow_up(duty);
}

void duty_on_link(struct duty *duty, bool up)
{
    int64_t now_us = loop_now_us(duty->options.loop);
    if (up) {
        ownership_up(duty->ownership);
    }
    if (duty->group != NULL && up) {
        standby_up(&duty->standby, now_us);
    } else if (duty->group != NULL) {
        standby_down(&duty->standby, now_us);
    }
    follow_up(duty);
}

bool duty_leads(const struct duty *duty)
{
    return duty->group == NULL || duty->standby.state == STANDBY_LEADER;
}

/* A device at the end of a wire is nobody else's, whatever another machine calls its own. */
static bool is_at_hand(const struct duty *d, size_t device)
{
    enum driver_kind kind = d->options.plan->drivers[device].kind;
    return kind == DRIVER_GPIO || kind == DRIVER_SIMULATED;
}

bool duty_may_drive(const struct duty *duty, size_t device)
{
    int64_t now_us = clock_system.monotonic_us(clock_system.context);
    if (duty->group != NULL && !standby_leads(&duty->standby, now_us)) {
        return false;
    }
    return ownership_other(duty->ownership, device) == NULL &&
           (duty->settled || is_at_hand(duty, device));
}

bool duty_is_others(const struct duty *duty, size_t device)
{
    return ownership_other(duty->ownership, device) != NULL;
}

const struct payload_master *duty_master(struct duty *duty)
{
    if (duty->group == NULL) {
        return NULL;
    }
    duty->master = (struct payload_master){duty->group->group, config_of(duty)->node,
                                           standby_epoch(&duty->standby)};
    return &duty->master;
}

int duty_release(struct duty *duty, const char *to)
{
    if (duty->group == NULL) {
        return -ENOTSUP;
    }
    int r = standby_release(&duty->standby, to, loop_now_us(duty->options.loop));
    if (r == 0) {
        follow_up(duty);
    }
    return r;
}

struct duty_stats duty_stats(const struct duty *duty)
{
    return (struct duty_stats){.grouped = duty->group != NULL,
                               .leads = duty_leads(duty),
                               .epoch = standby_epoch(&duty->standby),
                               .standby = duty->standby.stats,
                               .malformed = duty->malformed,
                               .silence_us =
                                   loop_now_us(duty->options.loop) - duty->standby.leader_heard_us,
                               .handed_over = duty->standby.handed_over,
                               .conflicts = ownership_conflicts(duty->ownership)};
}
