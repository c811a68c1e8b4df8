/*
 * What the tests of the MQTT link stand on: one loop with a deadline, and a client that notes all
 * that its link reports.
 */
#ifndef EDGE_TESTS_LINK_BENCH_H
#define EDGE_TESTS_LINK_BENCH_H

#include "common/mqtt_link.h"

#include <netinet/in.h>

#define BENCH_TOKENS_MAX 10001

/* Runs the bench's loop until the condition holds; the deadline of the whole test fails it. */
#define AWAIT(bench, condition) \
    do {                        \
        while (!(condition)) {  \
            bench_step(bench);  \
        }                       \
    } while (0)

struct bench {
    struct loop *loop;
    int64_t deadline_us;
    struct timer pulse; /* wakes the loop often enough to see the deadline */
};

void bench_init(struct bench *bench);
void bench_deinit(struct bench *bench);
void bench_step(struct bench *bench);

struct sockaddr_in bench_loopback(uint16_t port);

/* A port that nobody listened on a moment ago. */
uint16_t bench_free_port(void);

struct client {
    struct bench *bench;
    struct mqtt_link *link;
    unsigned ups;
    unsigned downs;
    char reason[160]; /* of the last down */
    unsigned messages;
    char topic[64]; /* of the last message */
    char payload[64];
    char correlation[64];
    bool retain;
    char refused[64]; /* the last refused filter */
    unsigned rooms;
    unsigned stops;
    unsigned fates[3];              /* by enum mqtt_fate */
    uint8_t ends[BENCH_TOKENS_MAX]; /* how often each token was reported */
    void (*on_room)(struct client *client);
    void (*on_end)(struct client *client);
};

/* MQTT 5 first, to this port of the loopback interface, with delays for tests. */
struct mqtt_link_options client_options(const struct mqtt_address *address, const char *id);

/* Does not start the link. */
void client_init(struct client *client, struct bench *bench,
                 const struct mqtt_link_options *options);
void client_deinit(struct client *client);

void client_subscribe(struct client *client, const char *filter);
enum mqtt_publish_result client_publish(struct client *client, const char *topic,
                                        const char *payload, int qos, uint64_t token);

#endif
