/* A last-value queue with three topics, "a" and "b" retained and "c" not, and the link it believes
 * in, for the tests of what it does with its slots. */
#ifndef EDGE_TESTS_UNIT_LVQ_BENCH_H
#define EDGE_TESTS_UNIT_LVQ_BENCH_H

#include "common/lvq.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENT_MAX    64
#define PAYLOAD_MAX 8

/* A PUBLISH that the queue handed over. */
struct sent {
    char topic[16];
    char payload[PAYLOAD_MAX + 1];
    struct mqtt_publish publish; /* its texts are gone */
};

/* A queue and the link it believes in. */
struct lvq_bench {
    struct lvq *q;
    enum mqtt_publish_result answer;
    size_t room; /* publishes that are taken before the window is full */
    struct sent sent[SENT_MAX];
    size_t sent_count;
    uint64_t tags;                    /* given to payloads so far: 1, 2, ... */
    uint64_t told[LVQ_OUTCOME_COUNT]; /* by the handler */
    bool settled[SENT_MAX];           /* by tag */
};

int bench_set_up(void **state);
int bench_tear_down(void **state);
#define LVQ_CASE(test) cmocka_unit_test_setup_teardown(test, bench_set_up, bench_tear_down)

/* A payload of QoS 1 has the next tag. */
void bench_put_item(struct lvq_bench *f, size_t slot, const char *payload, int qos,
                    int64_t expires_us);
void bench_put(struct lvq_bench *f, size_t slot, const char *payload);

/* The fate of the nth that was sent. */
void bench_end(struct lvq_bench *f, size_t sent, enum mqtt_fate fate);
void bench_go_up(struct lvq_bench *f);

/* All that was sent so far, as "topic=payload ...". */
void bench_assert_sent(const struct lvq_bench *f, const char *expected);

/* The counters that are not 0, as "tagged 2 acknowledged 1 pending 1"; and the handler was told the
 * same, each tag once. */
void bench_assert_counted(const struct lvq_bench *f, const char *expected);

#endif
