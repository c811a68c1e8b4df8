/* The link against a real mosquitto: what the library, the broker and we make of each other. */
#include "tests/integration/broker_child.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_BROKER "allow_anonymous true"

struct fixture {
    struct bench bench;
    struct broker broker;
    struct client a;
    struct client b;
};

static int setup_with(void **state, const char *broker_options)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    bench_init(&f->bench);
    broker_init(&f->broker, broker_options);
    broker_start(&f->broker, &f->bench);
    *state = f;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, OPEN_BROKER);
}

static int setup_with_passwords(void **state)
{
    return setup_with(state, "allow_anonymous false\npassword_file passwords");
}

static int setup_with_acl(void **state)
{
    return setup_with(state, OPEN_BROKER "\nacl_file acl");
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    client_deinit(&f->a);
    client_deinit(&f->b);
    broker_deinit(&f->broker);
    bench_deinit(&f->bench);
    free(f);
    return 0;
}

/* A client with its own id, connected. */
static void connect_client(struct fixture *f, struct client *client, const char *id)
{
    struct mqtt_link_options options = client_options(&f->broker.address, id);
    client_init(client, &f->bench, &options);
    mqtt_link_start(client->link);
    AWAIT(&f->bench, client->ups == 1);
}

/* A client that receives `filter`; a first message proves that the subscription is in force. */
static void connect_listener(struct fixture *f, struct client *client, const char *filter)
{
    connect_client(f, client, "listener");
    client_subscribe(client, filter);
    client_subscribe(client, "ready");
    assert_int_equal(client_publish(client, "ready", "", 0, 0), MQTT_PUBLISHED);
    AWAIT(&f->bench, strcmp(client->topic, "ready") == 0);
    client->messages = 0;
}

static void publishes_are_acknowledged_and_received(void **state)
{
    struct fixture *f = *state;
    connect_listener(f, &f->a, "t/#");
    connect_client(f, &f->b, "b");
    assert_int_equal(mqtt_link_stats(f->b.link).version, MQTT_VERSION_5);
    assert_int_equal(client_publish(&f->b, "t/0", "zero", 0, 1), MQTT_PUBLISHED);
    AWAIT(&f->bench, f->a.messages == 1);
    assert_string_equal(f->a.payload, "zero");
    assert_int_equal(client_publish(&f->b, "t/1", "one", 1, 2), MQTT_PUBLISHED);
    AWAIT(&f->bench, f->a.messages == 2 && f->b.fates[MQTT_ACKNOWLEDGED] == 1);
    assert_string_equal(f->a.payload, "one");
    assert_string_equal(f->a.topic, "t/1");
    assert_false(f->a.retain);
    assert_int_equal(f->b.ends[1], 0); /* QoS 0 has no fate */
    assert_int_equal(f->b.ends[2], 1);
    assert_int_equal(mqtt_link_stats(f->b.link).outstanding, 0);
}

static void a_retained_message_comes_with_its_correlation_to_a_later_subscriber(void **state)
{
    struct fixture *f = *state;
    connect_client(f, &f->a, "a");
    const struct mqtt_publish publish = {.topic = "t",
                                         .payload = "kept",
                                         .length = 4,
                                         .qos = 1,
                                         .retain = true,
                                         .expiry_s = 60,
                                         .correlation = "c-17",
                                         .correlation_length = 4,
                                         .token = 1};
    assert_int_equal(mqtt_link_publish(f->a.link, &publish), MQTT_PUBLISHED);
    AWAIT(&f->bench, f->a.ends[1] == 1);
    connect_client(f, &f->b, "b");
    client_subscribe(&f->b, "t");
    AWAIT(&f->bench, f->b.messages == 1);
    assert_string_equal(f->b.payload, "kept");
    assert_string_equal(f->b.correlation, "c-17");
    assert_true(f->b.retain);
}

/* Options of a client with a will. */
static struct mqtt_link_options mortal_options(const struct fixture *f,
                                               const struct mqtt_publish *will)
{
    struct mqtt_link_options options = client_options(&f->broker.address, "mortal");
    options.will = will;
    return options;
}

static const struct mqtt_publish will = {
    .topic = "status", .payload = "offline", .length = 7, .qos = 1};

