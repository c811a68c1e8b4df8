/*
 * When to say a fault that lasts: at once, then after a minute, and at twice the distance each
 * time up to an hour, so that a night without a broker is a dozen lines and not three thousand.
 * Pure: monotonic `now_us` is an argument.
 */
#ifndef EDGE_COMMON_COMPLAINT_H
#define EDGE_COMMON_COMPLAINT_H

#include <stdbool.h>
#include <stdint.h>

/* {0} = no fault. */
struct complaint {
    int64_t wait_us; /* to the next time it is said; 0 = no fault */
    int64_t next_us; /* when it is said again */
    uint64_t times;  /* that the fault was met since it began */
};

/* The fault is met (again). True: say it now. */
bool complaint_is_due(struct complaint *c, int64_t now_us);

/* The fault is over: the next one is said at once. */
void complaint_over(struct complaint *c);

#endif
