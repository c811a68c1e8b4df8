#include "automation-node/drivers/driver.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What a driver sent and showed. */
struct sent {
    char topic[128];
    char payload[512];
    uint32_t expiry_s;
    int result; /* of the next publish */
    struct value shown;
    struct loop *loop;
    int shows;
};

static int publish(void *context, const char *topic, const char *payload, size_t length,
                   uint32_t expiry_s)
{
    struct sent *sent = context;
    (void)snprintf(sent->topic, sizeof(sent->topic), "%s", topic);
    (void)snprintf(sent->payload, sizeof(sent->payload), "%.*s", (int)length, payload);
    sent->expiry_s = expiry_s;
    return sent->result;
}

static void shows(void *context, size_t device, const struct value *value)
{
    struct sent *sent = context;
    assert_int_equal(device, 3);
    sent->shown = *value;
    sent->shows++;
    loop_stop(sent->loop, 0);
}

static struct value word(const char *text)
{
    struct value value;
    assert_int_equal(value_parse(text, strlen(text), &value), 0);
    return value;
}

static const char *told(const struct driver_options *options, const struct value *value,
                        struct sent *sent)
{
    const struct driver_host host = {NULL, publish, NULL, NULL, shows, sent};
    const struct device_command command = {.value = *value, .ttl_us = 2500000, .attempt = 1};
    char error[DRIVER_ERROR_SIZE];
    struct driver *driver;
    assert_int_equal(driver_new(options, &host, &driver, error), 0);
    assert_int_equal(driver_command(driver, &command), sent->result);
    driver_free(driver);
    return sent->payload;
}

static void mqtt_says_a_value_in_the_words_and_the_form_of_the_device(void **state)
{
    (void)state;
    const struct driver_value values[] = {{word("ON"), "1"}, {word("OFF"), "o\"ff"}};
    struct driver_options options = {
        .kind = DRIVER_MQTT, .mqtt = {.topic = "a/b"}, .values = values, .value_count = 2};
    struct sent sent = {.result = 0};
    const struct value on = word("ON");
    const struct value off = word("OFF");
    const struct value number = value_number(12.5);
    assert_string_equal(told(&options, &on, &sent), "1");
    assert_string_equal(sent.topic, "a/b");
    assert_int_equal(sent.expiry_s, 3);
    assert_string_equal(told(&options, &number, &sent), "12.5");
    options.mqtt.field = "state";
    assert_string_equal(told(&options, &off, &sent), "{\"state\":\"o\\\"ff\"}");
    assert_string_equal(told(&options, &number, &sent), "{\"state\":12.5}");
    options.mqtt.field = NULL;
    options.mqtt.template = "<{value}|{value}>{val";
    assert_string_equal(told(&options, &on, &sent), "<1|1>{val");
}

static void what_does_not_fit_or_cannot_leave_is_told(void **state)
{
    (void)state;
    char long_template[600];
    memset(long_template, 'x', sizeof(long_template) - 1);
    long_template[sizeof(long_template) - 1] = '\0';
    const struct driver_options options = {.kind = DRIVER_MQTT, .mqtt = {.topic = "a"}};
    struct driver_options too_long = options;
    too_long.mqtt.template = long_template;
    struct sent sent = {.result = -ENOTCONN};
    const struct value on = word("ON");
    assert_string_equal(told(&options, &on, &sent), "ON");
    sent.result = -EMSGSIZE;
    (void)told(&too_long, &on, &sent);
}

static void a_simulated_device_is_off_at_first_and_then_obeys(void **state)
{
    (void)state;
    struct sent sent = {.result = 0};
    assert_int_equal(loop_new(&sent.loop), 0);
    const struct driver_options options = {
        .kind = DRIVER_SIMULATED, .device = 3, .delay_us = 1000, .initial = word("OFF")};
    const struct driver_host host = {sent.loop, publish, NULL, NULL, shows, &sent};
    const struct device_command command = {.value = word("ON"), .ttl_us = 1, .attempt = 1};
    char error[DRIVER_ERROR_SIZE];
    struct driver *driver;
    assert_int_equal(driver_new(&options, &host, &driver, error), 0);
    assert_int_equal(loop_run(sent.loop), 0);
    assert_string_equal(sent.shown.text, "OFF");
    assert_int_equal(driver_command(driver, &command), 0);
    assert_int_equal(sent.shows, 1);
    assert_int_equal(loop_run(sent.loop), 0);
    assert_string_equal(sent.shown.text, "ON");
    assert_int_equal(driver_command(driver, &command), 0);
    driver_free(driver); /* with its timer running */
    loop_free(sent.loop);
}

static void a_chip_that_is_not_there_is_told_with_what_to_do(void **state)
{
    (void)state;
    const struct driver_options options = {.kind = DRIVER_GPIO,
                                           .gpio = {.chip = "no-such-chip", .line = 1}};
    struct sent sent = {.result = 0};
    const struct driver_host host = {NULL, publish, NULL, NULL, shows, &sent};
    char error[DRIVER_ERROR_SIZE];
    struct driver *driver;
    if (driver_missing(DRIVER_GPIO) != NULL) {
        assert_non_null(strstr(driver_missing(DRIVER_GPIO), "libgpiod-dev"));
        return;
    }
    assert_int_equal(driver_new(&options, &host, &driver, error), -ENOENT);
    assert_non_null(strstr(error, "no chip 'no-such-chip'"));
    assert_non_null(strstr(error, "gpiodetect"));
}

static void each_driver_but_gpio_is_always_there(void **state)
{
    (void)state;
    assert_null(driver_missing(DRIVER_CAN));
    assert_null(driver_missing(DRIVER_MQTT));
    assert_null(driver_missing(DRIVER_SIMULATED));
}

static void a_driver_that_holds_nothing_is_opened_anew_at_a_reload(void **state)
{
    (void)state;
    const struct driver_options options = {.kind = DRIVER_MQTT, .mqtt = {.topic = "a/b"}};
    struct sent sent = {.result = 0};
    const struct driver_host host = {NULL, publish, NULL, NULL, shows, &sent};
    const struct value on = word("ON");
    const struct device_command command = {.value = on, .ttl_us = 1000000, .attempt = 1};
    char error[DRIVER_ERROR_SIZE];
    struct driver *old;
    struct driver *successor;
    assert_int_equal(driver_new(&options, &host, &old, error), 0);
    assert_int_equal(driver_succeed(&old, 1, &options, &host, &successor, error), 0);
    driver_free(old);
    assert_int_equal(driver_command(successor, &command), 0);
    assert_string_equal(sent.payload, "ON");
    driver_free(successor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_that_holds_nothing_is_opened_anew_at_a_reload),
        cmocka_unit_test(mqtt_says_a_value_in_the_words_and_the_form_of_the_device),
        cmocka_unit_test(what_does_not_fit_or_cannot_leave_is_told),
        cmocka_unit_test(a_simulated_device_is_off_at_first_and_then_obeys),
        cmocka_unit_test(a_chip_that_is_not_there_is_told_with_what_to_do),
        cmocka_unit_test(each_driver_but_gpio_is_always_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
