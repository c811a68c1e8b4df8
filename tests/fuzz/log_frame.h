/* What holds for each frame that a log of any form was read to have. */
#ifndef EDGE_TESTS_FUZZ_LOG_FRAME_H
#define EDGE_TESTS_FUZZ_LOG_FRAME_H

#include "edge-gateway/can/log_line.h"
#include "tests/fuzz/fuzz.h"

/* It keeps to frame.h, and its bus has a name within its bounds. */
static inline void fuzz_check_log_frame(const struct log_line *line)
{
    const struct frame *frame = &line->frame;
    bool fd = (frame->flags & FRAME_FD) != 0;
    bool wide_id = (frame->flags & (FRAME_EXTENDED | FRAME_ERROR)) != 0;
    require(frame->len <= (fd ? FRAME_DATA_MAX_BYTES : 8));
    require(frame->can_id <= (wide_id ? FRAME_ID_EXTENDED_MAX : FRAME_ID_STANDARD_MAX));
    require(fd || (frame->flags & (FRAME_BRS | FRAME_ESI)) == 0);
    require(!fd || (frame->flags & FRAME_REMOTE) == 0);
    require(frame->bus == 0);
    require(line->bus_length > 0 && line->bus_length <= LOG_BUS_MAX_BYTES);
}

#endif
