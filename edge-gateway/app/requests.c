#include "edge-gateway/app/requests.h"

#include "common/log.h"
#include "common/worker.h"
#include "edge-gateway/app/asker.h"
#include "edge-gateway/app/log_buses.h"
#include "edge-gateway/app/request_answer.h"
#include "topics/json_writer.h"
#include "topics/payload_node.h"
#include "topics/topic.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNNING_MAX  4
#define WAITING_MAX  16
#define REFUSALS_MAX 16              /* answers of one line that wait for room */
#define PATIENCE_US  (60 * US_PER_S) /* for an answer that the link does not take */

#define REFUSAL_BYTES (REQUEST_ERROR_BYTES * 2)

/* One that was accepted: waiting, or with a chunk being made, or with one to be sent. */
struct request {
    struct worker_job job; /* must be first */
    struct requests *owner;
    struct request *next; /* of those that wait */
    struct asker asker;
    struct request_answer *answer;
    enum request_step step; /* what the last one made */
    bool is_ready;          /* it waits for room since: */
    int64_t since_us;
};

/* A short answer on its way. */
struct refusal {
    struct asker asker;
    int64_t since_us;
    size_t length;
    char text[REFUSAL_BYTES];
};

struct requests {
    const struct gateway_plan *plan;
    struct environment env;
    struct mqtt_link *link;
    struct store_bus *buses;
    struct store_query *log; /* the worker's */
    struct worker *worker;
    struct request *running[RUNNING_MAX]; /* NULL: free */
    size_t turn;                          /* whose chunk is the next one to go */
    struct request *waiting;
    struct request **waiting_end;
    struct refusal refusals[REFUSALS_MAX]; /* a ring */
    size_t refusal_first;
    size_t refusal_count;
    struct timer timer; /* for what has waited too long */
    bool is_closing;
    struct requests_stats stats;
};

const char *requests_refusal_text(enum requests_refusal refusal)
{
    static const char *const texts[] = {
        [REQUESTS_RETAINED] = "retained",   [REQUESTS_NO_VERB] = "no_verb",
        [REQUESTS_MALFORMED] = "malformed", [REQUESTS_UNKNOWN] = "unknown",
        [REQUESTS_BUSY] = "busy",           [REQUESTS_UNAVAILABLE] = "unavailable",
    };
    _Static_assert(sizeof(texts) / sizeof(texts[0]) == REQUESTS_REFUSAL_COUNT, "a text for each");
    return texts[refusal];
}

/* Live values go first. */
static bool has_room(const struct requests *requests)
{
    return !lvq_is_waiting(requests->env.queue) && mqtt_link_room(requests->link) > 0;
}

static void arm(struct requests *requests)
{
    if (!timer_is_armed(&requests->timer)) {
        loop_timer_after(requests->env.loop, &requests->timer, PATIENCE_US);
    }
}

/* ---- refusals --------------------------------------------------------------------------- */

static void send_refusals(struct requests *requests)
{
    while (requests->refusal_count > 0 && has_room(requests)) {
        const struct refusal *refusal = &requests->refusals[requests->refusal_first];
        enum mqtt_publish_result result =
            asker_answer(&refusal->asker, requests->link, refusal->text, refusal->length);
        if (result == MQTT_WINDOW_FULL || result == MQTT_OFFLINE) {
            return;
        }
        requests->stats.unanswered += result == MQTT_PUBLISHED ? 0 : 1;
        requests->refusal_first = (requests->refusal_first + 1) % REFUSALS_MAX;
        requests->refusal_count--;
    }
}

static void refuse(struct requests *requests, const struct asker *asker,
                   enum requests_refusal reason, const char *error)
{
    requests->stats.refused[reason]++;
    log_info("request", "refused (%s): %s", requests_refusal_text(reason), error);
    if (requests->refusal_count == REFUSALS_MAX) {
        requests->stats.unanswered++;
        return;
    }
    size_t at = (requests->refusal_first + requests->refusal_count) % REFUSALS_MAX;
    struct refusal *refusal = &requests->refusals[at];
    struct json_writer w;
    json_writer_init(&w, refusal->text, sizeof(refusal->text));
    payload_response_error(&w, asker_transaction(asker), error);
    if (json_writer_finish(&w, &refusal->length) < 0) {
        requests->stats.unanswered++; /* cannot be: there is room for every error escaped */
        return;
    }
    refusal->asker = *asker;
    refusal->since_us = loop_now_us(requests->env.loop);
    requests->refusal_count++;
    arm(requests);
    send_refusals(requests);
}

/* ---- requests on their way -------------------------------------------------------------- */

static void free_request(struct request *request)
{
    request_answer_free(request->answer);
    free(request);
}

static void run_step(struct worker_job *job)
{
    struct request *request = (struct request *)job; /* its first member */
    request->step = request_answer_step(request->answer);
}

