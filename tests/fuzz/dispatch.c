#include "tests/fuzz/dispatch.h"

#include "common/log.h"
#include "tests/fuzz/fuzz.h"
#include "topics/utf8.h"

#include <cjson/cJSON.h>

#define MESSAGES_MAX  16
#define SEPARATOR     0x1f
#define TURNS_MAX     100000 /* of the loop, within one passing of time */
#define PAYLOAD_BYTES (1024 * 1024)

enum {
    FLAG_RETAIN = 1,
    FLAG_EXPIRES = 2,
    FLAG_UNACKNOWLEDGED = 4,
    FLAG_RECONNECT = 8,
    FLAG_TIME_SHIFT = 4
};

static bool (*may_publish)(const char *topic);

/* Whatever was received, what is sent is well formed. */
static void check_publish(const struct mqtt_publish *publish)
{
    size_t length = strlen(publish->topic);
    require(length > 0 && length <= 65535);
    require(strpbrk(publish->topic, "+#") == NULL);
    require(utf8_is_printable(publish->topic, length));
    require(publish->length <= PAYLOAD_BYTES);
    require(publish->qos == 0 || publish->qos == 1);
    require(may_publish(publish->topic));
    const char *text = publish->payload;
    if (publish->length > 0 && text[0] == '{') {
        cJSON *json = cJSON_ParseWithLength(text, publish->length);
        require(json != NULL);
        cJSON_Delete(json);
    }
}

void dispatch_begin(struct dispatch *d)
{
    static FILE *nowhere;
    if (nowhere == NULL) {
        nowhere = fopen("/dev/null", "w");
        require(nowhere != NULL);
    }
    log_configure(nowhere, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    d->clock = (struct clock_fake){.monotonic_us = US_PER_S, .realtime_us = DISPATCH_WALL_US};
    require(loop_new_fake(&d->clock, &d->loop) == 0);
    may_publish = d->may_publish;
    fake_link_watch(check_publish);
}

void dispatch_end(struct dispatch *d)
{
    loop_free(d->loop);
}

static void on_end(void *context)
{
    *(bool *)context = true;
}

void dispatch_pass(struct dispatch *d, int64_t span_us)
{
    bool over = false;
    struct timer end = {.fn = on_end, .context = &over};
    size_t turns = 0;
    loop_timer_after(d->loop, &end, span_us);
    while (!over) {
        require(turns++ < TURNS_MAX);
        require(loop_run_once(d->loop, -1) == 0);
        d->between(d->context);
    }
}

/* The text up to the newline, which becomes its end; "" if there is none. */
static char *take_line(char **at, char *end)
{
    char *line = *at;
    char *newline = memchr(line, '\n', (size_t)(end - line));
    if (newline == NULL) {
        *at = end;
        return end; /* where a NUL is */
    }
    *newline = '\0';
    *at = newline + 1;
    return line;
}

static void receive(struct dispatch *d, const uint8_t *data, size_t size)
{
    static const int64_t spans_us[] = {0, 20 * US_PER_MS, 1100 * US_PER_MS, 5 * US_PER_S};
    struct mqtt_link *link = fake_link_get();
    unsigned flags = data[0];
    char *text = fuzz_text(data + 1, size - 1);
    char *end = text + size - 1;
    char *at = text;
    struct mqtt_received message = {.topic = take_line(&at, end),
                                    .response_topic = take_line(&at, end),
                                    .correlation = at,
                                    .retain = (flags & FLAG_RETAIN) != 0,
                                    .expires = (flags & FLAG_EXPIRES) != 0};
    char *after = at;
    (void)take_line(&after, end);
    message.correlation_length = after > at ? (size_t)(after - at) - (after[-1] == '\0') : 0;
    message.correlation = message.correlation_length > 0 ? message.correlation : NULL;
    message.response_topic = message.response_topic[0] != '\0' ? message.response_topic : NULL;
    message.length = (size_t)(end - after);
    char *payload = fuzz_text(after, message.length); /* reading beyond it is a finding */
    message.payload = payload;
    if ((flags & FLAG_RECONNECT) != 0) {
        fake_link_reconnect(link);
    }
    dispatch_pass(d, spans_us[flags >> FLAG_TIME_SHIFT & 3]);
    fake_link_receive(link, &message);
    d->between(d->context);
    dispatch_pass(d, 0);
    if ((flags & FLAG_UNACKNOWLEDGED) == 0) {
        fake_link_acknowledge(link);
        dispatch_pass(d, 0);
    }
    free(payload);
    free(text);
}

void dispatch_run(struct dispatch *d, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < MESSAGES_MAX && size > 0; i++) {
        const uint8_t *separator = memchr(data, SEPARATOR, size);
        size_t length = separator != NULL ? (size_t)(separator - data) : size;
        if (length > 0) {
            receive(d, data, length);
        }
        size_t taken = separator != NULL ? length + 1 : length;
        data += taken;
        size -= taken;
    }
    dispatch_pass(d, US_PER_S);
}
