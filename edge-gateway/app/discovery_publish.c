#include "edge-gateway/app/discovery_publish.h"

#include "common/log.h"
#include "topics/discovery_topic.h"

static int add_pages(const struct prepared *prepared, struct home_assistant *ha)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < prepared->page_count; i++) {
        const struct prepared_page *page = &prepared->pages[i];
        r = home_assistant_add(ha, page->topic, page->payload, page->length);
    }
    if (prepared->left_out > 0) {
        log_warning("home",
                    "%zu entities cannot be told of to Home Assistant: too long, or their names "
                    "are no ids",
                    prepared->left_out);
    }
    return r;
}

int discovery_publish_new(const struct gateway_plan *plan, const struct prepared *prepared,
                          const struct environment *environment, struct home_assistant **ret)
{
    const struct home_assistant_config *config = &plan->config->home_assistant;
    struct home_assistant *ha;
    char birth_topic[TOPIC_MAX_BYTES + 1];
    if (!config->enabled) {
        *ret = NULL;
        return 0;
    }
    int r = discovery_birth_topic(config->prefix, birth_topic, sizeof(birth_topic));
    if (r < 0) {
        return r;
    }
    const struct home_assistant_options options = {
        .loop = environment->loop,
        .queue = environment->queue,
        .birth_topic = birth_topic,
        .birth_text = discovery_birth_text(),
        .resend_within_us = config->resend_within_us,
        .seed = plan->config->node,
    };
    r = home_assistant_new(&options, &ha);
    if (r < 0) {
        return r;
    }
    r = add_pages(prepared, ha);
    if (r < 0) {
        home_assistant_free(ha);
        return r;
    }
    *ret = ha;
    return 0;
}

int discovery_publish_subscribe(const struct home_assistant *home, struct mqtt_link *link)
{
    if (home == NULL) {
        return 0;
    }
    const struct mqtt_subscription subscription = {.filter = home_assistant_birth_topic(home),
                                                   .qos = 1};
    return mqtt_link_subscribe(link, &subscription);
}
