/*
 * As many gateways as it is told, as their broker sees them: a connection each, MQTT 5, the topics
 * and payloads of topics/asyncapi.yaml, readings retained with QoS 1 and an expiry. They are
 * published in turn at an even rate. For bench/fleet.
 *
 * usage: fleet_publisher PORT GATEWAYS MESSAGES INTERVAL_S
 * Prints "ready" when every message was published once, then for each line on stdin one with
 * counters as JSON; ends with stdin.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SITE          "edge/fleet"
#define PACKET_MAX    65536
#define EVENTS_MAX    256
#define EXPIRY_S      60
#define CONNECTS_EACH 5 /* new connections in a turn of 10 ms: 500 a second */

struct gateway {
    int fd;
    uint16_t packet_id;
    uint32_t seq;
    int kind;      /* of the packet that is coming; -1: none has begun */
    unsigned left; /* of it, once its length has come: it fits one byte here */
    bool has_length;
};

struct fleet {
    struct gateway *gateways;
    unsigned gateway_count;
    unsigned message_count;
    double interval_s;
    struct sockaddr_in broker;
    int epoll;
    unsigned connected;
    uint64_t turn; /* which reading is next */
    uint64_t published;
    uint64_t acknowledged;
    uint64_t full; /* publishes that the socket did not take */
};

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double now_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- packets ---------------------------------------------------------------------------- */

struct packet {
    uint8_t bytes[PACKET_MAX];
    size_t length;
};

static void put(struct packet *p, const void *bytes, size_t length)
{
    if (p->length + length > sizeof(p->bytes)) {
        errno = EMSGSIZE;
        fail("packet");
    }
    memcpy(p->bytes + p->length, bytes, length);
    p->length += length;
}

static void put_u8(struct packet *p, unsigned value)
{
    put(p, &(uint8_t){(uint8_t)value}, 1);
}

