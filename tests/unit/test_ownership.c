#include "automation-node/standby/ownership.h"

#include "tests/unit/cmocka_all.h"

static const char *const own_devices[] = {"heater", "vent"};
static const char *const heater[] = {"heater"};

static int setup(void **state)
{
    const struct ownership_claim own = {"auto2", NULL, own_devices, 2};
    struct ownership *o;
    assert_int_equal(ownership_new(&own, &o), 0);
    ownership_up(o);
    *state = o;
    return 0;
}

static int teardown(void **state)
{
    ownership_free(*state);
    return 0;
}

static void hear(struct ownership *o, const char *node, const char *group, size_t count)
{
    const struct ownership_claim claim = {node, group, heater, count};
    ownership_hear(o, &claim);
}

static void test_whoever_claimed_first_drives(void **state)
{
    struct ownership *o = *state;
    hear(o, "auto1", NULL, 1);
    assert_null(ownership_other(o, 0));
    assert_true(ownership_settle(o));
    assert_string_equal(ownership_other(o, 0), "auto1");
    assert_null(ownership_other(o, 1));
    assert_int_equal(ownership_conflicts(o), 1);
    assert_false(ownership_settle(o));
}

static void test_whoever_comes_later_changes_nothing(void **state)
{
    struct ownership *o = *state;
    assert_true(ownership_settle(o));
    hear(o, "auto1", NULL, 1);
    assert_null(ownership_other(o, 0));
    assert_true(ownership_has_rivals(o));
}

static void test_it_ends_when_the_other_claims_it_no_more(void **state)
{
    struct ownership *o = *state;
    hear(o, "auto1", NULL, 1);
    assert_true(ownership_settle(o));
    ownership_hear_status(o, "auto1", false);
    assert_string_equal(ownership_other(o, 0), "auto1"); /* it may come back */
    hear(o, "auto1", NULL, 0);
    assert_null(ownership_other(o, 0));
}

static void test_a_node_that_is_not_there_claims_nothing(void **state)
{
    struct ownership *o = *state;
    hear(o, "auto1", NULL, 1);
    ownership_hear_status(o, "auto1", false);
    assert_true(ownership_settle(o));
    assert_null(ownership_other(o, 0));
    ownership_up(o);
    ownership_hear_status(o, "auto1", true);
    assert_true(ownership_settle(o));
    assert_string_equal(ownership_other(o, 0), "auto1");
}

static void test_a_group_is_one_owner(void **state)
{
    (void)state;
    const struct ownership_claim own = {"auto2", "heating", own_devices, 2};
    struct ownership *o;
    assert_int_equal(ownership_new(&own, &o), 0);
    hear(o, "auto1", "heating", 1);
    assert_true(ownership_settle(o));
    assert_null(ownership_other(o, 0));
    ownership_up(o);
    hear(o, "auto1", "light", 1);
    assert_true(ownership_settle(o));
    assert_string_equal(ownership_other(o, 0), "auto1");
    ownership_free(o);
}

static void test_its_own_claim_is_no_rival(void **state)
{
    struct ownership *o = *state;
    hear(o, "auto2", NULL, 1);
    assert_true(ownership_settle(o));
    assert_null(ownership_other(o, 0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_whoever_claimed_first_drives),
        TEST(test_whoever_comes_later_changes_nothing),
        TEST(test_it_ends_when_the_other_claims_it_no_more),
        TEST(test_a_node_that_is_not_there_claims_nothing),
        TEST(test_a_group_is_one_owner),
        TEST(test_its_own_claim_is_no_rival),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
