#include "edge-gateway/app/request_answer.h"

#include "edge-gateway/app/request_answer_parts.h"
#include "edge-gateway/app/request_support.h"
#include "topics/payload_node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const request_fill_fn fills[] = {
    [PAYLOAD_VERB_HISTORY] = request_fill_history,
    [PAYLOAD_VERB_STATISTICS] = request_fill_statistics,
    [PAYLOAD_VERB_MESSAGES] = request_fill_messages,
    [PAYLOAD_VERB_CATALOG] = request_fill_catalog,
    [PAYLOAD_VERB_RECORD] = request_fill_record,
    [PAYLOAD_VERB_ALARMS] = request_fill_alarms,
    [PAYLOAD_VERB_ALARM_HISTORY] = request_fill_alarm_history,
    [PAYLOAD_VERB_RELOAD] = request_fill_reload,
    [PAYLOAD_VERB_SUPPORT] = request_fill_support,
};
_Static_assert(sizeof(fills) / sizeof(fills[0]) == PAYLOAD_VERB_COUNT, "one for every verb");

/* The log holds frames: what they meant by DBC files of the past, it does not know. */
#define TODAY " in the DBC files of today, by which the log is read"

/* ---- what is asked for ------------------------------------------------------------------ */

static int find_bus(const struct gateway_plan *plan, const char *name, size_t *ret, char *reterr)
{
    for (size_t i = 0; i < plan->config->bus_count; i++) {
        if (strcmp(plan->config->buses[i].name, name) == 0) {
            *ret = i;
            return 0;
        }
    }
    (void)snprintf(reterr, RESPONDER_ERROR_BYTES, "there is no bus '%s'", name);
    return -ENOENT;
}

static int find_message(const struct bus_plan *bus, const char *name,
                        const struct dbc_message **ret, char *reterr)
{
    *ret = dbc_find_by_name(bus->database, name);
    if (*ret == NULL) {
        (void)snprintf(reterr, RESPONDER_ERROR_BYTES, "bus '%s' has no message '%s'" TODAY,
                       bus->config->name, name);
        return -ENOENT;
    }
    return 0;
}

static int find_signal(const struct gateway_plan *plan, const struct payload_path *path,
                       struct store_signal *ret, char *reterr)
{
    struct store_signal found;
    int r = find_bus(plan, path->bus, &found.bus, reterr);
    if (r == 0) {
        r = find_message(&plan->buses[found.bus], path->message, &found.message, reterr);
    }
    if (r < 0) {
        return r;
    }
    found.signal = dbc_find_signal(found.message, path->signal);
    if (found.signal == NULL) {
        (void)snprintf(reterr, RESPONDER_ERROR_BYTES, "message '%s' has no signal '%s'" TODAY,
                       path->message, path->signal);
        return -ENOENT;
    }
    *ret = found;
    return 0;
}

/* Of a question for messages: one bus, or any; in it, or in any, the message. */
static int check_message(const struct gateway_plan *plan, const struct payload_query *query,
                         char *reterr)
{
    const struct dbc_message *message;
    size_t first = 0;
    size_t end = plan->config->bus_count;
    if (query->bus[0] != '\0') {
        int r = find_bus(plan, query->bus, &first, reterr);
        if (r < 0) {
            return r;
        }
        end = first + 1;
    }
    int r = query->message[0] != '\0' ? -ENOENT : 0;
    for (size_t i = first; r < 0 && i < end; i++) {
        r = find_message(&plan->buses[i], query->message, &message, reterr);
    }
    return r;
}

static int prepare(struct request_answer *answer, char *reterr)
{
    const struct gateway_plan *plan = answer->room->plan;
    const struct payload_query *query = &answer->query;
    int r = query->verb == PAYLOAD_VERB_MESSAGES ? check_message(plan, query, reterr) : 0;
    for (size_t i = 0; r == 0 && i < query->signal_count; i++) {
        r = find_signal(plan, &query->signals[i], &answer->signals[i], reterr);
    }
    if (r == 0 && query->verb == PAYLOAD_VERB_RECORD) {
        r = request_record(answer);
    }
    return r;
}

/* ---- for the verbs ---------------------------------------------------------------------- */

