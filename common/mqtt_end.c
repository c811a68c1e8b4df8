#include "common/mqtt_end.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <string.h>

#define REFUSED_BAD_VERSION_3 1 /* MQTT 3.1.1, 3.2.2.3 */

static const char *text_of(const struct mqtt_end_facts *facts)
{
    switch (facts->result) {
    case MOSQ_ERR_ERRNO:
        return strerror(facts->system_error);
    case MOSQ_ERR_KEEPALIVE: /* the library has no text for it */
        return "the broker did not answer for the time of a keepalive";
    default:
        return mosquitto_strerror(facts->result);
    }
}

static enum mqtt_end kind_of(const struct mqtt_end_facts *facts)
{
    if (facts->was_up) {
        return MQTT_END_LOST;
    }
    if (facts->connack < 0) {
        return MQTT_END_HUNG_UP;
    }
    bool version = facts->connack == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION ||
                   facts->connack == REFUSED_BAD_VERSION_3;
    return version ? MQTT_END_VERSION : MQTT_END_REFUSED;
}

enum mqtt_end mqtt_end_judge(const struct mqtt_end_facts *facts, char *text, size_t size)
{
    if (facts->connack > 0) {
        (void)snprintf(text, size, "refused by the broker: %s",
                       facts->version_5 ? mosquitto_reason_string(facts->connack)
                                        : mosquitto_connack_string(facts->connack));
    } else if (facts->broker_reason != 0) {
        (void)snprintf(text, size, "closed by the broker: %s",
                       mosquitto_reason_string(facts->broker_reason));
    } else {
        (void)snprintf(text, size, "%s", text_of(facts));
    }
    return kind_of(facts);
}

const char *mqtt_end_name(enum mqtt_end end)
{
    static const char *const names[] = {
        [MQTT_END_UNREACHABLE] = "unreachable",
        [MQTT_END_HUNG_UP] = "hung_up",
        [MQTT_END_VERSION] = "version",
        [MQTT_END_REFUSED] = "refused",
        [MQTT_END_LOST] = "lost",
        [MQTT_END_TLS_FILES] = "tls_files",
        [MQTT_END_TLS_ABSENT] = "tls_absent",
        [MQTT_END_TLS_VERSION] = "tls_version",
        [MQTT_END_TLS_UNTRUSTED] = "tls_untrusted",
        [MQTT_END_TLS_EXPIRED] = "tls_expired",
        [MQTT_END_TLS_NAME] = "tls_name",
        [MQTT_END_TLS_REVOKED] = "tls_revoked",
        [MQTT_END_TLS_OWN_MISSING] = "tls_own_missing",
        [MQTT_END_TLS_OWN_UNTRUSTED] = "tls_own_untrusted",
        [MQTT_END_TLS_OWN_EXPIRED] = "tls_own_expired",
        [MQTT_END_TLS_OWN_REVOKED] = "tls_own_revoked",
        [MQTT_END_TLS_OWN_REFUSED] = "tls_own_refused",
        [MQTT_END_TLS_OTHER] = "tls_other",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == MQTT_END_COUNT, "a name for each end");
    return names[end];
}
