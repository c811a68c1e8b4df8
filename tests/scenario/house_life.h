/* What happens in the house of house.h: time passes, readings come, somebody sets the clock. */
#ifndef EDGE_TESTS_SCENARIO_HOUSE_LIFE_H
#define EDGE_TESTS_SCENARIO_HOUSE_LIFE_H

#include "tests/scenario/house.h"

/* Time passes, with every deadline met on the way. */
static inline void house_wait(struct house *house, int64_t span_us)
{
    int64_t end_us = house->now_us + span_us;
    for (int64_t due_us; (due_us = engine_next_deadline(house->engine)) <= end_us;) {
        house->now_us = due_us > house->now_us ? due_us : house->now_us;
        engine_tick(house->engine, house->now_us);
        house_carry_out(house);
        assert_true(engine_next_deadline(house->engine) > house->now_us);
    }
    house->now_us = end_us;
}

static inline void house_see(struct house *house, size_t input, struct value value)
{
    struct reading reading = good(value, ++house->seq);
    engine_input(house->engine, input, &reading, house->now_us);
    house_carry_out(house);
}

static inline void house_see_number(struct house *house, size_t input, double number)
{
    house_see(house, input, value_number(number));
}

static inline void house_see_quality(struct house *house, size_t input, enum quality quality)
{
    struct reading reading = {.quality = quality, .seq = ++house->seq};
    engine_input(house->engine, input, &reading, house->now_us);
    house_carry_out(house);
}

/* The same number again and again, as sensors do. */
static inline void house_keep_seeing(struct house *house, size_t input, double number,
                                     int64_t span_us)
{
    for (int64_t end_us = house->now_us + span_us; house->now_us < end_us;) {
        house_see_number(house, input, number);
        house_wait(house, 10 * SECOND);
    }
}

static inline int64_t house_utc_us(int year, int month, int day, int hour, int minute)
{
    int64_t days = civil_day((struct civil_date){year, month, day});
    return ((days * 24 + hour) * 60 + minute) * MINUTE;
}

/* The wall clock is set to that UTC time. */
static inline void house_set_clock(struct house *house, int64_t wall_us)
{
    engine_set_clock(house->engine, wall_us, house->now_us);
    house->wall_offset_us = wall_us - house->now_us;
    house_carry_out(house);
}

static inline void assert_shown(const struct house *house, size_t device, const char *text)
{
    assert_value(house->shown[device], text);
}

#endif
