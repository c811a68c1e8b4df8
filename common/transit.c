#include "common/transit.h"

/* A window ends with the first reading after its time, so that a silence, after which everything
 * comes late, does not make all windows old. */
static void open_window(struct transit *transit, int64_t difference_us, int64_t now_us)
{
    transit->began_us = transit->known ? transit->began_us : now_us;
    transit->soonest_before_us = transit->known ? transit->soonest_us : difference_us;
    transit->soonest_us = difference_us;
    transit->window_us = now_us;
    transit->known = true;
}

static int64_t soonest(const struct transit *transit)
{
    return transit->soonest_us < transit->soonest_before_us ? transit->soonest_us
                                                            : transit->soonest_before_us;
}

int64_t transit_late_us(struct transit *transit, int64_t sent_us, int64_t now_us, int64_t wall_us)
{
    int64_t difference_us = now_us - sent_us;
    if (transit->known && difference_us < soonest(transit) - TRANSIT_STEP_US) {
        transit->known = false; /* a clock was set: this one may have waited, too */
    }
    if (!transit->known || now_us - transit->window_us >= TRANSIT_WINDOW_US) {
        open_window(transit, difference_us, now_us);
    } else if (difference_us < transit->soonest_us) {
        transit->soonest_us = difference_us;
    }
    int64_t late_us = difference_us - soonest(transit);
    int64_t by_wall_us = wall_us - sent_us;
    bool young = now_us - transit->began_us < TRANSIT_YOUNG_US;
    return young && by_wall_us > late_us && by_wall_us <= TRANSIT_LONGEST_US ? by_wall_us : late_us;
}
