#include "automation-node/calendar/civil.h"
#include "automation-node/calendar/zone.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define HOUR   3600

static struct zone *zone_of(const char *text)
{
    struct zone *zone = NULL;
    assert_int_equal(zone_new_posix(text, &zone), 0);
    return zone;
}

static int64_t utc(int64_t year, int month, int day, int hour, int minute)
{
    return civil_day((struct civil_date){year, month, day}) * DAY_S + hour * HOUR + minute * 60;
}

static int64_t day_of(int64_t year, int month, int day)
{
    return civil_day((struct civil_date){year, month, day});
}

static void days_are_counted_from_1970(void **state)
{
    (void)state;
    assert_int_equal(day_of(1970, 1, 1), 0);
    assert_int_equal(day_of(2000, 2, 29), 11016);
    assert_int_equal(day_of(1969, 12, 31), -1);
    for (int64_t day = -800000; day < 800000; day += 137) {
        assert_int_equal(civil_day(civil_date(day)), day);
    }
}

static void weekdays_count_from_monday(void **state)
{
    (void)state;
    assert_int_equal(civil_weekday(0), 3); /* Thursday */
    assert_int_equal(civil_weekday(-4), 6);
    assert_int_equal(civil_weekday(day_of(2026, 11, 26)), 3);
    assert_int_equal(civil_days_in_month(2024, 2), 29);
    assert_int_equal(civil_days_in_month(1900, 2), 28);
}

static void summer_time_begins_and_ends_at_one_utc(void **state)
{
    (void)state;
    struct zone *zone = zone_of(BERLIN);
    assert_int_equal(zone_offset_s(zone, utc(2026, 3, 29, 0, 59)), HOUR);
    assert_int_equal(zone_offset_s(zone, utc(2026, 3, 29, 1, 0)), 2 * HOUR);
    assert_int_equal(zone_offset_s(zone, utc(2026, 10, 25, 0, 59)), 2 * HOUR);
    assert_int_equal(zone_offset_s(zone, utc(2026, 10, 25, 1, 0)), HOUR);
    zone_free(zone);
}

static void south_of_the_equator_summer_spans_the_new_year(void **state)
{
    (void)state;
    struct zone *zone = zone_of("AEST-10AEDT,M10.1.0,M4.1.0/3");
    assert_int_equal(zone_offset_s(zone, utc(2026, 1, 1, 0, 0)), 11 * HOUR);
    assert_int_equal(zone_offset_s(zone, utc(2026, 6, 1, 0, 0)), 10 * HOUR);
    assert_int_equal(zone_offset_s(zone, utc(2026, 12, 31, 20, 0)), 11 * HOUR);
    zone_free(zone);
}

static void odd_zones_are_understood(void **state)
{
    (void)state;
    struct zone *zone = zone_of("<+0545>-5:45");
    assert_int_equal(zone_offset_s(zone, 0), 5 * HOUR + 45 * 60);
    zone_free(zone);
    zone = zone_of("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"); /* Nuuk */
    assert_int_equal(zone_offset_s(zone, utc(2026, 3, 29, 0, 59)), -2 * HOUR);
    assert_int_equal(zone_offset_s(zone, utc(2026, 3, 29, 1, 0)), -HOUR);
    zone_free(zone);
    zone = zone_of("AAA3BBB,J60,300");
    assert_int_equal(zone_offset_s(zone, utc(2024, 3, 1, 4, 59)), -3 * HOUR);
    assert_int_equal(zone_offset_s(zone, utc(2024, 3, 1, 5, 0)), -2 * HOUR);
    zone_free(zone);
}

static void what_is_no_zone_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "CET",
                                        "CE-1",
                                        "CET-25",
                                        "Europe/Berlin",
                                        "CET-1CEST",
                                        "CET-1CEST,M3.5.0",
                                        "CET-1CEST,M13.5.0,M10.5.0",
                                        "CET-1CEST,M3.6.0,M10.5.0",
                                        "CET-1CEST,M3.5.7,M10.5.0",
                                        "CET-1CEST,M3.5.0,M10.5.0/168",
                                        "CET-1CEST,M3.5.0,M10.5.0 ",
                                        "<CET-1",
                                        "CET-1:60"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct zone *zone = NULL;
        assert_int_equal(zone_new_posix(texts[i], &zone), -EINVAL);
        assert_null(zone);
    }
}

static void a_skipped_time_happens_when_the_clocks_jump(void **state)
{
    (void)state;
    struct zone *zone = zone_of(BERLIN);
    int64_t day = day_of(2026, 3, 29);
    assert_int_equal(zone_instant(zone, day, 2 * HOUR - 1), utc(2026, 3, 29, 0, 59) + 59);
    assert_int_equal(zone_instant(zone, day, 2 * HOUR), utc(2026, 3, 29, 1, 0));
    assert_int_equal(zone_instant(zone, day, 2 * HOUR + 1800), utc(2026, 3, 29, 1, 0));
    assert_int_equal(zone_instant(zone, day, 3 * HOUR), utc(2026, 3, 29, 1, 0));
    assert_int_equal(zone_instant(zone, day, DAY_S), utc(2026, 3, 29, 22, 0));
    zone_free(zone);
}

