#include "edge-gateway/store/store_origin.h"

#include "common/buf.h"
#include "common/database.h"
#include "common/file.h"
#include "edge-gateway/store/store_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define UUID_BYTES 36

int store_origin_log(struct store_state *state, uint64_t *ret_id)
{
    uint64_t id = 0;
    int r = store_state_get(state, STORE_STATE_LOG, &id);
    if (r < 0) {
        return r;
    }
    if (id != 0) {
        *ret_id = id;
        return 0;
    }
    if (getrandom(&id, sizeof(id), 0) != sizeof(id)) {
        return -EIO;
    }
    id = id >> 2 | 1; /* a positive number in SQL, and never 0 */
    r = store_state_set(state, STORE_STATE_LOG, id);
    if (r == 0) {
        *ret_id = id;
    }
    return r;
}

/* Inserts the text unless it is there, and reads its id. 0; -EBADMSG: it is not there then. */
static int row_of(sqlite3 *db, const char *insert, const char *select, const char *text, int length,
                  int64_t *ret_id)
{
    const char *const sql[] = {insert, select};
    int r = 0;
    for (size_t i = 0; r >= 0 && i < 2; i++) {
        sqlite3_stmt *statement;
        r = database_prepare(db, sql[i], &statement);
        if (r < 0) {
            return r;
        }
        (void)sqlite3_bind_text(statement, 1, text, length, SQLITE_STATIC); /* not copied */
        r = database_step(statement);
        if (r == 1) {
            *ret_id = sqlite3_column_int64(statement, 0);
        }
        (void)sqlite3_finalize(statement); /* the step's fault is in r */
    }
    return r == 0 ? -EBADMSG : r < 0 ? r : 0;
}

int store_origin_boot(sqlite3 *db, int64_t *ret_id)
{
    struct buf text;
    buf_init(&text, 2 * UUID_BYTES);
    int r = file_read("/proc/sys/kernel/random/boot_id", 2 * UUID_BYTES, &text, NULL);
    if (r == 0 && text.length >= UUID_BYTES) {
        r = row_of(db, "INSERT OR IGNORE INTO boots (uuid) VALUES (?1)",
                   "SELECT id FROM boots WHERE uuid = ?1", text.data, UUID_BYTES, ret_id);
    } else if (r != -ENOMEM) {
        r = -ENXIO; /* what is missing is not the database */
    }
    buf_deinit(&text);
    return r;
}

static int bus_row(sqlite3 *db, const char *insert, const char *name, uint8_t *ret_id)
{
    int64_t id;
    int r = row_of(db, insert, "SELECT id FROM buses WHERE name = ?1", name, -1, &id);
    if (r < 0) {
        return r;
    }
    if (id < 0 || id >= STORE_BUSES_MAX) {
        return -EBADMSG;
    }
    *ret_id = (uint8_t)id;
    return 0;
}

int store_origin_bus(sqlite3 *db, const char *name, uint8_t *ret_id)
{
    uint64_t count;
    int r = bus_row(db,
                    "INSERT OR IGNORE INTO buses (id, name)"
                    " SELECT coalesce(max(id) + 1, 0), ?1 FROM buses",
                    name, ret_id);
    if (r == -EBADMSG && store_state_query(db, "SELECT count(*) FROM buses", &count) == 0 &&
        count == STORE_BUSES_MAX) {
        return -ERANGE;
    }
    return r;
}

int store_origin_names(sqlite3 *db, struct store_bus_names *ret)
{
    sqlite3_stmt *statement;
    int r =
        database_prepare(db, "SELECT id, name FROM buses WHERE id BETWEEN 0 AND 255", &statement);
    if (r < 0) {
        return r;
    }
    *ret = (struct store_bus_names){0};
    while ((r = database_step(statement)) == 1) {
        int id = sqlite3_column_int(statement, 0);
        const char *name = (const char *)sqlite3_column_text(statement, 1);
        ret->is_taken[id] = true;
        if (name == NULL || name[0] == '\0' || strlen(name) >= STORE_BUS_NAME_BYTES) {
            continue; /* it is none of ours */
        }
        if (store_bus_names_find(ret, name) <
            STORE_BUSES_MAX) { /* names are unique: their index is damaged */
            r = -EBADMSG;
            break;
        }
        (void)snprintf(ret->names[id], STORE_BUS_NAME_BYTES, "%s", name);
    }
    (void)sqlite3_finalize(statement); /* the step's fault is in r */
    return r;
}

int store_origin_keep_bus(sqlite3 *db, const char *name, uint8_t id)
{
    char insert[80];
    uint8_t has;
    (void)snprintf(insert, sizeof(insert), "INSERT OR IGNORE INTO buses (id, name) VALUES (%u, ?1)",
                   id);
    int r = bus_row(db, insert, name, &has);
    return r == 0 && has != id ? -EBADMSG : r;
}
