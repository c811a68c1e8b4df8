#include "edge-gateway/store/store_setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int store_setup_new(const struct store_options *options, struct store_setup **ret)
{
    if (options->bus_count > STORE_BUSES_MAX) {
        return -EINVAL;
    }
    struct store_setup *setup = calloc(1, sizeof(*setup));
    if (setup == NULL) {
        return -ENOMEM;
    }
    setup->options = *options;
    int r = store_memos_init(&setup->memos, options->memo_names, options->memo_count);
    if (r < 0) {
        store_setup_free(setup);
        return r;
    }
    *ret = setup;
    return 0;
}

void store_setup_free(struct store_setup *setup)
{
    if (setup == NULL) {
        return;
    }
    store_memos_deinit(&setup->memos);
    if (setup->released != NULL) {
        setup->released(setup->context);
    }
    free(setup);
}

size_t store_setup_count_new(const struct store_setup *setup, const struct store_bus_names *names)
{
    size_t count = 0;
    for (size_t i = 0; i < setup->options.bus_count; i++) {
        count += store_bus_names_find(names, setup->options.buses[i].name) == STORE_BUSES_MAX;
    }
    return count;
}

static size_t add_name(struct store_bus_names *names, const char *name)
{
    size_t id = 0;
    while (id < STORE_BUSES_MAX && names->is_taken[id]) {
        id++;
    }
    if (id < STORE_BUSES_MAX) {
        names->is_taken[id] = true;
        (void)snprintf(names->names[id], sizeof(names->names[id]), "%s", name);
    }
    return id;
}

void store_setup_name_buses(struct store_setup *setup, struct store_bus_names *names)
{
    for (size_t i = 0; i < setup->options.bus_count; i++) {
        const char *name = setup->options.buses[i].name;
        size_t id = store_bus_names_find(names, name);
        id = id < STORE_BUSES_MAX ? id : add_name(names, name);
        setup->bus_ids[i] = (uint8_t)id;
    }
    setup->names = *names;
}
