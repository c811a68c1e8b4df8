#include "tests/integration/fake_broker.h"

#include "tests/unit/cmocka_all.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SUBSCRIBE_TYPE 0x82
#define CONNECT_TYPE   0x10
#define VERSION_5      5
#define ANSWERS_TO_5   4
#define FILLERS        (sizeof(((struct tar_pit *)0)->fillers) / sizeof(int))
#define PIT_SETTLE_US  (20 * US_PER_MS) /* loopback answers a SYN in microseconds */

/* A listening socket; its port in *address. */
static int open_listener(struct mqtt_address *address, int backlog)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in bound = bench_loopback(0);
    socklen_t size = sizeof(bound);
    assert_int_equal(bind(fd, (struct sockaddr *)&bound, sizeof(bound)), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &size), 0);
    *address = (struct mqtt_address){"127.0.0.1", ntohs(bound.sin_port)};
    return fd;
}

static void hang_up(struct fake_broker *fake)
{
    if (fake->connection.events != 0 || fake->connection.fd >= 0) {
        loop_fd_unwatch(fake->bench->loop, &fake->connection);
        (void)close(fake->connection.fd);
        fake->connection.fd = -1;
    }
}

static void say(struct fake_broker *fake, const void *bytes, size_t length)
{
    assert_int_equal(send(fake->connection.fd, bytes, length, MSG_NOSIGNAL), length);
}

static void accept_client(struct fake_broker *fake, unsigned version)
{
    static const uint8_t connack_5[] = {0x20, 3, 0, 0, 0};
    static const uint8_t connack_311[] = {0x20, 2, 0, 0};
    if (version == VERSION_5) {
        say(fake, connack_5, sizeof(connack_5));
    } else {
        say(fake, connack_311, sizeof(connack_311));
    }
}

static void answer(struct fake_broker *fake, enum fake_answer how, unsigned version)
{
    static const uint8_t bad_version_5[] = {0x20, 3, 0, 0x84, 0};
    static const uint8_t bad_version_311[] = {0x20, 2, 0, 1};
    static const uint8_t busy_5[] = {0x20, 3, 0, 0x89, 0};
    static const uint8_t busy_311[] = {0x20, 2, 0, 3};
    static const uint8_t garbage[] = {0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F};
    static const uint8_t shutting_down[] = {0xE0, 1, 0x8B};
    switch (how) {
    case FAKE_ACCEPT:
    case FAKE_ACCEPT_AND_ACK_NOTHING:
        accept_client(fake, version);
        break;
    case FAKE_REFUSE_VERSION_AS_5:
        say(fake, bad_version_5, sizeof(bad_version_5));
        break;
    case FAKE_REFUSE_VERSION_AS_3:
        say(fake, bad_version_311, sizeof(bad_version_311));
        break;
    case FAKE_REFUSE_BUSY:
        say(fake, version == VERSION_5 ? busy_5 : busy_311,
            version == VERSION_5 ? sizeof(busy_5) : sizeof(busy_311));
        break;
    case FAKE_CLOSE:
        hang_up(fake);
        break;
    case FAKE_SILENCE:
        break;
    case FAKE_GARBAGE:
        say(fake, garbage, sizeof(garbage));
        break;
    case FAKE_ACCEPT_AND_DISCONNECT:
        accept_client(fake, version);
        say(fake, shutting_down, sizeof(shutting_down));
        hang_up(fake);
        break;
    case FAKE_ACCEPT_AND_CLOSE:
        accept_client(fake, version);
        hang_up(fake);
        break;
    case FAKE_ACCEPT_AND_GO_DEAF:
        accept_client(fake, version);
        loop_fd_unwatch(fake->bench->loop, &fake->connection);
        break;
    }
}

/* A CONNECT's protocol level: after the fixed header, whose length has one or two bytes here, and
 * the protocol name (3.1.2.2). */
static unsigned version_of(const uint8_t *packet)
{
    size_t body = packet[1] < 0x80 ? 2 : 3;
    return packet[body + 6];
}

