#include "edge-gateway/alarm/bus_traffic.h"

#include "tests/unit/cmocka_all.h"

#define S        INT64_C(1000000)
#define MESSAGES 3

static const int64_t silent_after_us[MESSAGES] = {5 * S, 0, 10 * S};
static const struct bus_rates unknown_rates = {0, 0};

static int set_up(void **state)
{
    const struct bus_traffic_options options = {MESSAGES, silent_after_us, 60 * S};
    return bus_traffic_new(&options, (struct bus_traffic **)state);
}

static int tear_down(void **state)
{
    bus_traffic_free(*state);
    return 0;
}

static const struct frame classic = {.can_id = 0x101, .len = 8};

static struct bus_traffic_look look(struct bus_traffic *t, int64_t now_us)
{
    struct bus_traffic_look found;
    bus_traffic_look(t, &unknown_rates, now_us, &found);
    return found;
}

static void frames_and_load_are_those_since_the_look_before(void **state)
{
    struct bus_traffic *t = *state;
    const struct bus_rates rates = {125000, 0};
    struct bus_traffic_look found;
    bus_traffic_look(t, &rates, 0, &found);
    assert_int_equal(found.load_permille, -1);
    for (int i = 0; i < 563; i++) { /* of 47 + 64 bits: half of the bits of a second */
        bus_traffic_frame(t, 0, &classic, i);
    }
    bus_traffic_look(t, &rates, S, &found);
    assert_true(found.frames_per_s == 563.0);
    assert_int_equal(found.load_permille, 500);
    bus_traffic_look(t, &rates, 2 * S, &found);
    assert_true(found.frames_per_s == 0.0);
    assert_int_equal(found.load_permille, 0);
    assert_int_equal(look(t, 3 * S).load_permille, -1); /* no bit rate is known */
}

static void fd_frames_that_switch_take_less_of_the_bus(void **state)
{
    struct bus_traffic *t = *state;
    struct frame fd = {.can_id = 0x101, .len = 64, .flags = FRAME_FD};
    const struct bus_rates rates = {500000, 2000000};
    struct bus_traffic_look found;
    bus_traffic_look(t, &rates, 0, &found);
    for (int i = 0; i < 100; i++) {
        bus_traffic_frame(t, 0, &fd, i);
    }
    bus_traffic_look(t, &rates, S, &found);
    assert_int_equal(found.load_permille, 115); /* 100 * (29 + 545) / 500,000 */
    fd.flags |= FRAME_BRS;
    for (int i = 0; i < 100; i++) {
        bus_traffic_frame(t, 0, &fd, S + i);
    }
    bus_traffic_look(t, &rates, 2 * S, &found);
    assert_int_equal(found.load_permille, 33); /* 100 * (29 / 500,000 + 545 / 2,000,000) */
}

static void a_message_that_came_and_comes_no_more_is_silent(void **state)
{
    struct bus_traffic *t = *state;
    bus_traffic_frame(t, 0, &classic, 0);
    bus_traffic_frame(t, 1, &classic, 0); /* not watched */
    struct bus_traffic_look found;        /* message 2 never came */
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(look(t, i * S).silent_count, 0);
    }
    found = look(t, 6 * S);
    assert_int_equal(found.silent_count, 1);
    assert_int_equal(found.silent[0], 0);
    assert_true(found.has_new_silent);
    found = look(t, 7 * S);
    assert_int_equal(found.silent_count, 1);
    assert_false(found.has_new_silent);
    bus_traffic_frame(t, 0, &classic, 7 * S);
    assert_int_equal(look(t, 8 * S).silent_count, 0);
}

static void whoever_was_busy_does_not_blame_the_bus(void **state)
{
    struct bus_traffic *t = *state;
    bus_traffic_frame(t, 0, &classic, 0);
    assert_int_equal(look(t, S).silent_count, 0);
    assert_int_equal(look(t, 20 * S).silent_count, 0); /* its frames are still to be read */
    assert_int_equal(look(t, 21 * S).silent_count, 1);
}

static void a_bus_that_is_down_has_no_silent_messages(void **state)
{
    struct bus_traffic *t = *state;
    bus_traffic_frame(t, 0, &classic, 0);
    bus_traffic_pause(t);
    for (int i = 1; i <= 8; i++) {
        assert_int_equal(look(t, i * S).silent_count, 0);
    }
}

static void ids_that_come_late_are_news_once(void **state)
{
    struct bus_traffic *t = *state;
    struct frame frame = {.can_id = 0x1A0};
    bus_traffic_frame(t, BUS_TRAFFIC_UNKNOWN, &frame, 0);
    bus_traffic_frame(t, BUS_TRAFFIC_UNKNOWN, &frame, 59 * S);
    struct bus_traffic_look found = look(t, 59 * S);
    assert_int_equal(found.unknown_id_count, 1);
    assert_int_equal(found.new_id_count, 0);
    assert_int_equal(found.unknown_ids[0], 0x1A0);
    frame.flags = FRAME_EXTENDED; /* another one */
    bus_traffic_frame(t, BUS_TRAFFIC_UNKNOWN, &frame, 60 * S);
    bus_traffic_frame(t, BUS_TRAFFIC_UNKNOWN, &frame, 60 * S);
    found = look(t, 61 * S);
    assert_int_equal(found.unknown_id_count, 2);
    assert_int_equal(found.new_id_count, 1);
    assert_int_equal(found.unknown_ids[0], 0x1A0 | BUS_TRAFFIC_ID_EXTENDED);
    assert_int_equal(look(t, 62 * S).new_id_count, 0);
}

static void a_flood_of_ids_has_an_end(void **state)
{
    struct bus_traffic *t = *state;
    for (uint32_t i = 0; i < 2000; i++) {
        const struct frame frame = {.can_id = i};
        bus_traffic_frame(t, BUS_TRAFFIC_UNKNOWN, &frame, 100 * S);
    }
    assert_int_equal(look(t, 101 * S).unknown_id_count, BUS_TRAFFIC_IDS_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(frames_and_load_are_those_since_the_look_before),
        TEST(fd_frames_that_switch_take_less_of_the_bus),
        TEST(a_message_that_came_and_comes_no_more_is_silent),
        TEST(whoever_was_busy_does_not_blame_the_bus),
        TEST(a_bus_that_is_down_has_no_silent_messages),
        TEST(ids_that_come_late_are_news_once),
        TEST(a_flood_of_ids_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
