#include "common/worker.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NAME_MAX_BYTES 15 /* the kernel's TASK_COMM_LEN without its NUL */

struct queue {
    struct worker_job *first;
    struct worker_job *last; /* only of a queue that is not empty */
};

struct worker {
    struct loop *loop;
    struct loop_fd source;
    pthread_t thread;
    int event_fd;
    size_t jobs_max;
    size_t pending; /* the loop's thread alone knows it */

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t to_do;  /* something waits, or the end has come */
    struct queue waiting;
    struct queue finished;
    bool ending; /* written by the loop's thread, which reads it without the mutex */
};

static void append(struct queue *queue, struct worker_job *job)
{
    job->next = NULL;
    if (queue->first == NULL) {
        queue->first = job;
    } else {
        queue->last->next = job;
    }
    queue->last = job;
}

static struct worker_job *take_first(struct queue *queue)
{
    struct worker_job *job = queue->first;
    if (job != NULL) {
        queue->first = job->next;
    }
    return job;
}

/* NULL: the end. */
static struct worker_job *await_job(struct worker *w)
{
    (void)pthread_mutex_lock(&w->mutex);
    while (w->waiting.first == NULL && !w->ending) {
        (void)pthread_cond_wait(&w->to_do, &w->mutex);
    }
    struct worker_job *job = take_first(&w->waiting);
    (void)pthread_mutex_unlock(&w->mutex);
    return job;
}

static void finish(struct worker *w, struct worker_job *job)
{
    (void)pthread_mutex_lock(&w->mutex);
    bool is_first = w->finished.first == NULL;
    append(&w->finished, job);
    (void)pthread_mutex_unlock(&w->mutex);
    if (is_first) { /* of the others the loop knows already: it takes all at once */
        (void)eventfd_write(w->event_fd, 1);
    }
}

static void *thread_main(void *context)
{
    struct worker *w = context;
    for (struct worker_job *job = await_job(w); job != NULL; job = await_job(w)) {
        job->run(job);
        finish(w, job);
    }
    return NULL;
}

static void report_finished(struct worker *w)
{
    (void)pthread_mutex_lock(&w->mutex);
    struct queue reported = w->finished;
    w->finished.first = NULL;
    (void)pthread_mutex_unlock(&w->mutex);
    for (struct worker_job *job = take_first(&reported); job != NULL; job = take_first(&reported)) {
        w->pending--;
        job->done(job); /* gone, or submitted again */
    }
}

static void on_finished(void *context, uint32_t events)
{
    struct worker *w = context;
    (void)events;
    /* Read before the queue is taken: what finishes in between wakes the loop once more. */
    eventfd_t count;
    (void)eventfd_read(w->event_fd, &count);
    report_finished(w);
}

/* With all signals blocked, which a thread inherits. */
static int start_thread(struct worker *w, const char *name)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    int r = -pthread_sigmask(SIG_SETMASK, &all, &before);
    if (r < 0) {
        return r;
    }
    r = -pthread_create(&w->thread, NULL, thread_main, w);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r == 0) {
        (void)pthread_setname_np(w->thread, name); /* only for people to see */
    }
    return r;
}

const char *worker_error_text(int error)
{
    return error == -EAGAIN ? "no thread can be made: too little memory, or too many of them "
                              "(systemd's TasksMax=, ulimit -u)"
                            : strerror(-error);
}

static void release(struct worker *w)
{
    loop_fd_unwatch(w->loop, &w->source);
    if (w->event_fd >= 0) {
        (void)close(w->event_fd);
    }
    (void)pthread_cond_destroy(&w->to_do);
    (void)pthread_mutex_destroy(&w->mutex);
    free(w);
}

int worker_new(struct loop *loop, const char *name, size_t jobs_max, struct worker **ret)
{
    assert(jobs_max > 0 && strlen(name) <= NAME_MAX_BYTES);
    struct worker *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return -ENOMEM;
    }
    w->loop = loop;
    w->source = (struct loop_fd){.fn = on_finished, .context = w};
    w->jobs_max = jobs_max;
    (void)pthread_mutex_init(&w->mutex, NULL); /* without attributes neither can fail */
    (void)pthread_cond_init(&w->to_do, NULL);
    w->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = w->event_fd < 0 ? -errno : loop_fd_watch(loop, &w->source, w->event_fd, EPOLLIN);
    if (r == 0) {
        r = start_thread(w, name);
    }
    if (r < 0) {
        release(w);
        return r;
    }
    *ret = w;
    return 0;
}

void worker_free(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&worker->mutex);
    worker->ending = true;
    (void)pthread_cond_signal(&worker->to_do);
    (void)pthread_mutex_unlock(&worker->mutex);
    (void)pthread_join(worker->thread, NULL);
    report_finished(worker);
    release(worker);
}

bool worker_submit(struct worker *worker, struct worker_job *job)
{
    if (worker->ending || worker->pending >= worker->jobs_max) {
        return false;
    }
    worker->pending++;
    (void)pthread_mutex_lock(&worker->mutex);
    append(&worker->waiting, job);
    (void)pthread_cond_signal(&worker->to_do);
    (void)pthread_mutex_unlock(&worker->mutex);
    return true;
}

size_t worker_pending(const struct worker *worker)
{
    return worker->pending;
}
