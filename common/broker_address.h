/*
 * One entry of `broker.address`: HOST, HOST:PORT, [IPV6], [IPV6]:PORT, or an IPv6 address without
 * brackets, whose colons are its own. Pure.
 */
#ifndef EDGE_COMMON_BROKER_ADDRESS_H
#define EDGE_COMMON_BROKER_ADDRESS_H

#include "common/attributes.h"

#include <stdint.h>

#define BROKER_HOST_MAX_BYTES    253 /* a full name in DNS */
#define BROKER_ADDRESS_MAX_BYTES (BROKER_HOST_MAX_BYTES + 8)

struct broker_address {
    char host[BROKER_HOST_MAX_BYTES + 1];
    uint16_t port; /* 0 = it names none */
};

/* 0; -EINVAL: none of these; -ENAMETOOLONG: the host; -ERANGE: the port. */
EDGE_MUST_CHECK int broker_address_parse(const char *text, struct broker_address *ret);

#endif
