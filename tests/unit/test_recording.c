#include "edge-gateway/dashcam/recording.h"

#include "tests/unit/cmocka_all.h"

#define S  INT64_C(1000000)
#define MS INT64_C(1000)

static const struct recording_limits limits = {.after_us = 10 * S, .max_us = 25 * S};

static void a_trigger_starts_and_the_time_after_it_ends(void **state)
{
    (void)state;
    struct recording r = {.is_running = false};
    assert_int_equal(recording_trigger(&r, &limits, 100 * S), RECORDING_STARTED);
    assert_true(r.is_running);
    assert_int_equal(r.until_us, 110 * S);
    assert_false(recording_is_complete(&r, 110 * S + RECORDING_SETTLE_US - 1));
    assert_true(recording_is_complete(&r, 110 * S + RECORDING_SETTLE_US));
}

static void a_trigger_while_it_runs_extends_up_to_the_limit(void **state)
{
    (void)state;
    struct recording r = {.is_running = false};
    (void)recording_trigger(&r, &limits, 100 * S);
    assert_int_equal(recording_trigger(&r, &limits, 105 * S), RECORDING_EXTENDED);
    assert_int_equal(r.until_us, 115 * S);
    assert_int_equal(recording_trigger(&r, &limits, 120 * S), RECORDING_EXTENDED);
    assert_int_equal(r.until_us, 125 * S);
    assert_int_equal(recording_trigger(&r, &limits, 124 * S), RECORDING_EXTENDED);
    assert_int_equal(r.until_us, 125 * S);
}

static void a_trigger_that_nothing_of_would_be_recorded_waits(void **state)
{
    (void)state;
    struct recording r = {.is_running = false};
    (void)recording_trigger(&r, &limits, 100 * S);
    assert_int_equal(recording_trigger(&r, &limits, 125 * S), RECORDING_WAITS);
    assert_int_equal(r.until_us, 125 * S);
    r.is_running = false;
    assert_int_equal(recording_trigger(&r, &limits, 126 * S), RECORDING_STARTED);
    assert_int_equal(r.until_us, 136 * S);
}

static void frames_are_ready_when_the_other_buses_have_had_their_time(void **state)
{
    (void)state;
    struct recording r = {.is_running = false};
    (void)recording_trigger(&r, &limits, 100 * S);
    assert_int_equal(recording_ready_us(&r, 101 * S), 101 * S - RECORDING_SETTLE_US);
    assert_int_equal(recording_ready_us(&r, 200 * S), 110 * S);
}

static void push(struct frame_ring *ring, uint8_t bus, int64_t ts_us, int64_t pushed_us)
{
    const struct frame frame = {.ts_us = ts_us, .bus = bus, .len = 1};
    frame_ring_push(ring, &frame, pushed_us);
}

static void frames_of_all_buses_come_in_the_order_of_their_stamps(void **state)
{
    (void)state;
    struct frame_ring *rings[2];
    struct frame_reader readers[2] = {{.lost = 0}, {.lost = 0}};
    struct frame frames[8];
    assert_int_equal(frame_ring_new(1000, S, &rings[0]), 0);
    assert_int_equal(frame_ring_new(1000, S, &rings[1]), 0);
    push(rings[0], 0, 10, 1 * MS);
    push(rings[0], 0, 30, 1 * MS);
    push(rings[0], 0, 50, 3 * MS);
    push(rings[1], 1, 20, 2 * MS);
    push(rings[1], 1, 40, 2 * MS);
    const struct recording_source source = {rings, readers, 2};
    assert_int_equal(recording_take(&source, 0, frames, 8), 0);
    assert_int_equal(recording_take(&source, 2 * MS, frames, 3), 3);
    assert_int_equal(frames[0].ts_us, 10);
    assert_int_equal(frames[1].ts_us, 20);
    assert_int_equal(frames[2].ts_us, 30);
    assert_int_equal(recording_take(&source, 2 * MS, frames, 8), 1);
    assert_int_equal(frames[0].ts_us, 40);
    assert_int_equal(frames[0].bus, 1);
    assert_int_equal(recording_take(&source, 3 * MS, frames, 8), 1);
    assert_int_equal(frames[0].ts_us, 50);
    frame_ring_free(rings[0]);
    frame_ring_free(rings[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trigger_starts_and_the_time_after_it_ends),
        cmocka_unit_test(a_trigger_while_it_runs_extends_up_to_the_limit),
        cmocka_unit_test(a_trigger_that_nothing_of_would_be_recorded_waits),
        cmocka_unit_test(frames_are_ready_when_the_other_buses_have_had_their_time),
        cmocka_unit_test(frames_of_all_buses_come_in_the_order_of_their_stamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
