/*
 * From a reading to the command that it leads to: how much longer the automation node takes than
 * an echo that does nothing, both as clients of one broker, turn about.
 *
 *   reaction echo PORT                                        answers, for ever
 *   reaction measure PORT COUNT ROUNDS READING COMMAND        asks both in turn, COUNT times a
 * round
 *
 * One pause of the machine makes the p99 of a whole run, so each round has its own, and the median
 * of the rounds counts. READING and COMMAND are topics of the node.
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
#define WAIT_MS     20000 /* longer than any pause of a busy machine: then it is lost */
#define QUIET_LOOPS 4     /* of a millisecond each: what else the node tells goes by */
#define WARM_UP     200
#define TRIES_MAX   5
#define ROUNDS_MAX  100

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

/* Each with a reading that turns the decision round. */
static int ask_both(struct bench *bench, size_t number, int64_t *ret_node, int64_t *ret_echo)
{
    char reading[160];
    (void)snprintf(reading, sizeof(reading),
                   "{\"ts\":%lld,\"seq\":%zu,\"signals\":{\"Temperature\":%d}}",
                   (long long)time(NULL), number + 1, number % 2 == 0 ? 20 : 30);
    *ret_node = ask(bench, bench->reading, reading, bench->command);
    *ret_echo = ask(bench, PING, reading, PONG);
    if (*ret_node < 0 || *ret_echo < 0) {
        (void)fprintf(stderr, "reaction: pair %zu: no %s came within %d s of %s\n", number,
                      *ret_node < 0 ? "command" : "echo", WAIT_MS / 1000, reading);
        return 1;
    }
    return 0;
}

/* ---- figures ----------------------------------------------------------------------------- */

/* Of one round, or medians of all; microseconds. */
struct figures {
    double p50;
    double p99;
};

static struct figures figures_of(int64_t *times, size_t count)
{
    qsort(times, count, sizeof(*times), compare);
    return (struct figures){(double)times[count / 2] / 1e3, (double)times[count * 99 / 100] / 1e3};
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, size_t count)
{
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, count * sizeof(*values));
    qsort(sorted, count, sizeof(*sorted), compare_doubles);
    return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

enum column {
    ECHO_P50,
    ECHO_P99,
    NODE_P50,
    NODE_P99,
    RATIO_P50,
    RATIO_P99,
    COLUMNS
};

struct table {
    double columns[COLUMNS][ROUNDS_MAX];
    size_t rounds;
};

static void print_row(const char *name, const double row[COLUMNS])
{
    (void)printf("%-8s echo p50 %7.1f us  p99 %8.1f us   node p50 %7.1f us  p99 %8.1f us   "
                 "ratio p50 %5.2f  p99 %5.2f\n",
                 name, row[ECHO_P50], row[ECHO_P99], row[NODE_P50], row[NODE_P99], row[RATIO_P50],
                 row[RATIO_P99]);
    (void)fflush(stdout);
}

static void add_round(struct table *table, const struct figures *node, const struct figures *echo)
{
    const double row[COLUMNS] = {
        echo->p50, echo->p99, node->p50, node->p99, node->p50 / echo->p50, node->p99 / echo->p99};
    char name[16];
    for (size_t i = 0; i < COLUMNS; i++) {
        table->columns[i][table->rounds] = row[i];
    }
    table->rounds++;
    (void)snprintf(name, sizeof(name), "%zu", table->rounds);
    print_row(name, row);
}

static void print_medians(const struct table *table)
{
    double row[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) {
        row[i] = median(table->columns[i], table->rounds);
    }
    print_row("median", row);
}

/* ---- running ----------------------------------------------------------------------------- */

struct size {
    size_t count; /* pairs a round */
    size_t rounds;
};

static int run(struct bench *bench, const struct size *size, int64_t *node, int64_t *plain)
{
    struct table table = {.rounds = 0};
    size_t number = 0;
    int r = wait_for_node(bench) ? 0 : fail("the node gives no command");
    for (; r == 0 && number < WARM_UP; number++) {
        r = ask_both(bench, number, &node[0], &plain[0]);
    }
    while (r == 0 && table.rounds < size->rounds) {
        for (size_t i = 0; r == 0 && i < size->count; i++) {
            r = ask_both(bench, number++, &node[i], &plain[i]);
        }
        if (r == 0) {
            const struct figures of_node = figures_of(node, size->count);
            const struct figures of_echo = figures_of(plain, size->count);
            add_round(&table, &of_node, &of_echo);
        }
    }
    if (r == 0) {
        print_medians(&table);
    }
    return r;
}

static int subscribe_to_answers(struct bench *bench)
{
    int r = 0;
    if (mosquitto_subscribe(bench->client, NULL, PONG, 1) != MOSQ_ERR_SUCCESS ||
        mosquitto_subscribe(bench->client, NULL, bench->command, 1) != MOSQ_ERR_SUCCESS) {
        return fail("cannot subscribe");
    }
    while (r == 0 && bench->granted < 2) {
        r = mosquitto_loop(bench->client, 100, 1) == MOSQ_ERR_SUCCESS ? 0 : fail("no broker");
    }
    return r;
}

static int measure(struct bench *bench, const struct size *size)
{
    int64_t *node = calloc(size->count, sizeof(*node));
    int64_t *plain = calloc(size->count, sizeof(*plain));
    mosquitto_message_callback_set(bench->client, on_answer);
    mosquitto_subscribe_callback_set(bench->client, on_granted);
    int r = node != NULL && plain != NULL ? subscribe_to_answers(bench) : fail("out of memory");
    if (r == 0) {
        r = run(bench, size, node, plain);
    }
    free(node);
    free(plain);
    return r;
}

static int connect_to(struct bench *bench, const char *port)
{
    bench->client = mosquitto_new(NULL, true, bench);
    if (bench->client == NULL) {
        return fail("out of memory");
    }
    (void)mosquitto_int_option(bench->client, MOSQ_OPT_TCP_NODELAY, 1); /* before it connects */
    int number = (int)strtol(port, NULL, 10);
    return mosquitto_connect(bench->client, "127.0.0.1", number, 60) == MOSQ_ERR_SUCCESS
               ? 0
               : fail("cannot connect");
}

int main(int argc, char **argv)
{
    bool is_echo = argc == 3 && strcmp(argv[1], "echo") == 0;
    bool is_measure = argc == 7 && strcmp(argv[1], "measure") == 0;
    struct size size = {1, 1};
    if (is_measure) {
        size = (struct size){strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10)};
    }
    if (!(is_echo || is_measure) || size.count < 100 * (size_t)is_measure || size.rounds < 1 ||
        size.rounds > ROUNDS_MAX) {
        (void)fprintf(stderr, "usage: reaction echo PORT\n"
                              "       reaction measure PORT COUNT ROUNDS READING COMMAND\n");
        return 2;
    }
    (void)mosquitto_lib_init();
    struct bench bench = {.reading = is_measure ? argv[5] : NULL,
                          .command = is_measure ? argv[6] : NULL};
    int r = connect_to(&bench, argv[2]);
    if (r == 0) {
        r = is_echo ? echo(bench.client) : measure(&bench, &size);
    }
    mosquitto_destroy(bench.client);
    (void)mosquitto_lib_cleanup();
    return r;
}
