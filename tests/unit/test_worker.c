#include "common/worker.h"

#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    JOBS_MAX = 8,
    MANY = 20000
};

struct fixture {
    struct loop *loop;
    struct worker *worker;
    pthread_t loop_thread;
    int started; /* eventfd: a gated job has begun */
    int gate;    /* eventfd: a gated job may go on */
    int runs;    /* the thread's while jobs are pending */
    int dones;
    int resubmissions; /* how often on_done_again() submits */
    int stop_after;    /* dones after which the loop stops */
    int last_id;       /* of the job that was reported last */
};

struct test_job {
    struct worker_job job; /* first: the job is found by its address */
    struct fixture *f;
    int id;
    int ran_as; /* position among all runs, from 1 on; 0 = not run */
    int done_as;
    bool refused;
    pthread_t thread;
    char thread_name[16];
    sigset_t blocked;
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

static void run_at_once(struct worker_job *job)
{
    struct test_job *j = (struct test_job *)job;
    j->ran_as = ++j->f->runs;
    j->thread = pthread_self();
}

static void run_gated(struct worker_job *job)
{
    struct test_job *j = (struct test_job *)job;
    (void)eventfd_write(j->f->started, 1);
    eventfd_t value;
    (void)eventfd_read(j->f->gate, &value);
    run_at_once(job);
}

static void run_looking_around(struct worker_job *job)
{
    struct test_job *j = (struct test_job *)job;
    (void)pthread_getname_np(pthread_self(), j->thread_name, sizeof(j->thread_name));
    (void)pthread_sigmask(SIG_SETMASK, NULL, &j->blocked);
    run_at_once(job);
}

static void on_done(struct worker_job *job)
{
    struct test_job *j = (struct test_job *)job;
    struct fixture *f = j->f;
    assert_true(pthread_equal(pthread_self(), f->loop_thread));
    j->done_as = ++f->dones;
    f->last_id = j->id;
    if (f->dones == f->stop_after) {
        loop_stop(f->loop, 0);
    }
}

static void on_done_again(struct worker_job *job)
{
    struct test_job *j = (struct test_job *)job;
    struct fixture *f = j->f;
    on_done(job);
    if (f->resubmissions > 0) {
        f->resubmissions--;
        j->refused = !worker_submit(f->worker, job);
    }
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_int_equal(loop_new(&f->loop), 0);
    assert_int_equal(worker_new(f->loop, "test-worker", JOBS_MAX, &f->worker), 0);
    f->started = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    f->gate = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    assert_true(f->started >= 0 && f->gate >= 0);
    f->loop_thread = pthread_self();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    worker_free(f->worker);
    loop_free(f->loop);
    (void)close(f->started);
    (void)close(f->gate);
    free(f);
    return 0;
}

static struct test_job make(struct fixture *f, int id, void (*run)(struct worker_job *))
{
    return (struct test_job){.job = {.run = run, .done = on_done}, .f = f, .id = id};
}

static void submit(struct fixture *f, struct test_job *j)
{
    assert_true(worker_submit(f->worker, &j->job));
}

/* Fills the worker: the first job holds the thread until the gate is posted. */
static void fill(struct fixture *f, struct test_job *jobs)
{
    for (int i = 0; i < JOBS_MAX; i++) {
        jobs[i] = make(f, i, i == 0 ? run_gated : run_at_once);
        submit(f, &jobs[i]);
    }
    await(f->started);
}

static void run_until(struct fixture *f, int dones)
{
    f->stop_after = dones;
    assert_int_equal(loop_run(f->loop), 0);
    assert_int_equal(f->dones, dones);
}

static void jobs_run_and_report_in_order(void **state)
{
    struct fixture *f = *state;
    struct test_job jobs[JOBS_MAX];
    fill(f, jobs);
    post(f->gate);
    run_until(f, JOBS_MAX);
    for (int i = 0; i < JOBS_MAX; i++) {
        assert_int_equal(jobs[i].ran_as, i + 1);
        assert_int_equal(jobs[i].done_as, i + 1);
    }
}

static void a_job_runs_in_a_named_thread_without_signals(void **state)
{
    struct fixture *f = *state;
    struct test_job job = make(f, 0, run_looking_around);
    submit(f, &job);
    run_until(f, 1);
    assert_false(pthread_equal(job.thread, f->loop_thread));
    assert_string_equal(job.thread_name, "test-worker");
    assert_int_equal(sigismember(&job.blocked, SIGTERM), 1);
    assert_int_equal(sigismember(&job.blocked, SIGHUP), 1);
    sigset_t own;
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &own), 0);
    assert_int_equal(sigismember(&own, SIGTERM), 0);
}

static void the_loop_goes_on_while_a_job_blocks(void **state)
{
    struct fixture *f = *state;
    struct test_job job = make(f, 0, run_gated);
    submit(f, &job);
    await(f->started);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(loop_run_once(f->loop, 0), 0);
    }
    assert_int_equal(f->dones, 0);
    assert_int_equal(worker_pending(f->worker), 1);
    post(f->gate);
    run_until(f, 1);
    assert_int_equal(worker_pending(f->worker), 0);
}

