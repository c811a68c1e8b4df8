/*
 * The options of a store from one change of the configuration to the next, with what is made of
 * them: the memos, and the log's ids of the buses. The writer takes one over with a batch, and
 * keeps it until it has got the next; only then is what it points to let go.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_SETUP_H
#define EDGE_GATEWAY_STORE_STORE_SETUP_H

#include "common/attributes.h"
#include "edge-gateway/store/store_bus_names.h"
#include "edge-gateway/store/store_memo.h"
#include "edge-gateway/store/store_options.h"

#include <stddef.h>
#include <stdint.h>

struct store_setup {
    struct store_setup *next; /* made after it */
    struct store_options options;
    struct store_memos memos;
    uint8_t bus_ids[STORE_BUSES_MAX]; /* by index of options.buses */
    struct store_bus_names names;     /* of every id that was given out so far, also by setups that
                                         the writer never saw */
    void (*released)(void *context);  /* nobody reads what the options borrow; NULL: nobody cares */
    void *context;
};

/* 0; -EINVAL: too many buses; -ENOMEM. */
EDGE_MUST_CHECK int store_setup_new(const struct store_options *options, struct store_setup **ret);
/* Calls `released`. Accepts NULL. */
void store_setup_free(struct store_setup *setup);

/* How many of its buses have a name that is not among these. */
size_t store_setup_count_new(const struct store_setup *setup, const struct store_bus_names *names);
/* Gives each bus the id of its name, a new one where the name is new. What has no room any more
 * gets none: count first. */
void store_setup_name_buses(struct store_setup *setup, struct store_bus_names *names);

#endif
