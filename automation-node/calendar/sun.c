#include "automation-node/calendar/sun.h"

#include "automation-node/calendar/civil.h"

#include <libnova/libnova.h>
#include <math.h>

#define EPOCH_JD 2440587.5 /* Julian day of 1970-01-01 00:00 UTC */

bool sun_event(const struct sun_place *place, enum sun_event event, int64_t day, int64_t *ret_utc_s)
{
    struct ln_lnlat_posn observer = {.lng = place->longitude, .lat = place->latitude};
    struct ln_rst_time times;
    /* libnova gives the next events after an instant: here the middle of the night before. */
    double midnight_jd = EPOCH_JD + (double)day - place->longitude / 360.0;
    if (ln_get_solar_rst(midnight_jd, &observer, &times) != 0) {
        return false;
    }
    double jd = event == SUN_RISES ? times.rise : times.set;
    *ret_utc_s = (int64_t)llround((jd - EPOCH_JD) * (double)DAY_S);
    return true;
}
