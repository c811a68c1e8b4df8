#include "edge-gateway/store/store_quota.h"

#include "common/database.h"
#include "edge-gateway/store/store_state.h"

#include <errno.h>

/* So that one commit stays short: at 12 commits a second the log can shrink by 3 MB a second. */
#define SEGMENTS_PER_CALL 64

int store_quota_init(struct store_quota *quota, sqlite3 *db, uint64_t limit_bytes,
                     int64_t max_age_us)
{
    *quota = (struct store_quota){.db = db, .limit_bytes = limit_bytes, .max_age_us = max_age_us};
    int r = database_prepare(db,
                             "SELECT first_seq, last_seq, to_us, length(keys) + length(records)"
                             " FROM segments ORDER BY first_seq LIMIT 1",
                             &quota->oldest);
    if (r == 0) {
        r = database_prepare(db,
                             "SELECT to_us FROM segments WHERE first_seq > ?1 AND to_us > 0"
                             " ORDER BY first_seq LIMIT 1",
                             &quota->next_time);
    }
    if (r == 0) {
        r = database_prepare(db, "DELETE FROM segments WHERE first_seq = ?1", &quota->delete);
    }
    if (r == 0) {
        r = database_prepare(db, "DELETE FROM summaries WHERE first_seq BETWEEN ?1 AND ?2",
                             &quota->delete_summaries);
    }
    if (r == 0) {
        r = database_prepare(db,
                             "UPDATE gaps SET last_seq = ?2"
                             " WHERE reason = ?3 AND last_seq = ?1 - 1 AND first_seq ="
                             " (SELECT max(first_seq) FROM gaps WHERE first_seq < ?1)",
                             &quota->extend_gap);
    }
    if (r == 0) {
        r = database_prepare(db,
                             "INSERT INTO gaps (first_seq, last_seq, reason) VALUES (?1, ?2, ?3)"
                             " ON CONFLICT (first_seq) DO UPDATE"
                             " SET last_seq = max(last_seq, excluded.last_seq)",
                             &quota->insert_gap);
    }
    return r;
}

void store_quota_deinit(struct store_quota *quota)
{
    (void)sqlite3_finalize(quota->oldest); /* repeats the last step's fault, which was reported */
    (void)sqlite3_finalize(quota->next_time);
    (void)sqlite3_finalize(quota->delete);
    (void)sqlite3_finalize(quota->delete_summaries);
    (void)sqlite3_finalize(quota->extend_gap);
    (void)sqlite3_finalize(quota->insert_gap);
    *quota = (struct store_quota){0};
}

int store_quota_used(const struct store_quota *quota, uint64_t *ret_bytes)
{
    uint64_t pages, free_pages, page_bytes;
    int r = store_state_query(quota->db, "PRAGMA page_count", &pages);
    if (r == 0) {
        r = store_state_query(quota->db, "PRAGMA freelist_count", &free_pages);
    }
    if (r == 0) {
        r = store_state_query(quota->db, "PRAGMA page_size", &page_bytes);
    }
    if (r == 0) {
        *ret_bytes = (pages - free_pages) * page_bytes;
    }
    return r;
}

static int step_gap(sqlite3_stmt *statement, uint64_t first, uint64_t last, const char *reason)
{
    (void)sqlite3_bind_int64(statement, 1,
                             (sqlite3_int64)first); /* cannot fail: the index exists */
    (void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)last);
    (void)sqlite3_bind_text(statement, 3, reason, -1, SQLITE_STATIC); /* static text: no copy */
    return database_step(statement);
}

int store_quota_gap(struct store_quota *quota, uint64_t first, uint64_t last,
                    enum segment_void reason)
{
    const char *text = segment_void_text(reason);
    int r = step_gap(quota->extend_gap, first, last, text);
    if (r < 0 || sqlite3_changes(quota->db) > 0) {
        return r;
    }
    return step_gap(quota->insert_gap, first, last, text);
}

/* The oldest segment; `count` 0 if there is none. */
struct oldest {
    uint64_t first;
    uint64_t last;
    uint64_t count;
    int64_t to_us;
    uint64_t bytes;
};

