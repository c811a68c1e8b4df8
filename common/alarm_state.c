#include "common/alarm_state.h"

#include <stddef.h>

enum alarm_status alarm_state_status(const struct alarm_state *state)
{
    if (state->out_of_service) {
        return ALARM_OUT_OF_SERVICE;
    }
    if (state->suppressed) {
        return ALARM_SUPPRESSED;
    }
    if (state->shelved) {
        return ALARM_SHELVED;
    }
    if (state->active) {
        return state->unacked ? ALARM_ACTIVE_UNACK : ALARM_ACTIVE_ACK;
    }
    if (state->latched) {
        return state->unacked ? ALARM_LATCHED_UNACK : ALARM_LATCHED_ACK;
    }
    return state->unacked ? ALARM_RETURNED_UNACK : ALARM_NORMAL;
}

bool alarm_state_is_hidden(const struct alarm_state *state)
{
    return state->out_of_service || state->suppressed || state->shelved;
}

static enum alarm_verdict raise_alarm(struct alarm_state *state,
                                      const struct alarm_options *options)
{
    if (state->active) {
        return ALARM_UNCHANGED;
    }
    state->active = true;
    state->latched = false;
    state->unacked = options->ack != ALARM_ACK_NONE;
    return ALARM_CHANGED;
}

static enum alarm_verdict clear(struct alarm_state *state, const struct alarm_options *options)
{
    if (!state->active) {
        return ALARM_UNCHANGED;
    }
    state->active = false;
    state->latched = options->latches;
    state->unacked = state->unacked && options->ack == ALARM_ACK_REQUIRED;
    return ALARM_CHANGED;
}

static enum alarm_verdict acknowledge(struct alarm_state *state,
                                      const struct alarm_options *options)
{
    (void)options;
    if (!state->unacked) {
        return ALARM_REFUSED_NOT_UNACKED;
    }
    state->unacked = false;
    return ALARM_CHANGED;
}

static enum alarm_verdict reset(struct alarm_state *state, const struct alarm_options *options)
{
    (void)options;
    if (state->active) {
        return ALARM_REFUSED_ACTIVE;
    }
    if (!state->latched) {
        return ALARM_REFUSED_NOT_LATCHED;
    }
    if (state->unacked) {
        return ALARM_REFUSED_UNACKED;
    }
    state->latched = false;
    return ALARM_CHANGED;
}

/* Shelving needs a span: alarm_state_shelve(). */
static enum alarm_verdict shelve(struct alarm_state *state, const struct alarm_options *options)
{
    (void)state;
    (void)options;
    return ALARM_REFUSED_SPAN;
}

static enum alarm_verdict unshelve(struct alarm_state *state, const struct alarm_options *options)
{
    (void)options;
    if (!state->shelved) {
        return ALARM_REFUSED_NOT_SHELVED;
    }
    state->shelved = false;
    return ALARM_CHANGED;
}

static enum alarm_verdict hide(bool *flag)
{
    enum alarm_verdict verdict = *flag ? ALARM_UNCHANGED : ALARM_CHANGED;
    *flag = true;
    return verdict;
}

static enum alarm_verdict suppress(struct alarm_state *state, const struct alarm_options *options)
{
    (void)options;
    return hide(&state->suppressed);
}

static enum alarm_verdict take_out(struct alarm_state *state, const struct alarm_options *options)
{
    (void)options;
    return hide(&state->out_of_service);
}

static enum alarm_verdict restore(struct alarm_state *state, const struct alarm_options *options)
{
    (void)options;
    if (!state->suppressed && !state->out_of_service) {
        return ALARM_REFUSED_IN_SERVICE;
    }
    state->suppressed = false;
    state->out_of_service = false;
    return ALARM_CHANGED;
}

/* Back among those that people are called for: what is wrong now calls them, what is over does not
 * any more, unless it latched. */
static void come_back(struct alarm_state *state, const struct alarm_options *options)
{
    if (state->active) {
        state->unacked = options->ack != ALARM_ACK_NONE;
    } else if (!state->latched) {
        state->unacked = false;
    }
}

/* After an event: `hidden` and `shown` are what was before it. */
static void settle(struct alarm_state *state, const struct alarm_options *options, bool hidden,
                   enum alarm_status shown, int64_t now_us)
{
    if (hidden && !alarm_state_is_hidden(state)) {
        come_back(state, options);
    }
    if (alarm_state_status(state) != shown) {
        state->since_us = now_us;
    }
}

enum alarm_verdict alarm_state_apply(struct alarm_state *state, const struct alarm_options *options,
                                     enum alarm_event event, int64_t now_us)
{
    static enum alarm_verdict (*const events[])(struct alarm_state * state,
                                                const struct alarm_options *options) = {
        [ALARM_EVENT_RAISE] = raise_alarm, [ALARM_EVENT_CLEAR] = clear,
        [ALARM_EVENT_ACK] = acknowledge,   [ALARM_EVENT_RESET] = reset,
        [ALARM_EVENT_SHELVE] = shelve,     [ALARM_EVENT_UNSHELVE] = unshelve,
        [ALARM_EVENT_SUPPRESS] = suppress, [ALARM_EVENT_TAKE_OUT] = take_out,
        [ALARM_EVENT_RESTORE] = restore,
    };
    _Static_assert(sizeof(events) / sizeof(events[0]) == ALARM_EVENT_COUNT, "each event is done");
    bool hidden = alarm_state_is_hidden(state);
    enum alarm_status shown = alarm_state_status(state);
    enum alarm_verdict verdict = events[event](state, options);
    settle(state, options, hidden, shown, now_us);
    return verdict;
}

enum alarm_verdict alarm_state_shelve(struct alarm_state *state,
                                      const struct alarm_options *options, int64_t span_us,
                                      int64_t now_us)
{
    if (span_us <= 0 || span_us > options->shelve_max_us || now_us > INT64_MAX - span_us) {
        return ALARM_REFUSED_SPAN;
    }
    bool hidden = alarm_state_is_hidden(state);
    enum alarm_status shown = alarm_state_status(state);
    state->shelved = true;
    state->shelved_until_us = now_us + span_us;
    settle(state, options, hidden, shown, now_us);
    return ALARM_CHANGED;
}

bool alarm_state_expire(struct alarm_state *state, const struct alarm_options *options,
                        int64_t now_us)
{
    return state->shelved && now_us >= state->shelved_until_us &&
           alarm_state_apply(state, options, ALARM_EVENT_UNSHELVE, now_us) == ALARM_CHANGED;
}

int64_t alarm_state_deadline(const struct alarm_state *state)
{
    return state->shelved ? state->shelved_until_us : INT64_MAX;
}

const char *alarm_verdict_text(enum alarm_verdict verdict)
{
    static const char *const texts[] = {
        [ALARM_CHANGED] = "done",
        [ALARM_UNCHANGED] = "is so already",
        [ALARM_REFUSED_NOT_UNACKED] = "needs no acknowledgement",
        [ALARM_REFUSED_NOT_LATCHED] = "is not latched, so there is nothing to reset",
        [ALARM_REFUSED_ACTIVE] = "is still active and cannot be reset",
        [ALARM_REFUSED_UNACKED] = "has to be acknowledged before it is reset",
        [ALARM_REFUSED_SPAN] = "cannot be shelved for so long",
        [ALARM_REFUSED_NOT_SHELVED] = "is not shelved",
        [ALARM_REFUSED_IN_SERVICE] = "is neither suppressed nor out of service",
    };
    _Static_assert(sizeof(texts) / sizeof(texts[0]) == ALARM_VERDICT_COUNT,
                   "a text for each verdict");
    return texts[verdict];
}
