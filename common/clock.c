#include "common/clock.h"

#include <time.h>

static int64_t read_clock_us(clockid_t id)
{
    struct timespec now;
    (void)clock_gettime(id, &now); /* cannot fail for the ids used here */
    return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

static int64_t system_monotonic_us(void *context)
{
    (void)context;
    return read_clock_us(CLOCK_MONOTONIC);
}

static int64_t system_realtime_us(void *context)
{
    (void)context;
    return read_clock_us(CLOCK_REALTIME);
}

int64_t clock_boottime_us(void)
{
    return read_clock_us(CLOCK_BOOTTIME);
}

const struct clock clock_system = {system_monotonic_us, system_realtime_us, NULL};

static int64_t fake_monotonic_us(void *context)
{
    const struct clock_fake *fake = context;
    return fake->monotonic_us;
}

static int64_t fake_realtime_us(void *context)
{
    const struct clock_fake *fake = context;
    return fake->realtime_us;
}

struct clock clock_fake_interface(struct clock_fake *fake)
{
    return (struct clock){fake_monotonic_us, fake_realtime_us, fake};
}

void clock_fake_advance(struct clock_fake *fake, int64_t us)
{
    fake->monotonic_us += us;
    fake->realtime_us += us;
}
