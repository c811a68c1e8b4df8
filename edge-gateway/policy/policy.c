#include "edge-gateway/policy/policy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEVER INT64_MAX

/* What is known of one signal of one branch. */
struct memory {
    double number;
    uint8_t quality;
    bool known;
};

/*
 * The state of one branch. At most one frame is held; `pending` holds the values that go with it,
 * so that publishing it later moves them into `published`.
 */
struct branch {
    uint64_t key;
    bool used;
    bool overflow;      /* shared by the keys beyond the limit */
    bool has_published; /* at least once */
    int64_t published_us;
    bool holding;
    bool changed; /* the held frame, or one it replaced, was a change */
    int64_t due_us;
    struct frame held;
    struct memory *published; /* per signal */
    struct memory *pending;   /* per signal; valid while holding */
};

struct policy {
    enum policy_mode mode;
    int64_t min_interval_us;
    int64_t max_interval_us;
    size_t signal_count;
    double *deadbands;
    struct branch *branches; /* branch_count + 1: the last one is the overflow */
    size_t branch_count;
    struct memory *memory; /* backs every branch */
    size_t held;
};

static const char *const reason_texts[] = {
    [POLICY_FIRST] = "first",         [POLICY_CHANGED] = "changed",
    [POLICY_HEARTBEAT] = "heartbeat", [POLICY_TOO_SOON] = "too_soon",
    [POLICY_UNCHANGED] = "unchanged", [POLICY_DISABLED] = "disabled",
};
_Static_assert(sizeof(reason_texts) / sizeof(reason_texts[0]) == POLICY_REASON_COUNT,
               "a text for each reason");

const char *policy_reason_text(enum policy_reason reason)
{
    return reason_texts[reason];
}

void policy_free(struct policy *policy)
{
    if (policy == NULL) {
        return;
    }
    free(policy->deadbands);
    free(policy->branches);
    free(policy->memory);
    free(policy);
}

static bool options_are_valid(const struct policy_options *o)
{
    if (o->branch_count == 0 || o->min_interval_us < 0 || o->max_interval_us < 0) {
        return false;
    }
    return o->max_interval_us == 0 || o->min_interval_us <= o->max_interval_us;
}

int policy_new(const struct policy_options *options, struct policy **ret)
{
    if (!options_are_valid(options)) {
        return -EINVAL;
    }
    struct policy *policy = calloc(1, sizeof(*policy));
    if (policy == NULL) {
        return -ENOMEM;
    }
    size_t branches = options->branch_count + 1;
    size_t signals = options->signal_count > 0 ? options->signal_count : 1;
    policy->mode = options->mode;
    policy->min_interval_us = options->min_interval_us;
    policy->max_interval_us = options->max_interval_us;
    policy->signal_count = options->signal_count;
    policy->branch_count = options->branch_count;
    policy->deadbands = calloc(signals, sizeof(double));
    policy->branches = calloc(branches, sizeof(struct branch));
    policy->memory = calloc(branches * signals * 2, sizeof(struct memory));
    if (policy->deadbands == NULL || policy->branches == NULL || policy->memory == NULL) {
        policy_free(policy);
        return -ENOMEM;
    }
    if (options->deadbands != NULL) {
        memcpy(policy->deadbands, options->deadbands, options->signal_count * sizeof(double));
    }
    for (size_t i = 0; i < branches; i++) {
        policy->branches[i].published = policy->memory + 2 * i * signals;
        policy->branches[i].pending = policy->branches[i].published + signals;
    }
    policy->branches[branches - 1].overflow = true;
    *ret = policy;
    return 0;
}

static struct branch *find_branch(struct policy *policy, uint64_t key)
{
    for (size_t i = 0; i < policy->branch_count; i++) {
        struct branch *branch = &policy->branches[i];
        if (!branch->used) {
            branch->used = true;
            branch->key = key;
        }
        if (branch->key == key) {
            return branch;
        }
    }
    return &policy->branches[policy->branch_count];
}

static bool moved(const struct memory *before, const struct policy_value *now, double deadband)
{
    if (!before->known || before->quality != now->quality) {
        return true;
    }
    if (isnan(before->number) || isnan(now->number)) {
        return isnan(before->number) != isnan(now->number);
    }
    return deadband > 0.0 ? fabs(now->number - before->number) > deadband
                          : now->number != before->number;
}

static bool is_change(const struct policy *policy, const struct branch *branch,
                      const struct policy_value *values, size_t count)
{
    if (policy->mode == POLICY_MODE_EVERY || branch->overflow) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (moved(&branch->published[values[i].signal], &values[i],
                  policy->deadbands[values[i].signal])) {
            return true;
        }
    }
    return false;
}

static void remember(struct memory *memory, const struct policy_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memory[values[i].signal] = (struct memory){values[i].number, values[i].quality, true};
    }
}

static void stop_holding(struct policy *policy, struct branch *branch)
{
    if (branch->holding) {
        branch->holding = false;
        branch->changed = false;
        policy->held--;
    }
}

