#include "edge-gateway/store/store_series.h"

#include "common/buf.h"
#include "common/database.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/framelog/crc32c.h"

#include <errno.h>
#include <string.h>

#define NAMES_MAX_BYTES   ((size_t)16 << 20)
#define DEFINITION_FIELDS 5

int store_series_init(struct store_series_table *table, sqlite3 *db)
{
    *table = (struct store_series_table){0};
    int r = database_prepare(db,
                             "INSERT OR IGNORE INTO series (bus, message, signals, definition)"
                             " VALUES (?1, ?2, ?3, ?4)",
                             &table->insert);
    if (r == 0) {
        r = database_prepare(db,
                             "SELECT id FROM series WHERE bus = ?1 AND message = ?2"
                             " AND signals = ?3 AND definition = ?4",
                             &table->find);
    }
    return r;
}

void store_series_deinit(struct store_series_table *table)
{
    (void)sqlite3_finalize(table->insert); /* repeats the last step's fault, which was reported */
    (void)sqlite3_finalize(table->find);
    *table = (struct store_series_table){0};
}

static void put_name(struct buf *text, const char *name)
{
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        if (c < 0x20 || c == '"' || c == '\\') {
            buf_printf(text, "\\u%04x", c);
        } else {
            buf_append(text, name, 1);
        }
    }
}

static void put_names(struct buf *text, const struct dbc_message *message)
{
    buf_puts(text, "[");
    for (uint16_t i = 0; i < message->signal_count; i++) {
        buf_puts(text, i == 0 ? "\"" : ",\"");
        put_name(text, message->signals[i].name);
        buf_puts(text, "\"");
    }
    buf_puts(text, "]");
}

/* What makes a number of a signal's bits; another checksum means that the numbers do not compare.
 */
static uint32_t definition_of(const struct dbc_message *message)
{
    uint32_t crc = 0;
    for (uint16_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i];
        const double scale[] = {decimal_to_double(&signal->factor),
                                decimal_to_double(&signal->offset)};
        const uint32_t fields[DEFINITION_FIELDS] = {signal->start_bit, signal->length_bits,
                                                    (uint32_t)signal->type, signal->big_endian,
                                                    signal->multiplexed};
        crc = crc32c(crc, (const uint8_t *)fields, sizeof(fields));
        crc = crc32c(crc, (const uint8_t *)scale, sizeof(scale));
        crc = crc32c(crc, (const uint8_t *)signal->unit, strlen(signal->unit));
    }
    return crc;
}

/* 1: *ret_id is known; 0: no row; -errno. */
static int step(sqlite3_stmt *statement, const char *bus, const struct dbc_message *message,
                int64_t *ret_id)
{
    struct buf names;
    buf_init(&names, NAMES_MAX_BYTES);
    put_names(&names, message);
    int r = -ENOMEM;
    if (buf_ok(&names)) {
        /* Binding cannot fail: the indices exist, and the texts are not copied. */
        (void)sqlite3_bind_text(statement, 1, bus, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(statement, 2, message->name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(statement, 3, names.data, (int)names.length, SQLITE_STATIC);
        (void)sqlite3_bind_int64(statement, 4, definition_of(message));
        r = database_step(statement);
    }
    if (r == 1) {
        *ret_id = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_reset(statement); /* the step's fault is in r */
    (void)sqlite3_clear_bindings(statement);
    buf_deinit(&names);
    return r;
}

int store_series_find(struct store_series_table *table, const char *bus,
                      const struct dbc_message *message, int64_t *ret_id)
{
    return step(table->find, bus, message, ret_id);
}

int store_series_id(struct store_series_table *table, const char *bus,
                    const struct dbc_message *message, int64_t *ret_id)
{
    int r = store_series_find(table, bus, message, ret_id);
    if (r == 0) {
        r = step(table->insert, bus, message, ret_id);
        r = r == 0 ? store_series_find(table, bus, message, ret_id) : r;
        r = r == 0 ? -EBADMSG : r; /* the table is not what it was */
    }
    return r < 0 ? r : 0;
}
