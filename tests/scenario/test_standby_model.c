/*
 * Three nodes of one group, a broker and a gateway in virtual time: messages take their time, are
 * lost with their connection, nodes stand still and begin anew, clocks drift, the broker forgets.
 *
 * Always: no two nodes may drive at the same instant, no two lead with the same epoch (unless the
 * broker forgot what it retained), and what the gateway accepts never goes back to an older epoch.
 * And in the end, when all is well again, one node leads.
 *
 * EDGE_STANDBY_STEPS: how many steps; 100,000 unless it says otherwise.
 */
#include "automation-node/standby/standby.h"
#include "edge-gateway/command/fence.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES       3
#define GATEWAY     NODES /* its place among the clients */
#define CLIENTS     (NODES + 1)
#define MS          INT64_C(1000)
#define TAKEOVER_US (5000 * MS)
#define QUEUE_MAX   512
#define EPOCHS_MAX  65536
#define GROUP       "heating"

static const char *const names[CLIENTS] = {"auto1", "auto2", "auto3", "gw1"};

enum sort {
    CLAIM,
    STATUS,
    COMMAND,
    FENCE
};

struct message {
    enum sort sort;
    size_t from; /* node; of a fence: who has it */
    struct standby_claim claim;
    uint64_t epoch;
    bool online;
    bool retained;
    int64_t at_us; /* when it arrives */
};

struct queue {
    struct message items[QUEUE_MAX];
    size_t count;
    int64_t last_us; /* of an arrival */
};

struct client {
    bool linked;
    struct queue up;   /* to the broker */
    struct queue down; /* from it */
    int64_t until_us;  /* the link's state changes */
};

struct model_node {
    struct standby standby;
    double rate; /* of its clock */
    int64_t offset_us;
    int64_t stands_until_us; /* it does not run */
    bool led;
};

struct model {
    unsigned random;
    int64_t now_us;
    bool ordered; /* as mosquitto is; else as a cluster may be */
    bool forgets; /* the broker may lose what it retained */
    bool faults;
    struct client clients[CLIENTS];
    struct model_node nodes[NODES];
    struct message claims[NODES]; /* retained */
    bool has_claim[NODES];
    bool online[NODES];
    bool has_fence;
    struct message fence;
    struct fence_table fences; /* of the gateway, remembered for ever */
    uint64_t accepted_epoch;
    uint64_t refused;
    uint64_t accepted;
    uint64_t beats;
    int8_t leaders[EPOCHS_MAX]; /* by epoch: 1 + the node that led with it */
};

static unsigned draw(struct model *m, unsigned below)
{
    m->random = m->random * 1664525u + 1013904223u;
    return (unsigned)(((uint64_t)(m->random >> 8) * below) >> 24);
}

static int64_t node_time(const struct model *m, size_t node)
{
    return m->nodes[node].offset_us + (int64_t)((double)m->now_us * m->nodes[node].rate);
}

static int64_t delay_us(struct model *m)
{
    unsigned sort = draw(m, 100);
    if (!m->faults || sort < 90) {
        return draw(m, 20) * MS;
    }
    return sort < 98 ? draw(m, 1000) * MS : draw(m, 9000) * MS;
}

static void push(struct model *m, struct queue *q, const struct message *message, bool ordered)
{
    struct message copy = *message;
    copy.at_us = m->now_us + delay_us(m);
    if (ordered && copy.at_us < q->last_us) {
        copy.at_us = q->last_us;
    }
    q->last_us = copy.at_us > q->last_us ? copy.at_us : q->last_us;
    assert_true(q->count < QUEUE_MAX);
    q->items[q->count++] = copy;
}

/* The next that has arrived; in the order in which they were sent if they arrive at once. */
static bool pop(struct model *m, struct queue *q, struct message *ret)
{
    size_t first = q->count;
    for (size_t i = 0; i < q->count; i++) {
        if (q->items[i].at_us <= m->now_us &&
            (first == q->count || q->items[i].at_us < q->items[first].at_us)) {
            first = i;
        }
    }
    if (first == q->count) {
        return false;
    }
    *ret = q->items[first];
    memmove(&q->items[first], &q->items[first + 1], (q->count - first - 1) * sizeof(q->items[0]));
    q->count--;
    return true;
}

