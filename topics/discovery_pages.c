#include "topics/discovery_pages.h"

#include "topics/discovery_topic.h"

#include <errno.h>
#include <stdio.h>

void discovery_pages_init(struct discovery_pages *pages, const char *prefix, const char *node,
                          discovery_page_fn page, void *context)
{
    pages->prefix = prefix;
    pages->node = node;
    pages->page = page;
    pages->context = context;
}

static void begin_page(struct discovery_pages *p)
{
    p->number++;
    p->entities = 0;
    json_writer_init(&p->w, p->text, sizeof(p->text));
    payload_discovery_begin(&p->w, p->device);
}

void discovery_pages_begin(struct discovery_pages *pages, const struct discovery_device *device)
{
    pages->device = device;
    pages->number = 0;
    begin_page(pages);
}

/* The first page has the device's id for a name, the others a number behind it. */
static int end_page(struct discovery_pages *p)
{
    char id[DISCOVERY_ID_MAX_BYTES + 16];
    char topic[TOPIC_MAX_BYTES + 1];
    size_t length;
    payload_discovery_end(&p->w);
    int r = json_writer_finish(&p->w, &length);
    (void)snprintf(id, sizeof(id), p->number > 1 ? "%s__%u" : "%s", p->device->id, p->number);
    if (r == 0) {
        r = discovery_config_topic(p->prefix, p->node, id, topic, sizeof(topic));
    }
    return r == 0 ? p->page(p->context, topic, p->text, length) : r;
}

/* False, and nothing is written, where it does not fit. */
static bool write_entity(struct discovery_pages *p, const struct discovery_entity *entity)
{
    const struct json_writer before = p->w;
    payload_discovery_entity(&p->w, entity);
    if (!json_writer_has_room(&p->w, DISCOVERY_END_BYTES)) {
        p->w = before;
        return false;
    }
    p->entities++;
    return true;
}

int discovery_pages_entity(struct discovery_pages *pages, const struct discovery_entity *entity)
{
    if (write_entity(pages, entity)) {
        return 0;
    }
    if (pages->entities == 0) {
        return -EMSGSIZE;
    }
    int r = end_page(pages);
    if (r < 0) {
        return r;
    }
    begin_page(pages);
    return write_entity(pages, entity) ? 0 : -EMSGSIZE;
}

int discovery_pages_end(struct discovery_pages *pages)
{
    return pages->entities > 0 ? end_page(pages) : 0;
}