static void the_will_is_published_when_the_connection_is_cut(void **state)
{
    struct fixture *f = *state;
    connect_listener(f, &f->a, "status");
    struct mqtt_link_options options = mortal_options(f, &will);
    client_init(&f->b, &f->bench, &options);
    mqtt_link_start(f->b.link);
    AWAIT(&f->bench, f->b.ups == 1);
    client_deinit(&f->b);
    AWAIT(&f->bench, f->a.messages == 1);
    assert_string_equal(f->a.payload, "offline");
}

static void a_clean_stop_says_its_last_word_and_leaves_no_will(void **state)
{
    struct fixture *f = *state;
    connect_listener(f, &f->a, "status");
    struct mqtt_link_options options = mortal_options(f, &will);
    client_init(&f->b, &f->bench, &options);
    mqtt_link_start(f->b.link);
    AWAIT(&f->bench, f->b.ups == 1);
    const struct mqtt_publish last = {.topic = "status", .payload = "bye", .length = 3, .qos = 1};
    mqtt_link_stop(f->b.link, &last, US_PER_S);
    AWAIT(&f->bench, f->b.stops == 1);
    AWAIT(&f->bench, f->a.messages == 1);
    assert_string_equal(f->a.payload, "bye");
    struct mqtt_link_stats stats = mqtt_link_stats(f->b.link);
    assert_int_equal(stats.published, 1);
    assert_int_equal(stats.acknowledged, 1);
    client_deinit(&f->b);
    /* Were the session still there, its successor's arrival would bring the will. */
    connect_client(f, &f->b, "mortal");
    assert_int_equal(client_publish(&f->b, "status", "fence", 0, 0), MQTT_PUBLISHED);
    AWAIT(&f->bench, f->a.messages == 2);
    assert_string_equal(f->a.payload, "fence");
}

/* Publishes until the link takes no more; the tokens are 1, 2, 3, ... */
static void publish_all(struct client *client)
{
    uint64_t next = mqtt_link_stats(client->link).published + 1;
    while (next < BENCH_TOKENS_MAX && client_publish(client, "t", "x", 1, next) == MQTT_PUBLISHED) {
        next++;
    }
}

static void the_last_word_is_said_even_when_the_window_is_full(void **state)
{
    struct fixture *f = *state;
    connect_listener(f, &f->a, "status");
    struct mqtt_link_options options = mortal_options(f, &will);
    options.max_outstanding = 1;
    client_init(&f->b, &f->bench, &options);
    mqtt_link_start(f->b.link);
    AWAIT(&f->bench, f->b.ups == 1);
    publish_all(&f->b);
    assert_int_equal(mqtt_link_room(f->b.link), 0);
    const struct mqtt_publish last = {.topic = "status", .payload = "bye", .length = 3, .qos = 1};
    mqtt_link_stop(f->b.link, &last, US_PER_S);
    AWAIT(&f->bench, f->b.stops == 1 && f->a.messages == 1);
    assert_string_equal(f->a.payload, "bye");
    assert_int_equal(f->b.fates[MQTT_ACKNOWLEDGED], 1);
}

static void a_link_that_was_stopped_stays_stopped(void **state)
{
    struct fixture *f = *state;
    connect_client(f, &f->a, "a");
    mqtt_link_stop(f->a.link, NULL, US_PER_S);
    AWAIT(&f->bench, f->a.stops == 1);
    mqtt_link_stop(f->a.link, NULL, US_PER_S);
    mqtt_link_start(f->a.link);
    assert_int_equal(client_publish(&f->a, "t", "x", 1, 1), MQTT_OFFLINE);
    connect_client(f, &f->b, "b");
    assert_int_equal(f->a.stops, 1);
    assert_int_equal(mqtt_link_stats(f->a.link).attempts, 1);
}

static void after_a_broker_restart_the_link_is_back_with_its_subscriptions(void **state)
{
    struct fixture *f = *state;
    connect_listener(f, &f->a, "t");
    broker_kill(&f->broker);
    AWAIT(&f->bench, f->a.downs > 0);
    assert_int_equal(client_publish(&f->a, "t", "x", 0, 0), MQTT_OFFLINE);
    assert_int_equal(mqtt_link_room(f->a.link), 0);
    broker_start(&f->broker, &f->bench);
    AWAIT(&f->bench, f->a.ups == 2);
    assert_int_equal(client_publish(&f->a, "t", "again", 1, 1), MQTT_PUBLISHED);
    AWAIT(&f->bench, strcmp(f->a.payload, "again") == 0);
}

