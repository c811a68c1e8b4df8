#include "edge-gateway/framelog/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_MIN    8
#define SPLITS_MAX  2 /* runs that one operation can add: at both ends of its range */
#define FREED_SHARE 4 /* running out of runs frees this part of them, so that it is rare */

/* What is between two runs, and up to `newest`, is DELIVERED. */
enum run_state {
    RUN_LIVE,
    RUN_MISSING,
    RUN_SENDING,
    RUN_STATE_COUNT
};

#define LIVE    (1u << RUN_LIVE)
#define MISSING (1u << RUN_MISSING)
#define SENDING (1u << RUN_SENDING)

struct run {
    uint64_t first;
    uint64_t last;
    enum run_state state;
};

struct ledger {
    enum ledger_mode mode;
    uint64_t acknowledged;
    uint64_t newest;
    uint64_t seqs[RUN_STATE_COUNT];
    uint64_t repeated;
    size_t runs_max;
    size_t head; /* acknowledgements come at the front: it moves, the runs do not */
    size_t tail;
    struct run *runs;  /* [head, tail): by seq, none touches the next one of its state */
    struct run *spare; /* for ledger_rewind() */
};

static uint64_t length(const struct run *run)
{
    return run->last - run->first + 1;
}

/* The first run that ends at or after `seq`. */
static size_t find(const struct ledger *l, uint64_t seq)
{
    size_t low = l->head;
    size_t high = l->tail;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->runs[middle].last < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void compact(struct ledger *l)
{
    memmove(l->runs, l->runs + l->head, (l->tail - l->head) * sizeof(struct run));
    l->tail -= l->head;
    l->head = 0;
}

static void insert(struct ledger *l, size_t at, struct run run)
{
    memmove(l->runs + at + 1, l->runs + at, (l->tail - at) * sizeof(struct run));
    l->runs[at] = run;
    l->tail++;
}

static void erase(struct ledger *l, size_t at)
{
    if (at == l->head) {
        l->head++;
        return;
    }
    memmove(l->runs + at, l->runs + at + 1, (l->tail - at - 1) * sizeof(struct run));
    l->tail--;
}

/* ---- when the runs do not suffice ------------------------------------------------------- */

/* Joins neighbours that are MISSING and at most `gap` seqs apart. */
static void join_missing(struct ledger *l, uint64_t gap)
{
    size_t to = l->head;
    for (size_t i = l->head + 1; i < l->tail; i++) {
        struct run *run = &l->runs[i];
        struct run *before = &l->runs[to];
        uint64_t between = run->first - before->last - 1;
        if (before->state == RUN_MISSING && run->state == RUN_MISSING && between <= gap) {
            l->seqs[RUN_MISSING] += between;
            l->repeated += between;
            before->last = run->last;
        } else {
            l->runs[++to] = *run;
        }
    }
    l->tail = l->tail > l->head ? to + 1 : l->head;
}

/* What has this state is not waited for any more. */
static void give_up(struct ledger *l, enum run_state state)
{
    for (size_t i = l->head; i < l->tail; i++) {
        struct run *run = &l->runs[i];
        if (run->state == state) {
            l->seqs[state] -= length(run);
            l->seqs[RUN_MISSING] += length(run);
            run->state = RUN_MISSING;
        }
    }
}

/* Room for what one operation can add. */
static void make_room(struct ledger *l)
{
    if (l->tail + SPLITS_MAX <= l->runs_max) {
        return;
    }
    compact(l);
    size_t wanted = l->runs_max - l->runs_max / FREED_SHARE - SPLITS_MAX;
    if (l->tail <= wanted) {
        return;
    }
    uint64_t span = l->newest - l->acknowledged;
    for (uint64_t gap = 1; l->tail > wanted && gap / 2 <= span; gap *= 2) {
        join_missing(l, gap);
    }
    static const enum run_state given_up[] = {RUN_LIVE, RUN_SENDING};
    for (size_t i = 0; i < 2 && l->tail > wanted; i++) {
        give_up(l, given_up[i]);
        join_missing(l, span);
    }
}

/* ---- changing states -------------------------------------------------------------------- */

/* Makes `seq` the first of a run if it is inside one. */
static void split(struct ledger *l, uint64_t seq)
{
    size_t i = find(l, seq);
    if (i < l->tail && l->runs[i].first < seq) {
        struct run right = l->runs[i];
        right.first = seq;
        l->runs[i].last = seq - 1;
        insert(l, i + 1, right);
    }
}

/* Joins run `at` with the one before it if they touch and are alike. True: it is gone. */
static bool join_before(struct ledger *l, size_t at)
{
    if (at <= l->head || at >= l->tail || l->runs[at - 1].state != l->runs[at].state ||
        l->runs[at - 1].last + 1 != l->runs[at].first) {
        return false;
    }
    l->runs[at].first = l->runs[at - 1].first;
    erase(l, at - 1);
    return true;
}

/* Runs of the states `from` (a set) within the range get the state `to`; RUN_STATE_COUNT:
 * delivered. */
static void change(struct ledger *l, struct ledger_range range, unsigned from, enum run_state to)
{
    make_room(l);
    split(l, range.first);
    split(l, range.last + 1);
    size_t i = find(l, range.first);
    while (i < l->tail && l->runs[i].first <= range.last) {
        struct run *run = &l->runs[i];
        if ((from & (1u << run->state)) == 0) {
            i += join_before(l, i) ? 0 : 1;
            continue;
        }
        l->seqs[run->state] -= length(run);
        if (to == RUN_STATE_COUNT) {
            bool at_head = i == l->head;
            erase(l, i);
            i += at_head ? 1 : 0;
            continue;
        }
        l->seqs[to] += length(run);
        run->state = to;
        size_t head = l->head;
        bool joined = join_before(l, i);
        i += joined && l->head == head ? 0 : 1;
    }
    (void)join_before(l, i); /* the run behind the range */
}

static void advance(struct ledger *l)
{
    if (l->mode == LEDGER_BROKER) {
        l->acknowledged = l->head < l->tail ? l->runs[l->head].first - 1 : l->newest;
    }
}

/* ---- the contract ----------------------------------------------------------------------- */

static void append(struct ledger *l, uint64_t last, enum run_state state)
{
    if (last <= l->newest) {
        return;
    }
    make_room(l);
    const struct run run = {l->newest + 1, last, state};
    l->seqs[state] += length(&run);
    l->newest = last;
    if (l->head < l->tail && l->runs[l->tail - 1].state == state &&
        l->runs[l->tail - 1].last + 1 == run.first) {
        l->runs[l->tail - 1].last = last;
    } else {
        l->runs[l->tail++] = run;
    }
}

int ledger_new(const struct ledger_options *options, struct ledger **ret)
{
    if (options->runs_max < RUNS_MIN || options->newest < options->acknowledged) {
        return -EINVAL;
    }
    struct ledger *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        return -ENOMEM;
    }
    l->mode = options->mode;
    l->runs_max = options->runs_max;
    l->runs = calloc(l->runs_max, sizeof(struct run));
    l->spare = calloc(l->runs_max, sizeof(struct run));
    if (l->runs == NULL || l->spare == NULL) {
        ledger_free(l);
        return -ENOMEM;
    }
    l->acknowledged = options->acknowledged;
    l->newest = options->acknowledged;
    append(l, options->newest, RUN_MISSING);
    *ret = l;
    return 0;
}

