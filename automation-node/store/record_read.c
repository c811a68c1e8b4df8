#include "automation-node/store/record_read.h"

#include "automation-node/store/store_schema.h"
#include "common/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BUSY_TIMEOUT_MS 5000 /* the gateway may be writing */

static const char sql[] = "SELECT kind, id, definition, data FROM engine_state WHERE node = ?1";

static const char *text_at(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? text : "";
}

static int take_row(sqlite3_stmt *row, struct record_batch *records)
{
    struct stored_record record = {
        .kind = text_at(row, 0), .id = text_at(row, 1), .data = text_at(row, 3)};
    const char *definition = text_at(row, 2);
    if (parse_hex_u64(definition, strlen(definition), UINT64_MAX, &record.definition) < 0) {
        return 0; /* not ours: as if it were not there */
    }
    return record_batch_add(records, &record) ? 0 : -ENOMEM;
}

static int read_rows(sqlite3 *db, const char *node, struct record_batch *records)
{
    sqlite3_stmt *statement;
    int r = database_prepare(db, sql, &statement);
    if (r < 0) {
        return r;
    }
    (void)sqlite3_bind_text(statement, 1, node, -1, SQLITE_STATIC); /* the index exists */
    while ((r = database_step(statement)) > 0) {
        r = take_row(statement, records);
        if (r < 0) {
            break;
        }
    }
    (void)sqlite3_finalize(statement); /* repeats a fault that was reported */
    return r;
}

int record_read(const char *path, const char *node, struct record_batch *records, char *error)
{
    const struct database_options options = {
        .path = path, .busy_timeout_ms = BUSY_TIMEOUT_MS, .schema = &automation_schema};
    sqlite3 *db = NULL;
    error[0] = '\0';
    int r = database_open(&options, &db, error);
    if (r < 0) {
        return r;
    }
    r = read_rows(db, node, records);
    if (r < 0) {
        (void)snprintf(error, DATABASE_ERROR_BYTES, "%s", sqlite3_errmsg(db));
    }
    database_close(db);
    return r;
}
