#include "automation-node/app/wall_clock.h"

#include "common/clock.h"
#include "tests/unit/cmocka_all.h"

#define PLAUSIBLE_US (1800000000 * US_PER_S) /* 2027 */

/* What a listener heard last. */
struct heard {
    unsigned times;
    bool trusted;
    int64_t wall_us;
};

static void on_changed(void *context, bool is_trusted, int64_t wall_us)
{
    struct heard *heard = context;
    heard->times++;
    heard->trusted = is_trusted;
    heard->wall_us = wall_us;
}

struct bench {
    struct clock_fake fake;
    struct loop *loop;
    struct wall_clock *clock;
    struct heard heard;
};

static void open_bench(struct bench *b, int64_t realtime_us, int64_t wait_us)
{
    *b = (struct bench){.fake = {.monotonic_us = US_PER_S, .realtime_us = realtime_us}};
    assert_int_equal(loop_new_fake(&b->fake, &b->loop), 0);
    const struct wall_clock_options options = {
        .wait_us = wait_us, .changed = on_changed, .context = &b->heard};
    assert_int_equal(wall_clock_new(b->loop, &options, &b->clock), 0);
    wall_clock_start(b->clock);
    assert_int_equal(loop_run_once(b->loop, -1), 0);
}

static void close_bench(struct bench *b)
{
    wall_clock_free(b->clock);
    loop_free(b->loop);
}

static void run_until(struct bench *b, int64_t monotonic_us)
{
    while (loop_now_us(b->loop) < monotonic_us) {
        assert_int_equal(loop_run_once(b->loop, -1), 0);
    }
}

static void a_plausible_clock_is_trusted_at_once_if_nobody_wants_to_wait(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, PLAUSIBLE_US, 0);
    assert_int_equal(b.heard.times, 1);
    assert_true(b.heard.trusted);
    assert_true(b.heard.wall_us == PLAUSIBLE_US);
    close_bench(&b);
}

static void a_clock_from_before_this_program_is_not_trusted_until_it_is_set(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 5 * US_PER_S, 0);
    assert_int_equal(b.heard.times, 1);
    assert_false(b.heard.trusted);
    run_until(&b, 3600 * US_PER_S);
    assert_int_equal(b.heard.times, 1);
    b.fake.realtime_us = PLAUSIBLE_US;
    run_until(&b, 3602 * US_PER_S);
    assert_int_equal(b.heard.times, 2);
    assert_true(b.heard.trusted);
    close_bench(&b);
}

static void after_the_wait_a_clock_that_nothing_keeps_right_has_to_do(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, PLAUSIBLE_US, 60 * US_PER_S);
    run_until(&b, 62 * US_PER_S); /* at once where the kernel's clock is kept right */
    assert_true(b.heard.trusted);
    close_bench(&b);
}

static void drift_is_told_and_silence_kept_without(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, PLAUSIBLE_US, 0);
    run_until(&b, 600 * US_PER_S);
    assert_int_equal(b.heard.times, 1);
    b.fake.realtime_us += US_PER_S;
    run_until(&b, 700 * US_PER_S);
    assert_int_equal(b.heard.times, 2);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plausible_clock_is_trusted_at_once_if_nobody_wants_to_wait),
        cmocka_unit_test(a_clock_from_before_this_program_is_not_trusted_until_it_is_set),
        cmocka_unit_test(after_the_wait_a_clock_that_nothing_keeps_right_has_to_do),
        cmocka_unit_test(drift_is_told_and_silence_kept_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
