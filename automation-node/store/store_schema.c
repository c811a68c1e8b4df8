#include "automation-node/store/store_schema.h"

static const char *const migrations[] = {
    "CREATE TABLE device_states ("
    "  node TEXT NOT NULL, device TEXT NOT NULL,"
    "  value TEXT, target TEXT, source TEXT, reason TEXT, quality TEXT NOT NULL,"
    "  since_us INTEGER NOT NULL, until_us INTEGER, updated_us INTEGER NOT NULL,"
    "  PRIMARY KEY (node, device)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE control_history ("
    "  id INTEGER PRIMARY KEY, ts_us INTEGER NOT NULL, node TEXT NOT NULL, device TEXT NOT NULL,"
    "  target TEXT, source TEXT, reason TEXT, until_us INTEGER) STRICT;"
    "CREATE INDEX control_history_by_device ON control_history (node, device, ts_us);",
    /* What the engine remembers: `data` is JSON. */
    "CREATE TABLE engine_state ("
    "  node TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,"
    "  definition TEXT NOT NULL, data TEXT NOT NULL,"
    "  PRIMARY KEY (node, kind, id)) STRICT, WITHOUT ROWID;",
};

const struct database_schema automation_schema = {
    .component = "automation",
    .migrations = migrations,
    .migration_count = sizeof(migrations) / sizeof(migrations[0]),
};
