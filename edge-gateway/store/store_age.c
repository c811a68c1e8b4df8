#include "edge-gateway/store/store_age.h"

int64_t store_age_now(struct store_age *age, int64_t wall_us, int64_t monotonic_us)
{
    int64_t passed_us = monotonic_us - age->monotonic_us;
    int64_t drift_us = wall_us - age->wall_us - passed_us;
    bool was_set = drift_us > STORE_AGE_DRIFT_US || drift_us < -STORE_AGE_DRIFT_US;
    if (!age->has_begun || was_set) {
        *age = (struct store_age){true, wall_us, monotonic_us};
        return 0;
    }
    return passed_us >= STORE_AGE_STEADY_US ? wall_us : 0;
}
