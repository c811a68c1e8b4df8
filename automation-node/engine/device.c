#include "automation-node/engine/device.h"

#include "automation-node/engine/device_archive.h"
#include "automation-node/engine/device_delivery.h"
#include "automation-node/engine/device_inspect.h"
#include "automation-node/engine/device_proof.h"
#include "automation-node/input/deadline.h"
#include "automation-node/input/input_archive.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct device {
    char id[NAME_SIZE];
    struct domain domain;
    bool has_feedback;
    int64_t confirm_us;
    unsigned attempts;
    int64_t retry_failed_us;
    enum device_mismatch on_mismatch;
    int64_t grace_us;

    enum device_phase phase;
    int64_t deadline_us; /* what for depends on the phase */
    bool feedback_lost;  /* or not seen yet */
    uint64_t rounds;     /* numbers the transactions */

    struct device_command command; /* of the present round */
    bool has_command;              /* waits to be taken */
    bool undelivered;              /* it could not leave */
    int64_t sent_us;               /* of the last attempt; INT64_MIN = never */
    struct value sent;             /* what it asked for */
    int64_t stray_until_us;        /* what was asked for before may still be done; INT64_MIN = no */
    int64_t shown_us;              /* when the feedback last showed something; INT64_MIN = never */
    bool ages;                     /* the feedback: its silence says nothing */
    int64_t confirmed_us;          /* when the target was seen; INT64_MIN = not yet */
    uint64_t proof_seq;            /* the reading that showed it */
    int64_t proof_ts_us;
    struct device_state state; /* quality and phase are filled in when it is taken */
    bool has_state;            /* waits to be taken */
    struct device_stats stats;
};

int device_new(const struct device_options *options, struct device **ret)
{
    if (!domain_is_valid(&options->domain) || options->confirm_us <= 0 || options->attempts == 0 ||
        options->retry_failed_us < 0 || options->grace_us < 0) {
        return -EINVAL;
    }
    struct device *device = calloc(1, sizeof(*device));
    if (device == NULL) {
        return -ENOMEM;
    }
    int r = name_copy(options->id, sizeof(device->id), device->id);
    if (r < 0) {
        device_free(device);
        return r;
    }
    device->domain = options->domain;
    device->has_feedback = options->has_feedback;
    device->confirm_us = options->confirm_us;
    device->attempts = options->attempts;
    device->retry_failed_us = options->retry_failed_us;
    device->on_mismatch = options->on_mismatch;
    device->grace_us = options->grace_us;
    device->deadline_us = DEADLINE_NONE;
    device->feedback_lost = true;
    device->state.priority = PRIORITY_REST;
    device->state.until_us = DEADLINE_NONE;
    device->has_state = true;
    device->sent_us = INT64_MIN;
    device->stray_until_us = INT64_MIN;
    device->shown_us = INT64_MIN;
    device->confirmed_us = INT64_MIN;
    *ret = device;
    return 0;
}

void device_free(struct device *device)
{
    free(device);
}

static bool shows_target(const struct device *device)
{
    return domain_matches(&device->domain, &device->state.value, &device->state.target);
}

static void set_truth(struct device *device, const struct value *value)
{
    if (!value_equal(&device->state.value, value)) {
        device->state.value = *value;
        device->has_state = true;
    }
}

static void enter(struct device *device, enum device_phase phase, int64_t deadline_us)
{
    if (device->phase != phase) {
        device->phase = phase;
        device->has_state = true;
    }
    device->deadline_us = deadline_us;
}

/* A command is worthless `confirm_us` after it was sent: until then it may be done. */
static int64_t last_effect_us(const struct device *device)
{
    return device->sent_us == INT64_MIN ? INT64_MIN
                                        : deadline_after(device->sent_us, device->confirm_us);
}