/* With MQTT 5 the library gives up for good on a refused CONNACK; the link must not. */
static void a_refused_password_is_tried_again_until_it_is_accepted(void **state)
{
    struct fixture *f = *state;
    struct mqtt_link_options options = client_options(&f->broker.address, "a");
    options.username = "edge";
    options.password = "secret";
    client_init(&f->a, &f->bench, &options);
    mqtt_link_start(f->a.link);
    AWAIT(&f->bench, f->a.downs >= 3);
    assert_non_null(strstr(f->a.reason, "Not authorized"));
    assert_int_equal(f->a.ups, 0);
    broker_add_user(&f->broker, "edge", "secret");
    AWAIT(&f->bench, f->a.ups == 1);
    assert_int_equal(mqtt_link_stats(f->a.link).version, MQTT_VERSION_5);
}

static void a_publish_that_the_acl_forbids_is_refused_and_the_next_one_goes_on(void **state)
{
    struct fixture *f = *state;
    connect_client(f, &f->a, "a");
    assert_int_equal(client_publish(&f->a, "forbidden", "x", 1, 1), MQTT_PUBLISHED);
    assert_int_equal(client_publish(&f->a, "allowed/t", "x", 1, 2), MQTT_PUBLISHED);
    AWAIT(&f->bench, f->a.fates[MQTT_REFUSED] == 1 && f->a.fates[MQTT_ACKNOWLEDGED] == 1);
    assert_int_equal(f->a.ends[1], 1);
    assert_int_equal(mqtt_link_stats(f->a.link).refused, 1);
    /* Also what nobody waits for: an answer to somebody's response topic. */
    assert_int_equal(client_publish(&f->a, "forbidden", "x", 1, 0), MQTT_PUBLISHED);
    AWAIT(&f->bench, mqtt_link_stats(f->a.link).refused == 2);
    assert_int_equal(f->a.fates[MQTT_REFUSED], 1);
    assert_int_equal(f->a.downs, 0);
}

static void a_dead_first_address_leads_to_the_second(void **state)
{
    struct fixture *f = *state;
    const struct mqtt_address addresses[] = {{"127.0.0.1", bench_free_port()}, f->broker.address};
    struct mqtt_link_options options = client_options(addresses, "a");
    options.address_count = 2;
    client_init(&f->a, &f->bench, &options);
    mqtt_link_start(f->a.link);
    AWAIT(&f->bench, f->a.ups == 1);
    assert_int_equal(f->a.downs, 1);
    assert_non_null(strstr(f->a.reason, "refused"));
    assert_int_equal(mqtt_link_stats(f->a.link).attempts, 2);
}

static void assert_window(struct client *client)
{
    assert_in_range(mqtt_link_stats(client->link).outstanding, 0, 5);
}

static void the_window_is_never_exceeded_and_room_is_told(void **state)
{
    struct fixture *f = *state;
    struct mqtt_link_options options = client_options(&f->broker.address, "a");
    options.max_outstanding = 5;
    client_init(&f->a, &f->bench, &options);
    f->a.on_room = publish_all;
    f->a.on_end = assert_window;
    mqtt_link_start(f->a.link);
    AWAIT(&f->bench, f->a.ups == 1);
    assert_int_equal(mqtt_link_room(f->a.link), 5);
    publish_all(&f->a);
    assert_int_equal(mqtt_link_stats(f->a.link).outstanding, 5);
    assert_int_equal(client_publish(&f->a, "t", "x", 1, 1), MQTT_WINDOW_FULL);
    AWAIT(&f->bench, f->a.fates[MQTT_ACKNOWLEDGED] == BENCH_TOKENS_MAX - 1);
    assert_true(f->a.rooms >= (BENCH_TOKENS_MAX - 1) / 5 - 1);
}

static void a_full_window_does_not_hold_up_qos_0(void **state)
{
    struct fixture *f = *state;
    struct mqtt_link_options options = client_options(&f->broker.address, "a");
    options.max_outstanding = 1;
    client_init(&f->a, &f->bench, &options);
    mqtt_link_start(f->a.link);
    AWAIT(&f->bench, f->a.ups == 1);
    assert_int_equal(client_publish(&f->a, "t", "x", 1, 1), MQTT_PUBLISHED);
    assert_int_equal(client_publish(&f->a, "t", "x", 1, 2), MQTT_WINDOW_FULL);
    assert_int_equal(client_publish(&f->a, "t", "x", 0, 0), MQTT_PUBLISHED);
}

