/*
 * A consumer that takes nothing on trust: it reads both lanes of one gateway and checks seq by seq
 * that everything came, that nothing came twice with other content, and how late live values are.
 *
 * usage: lane_consumer HOST PORT TOPIC_ROOT [PROBE_BUS]
 *
 * TOPIC_ROOT is "edge/site/node". SIGUSR1 prints one line of JSON and forgets the latencies;
 * SIGTERM prints the last one and ends. PROBE_BUS is the bus whose live readings have the time of
 * this machine's clock.
 */
#include <mosquitto.h>

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define LATENCY_STEP_US 10
#define LATENCY_STEPS   1000000 /* up to 10 s */

struct consumer {
    const char *root;
    const char *probe;
    uint32_t *content; /* by seq: a hash of its content, 0 = not seen */
    uint64_t capacity;
    uint64_t highest;
    uint64_t seen; /* different seqs */
    uint64_t gaps; /* seqs that a gap closed and that had not come */
    uint64_t live;
    uint64_t backfilled;
    uint64_t repeated; /* the same seq with the same content */
    uint64_t conflicts;
    uint64_t out_of_order; /* on the backfill lane, against the seq before */
    uint64_t last_backfilled;
    uint64_t latencies;
    uint32_t *latency;
};

#define GAP_CONTENT 1u

static void fail(const char *what)
{
    (void)fprintf(stderr, "lane_consumer: %s\n", what);
    exit(1);
}

static uint32_t hash(const char *text, size_t length)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < length; i++) {
        h = (h ^ (uint8_t)text[i]) * 16777619u;
    }
    return h > GAP_CONTENT ? h : h + 2;
}

static void reserve(struct consumer *c, uint64_t seq)
{
    if (seq < c->capacity) {
        return;
    }
    uint64_t capacity = c->capacity > 0 ? c->capacity : 1u << 20;
    while (capacity <= seq) {
        capacity *= 2;
    }
    uint32_t *content = realloc(c->content, capacity * sizeof(*content));
    if (content == NULL) {
        fail("out of memory");
    }
    memset(content + c->capacity, 0, (capacity - c->capacity) * sizeof(*content));
    c->content = content;
    c->capacity = capacity;
}

static void take(struct consumer *c, uint64_t seq, uint32_t content)
{
    reserve(c, seq);
    c->highest = seq > c->highest ? seq : c->highest;
    uint32_t before = c->content[seq];
    if (before == 0) {
        c->seen++;
        c->content[seq] = content;
    } else if (before == GAP_CONTENT) { /* it came after all: a gap may name what is under way */
        c->gaps--;
        c->seen++;
        c->content[seq] = content;
    } else if (before == content) {
        c->repeated++;
    } else {
        c->conflicts++;
        (void)fprintf(stderr, "lane_consumer: seq %" PRIu64 " has two contents\n", seq);
    }
}

