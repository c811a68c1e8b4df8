#include "tests/integration/link_bench.h"

#include "tests/unit/cmocka_all.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEST_TIME_US (20 * US_PER_S)
#define PULSE_US     (2 * US_PER_MS)

static void on_pulse(void *context)
{
    struct bench *bench = context;
    loop_timer_after(bench->loop, &bench->pulse, PULSE_US);
}

void bench_init(struct bench *bench)
{
    *bench = (struct bench){.pulse = {.fn = on_pulse, .context = bench}};
    assert_int_equal(loop_new(&bench->loop), 0);
    bench->deadline_us = loop_now_us(bench->loop) + TEST_TIME_US;
    on_pulse(bench);
}

void bench_deinit(struct bench *bench)
{
    loop_free(bench->loop);
}

void bench_step(struct bench *bench)
{
    assert_int_equal(loop_run_once(bench->loop, -1), 0);
    if (loop_now_us(bench->loop) > bench->deadline_us) {
        fail_msg("what the test waits for does not happen");
    }
}

struct sockaddr_in bench_loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

uint16_t bench_free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = bench_loopback(0);
    socklen_t size = sizeof(address);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)close(fd);
    return ntohs(address.sin_port);
}

static void on_up(void *context, bool session_present)
{
    struct client *client = context;
    (void)session_present;
    client->ups++;
}

static void on_down(void *context, const struct mqtt_down *down)
{
    struct client *client = context;
    client->downs++;
    (void)snprintf(client->reason, sizeof(client->reason), "%s", down->reason);
}

static void on_message(void *context, const struct mqtt_received *message)
{
    struct client *client = context;
    client->messages++;
    assert_int_equal(message->payload[message->length], '\0');
    (void)snprintf(client->topic, sizeof(client->topic), "%s", message->topic);
    (void)snprintf(client->payload, sizeof(client->payload), "%s", message->payload);
    (void)snprintf(client->correlation, sizeof(client->correlation), "%.*s",
                   (int)message->correlation_length,
                   message->correlation != NULL ? (const char *)message->correlation : "");
    client->retain = message->retain;
}

static void on_acknowledged(void *context, uint64_t token, enum mqtt_fate fate)
{
    struct client *client = context;
    assert_in_range(token, 1, BENCH_TOKENS_MAX - 1);
    client->fates[fate]++;
    client->ends[token]++;
    if (client->on_end != NULL) {
        client->on_end(client);
    }
}

static void on_room(void *context)
{
    struct client *client = context;
    client->rooms++;
    if (client->on_room != NULL) {
        client->on_room(client);
    }
}

static void on_refused(void *context, const char *filter)
{
    struct client *client = context;
    (void)snprintf(client->refused, sizeof(client->refused), "%s", filter);
}

static void on_stopped(void *context)
{
    struct client *client = context;
    client->stops++;
}

struct mqtt_link_options client_options(const struct mqtt_address *address, const char *id)
{
    return (struct mqtt_link_options){
        .client_id = id,
        .addresses = address,
        .address_count = 1,
        .clean_start = true,
        .keepalive_s = 60,
        .max_outstanding = 100,
        .max_unsent_bytes = 1 << 20,
        .connect_timeout_us = 2 * US_PER_S,
        .retry_min_us = 5 * US_PER_MS,
        .retry_max_us = 20 * US_PER_MS,
    };
}

void client_init(struct client *client, struct bench *bench,
                 const struct mqtt_link_options *options)
{
    memset(client, 0, sizeof(*client));
    client->bench = bench;
    const struct mqtt_link_handler handler = {
        .up = on_up,
        .down = on_down,
        .message = on_message,
        .acknowledged = on_acknowledged,
        .room = on_room,
        .refused = on_refused,
        .stopped = on_stopped,
        .context = client,
    };
    assert_int_equal(mqtt_link_new(bench->loop, options, &handler, &client->link), 0);
}

void client_deinit(struct client *client)
{
    mqtt_link_free(client->link);
    client->link = NULL;
}

void client_subscribe(struct client *client, const char *filter)
{
    const struct mqtt_subscription subscription = {.filter = filter, .qos = 1};
    assert_int_equal(mqtt_link_subscribe(client->link, &subscription), 0);
}

enum mqtt_publish_result client_publish(struct client *client, const char *topic,
                                        const char *payload, int qos, uint64_t token)
{
    const struct mqtt_publish publish = {
        .topic = topic,
        .payload = payload,
        .length = strlen(payload),
        .qos = qos,
        .token = token,
    };
    return mqtt_link_publish(client->link, &publish);
}
