#include "edge-gateway/store/store_schema.h"

#include "edge-gateway/store/store_view.h"
#include "edge-gateway/store/store_zones.h"

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
    "CREATE TABLE zones ("
    "  first_seq INTEGER PRIMARY KEY,"
    "  last_seq INTEGER NOT NULL,"
    "  from_us INTEGER NOT NULL,"
    "  to_us INTEGER NOT NULL,"
    "  segments INTEGER NOT NULL,"
    "  frames INTEGER NOT NULL) STRICT;"
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
    "  count INTEGER NOT NULL,"
    "  data BLOB NOT NULL,"
    "  PRIMARY KEY (first_seq, series)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX summaries_by_time ON summaries (series, from_us);"
    "CREATE TABLE series ("
    "  id INTEGER PRIMARY KEY,"
    "  bus TEXT NOT NULL,"
    "  message TEXT NOT NULL,"
    "  signals TEXT NOT NULL,"
    "  definition INTEGER NOT NULL,"
    "  UNIQUE (bus, message, signals, definition)) STRICT;"
    "CREATE TABLE rollups ("
    "  series INTEGER NOT NULL REFERENCES series (id),"
    "  level_s INTEGER NOT NULL,"
    "  start_us INTEGER NOT NULL,"
    "  data BLOB NOT NULL,"
    "  PRIMARY KEY (series, level_s, start_us)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE clock ("
    "  at_seq INTEGER NOT NULL,"
    "  boot INTEGER NOT NULL REFERENCES boots (id),"
    "  monotonic_us INTEGER NOT NULL,"
    "  before_us INTEGER NOT NULL,"
    "  after_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* Older rows of minutes are packed by and by (store_rollup_pack.h). With rowid: in a table without,
 * each comparison of a key reads the whole row, pages beyond the first one included. */
static const char create_minutes[] = "CREATE TABLE minutes ("
                                     "  series INTEGER NOT NULL REFERENCES series (id),"
                                     "  signal INTEGER NOT NULL,"
                                     "  hour_us INTEGER NOT NULL,"
                                     "  data BLOB NOT NULL,"
                                     "  PRIMARY KEY (series, signal, hour_us)) STRICT;";

/* Which zones overlap a span, without a look at all of them: short ones begin near it, and long
 * ones (a clock was set, a replay begins anew) are few. */
static const char index_zones[] =
    "CREATE INDEX zones_short ON zones (from_us, to_us, segments, frames, last_seq)"
    "  WHERE " STORE_ZONES_SHORT ";"
    "CREATE INDEX zones_long ON zones (from_us) WHERE NOT (" STORE_ZONES_SHORT ");";

static const char create_memos[] =
    "CREATE TABLE memos (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

static const char *const migrations[] = {create, store_view_sql, create_minutes, index_zones,
                                         create_memos};

const struct database_schema store_schema = {
    .component = "framelog",
    .migrations = migrations,
    .migration_count = sizeof(migrations) / sizeof(migrations[0]),
};
