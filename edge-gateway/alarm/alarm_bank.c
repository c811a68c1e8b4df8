#include "edge-gateway/alarm/alarm_bank.h"

#include <errno.h>
#include <stdlib.h>

/* Neighbours in the ring of those that are touched; an alarm that is not has none. */
struct link {
    size_t before;
    size_t after;
};

#define NOWHERE SIZE_MAX

struct alarm_bank {
    struct alarm *alarms;
    size_t count;
    struct alarm_input *inputs;
    size_t input_count;
    size_t *first;      /* by input: where its readers begin; one more for the end */
    size_t *readers;    /* alarms */
    struct link *links; /* by alarm, and at `count` the ring's own: after it comes the first */
};

static bool reads(const struct alarm_spec *spec, size_t input)
{
    const struct alarm_condition *c = &spec->condition;
    bool has_input = c->type != ALARM_TYPE_WHEN && c->type != ALARM_TYPE_TOLD;
    return (has_input && (c->input == input || (c->has_other && c->other == input))) ||
           (c->type == ALARM_TYPE_WHEN && alarm_expression_reads(c->when, input)) ||
           (spec->suppress_when != NULL && alarm_expression_reads(spec->suppress_when, input));
}

static size_t count_readers(const struct alarm_bank *bank)
{
    size_t total = 0;
    for (size_t input = 0; input < bank->input_count; input++) {
        for (size_t i = 0; i < bank->count; i++) {
            total += reads(bank->alarms[i].spec, input);
        }
    }
    return total;
}

static void list_readers(struct alarm_bank *bank)
{
    size_t at = 0;
    for (size_t input = 0; input < bank->input_count; input++) {
        bank->first[input] = at;
        for (size_t i = 0; i < bank->count; i++) {
            if (reads(bank->alarms[i].spec, input)) {
                bank->readers[at++] = i;
            }
        }
    }
    bank->first[bank->input_count] = at;
}

static int allocate(struct alarm_bank *bank)
{
    bank->inputs = calloc(bank->input_count + 1, sizeof(*bank->inputs));
    bank->first = calloc(bank->input_count + 1, sizeof(*bank->first));
    bank->readers = calloc(count_readers(bank) + 1, sizeof(*bank->readers));
    bank->links = calloc(bank->count + 1, sizeof(*bank->links));
    return bank->inputs != NULL && bank->first != NULL && bank->readers != NULL &&
                   bank->links != NULL
               ? 0
               : -ENOMEM;
}

int alarm_bank_new(const struct alarm_spec *specs, size_t count, size_t input_count, int64_t now_us,
                   struct alarm_bank **ret)
{
    struct alarm_bank *bank = calloc(1, sizeof(*bank));
    if (bank == NULL) {
        return -ENOMEM;
    }
    bank->input_count = input_count;
    bank->alarms = calloc(count + 1, sizeof(*bank->alarms));
    for (size_t i = 0; bank->alarms != NULL && i < count; i++) {
        alarm_init(&bank->alarms[i], &specs[i]);
        bank->count++;
    }
    if (bank->alarms == NULL || allocate(bank) < 0) {
        alarm_bank_free(bank);
        return -ENOMEM;
    }
    list_readers(bank);
    for (size_t i = 0; i < count; i++) {
        bank->links[i] = (struct link){NOWHERE, NOWHERE};
    }
    bank->links[count] = (struct link){count, count};
    for (size_t i = 0; i < input_count; i++) {
        bank->inputs[i].seen_us = now_us;
    }
    *ret = bank;
    return 0;
}

void alarm_bank_free(struct alarm_bank *bank)
{
    if (bank != NULL) {
        free(bank->alarms);
        free(bank->inputs);
        free(bank->first);
        free(bank->readers);
        free(bank->links);
        free(bank);
    }
}

static bool is_touched(const struct alarm_bank *bank, size_t alarm)
{
    return bank->links[alarm].after != NOWHERE;
}

void alarm_bank_touch(struct alarm_bank *bank, size_t alarm)
{
    struct link *ring = &bank->links[bank->count];
    if (is_touched(bank, alarm)) {
        return;
    }
    bank->links[alarm] = (struct link){ring->before, bank->count};
    bank->links[ring->before].after = alarm;
    ring->before = alarm;
}

static void untouch(struct alarm_bank *bank, size_t alarm)
{
    struct link *link = &bank->links[alarm];
    bank->links[link->before].after = link->after;
    bank->links[link->after].before = link->before;
    *link = (struct link){NOWHERE, NOWHERE};
}

void alarm_bank_feed(struct alarm_bank *bank, size_t input, double number, bool known,
                     int64_t now_us)
{
    struct alarm_input *in = &bank->inputs[input];
    *in = (struct alarm_input){known ? number : in->number, known, now_us};
    for (size_t i = bank->first[input]; i < bank->first[input + 1]; i++) {
        struct alarm *alarm = &bank->alarms[bank->readers[i]];
        if (known && alarm->spec->condition.input == input) {
            alarm_detector_note(&alarm->detector, &alarm->spec->condition, number, now_us);
        }
        alarm_bank_touch(bank, bank->readers[i]);
    }
}

bool alarm_bank_take(struct alarm_bank *bank, size_t *ret_alarm)
{
    size_t first = bank->links[bank->count].after;
    if (first == bank->count) {
        return false;
    }
    untouch(bank, first);
    *ret_alarm = first;
    return true;
}

bool alarm_bank_take_reader(struct alarm_bank *bank, size_t input, size_t *ret_alarm)
{
    for (size_t i = bank->first[input]; i < bank->first[input + 1]; i++) {
        if (is_touched(bank, bank->readers[i])) {
            untouch(bank, bank->readers[i]);
            *ret_alarm = bank->readers[i];
            return true;
        }
    }
    return false;
}

struct alarm *alarm_bank_at(struct alarm_bank *bank, size_t alarm)
{
    return &bank->alarms[alarm];
}

size_t alarm_bank_count(const struct alarm_bank *bank)
{
    return bank->count;
}

const struct alarm_input *alarm_bank_inputs(const struct alarm_bank *bank)
{
    return bank->inputs;
}

struct alarm_bank_figures alarm_bank_figures(const struct alarm_bank *bank,
                                             const struct alarm_now *now)
{
    struct alarm_bank_figures f = {0};
    for (size_t i = 0; i < bank->count; i++) {
        const struct alarm *alarm = &bank->alarms[i];
        const struct alarm_state *state = &alarm->state;
        f.active += state->active;
        f.unacknowledged += state->unacked && !alarm_state_is_hidden(state);
        f.shelved += state->shelved;
        f.suppressed += state->suppressed;
        f.out_of_service += state->out_of_service;
        f.chattering += alarm_is_chattering(alarm, now->monotonic_us);
        f.old += alarm_is_old(alarm, now->wall_us);
    }
    return f;
}

void alarm_bank_set_input(struct alarm_bank *bank, size_t input, const struct alarm_input *known)
{
    bank->inputs[input] = *known;
}
