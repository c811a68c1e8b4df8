#include "edge-gateway/app/prepared.h"

#include "edge-gateway/app/catalog.h"
#include "edge-gateway/app/discovery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int reserve(struct prepared *p)
{
    if (p->page_count < p->page_capacity) {
        return 0;
    }
    size_t capacity = p->page_capacity > 0 ? p->page_capacity * 2 : 16;
    struct prepared_page *pages = reallocarray(p->pages, capacity, sizeof(*pages));
    if (pages == NULL) {
        return -ENOMEM;
    }
    p->pages = pages;
    p->page_capacity = capacity;
    return 0;
}

static int add_page(void *context, const char *topic, const char *payload, size_t length)
{
    struct prepared *p = context;
    int r = reserve(p);
    if (r < 0) {
        return r;
    }
    struct prepared_page page = {strdup(topic), strndup(payload, length), length};
    if (page.topic == NULL || page.payload == NULL) {
        free(page.topic);
        free(page.payload);
        return -ENOMEM;
    }
    p->pages[p->page_count++] = page;
    return 0;
}

int prepared_make(const struct gateway_plan *plan, int64_t started_us, struct prepared *ret)
{
    struct prepared prepared = {.started_us = started_us};
    int r = catalog_text_new(plan, started_us, &prepared.catalog, &prepared.catalog_length);
    r = r == -EMSGSIZE ? 0 : r;
    if (r == 0 && plan->config->home_assistant.enabled) {
        r = discovery_build(plan, add_page, &prepared, &prepared.left_out);
    }
    if (r < 0) {
        prepared_deinit(&prepared);
        return r;
    }
    *ret = prepared;
    return 0;
}

void prepared_deinit(struct prepared *prepared)
{
    for (size_t i = 0; i < prepared->page_count; i++) {
        free(prepared->pages[i].topic);
        free(prepared->pages[i].payload);
    }
    free(prepared->pages);
    free(prepared->catalog);
    *prepared = (struct prepared){0};
}
