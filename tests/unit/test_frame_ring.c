#include "edge-gateway/dashcam/frame_ring.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000)
#define S  INT64_C(1000000)

/* A frame that its number tells all about. */
static struct frame numbered(uint64_t number, uint8_t len)
{
    struct frame frame = {.ts_us = (int64_t)(number * 7),
                          .can_id = (uint32_t)(number * 31 % FRAME_ID_EXTENDED_MAX),
                          .flags = FRAME_EXTENDED | (len > 8 ? FRAME_FD : 0),
                          .len = len,
                          .bus = (uint8_t)(number % 3)};
    for (uint8_t i = 0; i < len; i++) {
        frame.data[i] = (uint8_t)(number + i);
    }
    return frame;
}

static void assert_frame(const struct frame *frame, const struct frame *expected)
{
    assert_int_equal(frame->ts_us, expected->ts_us);
    assert_int_equal(frame->can_id, expected->can_id);
    assert_int_equal(frame->flags, expected->flags);
    assert_int_equal(frame->len, expected->len);
    assert_int_equal(frame->bus, expected->bus);
    if ((frame->flags & FRAME_REMOTE) == 0) {
        assert_memory_equal(frame->data, expected->data, frame->len);
    }
}

static struct frame_ring *new_ring(size_t bytes, int64_t window_us)
{
    struct frame_ring *ring = NULL;
    assert_int_equal(frame_ring_new(bytes, window_us, &ring), 0);
    return ring;
}

static void a_size_that_holds_nothing_is_refused(void **state)
{
    (void)state;
    struct frame_ring *ring = NULL;
    assert_int_equal(frame_ring_new(2 * (FRAME_RING_HEAD_BYTES + 64) - 1, S, &ring), -EINVAL);
    assert_int_equal(frame_ring_new(1000, -1, &ring), -EINVAL);
    assert_null(ring);
    frame_ring_free(NULL);
}

static void frames_come_back_as_they_were(void **state)
{
    (void)state;
    struct frame_ring *ring = new_ring(4096, S);
    struct frame frames[] = {numbered(1, 8), numbered(2, 0), numbered(3, 64), numbered(4, 3)};
    frames[3].flags |= FRAME_REMOTE;
    struct frame_reader reader = frame_ring_window(ring);
    for (size_t i = 0; i < 4; i++) {
        frame_ring_push(ring, &frames[i], 10);
    }
    for (size_t i = 0; i < 4; i++) {
        struct frame frame;
        assert_true(frame_ring_take(ring, &reader, &frame));
        assert_frame(&frame, &frames[i]);
    }
    struct frame none;
    assert_false(frame_ring_take(ring, &reader, &none));
    const struct frame_ring_stats stats = frame_ring_stats(ring, 25);
    assert_int_equal(stats.frames, 4);
    assert_int_equal(stats.bytes, 4 * FRAME_RING_HEAD_BYTES + 8 + 64);
    assert_int_equal(stats.span_us, 15);
    assert_false(stats.is_full);
    frame_ring_free(ring);
}

static void the_window_begins_so_long_ago(void **state)
{
    (void)state;
    struct frame_ring *ring = new_ring(4096, 100 * MS);
    for (uint64_t i = 0; i < 10; i++) {
        struct frame frame = numbered(i, 8);
        frame_ring_push(ring, &frame, (int64_t)i * 20 * MS);
    }
    assert_int_equal(frame_ring_window(ring).number, 4); /* pushed 100 ms before the last one */
    frame_ring_free(ring);
}

