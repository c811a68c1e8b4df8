#include "common/responder.h"

#include "common/log.h"
#include "common/mqtt_link.h"
#include "common/worker.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define RUNNING_MAX  4
#define WAITING_MAX  16
#define REFUSALS_MAX 16              /* answers of one line that wait for room */
#define PATIENCE_US  (60 * US_PER_S) /* for an answer that the link does not take */

#define REFUSAL_BYTES (RESPONDER_ERROR_BYTES * 2)

/* One that was accepted: waiting, or with a chunk being made, or with one to be sent. */
struct question {
    struct worker_job job; /* must be first */
    struct responder *owner;
    struct question *next; /* of those that wait */
    struct asker asker;
    void *answer;
    const struct responder_methods *methods;
    enum responder_step step; /* what the last one made */
    bool is_ready;            /* it waits for room since: */
    int64_t since_us;
};

/* A short answer on its way. */
struct refusal {
    struct asker asker;
    int64_t since_us;
    size_t length;
    char text[REFUSAL_BYTES];
};

struct responder {
    struct responder_options options;
    struct worker *worker;
    struct question *running[RUNNING_MAX]; /* NULL: free */
    size_t turn;                           /* whose chunk is the next one to go */
    struct question *waiting;
    struct question **waiting_end;
    struct refusal refusals[REFUSALS_MAX]; /* a ring */
    size_t refusal_first;
    size_t refusal_count;
    struct timer patience; /* for what has waited too long */
    struct timer soon;     /* steps in the loop come one after the other, between other work */
    bool is_closing;
    struct responder_stats stats;
};

const char *responder_refusal_text(enum responder_refusal refusal)
{
    static const char *const texts[] = {
        [RESPONDER_RETAINED] = "retained",   [RESPONDER_NO_VERB] = "no_verb",
        [RESPONDER_MALFORMED] = "malformed", [RESPONDER_UNKNOWN] = "unknown",
        [RESPONDER_BUSY] = "busy",           [RESPONDER_UNAVAILABLE] = "unavailable",
    };
    _Static_assert(sizeof(texts) / sizeof(texts[0]) == RESPONDER_REFUSAL_COUNT, "a text for each");
    return texts[refusal];
}

/* Live values go first. */
static bool has_room(const struct responder *responder)
{
    return !lvq_is_waiting(responder->options.queue) && mqtt_link_room(responder->options.link) > 0;
}

static void arm(struct responder *responder)
{
    if (!timer_is_armed(&responder->patience)) {
        loop_timer_after(responder->options.loop, &responder->patience, PATIENCE_US);
    }
}

/* ---- refusals --------------------------------------------------------------------------- */

static void drop_refusal(struct responder *responder)
{
    responder->refusal_first = (responder->refusal_first + 1) % REFUSALS_MAX;
    responder->refusal_count--;
}

static void send_refusals(struct responder *responder)
{
    while (responder->refusal_count > 0 && has_room(responder)) {
        const struct refusal *refusal = &responder->refusals[responder->refusal_first];
        enum mqtt_publish_result result =
            asker_answer(&refusal->asker, responder->options.link, refusal->text, refusal->length);
        if (result == MQTT_WINDOW_FULL || result == MQTT_OFFLINE) {
            return;
        }
        responder->stats.unanswered += result == MQTT_PUBLISHED ? 0 : 1;
        drop_refusal(responder);
    }
}

static void tell_refusal(struct responder *responder, const struct asker *asker,
                         enum responder_refusal reason, const char *error)
{
    responder->stats.refused[reason]++;
    log_info("request", "refused (%s): %s", responder_refusal_text(reason), error);
    if (responder->refusal_count == REFUSALS_MAX) {
        responder->stats.unanswered++;
        return;
    }
    size_t at = (responder->refusal_first + responder->refusal_count) % REFUSALS_MAX;
    struct refusal *refusal = &responder->refusals[at];
    if (responder->options.format_error(asker_transaction(asker), error, refusal->text,
                                        sizeof(refusal->text), &refusal->length) < 0) {
        responder->stats.unanswered++; /* cannot be: there is room for every error escaped */
        return;
    }
    refusal->asker = *asker;
    refusal->since_us = loop_now_us(responder->options.loop);
    responder->refusal_count++;
    arm(responder);
    send_refusals(responder);
}

