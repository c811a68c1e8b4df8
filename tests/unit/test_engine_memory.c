/* Without memory the engine is not made, or does not explain itself, and says so: whichever
 * allocation it is that fails, and nothing leaks (the sanitizer looks). */
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/engine_snapshot.h"
#include "tests/scenario/restart.h"
#include "tests/unit/rich_engine.h"

#include <errno.h>
#include <stdlib.h>

static size_t the_count;   /* of allocations since the last arming; the wrapped functions have no */
static size_t the_failing; /* other context. 0: none fails */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
char *__wrap_strdup(const char *text);

static void arm(size_t failing)
{
    the_count = 0;
    the_failing = failing;
}

static bool fails(void)
{
    return ++the_count == the_failing;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    return fails() ? NULL : __real_reallocarray(memory, count, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

/* How many allocations engine_new() needs; each of them fails once. */
static size_t fail_each(const struct engine_options *options)
{
    for (size_t failing = 1;; failing++) {
        struct engine *engine = NULL;
        arm(failing);
        int r = engine_new(options, 0, &engine);
        arm(0);
        if (r == 0) {
            engine_free(engine);
            return failing - 1;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(engine);
    }
}

static void an_engine_without_memory_is_not_made(void **state)
{
    (void)state;
    struct rich rich;
    rich_init(&rich);
    assert_true(fail_each(&rich.options) > 50);
    rich_deinit(&rich);
}

static void nor_one_that_remembers(void **state)
{
    (void)state;
    struct rich rich;
    struct notebook book = {0};
    struct engine *engine = rich_make(&rich, NOON_US);
    notebook_write(&book, engine, true, 0);
    const struct engine_memory memory = {.records = book.records,
                                         .count = book.count,
                                         .alive_us = book.alive_us,
                                         .wall_us = book.alive_us};
    rich.options.memory = &memory;
    assert_true(fail_each(&rich.options) > 50);
    engine_free(engine);
    notebook_close(&book);
    rich_deinit(&rich);
}

static void count_new(void *context, const char *kind, const char *id)
{
    (void)kind, (void)id;
    (*(size_t *)context)++;
}

static void without_memory_nothing_is_explained(void **state)
{
    (void)state;
    struct rich rich;
    struct engine *engine = rich_make(&rich, NOON_US);
    struct engine_change changes[8];
    struct engine_dry_run dry = {.enabled = false};
    const struct engine_memory none = {.count = 0};
    char text[ENGINE_CHANGE_SIZE];
    size_t found = 0;
    rich_see(engine, PUMP_STATE, label("OFF"), 0);
    rich_see(engine, TEMPERATURE, value_number(40), SECOND);
    engine_tick(engine, 10 * SECOND); /* the rule has its way */
    rich_take_all(engine);
    arm(1);
    int changed = engine_changes(engine, PUMP, changes, 8);
    arm(1);
    int account = engine_rule_account(engine, RULE_HOT, text, sizeof(text));
    arm(1);
    int level = engine_dry_run(engine, RULE_HOT, &dry);
    arm(1);
    int condition = engine_dry_run(engine, RULE_PUSH, &dry);
    arm(2);
    int steps = engine_dry_run(engine, RULE_PUSH, &dry);
    arm(1);
    engine_each_new(engine, &none, count_new, &found);
    arm(0);
    assert_int_equal(changed, -ENOMEM);
    assert_int_equal(account, -ENOMEM);
    assert_int_equal(level, -ENOMEM);
    assert_int_equal(condition, -ENOMEM);
    assert_int_equal(steps, -ENOMEM);
    assert_false(dry.enabled); /* untouched */
    assert_int_equal(found, 0);
    engine_free(engine);
    rich_deinit(&rich);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_without_memory_is_not_made),
        cmocka_unit_test(nor_one_that_remembers),
        cmocka_unit_test(without_memory_nothing_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
