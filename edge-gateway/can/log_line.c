#include "edge-gateway/can/log_line.h"

#include <stdio.h>
#include <string.h>

#define ERROR_CLASS_BUS_ERROR 0x80u /* CAN_ERR_BUSERROR of linux/can/error.h */
#define ERROR_DATA_BYTES      8     /* CAN_ERR_DLC */

void log_line_set_channel(struct log_line *line, uint16_t number, struct log_channel *channel)
{
    if (channel->number != number || channel->name[0] == '\0') {
        channel->number = number;
        (void)snprintf(channel->name, sizeof(channel->name), "can%u", number % 10000u);
    }
    line->bus = channel->name;
    line->bus_length = strlen(channel->name);
}

void log_line_set_error(struct log_line *line)
{
    line->frame.flags = FRAME_ERROR;
    line->frame.can_id = ERROR_CLASS_BUS_ERROR;
    line->frame.len = ERROR_DATA_BYTES;
    memset(line->frame.data, 0, ERROR_DATA_BYTES);
}

uint8_t log_line_dlc_bytes(unsigned dlc, bool fd)
{
    static const uint8_t bytes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64};
    return fd || dlc <= 8 ? bytes[dlc & 0xFu] : 8;
}
