#include "common/offload.h"

#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A blocking call on the heap, as real ones are: whoever ends it frees it, so that ASan sees a
 * second end. */
struct blocking {
    struct tally *tally;
    pthread_t thread;
};

/* What became of the calls of one test; it outlives them. */
struct tally {
    struct loop *loop;
    int started; /* eventfd: a thread has begun */
    int go;      /* eventfd: a thread may go on */
    int over;    /* eventfd: a discard has happened */
    pthread_t loop_thread;
    atomic_int runs;
    atomic_int dones;
    atomic_int discards;
    atomic_int thread_id; /* of the last call that ran at once */
    int result;
    bool ran_elsewhere;
    bool done_in_loop;
};

static void post(int fd)
{
    assert_int_equal(eventfd_write(fd, 1), 0);
}

static void await(int fd)
{
    eventfd_t value;
    assert_int_equal(eventfd_read(fd, &value), 0);
}

static int run_blocking(void *context)
{
    struct blocking *call = context;
    struct tally *tally = call->tally;
    call->thread = pthread_self();
    atomic_fetch_add(&tally->runs, 1);
    (void)eventfd_write(tally->started, 1);
    eventfd_t value;
    (void)eventfd_read(tally->go, &value);
    return 42;
}

static int run_at_once(void *context)
{
    struct blocking *call = context;
    call->thread = pthread_self();
    atomic_store(&call->tally->thread_id, gettid());
    atomic_fetch_add(&call->tally->runs, 1);
    return 7;
}

static void on_done(void *context, int result)
{
    struct blocking *call = context;
    struct tally *tally = call->tally;
    atomic_fetch_add(&tally->dones, 1);
    tally->result = result;
    tally->ran_elsewhere = !pthread_equal(call->thread, tally->loop_thread);
    tally->done_in_loop = pthread_equal(pthread_self(), tally->loop_thread);
    free(call);
    loop_stop(tally->loop, 0);
}

static void on_discard(void *context)
{
    struct blocking *call = context;
    struct tally *tally = call->tally;
    free(call);
    atomic_fetch_add(&tally->discards, 1);
    (void)eventfd_write(tally->over, 1);
}

static int setup(void **state)
{
    struct tally *tally = calloc(1, sizeof(*tally));
    assert_non_null(tally);
    assert_int_equal(loop_new(&tally->loop), 0);
    tally->started = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    tally->go = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    tally->over = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    assert_true(tally->started >= 0 && tally->go >= 0 && tally->over >= 0);
    tally->loop_thread = pthread_self();
    *state = tally;
    return 0;
}

static int teardown(void **state)
{
    struct tally *tally = *state;
    loop_free(tally->loop);
    (void)close(tally->started);
    (void)close(tally->go);
    (void)close(tally->over);
    free(tally);
    return 0;
}

static struct offload *start(struct tally *tally, int (*run)(void *))
{
    struct blocking *call = calloc(1, sizeof(*call));
    assert_non_null(call);
    call->tally = tally;
    const struct offload_call offload_call = {run, on_done, on_discard, call};
    struct offload *offload = NULL;
    assert_int_equal(offload_start(tally->loop, &offload_call, &offload), 0);
    return offload;
}

static void assert_ends(struct tally *tally, int dones, int discards)
{
    assert_int_equal(atomic_load(&tally->dones), dones);
    assert_int_equal(atomic_load(&tally->discards), discards);
}

static void the_result_arrives_in_the_loop(void **state)
{
    struct tally *tally = *state;
    (void)start(tally, run_at_once);
    assert_int_equal(loop_run(tally->loop), 0);
    assert_ends(tally, 1, 0);
    assert_int_equal(tally->result, 7);
    assert_true(tally->ran_elsewhere);
    assert_true(tally->done_in_loop);
}

static void the_loop_goes_on_while_the_call_blocks(void **state)
{
    struct tally *tally = *state;
    (void)start(tally, run_blocking);
    await(tally->started);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(loop_run_once(tally->loop, 0), 0);
    }
    assert_ends(tally, 0, 0);
    post(tally->go);
    assert_int_equal(loop_run(tally->loop), 0);
    assert_ends(tally, 1, 0);
    assert_int_equal(tally->result, 42);
}

static void a_call_abandoned_while_it_runs_is_discarded_by_its_thread(void **state)
{
    struct tally *tally = *state;
    struct offload *offload = start(tally, run_blocking);
    await(tally->started);
    offload_abandon(offload);
    assert_ends(tally, 0, 0);
    post(tally->go);
    await(tally->over);
    assert_int_equal(loop_run_once(tally->loop, 0), 0);
    assert_ends(tally, 0, 1);
}

static void an_abandoned_call_may_outlive_the_loop(void **state)
{
    struct tally *tally = *state;
    struct offload *offload = start(tally, run_blocking);
    await(tally->started);
    offload_abandon(offload);
    loop_free(tally->loop);
    tally->loop = NULL;
    post(tally->go);
    await(tally->over);
    assert_ends(tally, 0, 1);
}

/* Nobody joins a call's thread; other threads, of a test before, may be on their way out as well.
 */
static void await_end_of_thread(struct tally *tally)
{
    char path[64];
    while (atomic_load(&tally->thread_id) == 0) {
        (void)sched_yield();
    }
    (void)snprintf(path, sizeof(path), "/proc/self/task/%d", atomic_load(&tally->thread_id));
    while (access(path, F_OK) == 0) {
        (void)sched_yield();
    }
}

static void abandon(void *context)
{
    offload_abandon(context);
}

static void a_finished_call_whose_result_waits_is_discarded_at_once(void **state)
{
    struct tally *tally = *state;
    struct offload *offload = start(tally, run_at_once);
    await_end_of_thread(tally);
    /* The result is ready in the same iteration; timers come first. */
    struct timer timer = {.fn = abandon, .context = offload};
    loop_timer_after(tally->loop, &timer, 0);
    assert_int_equal(loop_run_once(tally->loop, 0), 0);
    assert_ends(tally, 0, 1);
}

static void many_calls_abandoned_at_any_moment_end_once_each(void **state)
{
    struct tally *tally = *state;
    enum {
        CALLS = 500
    };
    for (int i = 0; i < CALLS; i++) {
        struct offload *offload = start(tally, run_at_once);
        for (int spin = 0; spin < i % 50 && atomic_load(&tally->runs) <= i; spin++) {
            (void)sched_yield();
        }
        offload_abandon(offload);
    }
    for (int i = 0; i < CALLS; i++) {
        await(tally->over);
    }
    assert_ends(tally, 0, CALLS);
}

static void abandoning_nothing_is_harmless(void **state)
{
    (void)state;
    offload_abandon(NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_result_arrives_in_the_loop),
        CASE(the_loop_goes_on_while_the_call_blocks),
        CASE(a_call_abandoned_while_it_runs_is_discarded_by_its_thread),
        CASE(an_abandoned_call_may_outlive_the_loop),
        CASE(a_finished_call_whose_result_waits_is_discarded_at_once),
        CASE(many_calls_abandoned_at_any_moment_end_once_each),
        cmocka_unit_test(abandoning_nothing_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
