#include "common/loop.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define START_US 1000000

/* A loop on a fake clock, and a list of what happened in it, one letter each. */
struct fixture {
    struct clock_fake clock;
    struct loop *loop;
    char trace[64];
    size_t length;
};

/* A timer, descriptor or signal with a letter, and what it does when it fires. */
struct actor {
    struct fixture *fixture;
    char letter;
    struct timer timer;
    int64_t rearm_us; /* after firing, -1 = not */
    int rearms_left;
    struct loop_fd source;
    struct loop_fd *unwatches; /* this one, when it fires */
    int pipe[2];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->clock = (struct clock_fake){.monotonic_us = START_US, .realtime_us = 5000000};
    assert_int_equal(loop_new_fake(&f->clock, &f->loop), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    loop_free(f->loop);
    free(f);
    return 0;
}

static void note(struct actor *actor)
{
    struct fixture *f = actor->fixture;
    assert_true(f->length + 1 < sizeof(f->trace));
    f->trace[f->length++] = actor->letter;
}

static void on_timer(void *context)
{
    struct actor *actor = context;
    note(actor);
    if (actor->rearm_us >= 0 && actor->rearms_left-- > 0) {
        loop_timer_after(actor->fixture->loop, &actor->timer, actor->rearm_us);
    }
}

static void on_readable(void *context, uint32_t events)
{
    struct actor *actor = context;
    assert_true((events & EPOLLIN) != 0);
    note(actor);
    if (actor->unwatches != NULL) {
        loop_fd_unwatch(actor->fixture->loop, actor->unwatches);
    }
}

static void on_signal(void *context, int signal_number)
{
    struct actor *actor = context;
    assert_int_equal(signal_number, SIGUSR1);
    note(actor);
}

static void stop(void *context)
{
    loop_stop(context, 7);
}

static struct actor timer_actor(struct fixture *f, char letter)
{
    return (struct actor){
        .fixture = f, .letter = letter, .timer.fn = on_timer, .rearm_us = -1, .pipe = {-1, -1}};
}

static void arm(struct actor *actor, int64_t delay_us)
{
    actor->timer.context = actor;
    loop_timer_after(actor->fixture->loop, &actor->timer, delay_us);
}

/* Watches a pipe with a byte in it. */
static void open_readable(struct actor *actor, struct fixture *f, char letter)
{
    *actor = (struct actor){.fixture = f, .letter = letter};
    actor->source = (struct loop_fd){.fn = on_readable, .context = actor};
    assert_int_equal(pipe2(actor->pipe, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(write(actor->pipe[1], "x", 1), 1);
    assert_int_equal(loop_fd_watch(f->loop, &actor->source, actor->pipe[0], EPOLLIN), 0);
}

static void close_readable(struct actor *actor)
{
    loop_fd_unwatch(actor->fixture->loop, &actor->source);
    (void)close(actor->pipe[0]);
    (void)close(actor->pipe[1]);
}

static void run_once(struct fixture *f)
{
    assert_int_equal(loop_run_once(f->loop, -1), 0);
}

static void timers_fire_by_deadline_and_time_jumps_to_each(void **state)
{
    struct fixture *f = *state;
    struct actor a = timer_actor(f, 'a');
    struct actor b = timer_actor(f, 'b');
    arm(&a, 3000);
    arm(&b, 1000);
    run_once(f);
    assert_string_equal(f->trace, "b");
    assert_int_equal(loop_now_us(f->loop), START_US + 1000);
    run_once(f);
    assert_string_equal(f->trace, "ba");
    assert_int_equal(loop_now_us(f->loop), START_US + 3000);
    assert_int_equal(loop_realtime_us(f->loop), 5003000);
}

static void a_timeout_ends_the_wait_before_the_deadline(void **state)
{
    struct fixture *f = *state;
    struct actor a = timer_actor(f, 'a');
    arm(&a, 3000);
    assert_int_equal(loop_run_once(f->loop, 1000), 0);
    assert_string_equal(f->trace, "");
    assert_int_equal(loop_now_us(f->loop), START_US + 1000);
    assert_int_equal(loop_run_once(f->loop, 0), 0);
    assert_int_equal(loop_now_us(f->loop), START_US + 1000);
    assert_int_equal(loop_run_once(f->loop, 2000), 0);
    assert_string_equal(f->trace, "a");
}

static void timers_of_one_moment_fire_in_the_order_of_arming(void **state)
{
    struct fixture *f = *state;
    struct actor actors[5];
    for (size_t i = 0; i < 5; i++) {
        actors[i] = timer_actor(f, (char)('a' + i));
        arm(&actors[i], 1000);
    }
    run_once(f);
    assert_string_equal(f->trace, "abcde");
}

static void a_timer_rearmed_for_now_fires_in_the_next_iteration(void **state)
{
    struct fixture *f = *state;
    struct actor again = timer_actor(f, 'a');
    struct actor other = timer_actor(f, 'o');
    struct actor later = timer_actor(f, 'l');
    again.rearm_us = 0;
    again.rearms_left = 2;
    arm(&again, 1000);
    arm(&other, 1000);
    arm(&later, 9000);
    run_once(f);
    assert_string_equal(f->trace, "ao");
    run_once(f);
    assert_string_equal(f->trace, "aoa");
    run_once(f);
    assert_string_equal(f->trace, "aoaa");
    assert_int_equal(loop_now_us(f->loop), START_US + 1000);
    run_once(f);
    assert_string_equal(f->trace, "aoaal");
}

static void rearm_for_the_past(void *context)
{
    struct actor *actor = context;
    note(actor);
    loop_timer_at(actor->fixture->loop, &actor->timer, 0);
}

static void a_timer_that_is_always_late_does_not_starve_the_others(void **state)
{
    struct fixture *f = *state;
    struct actor greedy = timer_actor(f, 'g');
    struct actor other = timer_actor(f, 'o');
    greedy.timer.fn = rearm_for_the_past;
    arm(&greedy, 0);
    run_once(f);
    arm(&other, 0);
    run_once(f);
    run_once(f);
    assert_non_null(strchr(f->trace, 'o'));
    loop_timer_cancel(f->loop, &greedy.timer);
}

static void a_cancelled_timer_does_not_fire(void **state)
{
    struct fixture *f = *state;
    struct actor a = timer_actor(f, 'a');
    struct actor b = timer_actor(f, 'b');
    arm(&a, 1000);
    arm(&b, 2000);
    loop_timer_cancel(f->loop, &a.timer);
    run_once(f);
    assert_string_equal(f->trace, "b");
}

static void timers_fire_before_descriptors(void **state)
{
    struct fixture *f = *state;
    struct actor fd;
    struct actor timer = timer_actor(f, 't');
    open_readable(&fd, f, 'd');
    arm(&timer, 0);
    run_once(f);
    assert_string_equal(f->trace, "td");
    close_readable(&fd);
}

static void time_stands_still_while_a_descriptor_is_ready(void **state)
{
    struct fixture *f = *state;
    struct actor fd;
    struct actor timer = timer_actor(f, 't');
    open_readable(&fd, f, 'd');
    arm(&timer, 1000);
    run_once(f);
    assert_string_equal(f->trace, "d");
    assert_int_equal(loop_now_us(f->loop), START_US);
    close_readable(&fd);
}

static void what_is_read_after_a_standstill_may_be_as_old(void **state)
{
    struct fixture *f = *state;
    struct actor second = timer_actor(f, 's');
    arm(&second, US_PER_S);
    assert_int_equal(loop_run_once(f->loop, 1000), 0);
    assert_int_equal(loop_unread_since_us(f->loop), START_US + 1000);
    clock_fake_advance(&f->clock, 8 * US_PER_S);
    run_once(f);
    assert_string_equal(f->trace, "s");
    assert_int_equal(loop_unread_since_us(f->loop), START_US + 1000);
    assert_int_equal(loop_run_once(f->loop, US_PER_S / 2), 0); /* it may not have read all yet */
    assert_int_equal(loop_unread_since_us(f->loop), START_US + 1000);
    assert_int_equal(loop_run_once(f->loop, US_PER_S), 0);
    assert_int_equal(loop_unread_since_us(f->loop), loop_now_us(f->loop));
}

static void a_timer_that_is_a_little_late_is_no_standstill(void **state)
{
    struct fixture *f = *state;
    struct actor second = timer_actor(f, 's');
    arm(&second, US_PER_S);
    clock_fake_advance(&f->clock, US_PER_S + LOOP_OVERDUE_US);
    run_once(f);
    assert_string_equal(f->trace, "s");
    assert_int_equal(loop_unread_since_us(f->loop), loop_now_us(f->loop));
}

static void stand_still(void *context, uint32_t events)
{
    struct actor *actor = context;
    clock_fake_advance(&actor->fixture->clock, 3 * US_PER_S);
    on_readable(context, events);
}

static void note_times(void *context, uint32_t events)
{
    struct actor *actor = context;
    assert_int_equal(loop_now_us(actor->fixture->loop), START_US + 3 * US_PER_S);
    assert_int_equal(loop_unread_since_us(actor->fixture->loop), START_US);
    on_readable(context, events);
}

static void a_standstill_within_an_iteration_is_noticed_before_the_next_source_is_read(void **state)
{
    struct fixture *f = *state;
    struct actor first;
    struct actor second;
    open_readable(&first, f, 'f');
    open_readable(&second, f, 's');
    first.source.fn = stand_still;
    second.source.fn = note_times;
    run_once(f);
    assert_string_equal(f->trace, "fs");
    close_readable(&first);
    close_readable(&second);
}

static void a_source_unwatched_in_its_own_batch_is_not_called(void **state)
{
    struct fixture *f = *state;
    struct actor first;
    struct actor second;
    open_readable(&first, f, 'x');
    open_readable(&second, f, 'x');
    first.unwatches = &second.source;
    second.unwatches = &first.source;
    run_once(f);
    assert_string_equal(f->trace, "x"); /* whichever came first removed the other */
    close_readable(&first);
    close_readable(&second);
}

static void a_source_may_unwatch_itself(void **state)
{
    struct fixture *f = *state;
    struct actor fd;
    open_readable(&fd, f, 'd');
    fd.unwatches = &fd.source;
    run_once(f);
    assert_int_equal(loop_run_once(f->loop, 0), 0);
    assert_string_equal(f->trace, "d");
    close_readable(&fd);
}

static void watching_again_changes_the_events(void **state)
{
    struct fixture *f = *state;
    struct actor fd;
    open_readable(&fd, f, 'd');
    assert_int_equal(loop_fd_watch(f->loop, &fd.source, fd.pipe[0], EPOLLPRI), 0);
    assert_int_equal(loop_run_once(f->loop, 0), 0);
    assert_string_equal(f->trace, "");
    assert_int_equal(loop_fd_watch(f->loop, &fd.source, fd.pipe[0], EPOLLIN), 0);
    run_once(f);
    assert_string_equal(f->trace, "d");
    close_readable(&fd);
}

static void what_was_closed_is_forgotten_and_its_number_is_another_s(void **state)
{
    struct fixture *f = *state;
    struct actor closed;
    struct actor other;
    open_readable(&closed, f, 'c');
    assert_int_equal(close(closed.pipe[0]), 0);
    open_readable(&other, f, 'o');
    assert_int_equal(other.pipe[0], closed.pipe[0]);
    loop_fd_forget(f->loop, &closed.source);
    run_once(f);
    assert_string_equal(f->trace, "o");
    close_readable(&other);
    assert_int_equal(close(closed.pipe[1]), 0);
}

static void a_descriptor_that_is_none_is_refused(void **state)
{
    struct fixture *f = *state;
    struct loop_fd source = {.fn = on_readable};
    assert_int_equal(loop_fd_watch(f->loop, &source, -1, EPOLLIN), -EBADF);
    loop_fd_unwatch(f->loop, &source);
}

static void a_signal_arrives_in_the_loop(void **state)
{
    struct fixture *f = *state;
    struct actor a = {.fixture = f, .letter = 's'};
    assert_int_equal(loop_on_signal(f->loop, SIGUSR1, on_signal, &a), 0);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_string_equal(f->trace, "");
    run_once(f);
    assert_string_equal(f->trace, "s");
}

static void each_signal_has_its_own_handler(void **state)
{
    struct fixture *f = *state;
    struct actor a = {.fixture = f, .letter = 's'};
    assert_int_equal(loop_on_signal(f->loop, SIGUSR2, on_signal, &a), 0);
    assert_int_equal(loop_on_signal(f->loop, SIGUSR1, on_signal, &a), 0);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    run_once(f);
    assert_string_equal(f->trace, "s");
}

static void run_ends_with_the_result_of_stop(void **state)
{
    struct fixture *f = *state;
    struct timer timer = {.fn = stop, .context = f->loop};
    loop_timer_after(f->loop, &timer, 1000);
    assert_int_equal(loop_run(f->loop), 7);
}

static void with_the_real_clock_a_timer_is_not_early(void **state)
{
    (void)state;
    struct loop *loop;
    assert_int_equal(loop_new(&loop), 0);
    struct timer timer = {.fn = stop, .context = loop};
    int64_t start_us = loop_now_us(loop);
    loop_timer_after(loop, &timer, 2000);
    assert_int_equal(loop_run(loop), 7);
    assert_true(loop_now_us(loop) - start_us >= 2000);
    loop_free(loop);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(timers_fire_by_deadline_and_time_jumps_to_each),
        CASE(a_timeout_ends_the_wait_before_the_deadline),
        CASE(timers_of_one_moment_fire_in_the_order_of_arming),
        CASE(a_timer_rearmed_for_now_fires_in_the_next_iteration),
        CASE(a_timer_that_is_always_late_does_not_starve_the_others),
        CASE(a_cancelled_timer_does_not_fire),
        CASE(timers_fire_before_descriptors),
        CASE(time_stands_still_while_a_descriptor_is_ready),
        CASE(what_is_read_after_a_standstill_may_be_as_old),
        CASE(a_timer_that_is_a_little_late_is_no_standstill),
        CASE(a_standstill_within_an_iteration_is_noticed_before_the_next_source_is_read),
        CASE(a_source_unwatched_in_its_own_batch_is_not_called),
        CASE(a_source_may_unwatch_itself),
        CASE(what_was_closed_is_forgotten_and_its_number_is_another_s),
        CASE(watching_again_changes_the_events),
        CASE(a_descriptor_that_is_none_is_refused),
        CASE(a_signal_arrives_in_the_loop),
        CASE(each_signal_has_its_own_handler),
        CASE(run_ends_with_the_result_of_stop),
        cmocka_unit_test(with_the_real_clock_a_timer_is_not_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
