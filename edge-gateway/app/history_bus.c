#include "edge-gateway/app/history_bus.h"

#include "common/database.h"
#include "common/quote.h"
#include "common/suggest.h"

#include <stdio.h>
#include <string.h>

int history_buses_read(struct history_buses *buses, sqlite3 *db)
{
    sqlite3_stmt *row;
    memset(buses, 0, sizeof(*buses));
    for (int i = 0; i < HISTORY_BUSES; i++) {
        (void)snprintf(buses->list[i].name, sizeof(buses->list[i].name), "bus%d", i);
    }
    int r = database_prepare(db, "SELECT id, name FROM buses WHERE id BETWEEN 0 AND 255", &row);
    if (r < 0) {
        return r;
    }
    while ((r = database_step(row)) == 1) {
        const char *name = (const char *)sqlite3_column_text(row, 1);
        size_t length = (size_t)sqlite3_column_bytes(row, 1);
        struct history_bus *bus = &buses->list[sqlite3_column_int(row, 0)];
        if (name != NULL && length <= LOG_BUS_MAX_BYTES && strlen(name) == length) { /* as we do */
            memcpy(bus->name, name, length + 1);
            bus->is_named = true;
        }
    }
    (void)sqlite3_finalize(row); /* the step's fault is in r */
    return r;
}

static const struct dbc_database *database_of(const struct gateway_plan *plan, const char *bus)
{
    for (size_t i = 0; plan != NULL && i < plan->config->bus_count; i++) {
        if (strcmp(plan->config->buses[i].name, bus) == 0) {
            return plan->buses[i].database;
        }
    }
    return NULL;
}

void history_buses_decode_by(struct history_buses *buses, const struct dbc_database *all,
                             const struct gateway_plan *plan)
{
    for (int i = 0; i < HISTORY_BUSES; i++) {
        buses->list[i].db = all != NULL ? all : database_of(plan, buses->list[i].name);
    }
}

/* "edge-gateway: no message 'Climat' in the DBC files - did you mean 'Climate'?" */
static void refuse(const char *what, const struct suggest *suggest, const char *where)
{
    (void)fprintf(stderr, "edge-gateway: no %s %s in %s", what,
                  quote_text(&(struct quote){0}, suggest->text), where);
    if (suggest->best != NULL) {
        (void)fprintf(stderr, " - did you mean '%s'?", suggest->best);
    }
    (void)fprintf(stderr, "\n");
}

static bool filter_bus(struct history_buses *buses, const char *name)
{
    bool any = false;
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (int i = 0; i < HISTORY_BUSES; i++) {
        struct history_bus *bus = &buses->list[i];
        bus->is_wanted = bus->is_named && strcmp(bus->name, name) == 0;
        any |= bus->is_wanted;
        if (bus->is_named) {
            suggest_offer(&suggest, bus->name);
        }
    }
    if (!any) {
        refuse("bus", &suggest, "the log");
    }
    return any;
}

static bool filter_message(struct history_buses *buses, const char *name)
{
    bool any = false;
    for (int i = 0; i < HISTORY_BUSES; i++) {
        struct history_bus *bus = &buses->list[i];
        bus->message = bus->db != NULL ? dbc_find_by_name(bus->db, name) : NULL;
        bus->is_wanted &= bus->message != NULL;
        any |= bus->is_wanted;
    }
    return any;
}

/* One of the messages that are wanted has it. */
static bool has_signal(const struct history_bus *bus, const char *name)
{
    if (bus->message != NULL) {
        return dbc_find_signal(bus->message, name) != NULL;
    }
    bool any = false;
    for (size_t i = 0; !any && bus->db != NULL && i < dbc_message_count(bus->db); i++) {
        any = dbc_find_signal(dbc_message_at(bus->db, i), name) != NULL;
    }
    return any;
}

static bool filter_signal(struct history_buses *buses, const char *name)
{
    bool any = false;
    for (int i = 0; i < HISTORY_BUSES; i++) {
        struct history_bus *bus = &buses->list[i];
        bus->is_wanted &= has_signal(bus, name);
        any |= bus->is_wanted;
    }
    return any;
}

static void offer_signals(struct suggest *suggest, const struct dbc_message *message)
{
    for (uint16_t i = 0; i < message->signal_count; i++) {
        suggest_offer(suggest, message->signals[i].name);
    }
}

/* What a person may have meant that wrote this message, or this signal of the message (NULL: of any
 * one). */
static void refuse_name(const struct history_buses *buses, const char *name, bool is_signal,
                        const char *message_name)
{
    struct suggest suggest;
    const struct dbc_database *last = NULL; /* many buses have the same one */
    suggest_init(&suggest, name);
    for (int i = 0; i < HISTORY_BUSES; i++) {
        const struct dbc_database *db = buses->list[i].db;
        for (size_t k = 0; db != NULL && db != last && k < dbc_message_count(db); k++) {
            const struct dbc_message *message = dbc_message_at(db, k);
            if (!is_signal) {
                suggest_offer(&suggest, message->name);
            } else if (message_name == NULL || strcmp(message->name, message_name) == 0) {
                offer_signals(&suggest, message);
            }
        }
        last = db;
    }
    refuse(is_signal ? "signal" : "message", &suggest,
           message_name != NULL ? "that message" : "the DBC files");
}

bool history_buses_filter(struct history_buses *buses, const struct history_filter *filter)
{
    for (int i = 0; i < HISTORY_BUSES; i++) {
        buses->list[i].is_wanted = true;
    }
    if (filter->bus != NULL && !filter_bus(buses, filter->bus)) {
        return false;
    }
    if (filter->message != NULL && !filter_message(buses, filter->message)) {
        refuse_name(buses, filter->message, false, NULL);
        return false;
    }
    if (filter->signal != NULL && !filter_signal(buses, filter->signal)) {
        refuse_name(buses, filter->signal, true, filter->message);
        return false;
    }
    return true;
}

static bool same_columns(const struct dbc_message *a, const struct dbc_message *b)
{
    bool same = a->signal_count == b->signal_count;
    for (uint16_t i = 0; same && i < a->signal_count; i++) {
        same = strcmp(a->signals[i].name, b->signals[i].name) == 0;
    }
    return same;
}

const struct dbc_message *history_buses_columns(const struct history_buses *buses)
{
    const struct dbc_message *columns = NULL;
    for (int i = 0; i < HISTORY_BUSES; i++) {
        const struct history_bus *bus = &buses->list[i];
        if (bus->is_wanted && columns != NULL && !same_columns(bus->message, columns)) {
            (void)fprintf(stderr,
                          "edge-gateway: message '%s' has other signals on bus '%s': give --bus\n",
                          columns->name, bus->name);
            return NULL;
        }
        columns = bus->is_wanted ? bus->message : columns;
    }
    return columns;
}
