/*
 * From a reading to the command that it leads to: how much longer the automation node takes than
 * an echo that does nothing, both as clients of one broker, turn about.
 *
 *   reaction echo PORT                 answers, for ever
 *   reaction measure PORT COUNT        asks both in turn, and prints p50, p99 and their ratios
 *   reaction ... READING COMMAND       topics of the node
 */
#include <mosquitto.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PING        "bench/ping"
#define PONG        "bench/pong"
#define WAIT_MS     2000
#define QUIET_LOOPS 4 /* of a millisecond each: what else the node tells goes by */
#define WARM_UP     200
#define TRIES_MAX   5

struct bench {
    struct mosquitto *client;
    const char *reading;
    const char *command;
    const char *awaited; /* topic; NULL: it has come */
    int64_t came_ns;
    size_t granted;
};

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int fail(const char *what)
{
    (void)fprintf(stderr, "reaction: %s\n", what);
    return 1;
}

/* ---- the echo ---------------------------------------------------------------------------- */

static void on_ping(struct mosquitto *client, void *context,
                    const struct mosquitto_message *message)
{
    (void)context;
    (void)mosquitto_publish(client, NULL, PONG, message->payloadlen, message->payload, 1, false);
}

static int echo(struct mosquitto *client)
{
    mosquitto_message_callback_set(client, on_ping);
    if (mosquitto_subscribe(client, NULL, PING, 1) != MOSQ_ERR_SUCCESS) {
        return fail("cannot subscribe");
    }
    return mosquitto_loop_forever(client, -1, 1) == MOSQ_ERR_SUCCESS ? 0 : 1;
}

/* ---- measuring --------------------------------------------------------------------------- */

static void on_answer(struct mosquitto *client, void *context,
                      const struct mosquitto_message *message)
{
    struct bench *bench = context;
    (void)client;
    if (bench->awaited != NULL && strcmp(message->topic, bench->awaited) == 0) {
        bench->came_ns = now_ns();
        bench->awaited = NULL;
    }
}

static void on_granted(struct mosquitto *client, void *context, int mid, int count,
                       const int *granted)
{
    (void)client, (void)mid, (void)count, (void)granted;
    ((struct bench *)context)->granted++;
}

/* Nanoseconds; -1: no answer. */
static int64_t ask(struct bench *bench, const char *topic, const char *payload, const char *answer)
{
    int64_t start_ns = now_ns();
    bench->awaited = answer;
    if (mosquitto_publish(bench->client, NULL, topic, (int)strlen(payload), payload, 1, false) !=
        MOSQ_ERR_SUCCESS) {
        return -1;
    }
    while (bench->awaited != NULL && now_ns() - start_ns < WAIT_MS * INT64_C(1000000)) {
        if (mosquitto_loop(bench->client, 100, 1) != MOSQ_ERR_SUCCESS) {
            return -1;
        }
    }
    int64_t taken_ns = bench->awaited == NULL ? bench->came_ns - start_ns : -1;
    for (int i = 0; i < QUIET_LOOPS; i++) {
        (void)mosquitto_loop(bench->client, 1, 1);
    }
    return taken_ns;
}

static void print(const char *name, const int64_t *times, size_t count)
{
    (void)printf("%-16s p50 %7.1f us   p99 %7.1f us   max %8.1f us\n", name,
                 (double)times[count / 2] / 1e3, (double)times[count * 99 / 100] / 1e3,
                 (double)times[count - 1] / 1e3);
}

/* The node may say that it is online a moment before its subscriptions are there. */
static bool wait_for_node(struct bench *bench)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        if (ask(bench, bench->reading, "{\"ts\":1,\"seq\":1,\"signals\":{\"Temperature\":30}}",
                bench->command) >= 0) {
            return true;
        }
    }
    return false;
}

static int run(struct bench *bench, size_t count, int64_t *node, int64_t *plain)
{
    if (!wait_for_node(bench)) {
        return fail("the node gives no command");
    }
    for (size_t i = 0; i < count + WARM_UP; i++) {
        char reading[160];
        (void)snprintf(reading, sizeof(reading),
                       "{\"ts\":%lld,\"seq\":%zu,\"signals\":{\"Temperature\":%d}}",
                       (long long)time(NULL), i + 1, i % 2 == 0 ? 20 : 30);
        int64_t taken_ns = ask(bench, bench->reading, reading, bench->command);
        int64_t echoed_ns = ask(bench, PING, reading, PONG);
        if (taken_ns < 0 || echoed_ns < 0) {
            return fail(taken_ns < 0 ? "no command came" : "no echo came");
        }
        if (i >= WARM_UP) {
            node[i - WARM_UP] = taken_ns;
            plain[i - WARM_UP] = echoed_ns;
        }
    }
    return 0;
}

static int measure(struct bench *bench, size_t count)
{
    int64_t *node = calloc(count, sizeof(*node));
    int64_t *plain = calloc(count, sizeof(*plain));
    mosquitto_message_callback_set(bench->client, on_answer);
    mosquitto_subscribe_callback_set(bench->client, on_granted);
    int r = node != NULL && plain != NULL ? 0 : fail("out of memory");
    if (r == 0 &&
        (mosquitto_subscribe(bench->client, NULL, PONG, 1) != MOSQ_ERR_SUCCESS ||
         mosquitto_subscribe(bench->client, NULL, bench->command, 1) != MOSQ_ERR_SUCCESS)) {
        r = fail("cannot subscribe");
    }
    while (r == 0 && bench->granted < 2) {
        r = mosquitto_loop(bench->client, 100, 1) == MOSQ_ERR_SUCCESS ? 0 : fail("no broker");
    }
    if (r == 0) {
        r = run(bench, count, node, plain);
    }
    if (r == 0) {
        qsort(node, count, sizeof(*node), compare);
        qsort(plain, count, sizeof(*plain), compare);
        print("echo", plain, count);
        print("automation-node", node, count);
        (void)printf("%-16s p50 %7.2f      p99 %7.2f\n", "ratio",
                     (double)node[count / 2] / (double)plain[count / 2],
                     (double)node[count * 99 / 100] / (double)plain[count * 99 / 100]);
    }
    free(node);
    free(plain);
    return r;
}

int main(int argc, char **argv)
{
    bool is_echo = argc == 3 && strcmp(argv[1], "echo") == 0;
    bool is_measure = argc == 6 && strcmp(argv[1], "measure") == 0;
    if (!is_echo && !is_measure) {
        (void)fprintf(stderr, "usage: reaction echo PORT\n"
                              "       reaction measure PORT COUNT READING COMMAND\n");
        return 2;
    }
    (void)mosquitto_lib_init();
    struct bench bench = {.reading = is_measure ? argv[4] : NULL,
                          .command = is_measure ? argv[5] : NULL};
    bench.client = mosquitto_new(NULL, true, &bench);
    size_t count = is_measure ? strtoul(argv[3], NULL, 10) : 1;
    int port = (int)strtol(argv[2], NULL, 10);
    int r = 1;
    if (bench.client != NULL) {
        (void)mosquitto_int_option(bench.client, MOSQ_OPT_TCP_NODELAY, 1); /* before it connects */
    }
    if (bench.client == NULL || count == 0 ||
        mosquitto_connect(bench.client, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS) {
        (void)fail("cannot connect");
    } else {
        r = is_echo ? echo(bench.client) : measure(&bench, count);
    }
    mosquitto_destroy(bench.client);
    (void)mosquitto_lib_cleanup();
    return r;
}