void responder_refuse(struct responder *responder, const struct asker *asker,
                      enum responder_refusal reason, const char *error)
{
    responder->stats.received++;
    tell_refusal(responder, asker, reason, error);
}

/* ---- questions on their way ------------------------------------------------------------- */

static void free_question(struct question *question)
{
    question->methods->free(question->answer);
    free(question);
}

static void run_step(struct worker_job *job)
{
    struct question *question = (struct question *)job; /* its first member */
    question->step = question->methods->step(question->answer);
}

static void next_step(struct responder *responder, struct question *question)
{
    question->is_ready = false;
    if (question->methods->in_loop) {
        loop_timer_after(responder->options.loop, &responder->soon, 0);
        return;
    }
    bool is_taken = worker_submit(responder->worker, &question->job);
    assert(is_taken); /* it takes as many as may run */
    (void)is_taken;
}

static void start_waiting(struct responder *responder)
{
    for (size_t i = 0; i < RUNNING_MAX && responder->waiting != NULL; i++) {
        if (responder->running[i] != NULL) {
            continue;
        }
        struct question *question = responder->waiting;
        responder->waiting = question->next;
        if (responder->waiting == NULL) {
            responder->waiting_end = &responder->waiting;
        }
        responder->running[i] = question;
        responder->stats.waiting--;
        responder->stats.running++;
        next_step(responder, question);
    }
}

static void end_question(struct responder *responder, size_t slot)
{
    free_question(responder->running[slot]);
    responder->running[slot] = NULL;
    responder->stats.running--;
    start_waiting(responder);
}

/* What was sent was the last of it. */
static void on_answered(struct responder *responder, size_t slot)
{
    const struct question *question = responder->running[slot];
    if (question->step == RESPONDER_FAILED) {
        responder->stats.refused[RESPONDER_UNAVAILABLE]++;
        log_warning("request", "%s", question->methods->error(question->answer));
    } else {
        responder->stats.answered++;
    }
    end_question(responder, slot);
}

/* Sends the chunk that is ready; true: it has gone, one way or the other. */
static bool send_chunk(struct responder *responder, size_t slot)
{
    struct question *question = responder->running[slot];
    size_t length;
    const char *text = question->methods->text(question->answer, &length);
    enum mqtt_publish_result result =
        asker_answer(&question->asker, responder->options.link, text, length);
    if (result == MQTT_WINDOW_FULL || result == MQTT_OFFLINE) {
        return false;
    }
    if (result != MQTT_PUBLISHED) {
        log_warning("request", "an answer was not sent: %s",
                    result == MQTT_TOO_LARGE ? "the broker takes no payload of that size"
                                             : "failed");
        responder->stats.abandoned++;
        end_question(responder, slot);
        return true;
    }
    responder->stats.chunks++;
    if (question->step == RESPONDER_CHUNK) {
        next_step(responder, question);
    } else {
        on_answered(responder, slot);
    }
    return true;
}

void responder_go_on(struct responder *responder)
{
    send_refusals(responder);
    for (int i = 0; i < RUNNING_MAX; i++) {
        const struct question *question = responder->running[responder->turn];
        if (question != NULL && question->is_ready &&
            (!has_room(responder) || !send_chunk(responder, responder->turn))) {
            return;
        }
        responder->turn = (responder->turn + 1) % RUNNING_MAX;
    }
}

static void take_step(struct responder *responder, struct question *question)
{
    if (question->step == RESPONDER_NOTHING_YET) {
        next_step(responder, question);
        return;
    }
    question->is_ready = true;
    question->since_us = loop_now_us(responder->options.loop);
    arm(responder);
}

static void on_stepped(struct worker_job *job)
{
    struct question *question = (struct question *)job; /* its first member */
    struct responder *responder = question->owner;
    if (!responder->is_closing) {
        take_step(responder, question);
        responder_go_on(responder);
    }
}

