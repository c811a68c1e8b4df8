#include "edge-gateway/app/log_counters.h"

#include "common/buf.h"
#include "common/database.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define DROPPED        "readings.dropped." /* and the reason */
#define TERMS_MAX      5
#define TEXT_MAX_BYTES 1024

static void name_plain(struct log_counters *c)
{
    const struct store_counter rows[] = {
        {"frames.received", &c->frames.received},
        {"frames.remote", &c->frames.remote},
        {"frames.unknown", &c->frames.unknown},
        {"frames.malformed", &c->frames.malformed},
        {"frames.accepted", &c->frames.accepted},
        {"frames.suppressed", &c->frames.suppressed},
        {"frames.held", &c->frames.held},
        {"frames.assured", &c->frames.assured},
        {"frames.live_only", &c->frames.live_only},
        {"readings.assured", &c->log.assured},
        {"readings.repeated", &c->log.repeated},
        {"readings.acknowledged", &c->log.acknowledged},
        {"readings.pending", &c->log.pending},
        {"readings.newest_seq", &c->log.ledger.newest},
        {"readings.acknowledged_seq", &c->log.ledger.acknowledged},
        {"store.frames", &c->log.store.frames},
        {"store.events", &c->log.store.events},
        {"store.without_seq", &c->log.store.without_seq},
    };
    _Static_assert(COUNT(rows) == LOG_COUNTERS_PLAIN, "each has its row");
    memcpy(c->rows, rows, sizeof(rows));
}

void log_counters_keep(struct log_counters *counters, struct store *store)
{
    struct log_counters *c = counters;
    name_plain(c);
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        char *name = c->dropped_names[i];
        (void)snprintf(name, LOG_COUNTERS_NAME_BYTES, "%s%s", DROPPED,
                       segment_void_text((enum segment_void)i));
        c->rows[LOG_COUNTERS_PLAIN + i] = (struct store_counter){name, &c->log.dropped[i]};
    }
    store_keep_counters(store, c->rows, LOG_COUNTERS);
}

void log_counters_take(struct log_counters *counters, const struct pipeline_stats *frames,
                       const struct frame_log_stats *log)
{
    counters->frames = *frames;
    counters->log = *log;
}

/* Sums that are equal. A name that ends in a point is the sum of all that begin with it. */
struct identity {
    const char *name;
    const char *left[TERMS_MAX + 1]; /* NULL at the end */
    const char *right[TERMS_MAX + 1];
};

static const struct identity identities[] = {
    {"received",
     {"frames.received"},
     {"frames.unknown", "frames.malformed", "frames.accepted", "frames.suppressed", "frames.held"}},
    {"accepted", {"frames.accepted"}, {"frames.assured", "frames.live_only"}},
    {"assured",
     {"readings.assured", "readings.repeated"},
     {"readings.acknowledged", "readings.pending", DROPPED}},
};

struct reading {
    sqlite3_stmt *select;
    struct buf text;
    const char *missing; /* a counter that is not there */
};

/* 0 or -errno. */
static int read_counter(struct reading *reading, const char *name, uint64_t *ret)
{
    uint64_t sum = 0;
    bool any = false;
    int r;
    (void)sqlite3_bind_text(reading->select, 1, name, -1, SQLITE_STATIC); /* not copied */
    while ((r = database_step(reading->select)) == 1) {
        sum += (uint64_t)sqlite3_column_int64(reading->select, 0);
        any = true;
    }
    reading->missing = any ? reading->missing : name;
    *ret = sum;
    return r;
}

/* Adds "received 12" to the text, and the value to the sum. */
static int add_term(struct reading *reading, const char *name, bool is_first, uint64_t *sum)
{
    uint64_t value;
    int r = read_counter(reading, name, &value);
    if (r < 0) {
        return r;
    }
    const char *word = strchr(name, '.') + 1;
    buf_printf(&reading->text, "%s%.*s %" PRIu64, is_first ? "" : " + ", (int)strcspn(word, "."),
               word, value);
    *sum += value;
    return 0;
}

static int add_terms(struct reading *reading, const char *const *names, uint64_t *ret_sum)
{
    int r = 0;
    *ret_sum = 0;
    for (size_t i = 0; r == 0 && names[i] != NULL; i++) {
        r = add_term(reading, names[i], i == 0, ret_sum);
    }
    return r;
}

static int check_identity(struct reading *reading, const struct identity *identity,
                          struct log_report *report)
{
    uint64_t left;
    uint64_t right = 0;
    buf_reset(&reading->text);
    reading->missing = NULL;
    int r = add_terms(reading, identity->left, &left);
    buf_puts(&reading->text, " = ");
    if (r == 0) {
        r = add_terms(reading, identity->right, &right);
    }
    if (r == 0 && buf_error(&reading->text) == -ENOMEM) {
        r = -ENOMEM;
    }
    if (r < 0) {
        return r;
    }
    if (reading->missing != NULL) {
        log_report_add(report, identity->name, false, "no counter '%s'", reading->missing);
    } else {
        log_report_add(report, identity->name, left == right, "%s",
                       buf_ok(&reading->text) ? reading->text.data : "");
    }
    return 0;
}

static int check_identities(sqlite3 *db, struct log_report *report)
{
    struct reading reading = {.select = NULL};
    int r = database_prepare(db,
                             "SELECT value FROM counters WHERE name = ?1 OR"
                             " (?1 LIKE '%.' AND substr(name, 1, length(?1)) = ?1)",
                             &reading.select);
    buf_init(&reading.text, TEXT_MAX_BYTES);
    for (size_t i = 0; r == 0 && i < COUNT(identities); i++) {
        r = check_identity(&reading, &identities[i], report);
    }
    buf_deinit(&reading.text);
    (void)sqlite3_finalize(reading.select); /* the step's fault is in r */
    return r;
}

/* 1: there are some; 0; -errno. A gateway writes its first ones after a second. */
static int find_any(sqlite3 *db)
{
    sqlite3_stmt *any;
    int r = database_prepare(db, "SELECT 1 FROM counters LIMIT 1", &any);
    if (r == 0) {
        r = database_step(any);
        (void)sqlite3_finalize(any); /* the step's fault is in r */
    }
    return r;
}

int log_counters_check(sqlite3 *db, struct log_report *report)
{
    int r = find_any(db);
    if (r == 0) {
        log_report_add(report, "counters", true, "none were written yet");
    } else if (r == 1) {
        r = check_identities(db, report);
    }
    if (r < 0 && r != -ENOMEM) {
        log_report_add(report, "counters", false, "they cannot be read: %s", sqlite3_errmsg(db));
    }
    return r == -ENOMEM ? r : 0;
}
