#include "edge-gateway/store/store_cells.h"

#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/store/store_hold.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_MIN_BYTES ((size_t)4 << 20) /* a minute of 4000 messages with ten signals */
#define CHAIN_MAX        32                /* cells of one series: they are searched one by one */

/* A frame adds to its own minute, and to those before it in which the values before it held. */
#define CELLS_PER_FRAME (STORE_HOLD_MAX_US / STORE_MINUTE_US + 2)

struct store_cells {
    const struct store_bus *buses;
    size_t bus_count;
    struct store_series ***series; /* by bus, then by dbc_message.index; NULL: none yet */
    struct store_series *first;    /* of all of them */
    struct store_series **end;
    struct dbc_value *values;
    size_t used_bytes;
    size_t size_bytes;
    uint8_t *memory; /* cells one after the other */
};

static size_t cell_bytes(const struct dbc_message *message)
{
    return sizeof(struct store_cell) + message->signal_count * sizeof(struct bucket);
}

static size_t message_count(const struct store_bus *bus)
{
    return bus->database != NULL ? dbc_message_count(bus->database) : 0;
}

/* Room for the values and cells of the largest message, and the table of each bus. */
static int allocate(struct store_cells *cells)
{
    size_t signals = 1;
    size_t largest = 0;
    for (size_t i = 0; i < cells->bus_count; i++) {
        const struct store_bus *bus = &cells->buses[i];
        for (size_t k = 0; k < message_count(bus); k++) {
            const struct dbc_message *message = dbc_message_at(bus->database, k);
            signals = message->signal_count > signals ? message->signal_count : signals;
            largest = cell_bytes(message) > largest ? cell_bytes(message) : largest;
        }
        cells->series[i] = calloc(message_count(bus) + 1, sizeof(*cells->series[i]));
        if (cells->series[i] == NULL) {
            return -ENOMEM;
        }
    }
    size_t wanted = (size_t)CELLS_PER_FRAME * largest;
    cells->size_bytes = wanted > MEMORY_MIN_BYTES ? wanted : MEMORY_MIN_BYTES;
    cells->memory = malloc(cells->size_bytes);
    cells->values = calloc(signals, sizeof(*cells->values));
    return cells->memory != NULL && cells->values != NULL ? 0 : -ENOMEM;
}

int store_cells_new(const struct store_bus *buses, size_t bus_count, struct store_cells **ret)
{
    struct store_cells *cells = calloc(1, sizeof(*cells));
    if (cells == NULL) {
        return -ENOMEM;
    }
    cells->buses = buses;
    cells->bus_count = bus_count;
    cells->end = &cells->first;
    cells->series = calloc(bus_count + 1, sizeof(*cells->series));
    int r = cells->series != NULL ? allocate(cells) : -ENOMEM;
    if (r < 0) {
        store_cells_free(cells);
        return r;
    }
    *ret = cells;
    return 0;
}

void store_cells_free(struct store_cells *cells)
{
    if (cells == NULL) {
        return;
    }
    for (size_t i = 0; cells->series != NULL && i < cells->bus_count; i++) {
        for (size_t k = 0; cells->series[i] != NULL && k < message_count(&cells->buses[i]); k++) {
            free(cells->series[i][k]);
        }
        free(cells->series[i]);
    }
    free(cells->series);
    free(cells->values);
    free(cells->memory);
    free(cells);
}

struct store_cell *store_cells_next(const struct store_cells *cells, const struct store_cell *cell)
{
    uint8_t *at = cells->memory;
    if (cell != NULL) {
        at = (uint8_t *)cell + cell_bytes(cell->series->message);
    }
    return at < cells->memory + cells->used_bytes ? (struct store_cell *)at : NULL;
}

void store_cells_clear(struct store_cells *cells)
{
    struct store_cell *cell = NULL;
    while ((cell = store_cells_next(cells, cell)) != NULL) {
        cell->series->newest = NULL;
        cell->series->cell_count = 0;
    }
    cells->used_bytes = 0;
}

void store_cells_reset(struct store_cells *cells)
{
    cells->used_bytes = 0;
    cells->first = NULL;
    cells->end = &cells->first;
    for (size_t i = 0; i < cells->bus_count; i++) {
        for (size_t k = 0; k < message_count(&cells->buses[i]); k++) {
            free(cells->series[i][k]);
            cells->series[i][k] = NULL;
        }
    }
}

