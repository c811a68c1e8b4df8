#include "common/config_secrets.h"

#include "common/config_types.h"

#include <string.h>

static void tell(const struct config_key *key, const char *value,
                 void (*each)(void *context, const char *secret), void *context)
{
    const char *text;
    memcpy(&text, value, sizeof(text));
    if ((key->flags & CONFIG_SECRET) != 0 && text != NULL) {
        each(context, text);
    }
}

/* A section may hold itself: the configuration ends where one is not there. */
void config_secrets_each(const struct config_section *schema, const void *base,
                         void (*each)(void *context, const char *secret), void *context)
{
    for (const struct config_key *k = schema->keys; k->name != NULL; k++) {
        const struct config_items items = config_types_items(k, base);
        size_t offset = k->shape == CONFIG_SHAPE_MAP && k->type != CONFIG_SECTION
                            ? config_types_named_offset(k->type)
                            : 0;
        for (size_t i = 0; i < items.count; i++) {
            const char *item = items.data + i * k->size;
            if (k->type == CONFIG_SECTION) {
                config_secrets_each(k->section, item, each, context);
            } else if (k->type == CONFIG_STRING) {
                tell(k, item + offset, each, context);
            }
        }
    }
}