static void on_connect_packet(struct fake_broker *fake, const uint8_t *packet)
{
    unsigned version = version_of(packet);
    size_t said = strlen(fake->versions);
    assert_true(said + 1 < sizeof(fake->versions));
    fake->versions[said] = (char)('0' + version);
    if (version != VERSION_5) {
        answer(fake, fake->to_311, version);
        return;
    }
    answer(fake, fake->to_5[fake->count_5], version);
    if (fake->count_5 + 1 < ANSWERS_TO_5) {
        fake->count_5++;
    }
}

/* MQTT 5, 3.9: "not authorized", whatever is asked for. */
static void refuse_subscription(struct fake_broker *fake, const uint8_t *packet)
{
    const uint8_t suback[] = {0x90, 4, packet[2], packet[3], 0, 0x87};
    say(fake, suback, sizeof(suback));
}

/* These two arrive in one piece, as small packets on loopback do. The rest is read and left
 * unanswered. */
static void on_bytes(void *context, uint32_t events)
{
    struct fake_broker *fake = context;
    (void)events;
    uint8_t bytes[4096];
    ssize_t length = recv(fake->connection.fd, bytes, sizeof(bytes), 0);
    if (length <= 0) {
        hang_up(fake);
    } else if (bytes[0] == CONNECT_TYPE) {
        on_connect_packet(fake, bytes);
    } else if (bytes[0] == SUBSCRIBE_TYPE) {
        refuse_subscription(fake, bytes);
    }
}

static void on_caller(void *context, uint32_t events)
{
    struct fake_broker *fake = context;
    (void)events;
    hang_up(fake);
    int fd = accept4(fake->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_true(fd >= 0);
    fake->connection.fd = fd;
    assert_int_equal(loop_fd_watch(fake->bench->loop, &fake->connection, fd, EPOLLIN), 0);
}

void fake_broker_init(struct fake_broker *fake, struct bench *bench)
{
    *fake = (struct fake_broker){.bench = bench};
    fake->listener = (struct loop_fd){.fn = on_caller, .context = fake};
    fake->connection = (struct loop_fd){.fn = on_bytes, .context = fake, .fd = -1};
    int fd = open_listener(&fake->address, 8);
    assert_int_equal(loop_fd_watch(bench->loop, &fake->listener, fd, EPOLLIN), 0);
}

void fake_broker_deinit(struct fake_broker *fake)
{
    if (fake->bench == NULL) {
        return;
    }
    hang_up(fake);
    loop_fd_unwatch(fake->bench->loop, &fake->listener);
    (void)close(fake->listener.fd);
}

static bool is_connected(int fd)
{
    int error = 0;
    struct sockaddr_in peer;
    socklen_t size = sizeof(peer);
    socklen_t error_size = sizeof(error);
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 && error == 0 &&
           getpeername(fd, (struct sockaddr *)&peer, &size) == 0;
}

/* Fills the queue until a connection is not completed. */
unsigned fake_broker_segments(const struct fake_broker *fake)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    assert_int_equal(getsockopt(fake->connection.fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    return info.tcpi_data_segs_in;
}

void tar_pit_init(struct tar_pit *pit, struct bench *bench)
{
    memset(pit->fillers, -1, sizeof(pit->fillers));
    pit->listener = open_listener(&pit->address, 0);
    struct sockaddr_in address = bench_loopback(pit->address.port);
    for (size_t i = 0; i < FILLERS; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        pit->fillers[i] = fd;
        (void)connect(fd, (struct sockaddr *)&address, sizeof(address));
        int64_t until_us = loop_now_us(bench->loop) + PIT_SETTLE_US;
        AWAIT(bench, is_connected(fd) || loop_now_us(bench->loop) > until_us);
        if (!is_connected(fd)) {
            return;
        }
    }
    fail_msg("the queue of a listener does not fill up");
}

void tar_pit_deinit(struct tar_pit *pit)
{
    (void)close(pit->listener);
    for (size_t i = 0; i < FILLERS; i++) {
        if (pit->fillers[i] >= 0) {
            (void)close(pit->fillers[i]);
        }
    }
}
