#include "automation-node/app/explanation.h"

#include "automation-node/app/payload_of_value.h"
#include "automation-node/app/state_payload.h"
#include "automation-node/app/wall_time.h"
#include "automation-node/calendar/civil.h"
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/expression/line.h"
#include "automation-node/input/deadline.h"
#include "topics/payload_explain.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUTS_MAX  32
#define CHANGES_MAX 24
#define TEXT_SIZE   8192
#define PATH_SIZE   (3 * (TOPIC_ID_MAX_BYTES + 1))

/* All of one explanation; too large for the stack. */
struct explanation {
    const struct witness *witness;
    size_t device;
    const struct decision *decision;
    struct device_state state;
    struct device_round round;
    struct engine_change changes[CHANGES_MAX];
    size_t change_count;
    char text[TEXT_SIZE];
    struct line line; /* in `text` */
};

/* A reading with the texts that it borrows. */
struct counted {
    struct payload_counted payload;
    char topic[TOPIC_MAX_BYTES + 1];
    char signal[PATH_SIZE];
};

static int64_t wall_us(const struct explanation *e, int64_t monotonic_us)
{
    bool known = monotonic_us != DEADLINE_NONE && monotonic_us != INT64_MIN;
    return known ? wall_time_us(e->witness->loop, monotonic_us) : 0;
}

/* ---- readings --------------------------------------------------------------------------- */

static void locate_signal(const struct node_plan *plan, const struct signal_path *path,
                          struct counted *ret)
{
    const struct topic topic = {.kind = TOPIC_READING,
                                .site = plan->config->site,
                                .node = path->gateway,
                                .bus = path->bus,
                                .message = path->message};
    if (topic_format(plan->config->broker.prefix, &topic, ret->topic, sizeof(ret->topic)) == 0) {
        (void)snprintf(ret->signal, sizeof(ret->signal), "%s/%s/%s", path->bus, path->message,
                       path->signal);
        ret->payload.topic = ret->topic;
        ret->payload.signal = ret->signal;
    }
}

/* Where the readings of an input come from. */
static void locate(const struct node_plan *plan, size_t input, struct counted *ret)
{
    if (plan->sources[input].gateway != NULL) {
        locate_signal(plan, &plan->sources[input], ret);
    }
    for (size_t i = 0; i < plan->topic_count; i++) {
        const struct topic_source *source = &plan->topics[i];
        if (source->input == input && source->online == NULL) {
            ret->payload.topic = source->topic;
        }
    }
}

static enum reading_quality quality_of(enum quality quality)
{
    static const enum reading_quality qualities[] = {
        [QUALITY_GOOD] = READING_GOOD,
        [QUALITY_STALE] = READING_STALE,
        [QUALITY_OUT_OF_RANGE] = READING_OUT_OF_RANGE,
        [QUALITY_NOT_AVAILABLE] = READING_NOT_AVAILABLE,
    };
    return qualities[quality];
}

/* Who says how long it may be without a reading; of a device's own input its device does. */
static const char *stale_from(const struct node_plan *plan, size_t index, const struct input *input)
{
    if (index >= plan->config->input_count || plan->config->inputs[index].derive != DERIVE_NONE) {
        return NULL;
    }
    if (input->stale_is_learnt) {
        return "catalog";
    }
    return plan->stale_open[index] ? "default" : "configuration";
}

/* What an input shows now. `ret` must not be moved. */
static void count_input(const struct explanation *e, size_t index, struct counted *ret)
{
    const struct input *input = engine_input_at(e->witness->engine, index);
    *ret = (struct counted){
        .payload = {.input = input->id,
                    .seq = input->seq,
                    .ts_us = input->ts_us,
                    .has_value = true,
                    .value = payload_of_value(&input->value),
                    .unit = input->unit[0] != '\0' ? input->unit : NULL,
                    .quality = quality_of(input_quality(input, loop_now_us(e->witness->loop))),
                    .stale_after_s = (double)input->stale_after_us / US_PER_S,
                    .stale_from = stale_from(e->witness->plan, index, input)}};
    locate(e->witness->plan, index, ret);
}