static void a_full_worker_refuses_until_a_job_is_reported(void **state)
{
    struct fixture *f = *state;
    struct test_job jobs[JOBS_MAX];
    struct test_job surplus = make(f, JOBS_MAX, run_at_once);
    fill(f, jobs);
    assert_int_equal(worker_pending(f->worker), JOBS_MAX);
    assert_false(worker_submit(f->worker, &surplus.job));
    assert_int_equal(worker_pending(f->worker), JOBS_MAX);
    post(f->gate);
    run_until(f, JOBS_MAX);
    assert_int_equal(surplus.ran_as, 0);
    submit(f, &surplus);
    run_until(f, JOBS_MAX + 1);
    assert_int_equal(surplus.ran_as, JOBS_MAX + 1);
}

static void a_job_may_be_submitted_again_when_it_is_done(void **state)
{
    struct fixture *f = *state;
    struct test_job job = make(f, 0, run_at_once);
    job.job.done = on_done_again;
    f->resubmissions = 99;
    submit(f, &job);
    run_until(f, 100);
    assert_int_equal(job.ran_as, 100);
    assert_false(job.refused);
}

/* Its own job counts no more, though those behind it may be pending still. */
static void a_done_finds_room_for_its_job(void **state)
{
    struct fixture *f = *state;
    struct test_job jobs[JOBS_MAX];
    jobs[0] = make(f, 0, run_at_once);
    jobs[0].job.done = on_done_again;
    f->resubmissions = 1;
    submit(f, &jobs[0]);
    for (int i = 1; i < JOBS_MAX; i++) {
        jobs[i] = make(f, i, run_gated);
        submit(f, &jobs[i]);
    }
    run_until(f, 1);
    assert_false(jobs[0].refused);
    assert_int_equal(worker_pending(f->worker), JOBS_MAX);
    for (int i = 1; i < JOBS_MAX; i++) {
        post(f->gate);
    }
    run_until(f, JOBS_MAX + 1);
    assert_int_equal(jobs[0].done_as, JOBS_MAX + 1);
}

static void freeing_runs_and_reports_all_that_is_pending(void **state)
{
    struct fixture *f = *state;
    struct test_job jobs[JOBS_MAX];
    fill(f, jobs);
    post(f->gate);
    worker_free(f->worker);
    f->worker = NULL;
    for (int i = 0; i < JOBS_MAX; i++) {
        assert_int_equal(jobs[i].ran_as, i + 1);
        assert_int_equal(jobs[i].done_as, i + 1);
    }
    assert_int_equal(loop_run_once(f->loop, 0), 0);
    assert_int_equal(f->dones, JOBS_MAX);
}

static void what_done_submits_while_the_worker_is_freed_is_refused(void **state)
{
    struct fixture *f = *state;
    struct test_job job = make(f, 0, run_at_once);
    job.job.done = on_done_again;
    f->resubmissions = 1;
    submit(f, &job);
    worker_free(f->worker);
    f->worker = NULL;
    assert_true(job.refused);
    assert_int_equal(f->runs, 1);
    assert_int_equal(f->dones, 1);
}

/* A lost wake-up of either side would leave the loop waiting for ever: the test's time-out. */
static void no_wake_up_is_lost_among_many_small_jobs(void **state)
{
    struct fixture *f = *state;
    struct test_job jobs[JOBS_MAX];
    for (int i = 0; i < JOBS_MAX; i++) {
        jobs[i] = make(f, i, run_at_once);
        jobs[i].job.done = on_done_again;
    }
    f->resubmissions = MANY;
    for (int i = 0; i < JOBS_MAX; i++) {
        submit(f, &jobs[i]);
    }
    run_until(f, MANY + JOBS_MAX);
    assert_int_equal(f->runs, MANY + JOBS_MAX);
    assert_int_equal(worker_pending(f->worker), 0);
    /* One at a time: the thread falls asleep between two jobs. */
    for (int i = 0; i < MANY / 10; i++) {
        submit(f, &jobs[i % JOBS_MAX]);
        run_until(f, f->dones + 1);
        assert_int_equal(f->last_id, i % JOBS_MAX);
    }
}

static void freeing_nothing_is_harmless(void **state)
{
    (void)state;
    worker_free(NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(jobs_run_and_report_in_order),
        CASE(a_job_runs_in_a_named_thread_without_signals),
        CASE(the_loop_goes_on_while_a_job_blocks),
        CASE(a_full_worker_refuses_until_a_job_is_reported),
        CASE(a_job_may_be_submitted_again_when_it_is_done),
        CASE(a_done_finds_room_for_its_job),
        CASE(freeing_runs_and_reports_all_that_is_pending),
        CASE(what_done_submits_while_the_worker_is_freed_is_refused),
        CASE(no_wake_up_is_lost_among_many_small_jobs),
        cmocka_unit_test(freeing_nothing_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
