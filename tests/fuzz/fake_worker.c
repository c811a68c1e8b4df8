/*
 * worker.h without a thread, linked in place of common/worker.c: a job runs in the next turn of the
 * loop, so that the same input does the same each time.
 */
#include "common/worker.h"

#include "tests/fuzz/fuzz.h"

struct worker {
    struct loop *loop;
    struct timer timer;
    struct worker_job *first;
    struct worker_job **last;
    size_t pending;
    size_t jobs_max;
    bool ending;
};

static struct worker_job *take_first(struct worker *w)
{
    struct worker_job *job = w->first;
    w->first = job->next;
    if (w->first == NULL) {
        w->last = &w->first;
    }
    return job;
}

/* Those that are there; what a `done` submits waits for the next turn. */
static void run_all(struct worker *w)
{
    for (size_t left = w->pending; left > 0; left--) {
        struct worker_job *job = take_first(w);
        job->run(job);
        w->pending--;
        job->done(job);
    }
}

static void on_timer(void *context)
{
    struct worker *w = context;
    run_all(w);
    if (w->pending > 0) {
        loop_timer_after(w->loop, &w->timer, 0);
    }
}

int worker_new(struct loop *loop, const char *name, size_t jobs_max, struct worker **ret)
{
    require(jobs_max > 0 && strlen(name) <= 15);
    struct worker *w = fuzz_alloc(1, sizeof(*w));
    w->loop = loop;
    w->timer = (struct timer){.fn = on_timer, .context = w};
    w->last = &w->first;
    w->jobs_max = jobs_max;
    *ret = w;
    return 0;
}

void worker_free(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    worker->ending = true;
    run_all(worker);
    loop_timer_cancel(worker->loop, &worker->timer);
    free(worker);
}

bool worker_submit(struct worker *worker, struct worker_job *job)
{
    struct worker *w = worker;
    if (w->pending == w->jobs_max || w->ending) {
        return false;
    }
    job->next = NULL;
    *w->last = job;
    w->last = &job->next;
    w->pending++;
    if (!timer_is_armed(&w->timer)) {
        loop_timer_after(w->loop, &w->timer, 0);
    }
    return true;
}

size_t worker_pending(const struct worker *worker)
{
    return worker->pending;
}

const char *worker_error_text(int error)
{
    return strerror(-error);
}
