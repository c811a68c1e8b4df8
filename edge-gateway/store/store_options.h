/* What a store is made from, and what it tells: plain values, no behaviour. */
#ifndef EDGE_GATEWAY_STORE_STORE_OPTIONS_H
#define EDGE_GATEWAY_STORE_STORE_OPTIONS_H

#include "edge-gateway/framelog/segment.h"
#include "edge-gateway/store/store_summary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbc_database;
struct loop;

/* What the log has at the seq that was asked for. */
enum store_found {
    STORE_FOUND_SEGMENT, /* it holds the seq */
    STORE_FOUND_VOID, /* `first` to `last` will not come: the seq lies in a hole between segments */
    STORE_FOUND_NOTHING, /* not committed yet, or past the newest */
    STORE_FOUND_FAULT    /* the database did not answer; try later */
};

struct store_fetched {
    enum store_found found;
    struct segment segment;                /* borrowed until the next store_fetch() */
    const struct store_summary *summaries; /* those that begin in it; borrowed as it is */
    bool clock_set; /* false: the segment's stamps are not true yet, but will be when the clock is
                       set; those of an earlier boot never will */
    uint64_t first; /* of a void, `seq` included */
    uint64_t last;
    enum segment_void reason;
    int error; /* of a fault: -errno; -EBADMSG: the database is damaged */
};

enum store_notice_kind {
    STORE_NOTICE_FAULT,     /* a commit or opening failed; live values go on */
    STORE_NOTICE_RECOVERED, /* it works again */
    STORE_NOTICE_SET_ASIDE, /* the file was damaged or foreign; a new one was begun */
    STORE_NOTICE_DROPPED,   /* seqs that nobody had acknowledged were lost: first, last, reason */
    STORE_NOTICE_THINNED,   /* old readings became summaries: first, last, reason */
    STORE_NOTICE_CLOCK      /* stamps of this log were corrected */
};

struct store_notice {
    enum store_notice_kind kind;
    uint64_t first;
    uint64_t last;
    enum segment_void reason;
    const char *text; /* one sentence for people; valid during the call */
};

struct store_handler {
    /* Everything up to `seq` is on the disk, or is a void there. */
    void (*committed)(void *context, uint64_t seq);
    void (*fetched)(void *context, const struct store_fetched *fetched);
    void (*notice)(void *context, const struct store_notice *notice);
    void *context;
};

/* Which readings become summaries when the log gets full: the lowest first, the highest never. */
enum store_priority {
    STORE_PRIORITY_LOW = 1,
    STORE_PRIORITY_NORMAL,
    STORE_PRIORITY_HIGH
};

struct store_bus {
    const char *name;                    /* of the configuration */
    const struct dbc_database *database; /* for summaries, roll-ups and queries; NULL = none. Const,
                                            and read by their threads */
    const enum store_priority *priorities; /* by dbc_message.index; NULL = all are normal */
    const int64_t *hold_us; /* by dbc_message.index: a value counts for so long if no other comes;
                               0, or NULL for all: STORE_HOLD_MAX_US */
};

struct store_thinning {
    double from_percent; /* of quota_bytes: low ones; normal ones from half-way to 100; 0 = never */
    int64_t older_than_us; /* younger readings stay whole */
    int64_t interval_us;   /* of a summary */
};

/* Borrowed for the store's life, except where it says otherwise. */
struct store_options {
    struct loop *loop;
    const char *path;
    const struct store_bus *buses;
    size_t bus_count;
    int64_t commit_interval_us;
    size_t memory_bytes;         /* for frames on their way to the disk */
    const char *crash_directory; /* for that memory, so that it outlives the process: a directory
                                    that is itself in memory. NULL = none */
    int64_t unsafe_interval_us;  /* between commits if that cannot be had; 0 = as always */
    uint64_t quota_bytes;        /* of the database, without its WAL; 0 = no limit */
    int64_t max_age_us;          /* older segments are deleted; 0 = kept */
    struct store_thinning thinning;
    uint64_t ballast_bytes;        /* a file to be given up when the disk is full; 0 = none */
    const char *const *memo_names; /* what store_set_memo() sets, by index */
    size_t memo_count;
    bool trust_clock;             /* the wall clock is right from the start, whatever it says */
    struct store_handler handler; /* copied */
};

struct store_position {
    uint64_t acknowledged;
    uint64_t newest;
    uint64_t log_id; /* of the database: another one counts seqs of its own */
};

struct store_counter {
    const char *name;
    const uint64_t *value;
};

struct store_rollup_stats {
    uint64_t seq;    /* every frame up to it is in the rows */
    bool behind;     /* frames of the log are still to be read */
    uint64_t writes; /* transactions */
    uint64_t rows;   /* written */
    uint64_t bytes;  /* that all rows take, roughly */
    uint64_t faults;
};

struct store_stats {
    bool open;                          /* a database is there and the last commit succeeded */
    uint64_t newest;                    /* seq given out last */
    uint64_t committed;                 /* seq: everything up to it is on the disk */
    uint64_t frames;                    /* appended since the start */
    uint64_t events;                    /* the same */
    uint64_t without_seq;               /* frames that got none: no database */
    uint64_t recovered;                 /* seqs of the run before that were still in memory */
    int memory_fault;                   /* 0: what waits in memory outlives a crash; -errno: why
                                           it does not, -ENOENT also if that was not wanted */
    uint64_t voids[SEGMENT_VOID_COUNT]; /* seqs, by reason, since the start; not the thinned ones */
    uint64_t thinned;                   /* seqs that became part of summaries since the start */
    uint64_t expired; /* seqs deleted for bytes or age after they were acknowledged */
    uint64_t commits;
    uint64_t failed_commits;
    uint64_t used_bytes; /* of the quota */
    uint64_t quota_bytes;
    uint64_t wal_bytes;      /* grows without end while somebody reads in one transaction */
    uint64_t waiting_bytes;  /* in memory now */
    uint64_t bytes_per_hour; /* that the log grows by at the present rate; 0 = not known yet */
    int64_t commit_us;       /* how long the last commit took */
    int64_t commit_max_us;   /* the longest ever */
    struct store_rollup_stats rollup;
    bool writing; /* a commit is under way */
};

#endif
