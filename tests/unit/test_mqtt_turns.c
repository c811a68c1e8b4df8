#include "common/mqtt_turns.h"

#include "tests/unit/cmocka_all.h"

static void assert_turn(const struct mqtt_turns *turns, size_t address, enum mqtt_version version)
{
    assert_int_equal(turns->address, address);
    assert_int_equal(turns->version, version);
}

static void each_address_has_its_turn_before_the_wait_grows(void **state)
{
    (void)state;
    struct mqtt_turns turns;
    mqtt_turns_init(&turns, 3, MQTT_VERSION_AUTO);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 3; i++) {
            assert_turn(&turns, i, MQTT_VERSION_5);
            assert_int_equal(mqtt_turns_next(&turns, MQTT_END_UNREACHABLE, false), i == 2);
        }
    }
}

static void one_address_alone_is_a_round(void **state)
{
    (void)state;
    struct mqtt_turns turns;
    mqtt_turns_init(&turns, 1, MQTT_VERSION_AUTO);
    assert_true(mqtt_turns_next(&turns, MQTT_END_UNREACHABLE, false));
    assert_true(mqtt_turns_next(&turns, MQTT_END_REFUSED, false));
    mqtt_turns_up(&turns);
    assert_true(mqtt_turns_next(&turns, MQTT_END_LOST, true));
    assert_turn(&turns, 0, MQTT_VERSION_5);
}

static void the_one_that_worked_is_tried_first_and_then_the_others(void **state)
{
    (void)state;
    struct mqtt_turns turns;
    mqtt_turns_init(&turns, 3, MQTT_VERSION_AUTO);
    (void)mqtt_turns_next(&turns, MQTT_END_UNREACHABLE, false);
    mqtt_turns_up(&turns);
    assert_false(mqtt_turns_next(&turns, MQTT_END_LOST, true));
    assert_turn(&turns, 1, MQTT_VERSION_5);
    assert_false(mqtt_turns_next(&turns, MQTT_END_UNREACHABLE, false));
    assert_turn(&turns, 2, MQTT_VERSION_5);
    assert_true(mqtt_turns_next(&turns, MQTT_END_UNREACHABLE, false));
    assert_turn(&turns, 0, MQTT_VERSION_5);
}

static void one_that_accepts_and_drops_does_not_keep_us(void **state)
{
    (void)state;
    struct mqtt_turns turns;
    mqtt_turns_init(&turns, 2, MQTT_VERSION_AUTO);
    mqtt_turns_up(&turns);
    assert_false(mqtt_turns_next(&turns, MQTT_END_LOST, false));
    assert_turn(&turns, 1, MQTT_VERSION_5);
    mqtt_turns_up(&turns);
    assert_true(mqtt_turns_next(&turns, MQTT_END_LOST, false)); /* two with one id back off */
    assert_turn(&turns, 0, MQTT_VERSION_5);
}

static void a_version_is_refused_by_one_address_only(void **state)
{
    (void)state;
    struct mqtt_turns turns;
    mqtt_turns_init(&turns, 2, MQTT_VERSION_AUTO);
    assert_false(mqtt_turns_next(&turns, MQTT_END_VERSION, false));
    assert_turn(&turns, 0, MQTT_VERSION_311); /* the same one: no turn was used up */
    mqtt_turns_up(&turns);
    assert_false(mqtt_turns_next(&turns, MQTT_END_LOST, false));
    assert_turn(&turns, 1, MQTT_VERSION_5);
    mqtt_turns_up(&turns);
    assert_true(mqtt_turns_next(&turns, MQTT_END_LOST, false));
    assert_turn(&turns, 0, MQTT_VERSION_311);
    (void)mqtt_turns_next(&turns, MQTT_END_VERSION, false); /* it was replaced by a newer one */
    (void)mqtt_turns_next(&turns, MQTT_END_UNREACHABLE, false);
    assert_turn(&turns, 0, MQTT_VERSION_5);
}

static void one_that_hangs_up_is_asked_for_less_once_unless_it_knew_better(void **state)
{
    (void)state;
    struct mqtt_turns turns;
    mqtt_turns_init(&turns, 2, MQTT_VERSION_AUTO);
    (void)mqtt_turns_next(&turns, MQTT_END_HUNG_UP, false);
    assert_turn(&turns, 0, MQTT_VERSION_311);
    (void)mqtt_turns_next(&turns, MQTT_END_HUNG_UP, false);
    assert_turn(&turns, 1, MQTT_VERSION_5);
    mqtt_turns_up(&turns);
    (void)mqtt_turns_next(&turns, MQTT_END_LOST, true);
    assert_turn(&turns, 1, MQTT_VERSION_5);
    (void)mqtt_turns_next(&turns, MQTT_END_HUNG_UP, false);
    assert_turn(&turns, 0, MQTT_VERSION_5);
}

static void a_version_that_was_chosen_stays(void **state)
{
    (void)state;
    static const enum mqtt_version chosen[] = {MQTT_VERSION_311, MQTT_VERSION_5};
    for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
        struct mqtt_turns turns;
        mqtt_turns_init(&turns, 2, chosen[i]);
        (void)mqtt_turns_next(&turns, MQTT_END_VERSION, false);
        assert_turn(&turns, 1, chosen[i]);
        (void)mqtt_turns_next(&turns, MQTT_END_HUNG_UP, false);
        assert_turn(&turns, 0, chosen[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_has_its_turn_before_the_wait_grows),
        cmocka_unit_test(one_address_alone_is_a_round),
        cmocka_unit_test(the_one_that_worked_is_tried_first_and_then_the_others),
        cmocka_unit_test(one_that_accepts_and_drops_does_not_keep_us),
        cmocka_unit_test(a_version_is_refused_by_one_address_only),
        cmocka_unit_test(one_that_hangs_up_is_asked_for_less_once_unless_it_knew_better),
        cmocka_unit_test(a_version_that_was_chosen_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
