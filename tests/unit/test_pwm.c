#include "automation-node/engine/pwm.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

#include <errno.h>
#include <math.h>

#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* A device that does what it is told, and for how long it was on. */
struct bench {
    struct pwm *pwm;
    struct proposal wanted;
    bool on;
    bool in_charge;
    int64_t now_us;
    int64_t on_us;     /* so far */
    int64_t turned_us; /* last */
    unsigned turns;
};

static struct pwm_options heating(void)
{
    return (struct pwm_options){.period_us = 10 * MINUTE,
                                .min_on_us = 30 * SECOND,
                                .min_off_us = 30 * SECOND,
                                .full = 100,
                                .on_value = label("ON"),
                                .off_value = label("OFF")};
}

static struct bench bench_new(const struct pwm_options *options, double share)
{
    struct bench b = {.wanted = {.value = value_number(share)}, .in_charge = true};
    assert_int_equal(pwm_new(options, &b.pwm), 0);
    (void)snprintf(b.wanted.cause.source, sizeof(b.wanted.cause.source), "controller:air");
    cause_explain(&b.wanted.cause, "test");
    return b;
}

static void step(struct bench *b)
{
    struct pwm_view view = {.is_on = b->on, .in_charge = b->in_charge};
    if (pwm_step(b->pwm, &b->wanted, &view, b->now_us)) {
        bool on = strcmp(pwm_proposal(b->pwm)->value.text, "ON") == 0;
        b->turned_us = on != b->on ? b->now_us : b->turned_us;
        b->turns += on != b->on ? 1 : 0;
        b->on = on;
        view.is_on = on; /* it is told so at once */
        assert_false(pwm_step(b->pwm, &b->wanted, &view, b->now_us));
    }
    assert_true(pwm_next_deadline(b->pwm) > b->now_us);
}

/* With every deadline met. */
static void live(struct bench *b, int64_t span_us)
{
    int64_t end_us = b->now_us + span_us;
    step(b);
    while (b->now_us < end_us) {
        int64_t next_us = deadline_earlier(pwm_next_deadline(b->pwm), end_us);
        b->on_us += b->on ? next_us - b->now_us : 0;
        b->now_us = next_us;
        step(b);
    }
}

static void want(struct bench *b, double share)
{
    b->wanted.value = value_number(share);
    step(b);
}

static void a_share_is_on_first_and_off_after(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    struct bench b = bench_new(&options, 37);
    step(&b);
    assert_true(b.on);
    assert_string_equal(pwm_proposal(b.pwm)->cause.source, "controller:air");
    assert_string_equal(pwm_proposal(b.pwm)->cause.reason,
                        "on for 222 s, on for 37 % of each 600 s: test");
    live(&b, 10 * MINUTE - SECOND);
    assert_false(b.on);
    assert_true(b.turned_us == 222 * SECOND && b.turns == 2);
    pwm_free(b.pwm);
}

/* Whole hours of windows: what is rounded away in one comes in another. */
static void the_mean_of_an_hour_is_the_share(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    for (int tenths = 0; tenths <= 1000; tenths++) {
        struct bench b = bench_new(&options, tenths / 10.0);
        live(&b, HOUR);
        double mean = (double)b.on_us / HOUR * 100;
        if (fabs(mean - tenths / 10.0) > 1) {
            fail_msg("%g %% became %g %%", tenths / 10.0, mean);
        }
        assert_true(b.turns <= 13); /* twice in each window, and the end of the last one */
        pwm_free(b.pwm);
    }
}

static void a_share_of_nothing_or_all_never_switches(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    struct bench b = bench_new(&options, 0);
    live(&b, 10 * HOUR);
    assert_int_equal(b.turns, 0);
    want(&b, 100);
    live(&b, 10 * HOUR);
    assert_int_equal(b.turns, 1);
    assert_true(b.on);
    pwm_free(b.pwm);
}

/* Shares and moments at random: no pulse and no pause is too short, and the mean stays right. */
static void whatever_is_wanted_pulses_and_pauses_are_long_enough(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    struct bench b = bench_new(&options, 50);
    uint64_t chance = 12345;
    double wanted_us = 0;
    double share = 50;
    step(&b);
    for (int i = 0; i < 20000; i++) {
        int64_t turned_us = b.turned_us;
        unsigned turns = b.turns;
        chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int64_t next_us = b.now_us + SECOND + (int64_t)(chance >> 40) % (40 * SECOND);
        next_us = deadline_earlier(next_us, pwm_next_deadline(b.pwm));
        b.on_us += b.on ? next_us - b.now_us : 0;
        wanted_us += share / 100 * (double)(next_us - b.now_us);
        b.now_us = next_us;
        share = (chance >> 33) % 4 == 0 ? (double)((chance >> 35) % 101) : share;
        want(&b, share);
        if (b.turns > turns && turns > 0) {
            assert_true(b.turned_us - turned_us >= 30 * SECOND);
        }
    }
    assert_true(fabs((double)b.on_us - wanted_us) <= 10.0 * MINUTE); /* a window at most */
    assert_true(b.turns > 100);
    pwm_free(b.pwm);
}

static void a_share_that_falls_ends_the_pulse_and_one_that_rises_prolongs_it(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    struct bench b = bench_new(&options, 50);
    live(&b, MINUTE);
    assert_true(pwm_next_deadline(b.pwm) == 5 * MINUTE);
    want(&b, 80);
    assert_true(pwm_next_deadline(b.pwm) == MINUTE + 432 * SECOND - 30 * SECOND);
    want(&b, 0);
    assert_false(b.on); /* it was on for longer than the half of this minute that was wanted */
    assert_true(fabs(pwm_owed_s(b.pwm) + 30) < 1e-6);
    want(&b, 100);
    assert_false(b.on); /* once in each window */
    live(&b, 9 * MINUTE);
    assert_true(b.on);
    pwm_free(b.pwm);
}

