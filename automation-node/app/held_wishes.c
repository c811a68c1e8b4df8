#include "automation-node/app/held_wishes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int held_wishes_init(struct held_wishes *held, size_t device_count)
{
    held->items = calloc(device_count + 1, sizeof(*held->items));
    held->count = device_count;
    return held->items != NULL ? 0 : -ENOMEM;
}

void held_wishes_deinit(struct held_wishes *held)
{
    free(held->items);
    *held = (struct held_wishes){0};
}

void held_wishes_hold(struct held_wishes *held, size_t device, const struct wish *wish,
                      int64_t now_us)
{
    struct held_wish *item = &held->items[device];
    item->is_there = true;
    item->wish = *wish;
    item->at_us = now_us;
    (void)snprintf(item->transaction, sizeof(item->transaction), "%s", /* fits: it was checked */
                   wish->transaction != NULL ? wish->transaction : "");
}

bool held_wishes_get(struct held_wishes *held, size_t device, int64_t since_us, int64_t now_us,
                     struct wish *ret)
{
    struct held_wish *item = &held->items[device];
    if (!item->is_there || item->at_us < since_us) {
        return false;
    }
    struct wish wish = item->wish;
    int64_t left_us = wish.for_us - (now_us - item->at_us);
    if (wish.for_us > 0 && left_us <= 0) {
        return false;
    }
    wish.for_us = wish.for_us > 0 ? left_us : 0;
    wish.transaction = item->transaction[0] != '\0' ? item->transaction : NULL;
    *ret = wish;
    return true;
}