void ledger_free(struct ledger *ledger)
{
    if (ledger != NULL) {
        free(ledger->runs);
        free(ledger->spare);
        free(ledger);
    }
}

void ledger_live(struct ledger *ledger, uint64_t seq)
{
    append(ledger, seq - 1, RUN_MISSING);
    append(ledger, seq, RUN_LIVE);
    advance(ledger);
}

void ledger_missed(struct ledger *ledger, uint64_t seq)
{
    append(ledger, seq, RUN_MISSING);
    advance(ledger);
}

static uint64_t open_seqs(const struct ledger *l)
{
    return l->seqs[RUN_LIVE] + l->seqs[RUN_MISSING] + l->seqs[RUN_SENDING];
}

uint64_t ledger_settle(struct ledger *ledger, struct ledger_range range, bool delivered)
{
    uint64_t before = open_seqs(ledger);
    uint64_t repeated = ledger->repeated;
    if (delivered) {
        change(ledger, range, LIVE | SENDING | MISSING, RUN_STATE_COUNT);
    } else {
        change(ledger, range, LIVE | SENDING, RUN_MISSING);
    }
    advance(ledger);
    return before + (ledger->repeated - repeated) - open_seqs(ledger);
}

bool ledger_next_missing(const struct ledger *ledger, uint64_t from, struct ledger_range *ret)
{
    for (size_t i = find(ledger, from); i < ledger->tail; i++) {
        const struct run *run = &ledger->runs[i];
        if (run->state == RUN_MISSING) {
            *ret = (struct ledger_range){run->first > from ? run->first : from, run->last};
            return true;
        }
    }
    return false;
}