static void a_repeated_time_happens_the_first_time(void **state)
{
    (void)state;
    struct zone *zone = zone_of(BERLIN);
    int64_t day = day_of(2026, 10, 25);
    assert_int_equal(zone_instant(zone, day, 2 * HOUR + 1800), utc(2026, 10, 25, 0, 30));
    assert_int_equal(zone_instant(zone, day, 3 * HOUR), utc(2026, 10, 25, 2, 0));
    zone_free(zone);
}

/* Whatever the zone and the day: times of a day follow each other, and the clocks agree. */
static void every_day_has_every_time_once(void **state)
{
    (void)state;
    static const char *const zones[] = {BERLIN, "AEST-10AEDT,M10.1.0,M4.1.0/3", "UTC0",
                                        "EST5EDT,M3.2.0,M11.1.0",
                                        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"};
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        struct zone *zone = zone_of(zones[i]);
        int64_t last_s = INT64_MIN;
        for (int64_t day = day_of(2026, 1, 1); day < day_of(2028, 1, 1); day++) {
            for (int64_t second = 0; second < DAY_S; second += 900) {
                int64_t at_s = zone_instant(zone, day, second);
                struct zone_local local = zone_local(zone, at_s);
                assert_true(at_s >= last_s);
                assert_int_equal(local.day, day);
                assert_true(local.second >= second);
                last_s = at_s;
            }
        }
        zone_free(zone);
    }
}

static struct zone *system_zone(const char *name)
{
    char path[128];
    static unsigned char bytes[65536];
    (void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    size_t length = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    struct zone *zone = NULL;
    assert_int_equal(zone_new_tzif(bytes, length, &zone), 0);
    return zone;
}

/* The C library is the judge, between 1970 and 2100. */
static void files_agree_with_the_c_library(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Berlin",
                                        "America/New_York",
                                        "Australia/Lord_Howe",
                                        "Africa/Casablanca",
                                        "Asia/Kathmandu",
                                        "Europe/Dublin",
                                        "UTC"};
    srandom(test_seed());
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *zone = system_zone(names[i]);
        if (zone == NULL) {
            skip();
        }
        assert_int_equal(setenv("TZ", names[i], 1), 0);
        tzset();
        for (int n = 0; n < 3000; n++) {
            time_t at_s = (time_t)(random() * 2 % INT64_C(4102444800));
            struct tm tm;
            assert_non_null(localtime_r(&at_s, &tm));
            assert_int_equal(zone_offset_s(zone, at_s), tm.tm_gmtoff);
        }
        zone_free(zone);
    }
}

/* A file of one type and no transitions. */
static int load_offset(int32_t offset_s)
{
    static const char header[20] = "TZif2";
    static const char counts[24] = {[19] = 1, [23] = 4}; /* one type, four bytes of its name */
    const uint32_t bits = (uint32_t)offset_s;
    const char type[6] = {(char)(bits >> 24), (char)(bits >> 16), (char)(bits >> 8), (char)bits};
    char file[2 * (sizeof(header) + sizeof(counts) + sizeof(type) + 4) + 2];
    size_t length = 0;
    for (int block = 0; block < 2; block++) {
        memcpy(file + length, header, sizeof(header));
        memcpy(file + length + 20, counts, sizeof(counts));
        memcpy(file + length + 44, type, sizeof(type));
        memcpy(file + length + 50, "LMT", 4);
        length += 54;
    }
    memcpy(file + length, "\n\n", 2);
    struct zone *zone = NULL;
    int r = zone_new_tzif(file, sizeof(file), &zone);
    if (r == 0) {
        assert_int_equal(zone_offset_s(zone, 0), offset_s);
        zone_free(zone);
    }
    return r;
}

static void an_offset_is_at_most_about_a_day(void **state)
{
    (void)state;
    assert_int_equal(load_offset(3600), 0);
    assert_int_equal(load_offset(-89999), 0);
    assert_int_equal(load_offset(93599), 0);
    assert_int_equal(load_offset(-90000), -EINVAL);
    assert_int_equal(load_offset(93600), -EINVAL);
    assert_int_equal(load_offset(INT32_MIN), -EINVAL);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    static unsigned char bytes[65536];
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    if (file == NULL) {
        skip();
    }
    size_t length = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    struct zone *zone = NULL;
    for (size_t shorter = 0; shorter < length; shorter += 7) {
        assert_int_equal(zone_new_tzif(bytes, shorter, &zone), -EINVAL);
    }
    bytes[0] = 'X';
    assert_int_equal(zone_new_tzif(bytes, length, &zone), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_counted_from_1970),
        cmocka_unit_test(weekdays_count_from_monday),
        cmocka_unit_test(summer_time_begins_and_ends_at_one_utc),
        cmocka_unit_test(south_of_the_equator_summer_spans_the_new_year),
        cmocka_unit_test(odd_zones_are_understood),
        cmocka_unit_test(what_is_no_zone_is_refused),
        cmocka_unit_test(a_skipped_time_happens_when_the_clocks_jump),
        cmocka_unit_test(a_repeated_time_happens_the_first_time),
        cmocka_unit_test(every_day_has_every_time_once),
        cmocka_unit_test(files_agree_with_the_c_library),
        cmocka_unit_test(an_offset_is_at_most_about_a_day),
        cmocka_unit_test(damaged_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
