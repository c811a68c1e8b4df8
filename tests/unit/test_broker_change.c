/* What each key of the `broker` section means for a connection that is up. */
#include "common/broker_change.h"
#include "common/config_compare.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

enum fate {
    FATE_SAME,
    FATE_TUNE,
    FATE_MOVE,
    FATE_RESTART
};

struct change {
    const char *key;
    const char *before; /* more lines of the section */
    const char *after;
    enum fate fate;
};

static const struct change changes[] = {
    {"address", "address: a", "address: a", FATE_SAME},
    {"address", "address: a", "address: b", FATE_MOVE},
    {"address", "address: a", "address: [a, b]", FATE_MOVE},
    {"address", "address: [a, b]", "address: [b, a]", FATE_MOVE},
    {"port", "address: a", "address: a\nport: 1883", FATE_MOVE},
    {"port", "address: a\nport: 1884", "address: a\nport: 1885", FATE_MOVE},
    {"username", "address: a", "address: a\nusername: u", FATE_MOVE},
    {"password", "address: a\npassword: p", "address: a\npassword: q", FATE_MOVE},
    {"tls", "address: a", "address: a\ntls: {}", FATE_MOVE},
    {"tls", "address: a\ntls: {ca: x.pem}", "address: a\ntls: {ca: y.pem}", FATE_MOVE},
    {"tls", "address: a\ntls: {}", "address: a\ntls: {min_version: 1.3}", FATE_MOVE},
    {"version", "address: a", "address: a\nversion: 3.1.1", FATE_MOVE},
    {"keepalive", "address: a", "address: a\nkeepalive: 30s", FATE_MOVE},
    {"keepalive", "address: a", "address: a\nkeepalive: 15000ms", FATE_SAME},
    {"session_expiry", "address: a", "address: a\nsession_expiry: 1h", FATE_MOVE},
    {"connect_timeout", "address: a", "address: a\nconnect_timeout: 3s", FATE_TUNE},
    {"retry_min", "address: a", "address: a\nretry_min: 1s", FATE_TUNE},
    {"retry_max", "address: a", "address: a\nretry_max: 1min", FATE_TUNE},
    {"reconnect_spread", "address: a", "address: a\nreconnect_spread: 20s", FATE_TUNE},
    {"limits", "address: a", "address: a\nlimits: {wishes: 5}", FATE_TUNE},
    {"limits", "address: a", "address: b\nlimits: {wishes: 5}", FATE_MOVE},
    {"prefix", "address: a", "address: a\nprefix: e", FATE_RESTART},
    {"client_id", "address: a", "address: a\nclient_id: me", FATE_RESTART},
    {"max_outstanding", "address: a", "address: a\nmax_outstanding: 50", FATE_RESTART},
    {"ledger", "address: a", "address: a\nledger: x", FATE_RESTART},
};

#define CHANGE_COUNT (sizeof(changes) / sizeof(changes[0]))

static struct config *load(const char *text)
{
    struct config *config = NULL;
    struct diagnostics *d = diagnostics_new(0);
    const struct config_text file = {"broker.yaml", text, strlen(text)};
    assert_non_null(d);
    int r = config_load_text(&file, &broker_config_schema, d, &config);
    if (r != 0) {
        fail_msg("%s: %s", text, diagnostics_at(d, 0)->message);
    }
    diagnostics_free(d);
    return config;
}

static enum fate fate_of(const struct change *change)
{
    struct config *before = load(change->before);
    struct config *after = load(change->after);
    struct buf key;
    enum fate fate = FATE_RESTART;
    buf_init(&key, 64);
    if (config_find_difference(&broker_config_schema, config_root(before), config_root(after),
                               broker_in_flight, &key)) {
        assert_string_equal(key.data, change->key);
    } else {
        static const enum fate fates[] = {
            [BROKER_SAME] = FATE_SAME, [BROKER_TUNE] = FATE_TUNE, [BROKER_MOVE] = FATE_MOVE};
        fate = fates[broker_change_between(config_root(before), config_root(after))];
    }
    buf_deinit(&key);
    config_free(before);
    config_free(after);
    return fate;
}

static void each_change_has_its_fate(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGE_COUNT; i++) {
        if (fate_of(&changes[i]) != changes[i].fate) {
            fail_msg("%s: '%s' to '%s' is not %d", changes[i].key, changes[i].before,
                     changes[i].after, (int)changes[i].fate);
        }
    }
}

/* One that is new in the section has to be thought of, and is fixed until then. */
static void each_key_of_the_section_is_among_them(void **state)
{
    (void)state;
    for (const struct config_key *key = broker_config_schema.keys; key->name != NULL; key++) {
        size_t i = 0;
        while (i < CHANGE_COUNT && strcmp(changes[i].key, key->name) != 0) {
            i++;
        }
        if (i == CHANGE_COUNT) {
            fail_msg("what does a change of %s do to a connection?", key->name);
        }
    }
}

/* A key that is misspelt there would be one that needs a restart. */
static void what_may_change_are_keys_of_the_section(void **state)
{
    (void)state;
    for (const char *const *name = broker_in_flight; *name != NULL; name++) {
        const struct config_key *key = broker_config_schema.keys;
        while (key->name != NULL && strcmp(key->name, *name) != 0) {
            key++;
        }
        assert_non_null(key->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_has_its_fate),
        cmocka_unit_test(each_key_of_the_section_is_among_them),
        cmocka_unit_test(what_may_change_are_keys_of_the_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