int request_fault(struct request_answer *answer, int r)
{
    const char *text = strerror(-r);
    if (r == -ENOENT) {
        text = "nothing was logged yet";
    } else if (r == -EAGAIN) {
        text = "the log's statistics are being made; try again in a while";
    }
    (void)snprintf(answer->error, sizeof(answer->error), "the log cannot be read now: %s", text);
    return r;
}

struct payload_series request_series(const struct request_answer *answer, enum store_source source)
{
    static const enum payload_source sources[] = {
        [STORE_SOURCE_FRAMES] = PAYLOAD_SOURCE_FRAMES,
        [STORE_SOURCE_MINUTES] = PAYLOAD_SOURCE_MINUTES,
        [STORE_SOURCE_HOURS] = PAYLOAD_SOURCE_HOURS,
        [STORE_SOURCE_SUMMARIES] = PAYLOAD_SOURCE_SUMMARY,
    };
    const char *unit = answer->signals[answer->signal].signal->unit;
    return (struct payload_series){
        .signal = &answer->query.signals[answer->signal],
        .unit = unit[0] != '\0' ? unit : NULL,
        .source = sources[source],
        .damaged = answer->damaged,
    };
}

struct store_span request_span(const struct request_answer *answer)
{
    return (struct store_span){answer->query.from_us, answer->query.to_us, answer->now_us};
}

/* ---- the answer ------------------------------------------------------------------------- */

int request_answer_new(struct request_room *room, const struct payload_query *query, int64_t now_us,
                       struct request_answer **ret, char *reterr)
{
    struct request_answer *answer = calloc(1, sizeof(*answer));
    if (answer == NULL) {
        return -ENOMEM;
    }
    answer->room = request_room_hold(room);
    answer->query = *query;
    answer->now_us = now_us;
    answer->left = query->limit;
    answer->text = malloc(PAYLOAD_CHUNK_MAX_BYTES); /* takes up room only when it is written to */
    int r = answer->text != NULL ? prepare(answer, reterr) : -ENOMEM;
    if (r < 0) {
        request_answer_free(answer);
        return r;
    }
    *ret = answer;
    return 0;
}

void request_answer_free(struct request_answer *answer)
{
    if (answer != NULL) {
        free(answer->text);
        free(answer->points);
        free(answer->path);
        reload_outcome_deinit(&answer->reload);
        support_free(answer->support);
        free(answer->statistics.buckets);
        request_room_release(answer->room);
        free(answer);
    }
}

static const char *transaction(const struct request_answer *answer)
{
    return answer->query.transaction[0] != '\0' ? answer->query.transaction : NULL;
}

const char *request_answer_error(const struct request_answer *answer)
{
    return answer->reload.error != NULL ? answer->reload.error : answer->error;
}

static enum responder_step fail(struct request_answer *answer)
{
    json_writer_init(&answer->w, answer->text, PAYLOAD_CHUNK_MAX_BYTES);
    payload_response_error(&answer->w, transaction(answer), request_answer_error(answer));
    if (json_writer_finish(&answer->w, &answer->length) < 0) {
        answer->length = 0; /* cannot be: it is short */
    }
    return RESPONDER_FAILED;
}

static int fill(struct request_answer *answer, enum responder_step *ret_step)
{
    bool begins = !answer->is_open;
    if (begins) {
        json_writer_init(&answer->w, answer->text, PAYLOAD_CHUNK_MAX_BYTES);
        payload_response_data_begin(&answer->w, transaction(answer), answer->chunk);
        answer->is_open = true;
    }
    int r = fills[answer->query.verb](answer, begins, ret_step);
    if (r < 0 || *ret_step == RESPONDER_NOTHING_YET) {
        return r;
    }
    payload_response_data_end(&answer->w, *ret_step == RESPONDER_LAST_CHUNK);
    answer->is_open = false;
    answer->chunk++;
    r = json_writer_finish(&answer->w, &answer->length);
    return r < 0 ? request_fault(answer, r) : 0;
}

enum responder_step request_answer_step(struct request_answer *answer)
{
    enum responder_step step;
    return fill(answer, &step) == 0 ? step : fail(answer);
}

const char *request_answer_text(const struct request_answer *answer, size_t *ret_length)
{
    *ret_length = answer->length;
    return answer->text;
}
