#include "edge-gateway/app/recording_name.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

#define NOW_US INT64_C(1795688130250999)

static void a_name_says_when_where_and_why(void **state)
{
    (void)state;
    char name[RECORDING_NAME_MAX_BYTES + 1];
    recording_name(NOW_US, "can0", "bus_off", name);
    assert_string_equal(name, "dashcam-20261126T101530.250Z-can0-bus_off.log");
    recording_name(0, "all", "request", name);
    assert_string_equal(name, "dashcam-19700101T000000.000Z-all-request.log");
}

static void what_does_not_belong_into_a_name_is_replaced(void **state)
{
    (void)state;
    char name[RECORDING_NAME_MAX_BYTES + 1];
    recording_name(NOW_US, "../can0", "a b/c.d\n", name);
    assert_string_equal(name, "dashcam-20261126T101530.250Z-___can0-a_b_c_d_.log");
}

static void a_long_name_is_cut_before_its_end(void **state)
{
    (void)state;
    char name[RECORDING_NAME_MAX_BYTES + 1];
    char word[400];
    memset(word, 'x', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    recording_name(NOW_US, "can0", word, name);
    assert_int_equal(strlen(name), RECORDING_NAME_MAX_BYTES);
    assert_string_equal(name + strlen(name) - 5, "x.log");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_says_when_where_and_why),
        cmocka_unit_test(what_does_not_belong_into_a_name_is_replaced),
        cmocka_unit_test(a_long_name_is_cut_before_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
