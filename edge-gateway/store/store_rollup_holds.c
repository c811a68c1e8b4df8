#include "edge-gateway/store/store_rollup_holds.h"

#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/store/store_hold.h"

/* The newest rows of a message that are looked at: a value holds in so many minutes, its own and
 * the one that is going on included. Where it came before them, nothing of its weight is left. */
#define ROWS_MAX (STORE_HOLD_MAX_US / STORE_MINUTE_US + 2)

/* The row's values, as far as no later one is known. */
static void take_row(struct store_series *series, const struct bucket *buckets, size_t count,
                     int64_t weighed_us)
{
    for (size_t i = 0; i < count && i < series->message->signal_count; i++) {
        const struct bucket *bucket = &buckets[i];
        struct bucket_hold *hold = &series->holds[i];
        if (hold->valid || bucket->count == 0) {
            continue;
        }
        *hold = (struct bucket_hold){
            .valid = true,
            .value = bucket->last,
            .since_us = bucket->last_us < weighed_us ? weighed_us : bucket->last_us,
            .until_us = bucket->last_us + series->hold_us,
        };
    }
}

/* Its newest row may lack a value that holds: only others of its message came in that minute. */
static int find_values(struct store_rollup_rows *rows, struct store_series *series,
                       int64_t weighed_us)
{
    int64_t before_us = INT64_MAX;
    int r = 1;
    for (int i = 0; i < ROWS_MAX && r > 0; i++) {
        r = store_rollup_before(rows, series->id, before_us, &before_us);
        take_row(series, rows->buckets, r > 0 ? (size_t)r : 0, weighed_us);
    }
    return r < 0 ? r : 0;
}

/* Where all of it comes from, and goes to. */
struct search {
    struct store_rollup_rows *rows;
    struct store_series_table *table;
    struct store_cells *cells;
    int64_t weighed_us;
};

static int find_series(const struct search *search, const struct store_bus *bus, size_t bus_index,
                       const struct dbc_message *message)
{
    int64_t id;
    struct store_series *series;
    int r = store_series_find(search->table, bus->name, message, &id);
    if (r <= 0) {
        return r;
    }
    r = store_cells_series(search->cells, bus_index, message, &series);
    if (r == 0) {
        series->id = id;
        r = find_values(search->rows, series, search->weighed_us);
    }
    return r;
}

int store_rollup_holds(const struct store_options *options, struct store_rollup_rows *rows,
                       struct store_series_table *table, struct store_cells *cells,
                       int64_t weighed_us)
{
    const struct search search = {rows, table, cells, weighed_us};
    for (size_t i = 0; i < options->bus_count; i++) {
        const struct store_bus *bus = &options->buses[i];
        size_t count = bus->database != NULL ? dbc_message_count(bus->database) : 0;
        for (size_t k = 0; k < count; k++) {
            int r = find_series(&search, bus, i, dbc_message_at(bus->database, k));
            if (r < 0) {
                return r;
            }
        }
    }
    return 0;
}
