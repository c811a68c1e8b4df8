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

static void print_line(const char *name, const char *text, FILE *to)
{
    if (text[0] != '\0') {
        (void)fprintf(to, "%s: %s\n", name, text);
    }
}

/* "running (built with compiled)" where the two differ. */
static void print_library(const char *name, const char *compiled, const char *running, FILE *to)
{
    if (strcmp(compiled, running) == 0) {
        (void)fprintf(to, "%s: %s\n", name, running);
    } else {
        (void)fprintf(to, "%s: %s (built with %s)\n", name, running, compiled);
    }
}

static void print_mosquitto(FILE *to)
{
    char running[32];
    int major = 0;
    int minor = 0;
    int revision = 0;
    (void)mosquitto_lib_version(&major, &minor, &revision);
    (void)snprintf(running, sizeof(running), "%d.%d.%d", major, minor, revision);
    print_library(
        "libmosquitto",
        TEXT(LIBMOSQUITTO_MAJOR) "." TEXT(LIBMOSQUITTO_MINOR) "." TEXT(LIBMOSQUITTO_REVISION),
        running, to);
}

/* What the key `broker.version` may be, but for leaving the choice to the broker. */
static void print_mqtt_versions(FILE *to)
{
    const char *lead = "MQTT: ";
    const struct config_key *key = config_keys_find(&broker_config_schema, "version");
    for (const struct config_name *n = key->names; n->name != NULL; n++) {
        if (n->value != MQTT_VERSION_AUTO) {
            (void)fprintf(to, "%s%s", lead, n->name);
            lead = ", ";
        }
    }
    (void)fputs("\n", to);
}

void version_print(const char *program, const struct build_facts *facts, FILE *to)
{
    (void)fprintf(to, "%s %s\n", program, facts->version);
    print_line("commit", facts->commit, to);
    print_line("compiler", facts->compiler, to);
    print_line("processor", facts->processor, to);
    print_line("build", facts->build_type, to);
    print_line("sanitizers", facts->sanitizers, to);
    print_mosquitto(to);
    print_library("SQLite", SQLITE_VERSION, sqlite3_libversion(), to);
    print_library(
        "cJSON",
        TEXT(CJSON_VERSION_MAJOR) "." TEXT(CJSON_VERSION_MINOR) "." TEXT(CJSON_VERSION_PATCH),
        cJSON_Version(), to);
    print_library("libyaml", facts->libyaml, yaml_get_version_string(), to);
    print_library("OpenSSL", OPENSSL_VERSION_STR, OpenSSL_version(OPENSSL_VERSION_STRING), to);
    print_mqtt_versions(to);
}
