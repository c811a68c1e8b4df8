#include "common/ack_pace.h"

#include <sys/socket.h>

#define TOGETHER_MAX  10
#define SPAN_US       INT64_C(10000) /* that the rate is taken over */
#define BUSY_PER_SPAN 50             /* 5,000 in a second */
#define ACK_BYTES     4              /* MQTT 5, 3.4: a PUBACK without properties */
#define TLS_ACK_BYTES 26             /* RFC 8446, 5.2: header, type and tag come to it */

static void on_patience(void *context)
{
    struct ack_pace *pace = context;
    loop_timer_after(pace->loop, &pace->patience, ACK_PACE_PATIENCE_US);
    pace->look(pace->context);
}

void ack_pace_init(struct ack_pace *pace, struct loop *loop, void (*look)(void *context),
                   void *context)
{
    *pace = (struct ack_pace){.loop = loop,
                              .look = look,
                              .context = context,
                              .together_max = TOGETHER_MAX,
                              .together = 1,
                              .patience = {.fn = on_patience, .context = pace},
                              .since_us = loop_now_us(loop)};
}

void ack_pace_limit(struct ack_pace *pace, size_t window)
{
    size_t half = window / 2;
    pace->together_max = half < pace->together_max ? half : pace->together_max;
}

void ack_pace_published(struct ack_pace *pace)
{
    pace->published++;
}

static void wait_for(struct ack_pace *pace, size_t together, int fd, bool is_tls)
{
    size_t bytes = together > 1 ? together * (is_tls ? TLS_ACK_BYTES : ACK_BYTES) : 1;
    int value = (int)bytes;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof(value)) < 0) {
        return; /* it only saves work */
    }
    pace->together = together;
    if (together > 1) {
        loop_timer_after(pace->loop, &pace->patience, ACK_PACE_PATIENCE_US);
    } else {
        loop_timer_cancel(pace->loop, &pace->patience);
    }
}

void ack_pace_follow(struct ack_pace *pace, int fd, bool is_tls)
{
    int64_t now_us = loop_now_us(pace->loop);
    int64_t span_us = now_us - pace->since_us;
    if (span_us < SPAN_US) {
        return;
    }
    bool is_busy = (int64_t)pace->published * SPAN_US >= BUSY_PER_SPAN * span_us;
    size_t together = is_busy && pace->together_max > 1 ? pace->together_max : 1;
    pace->published = 0;
    pace->since_us = now_us;
    if (together != pace->together) {
        wait_for(pace, together, fd, is_tls);
    }
}

void ack_pace_stop(struct ack_pace *pace)
{
    loop_timer_cancel(pace->loop, &pace->patience);
}
