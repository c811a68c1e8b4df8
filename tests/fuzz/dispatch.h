/*
 * An input as what a daemon is told by its broker, message after message, in virtual time.
 *
 * Messages are separated by the byte 0x1f. One is: a byte of flags, then TOPIC, RESPONSE TOPIC and
 * CORRELATION, each ended by a newline, then the payload, which is all the rest. A response topic
 * or correlation of no length is none. Flags, in their six lowest bits (so that '@' is none):
 *   1 retained   2 expires   4 nothing is acknowledged after it
 *   8 the connection is lost before it   48 time that passes before it: none, 20 ms, 1.1 s, 5 s
 */
#ifndef EDGE_TESTS_FUZZ_DISPATCH_H
#define EDGE_TESTS_FUZZ_DISPATCH_H

#include "common/loop.h"
#include "tests/fuzz/fake_link.h"

#include <stddef.h>
#include <stdint.h>

#define DISPATCH_WALL_US INT64_C(1795423160000000)

struct dispatch {
    struct clock_fake clock;
    struct loop *loop;
    /* Whether the daemon may publish there. */
    bool (*may_publish)(const char *topic);
    /* After each message, and after time has passed: between two turns of the loop. */
    void (*between)(void *context);
    void *context;
};

/* Makes the loop; logging goes nowhere. */
void dispatch_begin(struct dispatch *d);
void dispatch_end(struct dispatch *d);

/* Virtual time, in which all that is due happens. */
void dispatch_pass(struct dispatch *d, int64_t span_us);

/* Up to 16 messages; the daemon is started. */
void dispatch_run(struct dispatch *d, const uint8_t *data, size_t size);

#endif