/* The number behind `key` in the text, 0 if it is not there. */
static uint64_t number_after(const char *text, const char *end, const char *key)
{
    const char *at = memmem(text, (size_t)(end - text), key, strlen(key));
    return at != NULL ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static int64_t ts_us(const char *text, const char *end)
{
    const char *at = memmem(text, (size_t)(end - text), "\"ts\":", 5);
    return at != NULL ? (int64_t)(strtod(at + 5, NULL) * 1e6) : 0;
}

/* One reading or event; `lane` is the word in the topic behind the root. */
static uint64_t take_object(struct consumer *c, const char *text, const char *end)
{
    uint64_t seq = number_after(text, end, "\"seq\":");
    const char *content = memmem(text, (size_t)(end - text), "\"signals\":", 10);
    if (content == NULL) {
        content = memmem(text, (size_t)(end - text), "\"event\":", 8);
    }
    if (seq > 0 && content != NULL) {
        take(c, seq, hash(content, (size_t)(end - content)) ^ (uint32_t)ts_us(text, end));
    }
    return seq;
}

static const char *object_end(const char *text, const char *end)
{
    int depth = 0;
    bool quoted = false;
    for (const char *at = text; at < end; at++) {
        if (*at == '\\' && quoted) {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
        } else if (!quoted && (*at == '{' || *at == '}')) {
            depth += *at == '{' ? 1 : -1;
            if (depth == 0) {
                return at + 1;
            }
        }
    }
    return end;
}

static void take_backfilled(struct consumer *c, const char *text, const char *end)
{
    while (text < end && (text = memchr(text, '{', (size_t)(end - text))) != NULL) {
        const char *next = object_end(text, end);
        uint64_t seq = take_object(c, text, next);
        c->backfilled++;
        c->out_of_order += seq < c->last_backfilled ? 1 : 0;
        c->last_backfilled = seq;
        text = next;
    }
}

static void take_gap(struct consumer *c, const char *text, const char *end)
{
    const char *at = memmem(text, (size_t)(end - text), "[[", 2);
    while (at != NULL && at < end && *at != '"') {
        while (at < end && (*at < '0' || *at > '9')) {
            if (*at == '"') {
                return;
            }
            at++;
        }
        char *rest;
        uint64_t first = strtoull(at, &rest, 10);
        uint64_t last = strtoull(rest + 1, &rest, 10);
        at = rest;
        reserve(c, last);
        c->highest = last > c->highest ? last : c->highest;
        for (uint64_t seq = first; seq <= last && seq > 0; seq++) {
            if (c->content[seq] == 0) {
                c->content[seq] = GAP_CONTENT;
                c->gaps++;
            }
        }
    }
}

static void note_latency(struct consumer *c, const char *text, const char *end)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t late_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - ts_us(text, end);
    int64_t step = late_us / LATENCY_STEP_US;
    step = step < 0 ? 0 : step;
    c->latency[step < LATENCY_STEPS ? step : LATENCY_STEPS - 1]++;
    c->latencies++;
}

static bool is_summary(const char *topic)
{
    const char *last = strrchr(topic, '/');
    return last != NULL && strcmp(last, "/summary") == 0;
}

static void on_message(struct mosquitto *m, void *context, const struct mosquitto_message *message)
{
    struct consumer *c = context;
    (void)m;
    const char *text = message->payload;
    const char *end = text + message->payloadlen;
    const char *topic = message->topic + strlen(c->root) + 1;
    if (message->payloadlen == 0 || message->retain) {
        return;
    }
    if (strcmp(topic, "backfill/gap") == 0) {
        take_gap(c, text, end);
    } else if (strncmp(topic, "backfill/", 9) == 0 && is_summary(topic)) {
        return; /* a gap says which seqs it stands for */
    } else if (strncmp(topic, "backfill/", 9) == 0) {
        take_backfilled(c, text, end);
    } else {
        c->live++;
        bool is_reading = take_object(c, text, end) > 0; /* not the state of the bus */
        size_t length = c->probe != NULL ? strlen(c->probe) : 0;
        if (is_reading && length > 0 && strncmp(topic + 4, c->probe, length) == 0 &&
            topic[4 + length] == '/') {
            note_latency(c, text, end);
        }
    }
}

static int64_t percentile_us(const struct consumer *c, double share)
{
    uint64_t wanted = (uint64_t)((double)c->latencies * share);
    uint64_t sum = 0;
    for (int i = 0; i < LATENCY_STEPS; i++) {
        sum += c->latency[i];
        if (sum > wanted) {
            return (int64_t)i * LATENCY_STEP_US;
        }
    }
    return 0;
}

