#include "edge-gateway/store/store_schema.h"

#include "edge-gateway/store/store_view.h"

static const char create[] =
    "CREATE TABLE buses ("
    "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 255),"
    "  name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE boots (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE segments ("
    "  first_seq INTEGER PRIMARY KEY,"
    "  last_seq INTEGER NOT NULL,"
    "  base_us INTEGER NOT NULL,"
    "  from_us INTEGER NOT NULL,"
    "  to_us INTEGER NOT NULL,"
    "  boot INTEGER NOT NULL REFERENCES boots (id),"
    "  clock_set INTEGER NOT NULL,"
    "  thinned INTEGER NOT NULL DEFAULT 0,"
    "  crc INTEGER NOT NULL,"
    "  keys BLOB NOT NULL,"
    "  records BLOB NOT NULL) STRICT;"
    "CREATE INDEX segments_by_time ON segments (from_us);"
    "CREATE TABLE gaps ("
    "  first_seq INTEGER PRIMARY KEY,"
    "  last_seq INTEGER NOT NULL,"
    "  reason TEXT NOT NULL) STRICT;"
    "CREATE TABLE summaries ("
    "  first_seq INTEGER NOT NULL,"
    "  last_seq INTEGER NOT NULL,"
    "  series INTEGER NOT NULL REFERENCES series (id),"
    "  from_us INTEGER NOT NULL,"
    "  to_us INTEGER NOT NULL,"
    "  data BLOB NOT NULL,"
    "  PRIMARY KEY (first_seq, series)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE series ("
    "  id INTEGER PRIMARY KEY,"
    "  bus TEXT NOT NULL,"
    "  message TEXT NOT NULL,"
    "  signals TEXT NOT NULL,"
    "  UNIQUE (bus, message, signals)) STRICT;"
    "CREATE TABLE rollups ("
    "  level_s INTEGER NOT NULL,"
    "  start_us INTEGER NOT NULL,"
    "  series INTEGER NOT NULL REFERENCES series (id),"
    "  data BLOB NOT NULL,"
    "  PRIMARY KEY (level_s, start_us, series)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE clock ("
    "  at_seq INTEGER NOT NULL,"
    "  boot INTEGER NOT NULL REFERENCES boots (id),"
    "  monotonic_us INTEGER NOT NULL,"
    "  before_us INTEGER NOT NULL,"
    "  after_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

static const char *const migrations[] = {create, store_view_sql};

const struct database_schema store_schema = {
    .component = "framelog",
    .migrations = migrations,
    .migration_count = sizeof(migrations) / sizeof(migrations[0]),
};
