#include "edge-gateway/dbc/dbc_compile.h"

#include <errno.h>
#include <string.h>

#define NOT_FOUND UINT16_MAX

/* The multiplexor a plain "m3" refers to: the one that is not multiplexed itself. */
static uint16_t root_selector(const struct dbc_draft_message *message)
{
    for (size_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i].signal;
        if (signal->multiplexor && !signal->multiplexed) {
            return (uint16_t)i;
        }
    }
    return NOT_FOUND;
}

static uint16_t named_selector(const struct dbc_draft_message *message, const char *name)
{
    const struct dbc_draft_signal *signal = dbc_draft_next_signal(message, name, NULL);
    return signal != NULL ? (uint16_t)(signal - message->signals) : NOT_FOUND;
}

static void resolve(struct dbc_draft_message *message, const struct dbc_report *report)
{
    uint16_t root = root_selector(message);
    for (size_t i = 0; i < message->signal_count; i++) {
        struct dbc_draft_signal *draft = &message->signals[i];
        struct dbc_signal *signal = &draft->signal;
        signal->field.selector_slot = DBC_NO_SLOT;
        signal->field.own_slot = DBC_NO_SLOT;
        if (!signal->multiplexed) {
            continue;
        }
        signal->selector =
            draft->selector_name != NULL ? named_selector(message, draft->selector_name) : root;
        bool usable = signal->selector != NOT_FOUND && signal->selector != i &&
                      message->signals[signal->selector].signal.type != DBC_WIDE &&
                      message->signals[signal->selector].signal.type != DBC_FLOAT;
        if (!usable) {
            dbc_report_warn(report, draft->at,
                            "no multiplexor selects signal '%s': read as always present",
                            signal->name);
            signal->multiplexed = false;
        }
    }
}

static bool is_selector(const struct dbc_draft_message *message, size_t index)
{
    for (size_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i].signal;
        if (signal->multiplexed && signal->selector == index) {
            return true;
        }
    }
    return false;
}

static uint16_t slot_of(const uint16_t *order, size_t count, uint16_t index)
{
    for (size_t i = 0; i < count; i++) {
        if (order[i] == index) {
            return (uint16_t)i;
        }
    }
    return DBC_NO_SLOT;
}

/* Each selector after the one that selects it. What is left over selects itself in a circle. */
static size_t order_selectors(struct dbc_draft_message *message, uint16_t *order)
{
    size_t count = 0;
    size_t before;
    do {
        before = count;
        for (size_t i = 0; i < message->signal_count && count < DBC_SELECTORS_MAX; i++) {
            const struct dbc_signal *signal = &message->signals[i].signal;
            bool ready =
                signal->multiplexor &&
                (!signal->multiplexed || slot_of(order, count, signal->selector) != DBC_NO_SLOT) &&
                slot_of(order, count, (uint16_t)i) == DBC_NO_SLOT;
            if (ready && is_selector(message, i)) {
                order[count++] = (uint16_t)i;
            }
        }
    } while (count > before);
    return count;
}

static void assign_slots(struct dbc_draft_message *message, const uint16_t *order, size_t count,
                         const struct dbc_report *report)
{
    for (size_t i = 0; i < message->signal_count; i++) {
        struct dbc_draft_signal *draft = &message->signals[i];
        struct dbc_signal *signal = &draft->signal;
        signal->field.own_slot = slot_of(order, count, (uint16_t)i);
        if (!signal->multiplexed) {
            continue;
        }
        signal->field.selector_slot = slot_of(order, count, signal->selector);
        if (signal->field.selector_slot == DBC_NO_SLOT) {
            dbc_report_warn(report, draft->at,
                            "the multiplexing of signal '%s' cannot be resolved: read as always "
                            "present",
                            signal->name);
            signal->multiplexed = false;
        }
    }
}

int dbc_compile_selectors(struct dbc_draft *draft, struct dbc_draft_message *message,
                          const struct dbc_report *report)
{
    uint16_t order[DBC_SELECTORS_MAX];
    resolve(message, report);
    for (size_t i = 0; i < message->signal_count; i++) {
        struct dbc_signal *signal = &message->signals[i].signal;
        if (signal->multiplexed) {
            message->signals[signal->selector].signal.multiplexor = true;
        }
    }
    size_t count = order_selectors(message, order);
    assign_slots(message, order, count, report);
    uint16_t *selectors = dbc_arena_alloc(draft->arena, count, sizeof(*selectors));
    if (selectors == NULL) {
        return -ENOMEM;
    }
    memcpy(selectors, order, count * sizeof(*selectors));
    message->message.selectors = selectors;
    message->message.selector_count = (uint16_t)count;
    return 0;
}