static bool find_input(const struct explanation *e, const char *id, size_t *ret)
{
    const struct engine_options *options = &e->witness->plan->engine;
    for (size_t i = 0; id != NULL && i < options->input_count; i++) {
        if (strcmp(options->inputs[i].id, id) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* A reading of the past: its value is not known any more, but in words. False if there was none. */
static bool count_past(const struct explanation *e, const char *id, uint64_t seq, int64_t ts_us,
                       struct counted *ret)
{
    size_t input;
    if (!find_input(e, id, &input)) {
        return false;
    }
    *ret = (struct counted){.payload = {.input = id, .seq = seq, .ts_us = ts_us}};
    locate(e->witness->plan, input, ret);
    return true;
}

static void write_readings(const struct explanation *e, struct json_writer *w)
{
    size_t inputs[INPUTS_MAX];
    size_t count = engine_counting_inputs(e->witness->engine, e->device, inputs, INPUTS_MAX);
    payload_explain_readings_begin(w);
    for (size_t i = 0; i < count; i++) {
        struct counted counted;
        count_input(e, inputs[i], &counted);
        payload_explain_reading(w, &counted.payload);
    }
    payload_explain_array_end(w);
}

/* ---- words ------------------------------------------------------------------------------ */

static void append_time(struct explanation *e, int64_t monotonic_us)
{
    const struct zone *zone = e->witness->plan->calendar.zone;
    int64_t at_us = wall_us(e, monotonic_us);
    struct zone_local local = zone_local(zone, at_us / US_PER_S);
    struct zone_local today = zone_local(zone, loop_realtime_us(e->witness->loop) / US_PER_S);
    struct civil_date date = civil_date(local.day);
    if (local.day != today.day) {
        line_printf(&e->line, "%04lld-%02d-%02d ", (long long)date.year, date.month, date.day);
    }
    line_printf(&e->line, "%02d:%02d:%02d", (int)(local.second / 3600),
                (int)(local.second / 60 % 60), (int)(local.second % 60));
}

static void append_value(struct explanation *e, const struct value *value)
{
    char text[VALUE_TEXT_SIZE];
    (void)value_format(value, text, sizeof(text));
    line_append(&e->line, text[0] != '\0' ? text : "not known");
}

/* "vent is told 100 by rule:air_when_hot since 12:00:03: temperature > 25 °C (...)" */
static void say_decision(struct explanation *e)
{
    const struct cause *cause = &e->decision->cause;
    line_append(&e->line, e->witness->plan->config->devices[e->device].name);
    line_append(&e->line, " is ");
    append_value(e, &e->state.value);
    line_append(&e->line, " and is told ");
    append_value(e, &e->state.target);
    line_append(&e->line, " by ");
    line_append(&e->line, cause->source[0] != '\0' ? cause->source : "nobody");
    line_append(&e->line, " since ");
    append_time(e, e->state.since_us);
    line_append(&e->line, ": ");
    line_append(&e->line, cause->reason);
    if (cause->seq > 0) {
        line_printf(&e->line, " [%s, reading %llu]", cause->input, (unsigned long long)cause->seq);
    }
    line_append(&e->line, ".");
}

static void say_loser(struct explanation *e, const struct claim *claim)
{
    line_append(&e->line, " ");
    line_append(&e->line, claim->proposal->cause.source);
    line_append(&e->line, " wants ");
    append_value(e, &claim->proposal->value);
    line_printf(&e->line, ", but is below (%s).", priority_name(claim->priority));
}

static void say_command(struct explanation *e)
{
    const struct device_round *round = &e->round;
    if (round->command.attempt == 0) {
        line_append(&e->line, " No command was needed yet.");
        return;
    }
    line_append(&e->line, " The command went at ");
    append_time(e, round->sent_us);
    line_printf(&e->line, " (attempt %u)", round->command.attempt);
    if (round->confirmed_us != INT64_MIN) {
        line_append(&e->line, " and its feedback came at ");
        append_time(e, round->confirmed_us);
        line_append(&e->line, ".");
    } else if (e->state.quality == DEVICE_QUALITY_ASSUMED) {
        line_append(&e->line, "; without a feedback nobody knows whether it obeyed.");
    } else {
        line_printf(&e->line, "; its feedback does not show it: %s.",
                    device_phase_name(round->phase));
    }
}

static void say_changes(struct explanation *e)
{
    line_append(&e->line,
                e->change_count > 0 ? " It changes when " : " Nothing but a wish changes it");
    for (size_t i = 0; i < e->change_count; i++) {
        const struct engine_change *change = &e->changes[i];
        line_append(&e->line, i > 0 ? "; or when " : "");
        line_append(&e->line, change->what);
        if (change->at_us != DEADLINE_NONE) {
            line_append(&e->line, " (at ");
            append_time(e, change->at_us);
            line_append(&e->line, ")");
        }
    }
    line_append(&e->line, ".");
}

/* ---- the parts of the answer ------------------------------------------------------------ */

static void write_head(struct explanation *e, struct json_writer *w)
{
    const struct decision *decision = e->decision;
    struct counted led;
    bool was_led =
        count_past(e, decision->cause.input, decision->cause.seq, decision->cause.ts_us, &led);
    struct claim winner;
    size_t places = engine_claim_count(e->witness->engine, e->device);
    const char *source = decision->cause.source;
    for (size_t i = 0; i < places && decision->hold != HOLD_NONE; i++) {
        if (engine_claim_at(e->witness->engine, e->device, i, &winner)) {
            source = winner.proposal->cause.source; /* of a hold the cause is the hold */
            break;
        }
    }
    const struct payload_explained explained = {
        .device = e->witness->plan->config->devices[e->device].name,
        .state = state_payload_device(e->witness->loop, &e->state),
        .source = source[0] != '\0' ? source : "nobody",
        .priority = priority_name(decision->priority),
        .wanted = payload_of_value(&decision->wanted),
        .hold = decision->hold != HOLD_NONE ? hold_name(decision->hold) : NULL,
        .reading = was_led ? &led.payload : NULL,
    };
    payload_explain_begin(w, &explained);
    say_decision(e);
}

static void write_claims(struct explanation *e, struct json_writer *w)
{
    size_t places = engine_claim_count(e->witness->engine, e->device);
    char winner[CAUSE_SOURCE_SIZE] = "";
    payload_explain_claims_begin(w);
    for (size_t i = 0; i < places; i++) {
        struct claim claim;
        if (!engine_claim_at(e->witness->engine, e->device, i, &claim)) {
            continue;
        }
        bool wins = winner[0] == '\0';
        const struct cause *cause = &claim.proposal->cause;
        const struct payload_claim payload = {
            .source = cause->source,
            .priority = priority_name(claim.priority),
            .reason = cause->reason,
            .value = payload_of_value(&claim.proposal->value),
            .until_us = wall_us(e, claim.until_us),
            .wins = wins,
            .lost_to = wins ? NULL : winner,
        };
        payload_explain_claim(w, &payload);
        if (wins) {
            (void)snprintf(winner, sizeof(winner), "%s", cause->source);
        } else {
            say_loser(e, &claim);
        }
    }
    payload_explain_array_end(w);
}

static void write_command(struct explanation *e, struct json_writer *w)
{
    const struct device_round *round = &e->round;
    struct counted proof;
    bool is_proven = round->confirmed_us != INT64_MIN &&
                     count_past(e, e->witness->plan->engine.devices[e->device].feedback,
                                round->proof_seq, round->proof_ts_us, &proof);
    const struct payload_sent sent = {
        .value = payload_of_value(&round->command.value),
        .transaction = round->command.transaction[0] != '\0' ? round->command.transaction : NULL,
        .attempt = round->command.attempt,
        .phase = device_phase_name(round->phase),
        .sent_us = wall_us(e, round->sent_us),
        .confirmed_us = wall_us(e, round->confirmed_us),
        .feedback = is_proven ? &proof.payload : NULL,
    };
    payload_explain_command(w, &sent);
    say_command(e);
}

static void write_changes(struct explanation *e, struct json_writer *w)
{
    payload_explain_changes_begin(w);
    for (size_t i = 0; i < e->change_count; i++) {
        payload_explain_change(w, e->changes[i].what, wall_us(e, e->changes[i].at_us));
    }
    payload_explain_array_end(w);
    say_changes(e);
}

int explanation_write(const struct witness *witness, size_t device, struct json_writer *w)
{
    struct explanation *e = calloc(1, sizeof(*e));
    if (e == NULL) {
        return -ENOMEM;
    }
    e->witness = witness;
    e->device = device;
    e->decision = engine_decision(witness->engine, device);
    e->state = engine_device_state(witness->engine, device);
    e->round = engine_device_round(witness->engine, device);
    e->line = line_begin(e->text, sizeof(e->text));
    int r = engine_changes(witness->engine, device, e->changes, CHANGES_MAX);
    if (r >= 0) {
        e->change_count = (size_t)r;
        write_head(e, w);
        write_readings(e, w);
        write_claims(e, w);
        write_command(e, w);
        write_changes(e, w);
        payload_explain_end(w, e->text);
        r = 0;
    }
    free(e);
    return r;
}
