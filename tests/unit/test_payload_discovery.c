#include "topics/discovery_pages.h"
#include "topics/discovery_template.h"
#include "topics/discovery_topic.h"
#include "topics/payload_discovery.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_MAX 8

struct fixture {
    struct discovery_pages pages;
    char topics[PAGES_MAX][TOPIC_MAX_BYTES + 1];
    char *payloads[PAGES_MAX];
    size_t count;
    int answer;
};

static int take(void *context, const char *topic, const char *payload, size_t length)
{
    struct fixture *f = context;
    assert_true(f->count < PAGES_MAX);
    assert_true(length < DISCOVERY_PAYLOAD_MAX_BYTES);
    assert_int_equal(strlen(payload), length);
    (void)snprintf(f->topics[f->count], sizeof(f->topics[0]), "%s", topic);
    f->payloads[f->count++] = strdup(payload);
    return f->answer;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    discovery_pages_init(&f->pages, "homeassistant", "n", take, f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < f->count; i++) {
        free(f->payloads[i]);
    }
    free(f);
    return 0;
}

static const struct discovery_device device = {
    .id = "s_n",
    .name = "N",
    .via = "s_gw",
    .origin = "edge-gateway",
    .version = "1",
    .availability = {.items = {{"edge/s/n/status", NULL}, {"b", "{{ x }}"}}, .count = 2},
};

static struct discovery_entity sensor(const char *key)
{
    return (struct discovery_entity){.platform = DISCOVERY_SENSOR,
                                     .key = key,
                                     .unique_id = key,
                                     .name = key,
                                     .state_topic = "t"};
}

static void a_device_is_written_with_the_keys_of_its_root_and_no_other(void **state)
{
    struct fixture *f = *state;
    const int precision = 2;
    struct discovery_entity e = sensor("a");
    e.name = NULL;
    e.precision = &precision;
    e.category = DISCOVERY_DIAGNOSTIC;
    e.is_disabled = true;
    discovery_pages_begin(&f->pages, &device);
    assert_int_equal(discovery_pages_entity(&f->pages, &e), 0);
    assert_int_equal(discovery_pages_end(&f->pages), 0);
    assert_int_equal(f->count, 1);
    assert_string_equal(f->topics[0], "homeassistant/device/n/s_n/config");
    assert_string_equal(
        f->payloads[0],
        "{\"dev\":{\"ids\":[\"s_n\"],\"name\":\"N\",\"via_device\":\"s_gw\"},"
        "\"o\":{\"name\":\"edge-gateway\",\"sw\":\"1\"},"
        "\"avty\":[{\"t\":\"edge/s/n/status\"},{\"t\":\"b\",\"val_tpl\":\"{{ x }}\"}],"
        "\"avty_mode\":\"all\",\"cmps\":{\"a\":{\"p\":\"sensor\",\"uniq_id\":\"a\","
        "\"name\":null,\"qos\":1,\"ent_cat\":\"diagnostic\",\"en\":false,\"stat_t\":\"t\","
        "\"sug_dsp_prc\":2}}}");
}

static void a_device_without_entities_is_not_told_of(void **state)
{
    struct fixture *f = *state;
    discovery_pages_begin(&f->pages, &device);
    assert_int_equal(discovery_pages_end(&f->pages), 0);
    assert_int_equal(f->count, 0);
}

static void what_does_not_fit_begins_another_page(void **state)
{
    struct fixture *f = *state;
    char *icon = calloc(1, 10001);
    assert_non_null(icon);
    memset(icon, 'x', 10000);
    discovery_pages_begin(&f->pages, &device);
    for (int i = 0; i < 7; i++) {
        char key[] = "k0";
        key[1] = (char)('0' + i);
        struct discovery_entity e = sensor(key);
        e.icon = icon;
        assert_int_equal(discovery_pages_entity(&f->pages, &e), 0);
    }
    assert_int_equal(discovery_pages_end(&f->pages), 0);
    free(icon);
    assert_int_equal(f->count, 3);
    assert_string_equal(f->topics[1], "homeassistant/device/n/s_n__2/config");
    assert_non_null(strstr(f->payloads[1], "\"ids\":[\"s_n\"]"));
    assert_non_null(strstr(f->payloads[2], "\"k6\""));
}

