#include "common/standstill.h"

int64_t standstill_look(struct standstill *s, bool busy, uint64_t count, int64_t now_us)
{
    if (!busy || !s->busy || count != s->count) {
        *s = (struct standstill){busy, count, now_us};
        return 0;
    }
    return now_us - s->since_us;
}
