/* Reading a catalog (payload_catalog.h): what is known of a signal. */
#ifndef EDGE_TOPICS_PAYLOAD_CATALOG_READ_H
#define EDGE_TOPICS_PAYLOAD_CATALOG_READ_H

#include "topics/attributes.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>

#define PAYLOAD_CATALOG_MAX_BYTES (64 * 1024 * 1024)

struct payload_catalog;

/* 0, or -EINVAL, -EMSGSIZE (PAYLOAD_CATALOG_MAX_BYTES) or -ENOMEM with the reason. */
TOPICS_MUST_CHECK int payload_catalog_decode(const char *text, size_t length,
                                             struct payload_catalog **ret,
                                             struct payload_error *reterr);
void payload_catalog_free(struct payload_catalog *catalog);

/* Borrowed from the catalog. */
struct payload_catalog_found {
    const char *unit; /* "" = none */
    bool has_range;
    double min;
    double max;
    double cycle_ms; /* 0 = not known */
    double stale_ms; /* negative = not known; 0 = never */
    const void *labels;
    size_t label_count;
};

enum payload_catalog_lookup {
    PAYLOAD_CATALOG_FOUND,
    PAYLOAD_CATALOG_NO_MESSAGE, /* on that bus, or on any */
    PAYLOAD_CATALOG_NO_SIGNAL
};

/* By the ids of topics. `bus` NULL = any. */
enum payload_catalog_lookup payload_catalog_find(const struct payload_catalog *catalog,
                                                 const char *bus, const char *message,
                                                 const char *signal,
                                                 struct payload_catalog_found *ret);

/* `index` is below the count. */
const char *payload_catalog_label_at(const struct payload_catalog_found *found, size_t index);

/* Calls back for every message on that bus, or every signal of that message, which may be what was
 * meant. */
void payload_catalog_offer(const struct payload_catalog *catalog, const char *bus,
                           const char *message, void (*offer)(void *context, const char *name),
                           void *context);

#endif
