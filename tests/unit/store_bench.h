/*
 * A store at work in a directory of its own, and what it told: the fixture of its tests.
 *
 * The frame of each seq is made from the seq, so that whoever reads one knows what has to be there.
 * With a fake clock time stands still while the store's threads are at work, and jumps to the next
 * timer while they are not.
 */
#ifndef EDGE_TESTS_UNIT_STORE_BENCH_H
#define EDGE_TESTS_UNIT_STORE_BENCH_H

#include "tests/unit/cmocka_all.h"

#include "common/loop.h"
#include "edge-gateway/store/store.h"
#include "tests/unit/fault_disk.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_BENCH_NOTICES 8 /* at least as many as there are kinds */

struct store_bench {
    char directory[64];
    char path[96]; /* edge.db in it */
    struct fault_disk *disk;
    bool has_fake_clock;
    struct clock_fake clock; /* of such a loop */
    struct loop *loop;
    struct store_options options; /* of the next store_bench_open() */
    struct store *store;
    uint64_t *given; /* every seq that was given out, in order */
    size_t given_count;
    size_t given_size;
    uint64_t highest;  /* the last one of them */
    size_t safe_count; /* of them: reported as committed */
    uint64_t committed;
    uint64_t acknowledged;
    bool is_damaged; /* from before: seqs may be lost, and the names of buses */
    bool fetching;
    struct store_fetched fetched;
    int notices[STORE_BENCH_NOTICES]; /* by kind */
    struct store_notice last[STORE_BENCH_NOTICES];
    char texts[STORE_BENCH_NOTICES][256]; /* of the last one of the kind */
};

/* What a log holds: seqs by what is at their place. */
struct store_bench_account {
    uint64_t frames;
    uint64_t events;
    uint64_t voids[SEGMENT_VOID_COUNT];
    uint64_t void_count; /* the sum */
};

/* For cmocka; *state is the bench, without a store. */
int store_bench_set_up(void **state);
int store_bench_set_up_fake_clock(void **state);
int store_bench_tear_down(void **state);

void store_bench_open(struct store_bench *bench);
void store_bench_close(struct store_bench *bench);

/* One turn of the loop: something happens, or a fake clock moves on. */
void store_bench_turn(struct store_bench *bench);
/* Turns until this much time has passed on the loop's clock. */
void store_bench_pass(struct store_bench *bench, int64_t us);
/* Turns until the store works and nothing waits; fails if it takes longer on the loop's clock. */
void store_bench_await_well(struct store_bench *bench, int64_t limit_us);
void store_bench_run_until_committed(struct store_bench *bench, uint64_t seq);

struct frame store_bench_frame(uint64_t seq);
/* Appends the frame of the next seq; the seq that it got, which is higher than any before, or 0. */
uint64_t store_bench_append(struct store_bench *bench);
/* `count` of them, each of which must get its seq; the last one. */
uint64_t store_bench_append_many(struct store_bench *bench, uint64_t count);

void store_bench_acknowledge(struct store_bench *bench, uint64_t seq);

const struct store_fetched *store_bench_fetch(struct store_bench *bench, uint64_t seq);
/* Checks what was fetched for `seq`: frames as they were appended, or a void; not what goes beyond
 * `last`. The first seq after it. */
uint64_t store_bench_check(struct store_bench *bench, uint64_t seq, uint64_t last,
                           struct store_bench_account *account);
/* Reads every seq from `first` to `last`: each must be its frame, or a void. What was committed and
 * is not acknowledged must not be one of a kind that committing rules out: restart, corrupt. */
struct store_bench_account store_bench_read(struct store_bench *bench, uint64_t first,
                                            uint64_t last);

#endif
