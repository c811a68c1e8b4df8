/*
 * What is made of a plan, needs nothing else, and takes long where there are many messages: the
 * texts of the catalog and of discovery. Made by whoever reads the plan - for a reload that is a
 * thread - so that the loop only hands them on, and frees them.
 */
#ifndef EDGE_GATEWAY_APP_PREPARED_H
#define EDGE_GATEWAY_APP_PREPARED_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"

#include <stddef.h>
#include <stdint.h>

struct prepared_page {
    char *topic;
    char *payload;
    size_t length;
};

/* {0} is nothing. */
struct prepared {
    int64_t started_us; /* when the gateway was started, of the wall clock; the catalog says it */
    char *catalog;      /* NULL: larger than a broker can be expected to take */
    size_t catalog_length;
    struct prepared_page *pages; /* for Home Assistant, if it is enabled */
    size_t page_count;
    size_t page_capacity;
    size_t left_out; /* entities without a page */
};

/* In any thread. 0 or -errno. */
EDGE_MUST_CHECK int prepared_make(const struct gateway_plan *plan, int64_t started_us,
                                  struct prepared *ret);
void prepared_deinit(struct prepared *prepared);

#endif
