/* The report that `support` asks a running gateway for. */
#ifndef EDGE_GATEWAY_APP_GATEWAY_SUPPORT_H
#define EDGE_GATEWAY_APP_GATEWAY_SUPPORT_H

#include "common/attributes.h"
#include "common/support.h"

struct gateway;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int gateway_support(struct gateway *gateway, struct support **ret);

#endif
