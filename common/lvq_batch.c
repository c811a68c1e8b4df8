#include "common/lvq_batch.h"

#include "common/lvq_impl.h"

void lvq_hold(struct lvq *q)
{
    q->held = true;
}

void lvq_release(struct lvq *q, int64_t now_us)
{
    q->held = false;
    lvq_on_room(q, now_us);
}
