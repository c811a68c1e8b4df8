#include "edge-gateway/alarm/alarm_rate.h"

#define PART_US INT64_C(10000000)

static void advance(struct alarm_rate *rate, int64_t now_us)
{
    int64_t part = now_us / PART_US;
    int64_t passed = part - rate->newest;
    for (int64_t i = 1; i <= passed && i <= ALARM_RATE_PARTS; i++) {
        uint64_t *count = &rate->counts[(uint64_t)(rate->newest + i) % ALARM_RATE_PARTS];
        rate->sum -= *count;
        *count = 0;
    }
    rate->newest = passed > 0 ? part : rate->newest;
}

void alarm_rate_add(struct alarm_rate *rate, int64_t now_us)
{
    advance(rate, now_us);
    rate->counts[(uint64_t)rate->newest % ALARM_RATE_PARTS]++;
    rate->sum++;
}

uint64_t alarm_rate_count(struct alarm_rate *rate, int64_t now_us)
{
    advance(rate, now_us);
    return rate->sum;
}
