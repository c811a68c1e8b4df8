/* What a gateway's catalog says of how long an input may be silent, where the configuration leaves
 * that open: it counts at once, and over a restart until another catalog comes. */
#include "tests/scenario/home.h"

#include "automation-node/engine/engine_stale.h"

/* The fan follows the temperature, and is off when that is lost. */
static void open_room(struct home *home, const bool *open, struct engine_rule *rule)
{
    static const char *const required[] = {"temperature"};
    *rule = house_rule("r", "temperature > 25", "fan");
    *home = (struct home){.options = {.rules = rule, .rule_count = 1, .stale_open = open}};
    home_open(home);
    engine_free(home->house.engine);
    home->devices[FAN].required = required;
    home->devices[FAN].required_count = 1;
    home->devices[FAN].fail_safe = label("OFF");
    assert_int_equal(engine_new(&home->options, home->house.now_us, &home->house.engine), 0);
    house_set_clock(&home->house, house_utc_us(2026, 11, 26, 12, 0));
    house_see_number(&home->house, TEMPERATURE, 26);
    assert_shown(&home->house, FAN, "ON");
}

static void learn(struct home *home, int64_t span_us)
{
    engine_set_stale_after(home->house.engine, TEMPERATURE, span_us, home->house.now_us);
    house_carry_out(&home->house);
}

static void the_catalog_counts_at_once(void **state)
{
    (void)state;
    static const bool open[HOUSE_INPUTS] = {[TEMPERATURE] = true};
    struct engine_rule rule;
    struct home home;
    open_room(&home, open, &rule);
    house_wait(&home.house, 10 * SECOND);
    learn(&home, 2 * MINUTE);
    house_wait(&home.house, 110 * SECOND - 1);
    assert_shown(&home.house, FAN, "ON");
    house_wait(&home.house, 1);
    assert_shown(&home.house, FAN, "OFF");
    house_see_number(&home.house, TEMPERATURE, 27);
    house_wait(&home.house, 20 * SECOND);
    assert_shown(&home.house, FAN, "ON");
    learn(&home, 10 * SECOND); /* another catalog: it is too old already */
    assert_shown(&home.house, FAN, "OFF");
    home_close(&home);
}

static void what_is_configured_stays(void **state)
{
    (void)state;
    static const bool open[HOUSE_INPUTS] = {[HUMIDITY] = true};
    struct engine_rule rule;
    struct home home;
    open_room(&home, open, &rule);
    learn(&home, 2 * MINUTE);
    house_wait(&home.house, 30 * SECOND);
    assert_shown(&home.house, FAN, "OFF");
    home_close(&home);
}

static void it_is_known_after_a_restart_before_the_catalog_comes(void **state)
{
    (void)state;
    static const bool open[HOUSE_INPUTS] = {[TEMPERATURE] = true};
    struct engine_rule rule;
    struct home home;
    open_room(&home, open, &rule);
    learn(&home, 2 * MINUTE);
    home_restart(&home, 10 * SECOND);
    house_see_number(&home.house, TEMPERATURE, 26);
    house_wait(&home.house, 119 * SECOND);
    assert_shown(&home.house, FAN, "ON");
    house_wait(&home.house, SECOND);
    assert_shown(&home.house, FAN, "OFF");
    home_close(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_catalog_counts_at_once),
        cmocka_unit_test(what_is_configured_stays),
        cmocka_unit_test(it_is_known_after_a_restart_before_the_catalog_comes),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
