#include "common/backoff.h"

/* The finish of SplitMix64 (Steele, Lea, Flood 2014): neighbouring seeds end far apart. */
static uint64_t mix(uint64_t seed)
{
    seed += 0x9E3779B97F4A7C15;
    seed = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9;
    seed = (seed ^ seed >> 27) * 0x94D049BB133111EB;
    return seed ^ seed >> 31;
}

void backoff_init(struct backoff *b, int64_t min_us, int64_t max_us, uint64_t seed)
{
    uint64_t random = mix(seed);
    *b = (struct backoff){min_us, max_us, min_us, random != 0 ? random : 1, false};
}

void backoff_set_bounds(struct backoff *b, int64_t min_us, int64_t max_us)
{
    b->min_us = min_us;
    b->max_us = max_us;
    b->next_us = b->next_us < min_us ? min_us : b->next_us > max_us ? max_us : b->next_us;
}

/* xorshift64 (Marsaglia 2003): spread, not secrecy. */
static uint64_t next_random(struct backoff *b)
{
    b->random ^= b->random << 13;
    b->random ^= b->random >> 7;
    b->random ^= b->random << 17;
    return b->random;
}

static int64_t delay_of(struct backoff *b, int64_t interval_us)
{
    int64_t half = b->is_spread ? 0 : interval_us / 2;
    return interval_us - half + (int64_t)(next_random(b) % (uint64_t)(half + 1));
}

int64_t backoff_again_us(struct backoff *b)
{
    return delay_of(b, b->next_us);
}

int64_t backoff_other_us(struct backoff *b)
{
    return delay_of(b, b->min_us);
}

int64_t backoff_next_us(struct backoff *b)
{
    int64_t delay_us = backoff_again_us(b);
    b->next_us = b->next_us < b->max_us / 2 ? b->next_us * 2 : b->max_us;
    return delay_us;
}

int64_t backoff_spread_us(struct backoff *b, int64_t spread_us)
{
    int64_t interval_us = spread_us < b->max_us ? spread_us : b->max_us;
    b->next_us = b->next_us > interval_us ? b->next_us : interval_us;
    b->is_spread = true;
    return (int64_t)(next_random(b) % (uint64_t)(spread_us + 1));
}

void backoff_reset(struct backoff *b)
{
    b->next_us = b->min_us;
    b->is_spread = false;
}
