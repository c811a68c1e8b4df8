#include "automation-node/engine/arbiter.h"

#include "automation-node/engine/arbiter_archive.h"
#include "automation-node/engine/arbiter_claims.h"
#include "automation-node/input/deadline.h"
#include "automation-node/input/input_archive.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct slot {
    enum priority priority;
    struct proposal proposal; /* VALUE_NONE: empty */
    int64_t until_us;
};

struct arbiter {
    struct domain domain;
    struct value off;
    struct value rest;
    int64_t min_on_us;
    int64_t min_off_us;
    int64_t max_on_us;
    int64_t pause_us;
    int64_t min_change_us;
    struct decision decision; /* the last one */
    int64_t switched_us;      /* when the decided value last went on or off */
    int64_t changed_us;       /* when it last became another one */
    int64_t tired_until_us;   /* off until then: it was on for too long */
    int64_t deadline_us;
    size_t slot_count;
    struct slot slots[];
};

static bool options_are_valid(const struct arbiter_options *options)
{
    for (size_t i = 0; i < options->slot_count; i++) {
        if (options->classes[i] >= PRIORITY_REST) {
            return false;
        }
    }
    const struct domain *domain = &options->domain;
    return domain_is_valid(domain) && domain_check(domain, &options->off) == REFUSAL_NONE &&
           (options->rest.kind == VALUE_NONE ||
            domain_check(domain, &options->rest) == REFUSAL_NONE) &&
           options->min_on_us >= 0 && options->min_off_us >= 0 && options->pause_us >= 0 &&
           options->min_change_us >= 0 &&
           (options->max_on_us == 0 ||
            (options->max_on_us >= options->min_on_us && options->pause_us > 0));
}

int arbiter_new(const struct arbiter_options *options, struct arbiter **ret)
{
    if (!options_are_valid(options)) {
        return -EINVAL;
    }
    struct arbiter *arbiter =
        calloc(1, sizeof(*arbiter) + options->slot_count * sizeof(arbiter->slots[0]));
    if (arbiter == NULL) {
        return -ENOMEM;
    }
    arbiter->domain = options->domain;
    arbiter->off = options->off;
    arbiter->rest = options->rest;
    arbiter->min_on_us = options->min_on_us;
    arbiter->min_off_us = options->min_off_us;
    arbiter->max_on_us = options->max_on_us;
    arbiter->pause_us = options->pause_us;
    arbiter->min_change_us = options->min_change_us;
    arbiter->tired_until_us = INT64_MIN;
    arbiter->slot_count = options->slot_count;
    arbiter->deadline_us = DEADLINE_NONE;
    for (size_t i = 0; i < options->slot_count; i++) {
        arbiter->slots[i].priority = options->classes[i];
    }
    *ret = arbiter;
    return 0;
}

void arbiter_free(struct arbiter *arbiter)
{
    free(arbiter);
}

enum refusal arbiter_offer(struct arbiter *arbiter, size_t slot, const struct proposal *proposal,
                           int64_t until_us, int64_t now_us)
{
    assert(slot < arbiter->slot_count);
    enum refusal refusal = domain_check(&arbiter->domain, &proposal->value);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    if (until_us <= now_us) {
        return REFUSAL_BAD_EXPIRY;
    }
    arbiter->slots[slot].proposal = *proposal;
    arbiter->slots[slot].until_us = until_us;
    return REFUSAL_NONE;
}

void arbiter_withdraw(struct arbiter *arbiter, size_t slot)
{
    assert(slot < arbiter->slot_count);
    arbiter->slots[slot].proposal.value.kind = VALUE_NONE;
}

static bool is_filled(const struct slot *slot, int64_t now_us)
{
    return slot->proposal.value.kind != VALUE_NONE && now_us < slot->until_us;
}

