#include "topics/payload_support.h"

#include <string.h>

void payload_support_end(struct json_writer *w, struct payload_support *open)
{
    if (open->group == NULL) {
        return;
    }
    if (open->is_list) {
        json_array_end(w);
    } else {
        json_object_end(w);
    }
    open->group = NULL;
}

static void begin(struct json_writer *w, struct payload_support *open,
                  const struct payload_support_item *item)
{
    *open = (struct payload_support){.group = item->group, .is_list = item->name == NULL};
    if (open->is_list) {
        json_array_begin(w, item->group);
    } else {
        json_object_begin(w, item->group);
    }
}

void payload_support_item(struct json_writer *w, struct payload_support *open,
                          const struct payload_support_item *item)
{
    if (open->group == NULL || strcmp(open->group, item->group) != 0) {
        payload_support_end(w, open);
        begin(w, open, item);
    }
    if (item->is_number) {
        json_number_text(w, item->name, item->text, strlen(item->text));
    } else {
        json_string(w, item->name, item->text);
    }
}
