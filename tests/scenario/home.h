/* A house whose engine is replaced: by a restart, or by a reload. */
#ifndef EDGE_TESTS_SCENARIO_HOME_H
#define EDGE_TESTS_SCENARIO_HOME_H

#include "tests/scenario/house_life.h"
#include "tests/scenario/restart.h"

struct home {
    struct house house;
    struct engine_device devices[HOUSE_DEVICES];
    struct engine_options options;
    struct notebook book;
};

static inline void home_open(struct home *home)
{
    home->devices[HEATER] =
        home->devices[HEATER].device.id != NULL ? home->devices[HEATER] : house_device("heater");
    home->devices[FAN] = house_device("fan");
    home->options.devices = home->devices;
    home->options.device_count = HOUSE_DEVICES;
    house_open(&home->house, &home->options);
    house_set_clock(&home->house, house_utc_us(2026, 11, 26, 12, 0));
}

static inline void home_close(struct home *home)
{
    house_close(&home->house);
    notebook_close(&home->book);
}

static inline void home_stop(struct home *home)
{
    notebook_write(&home->book, home->house.engine, true, home->house.now_us);
    engine_free(home->house.engine);
}

static inline void home_go_on(struct home *home, bool after_stop, int64_t stop_us)
{
    home->house.now_us += stop_us;
    home->house.engine =
        notebook_resume(&home->book, &home->options, after_stop, stop_us, home->house.now_us);
    house_carry_out(&home->house);
}

static inline void home_restart(struct home *home, int64_t stop_us)
{
    home_stop(home);
    home_go_on(home, true, stop_us);
}

#endif
