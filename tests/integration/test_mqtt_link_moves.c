/* The link is told of another broker, or of other waits, while it is at work. */
#include "common/mqtt_link_move.h"
#include "common/mqtt_link_options.h"
#include "tests/integration/fake_broker.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define SHORT_US   (50 * US_PER_MS)
#define MESSAGES   10
#define NEVER_US   (600 * US_PER_S)
#define TIMEOUT_US (300 * US_PER_MS)

static const struct mqtt_publish last = {
    .topic = "status", .payload = "bye", .length = 3, .qos = 1, .retain = true};

struct fixture {
    struct bench bench;
    struct fake_broker old;
    struct fake_broker other;
    struct client client;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    bench_init(&f->bench);
    fake_broker_init(&f->old, &f->bench);
    fake_broker_init(&f->other, &f->bench);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    client_deinit(&f->client);
    fake_broker_deinit(&f->old);
    fake_broker_deinit(&f->other);
    bench_deinit(&f->bench);
    free(f);
    return 0;
}

static void start(struct fixture *f, const struct mqtt_address *address)
{
    const struct mqtt_link_options options = client_options(address, "client");
    client_init(&f->client, &f->bench, &options);
    mqtt_link_start(f->client.link);
}

static void move_to(struct fixture *f, const struct mqtt_address *address)
{
    const struct mqtt_link_options options = client_options(address, "client");
    struct mqtt_link_options *copy;
    assert_int_equal(mqtt_link_options_copy(&options, &copy), 0);
    mqtt_link_move(f->client.link, copy, &last, SHORT_US);
}

static void expect_moved(struct fixture *f, unsigned ups)
{
    AWAIT(&f->bench, f->client.ups == ups);
    assert_int_equal(mqtt_link_address(f->client.link)->port, f->other.address.port);
    assert_string_equal(f->other.versions, "5");
    assert_int_equal(f->client.stops, 0);
}

static void what_the_old_broker_did_not_acknowledge_is_lost_once(void **state)
{
    struct fixture *f = *state;
    f->old.to_5[0] = FAKE_ACCEPT_AND_ACK_NOTHING;
    start(f, &f->old.address);
    AWAIT(&f->bench, f->client.ups == 1);
    for (uint64_t token = 1; token <= MESSAGES; token++) {
        assert_int_equal(client_publish(&f->client, "t", "payload", 1, token), MQTT_PUBLISHED);
    }
    move_to(f, &f->other.address);
    assert_int_equal(client_publish(&f->client, "t", "late", 1, MESSAGES + 1), MQTT_OFFLINE);
    expect_moved(f, 2);
    assert_int_equal(f->client.downs, 1);
    assert_int_equal(f->client.fates[MQTT_LOST], MESSAGES);
    for (size_t token = 1; token <= MESSAGES; token++) {
        assert_int_equal(f->client.ends[token], 1);
    }
}

static void a_deaf_broker_is_left_as_well(void **state)
{
    struct fixture *f = *state;
    static char payload[65536];
    const struct mqtt_publish large = {.topic = "t", .payload = payload, .length = sizeof(payload)};
    f->old.to_5[0] = FAKE_ACCEPT_AND_GO_DEAF;
    start(f, &f->old.address);
    AWAIT(&f->bench, f->client.ups == 1);
    for (unsigned refusals = 0; refusals < 20;) { /* until nothing takes more */
        refusals = mqtt_link_publish(f->client.link, &large) == MQTT_PUBLISHED ? 0 : refusals + 1;
        bench_step(&f->bench);
    }
    move_to(f, &f->other.address);
    expect_moved(f, 2);
    assert_int_equal(f->client.downs, 1);
}

static void connecting_that_hangs_is_given_up_at_once(void **state)
{
    struct fixture *f = *state;
    struct tar_pit pit;
    tar_pit_init(&pit, &f->bench);
    start(f, &pit.address);
    bench_step(&f->bench);
    move_to(f, &f->other.address);
    expect_moved(f, 1);
    assert_int_equal(f->client.downs, 0);
    tar_pit_deinit(&pit);
}

