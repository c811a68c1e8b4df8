/* What mqtt_link_new() and mqtt_link_subscribe() refuse; the link at work is tested against a
 * broker. */
#include "common/mqtt_link.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>

static const struct mqtt_address address = {"127.0.0.1", 1883};
static const struct mqtt_address nowhere[] = {{NULL, 1883}};
static const struct mqtt_address no_port[] = {{"127.0.0.1", 0}};

static struct mqtt_link_options valid_options(void)
{
    return (struct mqtt_link_options){
        .client_id = "test",
        .addresses = &address,
        .address_count = 1,
        .clean_start = true,
        .keepalive_s = 60,
        .max_outstanding = 20,
        .max_unsent_bytes = 65536,
        .connect_timeout_us = US_PER_S,
        .retry_min_us = US_PER_S,
        .retry_max_us = US_PER_S,
    };
}

static int result_of(const struct mqtt_link_options *options)
{
    const struct mqtt_link_handler handler = {0};
    struct loop *loop;
    struct mqtt_link *link = NULL;
    assert_int_equal(loop_new(&loop), 0);
    int r = mqtt_link_new(loop, options, &handler, &link);
    assert_true((r == 0) == (link != NULL));
    mqtt_link_free(link);
    loop_free(loop);
    return r;
}

static void valid_options_are_taken(void **state)
{
    (void)state;
    struct mqtt_link_options options = valid_options();
    assert_int_equal(result_of(&options), 0);
    options.keepalive_s = 5;
    options.max_outstanding = 1;
    assert_int_equal(result_of(&options), 0);
    options.keepalive_s = 65535;
    options.max_outstanding = 1000;
    assert_int_equal(result_of(&options), 0);
}

static void a_will_may_be_empty(void **state)
{
    (void)state;
    const struct mqtt_publish will = {.topic = "t", .payload = NULL, .length = 0, .retain = true};
    struct mqtt_link_options options = valid_options();
    options.will = &will;
    assert_int_equal(result_of(&options), 0);
}

struct refusal {
    const char *what;
    struct mqtt_link_options options;
};

#define REFUSAL(name, field, value)             \
    do {                                        \
        cases[count].what = (name);             \
        cases[count].options = valid_options(); \
        cases[count++].options.field = (value); \
    } while (0)

static void options_that_cannot_work_are_refused(void **state)
{
    (void)state;
    static const struct mqtt_publish no_topic = {.topic = NULL};
    static const struct mqtt_publish empty_topic = {.topic = ""};
    static const struct mqtt_publish wildcard = {.topic = "a/#"};
    static const struct mqtt_publish exactly_once = {.topic = "a", .qos = 2};
    struct refusal cases[24];
    size_t count = 0;
    REFUSAL("no client id", client_id, NULL);
    REFUSAL("no address", address_count, 0);
    REFUSAL("too many addresses", address_count, MQTT_LINK_ADDRESSES_MAX + 1);
    REFUSAL("an address without a host", addresses, nowhere);
    REFUSAL("an address without a port", addresses, no_port);
    REFUSAL("no window", max_outstanding, 0);
    REFUSAL("a window too large", max_outstanding, 1001);
    REFUSAL("no room to send", max_unsent_bytes, 0);
    REFUSAL("keepalive too short", keepalive_s, 4);
    REFUSAL("keepalive too long", keepalive_s, 65536);
    REFUSAL("no time to connect", connect_timeout_us, 0);
    REFUSAL("no delay between attempts", retry_min_us, 0);
    REFUSAL("a spread below 0", reconnect_spread_us, -1);
    REFUSAL("bounds the wrong way round", retry_max_us, US_PER_S - 1);
    REFUSAL("a will without a topic", will, &no_topic);
    REFUSAL("a will to an empty topic", will, &empty_topic);
    REFUSAL("a will to a filter", will, &wildcard);
    REFUSAL("a will with QoS 2", will, &exactly_once);
    for (size_t i = 0; i < count; i++) {
        if (result_of(&cases[i].options) != -EINVAL) {
            fail_msg("%s was taken", cases[i].what);
        }
    }
}

static void filters_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const filters[] = {"", "a#", "a/#/b", "a+/b"};
    const struct mqtt_link_handler handler = {0};
    const struct mqtt_link_options options = valid_options();
    struct loop *loop;
    struct mqtt_link *link;
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(mqtt_link_new(loop, &options, &handler, &link), 0);
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        const struct mqtt_subscription subscription = {.filter = filters[i]};
        assert_int_equal(mqtt_link_subscribe(link, &subscription), -EINVAL);
    }
    mqtt_link_free(link);
    loop_free(loop);
}

static void subscriptions_are_bounded(void **state)
{
    (void)state;
    const struct mqtt_link_handler handler = {0};
    const struct mqtt_link_options options = valid_options();
    struct loop *loop;
    struct mqtt_link *link;
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(mqtt_link_new(loop, &options, &handler, &link), 0);
    const struct mqtt_subscription subscription = {.filter = "a/+/#"};
    for (int i = 0; i < MQTT_LINK_SUBSCRIPTIONS_MAX; i++) {
        assert_int_equal(mqtt_link_subscribe(link, &subscription), 0);
    }
    assert_int_equal(mqtt_link_subscribe(link, &subscription), -ENOSPC);
    mqtt_link_free(link);
    loop_free(loop);
}

static void before_the_start_nothing_is_published(void **state)
{
    (void)state;
    const struct mqtt_link_handler handler = {0};
    const struct mqtt_link_options options = valid_options();
    struct loop *loop;
    struct mqtt_link *link;
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(mqtt_link_new(loop, &options, &handler, &link), 0);
    const struct mqtt_publish publish = {.topic = "a"};
    assert_int_equal(mqtt_link_publish(link, &publish), MQTT_OFFLINE);
    assert_int_equal(mqtt_link_room(link), 0);
    assert_int_equal(mqtt_link_stats(link).attempts, 0);
    mqtt_link_free(link);
    mqtt_link_free(NULL);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_options_are_taken),
        cmocka_unit_test(a_will_may_be_empty),
        cmocka_unit_test(options_that_cannot_work_are_refused),
        cmocka_unit_test(filters_that_are_none_are_refused),
        cmocka_unit_test(subscriptions_are_bounded),
        cmocka_unit_test(before_the_start_nothing_is_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
