/*
 * The driver for a bus that is not there: a greenhouse in memory whose control units send at their
 * cycle times and obey commands. Physics can run faster than the bus does.
 */
#include "edge-gateway/bus/bus_driver.h"

#include <errno.h>
#include <stdlib.h>

#include "edge-gateway/plant/greenhouse.h"
#include "edge-gateway/plant/greenhouse_can.h"

#define TIME_FACTOR_MAX 3600.0

struct simulation;

/* One control unit's sending of one message. */
struct sender {
    struct simulation *simulation;
    enum greenhouse_message message;
    struct timer timer;
    int64_t due_us;
    uint64_t turn;
};

struct simulation {
    struct bus_port *port;
    struct greenhouse *house;
    double time_factor;
    int64_t stepped_us; /* the loop's time up to which the house has been stepped */
    struct sender senders[GREENHOUSE_MESSAGE_COUNT];
};

static void catch_up(struct simulation *simulation)
{
    int64_t now_us = loop_now_us(simulation->port->loop);
    double passed_us = (double)(now_us - simulation->stepped_us) * simulation->time_factor;
    greenhouse_step(simulation->house, (int64_t)passed_us);
    simulation->stepped_us = now_us;
}

/* Keeps the rhythm: the next deadline follows from the last one, unless we are a whole cycle late
 * (the process was stopped), when the missed ones are left out. */
static void arm_next(struct sender *sender)
{
    struct loop *loop = sender->simulation->port->loop;
    int64_t cycle_us = greenhouse_cycle_us(sender->message);
    sender->due_us += cycle_us;
    if (sender->due_us <= loop_now_us(loop)) {
        sender->due_us = loop_now_us(loop) + cycle_us;
    }
    loop_timer_at(loop, &sender->timer, sender->due_us);
}

static void on_sender_due(void *context)
{
    struct sender *sender = context;
    struct bus_port *port = sender->simulation->port;
    catch_up(sender->simulation);
    struct frame frame = {.ts_us = loop_realtime_us(port->loop), .bus = port->index};
    greenhouse_frame(sender->simulation->house, sender->message, sender->turn, &frame);
    sender->turn++;
    arm_next(sender);
    bus_port_frames(port, &frame, 1);
}

static int simulate_start(void *driver)
{
    struct simulation *simulation = driver;
    struct loop *loop = simulation->port->loop;
    simulation->stepped_us = loop_now_us(loop);
    for (size_t i = 0; i < GREENHOUSE_MESSAGE_COUNT; i++) {
        struct sender *sender = &simulation->senders[i];
        sender->due_us = loop_now_us(loop);
        loop_timer_at(loop, &sender->timer, sender->due_us);
    }
    bus_port_state(simulation->port, BUS_STATE_UP, "simulated greenhouse");
    return 0;
}

/* A frame that no control unit listens to is sent all the same, as on any bus. */
static int simulate_send(void *driver, const struct frame *frame)
{
    struct simulation *simulation = driver;
    if (simulation->port->driver_state == BUS_STATE_DOWN) {
        return -ENETDOWN;
    }
    catch_up(simulation);
    (void)greenhouse_command(simulation->house, frame);
    return 0;
}

static void simulate_free(void *driver)
{
    struct simulation *simulation = driver;
    if (simulation == NULL) {
        return;
    }
    for (size_t i = 0; i < GREENHOUSE_MESSAGE_COUNT; i++) {
        loop_timer_cancel(simulation->port->loop, &simulation->senders[i].timer);
    }
    greenhouse_free(simulation->house);
    free(simulation);
}

static int simulate_open(struct bus_port *port, const struct bus_options *options,
                         void **ret_driver)
{
    double factor = options->simulate.time_factor;
    if (!(factor >= 0.0 && factor <= TIME_FACTOR_MAX)) {
        return -EINVAL;
    }
    struct simulation *simulation = calloc(1, sizeof(*simulation));
    if (simulation == NULL) {
        return -ENOMEM;
    }
    simulation->port = port;
    simulation->time_factor = factor == 0.0 ? 1.0 : factor;
    int r = greenhouse_new(options->simulate.seed, &simulation->house);
    if (r < 0) {
        free(simulation);
        return r;
    }
    for (size_t i = 0; i < GREENHOUSE_MESSAGE_COUNT; i++) {
        struct sender *sender = &simulation->senders[i];
        *sender = (struct sender){.simulation = simulation, .message = (enum greenhouse_message)i};
        sender->timer = (struct timer){.fn = on_sender_due, .context = sender};
    }
    *ret_driver = simulation;
    return 0;
}

const struct bus_driver bus_simulate_driver = {
    .name = "simulate",
    .open = simulate_open,
    .start = simulate_start,
    .send = simulate_send,
    .free = simulate_free,
};