static void next_step(struct requests *requests, struct request *request)
{
    request->is_ready = false;
    bool is_taken = worker_submit(requests->worker, &request->job);
    assert(is_taken); /* it takes as many as may run */
    (void)is_taken;
}

static void start_waiting(struct requests *requests)
{
    for (size_t i = 0; i < RUNNING_MAX && requests->waiting != NULL; i++) {
        if (requests->running[i] != NULL) {
            continue;
        }
        struct request *request = requests->waiting;
        requests->waiting = request->next;
        if (requests->waiting == NULL) {
            requests->waiting_end = &requests->waiting;
        }
        requests->running[i] = request;
        requests->stats.waiting--;
        requests->stats.running++;
        next_step(requests, request);
    }
}

static void end_request(struct requests *requests, size_t slot)
{
    free_request(requests->running[slot]);
    requests->running[slot] = NULL;
    requests->stats.running--;
    start_waiting(requests);
}

/* What was sent was the last of it. */
static void on_answered(struct requests *requests, size_t slot)
{
    const struct request *request = requests->running[slot];
    if (request->step == REQUEST_FAILED) {
        requests->stats.refused[REQUESTS_UNAVAILABLE]++;
        log_warning("request", "%s", request_answer_error(request->answer));
    } else {
        requests->stats.answered++;
    }
    end_request(requests, slot);
}

/* Sends the chunk that is ready; true: it has gone, one way or the other. */
static bool send_chunk(struct requests *requests, size_t slot)
{
    struct request *request = requests->running[slot];
    size_t length;
    const char *text = request_answer_text(request->answer, &length);
    enum mqtt_publish_result result = asker_answer(&request->asker, requests->link, text, length);
    if (result == MQTT_WINDOW_FULL || result == MQTT_OFFLINE) {
        return false;
    }
    if (result != MQTT_PUBLISHED) {
        log_warning("request", "an answer was not sent: %s",
                    result == MQTT_TOO_LARGE ? "the broker takes no payload of that size"
                                             : "failed");
        requests->stats.abandoned++;
        end_request(requests, slot);
        return true;
    }
    requests->stats.chunks++;
    if (request->step == REQUEST_CHUNK) {
        next_step(requests, request);
    } else {
        on_answered(requests, slot);
    }
    return true;
}

void requests_go_on(struct requests *requests)
{
    send_refusals(requests);
    for (int i = 0; i < RUNNING_MAX; i++) {
        const struct request *request = requests->running[requests->turn];
        if (request != NULL && request->is_ready &&
            (!has_room(requests) || !send_chunk(requests, requests->turn))) {
            return;
        }
        requests->turn = (requests->turn + 1) % RUNNING_MAX;
    }
}

static void on_stepped(struct worker_job *job)
{
    struct request *request = (struct request *)job; /* its first member */
    struct requests *requests = request->owner;
    if (requests->is_closing) {
        return;
    }
    if (request->step == REQUEST_NOTHING_YET) {
        next_step(requests, request);
        return;
    }
    request->is_ready = true;
    request->since_us = loop_now_us(requests->env.loop);
    arm(requests);
    requests_go_on(requests);
}

static bool is_overdue(const struct requests *requests, int64_t since_us)
{
    return loop_now_us(requests->env.loop) - since_us >= PATIENCE_US;
}

static void on_timer(void *context)
{
    struct requests *requests = context;
    while (requests->refusal_count > 0 &&
           is_overdue(requests, requests->refusals[requests->refusal_first].since_us)) {
        requests->refusal_first = (requests->refusal_first + 1) % REFUSALS_MAX;
        requests->refusal_count--;
        requests->stats.unanswered++;
    }
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        const struct request *request = requests->running[i];
        if (request != NULL && request->is_ready && is_overdue(requests, request->since_us)) {
            requests->stats.abandoned++;
            end_request(requests, i);
        }
    }
    if (requests->refusal_count > 0 || requests->stats.running > 0) {
        arm(requests);
    }
}

/* ---- what arrives ----------------------------------------------------------------------- */

static void take(struct requests *requests, const struct asker *asker,
                 const struct payload_query *query)
{
    const struct request_source source = {requests->plan, requests->log};
    char error[REQUEST_ERROR_BYTES] = "out of memory";
    if (requests->log == NULL && query->verb != PAYLOAD_VERB_CATALOG) {
        refuse(requests, asker, REQUESTS_UNAVAILABLE, "this gateway does not log its readings");
        return;
    }
    if (requests->stats.waiting == WAITING_MAX) {
        refuse(requests, asker, REQUESTS_BUSY, "busy with other requests; try again");
        return;
    }
    struct request *request = calloc(1, sizeof(*request));
    int r = request != NULL
                ? request_answer_new(&source, query, loop_realtime_us(requests->env.loop),
                                     &request->answer, error)
                : -ENOMEM;
    if (r < 0) {
        free(request);
        refuse(requests, asker, r == -ENOENT ? REQUESTS_UNKNOWN : REQUESTS_BUSY, error);
        return;
    }
    request->job = (struct worker_job){.run = run_step, .done = on_stepped};
    request->owner = requests;
    request->asker = *asker;
    *requests->waiting_end = request;
    requests->waiting_end = &request->next;
    requests->stats.waiting++;
    start_waiting(requests);
}

