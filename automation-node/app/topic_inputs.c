#include "automation-node/app/topic_inputs.h"

#include "common/log.h"
#include "topics/json_field.h"
#include "topics/payload_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct topic_inputs {
    struct topic_inputs_options options;
    bool *is_away; /* by engine input: its sender says so */
    struct topic_inputs_stats stats;
};

int topic_inputs_new(const struct topic_inputs_options *options, struct topic_inputs **ret)
{
    struct topic_inputs *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    t->options = *options;
    t->is_away = calloc(options->plan->engine.input_count + 1, sizeof(*t->is_away));
    if (t->is_away == NULL) {
        free(t);
        return -ENOMEM;
    }
    *ret = t;
    return 0;
}

void topic_inputs_free(struct topic_inputs *inputs)
{
    if (inputs != NULL) {
        free(inputs->is_away);
        free(inputs);
    }
}

static bool is_repeated(const struct node_plan *plan, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        bool same_kind = (plan->topics[i].online != NULL) == (plan->topics[index].online != NULL);
        if (same_kind && strcmp(plan->topics[i].topic, plan->topics[index].topic) == 0) {
            return true;
        }
    }
    return false;
}

int topic_inputs_subscribe(const struct topic_inputs *inputs,
                           int (*subscribe)(void *context, const char *filter), void *context)
{
    /* First who is there: it counts for what the broker has kept of the others. */
    static const bool passes[] = {true, false};
    const struct node_plan *plan = inputs->options.plan;
    int r = 0;
    for (size_t pass = 0; pass < sizeof(passes) / sizeof(passes[0]); pass++) {
        for (size_t i = 0; r == 0 && i < plan->topic_count; i++) {
            bool now = (plan->topics[i].online != NULL) == passes[pass];
            r = now && !is_repeated(plan, i) ? subscribe(context, plan->topics[i].topic) : 0;
        }
    }
    return r;
}

/* A message, its JSON if anybody has asked for that. */
struct content {
    const struct mqtt_received *message;
    struct json_document *document;
    bool was_parsed;
};

static const struct json_document *document_of(struct topic_inputs *t, struct content *content)
{
    const struct mqtt_received *message = content->message;
    struct payload_error error;
    if (!content->was_parsed) {
        content->was_parsed = true;
        if (json_document_parse(message->payload, message->length, &content->document, &error) <
            0) {
            content->document = NULL;
            t->stats.malformed++;
            log_debug("inputs", "%s: %s", message->topic, error.text);
        }
    }
    return content->document;
}

/* A text that the engine cannot hold is no value. */
static struct value text_value(const char *text, size_t length)
{
    struct value value;
    return value_parse(text, length, &value) == 0 ? value : (struct value){.kind = VALUE_NONE};
}

static struct value value_of(const struct payload_value *payload)
{
    const char *text = payload->text;
    switch (payload->type) {
    case PAYLOAD_NUMBER:
        return value_number(payload->number);
    case PAYLOAD_BOOL:
        text = payload->truth ? "true" : "false";
        break;
    case PAYLOAD_TEXT:
        break;
    case PAYLOAD_NULL:
        return (struct value){.kind = VALUE_NONE};
    }
    return text_value(text, strlen(text));
}

/* What the message says there; VALUE_NONE: that it has no value. False: nothing new. */
static bool read_value(struct topic_inputs *t, struct content *content, const char *field,
                       struct value *ret)
{
    if (field == NULL) {
        *ret = text_value(content->message->payload, content->message->length);
        return true;
    }
    const struct json_document *document = document_of(t, content);
    struct payload_value value;
    if (document == NULL) {
        return false;
    }
    *ret = (struct value){.kind = VALUE_NONE};
    switch (json_document_find(document, field, &value)) {
    case 0:
        *ret = value_of(&value);
        return true;
    case -ENOENT:
        t->stats.without_field++;
        return false;
    default:
        t->stats.malformed++;
        return true;
    }
}

static bool says(const struct value *value, const char *word)
{
    struct value expected;
    return value_parse(word, strlen(word), &expected) == 0 && value_equal(value, &expected);
}

/* Some versions of a project say it in JSON and some in plain text. */
static void on_availability(struct topic_inputs *t, const struct topic_source *source,
                            struct content *content)
{
    bool is_plain = content->message->payload[0] != '{';
    struct value value;
    if (!read_value(t, content, is_plain ? NULL : source->field, &value)) {
        return;
    }
    t->is_away[source->input] = !says(&value, source->online);
    if (t->is_away[source->input]) {
        const struct reading stale = {.quality = QUALITY_STALE};
        t->options.input(t->options.context, source->input, &stale);
    }
}

static void on_value(struct topic_inputs *t, const struct topic_source *source,
                     struct content *content)
{
    struct reading reading = {.quality = QUALITY_GOOD};
    bool is_old = t->is_away[source->input] && content->message->retain;
    if (is_old || !read_value(t, content, source->field, &reading.value)) {
        return;
    }
    if (reading.value.kind == VALUE_NONE) {
        reading.quality = QUALITY_NOT_AVAILABLE;
    }
    t->options.input(t->options.context, source->input, &reading);
}

bool topic_inputs_on_message(struct topic_inputs *inputs, const struct mqtt_received *message)
{
    const struct node_plan *plan = inputs->options.plan;
    struct content content = {.message = message};
    bool ours = false;
    for (size_t i = 0; i < plan->topic_count; i++) {
        if (strcmp(plan->topics[i].topic, message->topic) != 0) {
            continue;
        }
        ours = true;
        if (message->length > 0) { /* else a retained value was deleted: nothing new is known */
            const struct topic_source *source = &plan->topics[i];
            (source->online != NULL ? on_availability : on_value)(inputs, source, &content);
        }
    }
    inputs->stats.received += ours ? 1 : 0;
    json_document_free(content.document);
    return ours;
}

struct topic_inputs_stats topic_inputs_stats(const struct topic_inputs *inputs)
{
    return inputs->stats;
}
