#include "automation-node/app/time_zone.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void assert_offset(const char *name, int64_t utc_s, int64_t offset_s)
{
    struct zone *zone = NULL;
    assert_int_equal(time_zone_load(name, &zone), 0);
    assert_int_equal(zone_offset_s(zone, utc_s), offset_s);
    zone_free(zone);
}

static void a_rule_is_a_zone(void **state)
{
    (void)state;
    assert_offset("CET-1CEST,M3.5.0,M10.5.0/3", 1800000000, 3600);
}

static void a_name_is_a_file_of_the_machine(void **state)
{
    (void)state;
    if (access("/usr/share/zoneinfo/Asia/Kathmandu", R_OK) < 0) {
        skip();
    }
    assert_offset("Asia/Kathmandu", 1800000000, 20700);
}

static void what_is_neither_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Atlantis", "../../../etc/passwd", "/etc/localtime",
                                        "Europe", ""};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *zone = NULL;
        assert_true(time_zone_load(names[i], &zone) < 0);
        assert_null(zone);
    }
}

static void without_a_name_the_machine_decides(void **state)
{
    (void)state;
    assert_int_equal(setenv("TZ", "XYZ-5", 1), 0);
    assert_offset(NULL, 0, 5 * 3600);
    assert_int_equal(unsetenv("TZ"), 0);
    struct zone *zone = NULL;
    assert_int_equal(time_zone_load(NULL, &zone), 0);
    zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_a_zone),
        cmocka_unit_test(a_name_is_a_file_of_the_machine),
        cmocka_unit_test(what_is_neither_is_refused),
        cmocka_unit_test(without_a_name_the_machine_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