static void on_soon(void *context)
{
    struct responder *responder = context;
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        struct question *question = responder->running[i];
        if (question != NULL && question->methods->in_loop && !question->is_ready) {
            run_step(&question->job);
            take_step(responder, question);
        }
    }
    responder_go_on(responder);
}

static bool is_overdue(const struct responder *responder, int64_t since_us)
{
    return loop_now_us(responder->options.loop) - since_us >= PATIENCE_US;
}

static void on_patience(void *context)
{
    struct responder *responder = context;
    while (responder->refusal_count > 0 &&
           is_overdue(responder, responder->refusals[responder->refusal_first].since_us)) {
        drop_refusal(responder);
        responder->stats.unanswered++;
    }
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        const struct question *question = responder->running[i];
        if (question != NULL && question->is_ready && is_overdue(responder, question->since_us)) {
            responder->stats.abandoned++;
            end_question(responder, i);
        }
    }
    if (responder->refusal_count > 0 || responder->stats.running > 0) {
        arm(responder);
    }
}

void responder_take(struct responder *responder, const struct asker *asker, void *answer,
                    const struct responder_methods *methods)
{
    struct question *question =
        responder->stats.waiting < WAITING_MAX ? calloc(1, sizeof(*question)) : NULL;
    responder->stats.received++;
    if (question == NULL) {
        methods->free(answer);
        tell_refusal(responder, asker, RESPONDER_BUSY, "busy with other requests; try again");
        return;
    }
    question->job = (struct worker_job){.run = run_step, .done = on_stepped};
    question->owner = responder;
    question->asker = *asker;
    question->answer = answer;
    question->methods = methods;
    *responder->waiting_end = question;
    responder->waiting_end = &question->next;
    responder->stats.waiting++;
    start_waiting(responder);
}

/* ---- beginning and end ------------------------------------------------------------------ */

int responder_new(const struct responder_options *options, struct responder **ret)
{
    struct responder *responder = calloc(1, sizeof(*responder));
    if (responder == NULL) {
        return -ENOMEM;
    }
    responder->options = *options;
    responder->waiting_end = &responder->waiting;
    responder->patience = (struct timer){.fn = on_patience, .context = responder};
    responder->soon = (struct timer){.fn = on_soon, .context = responder};
    int r = worker_new(options->loop, "queries", RUNNING_MAX, &responder->worker);
    if (r < 0) {
        free(responder);
        return r;
    }
    *ret = responder;
    return 0;
}

void responder_free(struct responder *responder)
{
    if (responder == NULL) {
        return;
    }
    responder->is_closing = true;
    worker_free(responder->worker);
    loop_timer_cancel(responder->options.loop, &responder->patience);
    loop_timer_cancel(responder->options.loop, &responder->soon);
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        if (responder->running[i] != NULL) {
            free_question(responder->running[i]);
        }
    }
    while (responder->waiting != NULL) {
        struct question *question = responder->waiting;
        responder->waiting = question->next;
        free_question(question);
    }
    free(responder);
}

bool responder_is_busy(const struct responder *responder)
{
    return responder->stats.running > 0 || responder->stats.waiting > 0 ||
           responder->refusal_count > 0;
}

struct responder_stats responder_stats(const struct responder *responder)
{
    return responder->stats;
}

void responder_tell(const struct counter_sink *sink, const struct responder_stats *stats)
{
    const struct counter counters[] = {
        COUNTER("received", stats->received),     COUNTER("answered", stats->answered),
        COUNTER("abandoned", stats->abandoned),   GAUGE("waiting", stats->waiting),
        GAUGE("running", stats->running),         COUNTER("chunks", stats->chunks),
        COUNTER("unanswered", stats->unanswered),
    };
    counters_begin(sink, "requests");
    counters_tell(sink, counters, sizeof(counters) / sizeof(counters[0]));
    counters_begin_by(sink, "refused", "reason");
    for (int i = 0; i < RESPONDER_REFUSAL_COUNT; i++) {
        counter_tell(sink, responder_refusal_text((enum responder_refusal)i), stats->refused[i]);
    }
    counters_end(sink);
    counters_end(sink);
}