/* Who gave neither a response topic nor a transaction hears of it on our own topic. */
static void note_asker(const struct requests *requests, const struct mqtt_received *message,
                       const struct topic_parsed *topic, struct asker *ret)
{
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1];
    payload_request_transaction(message->payload, message->length, transaction);
    asker_note(ret, &requests->env, message, transaction, topic->verb);
    const struct topic own = {.kind = TOPIC_RESPONSE,
                              .site = requests->env.site,
                              .node = requests->env.node,
                              .verb = topic->verb};
    if (ret->topic[0] == '\0' &&
        topic_format(requests->env.prefix, &own, ret->topic, sizeof(ret->topic)) < 0) {
        ret->topic[0] = '\0'; /* cannot be: the request's own topic had the same parts */
    }
}

static void refuse_verb(struct requests *requests, const struct asker *asker, const char *verb)
{
    char error[REQUEST_ERROR_BYTES];
    int length = snprintf(error, sizeof(error), "there is no verb '%s'; there are", verb);
    for (int i = 0; i < PAYLOAD_VERB_COUNT; i++) {
        length += snprintf(error + length, sizeof(error) - (size_t)length, "%s %s",
                           i == 0 ? "" : ",", payload_verb_text((enum payload_verb)i));
    }
    refuse(requests, asker, REQUESTS_NO_VERB, error);
}

bool requests_on_message(struct requests *requests, const struct mqtt_received *message)
{
    struct topic_parsed topic;
    if (topic_parse(requests->env.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_REQUEST || strcmp(topic.node, requests->env.node) != 0 ||
        strcmp(topic.site, requests->env.site) != 0) {
        return false;
    }
    struct asker asker;
    enum payload_verb verb;
    struct payload_query query;
    struct payload_error error;
    requests->stats.received++;
    note_asker(requests, message, &topic, &asker);
    if (message->retain) {
        refuse(requests, &asker, REQUESTS_RETAINED,
               "retained requests would be asked again at each connection");
    } else if (!payload_verb_from_text(topic.verb, &verb)) {
        refuse_verb(requests, &asker, topic.verb);
    } else if (payload_query_decode(verb, message->payload, message->length,
                                    loop_realtime_us(requests->env.loop), &query, &error) < 0) {
        refuse(requests, &asker, REQUESTS_MALFORMED, error.text);
    } else {
        take(requests, &asker, &query);
    }
    return true;
}

/* ---- beginning and end ------------------------------------------------------------------ */

static int open_log(struct requests *requests)
{
    const struct gateway_config *config = requests->plan->config;
    if (requests->env.log == NULL) {
        return 0;
    }
    int r = log_buses_new(requests->plan, &requests->buses);
    if (r < 0) {
        return r;
    }
    const struct store_query_options options = {config->store.file, requests->buses,
                                                config->bus_count};
    return store_query_new(&options, &requests->log);
}

int requests_new(const struct requests_options *options, struct requests **ret)
{
    struct requests *requests = calloc(1, sizeof(*requests));
    if (requests == NULL) {
        return -ENOMEM;
    }
    requests->plan = options->plan;
    requests->env = *options->environment;
    requests->link = options->link;
    requests->waiting_end = &requests->waiting;
    requests->timer = (struct timer){.fn = on_timer, .context = requests};
    int r = open_log(requests);
    if (r == 0) {
        r = worker_new(requests->env.loop, "queries", RUNNING_MAX, &requests->worker);
    }
    if (r < 0) {
        requests_free(requests);
        return r;
    }
    *ret = requests;
    return 0;
}

void requests_free(struct requests *requests)
{
    if (requests == NULL) {
        return;
    }
    requests->is_closing = true;
    worker_free(requests->worker);
    loop_timer_cancel(requests->env.loop, &requests->timer);
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        if (requests->running[i] != NULL) {
            free_request(requests->running[i]);
        }
    }
    while (requests->waiting != NULL) {
        struct request *request = requests->waiting;
        requests->waiting = request->next;
        free_request(request);
    }
    store_query_free(requests->log);
    log_buses_free(requests->buses);
    free(requests);
}

int requests_subscribe(struct requests *requests)
{
    char filter[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {
        .kind = TOPIC_REQUEST, .site = requests->env.site, .node = requests->env.node};
    int r = topic_filter_format(requests->env.prefix, &topic, filter, sizeof(filter));
    if (r < 0) {
        return r;
    }
    const struct mqtt_subscription subscription = {.filter = filter, .qos = 1};
    return mqtt_link_subscribe(requests->link, &subscription);
}

struct requests_stats requests_stats(const struct requests *requests)
{
    return requests->stats;
}