/* libmosquitto's 16-bit packet ids come round, and a written QoS 0 packet looks like a PUBACK. */
static void a_packet_id_in_use_is_no_acknowledgement(void **state)
{
    struct fixture *f = *state;
    struct mqtt_link_options options = client_options(&f->broker.address, "a");
    options.max_unsent_bytes = (size_t)64 << 20;
    client_init(&f->a, &f->bench, &options);
    mqtt_link_start(f->a.link);
    AWAIT(&f->bench, f->a.ups == 1);
    broker_freeze(&f->broker);
    assert_int_equal(client_publish(&f->a, "t", "x", 1, 1), MQTT_PUBLISHED);
    unsigned taken = 0;
    while (client_publish(&f->a, "t", "", 0, 0) == MQTT_PUBLISHED && taken <= UINT16_MAX) {
        taken++;
    }
    assert_int_equal(taken, UINT16_MAX - 1);
    assert_int_equal(f->a.fates[MQTT_ACKNOWLEDGED], 0);
}

static void across_a_kill_every_token_ends_exactly_once(void **state)
{
    struct fixture *f = *state;
    connect_client(f, &f->a, "a");
    f->a.on_room = publish_all;
    publish_all(&f->a);
    AWAIT(&f->bench, f->a.fates[MQTT_ACKNOWLEDGED] >= 3000);
    broker_freeze(&f->broker);
    AWAIT(&f->bench, mqtt_link_room(f->a.link) == 0);
    broker_kill(&f->broker);
    AWAIT(&f->bench, f->a.downs == 1);
    assert_in_range(f->a.fates[MQTT_LOST], 1, 100);
    assert_int_equal(mqtt_link_stats(f->a.link).outstanding, 0);
    broker_start(&f->broker, &f->bench);
    AWAIT(&f->bench, f->a.ups == 2);
    publish_all(&f->a);
    AWAIT(&f->bench, f->a.fates[MQTT_ACKNOWLEDGED] + f->a.fates[MQTT_LOST] == BENCH_TOKENS_MAX - 1);
    for (size_t token = 1; token < BENCH_TOKENS_MAX; token++) {
        assert_int_equal(f->a.ends[token], 1);
    }
    struct mqtt_link_stats stats = mqtt_link_stats(f->a.link);
    assert_int_equal(stats.published, stats.acknowledged + stats.lost);
}

static void what_is_on_the_way_when_the_link_is_freed_is_lost(void **state)
{
    struct fixture *f = *state;
    connect_client(f, &f->a, "a");
    broker_freeze(&f->broker);
    for (uint64_t token = 1; token <= 10; token++) {
        assert_int_equal(client_publish(&f->a, "t", "x", 1, token), MQTT_PUBLISHED);
    }
    client_deinit(&f->a);
    assert_int_equal(f->a.fates[MQTT_LOST], 10);
}

static void two_links_with_one_id_throw_each_other_out_and_go_on(void **state)
{
    struct fixture *f = *state;
    connect_client(f, &f->a, "twin");
    connect_client(f, &f->b, "twin");
    AWAIT(&f->bench, f->a.ups >= 3 && f->b.ups >= 3);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(publishes_are_acknowledged_and_received),
        CASE(a_retained_message_comes_with_its_correlation_to_a_later_subscriber),
        CASE(the_will_is_published_when_the_connection_is_cut),
        CASE(a_clean_stop_says_its_last_word_and_leaves_no_will),
        CASE(the_last_word_is_said_even_when_the_window_is_full),
        CASE(a_link_that_was_stopped_stays_stopped),
        CASE(after_a_broker_restart_the_link_is_back_with_its_subscriptions),
        cmocka_unit_test_setup_teardown(a_refused_password_is_tried_again_until_it_is_accepted,
                                        setup_with_passwords, teardown),
        cmocka_unit_test_setup_teardown(
            a_publish_that_the_acl_forbids_is_refused_and_the_next_one_goes_on, setup_with_acl,
            teardown),
        CASE(a_dead_first_address_leads_to_the_second),
        CASE(the_window_is_never_exceeded_and_room_is_told),
        CASE(a_full_window_does_not_hold_up_qos_0),
        CASE(a_packet_id_in_use_is_no_acknowledgement),
        CASE(across_a_kill_every_token_ends_exactly_once),
        CASE(what_is_on_the_way_when_the_link_is_freed_is_lost),
        CASE(two_links_with_one_id_throw_each_other_out_and_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
