#include "edge-gateway/dbc/dbc_compile.h"

#include "edge-gateway/dbc/dbc_bits.h"

#include <string.h>

/* Whether some value of the selector they share switches both on. */
static bool ranges_meet(const struct dbc_signal *a, const struct dbc_signal *b)
{
    for (uint16_t i = 0; i < a->range_count; i++) {
        for (uint16_t j = 0; j < b->range_count; j++) {
            if (a->ranges[i].first <= b->ranges[j].last &&
                b->ranges[j].first <= a->ranges[i].last) {
                return true;
            }
        }
    }
    return false;
}

static const struct dbc_signal *selector_of(const struct dbc_draft_message *message,
                                            const struct dbc_signal *signal)
{
    return &message->signals[signal->selector].signal;
}

/* Whether one frame can have both: no multiplexor above them decides between them. */
static bool may_meet(const struct dbc_draft_message *message, const struct dbc_signal *a,
                     const struct dbc_signal *b)
{
    for (const struct dbc_signal *x = a; x->multiplexed; x = selector_of(message, x)) {
        for (const struct dbc_signal *y = b; y->multiplexed; y = selector_of(message, y)) {
            if (x->selector == y->selector && !ranges_meet(x, y)) {
                return false;
            }
        }
    }
    return true;
}

static bool overlap(const struct dbc_signal *a, const struct dbc_signal *b)
{
    unsigned from =
        a->field.first_byte > b->field.first_byte ? a->field.first_byte : b->field.first_byte;
    unsigned to = a->field.end_byte < b->field.end_byte ? a->field.end_byte : b->field.end_byte;
    for (unsigned byte = from; byte < to; byte++) {
        if ((dbc_bits_in_byte(a, byte) & dbc_bits_in_byte(b, byte)) != 0) {
            return true;
        }
    }
    return false;
}

static void warn_overlaps(const struct dbc_draft_message *message, size_t index,
                          const struct dbc_report *report)
{
    const struct dbc_draft_signal *draft = &message->signals[index];
    for (size_t i = 0; i < index; i++) {
        const struct dbc_signal *other = &message->signals[i].signal;
        if (overlap(other, &draft->signal) && may_meet(message, other, &draft->signal)) {
            dbc_report_warn(report, draft->at, "signal '%s' overlaps signal '%s'",
                            draft->signal.name, other->name);
            return;
        }
    }
}

void dbc_check_layout(const struct dbc_draft_message *message, const struct dbc_report *report)
{
    for (size_t i = 0; i < message->signal_count; i++) {
        const struct dbc_draft_signal *draft = &message->signals[i];
        if (draft->signal.field.end_byte > message->message.size_bytes) {
            dbc_report_warn(report, draft->at,
                            "signal '%s' reaches beyond the %u bytes of message '%s'",
                            draft->signal.name, message->message.size_bytes, message->message.name);
        }
        warn_overlaps(message, i, report);
    }
}
