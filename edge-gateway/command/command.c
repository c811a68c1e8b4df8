#include "edge-gateway/command/command.h"

#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/dbc/dbc_encode.h"
#include "edge-gateway/dbc/dbc_equal.h"
#include "topics/limits.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US_PER_MS 1000

struct command {
    struct command_rule rule;
    struct frame frame; /* meaningful while waiting */
    struct frame sent;  /* the last one; meaningful once ever_sent */
    bool waiting;
    bool ever_sent;
    int64_t sent_us;
    int64_t expiry_us;
    struct dbc_value *values; /* scratch, one per signal */
    struct dbc_input *inputs; /* scratch: what was, then what is wished */
    size_t inputs_max;
    uint8_t payload[DBC_PAYLOAD_MAX_BYTES]; /* scratch */
};

static const char *const result_texts[] = {
    [COMMAND_ACCEPTED] = "accepted",
    [COMMAND_RETAINED] = "retained",
    [COMMAND_MALFORMED] = "malformed",
    [COMMAND_NOT_ALLOWED] = "not_allowed",
    [COMMAND_UNKNOWN_SIGNAL] = "unknown_signal",
    [COMMAND_SIGNAL_NOT_ALLOWED] = "signal_not_allowed",
    [COMMAND_UNKNOWN_LABEL] = "unknown_label",
    [COMMAND_OUT_OF_RANGE] = "out_of_range",
    [COMMAND_NOT_REPRESENTABLE] = "not_representable",
    [COMMAND_EXPIRED] = "expired",
    [COMMAND_LATE] = "late",
    [COMMAND_STALE_EPOCH] = "stale_epoch",
    [COMMAND_NOT_MASTER] = "not_master",
    [COMMAND_REJECTED_BY_BUS] = "rejected_by_bus",
};
_Static_assert(sizeof(result_texts) / sizeof(result_texts[0]) == COMMAND_RESULT_COUNT,
               "a text for each result");

const char *command_result_text(enum command_result result)
{
    return result_texts[result];
}

int command_new(const struct command_rule *rule, struct command **ret)
{
    struct command *command = calloc(1, sizeof(*command));
    if (command == NULL) {
        return -ENOMEM;
    }
    command->rule = *rule;
    command->inputs_max = (size_t)rule->message->signal_count + PAYLOAD_SIGNALS_MAX;
    command->values = calloc(rule->message->signal_count + 1u, sizeof(struct dbc_value));
    command->inputs = calloc(command->inputs_max, sizeof(struct dbc_input));
    if (command->values == NULL || command->inputs == NULL) {
        command_free(command);
        return -ENOMEM;
    }
    *ret = command;
    return 0;
}

void command_free(struct command *command)
{
    if (command == NULL) {
        return;
    }
    free(command->values);
    free(command->inputs);
    free(command);
}

static struct dbc_input input_of(const struct payload_signal *signal)
{
    struct dbc_input input = {.signal = signal->name, .kind = DBC_INPUT_NUMBER};
    switch (signal->value.type) {
    case PAYLOAD_TEXT:
        input.kind = DBC_INPUT_LABEL;
        input.label = signal->value.text;
        break;
    case PAYLOAD_BOOL:
        input.number = signal->value.truth ? 1.0 : 0.0;
        break;
    case PAYLOAD_NUMBER:
    case PAYLOAD_NULL: /* payload_set_decode() lets none through */
        input.number = signal->value.number;
        break;
    }
    return input;
}

/* The frame that a wish builds on: signals that it leaves out keep their values. NULL = none. */
static const struct frame *ground_of(const struct command *command)
{
    if (command->waiting) {
        return &command->frame;
    }
    return command->ever_sent ? &command->sent : NULL;
}

/* What the ground says, as inputs that the wish then overrides. */
static size_t put_last_values(struct command *command, bool with_multiplexed)
{
    const struct frame *ground = ground_of(command);
    if (ground == NULL) {
        return 0;
    }
    size_t used = 0;
    size_t count = dbc_decode(command->rule.message, ground->data, ground->len, command->values);
    for (size_t i = 0; i < count; i++) {
        const struct dbc_signal *signal = command->values[i].signal;
        bool branch = signal->multiplexed || signal->multiplexor;
        if (with_multiplexed || !branch) {
            command->inputs[used++] = (struct dbc_input){
                .signal = signal->name, .kind = DBC_INPUT_PAYLOAD, .payload = ground->data};
        }
    }
    return used;
}

static enum dbc_encode_result encode(struct command *command, const struct payload_set *set,
                                     bool with_multiplexed, const char **ret_failed)
{
    size_t count = put_last_values(command, with_multiplexed);
    for (size_t i = 0; i < set->count; i++) {
        command->inputs[count++] = input_of(&set->signals[i]);
    }
    size_t failed = 0;
    const struct dbc_encode_request request = {.inputs = command->inputs, .count = count};
    enum dbc_encode_result result =
        dbc_encode(command->rule.message, &request, command->payload, &failed);
    if (result != DBC_ENCODE_OK) {
        *ret_failed = command->inputs[failed].signal;
    }
    return result;
}

