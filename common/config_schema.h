/*
 * How a program describes its configuration: const tables, one row per key. common/config.h loads a
 * YAML file into the structs that the tables describe.
 *
 *   struct bus { const char *name; enum driver driver; int64_t restart_us; };
 *   struct plant { const struct bus *buses; size_t bus_count; struct broker broker; };
 *
 *   static const struct config_key bus_keys[] = {
 *       {.name = "driver", .type = CONFIG_ENUM, CONFIG_FIELD(struct bus, driver),
 *        .names = driver_names, .fallback = "socketcan", .help = "how frames get in"},
 *       {.name = "restart", .type = CONFIG_DURATION, CONFIG_FIELD(struct bus, restart_us),
 *        .fallback = "100ms", .min = "10ms", .max = "1min", .help = "after bus-off"},
 *       {.name = NULL},
 *   };
 *   static const struct config_section bus_section = CONFIG_STRUCT(struct bus, bus_keys);
 *   static const struct config_key plant_keys[] = {
 *       {.name = "buses", .type = CONFIG_SECTION, CONFIG_MAP(struct plant, buses, bus_count),
 *        .section = &bus_section, .flags = CONFIG_REQUIRED, .help = "CAN buses by name"},
 *       ...
 *
 * A row that contradicts its struct or itself (size, default, limits) is our bug and trips an
 * assertion at the first load.
 */
#ifndef EDGE_COMMON_CONFIG_SCHEMA_H
#define EDGE_COMMON_CONFIG_SCHEMA_H

#include "common/quantity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type {
    CONFIG_STRING,   /* const char *; `max` = length in bytes, 4096 unless given */
    CONFIG_ID,       /* const char *, [A-Za-z0-9_-]+; `max` = length, 64 unless given */
    CONFIG_PATH,     /* const char *; relative to the directory of the configuration file */
    CONFIG_BOOL,     /* bool: true/false, yes/no, on/off */
    CONFIG_INT,      /* int64_t */
    CONFIG_NUMBER,   /* double; with `unit`: in that unit, whichever unit of its kind was written */
    CONFIG_DURATION, /* int64_t microseconds: 250ms, 5s, 1.5 min, 2h; not negative unless `min` is
                      */
    CONFIG_BYTES,    /* int64_t bytes: 64MiB, 64MB */
    CONFIG_QUANTITY, /* struct quantity, unit as written; with `unit`: must be of that kind, and a
                        bare number is in that unit */
    CONFIG_ENUM,     /* an enum or int; `names` lists the values */
    CONFIG_SECTION   /* the struct that `section` describes */
};

/* How the field holds the value. The CONFIG_* macros below set it. */
enum config_shape {
    CONFIG_SHAPE_FIELD,   /* the value itself */
    CONFIG_SHAPE_POINTER, /* pointer to it; NULL when the key is absent and has no default */
    CONFIG_SHAPE_LIST,    /* pointer to an array, and a size_t count; one scalar is a list of one */
    CONFIG_SHAPE_MAP      /* the same; each item begins with its key, a const char * */
};

enum config_flags {
    CONFIG_REQUIRED = 1 << 0,   /* absent (or an empty list or map) is an error */
    CONFIG_SECRET = 1 << 1,     /* a string: may be file:/path, is never printed */
    CONFIG_DIFFERENCE = 1 << 2, /* number with unit: a step, so 1 °C = 1.8 °F (a deadband) */
    CONFIG_ANY_KEY = 1 << 3     /* map: keys need not be ids */
};

/* One value of a CONFIG_ENUM; the list ends with name = NULL. */
struct config_name {
    const char *name;
    int value;
};

struct config_key {
    const char *name; /* NULL ends the table */
    enum config_type type;
    enum config_shape shape;
    unsigned flags;       /* enum config_flags */
    size_t offset;        /* of the field in the struct */
    size_t size;          /* of the value, or of one item */
    size_t count_offset;  /* list and map: of the size_t count */
    const char *fallback; /* default, as a person would write it; NULL = zero, NULL or empty. Not
                             for sections, lists and maps */
    const char *min;      /* smallest value allowed, as text; NULL = no bound */
    const char *max;      /* largest */
    const char *unit;     /* CONFIG_NUMBER, CONFIG_QUANTITY; NULL = any or none */
    const struct config_name *names;      /* CONFIG_ENUM */
    const struct config_section *section; /* CONFIG_SECTION */
    const char *help; /* what it is, a few words without full stop; shown when it is missing */
};

struct config_section {
    const struct config_key *keys;
    size_t size; /* of the struct */
};

#define CONFIG_FIELD(type, field) \
    .shape = CONFIG_SHAPE_FIELD, .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)
#define CONFIG_POINTER(type, field)                                 \
    .shape = CONFIG_SHAPE_POINTER, .offset = offsetof(type, field), \
    .size = sizeof(*((type *)0)->field)
#define CONFIG_LIST(type, field, count)                          \
    .shape = CONFIG_SHAPE_LIST, .offset = offsetof(type, field), \
    .size = sizeof(*((type *)0)->field), .count_offset = offsetof(type, count)
#define CONFIG_MAP(type, field, count)                          \
    .shape = CONFIG_SHAPE_MAP, .offset = offsetof(type, field), \
    .size = sizeof(*((type *)0)->field), .count_offset = offsetof(type, count)
#define CONFIG_STRUCT(type, table)            \
    {                                         \
        .keys = (table), .size = sizeof(type) \
    }

/* Items of a map of scalars; of the other types there are no maps. */
struct config_named_string { /* CONFIG_STRING, CONFIG_ID, CONFIG_PATH */
    const char *name;
    const char *value;
};
struct config_named_number { /* CONFIG_NUMBER */
    const char *name;
    double value;
};
struct config_named_int64 { /* CONFIG_INT, CONFIG_DURATION, CONFIG_BYTES */
    const char *name;
    int64_t value;
};
struct config_named_quantity { /* CONFIG_QUANTITY */
    const char *name;
    struct quantity value;
};

#endif
