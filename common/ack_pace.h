/*
 * How often a socket is read for acknowledgements. One by one, each wakes the process for four
 * bytes; where thousands come in a second, the kernel is told to wait for several of them
 * (socket(7), SO_RCVLOWAT). What is as long as they are together, as most wishes are without TLS,
 * still wakes the process at once; whatever lies there is looked at after ACK_PACE_PATIENCE_US at
 * the latest.
 */
#ifndef EDGE_COMMON_ACK_PACE_H
#define EDGE_COMMON_ACK_PACE_H

#include "common/loop.h"

#define ACK_PACE_PATIENCE_US INT64_C(2000) /* ten come in it where 5,000 come in a second */

/* Embedded in its owner; fields are the pace's. */
struct ack_pace {
    struct loop *loop;
    void (*look)(void *context);
    void *context;
    size_t together_max;
    size_t together; /* that are awaited */
    struct timer patience;
    int64_t since_us;
    size_t published; /* since then */
};

/* `look` reads the socket. */
void ack_pace_init(struct ack_pace *pace, struct loop *loop, void (*look)(void *context),
                   void *context);

/* No more than so many messages are on their way unacknowledged: half of them are awaited together
 * at most. The lowest limit counts. */
void ack_pace_limit(struct ack_pace *pace, size_t window);

/* A message that will be acknowledged was published. */
void ack_pace_published(struct ack_pace *pace);

/* After what was published and read: the socket of this moment is told what is awaited now. */
void ack_pace_follow(struct ack_pace *pace, int fd, bool is_tls);

/* Before the socket is closed, or after. */
void ack_pace_stop(struct ack_pace *pace);

#endif