/* Somebody holds it off for a window and a half: after that it goes on as if nothing had been. */
static void nothing_is_owed_for_what_others_did(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    struct bench a = bench_new(&options, 50);
    struct bench b = bench_new(&options, 50);
    live(&a, 12 * MINUTE);
    live(&b, 2 * MINUTE);
    b.in_charge = false;
    live(&b, 10 * MINUTE);
    assert_true(pwm_owed_s(a.pwm) == pwm_owed_s(b.pwm));
    assert_true(pwm_next_deadline(a.pwm) == pwm_next_deadline(b.pwm));
    pwm_free(a.pwm);
    pwm_free(b.pwm);
}

static void nothing_is_owed_when_nobody_looked(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    struct bench b = bench_new(&options, 50);
    live(&b, 2 * MINUTE);
    b.now_us += 5 * HOUR;
    step(&b);
    assert_true(pwm_owed_s(b.pwm) == 0);
    pwm_free(b.pwm);
}

/* Between two deadlines it makes no difference how often it is asked. */
static void looking_more_often_changes_nothing(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    struct bench a = bench_new(&options, 31.7);
    struct bench b = bench_new(&options, 31.7);
    for (int i = 0; i < 1000; i++) {
        live(&a, 77777777);
        for (int j = 0; j < 7; j++) {
            live(&b, 11111111);
        }
        assert_true(a.on == b.on && a.turned_us == b.turned_us);
        assert_true(pwm_owed_s(a.pwm) == pwm_owed_s(b.pwm));
    }
    pwm_free(a.pwm);
    pwm_free(b.pwm);
}

static void without_a_number_nothing_is_proposed(void **state)
{
    (void)state;
    const struct pwm_options options = heating();
    struct bench b = bench_new(&options, 50);
    const struct pwm_view view = {.in_charge = true};
    const struct proposal nothing = {.cause = {.reason = "mode is off"}};
    step(&b);
    assert_true(pwm_step(b.pwm, &nothing, &view, SECOND));
    assert_false(pwm_step(b.pwm, &nothing, &view, SECOND));
    assert_int_equal(pwm_proposal(b.pwm)->value.kind, VALUE_NONE);
    assert_string_equal(pwm_proposal(b.pwm)->cause.reason, "mode is off");
    assert_true(pwm_next_deadline(b.pwm) == DEADLINE_NONE);
    pwm_free(b.pwm);
}

/* What comes from a disk may be anything: it goes on from now, whatever it says. */
static void what_is_loaded_can_do_no_harm(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{\"running\":true,\"on\":true,\"window_at\":9000000000000000000,\"since\":"
        "9000000000000000000,"
        "\"stepped_at\":9000000000000000000,\"share_ppm\":7000000000000000000,\"owed_ps\":"
        "9000000000000000000}",
        "{\"running\":true,\"on\":true,\"window_at\":\"always\",\"since\":\"never\","
        "\"stepped_at\":\"always\",\"share_ppm\":-7,\"owed_ps\":-9000000000000000000}",
        "{\"running\":true,\"on\":false,\"window_at\":-9000000000000000000,"
        "\"stepped_at\":-9000000000000000000,\"ends_at\":5}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct pwm_options options = heating();
        struct bench b = bench_new(&options, 50);
        struct archive a;
        assert_int_equal(archive_load(&a, texts[i], strlen(texts[i]), 0), 0);
        pwm_archive(b.pwm, &a);
        b.on = strcmp(pwm_proposal(b.pwm)->value.text, "ON") == 0;
        b.now_us = HOUR;
        live(&b, 2 * HOUR);
        int64_t before_us = b.on_us;
        live(&b, HOUR);
        assert_true(fabs((double)(b.on_us - before_us - HOUR / 2)) <= 36.0 * SECOND);
        pwm_free(b.pwm);
    }
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct pwm *pwm = NULL;
    struct pwm_options options = heating();
    options.period_us = 0;
    assert_int_equal(pwm_new(&options, &pwm), -EINVAL);
    options = heating();
    options.min_off_us = 10 * MINUTE - 29 * SECOND;
    assert_int_equal(pwm_new(&options, &pwm), -EINVAL);
    options = heating();
    options.full = 0;
    assert_int_equal(pwm_new(&options, &pwm), -EINVAL);
    options = heating();
    options.on_value = none();
    assert_int_equal(pwm_new(&options, &pwm), -EINVAL);
    pwm_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_is_on_first_and_off_after),
        cmocka_unit_test(the_mean_of_an_hour_is_the_share),
        cmocka_unit_test(a_share_of_nothing_or_all_never_switches),
        cmocka_unit_test(whatever_is_wanted_pulses_and_pauses_are_long_enough),
        cmocka_unit_test(a_share_that_falls_ends_the_pulse_and_one_that_rises_prolongs_it),
        cmocka_unit_test(nothing_is_owed_for_what_others_did),
        cmocka_unit_test(nothing_is_owed_when_nobody_looked),
        cmocka_unit_test(looking_more_often_changes_nothing),
        cmocka_unit_test(without_a_number_nothing_is_proposed),
        cmocka_unit_test(what_is_loaded_can_do_no_harm),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