/* After a silence no push passes over all that is old by now; nor does a reader at once. */
static void a_window_after_a_silence_is_found_in_steps(void **state)
{
    (void)state;
    struct frame_ring *ring = new_ring(65536, 100 * MS);
    for (uint64_t i = 0; i <= 1000; i++) {
        struct frame frame = numbered(i, 8);
        frame_ring_push(ring, &frame, i < 1000 ? 0 : 10 * S);
    }
    struct frame_reader reader = frame_ring_window(ring);
    assert_in_range(reader.number, 1, 10);
    size_t steps = 0;
    for (bool found = false; !found; steps++) {
        size_t work = 100;
        found = frame_ring_skip(ring, &reader, 10 * S - 100 * MS, &work);
        assert_true(found || work == 0);
    }
    assert_int_equal(steps, 10);
    assert_int_equal(reader.number, 1000);
    assert_int_equal(reader.lost, 0);
    for (uint64_t i = 0; i < 400; i++) { /* while frames come, it catches up by itself */
        struct frame frame = numbered(i, 8);
        frame_ring_push(ring, &frame, 10 * S);
    }
    assert_int_equal(frame_ring_window(ring).number, 1000);
    frame_ring_free(ring);
}

static void a_reader_outside_of_the_window_still_reads_what_is_held(void **state)
{
    (void)state;
    struct frame_ring *ring = new_ring(4096, 10 * MS);
    struct frame_reader reader = frame_ring_window(ring);
    for (uint64_t i = 0; i < 10; i++) {
        struct frame frame = numbered(i, 8);
        frame_ring_push(ring, &frame, (int64_t)i * S);
    }
    struct frame frame;
    const struct frame expected = numbered(0, 8);
    assert_true(frame_ring_take(ring, &reader, &frame));
    assert_frame(&frame, &expected);
    assert_int_equal(reader.lost, 0);
    frame_ring_free(ring);
}

static void what_was_overwritten_is_counted(void **state)
{
    (void)state;
    struct frame_ring *ring = new_ring(10 * (FRAME_RING_HEAD_BYTES + 8), S);
    struct frame_reader reader = frame_ring_window(ring);
    for (uint64_t i = 0; i < 25; i++) {
        struct frame frame = numbered(i, 8);
        frame_ring_push(ring, &frame, 0);
    }
    int64_t ts_us;
    int64_t pushed_us;
    assert_true(frame_ring_peek(ring, &reader, &ts_us, &pushed_us));
    assert_int_equal(reader.lost, 15);
    assert_int_equal(ts_us, 15 * 7);
    assert_true(frame_ring_stats(ring, 0).is_full);
    assert_int_equal(frame_ring_stats(ring, 0).frames, 10);
    frame_ring_free(ring);
}

/* Against a plain array of everything that was pushed: sizes, lags and wraps at random. */
static void a_random_life_reads_what_was_pushed(void **state)
{
    (void)state;
    static const uint8_t lengths[] = {0, 1, 7, 8, 12, 20, 64};
    enum {
        FRAMES = 20000
    };
    srandom(test_seed());
    struct frame_ring *ring = new_ring(1000 + (size_t)random() % 3000, 50 * MS);
    struct frame *pushed = calloc(FRAMES, sizeof(*pushed));
    assert_non_null(pushed);
    struct frame_reader reader = frame_ring_window(ring);
    uint64_t taken = 0;
    for (uint64_t i = 0; i < FRAMES; i++) {
        pushed[i] = numbered(i, lengths[random() % 7]);
        frame_ring_push(ring, &pushed[i], (int64_t)i * MS);
        struct frame_reader window = frame_ring_window(ring);
        assert_true(window.number <= i && window.number + 50 >= i);
        struct frame frame;
        for (long reads = random() % 4; reads > 0 && frame_ring_take(ring, &reader, &frame);
             reads--) {
            assert_frame(&frame, &pushed[reader.number - 1]);
            taken++;
        }
    }
    struct frame frame;
    while (frame_ring_take(ring, &reader, &frame)) {
        assert_frame(&frame, &pushed[reader.number - 1]);
        taken++;
    }
    assert_int_equal(taken + reader.lost, FRAMES);
    free(pushed);
    frame_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_that_holds_nothing_is_refused),
        cmocka_unit_test(frames_come_back_as_they_were),
        cmocka_unit_test(the_window_begins_so_long_ago),
        cmocka_unit_test(a_window_after_a_silence_is_found_in_steps),
        cmocka_unit_test(a_reader_outside_of_the_window_still_reads_what_is_held),
        cmocka_unit_test(what_was_overwritten_is_counted),
        cmocka_unit_test(a_random_life_reads_what_was_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