/* What is decided when nobody asks. */
static struct decision rest_decision(const struct arbiter *arbiter)
{
    struct decision decision = {.priority = PRIORITY_REST,
                                .slot = ARBITER_NO_SLOT,
                                .until_us = DEADLINE_NONE,
                                .cause = {.source = "rest", .reason = "nobody asks"}};
    bool has_rest = arbiter->rest.kind != VALUE_NONE;
    decision.wanted = has_rest ? arbiter->rest : arbiter->decision.value;
    decision.value = decision.wanted;
    return decision;
}

/* NULL if nobody asks. Counts those who do. */
static const struct slot *best_slot(const struct arbiter *arbiter, size_t without, int64_t now_us,
                                    size_t *ret_filled)
{
    const struct slot *best = NULL;
    *ret_filled = 0;
    for (size_t i = 0; i < arbiter->slot_count; i++) {
        const struct slot *slot = &arbiter->slots[i];
        if (i == without || !is_filled(slot, now_us)) {
            continue;
        }
        (*ret_filled)++;
        if (best == NULL || slot->priority < best->priority) {
            best = slot;
        }
    }
    return best;
}

static struct decision winner(const struct arbiter *arbiter, int64_t now_us)
{
    size_t filled;
    const struct slot *best = best_slot(arbiter, ARBITER_NO_SLOT, now_us, &filled);
    if (best == NULL) {
        return rest_decision(arbiter);
    }
    return (struct decision){.value = best->proposal.value,
                             .wanted = best->proposal.value,
                             .priority = best->priority,
                             .slot = (size_t)(best - arbiter->slots),
                             .cause = best->proposal.cause,
                             .until_us = best->until_us,
                             .losers = filled - 1};
}

struct value arbiter_wanted(const struct arbiter *arbiter, size_t without_slot, int64_t now_us,
                            enum priority *ret_priority)
{
    size_t filled;
    const struct slot *best = best_slot(arbiter, without_slot, now_us, &filled);
    *ret_priority = best != NULL ? best->priority : PRIORITY_REST;
    return best != NULL ? best->proposal.value : arbiter->rest;
}

static bool is_on(const struct arbiter *arbiter, const struct value *value)
{
    return value->kind != VALUE_NONE && !value_equal(value, &arbiter->off);
}

/* What stands against the winner, and until when. */
struct limit {
    enum hold hold;
    struct value value; /* what is decided instead */
    int64_t until_us;
};

static struct limit keep_present(const struct arbiter *arbiter, enum hold hold, int64_t until_us)
{
    return (struct limit){hold, arbiter->decision.value, until_us};
}

static const struct limit no_limit = {.hold = HOLD_NONE};

/* Whether a minimum time forbids to go from the present value to the next one. */
static struct limit minimum_time(const struct arbiter *arbiter, const struct decision *next,
                                 int64_t now_us)
{
    const struct value *present = &arbiter->decision.value;
    bool on = is_on(arbiter, present);
    if (present->kind == VALUE_NONE || on == is_on(arbiter, &next->value)) {
        return no_limit;
    }
    int64_t until_us =
        deadline_after(arbiter->switched_us, on ? arbiter->min_on_us : arbiter->min_off_us);
    if (now_us >= until_us || (on && next->priority == PRIORITY_SAFETY)) {
        return no_limit;
    }
    return keep_present(arbiter, on ? HOLD_MIN_ON : HOLD_MIN_OFF, until_us);
}

/* Whether it was on for too long; begins the pause when that is so from now on. */
static struct limit maximum_time(struct arbiter *arbiter, const struct decision *next,
                                 int64_t now_us)
{
    if (arbiter->max_on_us == 0 || !is_on(arbiter, &next->value) ||
        next->priority == PRIORITY_SAFETY) {
        return no_limit;
    }
    bool over = is_on(arbiter, &arbiter->decision.value) &&
                now_us >= deadline_after(arbiter->switched_us, arbiter->max_on_us);
    if (over) {
        arbiter->tired_until_us = deadline_after(now_us, arbiter->pause_us);
    }
    return over || now_us < arbiter->tired_until_us
               ? (struct limit){HOLD_MAX_ON, arbiter->off, arbiter->tired_until_us}
               : no_limit;
}

