#include "common/ack_pace.h"

#include "tests/unit/cmocka_all.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SPAN_US INT64_C(10000)

struct fixture {
    struct clock_fake clock;
    struct loop *loop;
    struct ack_pace pace;
    int near; /* both ends of a connection over loopback */
    int far;
    int looks;
    bool is_tls;
};

static void on_look(void *context)
{
    struct fixture *f = context;
    f->looks++;
    ack_pace_follow(&f->pace, f->near, f->is_tls);
}

static void connect_both(struct fixture *f)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    f->near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(connect(f->near, (struct sockaddr *)&address, length), 0);
    f->far = accept(listener, NULL, NULL);
    assert_true(f->far >= 0);
    (void)close(listener);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->clock = (struct clock_fake){.monotonic_us = 1000000, .realtime_us = 5000000};
    assert_int_equal(loop_new_fake(&f->clock, &f->loop), 0);
    ack_pace_init(&f->pace, f->loop, on_look, f);
    ack_pace_limit(&f->pace, 100);
    connect_both(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    ack_pace_stop(&f->pace);
    (void)close(f->near);
    (void)close(f->far);
    loop_free(f->loop);
    free(f);
    return 0;
}

/* The fake clock jumps to the end of the wait. */
static void pass(struct fixture *f, int64_t span_us)
{
    int64_t end_us = loop_now_us(f->loop) + span_us;
    while (loop_now_us(f->loop) < end_us) {
        assert_int_equal(loop_run_once(f->loop, end_us - loop_now_us(f->loop)), 0);
    }
}

static void publish(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        ack_pace_published(&f->pace);
    }
    pass(f, SPAN_US);
    ack_pace_follow(&f->pace, f->near, f->is_tls);
}

static int low_water(const struct fixture *f)
{
    int bytes = 0;
    socklen_t length = sizeof(bytes);
    assert_int_equal(getsockopt(f->near, SOL_SOCKET, SO_RCVLOWAT, &bytes, &length), 0);
    return bytes;
}

static bool is_told(const struct fixture *f)
{
    struct pollfd near = {.fd = f->near, .events = POLLIN};
    return poll(&near, 1, 0) == 1;
}

static void receive(const struct fixture *f, size_t bytes)
{
    static const char some[64];
    assert_int_equal(write(f->far, some, bytes), bytes);
}

static void few_are_awaited_one_by_one(void **state)
{
    struct fixture *f = *state;
    publish(f, 49);
    assert_int_equal(low_water(f), 1);
    receive(f, 1);
    assert_true(is_told(f));
    pass(f, US_PER_S);
    assert_int_equal(f->looks, 0);
}

static void many_are_awaited_together(void **state)
{
    struct fixture *f = *state;
    publish(f, 50);
    assert_int_equal(low_water(f), 40);
    receive(f, 39);
    assert_false(is_told(f));
    receive(f, 1);
    assert_true(is_told(f));
}

static void what_is_as_long_as_a_wish_is_told_at_once(void **state)
{
    struct fixture *f = *state;
    publish(f, 1000);
    receive(f, 60);
    assert_true(is_told(f));
}

static void within_tls_they_are_longer(void **state)
{
    struct fixture *f = *state;
    f->is_tls = true;
    publish(f, 50);
    assert_int_equal(low_water(f), 260);
}

static void the_socket_is_looked_at_while_they_are_awaited(void **state)
{
    struct fixture *f = *state;
    publish(f, 100);
    pass(f, ACK_PACE_PATIENCE_US - 1);
    assert_int_equal(f->looks, 0);
    pass(f, 1);
    assert_int_equal(f->looks, 1);
}

static void when_fewer_come_it_ends(void **state)
{
    struct fixture *f = *state;
    publish(f, 100);
    receive(f, 4);
    assert_false(is_told(f));
    pass(f, 3 * SPAN_US);
    assert_int_equal(low_water(f), 1);
    assert_true(is_told(f));
    int looks = f->looks;
    pass(f, US_PER_S);
    assert_int_equal(f->looks, looks);
}

static void a_burst_after_a_silence_is_no_rate(void **state)
{
    struct fixture *f = *state;
    pass(f, US_PER_S);
    publish(f, 500);
    assert_int_equal(low_water(f), 1);
}

static void half_of_the_window_at_most(void **state)
{
    struct fixture *f = *state;
    ack_pace_limit(&f->pace, 10);
    ack_pace_limit(&f->pace, 50); /* the lower one counts */
    publish(f, 100);
    assert_int_equal(low_water(f), 20);
}

static void a_window_of_few_is_never_waited_for(void **state)
{
    struct fixture *f = *state;
    ack_pace_limit(&f->pace, 3);
    publish(f, 100);
    assert_int_equal(low_water(f), 1);
    pass(f, US_PER_S);
    assert_int_equal(f->looks, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(few_are_awaited_one_by_one),
        CASE(many_are_awaited_together),
        CASE(what_is_as_long_as_a_wish_is_told_at_once),
        CASE(within_tls_they_are_longer),
        CASE(the_socket_is_looked_at_while_they_are_awaited),
        CASE(when_fewer_come_it_ends),
        CASE(a_burst_after_a_silence_is_no_rate),
        CASE(half_of_the_window_at_most),
        CASE(a_window_of_few_is_never_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
