#include "tests/integration/link_bench.h"

#include "tests/unit/cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
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

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

uint16_t bench_free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(0);
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

static void on_down(void *context, const char *reason)
{
    struct client *client = context;
    client->downs++;
    (void)snprintf(client->reason, sizeof(client->reason), "%s", reason);
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

static void write_file(const struct broker *broker, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", broker->folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void remove_file(const struct broker *broker, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", broker->folder, name);
    (void)unlink(path);
}

void broker_init(struct broker *broker, const char *options)
{
    char config[1024];
    *broker = (struct broker){.folder = "/tmp/edge-link-XXXXXX",
                              .address = {"127.0.0.1", bench_free_port()}};
    assert_non_null(mkdtemp(broker->folder));
    /* As root, mosquitto would change to a user who may not read the folder. */
    int length =
        snprintf(config, sizeof(config), "listener %u 127.0.0.1\nuser root\nlog_type none\n%s\n",
                 (unsigned)broker->address.port, options);
    assert_in_range(length, 1, sizeof(config) - 1);
    write_file(broker, "mosquitto.conf", config);
    write_file(broker, "passwords", "");
    write_file(broker, "acl", "topic readwrite allowed/#\n");
}

void broker_deinit(struct broker *broker)
{
    broker_kill(broker);
    remove_file(broker, "mosquitto.conf");
    remove_file(broker, "passwords");
    remove_file(broker, "acl");
    (void)rmdir(broker->folder);
}

/* In the child: the program, in the broker's folder, dead when its parent dies. */
static void become(const struct broker *broker, const char *const arguments[])
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDWR);
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    if (chdir(broker->folder) == 0) {
        (void)execvp(arguments[0], (char *const *)arguments);
    }
    _exit(127);
}

static pid_t start_program(const struct broker *broker, const char *const arguments[])
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        become(broker, arguments);
    }
    return pid;
}

static bool takes_connections(const struct broker *broker)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(broker->address.port);
    bool taken = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    (void)close(fd);
    return taken;
}

void broker_start(struct broker *broker, struct bench *bench)
{
    const char *const arguments[] = {"/usr/sbin/mosquitto", "-c", "mosquitto.conf", NULL};
    broker->pid = start_program(broker, arguments);
    AWAIT(bench, takes_connections(broker));
}

void broker_kill(struct broker *broker)
{
    if (broker->pid > 0) {
        (void)kill(broker->pid, SIGKILL);
        (void)waitpid(broker->pid, NULL, 0);
        broker->pid = 0;
    }
}

void broker_freeze(const struct broker *broker)
{
    int status = 0;
    assert_int_equal(kill(broker->pid, SIGSTOP), 0);
    assert_int_equal(waitpid(broker->pid, &status, WUNTRACED), broker->pid);
    assert_true(WIFSTOPPED(status));
}

void broker_add_user(const struct broker *broker, const char *user, const char *password)
{
    const char *const arguments[] = {"mosquitto_passwd", "-b", "passwords", user, password, NULL};
    int status = 0;
    pid_t pid = start_program(broker, arguments);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (broker->pid > 0) {
        assert_int_equal(kill(broker->pid, SIGHUP), 0);
    }
}