static struct limit change_rate(const struct arbiter *arbiter, const struct decision *next,
                                int64_t now_us)
{
    const struct value *present = &arbiter->decision.value;
    int64_t until_us = deadline_after(arbiter->changed_us, arbiter->min_change_us);
    bool free = arbiter->min_change_us == 0 || present->kind == VALUE_NONE ||
                value_equal(present, &next->value) || next->priority == PRIORITY_SAFETY ||
                now_us >= until_us;
    return free ? no_limit : keep_present(arbiter, HOLD_RATE, until_us);
}

static struct limit find_limit(struct arbiter *arbiter, const struct decision *next, int64_t now_us)
{
    struct limit limit = maximum_time(arbiter, next, now_us);
    if (limit.hold == HOLD_NONE) {
        limit = minimum_time(arbiter, next, now_us);
    }
    return limit.hold == HOLD_NONE ? change_rate(arbiter, next, now_us) : limit;
}

/* The winner has to wait: says for whom. */
static void apply_limit(const struct limit *limit, struct decision *decision)
{
    char wanted[VALUE_TEXT_SIZE];
    (void)value_format(&decision->wanted, wanted, sizeof(wanted));
    struct cause cause = decision->cause;
    (void)snprintf(cause.source, sizeof(cause.source), "%s", hold_name(limit->hold));
    cause_explain(&cause, "%s wants %s", decision->cause.source, wanted);
    decision->value = limit->value;
    decision->hold = limit->hold;
    decision->cause = cause;
    decision->until_us = limit->until_us;
}

static bool is_same(const struct decision *a, const struct decision *b)
{
    return value_equal(&a->value, &b->value) && value_equal(&a->wanted, &b->wanted) &&
           a->priority == b->priority && a->slot == b->slot && a->hold == b->hold &&
           a->until_us == b->until_us && a->losers == b->losers &&
           cause_equal(&a->cause, &b->cause);
}

static int64_t earliest_expiry(const struct arbiter *arbiter, int64_t now_us)
{
    int64_t deadline_us = DEADLINE_NONE;
    for (size_t i = 0; i < arbiter->slot_count; i++) {
        if (is_filled(&arbiter->slots[i], now_us)) {
            deadline_us = deadline_earlier(deadline_us, arbiter->slots[i].until_us);
        }
    }
    return deadline_us;
}

static void note_change(struct arbiter *arbiter, const struct decision *next, int64_t now_us)
{
    const struct value *present = &arbiter->decision.value;
    bool first = present->kind == VALUE_NONE && next->value.kind != VALUE_NONE;
    if (first || is_on(arbiter, present) != is_on(arbiter, &next->value)) {
        arbiter->switched_us = now_us;
    }
    if (!value_equal(present, &next->value)) {
        arbiter->changed_us = now_us;
    }
}

const struct decision *arbiter_decide(struct arbiter *arbiter, int64_t now_us)
{
    struct decision next = winner(arbiter, now_us);
    arbiter->deadline_us = earliest_expiry(arbiter, now_us);
    struct limit limit = find_limit(arbiter, &next, now_us);
    if (limit.hold != HOLD_NONE) {
        apply_limit(&limit, &next);
        arbiter->deadline_us = deadline_earlier(arbiter->deadline_us, limit.until_us);
    }
    note_change(arbiter, &next, now_us);
    if (arbiter->max_on_us > 0 && is_on(arbiter, &next.value) && next.priority != PRIORITY_SAFETY) {
        arbiter->deadline_us = deadline_earlier(
            arbiter->deadline_us, deadline_after(arbiter->switched_us, arbiter->max_on_us));
    }
    next.changed = !is_same(&arbiter->decision, &next);
    arbiter->decision = next;
    return &arbiter->decision;
}

const struct decision *arbiter_decision(const struct arbiter *arbiter)
{
    return &arbiter->decision;
}

int64_t arbiter_next_deadline(const struct arbiter *arbiter)
{
    return arbiter->deadline_us;
}

size_t arbiter_slot_count(const struct arbiter *arbiter)
{
    return arbiter->slot_count;
}