static void send_up(struct model *m, size_t from, const struct message *message)
{
    if (m->clients[from].linked) {
        push(m, &m->clients[from].up, message, true);
    }
}

static void send_down(struct model *m, size_t to, const struct message *message, bool retained)
{
    struct message copy = *message;
    copy.retained = retained;
    if (m->clients[to].linked && m->clients[to].down.count < QUEUE_MAX) {
        push(m, &m->clients[to].down, &copy, m->ordered);
    }
}

/* ---- broker ---- */

static void broadcast(struct model *m, const struct message *message)
{
    for (size_t to = 0; to < CLIENTS; to++) {
        bool wants = message->sort == COMMAND ? to == GATEWAY : to != GATEWAY;
        if (wants) {
            send_down(m, to, message, false);
        }
    }
}

static void broker_takes(struct model *m, const struct message *message)
{
    if (message->sort == CLAIM && message->claim.retain) {
        m->claims[message->from] = *message;
        m->has_claim[message->from] = true;
    } else if (message->sort == FENCE) {
        m->fence = *message;
        m->has_fence = true;
    }
    broadcast(m, message);
}

static void say_status(struct model *m, size_t node, bool online)
{
    m->online[node] = online;
    broadcast(m, &(struct message){.sort = STATUS, .from = node, .online = online});
}

static void connect_node(struct model *m, size_t node)
{
    m->clients[node].linked = true;
    m->clients[node].up.last_us = m->clients[node].down.last_us = 0;
    for (size_t i = 0; i < NODES; i++) {
        if (m->has_claim[i]) {
            send_down(m, node, &m->claims[i], true);
        }
    }
    for (size_t i = 0; i < NODES; i++) {
        send_down(m, node, &(struct message){.sort = STATUS, .from = i, .online = m->online[i]},
                  true);
    }
    if (m->has_fence) {
        send_down(m, node, &m->fence, true);
    }
    say_status(m, node, true);
}

/* What was on its way to the broker gets there as far as it did; the rest is lost. */
static void disconnect(struct model *m, size_t client)
{
    struct client *c = &m->clients[client];
    struct message message;
    c->linked = false;
    while (draw(m, 2) == 0 && pop(m, &c->up, &message)) {
        broker_takes(m, &message);
    }
    c->up.count = c->down.count = 0;
    if (client != GATEWAY) {
        say_status(m, client, false);
    }
}

/* ---- nodes ---- */

static void init_node(struct model *m, size_t node)
{
    struct model_node *n = &m->nodes[node];
    m->beats += 1000000;
    const struct standby_options options = {.node = names[node],
                                            .rank = (unsigned)node + 1,
                                            .takeover_us = TAKEOVER_US,
                                            .first_beat = m->beats};
    standby_init(&n->standby, &options, node_time(m, node));
    n->led = false;
}

static bool stands(const struct model *m, size_t node)
{
    return m->nodes[node].stands_until_us > m->now_us;
}

static void note_leader(struct model *m, size_t node)
{
    struct model_node *n = &m->nodes[node];
    bool leads = n->standby.state == STANDBY_LEADER;
    if (leads && !n->led) {
        uint64_t epoch = standby_epoch(&n->standby);
        assert_true(epoch < EPOCHS_MAX);
        if (m->ordered && !m->forgets) {
            assert_int_equal(m->leaders[epoch], 0);
        }
        m->leaders[epoch] = (int8_t)(node + 1);
    }
    n->led = leads;
}

static void publish_claims(struct model *m, size_t node)
{
    struct standby_claim claim;
    note_leader(m, node);
    while (standby_take_claim(&m->nodes[node].standby, &claim, node_time(m, node))) {
        for (size_t i = 0; claim.to != NULL && i < NODES; i++) {
            claim.to = strcmp(claim.to, names[i]) == 0 ? names[i] : claim.to; /* outlives it */
        }
        send_up(m, node, &(struct message){.sort = CLAIM, .from = node, .claim = claim});
    }
}

