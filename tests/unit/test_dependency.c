#include "automation-node/engine/dependency.h"

#include "tests/unit/cmocka_all.h"

static void each_input_knows_its_dependants_in_order(void **state)
{
    (void)state;
    static const struct dependency_edge edges[] = {
        {2, {DEPENDANT_RULE, 0}},
        {0, {DEPENDANT_FEEDBACK, 1}},
        {2, {DEPENDANT_CONTROLLER, 5}},
        {0, {DEPENDANT_RULE, 7}},
    };
    struct dependency *dependency = NULL;
    assert_int_equal(dependency_new(edges, 4, 3, &dependency), 0);
    size_t count = 9;
    const struct dependant *of = dependency_of(dependency, 0, &count);
    assert_int_equal(count, 2);
    assert_int_equal(of[0].kind, DEPENDANT_FEEDBACK);
    assert_int_equal(of[1].index, 7);
    (void)dependency_of(dependency, 1, &count);
    assert_int_equal(count, 0);
    of = dependency_of(dependency, 2, &count);
    assert_int_equal(count, 2);
    assert_int_equal(of[0].index, 0);
    assert_int_equal(of[1].kind, DEPENDANT_CONTROLLER);
    dependency_free(dependency);
}

static void nothing_may_depend_on_nothing(void **state)
{
    (void)state;
    struct dependency *dependency = NULL;
    assert_int_equal(dependency_new(NULL, 0, 0, &dependency), 0);
    dependency_free(dependency);
    dependency_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_input_knows_its_dependants_in_order),
        cmocka_unit_test(nothing_may_depend_on_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
