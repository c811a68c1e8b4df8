/*
 * The two ends of the path from the bus to a subscriber, and the shortest middle that there can be.
 *
 *   mqtt_path feed frames|records RATE COUNT        to stdout, RATE a second (0: as it is taken)
 *   mqtt_path publish PORT QOS                      a bare libmosquitto loop: records from stdin
 *   mqtt_path subscribe PORT FILTER COUNT           prints what came, and after what time, as JSON
 *
 * A frame is a candump line of one of IDS arbitration ids. A record is what the gateway makes of
 * it: the topic, a space and the payload. Both carry the time of their sending in Stamp, so that
 * whoever subscribes knows how long they were under way.
 */
#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define IDS           50u
#define STAMP_MASK    UINT64_C(0xffffffffff) /* 40 bits of microseconds: twelve days */
#define LINE_BYTES    256
#define BLOCK_LINES   64 /* in one write, when nothing is paced */
#define IN_FLIGHT_MAX 100
#define UNSENT_MAX    1000 /* messages, with QoS 0 */
#define IDLE_MS       20000
#define EXPIRY_S      20
#define BUFFER_BYTES  (64 * 1024)

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint64_t stamp_now(void)
{
    return (uint64_t)now_ns() / 1000 & STAMP_MASK;
}

static int fail(const char *what)
{
    (void)fprintf(stderr, "mqtt_path: %s\n", what);
    return 1;
}

/* ---- feed --------------------------------------------------------------------------------- */

static size_t print_frame(char *line, size_t size, uint64_t n)
{
    uint64_t stamp = stamp_now();
    int length = snprintf(line, size, "(1700000000.%06u) can0 %03X#", (unsigned)(n % 1000000),
                          (unsigned)(256 + n % IDS));
    for (int i = 0; i < 5; i++) {
        length += snprintf(line + length, size - (size_t)length, "%02X",
                           (unsigned)(stamp >> (8 * i) & 0xff));
    }
    length +=
        snprintf(line + length, size - (size_t)length, "%02X%02X%02X\n", (unsigned)(n * 7 & 0xff),
                 (unsigned)(n * 11 & 0xff), (unsigned)(n * 13 & 0xff));
    return (size_t)length;
}

/* The values are those of the DBC file in bench/publish. */
static size_t print_record(char *line, size_t size, uint64_t n)
{
    unsigned a = (unsigned)(n * 7 & 0xff);
    return (size_t)snprintf(
        line, size,
        "edge/bench/gw/can/can0/M%u {\"ts\":1700000000.%06u,\"seq\":%llu,\"signals\":{\"Stamp\":"
        "%llu,\"A\":%u.%u,\"B\":%d,\"C\":%u}}\n",
        (unsigned)(n % IDS), (unsigned)(n % 1000000), (unsigned long long)n + 1,
        (unsigned long long)stamp_now(), a / 10, a % 10, (int)(n * 11 & 0xff) - 40,
        (unsigned)(n * 13 & 0xff));
}

static bool write_all(const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, data, length);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            data += written;
            length -= (size_t)written;
        }
    }
    return true;
}

