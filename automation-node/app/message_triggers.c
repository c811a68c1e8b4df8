#include "automation-node/app/message_triggers.h"

#include "automation-node/input/value.h"
#include "topics/json_field.h"
#include "topics/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define REASON_SIZE (TOPIC_MAX_BYTES + VALUE_TEXT_SIZE + 32)

static bool is_repeated(const struct node_plan *plan, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(plan->triggers[i].topic, plan->triggers[index].topic) == 0) {
            return true;
        }
    }
    return false;
}

int message_triggers_subscribe(const struct node_plan *plan,
                               int (*subscribe)(void *context, const char *filter), void *context)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < plan->trigger_count; i++) {
        r = is_repeated(plan, i) ? 0 : subscribe(context, plan->triggers[i].topic);
    }
    return r;
}

static bool says(const struct payload_value *value, const char *payload)
{
    char number[VALUE_TEXT_SIZE];
    const struct value as_value = value_number(value->number);
    switch (value->type) {
    case PAYLOAD_TEXT:
        return strcmp(value->text, payload) == 0;
    case PAYLOAD_BOOL:
        return strcmp(value->truth ? "true" : "false", payload) == 0;
    case PAYLOAD_NUMBER:
        (void)value_format(&as_value, number, sizeof(number));
        return strcmp(number, payload) == 0;
    case PAYLOAD_NULL:
        break;
    }
    return false;
}

/* 1, 0 or -ENOMEM. */
static int field_matches(const struct message_trigger *trigger, const struct mqtt_received *message)
{
    struct json_document *document;
    struct payload_error error;
    struct payload_value value;
    int r = json_document_parse(message->payload, message->length, &document, &error);
    if (r < 0) {
        return r == -ENOMEM ? r : 0; /* what is no JSON has no field */
    }
    bool matches = json_document_find(document, trigger->field, &value) == 0 &&
                   (trigger->payload == NULL || says(&value, trigger->payload));
    json_document_free(document);
    return matches;
}

/* 1, 0 or -ENOMEM. */
static int matches(const struct message_trigger *trigger, const struct mqtt_received *message)
{
    if (strcmp(trigger->topic, message->topic) != 0) {
        return 0;
    }
    if (trigger->field != NULL) {
        return field_matches(trigger, message);
    }
    return trigger->payload == NULL ||
           (strlen(trigger->payload) == message->length &&
            memcmp(trigger->payload, message->payload, message->length) == 0);
}

static void fire_for(const struct message_trigger *trigger,
                     void (*fire)(void *context, size_t rule, const char *reason), void *context)
{
    char reason[REASON_SIZE];
    (void)snprintf(reason, sizeof(reason), "a message on %s%s%s", trigger->topic,
                   trigger->payload != NULL ? ": " : "",
                   trigger->payload != NULL ? trigger->payload : "");
    fire(context, trigger->rule, reason);
}

int message_triggers_on_message(const struct node_plan *plan, const struct mqtt_received *message,
                                void (*fire)(void *context, size_t rule, const char *reason),
                                void *context)
{
    bool ours = false;
    int error = 0;
    for (size_t i = 0; i < plan->trigger_count; i++) {
        const struct message_trigger *trigger = &plan->triggers[i];
        ours = ours || strcmp(trigger->topic, message->topic) == 0;
        int r = message->retain ? 0 : matches(trigger, message);
        if (r > 0) {
            fire_for(trigger, fire, context);
        }
        error = r < 0 ? r : error;
    }
    return error < 0 ? error : ours;
}
