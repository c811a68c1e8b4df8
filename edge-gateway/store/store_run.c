#include "edge-gateway/store/store_run.h"

#include "common/clock.h"
#include "edge-gateway/store/store_origin.h"
#include "edge-gateway/store/store_segments.h"

#include <errno.h>
#include <unistd.h>

/* Seqs reserved ahead: half a second of the fastest replay, half a minute of a full bus. After a
 * crash this many at most are never used. */
#define RESERVE_SEQS 262144

#define YEAR_2024_US (1704067200 * US_PER_S) /* a clock that says less was never set */
#define YEAR_2100_US (4102444800 * US_PER_S) /* one that says more is wrong */

/* What the database says. */
struct recorded {
    uint64_t reserved;
    uint64_t acknowledged;
    uint64_t committed;
    uint64_t has_segments; /* 0 = none */
};

void store_run_init(struct store_run *run, const struct store_options *options,
                    struct store_memory *memory)
{
    *run = (struct store_run){.options = options, .memory = memory, .seal = {.fd = -1}};
}

void store_run_deinit(struct store_run *run)
{
    store_seal_close(&run->seal);
}

bool store_run_is_held(const struct store_run *run, const char *path)
{
    return store_seal_is_in_place(&run->seal, path);
}

int store_run_hold(struct store_run *run, const char *path)
{
    if (store_run_is_held(run, path)) {
        return 0;
    }
    store_seal_close(&run->seal);
    int r = store_seal_open(&run->seal, path, &run->sealed);
    run->is_file_older =
        r == 0 && run->sealed.health == STORE_SEAL_NEW && access(run->options->path, F_OK) == 0;
    return r;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- where the run before ended --------------------------------------------------------- */

static int read_database(struct store_state *state, sqlite3 *db, struct recorded *ret)
{
    struct recorded is = {0};
    int r = store_state_get(state, STORE_STATE_RESERVED, &is.reserved);
    if (r == 0) {
        r = store_state_get(state, STORE_STATE_ACKNOWLEDGED, &is.acknowledged);
    }
    if (r == 0) {
        r = store_state_query(
            db,
            "SELECT max("
            "coalesce((SELECT last_seq FROM segments ORDER BY first_seq DESC LIMIT 1), 0),"
            "coalesce((SELECT last_seq FROM gaps ORDER BY first_seq DESC LIMIT 1), 0))",
            &is.committed);
    }
    if (r == 0) {
        r = store_state_query(db, "SELECT EXISTS (SELECT 1 FROM segments)", &is.has_segments);
    }
    if (r < 0) {
        return r;
    }
    if (is.reserved > STORE_SEQ_MAX || is.committed > STORE_SEQ_MAX) {
        return -EBADMSG; /* a negative number too */
    }
    *ret = is;
    return 0;
}

/* A log makes its seal before its database. One that is younger was lost meanwhile, unless no log
 * was in the file yet, which another program may have made, or just be making. */
static bool has_lost_its_seal(const struct store_run *run, const struct recorded *is)
{
    bool is_empty = is->reserved == 0 && is->committed == 0 && is->has_segments == 0;
    return run->sealed.health == STORE_SEAL_LOST ||
           (run->is_file_older && (run->is_replacement || !is_empty));
}

/* After it the database accounts for no seq. The cursor may be further: what the broker had before
 * the disk did is missing in the log all the same. Without a segment, it was deleted. */
static uint64_t last_accounted(const struct recorded *is, uint64_t acknowledged)
{
    return is->has_segments != 0 ? is->committed : higher(is->committed, acknowledged);
}

static uint64_t reserved_by_seal(const struct store_seal_found *sealed)
{
    return sealed->state.reserved + (sealed->health == STORE_SEAL_HALF ? RESERVE_SEQS : 0);
}

/* More than all seqs that were given out before, says time. The file's helps where the clock was
 * set before, and is not yet. */
static uint64_t seqs_by_time(const struct store_seal_found *sealed)
{
    const int64_t witnesses_us[] = {clock_system.realtime_us(clock_system.context),
                                    sealed->modified_us};
    int64_t latest_us = YEAR_2024_US;
    for (int i = 0; i < 2; i++) {
        if (witnesses_us[i] > latest_us && witnesses_us[i] < YEAR_2100_US) {
            latest_us = witnesses_us[i];
        }
    }
    return (uint64_t)latest_us;
}

/* What memory holds was written by this log, since the machine was started. */
static bool is_memory_of_this_log(const struct store_run *run)
{
    const struct store_memory *memory = run->memory;
    return memory != NULL && memory->owner.log_id == run->log_id && memory->owner.boot == run->boot;
}

static struct store_position end_of_run_before(const struct store_run *run,
                                               const struct recorded *is)
{
    struct store_position at = {
        .acknowledged = higher(is->acknowledged, run->sealed.state.acknowledged),
        .newest = higher(higher(is->reserved, is->committed), reserved_by_seal(&run->sealed)),
    };
    if (has_lost_its_seal(run, is)) {
        at.newest = higher(at.newest, seqs_by_time(&run->sealed));
    }
    if (is_memory_of_this_log(run)) {
        at.acknowledged = higher(at.acknowledged, run->memory->acknowledged);
    }
    at.acknowledged = at.acknowledged < at.newest ? at.acknowledged : at.newest;
    return at;
}

static enum segment_void why_it_ended(const struct store_run *run, const struct recorded *is)
{
    bool is_known = is->reserved > 0 && !run->is_replacement && !has_lost_its_seal(run, is);
    return is_known ? SEGMENT_VOID_RESTART : SEGMENT_VOID_CORRUPT;
}

/* ---- entering a database ---------------------------------------------------------------- */

static int reserve(struct store_run *run, struct store_state *state, uint64_t newest,
                   struct store_progress *progress)
{
    const struct store_seal_state sealed = {newest + RESERVE_SEQS, progress->acknowledged};
    int r = store_seal_write(&run->seal, sealed);
    if (r == 0) {
        r = store_state_set(state, STORE_STATE_RESERVED, sealed.reserved);
    }
    if (r == 0) {
        progress->reserved = sealed.reserved;
    }
    return r;
}

/* Takes in what the run before had in memory: what is above `known`, and was given out by this log.
 * Moves `known` on. */
static int take_in_remains(struct store_run *run, const struct store_run_tables *tables,
                           uint64_t newest, enum segment_void why, struct store_outcome *outcome,
                           uint64_t *known)
{
    const struct store_memory *memory = run->memory;
    size_t count = is_memory_of_this_log(run) ? memory->remain_count : 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct segment *segment = &memory->remains[i].segment;
        if (segment->first_seq <= *known || segment->first_seq > newest ||
            segment->count > newest - segment->first_seq + 1) {
            continue; /* on the disk already, or never reserved: an older copy was put back */
        }
        if (segment->first_seq > *known + 1) {
            r = store_quota_gap(tables->quota, *known + 1, segment->first_seq - 1, why);
        }
        if (r == 0) {
            r = store_segments_insert(tables->insert, segment, run->boot,
                                      memory->remains[i].clock_set);
        }
        *known = segment->first_seq + segment->count - 1;
        outcome->recovered += segment->count;
    }
    return r;
}