static int feed(bool records, uint64_t rate, uint64_t count)
{
    static char block[BLOCK_LINES * LINE_BYTES];
    (void)prctl(PR_SET_TIMERSLACK, 1);
    int64_t start_ns = now_ns();
    size_t used = 0;
    for (uint64_t n = 0; n < count; n++) {
        if (rate > 0) {
            int64_t due_ns = start_ns + (int64_t)(n * UINT64_C(1000000000) / rate);
            struct timespec due = {due_ns / 1000000000, due_ns % 1000000000};
            (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        }
        used += records ? print_record(block + used, LINE_BYTES, n)
                        : print_frame(block + used, LINE_BYTES, n);
        if (rate > 0 || used > sizeof(block) - LINE_BYTES || n + 1 == count) {
            if (!write_all(block, used)) {
                return fail("nobody takes the frames");
            }
            used = 0;
        }
    }
    return 0;
}

/* ---- publish ------------------------------------------------------------------------------ */

struct publisher {
    struct mosquitto *client;
    int qos;
    mosquitto_property *properties;
    unsigned in_flight;
    bool up;
    char buffer[BUFFER_BYTES];
    size_t length;
    bool ended;
};

static void on_connect(struct mosquitto *client, void *context, int code)
{
    (void)client;
    ((struct publisher *)context)->up = code == 0;
}

static void on_publish(struct mosquitto *client, void *context, int mid)
{
    (void)client, (void)mid;
    ((struct publisher *)context)->in_flight--;
}

static bool has_room(const struct publisher *p)
{
    return p->up && p->in_flight < (p->qos > 0 ? IN_FLIGHT_MAX : UNSENT_MAX);
}

static bool publish_record(struct publisher *p, char *line, size_t length)
{
    char *payload = memchr(line, ' ', length);
    if (payload == NULL) {
        return false;
    }
    *payload++ = '\0';
    p->in_flight++;
    return mosquitto_publish_v5(p->client, NULL, line, (int)(line + length - payload), payload,
                                p->qos, true, p->properties) == MOSQ_ERR_SUCCESS;
}

/* What is in the buffer, as long as there is room for it. */
static bool publish_buffered(struct publisher *p)
{
    size_t done = 0;
    while (has_room(p)) {
        char *end = memchr(p->buffer + done, '\n', p->length - done);
        if (end == NULL) {
            break;
        }
        char *line = p->buffer + done;
        if (!publish_record(p, line, (size_t)(end - line))) {
            return false;
        }
        done = (size_t)(end - p->buffer) + 1;
    }
    memmove(p->buffer, p->buffer + done, p->length - done);
    p->length -= done;
    return true;
}

static bool turn(struct publisher *p)
{
    bool wants_input = has_room(p) && !p->ended;
    struct pollfd fds[] = {
        {.fd = mosquitto_socket(p->client),
         .events = (short)(POLLIN | (mosquitto_want_write(p->client) ? POLLOUT : 0))},
        {.fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN},
    };
    (void)poll(fds, 2, 1000);
    if ((fds[0].revents & POLLIN) != 0 && mosquitto_loop_read(p->client, 1) != MOSQ_ERR_SUCCESS) {
        return false;
    }
    if ((fds[1].revents & (POLLIN | POLLHUP)) != 0) {
        ssize_t got = read(STDIN_FILENO, p->buffer + p->length, sizeof(p->buffer) - p->length);
        p->ended = got <= 0;
        p->length += got > 0 ? (size_t)got : 0;
    }
    if (!publish_buffered(p)) {
        return false;
    }
    if (mosquitto_want_write(p->client) && mosquitto_loop_write(p->client, 1) != MOSQ_ERR_SUCCESS) {
        return false;
    }
    return mosquitto_loop_misc(p->client) == MOSQ_ERR_SUCCESS;
}

static int publish(int port, int qos)
{
    static struct publisher p;
    p.qos = qos;
    p.client = mosquitto_new(NULL, true, &p);
    if (p.client == NULL ||
        mosquitto_property_add_int32(&p.properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, EXPIRY_S) !=
            MOSQ_ERR_SUCCESS) {
        return fail("no memory");
    }
    (void)mosquitto_int_option(p.client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    (void)mosquitto_int_option(p.client, MOSQ_OPT_TCP_NODELAY, 1);
    (void)mosquitto_int_option(p.client, MOSQ_OPT_SEND_MAXIMUM, IN_FLIGHT_MAX);
    mosquitto_connect_callback_set(p.client, on_connect);
    mosquitto_publish_callback_set(p.client, on_publish);
    if (mosquitto_connect(p.client, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS) {
        return fail("cannot connect");
    }
    while (!p.ended || p.length > 0 || p.in_flight > 0) {
        if (!turn(&p)) {
            return fail("the connection broke");
        }
    }
    return 0;
}

/* ---- subscribe ---------------------------------------------------------------------------- */

struct subscriber {
    uint32_t *delays_us;
    uint64_t count;
    uint64_t received;
    int64_t first_ns;
    int64_t last_ns;
    bool granted;
};

static void on_granted(struct mosquitto *client, void *context, int mid, int count,
                       const int *granted)
{
    (void)client, (void)mid, (void)count, (void)granted;
    ((struct subscriber *)context)->granted = true;
}

static void on_message(struct mosquitto *client, void *context,
                       const struct mosquitto_message *message)
{
    struct subscriber *s = context;
    (void)client;
    const char *text = message->payload;
    const char *stamp = text != NULL ? strstr(text, "\"Stamp\":") : NULL;
    if (stamp == NULL || message->retain || s->received == s->count) {
        return;
    }
    uint64_t sent_us = strtoull(stamp + strlen("\"Stamp\":"), NULL, 10);
    s->last_ns = now_ns();
    s->first_ns = s->received == 0 ? s->last_ns : s->first_ns;
    s->delays_us[s->received++] = (uint32_t)((stamp_now() - sent_us) & STAMP_MASK);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t percentile(const struct subscriber *s, uint64_t per_mille)
{
    return s->received > 0 ? s->delays_us[(s->received - 1) * per_mille / 1000] : 0;
}

static void report(struct subscriber *s)
{
    qsort(s->delays_us, s->received, sizeof(s->delays_us[0]), by_size);
    printf("{\"received\": %llu, \"seconds\": %.6f, \"p50_us\": %u, \"p99_us\": %u, \"p999_us\": "
           "%u, \"max_us\": %u}\n",
           (unsigned long long)s->received, (double)(s->last_ns - s->first_ns) / 1e9,
           percentile(s, 500), percentile(s, 990), percentile(s, 999), percentile(s, 1000));
}

static int subscribe(int port, const char *filter, uint64_t count)
{
    struct subscriber s = {.count = count, .delays_us = calloc(count, sizeof(uint32_t))};
    struct mosquitto *client = mosquitto_new(NULL, true, &s);
    if (s.delays_us == NULL || client == NULL) {
        return fail("no memory");
    }
    mosquitto_subscribe_callback_set(client, on_granted);
    mosquitto_message_callback_set(client, on_message);
    if (mosquitto_connect(client, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS ||
        mosquitto_subscribe(client, NULL, filter, 0) != MOSQ_ERR_SUCCESS) {
        return fail("cannot subscribe");
    }
    bool told = false;
    int64_t idle_since_ns = now_ns();
    while (s.received < count && now_ns() - idle_since_ns < IDLE_MS * INT64_C(1000000)) {
        uint64_t before = s.received;
        if (mosquitto_loop(client, 100, 1) != MOSQ_ERR_SUCCESS) {
            return fail("the connection broke");
        }
        if (s.granted && !told) {
            told = puts("ready") >= 0 && fflush(stdout) == 0;
        }
        if (s.received != before || s.received == 0) {
            idle_since_ns = now_ns();
        }
    }
    report(&s);
    mosquitto_destroy(client);
    free(s.delays_us);
    return 0;
}

int main(int argc, char **argv)
{
    (void)mosquitto_lib_init();
    if (argc == 5 && strcmp(argv[1], "feed") == 0) {
        return feed(strcmp(argv[2], "records") == 0, strtoull(argv[3], NULL, 10),
                    strtoull(argv[4], NULL, 10));
    }
    if (argc == 4 && strcmp(argv[1], "publish") == 0) {
        return publish((int)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
    }
    if (argc == 5 && strcmp(argv[1], "subscribe") == 0) {
        return subscribe((int)strtol(argv[2], NULL, 10), argv[3], strtoull(argv[4], NULL, 10));
    }
    return fail("usage: feed frames|records RATE COUNT; publish PORT QOS; subscribe PORT FILTER "
                "COUNT") +
           1;
}