enum priority arbiter_class(const struct arbiter *arbiter, size_t slot)
{
    assert(slot < arbiter->slot_count);
    return arbiter->slots[slot].priority;
}

bool arbiter_claim(const struct arbiter *arbiter, size_t slot, int64_t now_us, struct claim *ret)
{
    assert(slot < arbiter->slot_count);
    const struct slot *asked = &arbiter->slots[slot];
    if (!is_filled(asked, now_us)) {
        return false;
    }
    *ret = (struct claim){asked->priority, &asked->proposal, asked->until_us};
    return true;
}

int64_t arbiter_max_on_ends(const struct arbiter *arbiter)
{
    bool counts = arbiter->max_on_us > 0 && is_on(arbiter, &arbiter->decision.value) &&
                  arbiter->decision.priority != PRIORITY_SAFETY;
    return counts ? deadline_after(arbiter->switched_us, arbiter->max_on_us) : DEADLINE_NONE;
}

void arbiter_archive(struct arbiter *arbiter, struct archive *a)
{
    struct value value = arbiter->decision.value;
    value_archive(&value, a, "decided");
    if (a->mode == ARCHIVE_LOAD && domain_check(&arbiter->domain, &value) == REFUSAL_NONE) {
        arbiter->decision.value = value;
    }
    archive_time(a, "switched_at", &arbiter->switched_us);
    archive_time(a, "decided_at", &arbiter->changed_us);
    archive_time(a, "tired_until", &arbiter->tired_until_us);
}

void arbiter_archive_slot(struct arbiter *arbiter, size_t slot, struct archive *a)
{
    struct slot *kept = &arbiter->slots[slot];
    struct slot loaded = *kept;
    value_archive(&loaded.proposal.value, a, "value");
    archive_time(a, "until", &loaded.until_us);
    cause_archive(&loaded.proposal.cause, a);
    if (domain_check(&arbiter->domain, &loaded.proposal.value) == REFUSAL_NONE) {
        *kept = loaded;
    }
}

void arbiter_resume(struct arbiter *arbiter, int64_t now_us)
{
    size_t filled;
    const struct slot *best = best_slot(arbiter, ARBITER_NO_SLOT, now_us, &filled);
    arbiter->decision.slot = best != NULL ? (size_t)(best - arbiter->slots) : ARBITER_NO_SLOT;
}

size_t arbiter_losers(const struct arbiter *arbiter, int64_t now_us, char *text, size_t size)
{
    size_t length = 0;
    assert(size > 0);
    text[0] = '\0';
    for (size_t i = 0; i < arbiter->slot_count; i++) {
        const struct slot *slot = &arbiter->slots[i];
        if (i == arbiter->decision.slot || !is_filled(slot, now_us)) {
            continue;
        }
        char wanted[VALUE_TEXT_SIZE];
        (void)value_format(&slot->proposal.value, wanted, sizeof(wanted));
        size_t at = length < size ? length : size;
        int added = snprintf(text + at, size - at, "%s%s wants %s", length > 0 ? "; " : "",
                             slot->proposal.cause.source, wanted);
        length += added > 0 ? (size_t)added : 0;
    }
    return length;
}

const char *priority_name(enum priority priority)
{
    static const char *const names[] = {
        [PRIORITY_SAFETY] = "safety",     [PRIORITY_INTERLOCK] = "interlock",
        [PRIORITY_MANUAL] = "manual",     [PRIORITY_CONTROLLER] = "controller",
        [PRIORITY_SCHEDULE] = "schedule", [PRIORITY_RULE] = "rule",
        [PRIORITY_REST] = "rest",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == PRIORITY_COUNT, "a name for each class");
    return names[priority];
}

const char *hold_name(enum hold hold)
{
    static const char *const names[] = {
        [HOLD_NONE] = "none",     [HOLD_MIN_ON] = "min_on", [HOLD_MIN_OFF] = "min_off",
        [HOLD_MAX_ON] = "max_on", [HOLD_RATE] = "rate",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == HOLD_COUNT, "a name for each hold");
    return names[hold];
}
