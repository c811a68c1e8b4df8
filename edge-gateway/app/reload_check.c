#include "edge-gateway/app/reload_check.h"

#include "common/config_compare.h"

#include <string.h>

/* Whatever is new in a section needs a restart until it is listed here. */
static const char *const store_in_flight[] = {"max_size",        "max_age",       "thin_from",
                                              "thin_older_than", "thin_interval", "ballast",
                                              "commit_interval", "trust_clock",   NULL};
static const char *const backfill_in_flight[] = {"sinks", "ack_timeout", "rate", "batch", NULL};
static const char *const nothing[] = {NULL};

struct fixed {
    const char *name; /* of the section, with its dot */
    const struct config_section *schema;
    size_t offset;
    const char *const *in_flight;
};

#define SECTION(name, schema, field, in_flight)                             \
    {                                                                       \
        name ".", schema, offsetof(struct gateway_config, field), in_flight \
    }

static bool is_same(const char *key, const char *old, const char *text, struct buf *reterr)
{
    if (strcmp(old, text) == 0) {
        return true;
    }
    buf_puts(reterr, key);
    return false;
}

static bool sections_are_same(const struct gateway_config *old, const struct gateway_config *config,
                              struct buf *reterr)
{
    const struct fixed sections[] = {
        SECTION("broker", &broker_config_schema, broker, nothing),
        SECTION("store", &store_config_schema, store, store_in_flight),
        SECTION("backfill", &backfill_config_schema, backfill, backfill_in_flight),
    };
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        struct buf key;
        buf_init(&key, 256);
        bool differ = config_find_difference(
            sections[i].schema, (const char *)old + sections[i].offset,
            (const char *)config + sections[i].offset, sections[i].in_flight, &key);
        if (differ) {
            buf_printf(reterr, "%s%s", sections[i].name, buf_ok(&key) ? key.data : "*");
        }
        buf_deinit(&key);
        if (differ) {
            return false;
        }
    }
    return true;
}

bool reload_check(const struct gateway_config *old, const struct gateway_config *config,
                  struct buf *reterr)
{
    bool same = is_same("site", old->site, config->site, reterr) &&
                is_same("node", old->node, config->node, reterr) &&
                sections_are_same(old, config, reterr);
    if (!same) {
        buf_puts(reterr, " cannot change while the gateway runs: restart it");
    }
    return same;
}
