#include "common/home_assistant.h"

#include "common/log.h"
#include "common/lvq_retained.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct config_payload {
    size_t slot;
    char *text;
    size_t length;
};

struct home_assistant {
    struct home_assistant_options options;
    char *birth_topic;
    struct config_payload *configs; /* until they are published */
    size_t count;
    size_t capacity;
    struct timer resend;
    uint64_t random; /* state of the generator, never 0 */
    struct home_assistant_stats stats;
};

static void on_resend(void *context)
{
    struct home_assistant *ha = context;
    ha->stats.resent++;
    lvq_repeat(ha->options.queue, loop_now_us(ha->options.loop));
}

/* FNV-1a: different nodes get different waits, each the same ones in every run. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text != '\0'; text++) {
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
    }
    return hash != 0 ? hash : 1;
}

/* xorshift64: from 0 up to `limit_us`. */
static int64_t random_wait_us(struct home_assistant *ha, int64_t limit_us)
{
    ha->random ^= ha->random << 13;
    ha->random ^= ha->random >> 7;
    ha->random ^= ha->random << 17;
    return (int64_t)(ha->random % ((uint64_t)limit_us + 1));
}

int home_assistant_new(const struct home_assistant_options *options, struct home_assistant **ret)
{
    struct home_assistant *ha = calloc(1, sizeof(*ha));
    char *birth_topic = strdup(options->birth_topic);
    if (ha == NULL || birth_topic == NULL) {
        free(ha);
        free(birth_topic);
        return -ENOMEM;
    }
    ha->options = *options;
    ha->birth_topic = birth_topic;
    ha->random = hash_of(options->seed);
    ha->resend = (struct timer){.fn = on_resend, .context = ha};
    *ret = ha;
    return 0;
}

static void free_configs(struct home_assistant *ha)
{
    for (size_t i = 0; i < ha->count; i++) {
        free(ha->configs[i].text);
    }
    free(ha->configs);
    ha->configs = NULL;
    ha->count = 0;
    ha->capacity = 0;
}

void home_assistant_free(struct home_assistant *ha)
{
    if (ha == NULL) {
        return;
    }
    loop_timer_cancel(ha->options.loop, &ha->resend);
    free_configs(ha);
    free(ha->birth_topic);
    free(ha);
}

static int reserve(struct home_assistant *ha)
{
    if (ha->count < ha->capacity) {
        return 0;
    }
    size_t capacity = ha->capacity > 0 ? ha->capacity * 2 : 16;
    struct config_payload *configs = reallocarray(ha->configs, capacity, sizeof(*configs));
    if (configs == NULL) {
        return -ENOMEM;
    }
    ha->configs = configs;
    ha->capacity = capacity;
    return 0;
}

int home_assistant_add(struct home_assistant *ha, const char *topic, const char *payload,
                       size_t length)
{
    struct config_payload config = {.length = length};
    const struct lvq_slot_options slot = {topic, length, true};
    int r = reserve(ha);
    if (r == 0) {
        r = lvq_add(ha->options.queue, &slot, &config.slot);
    }
    if (r < 0) {
        return r;
    }
    config.text = strndup(payload, length);
    if (config.text == NULL) {
        return -ENOMEM;
    }
    ha->configs[ha->count++] = config;
    ha->stats.configs++;
    return 0;
}

void home_assistant_start(struct home_assistant *ha)
{
    for (size_t i = 0; i < ha->count; i++) {
        const struct lvq_item item = {.slot = ha->configs[i].slot,
                                      .payload = ha->configs[i].text,
                                      .length = ha->configs[i].length,
                                      .qos = 1};
        (void)lvq_put_changed(ha->options.queue, &item, loop_now_us(ha->options.loop));
    }
    free_configs(ha);
}

const char *home_assistant_birth_topic(const struct home_assistant *ha)
{
    return ha->birth_topic;
}

bool home_assistant_on_message(struct home_assistant *ha, const struct mqtt_received *message)
{
    if (strcmp(message->topic, ha->birth_topic) != 0) {
        return false;
    }
    const char *text = ha->options.birth_text;
    bool is_birth =
        message->length == strlen(text) && memcmp(message->payload, text, message->length) == 0;
    /* A retained one is from before we connected: then everything was sent anyway. */
    if (!is_birth || message->retain) {
        return true;
    }
    ha->stats.births++;
    if (!timer_is_armed(&ha->resend)) {
        int64_t wait_us = random_wait_us(ha, ha->options.resend_within_us);
        log_info("home", "Home Assistant has started: everything is sent again in %.1f s",
                 (double)wait_us / (double)US_PER_S);
        loop_timer_after(ha->options.loop, &ha->resend, wait_us);
    }
    return true;
}

struct home_assistant_stats home_assistant_stats(const struct home_assistant *ha)
{
    return ha->stats;
}
