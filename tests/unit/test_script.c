/* Branches of a script that run at the same time. Single steps: see test_event_rule.c. */
#include "automation-node/engine/script.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/condition_help.h"

#include <errno.h>

enum {
    LEVEL,
    DOOR,
    INPUTS
};

#define LOG_MAX 32

static const struct input_options input_options[INPUTS] = {{"level", "%", 0}, {"door", NULL, 0}};

/* A run, and what it has set: one letter each. */
struct bench {
    struct input inputs[INPUTS];
    struct script script;
    struct run run;
    enum run_result result;
    int64_t now_us;
    char sets[LOG_MAX];
    size_t set_count;
};

static const struct expression *when(const char *text)
{
    return condition_on(input_options, INPUTS, text);
}

static bool on_set(void *context, const struct step *step, const struct cause *cause,
                   int64_t until_us)
{
    struct bench *b = context;
    (void)cause, (void)until_us;
    assert_true(b->set_count < LOG_MAX - 1);
    b->sets[b->set_count++] = (char)('a' + (int)step->value.number);
    b->sets[b->set_count] = '\0';
    return true;
}

static void advance(struct bench *b, size_t changed)
{
    const struct script_host host = {.set = on_set, .context = b};
    const struct expression_view view = {.inputs = b->inputs,
                                         .now_us = b->now_us,
                                         .wall_us = EXPRESSION_NO_CLOCK,
                                         .changed = changed};
    if (b->result == RUN_WAITS) {
        b->result = run_advance(&b->run, &b->script, &view, &host);
    }
}

static void bench_open(struct bench *b, const struct step *steps, size_t count)
{
    const struct cause cause = {.source = "rule:test"};
    *b = (struct bench){.inputs = {make_input("level", "%", 0), make_input("door", NULL, 0)},
                        .script = {steps, count},
                        .result = RUN_WAITS};
    show(&b->inputs[LEVEL], 10, 0);
    show(&b->inputs[DOOR], 0, 0);
    assert_int_equal(script_check(&b->script), 0);
    assert_int_equal(run_init(&b->run, &b->script), 0);
    run_begin(&b->run, &cause, 0);
    advance(b, EXPRESSION_NO_INPUT);
}

static void bench_close(struct bench *b)
{
    run_deinit(&b->run);
}

static void see(struct bench *b, size_t input, double number)
{
    show(&b->inputs[input], number, b->now_us);
    advance(b, input);
}

static void wait_until(struct bench *b, int64_t second)
{
    while (b->result == RUN_WAITS && b->run.deadline_us <= second * SECOND) {
        b->now_us = b->run.deadline_us;
        advance(b, EXPRESSION_NO_INPUT);
    }
    b->now_us = second * SECOND;
}

static struct step set(int letter)
{
    return (struct step){.kind = STEP_SET, .value = value_number(letter - 'a')};
}

static struct step delay(int64_t seconds)
{
    return (struct step){.kind = STEP_DELAY, .span_us = seconds * SECOND};
}

static struct step wait_for(const char *condition, int64_t seconds, bool stops)
{
    return (struct step){.kind = STEP_WAIT,
                         .condition = when(condition),
                         .span_us = seconds * SECOND,
                         .stops = stops};
}

static struct step fork_to(size_t branch, size_t target)
{
    return (struct step){.kind = STEP_FORK, .branch = branch, .target = target};
}

static struct step join(size_t target)
{
    return (struct step){.kind = STEP_JOIN, .target = target};
}

static const struct step end = {.kind = STEP_END};

static void branches_run_at_the_same_time_and_all_are_waited_for(void **state)
{
    (void)state;
    const struct step steps[] = {fork_to(1, 3), fork_to(2, 6), join(10), delay(20), set('a'), end,
                                 set('b'),      delay(10),     set('c'), end,       set('d')};
    struct bench b;
    bench_open(&b, steps, 11);
    assert_string_equal(b.sets, "b");
    assert_int_equal(b.run.deadline_us, 10 * SECOND);
    wait_until(&b, 19);
    assert_string_equal(b.sets, "bc");
    assert_int_equal(b.result, RUN_WAITS);
    wait_until(&b, 20);
    assert_string_equal(b.sets, "bcad");
    assert_int_equal(b.result, RUN_DONE);
    bench_close(&b);
}

static void each_branch_waits_for_itself(void **state)
{
    (void)state;
    const struct step steps[] = {fork_to(1, 3),
                                 fork_to(2, 6),
                                 join(9),
                                 wait_for("level > 50 for 10s", 0, true),
                                 set('a'),
                                 end,
                                 wait_for("level > 50 for 30s", 0, true),
                                 set('b'),
                                 end};
    struct bench b;
    bench_open(&b, steps, 9);
    wait_until(&b, 5);
    see(&b, LEVEL, 60);
    wait_until(&b, 14);
    assert_int_equal(b.set_count, 0);
    wait_until(&b, 15);
    assert_string_equal(b.sets, "a");
    wait_until(&b, 34);
    assert_int_equal(b.result, RUN_WAITS);
    wait_until(&b, 35);
    assert_string_equal(b.sets, "ab");
    assert_int_equal(b.result, RUN_DONE);
    bench_close(&b);
}

/* One change is seen by all that wait for it, each once. */
static void a_change_is_seen_by_every_branch_once(void **state)
{
    (void)state;
    const struct step steps[] = {fork_to(1, 3), fork_to(2, 7),
                                 join(11),      wait_for("door changed", 0, true),
                                 set('a'),      wait_for("door changed", 0, true),
                                 end,           wait_for("door changed", 0, true),
                                 set('b'),      end,
                                 end,           set('c')};
    struct bench b;
    bench_open(&b, steps, 12);
    see(&b, DOOR, 1);
    assert_string_equal(b.sets, "ab");
    see(&b, DOOR, 2);
    assert_string_equal(b.sets, "abc");
    assert_int_equal(b.result, RUN_DONE);
    bench_close(&b);
}