static struct store_series *new_series(const struct store_bus *bus,
                                       const struct dbc_message *message)
{
    struct store_series *series =
        calloc(1, sizeof(*series) + message->signal_count * sizeof(series->holds[0]));
    if (series != NULL) {
        series->bus = bus;
        series->message = message;
        series->hold_us = store_hold_us(bus, message);
        series->hour_us = -1;
    }
    return series;
}

static void append_series(struct store_cells *cells, struct store_series *series)
{
    if (series != NULL) {
        *cells->end = series;
        cells->end = &series->next;
    }
}

struct store_series *store_cells_next_series(const struct store_cells *cells,
                                             const struct store_series *series)
{
    return series == NULL ? cells->first : series->next;
}

int store_cells_series(struct store_cells *cells, size_t bus, const struct dbc_message *message,
                       struct store_series **ret)
{
    struct store_series **place = &cells->series[bus][message->index];
    if (*place == NULL) {
        *place = new_series(&cells->buses[bus], message);
        append_series(cells, *place);
    }
    if (*place == NULL) {
        return -ENOMEM;
    }
    *ret = *place;
    return 0;
}

int store_cells_find(struct store_cells *cells, const struct frame *frame,
                     struct store_series **ret)
{
    const struct store_bus *bus = &cells->buses[frame->bus];
    const struct dbc_message *message = NULL;
    if (bus->database != NULL && (frame->flags & (FRAME_REMOTE | FRAME_ERROR)) == 0) {
        message =
            dbc_find_by_id(bus->database, frame->can_id, (frame->flags & FRAME_EXTENDED) != 0);
    }
    if (message == NULL) {
        *ret = NULL;
        return 0;
    }
    return store_cells_series(cells, frame->bus, message, ret);
}

bool store_cells_have_room(const struct store_cells *cells, const struct store_series *series)
{
    size_t needed = (size_t)CELLS_PER_FRAME * cell_bytes(series->message);
    return cells->size_bytes - cells->used_bytes >= needed && series->cell_count < CHAIN_MAX;
}

static struct store_cell *add_cell(struct store_cells *cells, struct store_series *series,
                                   int64_t start_us)
{
    struct store_cell *cell = (struct store_cell *)(cells->memory + cells->used_bytes);
    cells->used_bytes += cell_bytes(series->message);
    memset(cell, 0, cell_bytes(series->message));
    cell->series = series;
    cell->previous = series->newest;
    cell->start_us = start_us;
    series->newest = cell;
    series->cell_count++;
    return cell;
}

static struct store_cell *cell_at(struct store_cells *cells, struct store_series *series,
                                  int64_t ts_us)
{
    int64_t start_us = ts_us - ts_us % STORE_MINUTE_US;
    for (struct store_cell *cell = series->newest; cell != NULL; cell = cell->previous) {
        if (cell->start_us == start_us) {
            return cell;
        }
    }
    return add_cell(cells, series, start_us);
}

/* For store_hold_spread(). */
struct place {
    struct store_cells *cells;
    struct store_series *series;
    size_t signal;
};

static struct bucket *bucket_at(void *context, int64_t ts_us, int64_t *ret_end_us)
{
    const struct place *place = context;
    struct store_cell *cell = cell_at(place->cells, place->series, ts_us);
    *ret_end_us = cell->start_us + STORE_MINUTE_US;
    return &cell->buckets[place->signal];
}

void store_cells_add(struct store_cells *cells, struct store_series *series,
                     const struct frame *frame)
{
    size_t count = dbc_decode(series->message, frame->data, frame->len, cells->values);
    for (size_t i = 0; i < count; i++) {
        const struct dbc_value *value = &cells->values[i];
        double number = dbc_value_number(value);
        if (value->quality == DBC_QUALITY_NOT_AVAILABLE || !isfinite(number)) {
            continue;
        }
        struct place place = {cells, series, value->signal->index};
        struct bucket_hold *hold = &series->holds[place.signal];
        store_hold_spread(hold, frame->ts_us, bucket_at, &place);
        struct store_cell *cell = cell_at(cells, series, frame->ts_us);
        bucket_add(&cell->buckets[place.signal], hold, number, frame->ts_us, series->hold_us);
    }
}

/* Values from another time (a replay of other years on another bus) are left to their next ones. */
void store_cells_weigh(struct store_cells *cells, struct store_series *series, int64_t us)
{
    for (size_t i = 0; i < series->message->signal_count; i++) {
        struct bucket_hold *hold = &series->holds[i];
        struct place place = {cells, series, i};
        if (hold->valid && store_hold_is_weighed(hold->until_us - series->hold_us, us)) {
            store_hold_spread(hold, us, bucket_at, &place);
        }
    }
}