uint64_t ledger_oldest_live(const struct ledger *ledger)
{
    for (size_t i = ledger->head; ledger->seqs[RUN_LIVE] > 0 && i < ledger->tail; i++) {
        if (ledger->runs[i].state == RUN_LIVE) {
            return ledger->runs[i].first;
        }
    }
    return UINT64_MAX;
}

void ledger_take(struct ledger *ledger, struct ledger_range range)
{
    change(ledger, range, MISSING, RUN_SENDING);
}

bool ledger_is_missing(const struct ledger *ledger, uint64_t seq)
{
    size_t i = find(ledger, seq);
    return i < ledger->tail && ledger->runs[i].first <= seq && ledger->runs[i].state == RUN_MISSING;
}

bool ledger_sink(struct ledger *ledger, uint64_t seq)
{
    if (ledger->mode != LEDGER_SINK || seq > ledger->newest) {
        return false;
    }
    if (seq > ledger->acknowledged) {
        const struct ledger_range range = {ledger->acknowledged + 1, seq};
        change(ledger, range, LIVE | SENDING | MISSING, RUN_STATE_COUNT);
        ledger->acknowledged = seq;
    }
    return true;
}

struct ledger_stats ledger_stats(const struct ledger *ledger)
{
    const uint64_t *seqs = ledger->seqs;
    return (struct ledger_stats){
        .acknowledged = ledger->acknowledged,
        .newest = ledger->newest,
        .live = seqs[RUN_LIVE],
        .missing = seqs[RUN_MISSING],
        .sending = seqs[RUN_SENDING],
        .delivered = ledger->newest - ledger->acknowledged - open_seqs(ledger),
        .repeated = ledger->repeated,
        .runs = ledger->tail - ledger->head,
    };
}

/* Appends to the spare runs, joined with the last one if they are alike and touch. With the last
 * place taken, everything that follows is MISSING: sent again at worst. */
static size_t put_spare(struct ledger *l, size_t count, struct run run)
{
    struct run *last = count > 0 ? &l->spare[count - 1] : NULL;
    if (last != NULL && count == l->runs_max - SPLITS_MAX) {
        last->last = run.last;
        last->state = RUN_MISSING;
        return count;
    }
    if (last != NULL && last->state == run.state && last->last + 1 == run.first) {
        last->last = run.last;
        return count;
    }
    l->spare[count] = run;
    return count + 1;
}

void ledger_rewind(struct ledger *ledger)
{
    struct ledger *l = ledger;
    l->repeated += ledger_stats(l).delivered;
    size_t count = 0;
    uint64_t next = l->acknowledged + 1;
    for (size_t i = l->head; i <= l->tail; i++) {
        uint64_t first = i < l->tail ? l->runs[i].first : l->newest + 1;
        if (next < first) {
            count = put_spare(l, count, (struct run){next, first - 1, RUN_MISSING});
        }
        if (i < l->tail) {
            count = put_spare(l, count, l->runs[i]);
            next = l->runs[i].last + 1;
        }
    }
    struct run *runs = l->runs;
    l->runs = l->spare;
    l->spare = runs;
    l->head = 0;
    l->tail = count;
    memset(l->seqs, 0, sizeof(l->seqs));
    for (size_t i = 0; i < count; i++) {
        l->seqs[l->runs[i].state] += length(&l->runs[i]);
    }
}
