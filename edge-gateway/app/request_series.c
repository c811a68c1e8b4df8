/* Answers that go signal by signal: history and statistics. A chunk is about one of them. */
#include "edge-gateway/app/request_answer_parts.h"

#include <errno.h>
#include <stdlib.h>

/* Writes elements from answer->at on, as many as there is room for. */
static void write_some(struct request_answer *answer, size_t count,
                       void (*write)(struct request_answer *answer, size_t index))
{
    for (; answer->at < count; answer->at++) {
        const struct json_writer before = answer->w;
        write(answer, answer->at);
        if (!json_writer_has_room(&answer->w, PAYLOAD_ANSWER_END_BYTES)) {
            answer->w = before;
            return;
        }
    }
}

/* On to the next chunk, perhaps of the next signal. */
static enum responder_step turn(struct request_answer *answer, size_t count)
{
    if (answer->at < count) {
        return RESPONDER_CHUNK;
    }
    answer->at = 0;
    answer->has_values = false;
    answer->signal++;
    return answer->signal < answer->query.signal_count ? RESPONDER_CHUNK : RESPONDER_LAST_CHUNK;
}

static void write_point(struct request_answer *answer, size_t index)
{
    payload_history_point(&answer->w, answer->points[index].ts_us, answer->points[index].value);
}

static int read_history(struct request_answer *answer)
{
    const struct store_span span = request_span(answer);
    if (answer->points == NULL) {
        answer->points = calloc((size_t)answer->query.max_points, sizeof(*answer->points));
    }
    if (answer->points == NULL) {
        return -ENOMEM;
    }
    int r = store_query_history(answer->room->log, &answer->signals[answer->signal], &span,
                                (size_t)answer->query.max_points, answer->points, &answer->history);
    answer->damaged = store_query_damaged(answer->room->log);
    return r;
}

int request_fill_history(struct request_answer *answer, bool begins, enum responder_step *ret_step)
{
    (void)begins;
    int r = answer->has_values ? 0 : read_history(answer);
    if (r < 0) {
        return request_fault(answer, r);
    }
    answer->has_values = true;
    const struct payload_series series = request_series(answer, answer->history.source);
    payload_history_begin(&answer->w, &series, answer->history.count);
    write_some(answer, answer->history.point_count, write_point);
    payload_history_end(&answer->w);
    *ret_step = turn(answer, answer->history.point_count);
    return 0;
}

static void write_bucket(struct request_answer *answer, size_t index)
{
    const struct store_statistics *statistics = &answer->statistics;
    const struct bucket *bucket = &statistics->buckets[index];
    const struct payload_bucket values = {
        .ts_us = statistics->start_us + (int64_t)index * statistics->bucket_us,
        .count = bucket->count,
        .min = bucket->min,
        .max = bucket->max,
        .mean = bucket_mean(bucket),
        .last = bucket->last,
        .weighted_mean = bucket_weighted_mean(bucket),
    };
    payload_statistics_bucket(&answer->w, &values);
}

static int read_statistics(struct request_answer *answer)
{
    const struct store_span span = request_span(answer);
    free(answer->statistics.buckets);
    answer->statistics.buckets = NULL;
    int r = store_query_statistics(answer->room->log, &answer->signals[answer->signal], &span,
                                   answer->query.bucket_us, &answer->statistics);
    answer->damaged = store_query_damaged(answer->room->log);
    return r;
}

int request_fill_statistics(struct request_answer *answer, bool begins,
                            enum responder_step *ret_step)
{
    (void)begins;
    int r = answer->has_values ? 0 : read_statistics(answer);
    if (r < 0) {
        return request_fault(answer, r);
    }
    answer->has_values = true;
    const struct payload_series series = request_series(answer, answer->statistics.source);
    payload_statistics_begin(&answer->w, &series, answer->query.bucket_us);
    write_some(answer, answer->statistics.count, write_bucket);
    payload_statistics_end(&answer->w);
    *ret_step = turn(answer, answer->statistics.count);
    return 0;
}
