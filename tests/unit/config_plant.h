/* A schema with every type and shape, for the tests of the configuration loader and its fuzzer. */
#ifndef EDGE_TESTS_UNIT_CONFIG_PLANT_H
#define EDGE_TESTS_UNIT_CONFIG_PLANT_H

#include "common/config.h"

enum driver {
    DRIVER_SOCKETCAN,
    DRIVER_REPLAY,
    DRIVER_SIMULATE
};

struct broker {
    const char *host;
    int64_t port;
    const char *password;
    bool tls;
};

struct bus {
    const char *name;
    enum driver driver;
    int64_t restart_us;
    const char *const *dbc;
    size_t dbc_count;
};

struct message {
    const char *name;
    double limit_C;
    double step_C;
    struct quantity high;
    const struct config_named_quantity *deadbands;
    size_t deadband_count;
    const struct config_named_string *labels;
    size_t label_count;
};

/* Any depth: all of `all`, or `signal` alone. */
struct condition {
    const char *signal;
    const struct condition *all;
    size_t all_count;
};

struct plant {
    const char *site;
    int64_t log_bytes;
    double ratio;
    struct broker broker;
    const struct broker *spare; /* NULL when absent */
    const int64_t *delay_us;    /* NULL when absent */
    const struct bus *buses;
    size_t bus_count;
    const struct message *messages;
    size_t message_count;
    const struct condition *when;
};

extern const struct config_section plant_schema;

#endif