static void branches_may_have_branches_and_be_repeated(void **state)
{
    (void)state;
    const struct step steps[] = {
        {.kind = STEP_REPEAT, .count = 2, .target = 16},
        fork_to(1, 4),
        fork_to(2, 13),
        join(15),
        fork_to(3, 7), /* branch 1 */
        fork_to(4, 9),
        join(11),
        set('a'), /* branch 3 */
        end,
        delay(5), /* branch 4 */
        end,
        set('b'), /* branch 1 again, after its own branches */
        end,
        set('c'), /* branch 2 */
        end,
        {.kind = STEP_JUMP, .target = 0},
        set('d'),
    };
    struct bench b;
    bench_open(&b, steps, 17);
    assert_string_equal(b.sets, "ca");
    wait_until(&b, 5);
    assert_string_equal(b.sets, "cabca");
    wait_until(&b, 10);
    assert_string_equal(b.sets, "cabcabd");
    assert_int_equal(b.result, RUN_DONE);
    bench_close(&b);
}

static void a_wait_that_stops_stops_the_whole_run(void **state)
{
    (void)state;
    const struct step steps[] = {
        fork_to(1, 3), fork_to(2, 5), join(7), wait_for("level > 50", 5, true),
        end,           delay(60),     end};
    struct bench b;
    bench_open(&b, steps, 7);
    wait_until(&b, 5);
    assert_int_equal(b.result, RUN_TIMED_OUT);
    bench_close(&b);
}

static void a_branch_that_never_waits_ends_the_run(void **state)
{
    (void)state;
    const struct step steps[] = {
        fork_to(1, 3), fork_to(2, 4), join(5), {.kind = STEP_JUMP, .target = 3}, end};
    struct bench b;
    bench_open(&b, steps, 5);
    assert_int_equal(b.result, RUN_ENDLESS);
    bench_close(&b);
}

static void the_trace_tells_the_branch(void **state)
{
    (void)state;
    const struct step steps[] = {fork_to(1, 3), fork_to(2, 5), join(7), set('a'),
                                 end,           set('b'),      end,     set('c')};
    static const struct {
        enum step_kind kind;
        size_t branch;
        enum step_outcome outcome;
    } expected[] = {{STEP_JOIN, 0, STEP_WAITS},
                    {STEP_SET, 1, STEP_DONE},
                    {STEP_SET, 2, STEP_DONE},
                    {STEP_JOIN, 0, STEP_DONE},
                    {STEP_SET, 0, STEP_DONE}};
    struct bench b;
    bench_open(&b, steps, 8);
    assert_int_equal(b.run.traced, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(steps[b.run.trace[i].step].kind, expected[i].kind);
        assert_int_equal(b.run.trace[i].branch, expected[i].branch);
        assert_int_equal(b.run.trace[i].outcome, expected[i].outcome);
    }
    bench_close(&b);
}

/* What is saved at any second, and loaded into another run, goes on as if nothing had happened. */
static void a_run_goes_on_from_wherever_it_was_saved(void **state)
{
    (void)state;
    const struct step steps[] = {fork_to(1, 3),
                                 fork_to(2, 6),
                                 join(11),
                                 delay(7),
                                 set('a'),
                                 end,
                                 wait_for("level > 50 for 4s", 20, false),
                                 set('b'),
                                 delay(3),
                                 set('c'),
                                 end,
                                 set('d')};
    for (int64_t stop = 0; stop <= 16; stop++) {
        struct bench b;
        struct buf text;
        struct archive a;
        bench_open(&b, steps, 12);
        see(&b, LEVEL, 60);
        wait_until(&b, stop);
        buf_init(&text, 65536);
        archive_save(&a, &text, 1000);
        run_archive(&b.run, &b.script, &a);
        archive_finish(&a);
        run_deinit(&b.run);
        assert_int_equal(run_init(&b.run, &b.script), 0);
        assert_int_equal(archive_load(&a, text.data, text.length, 1000), 0);
        run_archive(&b.run, &b.script, &a);
        buf_deinit(&text);
        wait_until(&b, 30);
        assert_string_equal(b.sets, "bacd");
        assert_int_equal(b.result, RUN_DONE);
        bench_close(&b);
    }
}

static void a_branch_belongs_to_one_fork(void **state)
{
    (void)state;
    const struct step twice[] = {fork_to(1, 3), fork_to(1, 3), join(4), end};
    const struct step beyond[] = {fork_to(SCRIPT_BRANCHES_MAX + 1, 2), join(3), end};
    const struct step own[] = {fork_to(0, 2), join(3), end};
    assert_int_equal(script_check(&(struct script){twice, 4}), -EINVAL);
    assert_int_equal(script_check(&(struct script){beyond, 3}), -EINVAL);
    assert_int_equal(script_check(&(struct script){own, 3}), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branches_run_at_the_same_time_and_all_are_waited_for),
        cmocka_unit_test(each_branch_waits_for_itself),
        cmocka_unit_test(a_change_is_seen_by_every_branch_once),
        cmocka_unit_test(branches_may_have_branches_and_be_repeated),
        cmocka_unit_test(a_wait_that_stops_stops_the_whole_run),
        cmocka_unit_test(a_branch_that_never_waits_ends_the_run),
        cmocka_unit_test(the_trace_tells_the_branch),
        cmocka_unit_test(a_run_goes_on_from_wherever_it_was_saved),
        cmocka_unit_test(a_branch_belongs_to_one_fork),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
