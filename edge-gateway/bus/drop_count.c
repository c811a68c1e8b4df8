#include "edge-gateway/bus/drop_count.h"

uint32_t drop_count_note(struct drop_count *count, uint32_t value)
{
    uint32_t more = value - count->seen;
    if (more > INT32_MAX) {
        return 0;
    }
    count->seen = value;
    return more;
}
