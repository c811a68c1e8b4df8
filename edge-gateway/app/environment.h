/* What the parts of one running gateway share. Everything is borrowed from gateway.c. */
#ifndef EDGE_GATEWAY_APP_ENVIRONMENT_H
#define EDGE_GATEWAY_APP_ENVIRONMENT_H

#include "common/loop.h"
#include "common/lvq.h"

struct frame_log;

struct environment {
    struct loop *loop;
    struct lvq *queue;
    const char *prefix; /* of the topic tree */
    const char *site;
    const char *node;
    struct frame_log *log; /* NULL: readings are not logged */
};

#endif