static void what_fits_on_no_page_is_left_out_alone(void **state)
{
    struct fixture *f = *state;
    char *icon = calloc(1, DISCOVERY_PAYLOAD_MAX_BYTES + 1);
    assert_non_null(icon);
    memset(icon, 'x', DISCOVERY_PAYLOAD_MAX_BYTES);
    struct discovery_entity large = sensor("large");
    struct discovery_entity small = sensor("small");
    large.icon = icon;
    discovery_pages_begin(&f->pages, &device);
    assert_int_equal(discovery_pages_entity(&f->pages, &large), -EMSGSIZE);
    assert_int_equal(discovery_pages_entity(&f->pages, &small), 0);
    assert_int_equal(discovery_pages_end(&f->pages), 0);
    free(icon);
    assert_int_equal(f->count, 1);
    assert_null(strstr(f->payloads[0], "large"));
}

static void an_error_of_the_page_function_is_passed_on(void **state)
{
    struct fixture *f = *state;
    const struct discovery_entity e = sensor("a");
    f->answer = -ENOMEM;
    discovery_pages_begin(&f->pages, &device);
    assert_int_equal(discovery_pages_entity(&f->pages, &e), 0);
    assert_int_equal(discovery_pages_end(&f->pages), -ENOMEM);
}

static void ids_are_what_topics_take(void **state)
{
    char id[DISCOVERY_ID_MAX_BYTES + 1] = "x";
    char small[4];
    char topic[TOPIC_MAX_BYTES + 1];
    (void)state;
    assert_int_equal(discovery_id((const char *const[]){"a", "b c.d", "ä", NULL}, id, sizeof(id)),
                     0);
    assert_string_equal(id, "a_b_c_d___");
    assert_int_equal(discovery_id((const char *const[]){"abcd", NULL}, small, sizeof(small)),
                     -ENAMETOOLONG);
    assert_int_equal(discovery_id((const char *const[]){NULL}, id, sizeof(id)), -EINVAL);
    assert_int_equal(discovery_config_topic("ha", "n", "a.b", topic, sizeof(topic)), -EINVAL);
    assert_int_equal(discovery_config_topic("ha", "n/m", "a", topic, sizeof(topic)), -EINVAL);
    assert_int_equal(discovery_config_topic("h a", "n", "a", topic, sizeof(topic)), -EINVAL);
    assert_int_equal(discovery_config_topic("ha", "n", "a", topic, 8), -ENAMETOOLONG);
    assert_int_equal(discovery_birth_topic("ha", topic, sizeof(topic)), 0);
    assert_string_equal(topic, "ha/status");
}

static void names_in_templates_are_quoted(void **state)
{
    const struct discovery_value value = {.signal = "a'b\\c"};
    char text[DISCOVERY_TEMPLATE_SIZE];
    char small[16];
    (void)state;
    assert_int_equal(discovery_template_number(&value, text, sizeof(text)), 0);
    assert_string_equal(text, "{{ value_json.signals.get('a\\'b\\\\c', '') }}");
    assert_int_equal(discovery_template_number(&value, small, sizeof(small)), -EMSGSIZE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_device_is_written_with_the_keys_of_its_root_and_no_other),
        TEST(a_device_without_entities_is_not_told_of),
        TEST(what_does_not_fit_begins_another_page),
        TEST(what_fits_on_no_page_is_left_out_alone),
        TEST(an_error_of_the_page_function_is_passed_on),
        TEST(ids_are_what_topics_take),
        TEST(names_in_templates_are_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
