#include "edge-gateway/app/alarm_wishes.h"

#include "common/asker.h"
#include "common/log.h"
#include "common/mqtt_link.h"
#include "topics/json_writer.h"
#include "topics/payload_alarm_set.h"
#include "topics/payload_node.h"
#include "topics/topic.h"

#include <string.h>

const char *alarm_refusal_text(enum alarm_refusal refusal)
{
    static const char *const texts[] = {
        [ALARM_REFUSAL_RETAINED] = "retained",
        [ALARM_REFUSAL_UNKNOWN] = "unknown",
        [ALARM_REFUSAL_MALFORMED] = "malformed",
        [ALARM_REFUSAL_STATE] = "state",
    };
    _Static_assert(sizeof(texts) / sizeof(texts[0]) == ALARM_REFUSAL_COUNT, "a text for each");
    return texts[refusal];
}

void alarm_wishes_init(struct alarm_wishes *wishes, struct alarms *alarms,
                       const struct environment *environment, struct mqtt_link *link)
{
    *wishes = (struct alarm_wishes){.alarms = alarms, .env = *environment, .link = link};
}

int alarm_wishes_subscribe(struct alarm_wishes *wishes)
{
    char filter[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {
        .kind = TOPIC_ALARM_SET, .site = wishes->env.site, .node = wishes->env.node};
    int r = topic_filter_format(wishes->env.prefix, &topic, filter, sizeof(filter));
    if (r < 0) {
        return r;
    }
    const struct mqtt_subscription subscription = {.filter = filter, .qos = 1};
    return mqtt_link_subscribe(wishes->link, &subscription);
}

/* NULL: done. */
static void answer(struct alarm_wishes *wishes, const struct asker *asker, const char *error)
{
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, sizeof(text));
    if (error == NULL) {
        payload_response_ok(&w, asker_transaction(asker));
    } else {
        payload_response_error(&w, asker_transaction(asker), error);
    }
    if (json_writer_finish(&w, &length) == 0 &&
        asker_answer(asker, wishes->link, text, length) != MQTT_PUBLISHED) {
        wishes->stats.unanswered++; /* of no use later */
    }
}

static void refuse(struct alarm_wishes *wishes, const struct asker *asker, const char *id,
                   enum alarm_refusal refusal, const char *error)
{
    wishes->stats.refused[refusal]++;
    log_warning("alarm", "%s: a wish was refused (%s): %s", id, alarm_refusal_text(refusal), error);
    answer(wishes, asker, error);
}

static void act(struct alarm_wishes *wishes, const struct asker *asker, size_t alarm,
                const char *id, const struct payload_alarm_set *set)
{
    enum alarm_verdict verdict = alarms_act(wishes->alarms, alarm, (enum alarm_event)set->action,
                                            (int64_t)set->shelve_s * US_PER_S, set->by);
    if (verdict == ALARM_CHANGED || verdict == ALARM_UNCHANGED) {
        wishes->stats.done++;
        answer(wishes, asker, NULL);
    } else {
        refuse(wishes, asker, id, ALARM_REFUSAL_STATE, alarm_verdict_text(verdict));
    }
}

/* Who gave a transaction, but no response topic, hears of it on our own topic. */
static void note_asker(const struct alarm_wishes *wishes, const struct mqtt_received *message,
                       const char *transaction, struct asker *ret)
{
    char own[TOPIC_MAX_BYTES + 1] = "";
    const struct topic topic = {
        .kind = TOPIC_RESPONSE, .site = wishes->env.site, .node = wishes->env.node, .verb = "set"};
    if (transaction[0] != '\0' && topic_format(wishes->env.prefix, &topic, own, sizeof(own)) < 0) {
        own[0] = '\0'; /* a prefix so long that the topic does not fit */
    }
    asker_note(ret, message, topic_for_answer(wishes->env.prefix, message->response_topic),
               transaction, own);
}

bool alarm_wishes_on_message(struct alarm_wishes *wishes, const struct mqtt_received *message)
{
    struct topic_parsed topic;
    if (topic_parse(wishes->env.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_ALARM_SET || strcmp(topic.node, wishes->env.node) != 0 ||
        strcmp(topic.site, wishes->env.site) != 0) {
        return false;
    }
    struct asker asker;
    struct payload_alarm_set set = {.shelve_s = 0};
    struct payload_error error;
    size_t alarm = alarms_find(wishes->alarms, topic.id);
    wishes->stats.wished++;
    /* Decoded first: whoever gave a transaction is answered whatever the refusal. */
    int r = payload_alarm_set_decode(message->payload, message->length, &set, &error);
    note_asker(wishes, message, set.transaction, &asker);
    if (message->retain) {
        refuse(wishes, &asker, topic.id, ALARM_REFUSAL_RETAINED,
               "retained wishes would act again at each connection");
    } else if (alarm == ALARM_PLAN_NONE) {
        refuse(wishes, &asker, topic.id, ALARM_REFUSAL_UNKNOWN, "there is no such alarm");
    } else if (r < 0) {
        refuse(wishes, &asker, topic.id, ALARM_REFUSAL_MALFORMED, error.text);
    } else {
        act(wishes, &asker, alarm, topic.id, &set);
    }
    return true;
}