static int64_t later(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

static void send_command(struct device *device, int64_t now_us)
{
    if (!value_equal(&device->sent, &device->command.value)) {
        device->stray_until_us = later(device->stray_until_us, last_effect_us(device));
    }
    device->sent = device->command.value;
    device->command.attempt++;
    device->has_command = true;
    device->undelivered = false;
    device->stats.sent++;
    device->sent_us = now_us;
    device->confirmed_us = INT64_MIN;
    if (device->has_feedback) {
        enter(device, DEVICE_PENDING, deadline_after(now_us, device->confirm_us));
        return;
    }
    device->stats.assumed++;
    set_truth(device, &device->command.value);
    enter(device, DEVICE_CONFIRMED, DEADLINE_NONE);
}

/* A command of the device's own, whoever wished for the value. */
static void number_transaction(struct device *device)
{
    device->rounds++;
    (void)snprintf(device->command.transaction, sizeof(device->command.transaction), "%s-%" PRIu64,
                   device->id, device->rounds);
}

static void start_round(struct device *device, const char *transaction, int64_t now_us)
{
    struct device_command *command = &device->command;
    if (device->phase == DEVICE_PENDING) {
        device->stats.superseded++;
    }
    *command = (struct device_command){.value = device->state.target, .ttl_us = device->confirm_us};
    if (transaction[0] != '\0') {
        device->rounds++;
        (void)snprintf(command->transaction, sizeof(command->transaction), "%s", transaction);
    } else {
        number_transaction(device);
    }
    send_command(device, now_us);
}

/* A feedback that shows the target may be older than a command under way, so it makes a command
 * needless only when none is. */
static bool is_there_already(const struct device *device)
{
    bool quiet = device->phase == DEVICE_IDLE || device->phase == DEVICE_CONFIRMED;
    return quiet && device->has_feedback && !device->feedback_lost && shows_target(device);
}

static bool is_in_force(const struct device_state *state, const struct decision *decision)
{
    return value_equal(&state->target, &decision->value) && state->priority == decision->priority &&
           state->until_us == decision->until_us && cause_equal(&state->cause, &decision->cause);
}

void device_decide(struct device *device, const struct decision *decision, const char *transaction,
                   int64_t now_us)
{
    struct device_state *state = &device->state;
    if (is_in_force(state, decision)) {
        return;
    }
    bool same_target = value_equal(&state->target, &decision->value);
    if (!same_target || strcmp(state->cause.source, decision->cause.source) != 0) {
        state->since_us = now_us;
    }
    state->target = decision->value;
    state->cause = decision->cause;
    state->priority = decision->priority;
    state->until_us = decision->until_us;
    device->has_state = true;
    if (same_target || decision->value.kind == VALUE_NONE) {
        return;
    }
    if (is_there_already(device)) {
        enter(device, DEVICE_CONFIRMED, DEADLINE_NONE);
        return;
    }
    start_round(device, transaction, now_us);
}

static void confirm(struct device *device)
{
    if (device->phase == DEVICE_PENDING) {
        device->stats.confirmed++;
    }
    enter(device, DEVICE_CONFIRMED, DEADLINE_NONE);
}

/* The first reading after the command that shows what was commanded. */
static void note_proof(struct device *device, const struct input *input, int64_t now_us)
{
    if (device->confirmed_us == INT64_MIN) {
        device->confirmed_us = now_us;
        device->proof_seq = input->seq;
        device->proof_ts_us = input->ts_us;
    }
}

/* Feedback does not show the target, though nothing is under way. */
static void note_mismatch(struct device *device, bool returned, int64_t now_us)
{
    switch (device->phase) {
    case DEVICE_FAILED:
        if (returned) {
            start_round(device, "", now_us);
        }
        break;
    case DEVICE_CONFIRMED:
        if (device->on_mismatch == DEVICE_REASSERT && device->deadline_us == DEADLINE_NONE) {
            device->deadline_us = deadline_after(now_us, device->grace_us);
        }
        device_tick(device, now_us);
        break;
    case DEVICE_IDLE:
    case DEVICE_PENDING:
    case DEVICE_PHASE_COUNT:
        break;
    }
}

void device_feedback(struct device *device, const struct input *input, int64_t now_us)
{
    enum input_trust trust = input_trust(input, now_us);
    if (trust == INPUT_HELD) {
        return;
    }
    bool was_lost = device->feedback_lost;
    device->feedback_lost = trust == INPUT_LOST;
    device->has_state = device->has_state || was_lost != device->feedback_lost;
    if (device->feedback_lost) {
        return;
    }
    struct value truth = domain_from_feedback(&device->domain, &input->value);
    device->shown_us = input->good_us;
    device->ages = input->stale_after_us > 0;
    set_truth(device, &truth);
    if (device->state.target.kind == VALUE_NONE) {
        return;
    }
    if (shows_target(device)) {
        note_proof(device, input, now_us);
        confirm(device);
    } else {
        note_mismatch(device, was_lost, now_us);
    }
}

static void time_out(struct device *device, int64_t now_us)
{
    if (!device->feedback_lost && shows_target(device)) {
        confirm(device); /* a feedback that never moved has nothing new to say */
        return;
    }
    device->stats.timed_out++;
    if (device->command.attempt < device->attempts) {
        send_command(device, now_us);
        return;
    }
    enter(device, DEVICE_FAILED,
          device->retry_failed_us > 0 ? deadline_after(now_us, device->retry_failed_us)
                                      : DEADLINE_NONE);
}

void device_tick(struct device *device, int64_t now_us)
{
    if (now_us < device->deadline_us) {
        return;
    }
    if (device->phase == DEVICE_PENDING) {
        time_out(device, now_us);
    } else {
        start_round(device, "", now_us);
    }
}

int64_t device_next_deadline(const struct device *device)
{
    return device->deadline_us;
}

bool device_take_command(struct device *device, struct device_command *ret)
{
    if (!device->has_command) {
        return false;
    }
    device->has_command = false;
    *ret = device->command;
    return true;
}

void device_note_undelivered(struct device *device)
{
    device->undelivered = !device->has_feedback;
}

bool device_tell_again(struct device *device, int64_t now_us)
{
    if (!device->undelivered || device->state.target.kind == VALUE_NONE) {
        return false;
    }
    device->command.attempt = 0;
    send_command(device, now_us);
    return true;
}

static enum device_quality quality_of(const struct device *device)
{
    if (device->phase == DEVICE_FAILED) {
        return DEVICE_QUALITY_FAILED;
    }
    if (!device->has_feedback) {
        return DEVICE_QUALITY_ASSUMED;
    }
    return device->feedback_lost ? DEVICE_QUALITY_STALE : DEVICE_QUALITY_GOOD;
}

struct device_state device_state(const struct device *device)
{
    struct device_state state = device->state;
    state.quality = quality_of(device);
    state.phase = device->phase;
    return state;
}

bool device_take_state(struct device *device, struct device_state *ret)
{
    if (!device->has_state) {
        return false;
    }
    device->has_state = false;
    *ret = device_state(device);
    return true;
}

struct device_round device_round(const struct device *device)
{
    return (struct device_round){.command = device->command,
                                 .phase = device->phase,
                                 .sent_us = device->sent_us,
                                 .confirmed_us = device->confirmed_us,
                                 .proof_seq = device->proof_seq,
                                 .proof_ts_us = device->proof_ts_us};
}

struct value device_shown_value(const struct device *device, bool *ret_settled)
{
    bool known = !device->has_feedback || !device->feedback_lost;
    *ret_settled = device->phase != DEVICE_PENDING;
    return known ? device->state.value : (struct value){.kind = VALUE_NONE};
}

int64_t device_proven_at(const struct device *device, const struct value *value)
{
    if (!device->has_feedback) {
        return INT64_MIN; /* nobody will ever know */
    }
    int64_t free_us = device->stray_until_us;
    if (!value_equal(&device->sent, value)) {
        free_us = later(free_us, last_effect_us(device));
    }
    return device->ages && device->shown_us < free_us ? DEADLINE_NONE : free_us;
}

/* What was under way before a stop or reload is not told apart. When the feedback last said
 * something is not kept, as it would be written with each reading: it has to say it again. */
static void archive_strays(struct device *device, struct archive *a)
{
    int64_t until_us = later(device->stray_until_us, last_effect_us(device));
    archive_time(a, "stray_until", &until_us);
    archive_flag(a, "ages", &device->ages);
    device->stray_until_us = a->mode == ARCHIVE_SAVE ? device->stray_until_us : until_us;
}

static void archive_command(struct device *device, struct archive *a)
{
    struct device_command *command = &device->command;
    uint64_t attempt = command->attempt;
    value_archive(&command->value, a, "command");
    archive_u64(a, "attempt", &attempt);
    archive_text(a, "transaction", command->transaction, sizeof(command->transaction));
    archive_u64(a, "rounds", &device->rounds);
    archive_flag(a, "undelivered", &device->undelivered);
    if (a->mode == ARCHIVE_LOAD) {
        command->attempt = attempt < device->attempts ? (unsigned)attempt : device->attempts;
        command->ttl_us = device->confirm_us;
    }
}

/* A target that the device does not take counts as none. */
static void check_loaded(struct device *device)
{
    const struct value *target = &device->state.target;
    bool possible =
        domain_check(&device->domain, target) == REFUSAL_NONE &&
        (device->phase != DEVICE_PENDING || value_equal(&device->command.value, target));
    if (!possible) {
        device_forget(device);
    }
    device->stats.sent = device->phase == DEVICE_PENDING ? 1 : 0; /* the counters begin anew */
}

void device_archive(struct device *device, struct archive *a)
{
    struct device_state *state = &device->state;
    device->phase =
        (enum device_phase)archive_choice(a, "phase", (int)device->phase, DEVICE_PHASE_COUNT);
    archive_time(a, "deadline", &device->deadline_us);
    archive_flag(a, "feedback_lost", &device->feedback_lost);
    archive_command(device, a);
    archive_strays(device, a);
    value_archive(&state->value, a, "value");
    value_archive(&state->target, a, "target");
    state->priority =
        (enum priority)archive_choice(a, "priority", (int)state->priority, PRIORITY_COUNT);
    cause_archive(&state->cause, a);
    archive_time(a, "since", &state->since_us);
    archive_time(a, "until", &state->until_us);
    device->has_state = device->has_state || a->mode == ARCHIVE_CORRECT;
    if (a->mode == ARCHIVE_LOAD) {
        check_loaded(device);
    }
}

void device_expect_strays(struct device *device, int64_t now_us)
{
    device->stray_until_us =
        later(device->stray_until_us, deadline_after(now_us, device->confirm_us));
}

void device_doubt(struct device *device, int64_t now_us)
{
    device->feedback_lost = true;
    if (device->phase == DEVICE_CONFIRMED) {
        device->deadline_us = DEADLINE_NONE; /* that it left its target has to be seen again */
    }
    if (device->phase == DEVICE_PENDING) {
        number_transaction(device);
        device->command.attempt = device->attempts > 1 ? 1 : 0;
        device->deadline_us = deadline_after(now_us, device->confirm_us);
    }
}

void device_forget(struct device *device)
{
    device->phase = DEVICE_IDLE;
    device->deadline_us = DEADLINE_NONE;
    device->undelivered = false;
    device->state.target = (struct value){.kind = VALUE_NONE};
    device->stats = (struct device_stats){0};
}

bool device_has_feedback(const struct device *device)
{
    return device->has_feedback;
}

enum device_phase device_phase(const struct device *device)
{
    return device->phase;
}

struct device_stats device_stats(const struct device *device)
{
    struct device_stats stats = device->stats;
    stats.pending = device->phase == DEVICE_PENDING ? 1 : 0;
    return stats;
}

const char *device_phase_name(enum device_phase phase)
{
    static const char *const names[] = {
        [DEVICE_IDLE] = "idle",
        [DEVICE_PENDING] = "pending",
        [DEVICE_CONFIRMED] = "confirmed",
        [DEVICE_FAILED] = "failed",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == DEVICE_PHASE_COUNT, "a name for each phase");
    return names[phase];
}

const char *device_quality_name(enum device_quality quality)
{
    static const char *const names[] = {
        [DEVICE_QUALITY_GOOD] = "good",
        [DEVICE_QUALITY_ASSUMED] = "assumed",
        [DEVICE_QUALITY_STALE] = "stale",
        [DEVICE_QUALITY_FAILED] = "failed",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == DEVICE_QUALITY_COUNT,
                   "a name for each quality");
    return names[quality];
}
