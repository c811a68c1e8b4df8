/*
 * A broker that misbehaves on purpose: it knows just enough MQTT to answer a CONNECT, in the loop
 * of the test, one connection at a time. Bytes by the OASIS standards 3.1.1 and 5.0, section 3.2.
 */
#ifndef EDGE_TESTS_FAKE_BROKER_H
#define EDGE_TESTS_FAKE_BROKER_H

#include "tests/integration/link_bench.h"

enum fake_answer {
    FAKE_ACCEPT,
    FAKE_REFUSE_VERSION_AS_5, /* CONNACK with reason code 0x84 */
    FAKE_REFUSE_VERSION_AS_3, /* CONNACK of 3.1.1 with return code 1 */
    FAKE_REFUSE_BUSY,         /* 0x89 in MQTT 5, 3 in 3.1.1 */
    FAKE_CLOSE,
    FAKE_SILENCE,
    FAKE_GARBAGE,
    FAKE_ACCEPT_AND_DISCONNECT, /* MQTT 5: DISCONNECT with 0x8B, "server shutting down" */
    FAKE_ACCEPT_AND_CLOSE,
    FAKE_ACCEPT_AND_GO_DEAF, /* reads nothing more */
    FAKE_ACCEPT_AND_ACK_NOTHING
};

struct fake_broker {
    struct bench *bench;
    struct mqtt_address address;
    struct loop_fd listener;
    struct loop_fd connection;
    enum fake_answer to_5[4]; /* answers to the CONNECTs of MQTT 5, the last one from then on */
    enum fake_answer to_311;
    size_t count_5;
    char versions[64]; /* a digit for each CONNECT so far: 4 = 3.1.1, 5 */
};

void fake_broker_init(struct fake_broker *fake, struct bench *bench);
void fake_broker_deinit(struct fake_broker *fake);

/* TCP segments with data that have come on this connection. */
unsigned fake_broker_segments(const struct fake_broker *fake);

/* A listener that accepts nothing and whose queue is full, so that connecting to it hangs. */
struct tar_pit {
    struct mqtt_address address;
    int listener;
    int fillers[8];
};

void tar_pit_init(struct tar_pit *pit, struct bench *bench);
void tar_pit_deinit(struct tar_pit *pit);

#endif
