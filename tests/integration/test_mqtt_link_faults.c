/* The link against brokers, and addresses, that misbehave. */
#include "tests/integration/fake_broker.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define SHORT_US   (50 * US_PER_MS)
#define TIMEOUT_US (300 * US_PER_MS) /* enough for a connection on a busy machine */

struct fixture {
    struct bench bench;
    struct fake_broker fake;
    struct client client;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    bench_init(&f->bench);
    fake_broker_init(&f->fake, &f->bench);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    client_deinit(&f->client);
    fake_broker_deinit(&f->fake);
    bench_deinit(&f->bench);
    free(f);
    return 0;
}

static struct mqtt_link_options options_of(const struct fixture *f)
{
    return client_options(&f->fake.address, "client");
}

static void start_with(struct fixture *f, const struct mqtt_link_options *options)
{
    client_init(&f->client, &f->bench, options);
    mqtt_link_start(f->client.link);
}

static void start(struct fixture *f)
{
    struct mqtt_link_options options = options_of(f);
    start_with(f, &options);
}

static void answer_5(struct fixture *f, enum fake_answer answer)
{
    for (size_t i = 0; i < sizeof(f->fake.to_5) / sizeof(f->fake.to_5[0]); i++) {
        f->fake.to_5[i] = answer;
    }
}

static void expect_fallback(struct fixture *f, enum fake_answer to_5)
{
    answer_5(f, to_5);
    start(f);
    AWAIT(&f->bench, f->client.ups == 1);
    assert_string_equal(f->fake.versions, "54");
    assert_int_equal(f->client.downs, 1);
    assert_int_equal(mqtt_link_stats(f->client.link).version, MQTT_VERSION_311);
}

static void a_broker_that_refuses_version_5_gets_3_1_1(void **state)
{
    expect_fallback(*state, FAKE_REFUSE_VERSION_AS_5);
}

static void a_broker_that_refuses_version_5_in_the_old_form_gets_3_1_1(void **state)
{
    expect_fallback(*state, FAKE_REFUSE_VERSION_AS_3);
}

static void a_broker_that_hangs_up_on_version_5_gets_3_1_1(void **state)
{
    expect_fallback(*state, FAKE_CLOSE);
}

static void a_broker_that_hung_up_once_is_asked_for_version_5_again(void **state)
{
    struct fixture *f = *state;
    f->fake.to_5[0] = FAKE_CLOSE; /* it was just starting, say; then it takes 5 */
    f->fake.to_311 = FAKE_ACCEPT_AND_CLOSE;
    start(f);
    AWAIT(&f->bench, f->client.ups == 2);
    assert_string_equal(f->fake.versions, "545");
    assert_int_equal(mqtt_link_stats(f->client.link).version, MQTT_VERSION_5);
}

static void a_broker_that_refused_version_5_is_not_asked_again(void **state)
{
    struct fixture *f = *state;
    answer_5(f, FAKE_REFUSE_VERSION_AS_5);
    f->fake.to_311 = FAKE_ACCEPT_AND_CLOSE;
    start(f);
    AWAIT(&f->bench, f->client.ups == 3);
    assert_string_equal(f->fake.versions, "5444");
}

static void a_broker_that_took_version_5_before_is_not_asked_for_less(void **state)
{
    struct fixture *f = *state;
    f->fake.to_5[0] = FAKE_ACCEPT_AND_CLOSE;
    f->fake.to_5[1] = FAKE_CLOSE;
    f->fake.to_5[2] = FAKE_CLOSE;
    start(f);
    AWAIT(&f->bench, f->client.ups == 2);
    assert_string_equal(f->fake.versions, "5555");
}

static void where_a_chosen_version_is_refused_the_next_address_has_its_turn(void **state)
{
    struct fixture *f = *state;
    struct fake_broker old;
    fake_broker_init(&old, &f->bench);
    old.to_5[0] = FAKE_REFUSE_VERSION_AS_3;
    const struct mqtt_address addresses[] = {old.address, f->fake.address};
    struct mqtt_link_options options = options_of(f);
    options.version = MQTT_VERSION_5;
    options.addresses = addresses;
    options.address_count = 2;
    start_with(f, &options);
    AWAIT(&f->bench, f->client.ups == 1);
    assert_string_equal(old.versions, "5");
    fake_broker_deinit(&old);
}

