/*
 * One CAN frame as it was seen on a bus: the value that travels from the bus drivers through every
 * stage. It is independent of the host's byte order and of the kernel's struct layout.
 */
#ifndef EDGE_GATEWAY_CAN_FRAME_H
#define EDGE_GATEWAY_CAN_FRAME_H

#include <stdint.h>

#define FRAME_DATA_MAX_BYTES  64 /* ISO 11898-1:2015, CAN FD */
#define FRAME_ID_STANDARD_MAX 0x7FFu
#define FRAME_ID_EXTENDED_MAX 0x1FFFFFFFu

enum frame_flags {
    FRAME_EXTENDED = 1 << 0, /* 29-bit arbitration id */
    FRAME_REMOTE = 1 << 1,   /* remote transmission request: no data, `len` is the requested DLC */
    FRAME_ERROR =
        1 << 2,         /* error frame; `can_id` holds the error class bits of linux/can/error.h */
    FRAME_FD = 1 << 3,  /* CAN FD format */
    FRAME_BRS = 1 << 4, /* FD: bit rate switched for the data phase */
    FRAME_ESI = 1 << 5, /* FD: sender is error passive */
    FRAME_TX = 1 << 6   /* sent by this host */
};

struct frame {
    int64_t ts_us;   /* wall clock at reception, microseconds since the Unix epoch */
    uint32_t can_id; /* arbitration id without flag bits */
    uint8_t flags;   /* enum frame_flags */
    uint8_t len;     /* payload bytes, 0 to 64 */
    uint8_t bus;     /* index of the bus in the configuration */
    uint8_t data[FRAME_DATA_MAX_BYTES]; /* bytes from `len` on are unspecified */
};

#endif
