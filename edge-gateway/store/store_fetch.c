#include "edge-gateway/store/store_fetch.h"

static void run(struct worker_job *job)
{
    struct store_fetch *fetch = (struct store_fetch *)job;
    store_reader_fetch(fetch->reader, fetch->seq, &fetch->fetched);
}

static void on_done(struct worker_job *job)
{
    struct store_fetch *fetch = (struct store_fetch *)job;
    fetch->busy = false;
    fetch->done(fetch);
}

int store_fetch_init(struct store_fetch *fetch, struct loop *loop, const char *path,
                     void (*done)(struct store_fetch *fetch), void *context)
{
    *fetch = (struct store_fetch){
        .job = {.run = run, .done = on_done}, .done = done, .context = context};
    int r = store_reader_new(path, &fetch->reader);
    return r == 0 ? worker_new(loop, "log-reader", 1, &fetch->thread) : r;
}

void store_fetch_deinit(struct store_fetch *fetch)
{
    worker_free(fetch->thread);
    store_reader_free(fetch->reader);
    *fetch = (struct store_fetch){0};
}

bool store_fetch_ask(struct store_fetch *fetch, uint64_t seq, uint64_t opening)
{
    if (fetch->busy) {
        return false;
    }
    fetch->seq = seq;
    fetch->opening = opening;
    fetch->busy = worker_submit(fetch->thread, &fetch->job);
    return fetch->busy;
}