static void a_version_that_was_chosen_is_not_changed(void **state)
{
    struct fixture *f = *state;
    answer_5(f, FAKE_REFUSE_VERSION_AS_5);
    struct mqtt_link_options options = options_of(f);
    options.version = MQTT_VERSION_5;
    start_with(f, &options);
    AWAIT(&f->bench, f->client.downs == 3);
    assert_string_equal(f->fake.versions, "555");
    assert_non_null(strstr(f->client.reason, "Unsupported Protocol Version"));
}

static void a_busy_broker_is_tried_again_with_the_same_version(void **state)
{
    struct fixture *f = *state;
    f->fake.to_5[0] = FAKE_REFUSE_BUSY;
    f->fake.to_5[1] = FAKE_REFUSE_BUSY;
    start(f);
    AWAIT(&f->bench, f->client.ups == 1);
    assert_string_equal(f->fake.versions, "555");
    assert_non_null(strstr(f->client.reason, "busy"));
}

/* One is old, the other knows version 5, and both accept and drop: each is asked as it wants to be,
 * and none keeps the link for itself. */
static void each_address_has_its_turn_and_its_version(void **state)
{
    struct fixture *f = *state;
    struct fake_broker old;
    fake_broker_init(&old, &f->bench);
    old.to_5[0] = FAKE_REFUSE_VERSION_AS_3;
    old.to_311 = FAKE_ACCEPT_AND_CLOSE;
    answer_5(f, FAKE_ACCEPT_AND_CLOSE);
    const struct mqtt_address addresses[] = {old.address, f->fake.address};
    struct mqtt_link_options options = options_of(f);
    options.addresses = addresses;
    options.address_count = 2;
    start_with(f, &options);
    AWAIT(&f->bench, f->client.ups == 5);
    assert_string_equal(old.versions, "5444");
    assert_string_equal(f->fake.versions, "55");
    assert_int_equal(mqtt_link_address(f->client.link)->port, old.address.port);
    fake_broker_deinit(&old);
}

static void a_broker_that_never_answers_is_left_for_the_next_address(void **state)
{
    struct fixture *f = *state;
    struct fake_broker silent;
    fake_broker_init(&silent, &f->bench);
    silent.to_5[0] = FAKE_SILENCE;
    const struct mqtt_address addresses[] = {silent.address, f->fake.address};
    struct mqtt_link_options options = options_of(f);
    options.addresses = addresses;
    options.address_count = 2;
    options.connect_timeout_us = TIMEOUT_US;
    start_with(f, &options);
    AWAIT(&f->bench, f->client.ups == 1);
    assert_int_equal(f->client.downs, 1);
    assert_string_equal(f->client.reason, "no answer to CONNECT");
    assert_string_equal(f->fake.versions, "5");
    fake_broker_deinit(&silent);
}

static void garbage_instead_of_an_answer_is_an_end_like_any_other(void **state)
{
    struct fixture *f = *state;
    f->fake.to_5[0] = FAKE_GARBAGE;
    f->fake.to_311 = FAKE_GARBAGE;
    start(f);
    AWAIT(&f->bench, f->client.ups == 1);
    assert_int_equal(mqtt_link_stats(f->client.link).version, MQTT_VERSION_5);
}

static void the_brokers_reason_for_a_disconnect_is_told(void **state)
{
    struct fixture *f = *state;
    f->fake.to_5[0] = FAKE_ACCEPT_AND_DISCONNECT;
    start(f);
    AWAIT(&f->bench, f->client.downs == 1);
    assert_non_null(strstr(f->client.reason, "shutting down"));
    AWAIT(&f->bench, f->client.ups >= 1 && mqtt_link_room(f->client.link) > 0);
}

