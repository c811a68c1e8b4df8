#include "topics/payload_catalog_read.h"

#include "topics/payload_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct payload_catalog {
    cJSON *document;
};

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = member(object, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

int payload_catalog_decode(const char *text, size_t length, struct payload_catalog **ret,
                           struct payload_error *reterr)
{
    struct payload_catalog *catalog = calloc(1, sizeof(*catalog));
    if (catalog == NULL) {
        payload_fail(reterr, "out of memory");
        return -ENOMEM;
    }
    int r =
        payload_json_object(text, length, PAYLOAD_CATALOG_MAX_BYTES, &catalog->document, reterr);
    if (r == 0 && !cJSON_IsArray(member(catalog->document, "buses"))) {
        payload_fail(reterr, "no catalog: 'buses' is not there");
        r = -EINVAL;
    }
    if (r < 0) {
        payload_catalog_free(catalog);
        return r;
    }
    *ret = catalog;
    return 0;
}

void payload_catalog_free(struct payload_catalog *catalog)
{
    if (catalog != NULL) {
        cJSON_Delete(catalog->document);
        free(catalog);
    }
}

/* A message by its topic id, which it has where its name is none. */
static bool is_called(const cJSON *item, const char *id)
{
    return strcmp(text_of(item, "name"), id) == 0 || strcmp(text_of(item, "topic_id"), id) == 0;
}

static const cJSON *find_message(const struct payload_catalog *catalog, const char *bus_name,
                                 const char *message)
{
    const cJSON *bus;
    const cJSON *item;
    cJSON_ArrayForEach(bus, member(catalog->document, "buses"))
    {
        if (bus_name != NULL && strcmp(text_of(bus, "name"), bus_name) != 0) {
            continue;
        }
        cJSON_ArrayForEach(item, member(bus, "messages"))
        {
            if (is_called(item, message)) {
                return item;
            }
        }
    }
    return NULL;
}

static const cJSON *find_signal(const cJSON *message, const char *signal)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, member(message, "signals"))
    {
        if (is_called(item, signal)) {
            return item;
        }
    }
    return NULL;
}

enum payload_catalog_lookup payload_catalog_find(const struct payload_catalog *catalog,
                                                 const char *bus, const char *message,
                                                 const char *signal,
                                                 struct payload_catalog_found *ret)
{
    const cJSON *of = find_message(catalog, bus, message);
    const cJSON *found = of != NULL ? find_signal(of, signal) : NULL;
    if (found == NULL) {
        return of == NULL ? PAYLOAD_CATALOG_NO_MESSAGE : PAYLOAD_CATALOG_NO_SIGNAL;
    }
    const cJSON *min = member(found, "min");
    const cJSON *max = member(found, "max");
    const cJSON *cycle = member(of, "cycle_ms");
    const cJSON *stale = member(of, "stale_ms");
    const cJSON *labels = member(found, "labels");
    bool has_range = cJSON_IsNumber(min) && cJSON_IsNumber(max);
    *ret = (struct payload_catalog_found){
        .unit = text_of(found, "unit"),
        .has_range = has_range,
        .min = has_range ? min->valuedouble : 0,
        .max = has_range ? max->valuedouble : 0,
        .cycle_ms = cJSON_IsNumber(cycle) ? cycle->valuedouble : 0,
        .stale_ms = cJSON_IsNumber(stale) ? stale->valuedouble : -1,
        .labels = labels,
        .label_count = cJSON_IsArray(labels) ? (size_t)cJSON_GetArraySize(labels) : 0,
    };
    return PAYLOAD_CATALOG_FOUND;
}

const char *payload_catalog_label_at(const struct payload_catalog_found *found, size_t index)
{
    return text_of(cJSON_GetArrayItem(found->labels, (int)index), "label");
}

void payload_catalog_offer(const struct payload_catalog *catalog, const char *bus_name,
                           const char *message, void (*offer)(void *context, const char *name),
                           void *context)
{
    const cJSON *item;
    const cJSON *bus;
    const cJSON *of = find_message(catalog, bus_name, message);
    cJSON_ArrayForEach(item, member(of, "signals"))
    {
        offer(context, text_of(item, "name"));
    }
    if (of != NULL) {
        return;
    }
    cJSON_ArrayForEach(bus, member(catalog->document, "buses"))
    {
        if (bus_name == NULL || strcmp(text_of(bus, "name"), bus_name) == 0) {
            cJSON_ArrayForEach(item, member(bus, "messages"))
            {
                offer(context, text_of(item, "name"));
            }
        }
    }
}