static int find_oldest(struct store_quota *quota, struct oldest *ret)
{
    *ret = (struct oldest){0};
    int r = database_step(quota->oldest);
    if (r == 1) {
        ret->first = (uint64_t)sqlite3_column_int64(quota->oldest, 0);
        ret->last = (uint64_t)sqlite3_column_int64(quota->oldest, 1);
        ret->count = ret->last - ret->first + 1;
        ret->to_us = sqlite3_column_int64(quota->oldest, 2);
        ret->bytes = (uint64_t)sqlite3_column_int64(quota->oldest, 3);
        r = ret->first > 0 && ret->first <= ret->last && ret->last <= STORE_SEQ_MAX ? 0 : -EBADMSG;
    }
    (void)sqlite3_reset(quota->oldest); /* repeats the step's fault, which is in r */
    return r;
}

/* Whether it is too old. One of voids alone has no time: it is older than the next one that has. 1,
 * 0 or -errno. */
static int is_old(struct store_quota *quota, const struct oldest *oldest, int64_t age_us)
{
    int64_t to_us = oldest->to_us;
    if (quota->max_age_us == 0 || oldest->count == 0) {
        return 0;
    }
    if (to_us <= 0) {
        (void)sqlite3_bind_int64(quota->next_time, 1, (sqlite3_int64)oldest->first); /* it exists */
        int r = database_step(quota->next_time);
        to_us = r == 1 ? sqlite3_column_int64(quota->next_time, 0) : age_us;
        (void)sqlite3_reset(quota->next_time); /* the step's fault is in r */
        if (r < 0) {
            return r;
        }
    }
    return to_us < age_us - quota->max_age_us;
}

/* The segment, with the summaries that begin in it. */
static int delete_oldest(struct store_quota *quota, const struct oldest *oldest)
{
    (void)sqlite3_bind_int64(quota->delete, 1, (sqlite3_int64)oldest->first); /* indices exist */
    (void)sqlite3_bind_int64(quota->delete_summaries, 1, (sqlite3_int64)oldest->first);
    (void)sqlite3_bind_int64(quota->delete_summaries, 2, (sqlite3_int64)oldest->last);
    int r = database_step(quota->delete);
    if (r == 0 && sqlite3_changes(quota->db) != 1) {
        r = -EBADMSG; /* it was found a moment ago, by another way through the same tree */
    }
    return r == 0 ? database_step(quota->delete_summaries) : r;
}

static int drop(struct store_quota *quota, const struct oldest *oldest, uint64_t acknowledged,
                enum segment_void reason, struct store_outcome *outcome)
{
    int r = delete_oldest(quota, oldest);
    if (r < 0) {
        return r;
    }
    uint64_t first_lost = oldest->first > acknowledged ? oldest->first : acknowledged + 1;
    if (first_lost > oldest->last) {
        outcome->expired += oldest->count;
        return 0;
    }
    outcome->expired += first_lost - oldest->first;
    store_outcome_lost(outcome, first_lost, oldest->last, reason);
    return store_quota_gap(quota, first_lost, oldest->last, reason);
}

int store_quota_enforce(struct store_quota *quota, uint64_t acknowledged, int64_t age_us,
                        struct store_outcome *outcome)
{
    for (int i = 0; i < SEGMENTS_PER_CALL; i++) {
        struct oldest oldest;
        int r = store_quota_used(quota, &outcome->used_bytes);
        if (r == 0) {
            r = find_oldest(quota, &oldest);
        }
        if (r == 0) {
            r = is_old(quota, &oldest, age_us);
        }
        if (r < 0) {
            return r;
        }
        bool full = quota->limit_bytes > 0 && outcome->used_bytes > quota->limit_bytes;
        if (oldest.count == 0 || !(full || r == 1)) {
            return 0;
        }
        r = drop(quota, &oldest, acknowledged,
                 full ? SEGMENT_VOID_QUOTA_BYTES : SEGMENT_VOID_QUOTA_AGE, outcome);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int store_quota_free(struct store_quota *quota, uint64_t bytes, uint64_t acknowledged,
                     struct store_outcome *outcome)
{
    uint64_t freed = 0;
    while (freed < bytes) {
        struct oldest oldest;
        int r = find_oldest(quota, &oldest);
        if (r < 0 || oldest.count == 0) {
            return r < 0 ? r : -ENOSPC;
        }
        r = drop(quota, &oldest, acknowledged, SEGMENT_VOID_QUOTA_BYTES, outcome);
        if (r < 0) {
            return r;
        }
        freed += oldest.bytes;
    }
    return 0;
}
