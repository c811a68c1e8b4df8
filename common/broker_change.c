#include "common/broker_change.h"

#include "common/config_compare.h"

#define SESSION_KEYS \
    "address", "port", "username", "password", "tls", "version", "keepalive", "session_expiry"
#define TUNE_KEYS "connect_timeout", "retry_min", "retry_max", "reconnect_spread", "limits"

#define KEY_MAX_BYTES 256

const char *const broker_in_flight[] = {SESSION_KEYS, TUNE_KEYS, NULL};

static const char *const tune_keys[] = {TUNE_KEYS, NULL};
static const char *const nothing[] = {NULL};

static bool differ(const struct broker_config *old, const struct broker_config *config,
                   const char *const *except)
{
    struct buf key;
    buf_init(&key, KEY_MAX_BYTES);
    bool found = config_find_difference(&broker_config_schema, old, config, except, &key);
    buf_deinit(&key);
    return found;
}

enum broker_change broker_change_between(const struct broker_config *old,
                                         const struct broker_config *config)
{
    if (differ(old, config, tune_keys)) {
        return BROKER_MOVE;
    }
    return differ(old, config, nothing) ? BROKER_TUNE : BROKER_SAME;
}