static void a_refused_subscription_is_told(void **state)
{
    struct fixture *f = *state;
    start(f);
    client_subscribe(&f->client, "secret/#"); /* before and */
    AWAIT(&f->bench, f->client.ups == 1);
    AWAIT(&f->bench, strcmp(f->client.refused, "secret/#") == 0);
    client_subscribe(&f->client, "late/#"); /* after the connection */
    AWAIT(&f->bench, strcmp(f->client.refused, "late/#") == 0);
}

/* A timer that must run every 5 ms, and the longest time that it did not. */
struct heartbeat {
    struct loop *loop;
    struct timer timer;
    int64_t last_us;
    int64_t longest_us;
};

static void on_beat(void *context)
{
    struct heartbeat *heart = context;
    int64_t gap_us = loop_now_us(heart->loop) - heart->last_us;
    heart->longest_us = gap_us > heart->longest_us ? gap_us : heart->longest_us;
    heart->last_us = loop_now_us(heart->loop);
    loop_timer_after(heart->loop, &heart->timer, 5 * US_PER_MS);
}

static void connecting_that_hangs_holds_up_nothing_and_gives_way(void **state)
{
    struct fixture *f = *state;
    struct tar_pit pit;
    tar_pit_init(&pit, &f->bench);
    const struct mqtt_address addresses[] = {pit.address, f->fake.address};
    struct mqtt_link_options options = options_of(f);
    options.addresses = addresses;
    options.address_count = 2;
    options.connect_timeout_us = TIMEOUT_US;
    struct heartbeat heart = {.loop = f->bench.loop, .last_us = loop_now_us(f->bench.loop)};
    heart.timer = (struct timer){.fn = on_beat, .context = &heart};
    on_beat(&heart);
    start_with(f, &options);
    AWAIT(&f->bench, f->client.ups == 1);
    loop_timer_cancel(f->bench.loop, &heart.timer);
    assert_string_equal(f->client.reason, "no answer to connecting");
    assert_true(heart.longest_us < 100 * US_PER_MS);
    tar_pit_deinit(&pit);
}

static void a_link_may_be_freed_while_connecting_hangs(void **state)
{
    struct fixture *f = *state;
    struct tar_pit pit;
    tar_pit_init(&pit, &f->bench);
    struct mqtt_link_options options = options_of(f);
    options.addresses = &pit.address;
    start_with(f, &options);
    bench_step(&f->bench);
    client_deinit(&f->client);
    bench_step(&f->bench);
    assert_int_equal(f->client.downs, 0);
    tar_pit_deinit(&pit);
}

static void a_link_may_be_freed_at_once(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) { /* the thread may be anywhere between its start and its end */
        start(f);
        for (int step = 0; step < i % 3; step++) {
            bench_step(&f->bench);
        }
        client_deinit(&f->client);
    }
}

static void a_link_may_be_stopped_before_it_is_up(void **state)
{
    struct fixture *f = *state;
    answer_5(f, FAKE_SILENCE);
    start(f);
    AWAIT(&f->bench, f->fake.versions[0] == '5');
    mqtt_link_stop(f->client.link, NULL, SHORT_US);
    AWAIT(&f->bench, f->client.stops == 1);
    assert_int_equal(f->client.ups, 0);
}

static void a_stop_does_not_wait_for_ever_for_the_last_acknowledgement(void **state)
{
    struct fixture *f = *state;
    answer_5(f, FAKE_ACCEPT_AND_ACK_NOTHING);
    start(f);
    AWAIT(&f->bench, f->client.ups == 1);
    const struct mqtt_publish last = {.topic = "status", .payload = "bye", .length = 3, .qos = 1};
    int64_t start_us = loop_now_us(f->bench.loop);
    mqtt_link_stop(f->client.link, &last, SHORT_US);
    AWAIT(&f->bench, f->client.stops == 1);
    assert_in_range(loop_now_us(f->bench.loop) - start_us, SHORT_US, 20 * SHORT_US);
}