static void put_u16(struct packet *p, unsigned value)
{
    put(p, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static void put_text(struct packet *p, const char *text)
{
    put_u16(p, (unsigned)strlen(text));
    put(p, text, strlen(text));
}

/* Writes the body after its header. False: the socket has no room for it. */
static bool send_packet(int fd, unsigned kind, const struct packet *body)
{
    static struct packet p;
    size_t left = body->length;
    p.length = 0;
    put_u8(&p, kind);
    do {
        put_u8(&p, (unsigned)(left & 127) | (left > 127 ? 128 : 0));
        left >>= 7;
    } while (left > 0);
    put(&p, body->bytes, body->length);
    ssize_t n = send(fd, p.bytes, p.length, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return false;
    }
    if (n != (ssize_t)p.length) {
        fail("send");
    }
    return true;
}

__attribute__((format(printf, 1, 2))) static const char *text_of(const char *format, ...)
{
    static char text[PACKET_MAX / 2];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return text;
}

static bool publish(struct fleet *f, struct gateway *g, const char *topic, const char *payload,
                    bool expires)
{
    static struct packet body;
    body.length = 0;
    put_text(&body, topic);
    g->packet_id = (uint16_t)(g->packet_id % 65535 + 1);
    put_u16(&body, g->packet_id);
    put_u8(&body, expires ? 5 : 0);
    if (expires) {
        put_u8(&body, 2);
        put_u16(&body, 0);
        put_u16(&body, EXPIRY_S);
    }
    put(&body, payload, strlen(payload));
    bool sent = send_packet(g->fd, 0x33, &body); /* QoS 1, retained */
    f->published += sent ? 1 : 0;
    f->full += sent ? 0 : 1;
    return sent;
}

/* ---- a gateway -------------------------------------------------------------------------- */

static void send_connect(struct gateway *g, unsigned index)
{
    static struct packet body;
    char status[64];
    (void)snprintf(status, sizeof(status), SITE "/gw%u/status", index);
    body.length = 0;
    put_text(&body, "MQTT");
    put_u8(&body, 5);
    put_u8(&body, 0x2E); /* clean start, a will with QoS 1, retained */
    put_u16(&body, 60);
    put_u8(&body, 0);
    put_text(&body, text_of("fleet-gw%u", index));
    put_u8(&body, 0);
    put_text(&body, status);
    put_text(&body, "offline");
    if (!send_packet(g->fd, 0x10, &body)) {
        fail("connect");
    }
}

static void announce(struct fleet *f, struct gateway *g, unsigned index)
{
    char topic[64];
    (void)snprintf(topic, sizeof(topic), SITE "/gw%u/status", index);
    publish(f, g, topic, "online", false);
    (void)snprintf(topic, sizeof(topic), SITE "/gw%u/info", index);
    publish(f, g, topic,
            text_of("{\"program\":\"edge-gateway\",\"version\":\"0.1.0\",\"started\":%.3f,"
                    "\"buses\":[\"can0\"],\"devices\":[],\"capabilities\":[\"set\",\"history\"]}",
                    now_s(CLOCK_REALTIME)),
            false);
    (void)snprintf(topic, sizeof(topic), SITE "/gw%u/can/can0/state", index);
    publish(f, g, topic, "{\"state\":\"up\",\"load\":12.5,\"error_frames\":0}", false);
}

static void open_gateway(struct fleet *f, unsigned index)
{
    struct gateway *g = &f->gateways[index];
    g->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (g->fd < 0 || connect(g->fd, (struct sockaddr *)&f->broker, sizeof(f->broker)) < 0) {
        fail("connect");
    }
    (void)setsockopt(g->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    send_connect(g, index);
    uint8_t connack[64];
    if (recv(g->fd, connack, sizeof(connack), 0) < 4 || connack[0] != 0x20 || connack[3] != 0) {
        fail("CONNACK");
    }
    g->kind = -1;
    (void)fcntl(g->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
    if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, g->fd, &event) < 0) {
        fail("epoll");
    }
    announce(f, g, index);
}

static void publish_reading(struct fleet *f, uint64_t turn)
{
    unsigned index = (unsigned)(turn % f->gateway_count);
    unsigned message = (unsigned)(turn / f->gateway_count % f->message_count);
    struct gateway *g = &f->gateways[index];
    g->seq++;
    double level = (double)(turn * 7919 % 1000) / 10;
    char topic[64];
    (void)snprintf(topic, sizeof(topic), SITE "/gw%u/can/can0/Message%u", index, message);
    publish(f, g, topic,
            text_of("{\"ts\":%.6f,\"seq\":%" PRIu32 ",\"signals\":{\"Temperature\":%.1f,"
                    "\"Humidity\":%.1f,\"Counter\":%" PRIu32 ",\"Pump\":\"Running\"}}",
                    now_s(CLOCK_REALTIME), g->seq, level, 100 - level, g->seq),
            true);
}

/* ---- all of them ------------------------------------------------------------------------ */

static void take_byte(struct fleet *f, struct gateway *g, uint8_t byte)
{
    if (g->kind < 0) {
        g->kind = byte;
        return;
    }
    g->left = g->has_length ? g->left - 1 : byte;
    g->has_length = true;
    if (g->left == 0) {
        f->acknowledged += g->kind == 0x40 ? 1 : 0;
        g->kind = -1;
        g->has_length = false;
    }
}

static void read_all(struct fleet *f, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(f->epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++) {
        uint8_t bytes[4096];
        struct gateway *g = &f->gateways[events[i].data.u32];
        ssize_t n = recv(g->fd, bytes, sizeof(bytes), 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            fail("the broker hung up");
        }
        for (ssize_t k = 0; k < n; k++) {
            take_byte(f, g, bytes[k]);
        }
    }
}

static void report(const struct fleet *f)
{
    printf("{\"connected\":%u,\"published\":%" PRIu64 ",\"acknowledged\":%" PRIu64
           ",\"full\":%" PRIu64 "}\n",
           f->connected, f->published, f->acknowledged, f->full);
    (void)fflush(stdout);
}

/* False: stdin has ended. */
static bool answer(const struct fleet *f)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[64];
    if (poll(&in, 1, 0) <= 0) {
        return true;
    }
    if (read(STDIN_FILENO, line, sizeof(line)) <= 0) {
        return false;
    }
    report(f);
    return true;
}

static void run(struct fleet *f)
{
    uint64_t total = (uint64_t)f->gateway_count * f->message_count;
    double rate = (double)total / f->interval_s;
    double begin_s = 0;
    do {
        read_all(f, 5);
        for (int i = 0; i < CONNECTS_EACH && f->connected < f->gateway_count; i++) {
            open_gateway(f, f->connected++);
        }
        if (f->connected < f->gateway_count) {
            continue;
        }
        begin_s = begin_s > 0 ? begin_s : now_s(CLOCK_MONOTONIC);
        uint64_t due = (uint64_t)((now_s(CLOCK_MONOTONIC) - begin_s) * rate);
        while (f->turn < due) {
            publish_reading(f, f->turn++);
            if (f->turn == total) {
                (void)puts("ready");
                (void)fflush(stdout);
            }
        }
    } while (answer(f));
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        (void)fputs("usage: fleet_publisher PORT GATEWAYS MESSAGES INTERVAL_S\n", stderr);
        return 2;
    }
    struct fleet f = {
        .gateway_count = (unsigned)strtoul(argv[2], NULL, 10),
        .message_count = (unsigned)strtoul(argv[3], NULL, 10),
        .interval_s = strtod(argv[4], NULL),
        .broker = {.sin_family = AF_INET,
                   .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
        .epoll = epoll_create1(EPOLL_CLOEXEC),
    };
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    f.gateways = calloc(f.gateway_count, sizeof(*f.gateways));
    if (f.gateways == NULL || f.epoll < 0) {
        fail("memory");
    }
    run(&f);
    free(f.gateways);
    return 0;
}