static void note_published(struct policy *policy, struct branch *branch, int64_t now_us)
{
    stop_holding(policy, branch);
    branch->has_published = true;
    branch->published_us = now_us;
}

static size_t branch_index(const struct policy *policy, const struct branch *branch)
{
    return (size_t)(branch - policy->branches);
}

static struct policy_verdict hold(struct policy *policy, struct branch *branch,
                                  const struct frame *frame, bool changed)
{
    struct policy_verdict verdict = {POLICY_HOLD, POLICY_UNCHANGED, branch_index(policy, branch),
                                     branch->holding};
    if (!branch->holding) {
        branch->holding = true;
        policy->held++;
    }
    branch->changed = branch->changed || changed;
    branch->held = *frame;
    branch->due_us = branch->published_us +
                     (branch->changed ? policy->min_interval_us : policy->max_interval_us);
    if (branch->changed) {
        verdict.reason = POLICY_TOO_SOON;
    }
    return verdict;
}

struct policy_verdict policy_offer(struct policy *policy, uint64_t branch_key,
                                   const struct policy_value *values, size_t count,
                                   const struct frame *frame, int64_t now_us)
{
    if (policy->mode == POLICY_MODE_NEVER) {
        return (struct policy_verdict){POLICY_SUPPRESS, POLICY_DISABLED, 0, false};
    }
    struct branch *branch = find_branch(policy, branch_key);
    bool changed = is_change(policy, branch, values, count);
    int64_t age_us = now_us - branch->published_us;
    bool beat = policy->max_interval_us > 0 && age_us >= policy->max_interval_us;
    bool allowed = !branch->has_published || age_us >= policy->min_interval_us;

    if (allowed && (changed || branch->changed || beat)) {
        enum policy_reason reason = changed || branch->changed ? POLICY_CHANGED : POLICY_HEARTBEAT;
        struct policy_verdict verdict = {POLICY_PUBLISH,
                                         branch->has_published ? reason : POLICY_FIRST,
                                         branch_index(policy, branch), branch->holding};
        remember(branch->published, values, count);
        note_published(policy, branch, now_us);
        return verdict;
    }
    if (!changed && !branch->changed && policy->max_interval_us == 0) {
        return (struct policy_verdict){POLICY_SUPPRESS, POLICY_UNCHANGED,
                                       branch_index(policy, branch), false};
    }
    if (!branch->holding) {
        memcpy(branch->pending, branch->published, policy->signal_count * sizeof(struct memory));
    }
    remember(branch->pending, values, count);
    return hold(policy, branch, frame, changed);
}

int64_t policy_next_due(const struct policy *policy)
{
    int64_t due_us = NEVER;
    for (size_t i = 0; policy->held > 0 && i <= policy->branch_count; i++) {
        const struct branch *branch = &policy->branches[i];
        if (branch->holding && branch->due_us < due_us) {
            due_us = branch->due_us;
        }
    }
    return due_us;
}

bool policy_take_due(struct policy *policy, int64_t now_us, struct frame *ret_frame,
                     struct policy_verdict *ret_verdict)
{
    for (size_t i = 0; policy->held > 0 && i <= policy->branch_count; i++) {
        struct branch *branch = &policy->branches[i];
        if (branch->holding && branch->due_us <= now_us) {
            *ret_frame = branch->held;
            enum policy_reason reason = branch->changed ? POLICY_CHANGED : POLICY_HEARTBEAT;
            *ret_verdict = (struct policy_verdict){POLICY_PUBLISH, reason, i, false};
            memcpy(branch->published, branch->pending,
                   policy->signal_count * sizeof(struct memory));
            note_published(policy, branch, now_us);
            return true;
        }
    }
    return false;
}

static void adopt_branch(const struct policy *policy, struct branch *branch,
                         const struct branch *from)
{
    const size_t bytes = policy->signal_count * sizeof(struct memory);
    struct memory *published = branch->published;
    struct memory *pending = branch->pending;
    memcpy(published, from->published, bytes);
    memcpy(pending, from->pending, bytes);
    *branch = *from;
    branch->published = published;
    branch->pending = pending;
    branch->due_us = branch->published_us +
                     (branch->changed ? policy->min_interval_us : policy->max_interval_us);
}

bool policy_adopt(struct policy *policy, struct policy *from)
{
    if (policy->signal_count != from->signal_count || policy->branch_count != from->branch_count ||
        policy->mode == POLICY_MODE_NEVER) {
        return false;
    }
    for (size_t i = 0; i <= policy->branch_count; i++) {
        adopt_branch(policy, &policy->branches[i], &from->branches[i]);
        stop_holding(from, &from->branches[i]);
    }
    policy->held = 0;
    for (size_t i = 0; i <= policy->branch_count; i++) {
        policy->held += policy->branches[i].holding;
    }
    return true;
}

size_t policy_held(const struct policy *policy)
{
    return policy->held;
}
