#include "edge-gateway/statistics/bucket_pack.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define S       INT64_C(1000000) /* µs */
#define MINUTE  (60 * S)
#define HOUR_US (INT64_C(472000) * 60 * MINUTE)

static struct bucket random_bucket(int minute)
{
    struct bucket bucket = {.count = 0};
    struct bucket_hold hold = {.valid = false};
    int64_t start_us = bucket_pack_start(HOUR_US, minute);
    for (int i = rand() % 5; i >= 0; i--) {
        bucket_add(&bucket, &hold, rand() / 7.0, start_us + rand() % MINUTE, 10 * S);
    }
    bucket_close(&bucket, &hold, start_us + MINUTE);
    return bucket;
}

static struct bucket_pack random_pack(int minutes_of_60)
{
    struct bucket_pack pack = {.minutes = {{.count = 0}}};
    for (int i = 0; i < BUCKET_PACK_MINUTES; i++) {
        if (rand() % 60 < minutes_of_60) {
            pack.minutes[i] = random_bucket(i);
        }
    }
    return pack;
}

static void assert_packs_equal(const struct bucket_pack *a, const struct bucket_pack *b)
{
    for (size_t i = 0; i < BUCKET_PACK_MINUTES; i++) {
        assert_memory_equal(&a->minutes[i], &b->minutes[i], sizeof(a->minutes[i]));
    }
}

static void random_hours_come_back_as_they_were(void **state)
{
    (void)state;
    srand(test_seed());
    for (int i = 0; i < 100; i++) {
        const struct bucket_pack pack = random_pack(i % 61);
        struct bucket_pack found;
        uint8_t bytes[BUCKET_PACK_MAX_BYTES];
        size_t length = bucket_pack_encode(&pack, HOUR_US, bytes);
        assert_int_equal(bucket_pack_decode(bytes, length, HOUR_US, &found), 0);
        assert_packs_equal(&found, &pack);
        assert_int_equal(bucket_pack_count(&found), bucket_pack_count(&pack));
    }
}

static void an_hour_without_anything_takes_nothing(void **state)
{
    (void)state;
    const struct bucket_pack pack = {.minutes = {{.count = 0}}};
    struct bucket_pack found;
    uint8_t bytes[BUCKET_PACK_MAX_BYTES];
    assert_int_equal(bucket_pack_encode(&pack, HOUR_US, bytes), 0);
    assert_int_equal(bucket_pack_decode(bytes, 0, HOUR_US, &found), 0);
    assert_int_equal(bucket_pack_count(&found), 0);
}

static void a_minute_is_its_number_and_its_bucket(void **state)
{
    (void)state;
    struct bucket_pack pack = {.minutes = {{.count = 0}}};
    uint8_t bytes[BUCKET_PACK_MAX_BYTES];
    uint8_t bucket[BUCKET_MAX_BYTES];
    pack.minutes[59] = random_bucket(59);
    size_t length = bucket_encode(&pack.minutes[59], HOUR_US + 59 * MINUTE, bucket);
    assert_int_equal(bucket_pack_encode(&pack, HOUR_US, bytes), length + 1);
    assert_int_equal(bytes[0], 59);
    assert_memory_equal(bytes + 1, bucket, length);
}

static void an_hour_is_merged_minute_by_minute(void **state)
{
    (void)state;
    srand(test_seed());
    struct bucket_pack into = random_pack(40);
    const struct bucket_pack before = into;
    const struct bucket_pack from = random_pack(40);
    bucket_pack_merge(&into, &from);
    for (size_t i = 0; i < BUCKET_PACK_MINUTES; i++) {
        struct bucket wanted = before.minutes[i];
        bucket_merge(&wanted, &from.minutes[i]);
        assert_memory_equal(&into.minutes[i], &wanted, sizeof(wanted));
    }
}

static void assert_refused(const uint8_t *bytes, size_t length)
{
    struct bucket_pack untouched = random_pack(10);
    const struct bucket_pack before = untouched;
    assert_int_equal(bucket_pack_decode(bytes, length, HOUR_US, &untouched), -EBADMSG);
    assert_packs_equal(&untouched, &before);
}

static void what_is_no_hour_is_refused(void **state)
{
    (void)state;
    struct bucket_pack pack = {.minutes = {{.count = 0}}};
    uint8_t bytes[BUCKET_PACK_MAX_BYTES];
    pack.minutes[7] = random_bucket(7);
    size_t one = bucket_pack_encode(&pack, HOUR_US, bytes);
    pack.minutes[8] = random_bucket(8);
    size_t two = bucket_pack_encode(&pack, HOUR_US, bytes);
    for (size_t i = 1; i < two; i++) {
        if (i != one) {
            assert_refused(bytes, i); /* cut off */
        }
    }
    bytes[one] = 7; /* a minute twice */
    assert_refused(bytes, two);
    bytes[one] = 60;
    assert_refused(bytes, two);
    static const uint8_t empty[] = {7, 0};
    assert_refused(empty, sizeof(empty));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_hours_come_back_as_they_were),
        cmocka_unit_test(an_hour_without_anything_takes_nothing),
        cmocka_unit_test(a_minute_is_its_number_and_its_bucket),
        cmocka_unit_test(an_hour_is_merged_minute_by_minute),
        cmocka_unit_test(what_is_no_hour_is_refused),
    };
    return cmocka_run_group_tests_name("bucket_pack", tests, NULL, NULL);
}