/* What was reserved by the run before, perhaps even published, and is in no segment will never
 * come. Should the transaction fail, the seal is whole all the same, and what it meant is kept. */
static int begin(struct store_run *run, const struct store_run_tables *tables,
                 const struct recorded *is, struct store_outcome *outcome,
                 struct store_progress *ret)
{
    const struct store_position at = end_of_run_before(run, is);
    enum segment_void why = why_it_ended(run, is);
    uint64_t known = last_accounted(is, at.acknowledged);
    struct store_progress progress = {
        .acknowledged = at.acknowledged, .committed = at.newest, .accounted = at.newest};
    int r = take_in_remains(run, tables, at.newest, why, outcome, &known);
    if (r == 0 && known < at.newest) {
        r = store_quota_gap(tables->quota, known + 1, at.newest, why);
    }
    if (r == 0) {
        r = store_state_set(tables->state, STORE_STATE_ACKNOWLEDGED, at.acknowledged);
    }
    for (int i = 0; r == 0 && i < 2; i++) { /* both lines of the seal */
        r = reserve(run, tables->state, at.newest, &progress);
    }
    if (r == 0) {
        run->is_file_older = false;
        run->sealed.health = STORE_SEAL_WHOLE;
        run->sealed.state = (struct store_seal_state){at.newest, at.acknowledged};
        *ret = progress;
    }
    return r;
}

/* What was committed to another file than this one, and nobody acknowledged, is lost. */
static int write_off(struct store_quota *quota, const struct recorded *is,
                     struct store_outcome *outcome, struct store_progress *at)
{
    uint64_t known = last_accounted(is, at->acknowledged);
    if (known >= at->committed) {
        return 0;
    }
    uint64_t reported = higher(higher(known, at->acknowledged), at->accounted);
    if (reported < at->committed) {
        store_outcome_lost(outcome, reported + 1, at->committed, SEGMENT_VOID_CORRUPT);
    }
    at->accounted = at->committed;
    return store_quota_gap(quota, known + 1, at->committed, SEGMENT_VOID_CORRUPT);
}

