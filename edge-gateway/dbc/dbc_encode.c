#include "edge-gateway/dbc/dbc_encode.h"

#include "edge-gateway/dbc/dbc_bits.h"
#include "edge-gateway/dbc/dbc_encode_value.h"
#include "edge-gateway/dbc/dbc_select.h"
#include "edge-gateway/dbc/dbc_wide.h"

#include <string.h>

#define CLASSIC_MAX_BYTES 8

const char *dbc_encode_result_text(enum dbc_encode_result result)
{
    static const char *const texts[] = {
        [DBC_ENCODE_OK] = "encoded",
        [DBC_ENCODE_UNKNOWN_SIGNAL] = "signal is unknown",
        [DBC_ENCODE_UNKNOWN_LABEL] = "label is unknown",
        [DBC_ENCODE_NOT_A_NUMBER] = "value is not a finite number",
        [DBC_ENCODE_OUT_OF_RANGE] = "value is out of range",
        [DBC_ENCODE_RESOLUTION] = "value is finer than the signal's resolution",
        [DBC_ENCODE_MUX_CONFLICT] = "signal is not present with these multiplexor values",
        [DBC_ENCODE_NO_ROOM] = "signal does not fit the message",
    };
    _Static_assert(sizeof(texts) / sizeof(texts[0]) == DBC_ENCODE_RESULT_COUNT,
                   "one text per result");
    return texts[result];
}

size_t dbc_encode_length(const struct dbc_message *message)
{
    static const uint8_t fd_lengths[] = {12, 16, 20, 24, 32, 48, 64};
    size_t size = message->size_bytes;
    for (size_t i = 0; message->fd && size > CLASSIC_MAX_BYTES && i < sizeof(fd_lengths); i++) {
        if (size <= fd_lengths[i]) {
            return fd_lengths[i];
        }
    }
    return size;
}

/* What the multiplexors are to be, by slot. */
struct selection {
    uint64_t raw[DBC_SELECTORS_MAX]; /* unsigned bits */
    bool fixed[DBC_SELECTORS_MAX];   /* given, or chosen for the given signals */
    bool present[DBC_SELECTORS_MAX]; /* selected itself */
};

static bool is_selected(const struct dbc_signal *signal, const struct selection *selection)
{
    uint16_t slot = signal->field.selector_slot;
    return slot == DBC_NO_SLOT ||
           (selection->present[slot] && dbc_selected_by(signal, selection->raw[slot]));
}

static const struct dbc_signal *next_of_name(const struct dbc_message *message, const char *name,
                                             const struct dbc_signal *after)
{
    uint16_t from = after != NULL ? (uint16_t)(after->index + 1) : 0;
    for (uint16_t i = from; i < message->signal_count; i++) {
        if (strcmp(message->signals[i].name, name) == 0) {
            return &message->signals[i];
        }
    }
    return NULL;
}

/* Whether some signal of that name can be there while the slot has this value. */
static bool allows(const struct dbc_message *message, const char *name, uint16_t slot, uint64_t raw)
{
    const struct dbc_signal *signal = NULL;
    bool found = false;
    while ((signal = next_of_name(message, name, signal)) != NULL) {
        found = true;
        if (signal->field.selector_slot != slot || dbc_selected_by(signal, raw)) {
            return true;
        }
    }
    return !found;
}

static bool all_allow(const struct dbc_message *message, const struct dbc_encode_request *request,
                      uint16_t slot, uint64_t raw)
{
    for (size_t i = 0; i < request->count; i++) {
        if (!allows(message, request->inputs[i].signal, slot, raw)) {
            return false;
        }
    }
    return true;
}

/* The first value of the slot that selects `signal` and does not rule out another given signal. */
static void choose(const struct dbc_message *message, const struct dbc_encode_request *request,
                   const struct dbc_signal *signal, struct selection *selection)
{
    uint16_t slot = signal->field.selector_slot;
    for (uint16_t i = 0; i < signal->range_count; i++) {
        uint64_t candidates[2] = {signal->ranges[i].first, signal->ranges[i].last};
        for (size_t c = 0; c < 2; c++) {
            if (!selection->fixed[slot] && all_allow(message, request, slot, candidates[c])) {
                selection->raw[slot] = candidates[c];
                selection->fixed[slot] = true;
            }
        }
    }
    if (!selection->fixed[slot]) {
        selection->raw[slot] = signal->ranges[0].first; /* the conflict shows later */
        selection->fixed[slot] = true;
    }
}

/* The multiplexors that are given themselves. */
static enum dbc_encode_result fix_given(const struct dbc_message *message,
                                        const struct dbc_encode_request *request,
                                        struct selection *selection, size_t *ret_failed)
{
    for (size_t i = 0; i < request->count; i++) {
        const struct dbc_signal *signal = dbc_find_signal(message, request->inputs[i].signal);
        if (signal == NULL) {
            *ret_failed = i;
            return DBC_ENCODE_UNKNOWN_SIGNAL;
        }
        uint16_t slot = signal->field.own_slot;
        if (slot == DBC_NO_SLOT) {
            continue;
        }
        uint64_t raw;
        enum dbc_encode_result result =
            dbc_encode_raw(signal, &request->inputs[i], request->any_value, &raw);
        if (result != DBC_ENCODE_OK) {
            *ret_failed = i;
            return result;
        }
        selection->raw[slot] = raw & signal->field.mask;
        selection->fixed[slot] = true;
    }
    return DBC_ENCODE_OK;
}

