/*
 * What is derived from inputs, over a stop of the engine: what was seen before is remembered, what
 * nobody saw is not made up, and until the sources are seen again nothing is known.
 */
#include "automation-node/engine/engine_inspect.h"
#include "tests/scenario/restart.h"
#include "tests/unit/engine_help.h"

#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

enum {
    PUMP,
    LEVEL,
    OTHER_LEVEL,
    WORKED,  /* how long the pump ran in the last hour */
    RUNNING, /* how long it has been running */
    RATE,    /* of the level, over ten minutes */
    MEAN,    /* of both levels */
    INPUTS
};

static const struct input_options inputs[INPUTS] = {
    [PUMP] = {"pump", NULL, 0},
    [LEVEL] = {"level", "%", 5 * MINUTE},
    [OTHER_LEVEL] = {"other_level", "%", 5 * MINUTE},
    [WORKED] = {"worked", NULL, 0},
    [RUNNING] = {"running", NULL, 0},
    [RATE] = {"rate", NULL, 5 * MINUTE},
    [MEAN] = {"mean", NULL, 5 * MINUTE},
};
static const size_t pump[] = {PUMP};
static const size_t level[] = {LEVEL};
static const size_t levels[] = {LEVEL, OTHER_LEVEL};

struct plant {
    struct engine_derived derived[4];
    struct engine_options options;
    struct engine *engine;
    struct notebook book;
    int64_t now_us;
};

static void open_plant(struct plant *p)
{
    *p = (struct plant){.now_us = 1000 * SECOND};
    p->derived[0] = (struct engine_derived){WORKED,
                                            {.kind = DERIVED_TIME,
                                             .sources = pump,
                                             .source_count = 1,
                                             .span_us = HOUR,
                                             .state = label("ON")}};
    p->derived[1] = (struct engine_derived){
        RUNNING, {.kind = DERIVED_TIME, .sources = pump, .source_count = 1, .state = label("ON")}};
    p->derived[2] = (struct engine_derived){
        RATE, {.kind = DERIVED_RATE, .sources = level, .source_count = 1, .span_us = 10 * MINUTE}};
    p->derived[3] =
        (struct engine_derived){MEAN, {.kind = DERIVED_MEAN, .sources = levels, .source_count = 2}};
    p->options = (struct engine_options){
        .inputs = inputs, .input_count = INPUTS, .derived = p->derived, .derived_count = 4};
    assert_int_equal(engine_new(&p->options, p->now_us, &p->engine), 0);
}

static void close_plant(struct plant *p)
{
    engine_free(p->engine);
    notebook_close(&p->book);
}

/* What would be missed is written at once, as the daemon does. */
static void write_news(struct plant *p)
{
    notebook_write(&p->book, p->engine, false, p->now_us);
}

static void pass_time(struct plant *p, int64_t span_us)
{
    int64_t end_us = p->now_us + span_us;
    for (int64_t due_us; (due_us = engine_next_deadline(p->engine)) <= end_us;) {
        p->now_us = due_us > p->now_us ? due_us : p->now_us;
        engine_tick(p->engine, p->now_us);
        write_news(p);
    }
    p->now_us = end_us;
    write_news(p);
}

static void see(struct plant *p, size_t input, struct value value)
{
    const struct reading reading = good(value, 1);
    engine_input(p->engine, input, &reading, p->now_us);
    write_news(p);
}

/* An orderly stop, or a kill: then only what was written at once is known. */
static void restart(struct plant *p, bool orderly, int64_t stop_us)
{
    if (orderly) {
        notebook_write(&p->book, p->engine, true, p->now_us);
    }
    engine_free(p->engine);
    p->now_us += stop_us;
    p->engine = notebook_resume(&p->book, &p->options, true, stop_us, p->now_us);
}

static void assert_unknown(const struct plant *p, size_t input)
{
    assert_int_not_equal(input_quality(engine_input_at(p->engine, input), p->now_us), QUALITY_GOOD);
}

static void assert_about(const struct plant *p, size_t input, double number, double tolerance)
{
    const struct input *derived = engine_input_at(p->engine, input);
    assert_int_equal(input_quality(derived, p->now_us), QUALITY_GOOD);
    if (derived->value.number < number - tolerance || derived->value.number > number + tolerance) {
        fail_msg("%s is %g, not %g", derived->id, derived->value.number, number);
    }
}

static void a_stop_is_not_in_the_time_of_a_window(void **state)
{
    (void)state;
    for (int orderly = 0; orderly < 2; orderly++) {
        struct plant p;
        open_plant(&p);
        see(&p, PUMP, label("ON"));
        pass_time(&p, 5 * MINUTE);
        see(&p, PUMP, label("OFF"));
        pass_time(&p, 3 * MINUTE);
        see(&p, PUMP, label("ON"));
        pass_time(&p, 2 * MINUTE);
        restart(&p, orderly != 0, 20 * MINUTE);
        assert_unknown(&p, WORKED);
        see(&p, PUMP, label("ON"));
        assert_about(&p, WORKED, 7 * 60, 1);
        pass_time(&p, MINUTE);
        assert_about(&p, WORKED, 8 * 60, 1);
        pass_time(&p, 35 * MINUTE); /* the first five minutes have left the window */
        assert_about(&p, WORKED, (2 + 36) * 60, 62);
        close_plant(&p);
    }
}

