/* The last-value queue under random puts, acknowledgements and disconnects. */
#include "common/lvq_batch.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <stdlib.h>

#define PAYLOAD_MAX 8
#define STEPS       50000
#define TAGS_MAX    (3 * STEPS)

static uint64_t settled(const struct lvq_stats *s)
{
    uint64_t sum = 0;
    for (int i = 0; i < LVQ_OUTCOME_COUNT; i++) {
        sum += s->outcomes[i];
    }
    return sum;
}

/* A link that takes or refuses at random and remembers what is on its way. */
struct chaos {
    struct lvq *q;
    uint64_t on_the_way[256];
    size_t count;
    bool offline;
    uint64_t tags;
    bool *settled; /* by tag */
};

static void on_chaos_settled(void *context, uint64_t tag, enum lvq_outcome outcome)
{
    struct chaos *chaos = context;
    (void)outcome;
    assert_in_range(tag, 1, chaos->tags);
    assert_false(chaos->settled[tag]);
    chaos->settled[tag] = true;
}

static enum mqtt_publish_result take_at_random(void *context, const struct mqtt_publish *publish)
{
    struct chaos *chaos = context;
    if (chaos->offline) {
        return MQTT_OFFLINE;
    }
    if (chaos->count == sizeof(chaos->on_the_way) / sizeof(chaos->on_the_way[0])) {
        return MQTT_WINDOW_FULL;
    }
    if (rand() % 100 == 0) {
        return MQTT_TOO_LARGE;
    }
    if (publish->token != 0) {
        chaos->on_the_way[chaos->count++] = publish->token;
    }
    return MQTT_PUBLISHED;
}

static void end_one(struct chaos *chaos, size_t at, enum mqtt_fate fate, int64_t now_us)
{
    uint64_t token = chaos->on_the_way[at];
    chaos->on_the_way[at] = chaos->on_the_way[--chaos->count];
    lvq_on_acknowledged(chaos->q, token, fate, now_us);
}

static void disconnect(struct chaos *chaos, int64_t now_us)
{
    chaos->offline = true;
    while (chaos->count > 0) {
        end_one(chaos, 0, MQTT_LOST, now_us);
    }
}

static void put_at_random(struct chaos *chaos, int64_t now_us)
{
    const struct lvq_item item = {
        .slot = (size_t)(rand() % 20),
        .payload = "123456789",
        .length = (size_t)(rand() % (PAYLOAD_MAX + 2)), /* one too long now and then */
        .qos = rand() % 4 > 0,
        .expires_us = rand() % 3 == 0 ? now_us + rand() % 50 : 0,
    };
    struct lvq_item tagged = item;
    tagged.tag = item.qos == 1 && rand() % 4 > 0 ? ++chaos->tags : 0;
    lvq_put(chaos->q, &tagged, now_us);
}

static void put_a_batch(struct chaos *chaos, int64_t now_us)
{
    lvq_hold(chaos->q);
    for (int i = 0; i < 3; i++) {
        put_at_random(chaos, now_us);
    }
    lvq_release(chaos->q, now_us);
}

static void step(struct chaos *chaos, int64_t now_us)
{
    int dice = rand() % 100;
    if (dice < 40) {
        put_at_random(chaos, now_us);
    } else if (dice < 45) {
        put_a_batch(chaos, now_us);
    } else if (dice < 90 && chaos->count > 0) {
        enum mqtt_fate fate = rand() % 10 == 0 ? MQTT_REFUSED : MQTT_ACKNOWLEDGED;
        end_one(chaos, (size_t)rand() % chaos->count, fate, now_us);
        lvq_on_room(chaos->q, now_us);
    } else if (dice < 93 && !chaos->offline) {
        disconnect(chaos, now_us);
    } else if (chaos->offline) {
        chaos->offline = false;
        lvq_on_up(chaos->q, now_us);
    }
}

static void assert_identity(const struct lvq *q)
{
    struct lvq_stats s = lvq_stats(q);
    assert_int_equal(s.tagged, settled(&s) + s.pending);
    assert_true(s.pending <= 20 + 256);
}

static void the_counting_holds_through_thousands_of_random_operations(void **state)
{
    (void)state;
    srand(test_seed());
    struct chaos chaos = {.settled = calloc(TAGS_MAX + 1, sizeof(bool))};
    assert_non_null(chaos.settled);
    assert_int_equal(lvq_new(take_at_random, &chaos, &chaos.q), 0);
    lvq_on_settled(chaos.q, on_chaos_settled, &chaos);
    for (int i = 0; i < 20; i++) {
        struct lvq_slot_options options = {"t", PAYLOAD_MAX, i % 2 == 0};
        size_t slot;
        assert_int_equal(lvq_add(chaos.q, &options, &slot), 0);
    }
    int64_t now_us = 0;
    for (; now_us < STEPS; now_us++) {
        step(&chaos, now_us);
        assert_identity(chaos.q);
    }
    chaos.offline = false;
    lvq_on_up(chaos.q, now_us);
    while (chaos.count > 0) {
        end_one(&chaos, 0, MQTT_ACKNOWLEDGED, now_us);
    }
    assert_identity(chaos.q);
    assert_int_equal(lvq_stats(chaos.q).pending, 0);
    assert_int_equal(lvq_stats(chaos.q).waiting, 0);
    assert_true(lvq_stats(chaos.q).outcomes[LVQ_SUPERSEDED] > 0);
    assert_true(lvq_stats(chaos.q).outcomes[LVQ_EXPIRED] > 0);
    for (uint64_t tag = 1; tag <= chaos.tags; tag++) {
        assert_true(chaos.settled[tag]);
    }
    free(chaos.settled);
    lvq_free(chaos.q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counting_holds_through_thousands_of_random_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
