#include "common/home_assistant.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIRTH     "home/status"
#define WITHIN_US (5 * US_PER_S)
#define SENT_MAX  64

struct fixture {
    struct clock_fake clock;
    struct loop *loop;
    struct lvq *q;
    struct home_assistant *ha;
    char topics[SENT_MAX][32];
    int64_t at_us[SENT_MAX];
    size_t sent;
};

static enum mqtt_publish_result take(void *context, const struct mqtt_publish *publish)
{
    struct fixture *f = context;
    assert_true(f->sent < SENT_MAX);
    assert_true(publish->retain);
    f->at_us[f->sent] = loop_now_us(f->loop);
    (void)snprintf(f->topics[f->sent++], sizeof(f->topics[0]), "%s", publish->topic);
    return MQTT_PUBLISHED;
}

static void start(struct fixture *f, const char *seed)
{
    const struct home_assistant_options options = {.loop = f->loop,
                                                   .queue = f->q,
                                                   .birth_topic = BIRTH,
                                                   .birth_text = "online",
                                                   .resend_within_us = WITHIN_US,
                                                   .seed = seed};
    assert_int_equal(home_assistant_new(&options, &f->ha), 0);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_int_equal(loop_new_fake(&f->clock, &f->loop), 0);
    assert_int_equal(lvq_new(take, f, &f->q), 0);
    start(f, "gw1");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    home_assistant_free(f->ha);
    lvq_free(f->q);
    loop_free(f->loop);
    free(f);
    return 0;
}

static bool tell(struct fixture *f, const char *topic, const char *payload, bool retain)
{
    const struct mqtt_received message = {
        .topic = topic, .payload = payload, .length = strlen(payload), .retain = retain};
    return home_assistant_on_message(f->ha, &message);
}

/* Two configurations, which the broker has. */
static void add_two(struct fixture *f)
{
    assert_int_equal(home_assistant_add(f->ha, "a", "{}", 2), 0);
    assert_int_equal(home_assistant_add(f->ha, "b", "{\"x\":1}", 7), 0);
    home_assistant_start(f->ha);
    lvq_on_acknowledged(f->q, 1, MQTT_ACKNOWLEDGED, 0);
    lvq_on_acknowledged(f->q, 2, MQTT_ACKNOWLEDGED, 0);
}

static void run_until_resent(struct fixture *f, uint64_t times)
{
    while (home_assistant_stats(f->ha).resent < times) {
        assert_int_equal(loop_run_once(f->loop, -1), 0);
    }
}

static void what_is_added_is_published_in_order(void **state)
{
    struct fixture *f = *state;
    add_two(f);
    assert_int_equal(f->sent, 2);
    assert_string_equal(f->topics[0], "a");
    assert_string_equal(f->topics[1], "b");
    assert_int_equal(home_assistant_stats(f->ha).configs, 2);
}

static void a_start_sends_all_again_within_the_time(void **state)
{
    struct fixture *f = *state;
    add_two(f);
    int64_t before_us = loop_now_us(f->loop);
    assert_true(tell(f, BIRTH, "online", false));
    assert_int_equal(f->sent, 2);
    run_until_resent(f, 1);
    assert_int_equal(f->sent, 4);
    assert_string_equal(f->topics[2], "a");
    assert_in_range(f->at_us[2] - before_us, 0, WITHIN_US);
}

static void starts_that_come_meanwhile_count_for_one(void **state)
{
    struct fixture *f = *state;
    add_two(f);
    for (int i = 0; i < 3; i++) {
        assert_true(tell(f, BIRTH, "online", false));
    }
    run_until_resent(f, 1);
    assert_int_equal(f->sent, 4);
    assert_int_equal(home_assistant_stats(f->ha).births, 3);
    lvq_on_acknowledged(f->q, 3, MQTT_ACKNOWLEDGED, 0);
    lvq_on_acknowledged(f->q, 4, MQTT_ACKNOWLEDGED, 0);
    assert_true(tell(f, BIRTH, "online", false));
    run_until_resent(f, 2);
    assert_int_equal(f->sent, 6);
}

static void only_a_start_is_a_start(void **state)
{
    struct fixture *f = *state;
    assert_false(tell(f, "home/other", "online", false));
    assert_true(tell(f, BIRTH, "offline", false));
    assert_true(tell(f, BIRTH, "on", false));
    assert_true(tell(f, BIRTH, "", false));
    assert_true(tell(f, BIRTH, "online", true)); /* from before we came */
    assert_int_equal(home_assistant_stats(f->ha).births, 0);
}

/* So that they do not all send at once. */
static void nodes_wait_for_different_times(void **state)
{
    static const char *const nodes[] = {"gw1", "gw2", "gw3", "gw4"};
    struct fixture *f = *state;
    int64_t waits_us[4];
    for (size_t i = 0; i < 4; i++) {
        home_assistant_free(f->ha);
        start(f, nodes[i]);
        int64_t before_us = loop_now_us(f->loop);
        assert_true(tell(f, BIRTH, "online", false));
        run_until_resent(f, 1);
        waits_us[i] = loop_now_us(f->loop) - before_us;
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(waits_us[i], waits_us[k]);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_added_is_published_in_order),
        TEST(a_start_sends_all_again_within_the_time),
        TEST(starts_that_come_meanwhile_count_for_one),
        TEST(only_a_start_is_a_start),
        TEST(nodes_wait_for_different_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