/* Whether the fixed multiplexors above the signal let it be there. */
static bool is_possible(const struct dbc_message *message, const struct dbc_signal *signal,
                        const struct selection *selection)
{
    while (signal->field.selector_slot != DBC_NO_SLOT) {
        uint16_t slot = signal->field.selector_slot;
        if (selection->fixed[slot] && !dbc_selected_by(signal, selection->raw[slot])) {
            return false;
        }
        signal = &message->signals[signal->selector];
    }
    return true;
}

/* Of the signals with this name the one that the fixed multiplexors leave; the first if open. */
static const struct dbc_signal *wanted_signal(const struct dbc_message *message, const char *name,
                                              const struct selection *selection)
{
    const struct dbc_signal *first = next_of_name(message, name, NULL);
    for (const struct dbc_signal *signal = first; signal != NULL;
         signal = next_of_name(message, name, signal)) {
        if (is_possible(message, signal, selection)) {
            return signal;
        }
    }
    return first;
}

/* The multiplexors above each given signal. */
static void fix_needed(const struct dbc_message *message, const struct dbc_encode_request *request,
                       struct selection *selection)
{
    for (size_t i = 0; i < request->count; i++) {
        const struct dbc_signal *signal =
            wanted_signal(message, request->inputs[i].signal, selection);
        while (signal->field.selector_slot != DBC_NO_SLOT) {
            if (!selection->fixed[signal->field.selector_slot]) {
                choose(message, request, signal, selection);
            }
            signal = &message->signals[signal->selector];
        }
    }
}

/* All others start as they start; then who is present, from the outermost multiplexor inwards. */
static void settle(const struct dbc_message *message, struct selection *selection)
{
    for (uint16_t slot = 0; slot < message->selector_count; slot++) {
        const struct dbc_signal *signal = &message->signals[message->selectors[slot]];
        if (!selection->fixed[slot]) {
            selection->raw[slot] = dbc_encode_start(signal) & signal->field.mask;
        }
        selection->present[slot] = is_selected(signal, selection);
    }
}

/* Bit by bit: simple, and encoding is rare. */
static void insert(const struct dbc_signal *signal, uint64_t raw, uint8_t *data)
{
    for (unsigned i = 0; i < signal->length_bits; i++) {
        dbc_bits_set(signal, i, (raw >> i & 1) != 0, data);
    }
}

static void insert_start(const struct dbc_signal *signal, uint8_t *data)
{
    if (signal->type != DBC_WIDE) {
        insert(signal, dbc_encode_start(signal), data);
    } else if (signal->has_start) {
        const struct dbc_input start = {.kind = DBC_INPUT_RAW, .decimal = signal->start};
        enum dbc_encode_result result = dbc_wide_put(signal, &start, data);
        (void)result; /* one that does not fit leaves 0 */
    }
}

static void insert_starts(const struct dbc_message *message, const struct selection *selection,
                          uint8_t *data)
{
    for (uint16_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i];
        uint16_t slot = signal->field.own_slot;
        if (signal->field.end_byte > message->size_bytes || !is_selected(signal, selection)) {
            continue;
        }
        if (slot != DBC_NO_SLOT) {
            insert(signal, selection->raw[slot], data);
        } else {
            insert_start(signal, data);
        }
    }
}

static enum dbc_encode_result insert_input(const struct dbc_message *message,
                                           const struct dbc_input *input, bool any_value,
                                           const struct selection *selection, uint8_t *data)
{
    const struct dbc_signal *signal = wanted_signal(message, input->signal, selection);
    if (!is_selected(signal, selection)) {
        return DBC_ENCODE_MUX_CONFLICT;
    }
    if (signal->field.end_byte > message->size_bytes) {
        return DBC_ENCODE_NO_ROOM;
    }
    if (signal->type == DBC_WIDE) {
        return dbc_wide_put(signal, input, data);
    }
    uint64_t raw;
    enum dbc_encode_result result = dbc_encode_raw(signal, input, any_value, &raw);
    if (result == DBC_ENCODE_OK) {
        insert(signal, raw, data);
    }
    return result;
}

enum dbc_encode_result dbc_encode(const struct dbc_message *message,
                                  const struct dbc_encode_request *request, uint8_t *data,
                                  size_t *ret_failed)
{
    struct selection selection;
    memset(&selection, 0, sizeof(selection));
    enum dbc_encode_result result = fix_given(message, request, &selection, ret_failed);
    if (result != DBC_ENCODE_OK) {
        return result;
    }
    fix_needed(message, request, &selection);
    settle(message, &selection);
    memset(data, 0, dbc_encode_length(message));
    insert_starts(message, &selection, data);
    for (size_t i = 0; i < request->count; i++) {
        result = insert_input(message, &request->inputs[i], request->any_value, &selection, data);
        if (result != DBC_ENCODE_OK) {
            *ret_failed = i;
            return result;
        }
    }
    return DBC_ENCODE_OK;
}