static void before_the_start_nothing_connects(void **state)
{
    struct fixture *f = *state;
    const struct mqtt_link_options options = client_options(&f->old.address, "client");
    client_init(&f->client, &f->bench, &options);
    move_to(f, &f->other.address);
    assert_int_equal(mqtt_link_stats(f->client.link).attempts, 0);
    mqtt_link_start(f->client.link);
    expect_moved(f, 1);
    assert_string_equal(f->old.versions, "");
}

static void of_two_moves_the_newer_one_counts(void **state)
{
    struct fixture *f = *state;
    struct fake_broker wrong;
    fake_broker_init(&wrong, &f->bench);
    f->old.to_5[0] = FAKE_ACCEPT_AND_ACK_NOTHING;
    start(f, &f->old.address);
    AWAIT(&f->bench, f->client.ups == 1);
    move_to(f, &wrong.address);
    move_to(f, &f->other.address);
    expect_moved(f, 2);
    assert_string_equal(wrong.versions, "");
    fake_broker_deinit(&wrong);
}

static void subscriptions_go_along(void **state)
{
    struct fixture *f = *state;
    f->old.to_5[0] = FAKE_ACCEPT_AND_ACK_NOTHING;
    start(f, &f->old.address);
    AWAIT(&f->bench, f->client.ups == 1);
    client_subscribe(&f->client, "secret/#"); /* which the other broker refuses, so it was asked */
    move_to(f, &f->other.address);
    expect_moved(f, 2);
    AWAIT(&f->bench, strcmp(f->client.refused, "secret/#") == 0);
}

static void a_stop_during_a_move_is_a_stop(void **state)
{
    struct fixture *f = *state;
    f->old.to_5[0] = FAKE_ACCEPT_AND_ACK_NOTHING;
    start(f, &f->old.address);
    AWAIT(&f->bench, f->client.ups == 1);
    move_to(f, &f->other.address);
    mqtt_link_stop(f->client.link, &last, SHORT_US);
    AWAIT(&f->bench, f->client.stops == 1);
    move_to(f, &f->other.address); /* comes too late */
    for (int i = 0; i < 10; i++) {
        bench_step(&f->bench);
    }
    assert_string_equal(f->other.versions, "");
    assert_int_equal(f->client.stops, 1);
}

static void shorter_waits_shorten_the_wait_that_runs(void **state)
{
    struct fixture *f = *state;
    struct mqtt_link_options options = client_options(&f->other.address, "client");
    options.retry_min_us = NEVER_US;
    options.retry_max_us = NEVER_US;
    f->other.to_5[0] = FAKE_REFUSE_BUSY;
    client_init(&f->client, &f->bench, &options);
    mqtt_link_start(f->client.link);
    AWAIT(&f->bench, f->client.downs == 1);
    options.retry_min_us = US_PER_MS;
    options.retry_max_us = SHORT_US;
    mqtt_link_set_waits(f->client.link, &options);
    AWAIT(&f->bench, f->client.ups == 1);
}

static void the_time_to_connect_changes_too(void **state)
{
    struct fixture *f = *state;
    struct mqtt_link_options options = client_options(&f->other.address, "client");
    options.connect_timeout_us = NEVER_US;
    for (size_t i = 0; i < 2; i++) {
        f->other.to_5[i] = i == 0 ? FAKE_REFUSE_BUSY : FAKE_SILENCE;
    }
    client_init(&f->client, &f->bench, &options);
    mqtt_link_start(f->client.link);
    AWAIT(&f->bench, f->client.downs == 1);
    options.connect_timeout_us = TIMEOUT_US;
    mqtt_link_set_waits(f->client.link, &options);
    AWAIT(&f->bench, f->client.downs == 2);
    assert_string_equal(f->client.reason, "no answer to CONNECT");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_the_old_broker_did_not_acknowledge_is_lost_once),
        CASE(a_deaf_broker_is_left_as_well),
        CASE(connecting_that_hangs_is_given_up_at_once),
        CASE(before_the_start_nothing_connects),
        CASE(of_two_moves_the_newer_one_counts),
        CASE(subscriptions_go_along),
        CASE(a_stop_during_a_move_is_a_stop),
        CASE(shorter_waits_shorten_the_wait_that_runs),
        CASE(the_time_to_connect_changes_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