static enum command_result result_of(enum dbc_encode_result result)
{
    static const enum command_result results[] = {
        [DBC_ENCODE_OK] = COMMAND_ACCEPTED,
        [DBC_ENCODE_UNKNOWN_SIGNAL] = COMMAND_UNKNOWN_SIGNAL,
        [DBC_ENCODE_UNKNOWN_LABEL] = COMMAND_UNKNOWN_LABEL,
        [DBC_ENCODE_NOT_A_NUMBER] = COMMAND_OUT_OF_RANGE,
        [DBC_ENCODE_OUT_OF_RANGE] = COMMAND_OUT_OF_RANGE,
        [DBC_ENCODE_RESOLUTION] = COMMAND_NOT_REPRESENTABLE,
        [DBC_ENCODE_MUX_CONFLICT] = COMMAND_NOT_REPRESENTABLE,
        [DBC_ENCODE_NO_ROOM] = COMMAND_NOT_REPRESENTABLE,
    };
    _Static_assert(sizeof(results) / sizeof(results[0]) == DBC_ENCODE_RESULT_COUNT,
                   "each encode result");
    return results[result];
}

static enum command_result check_allowed(const struct command *command,
                                         const struct payload_set *set,
                                         struct command_error *reterr)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct dbc_signal *signal =
            dbc_find_signal(command->rule.message, set->signals[i].name);
        if (signal == NULL) {
            (void)snprintf(reterr->text, sizeof(reterr->text), "message '%s' has no signal '%s'",
                           command->rule.message->name, set->signals[i].name);
            return COMMAND_UNKNOWN_SIGNAL;
        }
        if (!command->rule.settable[signal->index]) {
            (void)snprintf(reterr->text, sizeof(reterr->text), "signal '%s' may not be set",
                           signal->name);
            return COMMAND_SIGNAL_NOT_ALLOWED;
        }
    }
    return COMMAND_ACCEPTED;
}

static struct frame frame_of(const struct command *command)
{
    const struct dbc_message *message = command->rule.message;
    size_t length = dbc_encode_length(message);
    struct frame frame = {
        .can_id = message->can_id,
        .flags = (uint8_t)((message->extended ? FRAME_EXTENDED : 0) |
                           (message->fd ? FRAME_FD | FRAME_BRS : 0)),
        .len = (uint8_t)length,
    };
    memcpy(frame.data, command->payload, length);
    return frame;
}

int64_t command_ttl_us(const struct command *command, const struct payload_set *set)
{
    return set->ttl_ms > 0 ? (int64_t)set->ttl_ms * US_PER_MS : command->rule.ttl_us;
}

enum command_result command_offer(struct command *command, const struct payload_set *set,
                                  int64_t now_us, bool *ret_superseded,
                                  struct command_error *reterr)
{
    enum command_result allowed = check_allowed(command, set, reterr);
    if (allowed != COMMAND_ACCEPTED) {
        return allowed;
    }
    if (dbc_encode_length(command->rule.message) > FRAME_DATA_MAX_BYTES) {
        (void)snprintf(reterr->text, sizeof(reterr->text), "message '%s' is longer than a frame",
                       command->rule.message->name);
        return COMMAND_NOT_REPRESENTABLE;
    }
    const char *failed = "";
    enum dbc_encode_result encoded = encode(command, set, true, &failed);
    if (encoded == DBC_ENCODE_MUX_CONFLICT) {
        encoded =
            encode(command, set, false, &failed); /* another multiplexor value than last time */
    }
    if (encoded != DBC_ENCODE_OK) {
        (void)snprintf(reterr->text, sizeof(reterr->text), "signal '%s': %s", failed,
                       dbc_encode_result_text(encoded));
        return result_of(encoded);
    }
    *ret_superseded = command->waiting;
    command->frame = frame_of(command);
    command->waiting = true;
    command->expiry_us = now_us + command_ttl_us(command, set);
    return COMMAND_ACCEPTED;
}

const struct dbc_message *command_message(const struct command *command)
{
    return command->rule.message;
}

const char *command_group(const struct command *command)
{
    return command->rule.group;
}

bool command_is_waiting(const struct command *command)
{
    return command->waiting;
}

int64_t command_send_us(const struct command *command)
{
    if (!command->waiting) {
        return INT64_MAX;
    }
    return command->ever_sent ? command->sent_us + command->rule.min_interval_us : INT64_MIN;
}

int64_t command_expiry_us(const struct command *command)
{
    return command->waiting ? command->expiry_us : INT64_MAX;
}

const struct frame *command_frame(const struct command *command)
{
    assert(command->waiting);
    return &command->frame;
}

void command_sent(struct command *command, int64_t now_us)
{
    command->waiting = false;
    command->ever_sent = true;
    command->sent = command->frame;
    command->sent_us = now_us;
}

void command_given_up(struct command *command)
{
    command->waiting = false; /* what never reached the bus is no ground to build on */
}

static bool groups_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool command_adopt(struct command *command, struct command *from)
{
    const struct command_rule *rule = &command->rule;
    if (!dbc_messages_equal(rule->message, from->rule.message) ||
        !groups_equal(rule->group, from->rule.group) ||
        memcmp(rule->settable, from->rule.settable,
               rule->message->signal_count * sizeof(*rule->settable)) != 0) {
        return false;
    }
    command->frame = from->frame;
    command->sent = from->sent;
    command->waiting = from->waiting;
    command->ever_sent = from->ever_sent;
    command->sent_us = from->sent_us;
    command->expiry_us = from->expiry_us;
    from->waiting = false;
    return true;
}
