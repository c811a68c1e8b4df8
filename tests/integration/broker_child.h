/*
 * A mosquitto of the test's own: a child process with a folder of its own, on a free port of the
 * loopback interface. It dies with the test, however that ends.
 */
#ifndef EDGE_TESTS_BROKER_CHILD_H
#define EDGE_TESTS_BROKER_CHILD_H

#include "tests/integration/link_bench.h"

#include <sys/types.h>

struct broker {
    char folder[64];
    struct mqtt_address address;
    pid_t pid;
};

/* `options`: lines for mosquitto.conf. Beside it are the files "passwords", empty, and "acl", which
 * allows only topics below "allowed". */
void broker_init(struct broker *broker, const char *options);
void broker_deinit(struct broker *broker);

/* Starts the program and waits until it takes connections. */
void broker_start(struct broker *broker, struct bench *bench);
void broker_kill(struct broker *broker);
/* Still there, and deaf. */
void broker_freeze(const struct broker *broker);

/* Adds a user to the broker's file "passwords". */
void broker_add_user(const struct broker *broker, const char *user, const char *password);

#endif
