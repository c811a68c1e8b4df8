#include "common/version.h"

#include "common/broker_config.h"
#include "common/config_keys.h"

#include <cjson/cJSON.h>
#include <mosquitto.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <sqlite3.h>
#include <string.h>
#include <yaml.h>

#define TEXT(number)  TEXT_(number)
#define TEXT_(number) #number

struct telling {
    version_fn tell;
    void *context;
};

static void tell_line(const struct telling *t, const char *name, const char *text)
{
    if (text[0] != '\0') {
        t->tell(t->context, name, text);
    }
}

/* "running (built with compiled)" where the two differ. */
static void tell_library(const struct telling *t, const char *name, const char *compiled,
                         const char *running)
{
    char text[128];
    if (strcmp(compiled, running) == 0) {
        tell_line(t, name, running);
    } else {
        (void)snprintf(text, sizeof(text), "%s (built with %s)", running, compiled);
        tell_line(t, name, text);
    }
}

static void tell_mosquitto(const struct telling *t)
{
    char running[32];
    int major = 0;
    int minor = 0;
    int revision = 0;
    (void)mosquitto_lib_version(&major, &minor, &revision);
    (void)snprintf(running, sizeof(running), "%d.%d.%d", major, minor, revision);
    tell_library(
        t, "libmosquitto",
        TEXT(LIBMOSQUITTO_MAJOR) "." TEXT(LIBMOSQUITTO_MINOR) "." TEXT(LIBMOSQUITTO_REVISION),
        running);
}

/* What the key `broker.version` may be, but for leaving the choice to the broker. */
static void tell_mqtt_versions(const struct telling *t)
{
    char text[64] = "";
    int length = 0;
    const struct config_key *key = config_keys_find(&broker_config_schema, "version");
    for (const struct config_name *n = key->names; n->name != NULL; n++) {
        if (n->value != MQTT_VERSION_AUTO) {
            length += snprintf(text + length, sizeof(text) - (size_t)length, "%s%s",
                               length > 0 ? ", " : "", n->name);
        }
    }
    tell_line(t, "MQTT", text);
}

void version_tell(const struct build_facts *facts, version_fn tell, void *context)
{
    const struct telling t = {tell, context};
    tell_line(&t, "commit", facts->commit);
    tell_line(&t, "compiler", facts->compiler);
    tell_line(&t, "processor", facts->processor);
    tell_line(&t, "build", facts->build_type);
    tell_line(&t, "sanitizers", facts->sanitizers);
    tell_mosquitto(&t);
    tell_library(&t, "SQLite", SQLITE_VERSION, sqlite3_libversion());
    tell_library(
        &t, "cJSON",
        TEXT(CJSON_VERSION_MAJOR) "." TEXT(CJSON_VERSION_MINOR) "." TEXT(CJSON_VERSION_PATCH),
        cJSON_Version());
    tell_library(&t, "libyaml", facts->libyaml, yaml_get_version_string());
    tell_library(&t, "OpenSSL", OPENSSL_VERSION_STR, OpenSSL_version(OPENSSL_VERSION_STRING));
    tell_mqtt_versions(&t);
}

static void print_line(void *to, const char *name, const char *text)
{
    (void)fprintf(to, "%s: %s\n", name, text);
}

void version_print(const char *program, const struct build_facts *facts, FILE *to)
{
    (void)fprintf(to, "%s %s\n", program, facts->version);
    version_tell(facts, print_line, to);
}