/* As a `for` does: a stop is a gap in the readings, and no more. */
static void a_state_that_is_seen_again_has_lasted(void **state)
{
    (void)state;
    struct plant p;
    open_plant(&p);
    see(&p, PUMP, label("ON"));
    pass_time(&p, 5 * MINUTE);
    restart(&p, false, MINUTE);
    assert_unknown(&p, RUNNING);
    see(&p, PUMP, label("ON"));
    assert_about(&p, RUNNING, 6 * 60, 1);
    restart(&p, false, MINUTE);
    see(&p, PUMP, label("OFF"));
    assert_about(&p, RUNNING, 0, 0);
    close_plant(&p);
}

/* What is not seen again within a minute is lost (its input does not age). */
static void a_state_that_is_not_seen_again_begins_anew(void **state)
{
    (void)state;
    struct plant p;
    open_plant(&p);
    see(&p, PUMP, label("ON"));
    pass_time(&p, 5 * MINUTE);
    restart(&p, false, MINUTE);
    pass_time(&p, 2 * MINUTE);
    assert_unknown(&p, RUNNING);
    assert_unknown(&p, WORKED);
    see(&p, PUMP, label("ON"));
    assert_about(&p, RUNNING, 0, 0);
    assert_about(&p, WORKED, 5 * 60, 1);
    close_plant(&p);
}

/* One percent a minute. */
static void rise(struct plant *p, double *level_now, int64_t span_us)
{
    for (int64_t passed_us = 0; passed_us < span_us; passed_us += 10 * SECOND) {
        see(p, LEVEL, value_number(*level_now));
        pass_time(p, 10 * SECOND);
        *level_now += 1.0 / 6;
    }
}

static void a_rate_is_known_at_once_after_a_short_stop(void **state)
{
    (void)state;
    struct plant p;
    double level_now = 10;
    open_plant(&p);
    rise(&p, &level_now, 8 * MINUTE);
    assert_about(&p, RATE, 60, 1);
    level_now += 1; /* it goes on rising */
    restart(&p, true, MINUTE);
    assert_unknown(&p, RATE);
    see(&p, LEVEL, value_number(level_now));
    assert_about(&p, RATE, 60, 1);
    close_plant(&p);
}

static void a_rate_is_unknown_after_a_stop_longer_than_it_looks_back(void **state)
{
    (void)state;
    struct plant p;
    double level_now = 10;
    open_plant(&p);
    rise(&p, &level_now, 8 * MINUTE);
    restart(&p, true, 4 * MINUTE); /* not lost yet, but most of it has left the ten minutes */
    see(&p, LEVEL, value_number(level_now));
    assert_about(&p, RATE, 60 * 8 / 12.0, 20);
    restart(&p, true, 11 * MINUTE);
    level_now = 90;
    see(&p, LEVEL, value_number(level_now));
    assert_unknown(&p, RATE);
    rise(&p, &level_now, 4 * MINUTE);
    assert_unknown(&p, RATE);
    rise(&p, &level_now, 2 * MINUTE);
    assert_about(&p, RATE, 60, 1);
    close_plant(&p);
}

static void a_mean_waits_for_each_of_its_sources(void **state)
{
    (void)state;
    struct plant p;
    open_plant(&p);
    see(&p, LEVEL, value_number(10));
    see(&p, OTHER_LEVEL, value_number(30));
    assert_about(&p, MEAN, 20, 0);
    restart(&p, true, MINUTE);
    see(&p, LEVEL, value_number(50));
    assert_unknown(&p, MEAN); /* half of it would be from before */
    see(&p, OTHER_LEVEL, value_number(30));
    assert_about(&p, MEAN, 40, 0);
    close_plant(&p);
}

/* The clock was ahead when it was written, and is right now. */
static void nothing_is_remembered_of_the_future(void **state)
{
    (void)state;
    struct plant p;
    double level_now = 10;
    open_plant(&p);
    see(&p, PUMP, label("ON"));
    rise(&p, &level_now, 8 * MINUTE);
    notebook_write(&p.book, p.engine, true, p.now_us);
    engine_free(p.engine);
    p.book.alive_us -= 10 * 365 * 24 * HOUR;
    p.engine = notebook_resume(&p.book, &p.options, true, 0, p.now_us);
    see(&p, PUMP, label("OFF"));
    see(&p, PUMP, label("ON"));
    pass_time(&p, MINUTE);
    assert_about(&p, RUNNING, 60, 1);
    assert_about(&p, WORKED, 60, 1);
    close_plant(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_is_not_in_the_time_of_a_window),
        cmocka_unit_test(a_state_that_is_seen_again_has_lasted),
        cmocka_unit_test(a_state_that_is_not_seen_again_begins_anew),
        cmocka_unit_test(a_rate_is_known_at_once_after_a_short_stop),
        cmocka_unit_test(a_rate_is_unknown_after_a_stop_longer_than_it_looks_back),
        cmocka_unit_test(a_mean_waits_for_each_of_its_sources),
        cmocka_unit_test(nothing_is_remembered_of_the_future),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
