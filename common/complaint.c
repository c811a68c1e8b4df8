#include "common/complaint.h"

#include "common/clock.h"

#define FIRST_WAIT_US (60 * US_PER_S)
#define MAX_WAIT_US   (3600 * US_PER_S)

bool complaint_is_due(struct complaint *c, int64_t now_us)
{
    c->times++;
    if (c->wait_us != 0 && now_us < c->next_us) {
        return false;
    }
    int64_t doubled_us = c->wait_us != 0 ? c->wait_us * 2 : FIRST_WAIT_US;
    c->wait_us = doubled_us < MAX_WAIT_US ? doubled_us : MAX_WAIT_US;
    c->next_us = now_us + c->wait_us;
    return true;
}

void complaint_over(struct complaint *c)
{
    *c = (struct complaint){0};
}