static void node_hears(struct model *m, size_t node, const struct message *message)
{
    struct standby *s = &m->nodes[node].standby;
    int64_t now_us = node_time(m, node);
    if (message->sort == CLAIM) {
        standby_hear(s, &message->claim, message->retained, now_us);
    } else if (message->sort == STATUS) {
        standby_hear_status(s, names[message->from], message->online);
    } else {
        standby_hear_fence(s, names[message->from], message->epoch, now_us);
    }
}

static void drive(struct model *m, size_t node)
{
    const struct standby *s = &m->nodes[node].standby;
    if (standby_leads(s, node_time(m, node)) && draw(m, 4) == 0) {
        send_up(m, node,
                &(struct message){.sort = COMMAND, .from = node, .epoch = standby_epoch(s)});
    }
}

/* As the loop does: timers, then what has arrived. */
static void run_node(struct model *m, size_t node)
{
    struct message message;
    if (stands(m, node)) {
        return;
    }
    standby_tick(&m->nodes[node].standby, node_time(m, node));
    publish_claims(m, node);
    while (m->clients[node].linked && pop(m, &m->clients[node].down, &message)) {
        node_hears(m, node, &message);
        publish_claims(m, node);
        standby_tick(&m->nodes[node].standby, node_time(m, node));
        publish_claims(m, node);
        drive(m, node);
    }
    drive(m, node);
}

static void tell_fence(struct model *m)
{
    size_t holder = 0;
    if (m->fences.count == 0) {
        return;
    }
    while (strcmp(names[holder], m->fences.items[0].node) != 0) {
        holder++;
    }
    send_up(m, GATEWAY,
            &(struct message){.sort = FENCE, .from = holder, .epoch = m->fences.items[0].epoch});
}

static void run_gateway(struct model *m)
{
    struct message message;
    struct client *c = &m->clients[GATEWAY];
    while (c->linked && pop(m, &c->down, &message)) {
        const struct payload_master master = {GROUP, names[message.from], message.epoch};
        struct fence_pass pass = {FENCE_NONE, false};
        struct command_error error;
        if (fence_admit(&m->fences, GROUP, &master, &pass, &error) == COMMAND_ACCEPTED) {
            assert_true(message.epoch >= m->accepted_epoch);
            m->accepted_epoch = message.epoch;
            m->accepted++;
        } else {
            m->refused++;
        }
        tell_fence(m);
    }
}

static void run_broker(struct model *m)
{
    struct message message;
    for (size_t i = 0; i < CLIENTS; i++) {
        while (m->clients[i].linked && pop(m, &m->clients[i].up, &message)) {
            broker_takes(m, &message);
        }
    }
}

/* ---- faults ---- */

static void reconnect(struct model *m, size_t client)
{
    if (client == GATEWAY) {
        m->clients[client].linked = true;
        tell_fence(m);
        return;
    }
    if (!stands(m, client)) { /* a node that stands still connects to nobody */
        connect_node(m, client);
        standby_up(&m->nodes[client].standby, node_time(m, client));
    }
}

static void cut(struct model *m, size_t client)
{
    if (m->clients[client].linked) {
        disconnect(m, client);
        if (client != GATEWAY) {
            standby_down(&m->nodes[client].standby, node_time(m, client));
        }
    }
}

static void fault(struct model *m)
{
    size_t client = draw(m, CLIENTS);
    size_t node = draw(m, NODES);
    switch (draw(m, 800)) {
    case 0:
    case 1:
        cut(m, client);
        m->clients[client].until_us = m->now_us + draw(m, 12000) * MS;
        break;
    case 2:
        m->nodes[node].stands_until_us = m->now_us + draw(m, 12000) * MS;
        break;
    case 3:
        (void)!standby_release(&m->nodes[node].standby,
                               draw(m, 2) == 0 ? names[draw(m, NODES)] : NULL, node_time(m, node));
        break;
    case 4: /* a new process in its place */
        cut(m, node);
        init_node(m, node);
        break;
    case 5: /* the broker begins anew, and may have forgotten everything */
        if (draw(m, 4) == 0) {
            bool forgets = m->forgets && draw(m, 2) == 0;
            for (size_t i = 0; i < CLIENTS; i++) {
                cut(m, i);
            }
            memset(m->has_claim, 0, forgets ? sizeof(m->has_claim) : 0);
            m->has_fence = m->has_fence && !forgets;
        }
        break;
    default:
        break;
    }
}

