#include "common/broker_address.h"

#include "common/parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Where the host is in the text, and the port behind it ("" = none). */
struct parts {
    const char *host;
    size_t host_length;
    const char *port;
    bool has_port;
};

static int split_brackets(const char *text, struct parts *ret)
{
    const char *end = strchr(text, ']');
    if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
        return -EINVAL;
    }
    bool has_port = end[1] == ':';
    *ret = (struct parts){text + 1, (size_t)(end - text - 1), end + 1 + has_port, has_port};
    return 0;
}

static int split(const char *text, struct parts *ret)
{
    if (text[0] == '[') {
        return split_brackets(text, ret);
    }
    const char *colon = strchr(text, ':');
    bool has_port = colon != NULL && strchr(colon + 1, ':') == NULL;
    size_t length = has_port ? (size_t)(colon - text) : strlen(text);
    *ret = (struct parts){text, length, text + length + has_port, has_port};
    return 0;
}

/* Names and literal addresses of both families ('%' is before a zone); no scheme, path or user. */
static bool is_host(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] <= ' ' || strchr("/@[]?#\\", text[i]) != NULL) {
            return false;
        }
    }
    return length > 0;
}

int broker_address_parse(const char *text, struct broker_address *ret)
{
    struct parts parts;
    uint64_t port = 0;
    int r = split(text, &parts);
    if (r < 0 || !is_host(parts.host, parts.host_length)) {
        return -EINVAL;
    }
    if (parts.host_length > BROKER_HOST_MAX_BYTES) {
        return -ENAMETOOLONG;
    }
    if (parts.has_port) {
        r = parse_u64(parts.port, strlen(parts.port), UINT16_MAX, &port);
        if (r < 0 || port == 0) {
            return r < 0 ? r : -ERANGE;
        }
    }
    memcpy(ret->host, parts.host, parts.host_length);
    ret->host[parts.host_length] = '\0';
    ret->port = (uint16_t)port;
    return 0;
}
