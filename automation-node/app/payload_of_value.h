/* A value of the engine as a payload says it. */
#ifndef EDGE_AUTOMATION_NODE_APP_PAYLOAD_OF_VALUE_H
#define EDGE_AUTOMATION_NODE_APP_PAYLOAD_OF_VALUE_H

#include "automation-node/input/value.h"
#include "topics/payload_value.h"

/* Borrows the text. */
static inline struct payload_value payload_of_value(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NUMBER:
        return (struct payload_value){.type = PAYLOAD_NUMBER, .number = value->number};
    case VALUE_TEXT:
        return (struct payload_value){.type = PAYLOAD_TEXT, .text = value->text};
    case VALUE_NONE:
        break;
    }
    return (struct payload_value){.type = PAYLOAD_NULL};
}

#endif