static void check_one_driver(const struct model *m)
{
    size_t drivers = 0;
    for (size_t i = 0; i < NODES; i++) {
        drivers += standby_leads(&m->nodes[i].standby, node_time(m, i)) ? 1 : 0;
    }
    if (m->ordered) {
        assert_in_range(drivers, 0, 1);
    }
}

static void step(struct model *m)
{
    m->now_us += (1 + draw(m, 20)) * MS;
    if (m->faults) {
        fault(m);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        if (!m->clients[i].linked && m->now_us >= m->clients[i].until_us) {
            reconnect(m, i);
        }
    }
    run_broker(m);
    for (size_t i = 0; i < NODES; i++) {
        run_node(m, i);
        check_one_driver(m);
    }
    run_gateway(m);
}

static struct model *new_model(unsigned seed, bool ordered, bool forgets)
{
    struct model *m = calloc(1, sizeof(*m));
    assert_non_null(m);
    m->random = seed;
    m->ordered = ordered;
    m->forgets = forgets;
    m->faults = true;
    for (size_t i = 0; i < NODES; i++) {
        m->nodes[i].rate = 0.99 + 0.01 * (double)draw(m, 3);
        m->nodes[i].offset_us = (int64_t)draw(m, 1000000) * MS;
        init_node(m, i);
    }
    return m;
}

static uint64_t steps_wanted(void)
{
    uint64_t steps = 100000;
    const char *text = getenv("EDGE_STANDBY_STEPS");
    if (text != NULL && parse_u64(text, strlen(text), UINT32_MAX, &steps) < 0) {
        fail_msg("EDGE_STANDBY_STEPS is not a number: %s", text);
    }
    return steps;
}

static void report(const struct model *m, const char *what, uint64_t steps)
{
    uint64_t takeovers = 0;
    for (size_t i = 0; i < EPOCHS_MAX; i++) {
        takeovers += m->leaders[i] != 0 ? 1 : 0;
    }
    print_message("%s: %" PRIu64 " steps, %.0f s, %" PRIu64 " takeovers, epoch %" PRIu64
                  ", commands: %" PRIu64 " accepted, %" PRIu64 " of older masters refused\n",
                  what, steps, (double)m->now_us / 1e6, takeovers, m->accepted_epoch, m->accepted,
                  m->refused);
    assert_true(takeovers > steps / 10000);
    assert_true(m->accepted > steps / 500);
}

static void run(unsigned seed, bool ordered, bool forgets, const char *what)
{
    struct model *m = new_model(seed, ordered, forgets);
    uint64_t steps = steps_wanted();
    for (uint64_t i = 0; i < steps; i++) {
        step(m);
    }
    report(m, what, steps);
    m->faults = false;
    for (int64_t end_us = m->now_us + 10 * TAKEOVER_US; m->now_us < end_us;) {
        step(m);
    }
    size_t leaders = 0;
    for (size_t i = 0; i < NODES; i++) {
        leaders += m->nodes[i].standby.state == STANDBY_LEADER ? 1 : 0;
    }
    assert_int_equal(leaders, 1);
    free(m);
}

static void test_there_is_never_more_than_one_master(void **state)
{
    (void)state;
    run(test_seed(), true, false, "ordered");
}

static void test_nor_if_the_broker_forgets(void **state)
{
    (void)state;
    run(test_seed(), true, true, "forgetful");
}

/* A cluster that gives each subscriber its own order: only the gateway keeps masters apart then. */
static void test_a_gateway_obeys_one_master_whatever_the_order(void **state)
{
    (void)state;
    run(test_seed(), false, true, "unordered");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_is_never_more_than_one_master),
        cmocka_unit_test(test_nor_if_the_broker_forgets),
        cmocka_unit_test(test_a_gateway_obeys_one_master_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
