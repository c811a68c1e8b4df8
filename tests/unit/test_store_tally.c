#include "edge-gateway/store/store_tally.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/dbc_text.h"
#include "tests/unit/seed.h"

#include <math.h>

#define FRAMES 500
#define T0_US  INT64_C(1795423160000000)

static const char dbc[] = "VERSION \"\"\n"
                          "BU_: N\n"
                          "BO_ 256 Climate: 8 N\n"
                          " SG_ Temperature : 0|16@1- (0.1,0) [0|0] \"C\" N\n"
                          " SG_ Humidity : 16|8@1+ (1,0) [0|0] \"%\" N\n"
                          "BO_ 257 Mixed: 8 N\n"
                          " SG_ Page M : 0|8@1+ (1,0) [0|0] \"\" N\n"
                          " SG_ A m0 : 8|8@1+ (1,0) [0|0] \"\" N\n"
                          " SG_ B m1 : 8|8@1+ (1,0) [0|0] \"\" N\n"
                          "VAL_ 256 Humidity 255 \"Not available\" ;\n";

struct bench {
    struct dbc_text dbc;
    struct store_bus buses[2];
    struct store_tally *tally;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    dbc_text_init(&b->dbc, dbc);
    b->buses[0] = (struct store_bus){.name = "can0", .database = b->dbc.db};
    b->buses[1] = (struct store_bus){.name = "can1"};
    assert_int_equal(store_tally_new(b->buses, 2, &b->tally), 0);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    store_tally_free(b->tally);
    dbc_text_deinit(&b->dbc);
    free(b);
    return 0;
}

static bool add(struct bench *b, const char *name, uint64_t seq, const struct frame *frame)
{
    const struct dbc_message *message = dbc_find_by_name(b->dbc.db, name);
    assert_non_null(message);
    return store_tally_add(b->tally, 0, message, seq, frame);
}

static struct frame climate(int64_t ts_us, int16_t temperature, uint8_t humidity)
{
    struct frame frame = {.ts_us = ts_us, .can_id = 256, .len = 8};
    frame.data[0] = (uint8_t)((uint16_t)temperature & 0xFF);
    frame.data[1] = (uint8_t)((uint16_t)temperature >> 8);
    frame.data[2] = humidity;
    return frame;
}

/* The numbers of one signal, worked out the simple way. */
struct numbers {
    uint64_t count;
    double min;
    double max;
    double sum;
    double last;
    int64_t last_us;
};

static void take(struct numbers *n, double value, int64_t ts_us)
{
    n->min = n->count == 0 ? value : fmin(n->min, value);
    n->max = n->count == 0 ? value : fmax(n->max, value);
    n->sum += value;
    if (n->count == 0 || ts_us >= n->last_us) {
        n->last = value;
        n->last_us = ts_us;
    }
    n->count++;
}

static void assert_numbers(const struct bucket *bucket, const struct numbers *wanted)
{
    assert_int_equal(bucket->count, wanted->count);
    assert_true(bucket->min == wanted->min);
    assert_true(bucket->max == wanted->max);
    assert_true(bucket->last == wanted->last);
    assert_true(fabs(bucket->sum - wanted->sum) <= 1e-9 * fmax(1.0, fabs(wanted->sum)));
    assert_true(isnan(bucket_weighted_mean(bucket)));
}

static void random_readings_give_what_a_simple_count_gives(void **state)
{
    struct bench *b = *state;
    struct numbers temperature = {.count = 0};
    struct numbers humidity = {.count = 0};
    int64_t ts_us = T0_US;
    int64_t from_us = INT64_MAX;
    int64_t to_us = INT64_MIN;
    srand(test_seed());
    for (uint64_t seq = 1; seq <= FRAMES; seq++) {
        ts_us += rand() % 2000 - 500; /* some come late */
        const struct frame frame = climate(ts_us, (int16_t)(rand() % 65536 - 32768),
                                           (uint8_t)(rand() % 4 == 0 ? 255 : rand() % 101));
        assert_true(add(b, "Climate", seq * 3, &frame));
        take(&temperature, (int16_t)(frame.data[0] | frame.data[1] << 8) / 10.0, ts_us);
        if (frame.data[2] != 255) {
            take(&humidity, frame.data[2], ts_us);
        }
        from_us = ts_us < from_us ? ts_us : from_us;
        to_us = ts_us > to_us ? ts_us : to_us;
    }
    const struct store_tally_entry *entry = store_tally_first(b->tally);
    assert_non_null(entry);
    assert_null(entry->next);
    assert_ptr_equal(entry->bus, &b->buses[0]);
    assert_int_equal(entry->first_seq, 3);
    assert_int_equal(entry->last_seq, 3 * FRAMES);
    assert_int_equal(entry->count, FRAMES);
    assert_int_equal(entry->from_us, from_us);
    assert_int_equal(entry->to_us, to_us);
    assert_numbers(&entry->buckets[0], &temperature);
    assert_numbers(&entry->buckets[1], &humidity);
}

static void messages_come_in_the_order_of_their_first_readings(void **state)
{
    struct bench *b = *state;
    const struct frame mixed = {.ts_us = T0_US, .can_id = 257, .len = 8, .data = {1, 7}};
    const struct frame frame = climate(T0_US, 1, 1);
    assert_true(add(b, "Mixed", 5, &mixed));
    assert_true(add(b, "Climate", 6, &frame));
    assert_true(add(b, "Mixed", 7, &mixed));
    const struct store_tally_entry *entry = store_tally_first(b->tally);
    assert_string_equal(entry->message->name, "Mixed");
    assert_int_equal(entry->last_seq, 7);
    assert_int_equal(entry->buckets[1].count, 0); /* of the other page */
    assert_int_equal(entry->buckets[2].count, 2);
    assert_string_equal(entry->next->message->name, "Climate");
    assert_null(entry->next->next);
}

static void a_reset_begins_with_nothing(void **state)
{
    struct bench *b = *state;
    const struct frame hot = climate(T0_US, 400, 1);
    const struct frame cold = climate(T0_US + 1, -100, 1);
    assert_true(add(b, "Climate", 1, &hot));
    store_tally_reset(b->tally);
    assert_null(store_tally_first(b->tally));
    assert_true(add(b, "Climate", 2, &cold));
    const struct store_tally_entry *entry = store_tally_first(b->tally);
    assert_int_equal(entry->count, 1);
    assert_int_equal(entry->first_seq, 2);
    assert_true(entry->buckets[0].max == -10.0);
}

static void a_frame_too_short_for_any_signal_is_not_taken(void **state)
{
    struct bench *b = *state;
    const struct frame frame = {.ts_us = T0_US, .can_id = 256, .len = 1};
    assert_false(add(b, "Climate", 1, &frame));
    assert_null(store_tally_first(b->tally));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(random_readings_give_what_a_simple_count_gives),
        CASE(messages_come_in_the_order_of_their_first_readings),
        CASE(a_reset_begins_with_nothing),
        CASE(a_frame_too_short_for_any_signal_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
