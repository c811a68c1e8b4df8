#include "automation-node/drivers/gpio_device.h"

#include "tests/unit/engine_help.h"

#include <errno.h>

/* A chip whose line can be had once, and which writes down its levels. */
struct fake_line {
    bool taken;
    unsigned requests;
    unsigned releases;
    char levels[16];
};

static struct fake_line fake;

static void note(int level)
{
    size_t length = strlen(fake.levels);
    assert_true(length + 1 < sizeof(fake.levels));
    fake.levels[length] = (char)('0' + level);
}

static int request(const struct driver_gpio_options *gpio, int level, void **ret, char *reterr)
{
    (void)gpio;
    if (fake.taken) {
        return driver_fail(reterr, -EBUSY, "taken");
    }
    fake.taken = true;
    fake.requests++;
    note(level);
    *ret = &fake;
    return 0;
}

static int set(void *line, int level)
{
    assert_ptr_equal(line, &fake);
    note(level);
    return 0;
}

static void release(void *line)
{
    assert_ptr_equal(line, &fake);
    fake.taken = false;
    fake.releases++;
}

static const struct gpio_lines lines = {request, set, release};

static struct driver_options options_of(unsigned line, bool active_low)
{
    static struct driver_value values[2];
    values[0] = (struct driver_value){label("ON"), "1"};
    values[1] = (struct driver_value){label("OFF"), "0"};
    return (struct driver_options){.kind = DRIVER_GPIO,
                                   .gpio = {"gpiochip0", line, active_low},
                                   .values = values,
                                   .value_count = 2,
                                   .initial = label("OFF")};
}

static struct gpio_device *open_line(const struct driver_options *options)
{
    struct gpio_device *device = NULL;
    char error[DRIVER_ERROR_SIZE];
    fake = (struct fake_line){0};
    assert_int_equal(gpio_device_open(&lines, options, &device, error), 0);
    return device;
}

static void command(struct gpio_device *device, const char *value)
{
    const struct device_command command = {.value = label(value)};
    assert_int_equal(gpio_device_command(device, &command), 0);
}

static void a_line_begins_with_off_and_does_what_it_is_told(void **state)
{
    (void)state;
    const struct driver_options plain = options_of(4, false);
    const struct driver_options inverted = options_of(4, true);
    struct gpio_device *device = open_line(&plain);
    command(device, "ON");
    command(device, "OFF");
    assert_string_equal(fake.levels, "010");
    gpio_device_close(device);
    device = open_line(&inverted);
    command(device, "ON");
    assert_string_equal(fake.levels, "10");
    gpio_device_close(device);
    assert_int_equal(fake.releases, 1);
    gpio_device_close(NULL);
}

static void a_reload_keeps_the_line_and_its_level(void **state)
{
    (void)state;
    const struct driver_options options = options_of(4, false);
    struct gpio_device *old = open_line(&options);
    struct gpio_device *successor = NULL;
    command(old, "ON");
    assert_int_equal(gpio_device_succeed(old, &options, &successor), 0);
    gpio_device_close(old);
    assert_string_equal(fake.levels, "01");
    assert_true(fake.taken);
    assert_int_equal(fake.requests, 1);
    assert_int_equal(fake.releases, 0);
    command(successor, "OFF");
    assert_string_equal(fake.levels, "010");
    gpio_device_close(successor);
    assert_int_equal(fake.releases, 1);
}

static void a_reload_that_is_given_up_leaves_the_line_to_the_old_one(void **state)
{
    (void)state;
    const struct driver_options options = options_of(4, false);
    struct gpio_device *old = open_line(&options);
    struct gpio_device *successor = NULL;
    command(old, "ON");
    assert_int_equal(gpio_device_succeed(old, &options, &successor), 0);
    gpio_device_close(successor);
    assert_true(fake.taken);
    command(old, "OFF");
    assert_string_equal(fake.levels, "010");
    gpio_device_close(old);
    assert_int_equal(fake.releases, 1);
}

static void a_line_is_passed_on_once_and_only_the_same_one(void **state)
{
    (void)state;
    const struct driver_options options = options_of(4, false);
    const struct driver_options other_line = options_of(5, false);
    struct driver_options other_chip = options_of(4, false);
    struct gpio_device *old = open_line(&options);
    struct gpio_device *successor = NULL;
    struct gpio_device *second = NULL;
    other_chip.gpio.chip = "gpiochip1";
    assert_int_equal(gpio_device_succeed(old, &other_line, &second), -ENOENT);
    assert_int_equal(gpio_device_succeed(old, &other_chip, &second), -ENOENT);
    assert_int_equal(gpio_device_succeed(old, &options, &successor), 0);
    assert_int_equal(gpio_device_succeed(old, &options, &second), -ENOENT);
    assert_null(second);
    gpio_device_close(old);
    gpio_device_close(successor);
}

static void a_line_that_somebody_else_has_is_refused(void **state)
{
    (void)state;
    const struct driver_options options = options_of(4, false);
    struct gpio_device *device = open_line(&options);
    struct gpio_device *second = NULL;
    char error[DRIVER_ERROR_SIZE];
    assert_int_equal(gpio_device_open(&lines, &options, &second, error), -EBUSY);
    assert_string_equal(error, "taken");
    gpio_device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_begins_with_off_and_does_what_it_is_told),
        cmocka_unit_test(a_reload_keeps_the_line_and_its_level),
        cmocka_unit_test(a_reload_that_is_given_up_leaves_the_line_to_the_old_one),
        cmocka_unit_test(a_line_is_passed_on_once_and_only_the_same_one),
        cmocka_unit_test(a_line_that_somebody_else_has_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
