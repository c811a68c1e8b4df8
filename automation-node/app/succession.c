#include "automation-node/app/succession.h"

#include "common/log.h"
#include "topics/json_writer.h"
#include "topics/payload_memory.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_BYTES (4 * 1024)
#define EVENT_BYTES  PAYLOAD_MEMORY_MAX_BYTES /* a rule with many branches under way */
#define EVENT_KIND   "event"
#define INPUT_KIND   "input"
#define NOT_A_THING  SIZE_MAX

/* A thing of the engine, and what was collected of it. */
struct heirloom {
    const char *kind;
    const char *id;
    size_t slot;
    size_t max_bytes;
    struct payload_memory memory; /* has a document once something was collected */
};

struct succession {
    struct loop *loop;
    const struct node_plan *plan;
    struct lvq *queue;
    struct heirloom *things;
    size_t count;
    size_t capacity;
    int result; /* of adding things */
    struct succession_stats stats;
    char text[PAYLOAD_MEMORY_MAX_BYTES];
};

static int add_slot(struct succession *s, struct heirloom *thing)
{
    const struct node_config *config = s->plan->config;
    char text[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {.kind = TOPIC_MEMORY,
                                .site = config->site,
                                .node = config->node,
                                .verb = thing->kind,
                                .id = thing->id};
    int r = topic_format(config->broker.prefix, &topic, text, sizeof(text));
    if (r < 0) {
        return r;
    }
    const struct lvq_slot_options options = {text, thing->max_bytes, true};
    return lvq_add(s->queue, &options, &thing->slot);
}

static void add_thing(void *context, const char *kind, const char *id)
{
    struct succession *s = context;
    if (s->result < 0 || strcmp(kind, INPUT_KIND) == 0) {
        return;
    }
    if (s->count == s->capacity) {
        size_t capacity = s->capacity > 0 ? s->capacity * 2 : 32;
        struct heirloom *things = reallocarray(s->things, capacity, sizeof(*things));
        if (things == NULL) {
            s->result = -ENOMEM;
            return;
        }
        s->things = things;
        s->capacity = capacity;
    }
    struct heirloom *thing = &s->things[s->count];
    *thing = (struct heirloom){
        .kind = kind,
        .id = id,
        .max_bytes = strcmp(kind, EVENT_KIND) == 0 ? EVENT_BYTES : RECORD_BYTES,
    };
    s->result = add_slot(s, thing);
    s->count += s->result == 0 ? 1 : 0;
}

int succession_new(struct loop *loop, const struct node_plan *plan, struct lvq *queue,
                   const struct engine *engine, struct succession **ret)
{
    const struct engine_memory nothing = {.count = 0};
    struct succession *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return -ENOMEM;
    }
    s->loop = loop;
    s->plan = plan;
    s->queue = queue;
    engine_each_new(engine, &nothing, add_thing, s);
    if (s->result < 0) {
        int r = s->result;
        succession_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

void succession_free(struct succession *succession)
{
    if (succession != NULL) {
        for (size_t i = 0; i < succession->count; i++) {
            payload_memory_deinit(&succession->things[i].memory);
        }
        free(succession->things);
        free(succession);
    }
}

int succession_filter(const struct succession *succession, char *filter, size_t size)
{
    const struct node_config *config = succession->plan->config;
    const struct topic topic = {.kind = TOPIC_MEMORY, .site = config->site};
    return topic_filter_format(config->broker.prefix, &topic, filter, size);
}

/* NOT_A_THING: this node has none of that name. */
static size_t find(const struct succession *s, const char *kind, const char *id)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->things[i].id, id) == 0 && strcmp(s->things[i].kind, kind) == 0) {
            return i;
        }
    }
    return NOT_A_THING;
}

void succession_take_over(struct succession *succession, struct succession *old)
{
    for (size_t i = 0; i < old->count; i++) {
        size_t thing = find(succession, old->things[i].kind, old->things[i].id);
        if (thing != NOT_A_THING) {
            succession->things[thing].memory = old->things[i].memory;
            old->things[i].memory = (struct payload_memory){0};
        }
    }
    succession->stats = old->stats;
}

void succession_publish(struct succession *succession, const struct engine_record *record,
                        uint64_t epoch)
{
    struct succession *s = succession;
    size_t thing = find(s, record->kind, record->id);
    const struct payload_memory memory = {record->definition, epoch, record->data, NULL};
    struct json_writer w;
    size_t length;
    if (thing == NOT_A_THING) {
        return;
    }
    json_writer_init(&w, s->text, s->things[thing].max_bytes);
    payload_memory_write(&w, &memory);
    if (json_writer_finish(&w, &length) < 0) {
        s->stats.too_long++;
        log_debug("standby", "%s '%s': what is remembered is too long for a message", record->kind,
                  record->id);
        return;
    }
    s->stats.published++;
    const struct lvq_item item = {.slot = s->things[thing].slot,
                                  .payload = s->text,
                                  .length = length,
                                  .qos = topic_traits(TOPIC_MEMORY)->qos};
    lvq_put(s->queue, &item, loop_now_us(s->loop));
}

static void collect(struct succession *s, size_t thing, const struct mqtt_received *message)
{
    struct payload_memory memory;
    struct payload_error error;
    struct payload_memory *known = &s->things[thing].memory;
    if (payload_memory_decode(message->payload, message->length, &memory, &error) < 0) {
        s->stats.malformed++;
        log_debug("standby", "%s '%s': %s", s->things[thing].kind, s->things[thing].id, error.text);
        return;
    }
    if (known->document != NULL && memory.epoch < known->epoch) {
        payload_memory_deinit(&memory);
        return;
    }
    payload_memory_deinit(known);
    *known = memory;
    s->stats.collected++;
}

bool succession_on_message(struct succession *succession, const struct mqtt_received *message)
{
    const struct node_config *config = succession->plan->config;
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_MEMORY || strcmp(topic.site, config->site) != 0) {
        return false;
    }
    size_t thing = find(succession, topic.verb, topic.id);
    if (thing != NOT_A_THING && message->length > 0) {
        collect(succession, thing, message);
    }
    return true;
}

int succession_records(const struct succession *succession, struct engine_record **ret,
                       size_t *ret_count)
{
    size_t count = 0;
    struct engine_record *records = calloc(succession->count + 1, sizeof(*records));
    if (records == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < succession->count; i++) {
        const struct heirloom *thing = &succession->things[i];
        if (thing->memory.document != NULL) {
            records[count++] = (struct engine_record){.kind = thing->kind,
                                                      .id = thing->id,
                                                      .definition = thing->memory.definition,
                                                      .data = thing->memory.data,
                                                      .length = strlen(thing->memory.data)};
        }
    }
    *ret = records;
    *ret_count = count;
    return 0;
}

struct succession_stats succession_stats(const struct succession *succession)
{
    return succession->stats;
}