/* The same file again, or another one. */
static int go_on(struct store_run *run, const struct store_run_tables *tables,
                 const struct recorded *is, struct store_outcome *outcome,
                 struct store_progress *ret)
{
    struct store_state *state = tables->state;
    struct store_progress at = run->progress;
    at.acknowledged = higher(at.acknowledged, run->cursor);
    if (higher(is->reserved, run->sealed.state.reserved) > at.reserved + RESERVE_SEQS) {
        return -EBADMSG; /* the end of another run, in another log */
    }
    int r =
        store_seal_write_both(&run->seal, (struct store_seal_state){at.reserved, at.acknowledged});
    if (r == 0) {
        r = store_state_set(state, STORE_STATE_RESERVED, at.reserved);
    }
    if (r == 0) {
        r = store_state_set(state, STORE_STATE_ACKNOWLEDGED, at.acknowledged);
    }
    if (r == 0) {
        r = write_off(tables->quota, is, outcome, &at);
    }
    if (r == 0) {
        *ret = at;
    }
    return r;
}

static bool is_id_taken(const struct store_run *run, size_t bus)
{
    size_t i = 0;
    while (i < bus && run->bus_ids[i] != run->bus_ids[bus]) {
        i++;
    }
    return i < bus;
}

/* Frames may be of buses that the configuration had only for a moment. */
static int keep_names(const struct store_run *run, sqlite3 *db)
{
    int r = 0;
    for (size_t id = 0; r == 0 && id < STORE_BUSES_MAX; id++) {
        const char *name = run->names.names[id];
        r = run->names.is_taken[id] && name[0] != '\0'
                ? store_origin_keep_bus(db, name, (uint8_t)id)
                : 0;
    }
    return r;
}

/* Frames in memory carry the log's ids of the buses, so a new database takes those over. */
static int enter_origins(struct store_run *run, const struct store_run_tables *tables)
{
    sqlite3 *db = tables->db;
    int r = store_origin_log(tables->state, &run->log_id);
    if (r == 0) {
        r = store_origin_boot(db, &run->boot);
    }
    for (size_t i = 0; r == 0 && i < run->options->bus_count; i++) {
        const char *name = run->options->buses[i].name;
        r = run->has_begun ? store_origin_keep_bus(db, name, run->bus_ids[i])
                           : store_origin_bus(db, name, &run->bus_ids[i]);
        r = r == 0 && is_id_taken(run, i) ? -EBADMSG : r;
    }
    if (r < 0) {
        return r;
    }
    return run->has_begun ? keep_names(run, db) : store_origin_names(db, &run->names);
}

int store_run_enter(struct store_run *run, const struct store_run_tables *tables,
                    struct store_outcome *outcome, struct store_progress *ret)
{
    struct recorded is;
    int r = enter_origins(run, tables);
    if (r == 0) {
        r = read_database(tables->state, tables->db, &is);
    }
    if (r < 0) {
        return r;
    }
    return run->has_begun ? go_on(run, tables, &is, outcome, ret)
                          : begin(run, tables, &is, outcome, ret);
}

void store_run_entered(struct store_run *run, const struct store_progress *progress)
{
    if (!run->has_begun) {
        run->has_begun = true;
        run->opened_at = (struct store_position){.acknowledged = progress->acknowledged,
                                                 .newest = progress->committed,
                                                 .log_id = run->log_id};
    }
    run->progress = *progress;
    if (run->memory != NULL) {
        const struct store_memory_owner owner = {run->log_id, run->boot};
        store_memory_settle(run->memory, owner, progress->acknowledged);
    }
}

int store_run_reserve(struct store_run *run, struct store_state *state, uint64_t newest,
                      struct store_progress *progress)
{
    bool is_due = newest + RESERVE_SEQS / 2 > progress->reserved;
    return is_due ? reserve(run, state, newest, progress) : 0;
}

void store_run_end(struct store_run *run, struct store_state *state, uint64_t newest)
{
    const struct store_seal_state sealed = {newest, run->progress.acknowledged};
    int r = store_state_set(state, STORE_STATE_RESERVED, newest);
    if (r == 0) {
        r = store_seal_write_both(&run->seal, sealed);
    }
}
