#include "automation-node/store/device_history.h"

#include "common/database.h"

#include <errno.h>
#include <stdlib.h>

#define BUSY_TIMEOUT_MS 5000

struct device_history {
    struct device_history_options options;
    sqlite3 *db;
    sqlite3_stmt *next; /* stands on the row to be taken, or before the first one */
    bool has_row;
};

static const char sql[] = "SELECT ts_us, device, target, source, reason, until_us"
                          " FROM control_history WHERE node = ?1 AND (?2 = '' OR device = ?2)"
                          " AND ts_us >= ?3 AND ts_us < ?4 ORDER BY id DESC";

int device_history_open(const struct device_history_options *options, struct device_history **ret)
{
    struct device_history *history = calloc(1, sizeof(*history));
    if (history == NULL) {
        return -ENOMEM;
    }
    const struct database_options database = {
        .path = options->path, .read_only = true, .busy_timeout_ms = BUSY_TIMEOUT_MS};
    history->options = *options;
    int r = database_open(&database, &history->db, NULL);
    if (r == 0) {
        r = database_prepare(history->db, sql, &history->next);
        r = r == -EINVAL ? -ENOENT : r; /* no such table: the gateway's file, and it was first */
    }
    if (r < 0) {
        device_history_close(history);
        return r;
    }
    /* Cannot fail: the indices exist, and the texts are not copied. */
    (void)sqlite3_bind_text(history->next, 1, options->node, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(history->next, 2, options->device, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(history->next, 3, options->from_us);
    (void)sqlite3_bind_int64(history->next, 4, options->to_us);
    *ret = history;
    return 0;
}

void device_history_close(struct device_history *history)
{
    if (history != NULL) {
        (void)sqlite3_finalize(history->next); /* repeats a fault that was reported */
        database_close(history->db);
        free(history);
    }
}

static const char *text_at(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

int device_history_read(struct device_history *history, device_history_fn take, void *context)
{
    for (;;) {
        int r = history->has_row ? 1 : database_step(history->next);
        if (r <= 0) {
            return r;
        }
        sqlite3_stmt *s = history->next;
        const struct device_history_row row = {.ts_us = sqlite3_column_int64(s, 0),
                                               .device = text_at(s, 1),
                                               .target = text_at(s, 2),
                                               .source = text_at(s, 3),
                                               .reason = text_at(s, 4),
                                               .until_us = sqlite3_column_int64(s, 5)};
        history->has_row = !take(context, &row);
        if (history->has_row) {
            return 1;
        }
    }
}