static void report(struct consumer *c)
{
    uint64_t missing = 0;
    uint64_t first_missing = 0;
    for (uint64_t seq = 1; seq <= c->highest; seq++) {
        if (c->content[seq] == 0) {
            first_missing = missing == 0 ? seq : first_missing;
            missing++;
        }
    }
    (void)printf("{\"highest\":%" PRIu64 ",\"seen\":%" PRIu64 ",\"gaps\":%" PRIu64
                 ",\"missing\":%" PRIu64 ",\"first_missing\":%" PRIu64 ",\"live\":%" PRIu64
                 ",\"backfilled\":%" PRIu64 ",\"repeated\":%" PRIu64 ",\"conflicts\":%" PRIu64
                 ",\"out_of_order\":%" PRIu64 ",\"probes\":%" PRIu64 ",\"p50_us\":%" PRId64
                 ",\"p99_us\":%" PRId64 ",\"max_us\":%" PRId64 "}\n",
                 c->highest, c->seen, c->gaps, missing, first_missing, c->live, c->backfilled,
                 c->repeated, c->conflicts, c->out_of_order, c->latencies, percentile_us(c, 0.5),
                 percentile_us(c, 0.99), percentile_us(c, 0.9999999));
    (void)fflush(stdout);
    memset(c->latency, 0, LATENCY_STEPS * sizeof(*c->latency));
    c->latencies = 0;
}

static void on_connect(struct mosquitto *m, void *context, int result)
{
    const struct consumer *c = context;
    static const char *const filters[] = {"can/+/+", "event", "alarms/event", "backfill/#"};
    for (size_t i = 0; result == 0 && i < sizeof(filters) / sizeof(filters[0]); i++) {
        char filter[256];
        (void)snprintf(filter, sizeof(filter), "%s/%s", c->root, filters[i]);
        if (mosquitto_subscribe(m, NULL, filter, 1) != MOSQ_ERR_SUCCESS) {
            fail("cannot subscribe");
        }
    }
}

static void on_subscribe(struct mosquitto *m, void *context, int mid, int count, const int *granted)
{
    (void)m;
    (void)context;
    (void)count;
    (void)granted;
    if (mid == 4) { /* the last of the first connection */
        (void)printf("ready\n");
        (void)fflush(stdout);
    }
}

/* Drives the client by its socket, and comes back with each signal. */
static int run(struct mosquitto *m, int signals)
{
    for (;;) {
        struct pollfd fds[] = {{signals, POLLIN, 0}, {mosquitto_socket(m), POLLIN, 0}};
        if (fds[1].fd >= 0 && mosquitto_want_write(m)) {
            fds[1].events |= POLLOUT;
        }
        (void)poll(fds, fds[1].fd >= 0 ? 2 : 1, 100);
        if ((fds[0].revents & POLLIN) != 0) {
            struct signalfd_siginfo info;
            if (read(signals, &info, sizeof(info)) == sizeof(info)) {
                return (int)info.ssi_signo;
            }
        }
        if (fds[1].fd < 0 || mosquitto_loop(m, 0, 100) != MOSQ_ERR_SUCCESS) {
            (void)mosquitto_reconnect(m); /* the broker is away: tried again in the next round */
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fail("usage: lane_consumer HOST PORT TOPIC_ROOT [PROBE_BUS]");
    }
    struct consumer c = {.root = argv[3], .probe = argc > 4 ? argv[4] : NULL};
    c.latency = calloc(LATENCY_STEPS, sizeof(*c.latency));
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGUSR1);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    (void)mosquitto_lib_init();
    struct mosquitto *m = mosquitto_new("lane-consumer", false, &c);
    if (m == NULL || c.latency == NULL || signals < 0) {
        fail("out of memory");
    }
    reserve(&c, 0);
    mosquitto_connect_callback_set(m, on_connect);
    mosquitto_message_callback_set(m, on_message);
    mosquitto_subscribe_callback_set(m, on_subscribe);
    if (mosquitto_connect(m, argv[1], (int)strtol(argv[2], NULL, 10), 30) != MOSQ_ERR_SUCCESS) {
        fail("no broker");
    }
    while (run(m, signals) == SIGUSR1) {
        report(&c);
    }
    report(&c);
    mosquitto_destroy(m);
    (void)mosquitto_lib_cleanup();
    free(c.content);
    free(c.latency);
    return 0;
}
