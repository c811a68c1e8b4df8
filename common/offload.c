#include "common/offload.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Whoever moves the state second owns what is left: the loop after FINISHED, the thread after
 * ABANDONED. */
enum offload_state {
    RUNNING,
    FINISHED,
    ABANDONED
};

struct offload {
    struct loop *loop;
    struct offload_call call;
    struct loop_fd source;
    pthread_t thread;
    int event_fd;
    int result;
    atomic_int state;
};

static void *thread_main(void *context)
{
    struct offload *o = context;
    o->result = o->call.run(o->call.context);
    int before = RUNNING;
    if (atomic_compare_exchange_strong(&o->state, &before, FINISHED)) {
        const uint64_t one = 1;
        ssize_t written = write(o->event_fd, &one, sizeof(one));
        (void)written; /* an eventfd with nothing in it takes 1 */
    } else {
        o->call.discard(o->call.context);
        free(o);
    }
    return NULL;
}

static void release(struct offload *o)
{
    loop_fd_unwatch(o->loop, &o->source);
    (void)close(o->event_fd);
}

static void on_finished(void *context, uint32_t events)
{
    struct offload *o = context;
    (void)events;
    (void)pthread_join(o->thread, NULL);
    release(o);
    struct offload_call call = o->call;
    int result = o->result;
    free(o);
    call.done(call.context, result);
}

int offload_start(struct loop *loop, const struct offload_call *call, struct offload **ret)
{
    struct offload *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        return -ENOMEM;
    }
    o->loop = loop;
    o->call = *call;
    o->source = (struct loop_fd){.fn = on_finished, .context = o};
    o->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (o->event_fd < 0) {
        int r = -errno;
        free(o);
        return r;
    }
    int r = loop_fd_watch(loop, &o->source, o->event_fd, EPOLLIN);
    if (r == 0) {
        r = -pthread_create(&o->thread, NULL, thread_main, o);
    }
    if (r < 0) {
        release(o);
        free(o);
        return r;
    }
    *ret = o;
    return 0;
}

void offload_abandon(struct offload *offload)
{
    if (offload == NULL) {
        return;
    }
    /* Once abandoned, the offload is the thread's: what the loop needs for its own part is copied
     * before. */
    pthread_t thread = offload->thread;
    int event_fd = offload->event_fd;
    loop_fd_unwatch(offload->loop, &offload->source);
    int before = RUNNING;
    if (atomic_compare_exchange_strong(&offload->state, &before, ABANDONED)) {
        (void)pthread_detach(thread);
        (void)close(event_fd);
        return;
    }
    (void)pthread_join(offload->thread, NULL);
    (void)close(offload->event_fd);
    offload->call.discard(offload->call.context);
    free(offload);
}