static unsigned segments_of_three(struct fixture *f, bool hold)
{
    unsigned before = fake_broker_segments(&f->fake);
    if (hold) {
        mqtt_link_hold(f->client.link);
    }
    for (uint64_t token = 1; token <= 3; token++) {
        assert_int_equal(client_publish(&f->client, "t", "payload", 1, token), MQTT_PUBLISHED);
    }
    if (hold) {
        mqtt_link_release(f->client.link);
    }
    bench_step(&f->bench);
    return fake_broker_segments(&f->fake) - before;
}

static void what_is_held_leaves_together_and_the_first_at_once(void **state)
{
    struct fixture *f = *state;
    answer_5(f, FAKE_ACCEPT_AND_ACK_NOTHING);
    start(f);
    AWAIT(&f->bench, f->client.ups == 1);
    assert_int_equal(segments_of_three(f, false), 3);
    assert_int_equal(segments_of_three(f, true), 2);
}

/* Publishes QoS 0 until neither the system's buffers nor ours take more. */
static void fill_up(struct fixture *f)
{
    static char payload[65536];
    const struct mqtt_publish large = {.topic = "t", .payload = payload, .length = sizeof(payload)};
    unsigned refusals = 0;
    while (refusals < 20) {
        bool taken = mqtt_link_publish(f->client.link, &large) == MQTT_PUBLISHED;
        refusals = taken ? 0 : refusals + 1;
        bench_step(&f->bench);
    }
}

static void a_deaf_broker_bounds_what_is_unsent(void **state)
{
    struct fixture *f = *state;
    answer_5(f, FAKE_ACCEPT_AND_GO_DEAF);
    start(f);
    AWAIT(&f->bench, f->client.ups == 1);
    fill_up(f);
    assert_int_equal(mqtt_link_room(f->client.link), 0);
    assert_int_equal(f->client.downs, 0);
}

static void a_stop_does_not_wait_for_ever_for_a_deaf_broker(void **state)
{
    struct fixture *f = *state;
    answer_5(f, FAKE_ACCEPT_AND_GO_DEAF);
    start(f);
    AWAIT(&f->bench, f->client.ups == 1);
    fill_up(f);
    const struct mqtt_publish last = {.topic = "status", .payload = "bye", .length = 3, .qos = 1};
    int64_t start_us = loop_now_us(f->bench.loop);
    mqtt_link_stop(f->client.link, &last, SHORT_US);
    AWAIT(&f->bench, f->client.stops == 1);
    assert_true(loop_now_us(f->bench.loop) - start_us < 3 * US_PER_S);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_broker_that_refuses_version_5_gets_3_1_1),
        CASE(a_broker_that_refuses_version_5_in_the_old_form_gets_3_1_1),
        CASE(a_broker_that_hangs_up_on_version_5_gets_3_1_1),
        CASE(a_broker_that_hung_up_once_is_asked_for_version_5_again),
        CASE(a_broker_that_refused_version_5_is_not_asked_again),
        CASE(a_broker_that_took_version_5_before_is_not_asked_for_less),
        CASE(where_a_chosen_version_is_refused_the_next_address_has_its_turn),
        CASE(a_version_that_was_chosen_is_not_changed),
        CASE(a_busy_broker_is_tried_again_with_the_same_version),
        CASE(each_address_has_its_turn_and_its_version),
        CASE(a_broker_that_never_answers_is_left_for_the_next_address),
        CASE(garbage_instead_of_an_answer_is_an_end_like_any_other),
        CASE(the_brokers_reason_for_a_disconnect_is_told),
        CASE(a_refused_subscription_is_told),
        CASE(connecting_that_hangs_holds_up_nothing_and_gives_way),
        CASE(a_link_may_be_freed_while_connecting_hangs),
        CASE(a_link_may_be_freed_at_once),
        CASE(a_link_may_be_stopped_before_it_is_up),
        CASE(a_stop_does_not_wait_for_ever_for_the_last_acknowledgement),
        CASE(what_is_held_leaves_together_and_the_first_at_once),
        CASE(a_deaf_broker_bounds_what_is_unsent),
        CASE(a_stop_does_not_wait_for_ever_for_a_deaf_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
