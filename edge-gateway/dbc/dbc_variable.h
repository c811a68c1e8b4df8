/*
 * An environment variable (EV_): a quantity of a simulation, which no frame carries. Kept so that
 * people can look it up; nothing is decoded from it. Value type, read-only after loading.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_VARIABLE_H
#define EDGE_GATEWAY_DBC_DBC_VARIABLE_H

#include "edge-gateway/dbc/decimal.h"

#include <stdint.h>

enum dbc_variable_type {
    DBC_VARIABLE_INTEGER,
    DBC_VARIABLE_FLOAT,
    DBC_VARIABLE_TEXT,
    DBC_VARIABLE_DATA, /* ENVVAR_DATA_: a run of bytes */
    DBC_VARIABLE_TYPE_COUNT
};

struct dbc_label;

struct dbc_variable {
    struct dbc_variable *next; /* in the order of loading; NULL at the end */
    const char *name;
    const char *unit;
    const char *comment;
    const char *file; /* as named in dbc_load_text() */
    unsigned line;    /* of its EV_ */
    enum dbc_variable_type type;
    uint32_t size_bytes; /* of DBC_VARIABLE_DATA */
    struct decimal minimum;
    struct decimal maximum; /* a range only where minimum < maximum */
    struct decimal start;
    const struct dbc_label *labels; /* sorted by raw, each raw once */
    uint32_t label_count;
};

/* "integer", "float", "text", "data". */
const char *dbc_variable_type_text(enum dbc_variable_type type);

#endif
