/* What two configurations say differently, and how it is named. */
#include "common/config_compare.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/config_plant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEP 12

static const char base[] = "site: s\n"
                           "broker: { host: h, password: p }\n"
                           "buses: { can0: { driver: replay, dbc: [a.dbc] } }\n";

struct pair {
    struct config *a;
    struct config *b;
};

static struct config *load(const char *text)
{
    struct config *config = NULL;
    struct diagnostics *d = diagnostics_new(0);
    const struct config_text file = {"plant.yaml", text, strlen(text)};
    assert_non_null(d);
    int r = config_load_text(&file, &plant_schema, d, &config);
    if (r != 0) {
        fail_msg("%s", diagnostics_at(d, 0)->message);
    }
    diagnostics_free(d);
    return config;
}

static struct pair load_pair(const char *a, const char *b)
{
    return (struct pair){load(a), load(b)};
}

static void free_pair(struct pair *pair)
{
    config_free(pair->a);
    config_free(pair->b);
}

static char *found(const struct pair *pair, const char *const *except)
{
    struct buf key;
    buf_init(&key, 256);
    bool differ = config_find_difference(&plant_schema, config_root(pair->a), config_root(pair->b),
                                         except, &key);
    assert_true(buf_ok(&key));
    assert_int_equal(differ, key.length > 0);
    char *text = differ ? strdup(key.data) : strdup("");
    assert_non_null(text);
    buf_deinit(&key);
    return text;
}

static void assert_found(const char *text, const char *expected)
{
    const char *const nothing[] = {NULL};
    struct pair pair = load_pair(base, text);
    char *key = found(&pair, nothing);
    assert_string_equal(key, expected);
    free(key);
    free_pair(&pair);
}

static void the_first_difference_is_named(void **state)
{
    (void)state;
    assert_found(base, "");
    assert_found("site: t\nbroker: { host: h, password: p }\n"
                 "buses: { can0: { driver: replay, dbc: [a.dbc] } }\n",
                 "site");
    assert_found("site: s\nbroker: { host: h, password: q }\n"
                 "buses: { can0: { driver: replay, dbc: [a.dbc] } }\n",
                 "broker.password");
    assert_found("site: s\nbroker: { host: h, password: p }\n"
                 "buses: { can0: { driver: replay, dbc: [b.dbc] } }\n",
                 "buses.dbc");
    assert_found("site: s\nbroker: { host: h, password: p }\n"
                 "buses: { can1: { driver: replay, dbc: [a.dbc] } }\n",
                 "buses");
}

static void what_is_excepted_does_not_count(void **state)
{
    (void)state;
    const char *const site[] = {"site", NULL};
    struct pair pair = load_pair(base, "site: t\nbroker: { host: h, password: q }\n"
                                       "buses: { can0: { driver: replay, dbc: [a.dbc] } }\n");
    char *key = found(&pair, site);
    assert_string_equal(key, "broker.password");
    free(key);
    free_pair(&pair);
}

static void only_fixed_keys_are_looked_at(void **state)
{
    (void)state;
    const char *const in_flight[] = {"password", NULL};
    const struct config_fixed fixed[] = {{"broker", in_flight}, {"spare", NULL}, {NULL, NULL}};
    const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"site: t\nbroker: { host: h, password: q }\nbuses: { x: {} }\n", ""},
        {"site: s\nbroker: { host: i, password: q }\nbuses: { x: {} }\n", "broker.host"},
        {"site: s\nbroker: { host: h }\nspare: { host: x }\nbuses: { x: {} }\n", "spare"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pair pair = load_pair(base, cases[i].text);
        struct buf key;
        buf_init(&key, 256);
        bool differ =
            config_find_fixed(&plant_schema, fixed, config_root(pair.a), config_root(pair.b), &key);
        assert_int_equal(differ, cases[i].expected[0] != '\0');
        assert_string_equal(differ ? key.data : "", cases[i].expected);
        buf_deinit(&key);
        free_pair(&pair);
    }
}

/* Sections may hold themselves, to any depth. */
static void a_difference_far_down_is_found_and_named_as_far_as_there_is_room(void **state)
{
    (void)state;
    char texts[2][2048];
    for (int i = 0; i < 2; i++) {
        size_t length = (size_t)snprintf(texts[i], sizeof(texts[i]), "%swhen: ", base);
        for (int depth = 0; depth < DEEP; depth++) {
            length += (size_t)snprintf(texts[i] + length, sizeof(texts[i]) - length, "{ all: [ ");
        }
        length += (size_t)snprintf(texts[i] + length, sizeof(texts[i]) - length, "{ signal: %s }",
                                   i == 0 ? "a" : "b");
        for (int depth = 0; depth < DEEP; depth++) {
            length += (size_t)snprintf(texts[i] + length, sizeof(texts[i]) - length, " ] }");
        }
        assert_true(length < sizeof(texts[i]));
    }
    const char *const nothing[] = {NULL};
    struct pair pair = load_pair(texts[0], texts[1]);
    char *key = found(&pair, nothing);
    assert_string_equal(key, "when.all.all.all.all.all.all.all");
    free(key);
    free_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_difference_is_named),
        cmocka_unit_test(what_is_excepted_does_not_count),
        cmocka_unit_test(only_fixed_keys_are_looked_at),
        cmocka_unit_test(a_difference_far_down_is_found_and_named_as_far_as_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
