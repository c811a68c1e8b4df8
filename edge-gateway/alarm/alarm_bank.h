/*
 * Many alarms over many signals: which of them a new value concerns. Feed values, then take and
 * step what they touched. Pure; nothing is allocated after it was made.
 */
#ifndef EDGE_GATEWAY_ALARM_ALARM_BANK_H
#define EDGE_GATEWAY_ALARM_ALARM_BANK_H

#include "edge-gateway/alarm/alarm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alarm_bank;

/* `specs` are borrowed; `now_us` is when every input began to be waited for. 0 or -ENOMEM. */
EDGE_MUST_CHECK int alarm_bank_new(const struct alarm_spec *specs, size_t count, size_t input_count,
                                   int64_t now_us, struct alarm_bank **ret);
void alarm_bank_free(struct alarm_bank *bank);

/* A frame brought the input. `known`: it says something, and `number` is finite. */
void alarm_bank_feed(struct alarm_bank *bank, size_t input, double number, bool known,
                     int64_t now_us);

/* As it was known to an earlier bank; no alarm is touched by it. */
void alarm_bank_set_input(struct alarm_bank *bank, size_t input, const struct alarm_input *known);

/* The alarm is to be stepped, for a reason of its own. */
void alarm_bank_touch(struct alarm_bank *bank, size_t alarm);

/* The one that was touched first, and is no longer; false: none. */
bool alarm_bank_take(struct alarm_bank *bank, size_t *ret_alarm);
/* The same among those that read the input: to be stepped before it gets another value. */
bool alarm_bank_take_reader(struct alarm_bank *bank, size_t input, size_t *ret_alarm);

struct alarm *alarm_bank_at(struct alarm_bank *bank, size_t alarm);
size_t alarm_bank_count(const struct alarm_bank *bank);
const struct alarm_input *alarm_bank_inputs(const struct alarm_bank *bank);

/* How many there are, now. */
struct alarm_bank_figures {
    uint64_t active;
    uint64_t unacknowledged; /* of those that are not hidden */
    uint64_t shelved;
    uint64_t suppressed;
    uint64_t out_of_service;
    uint64_t chattering;
    uint64_t old;
};

struct alarm_bank_figures alarm_bank_figures(const struct alarm_bank *bank,
                                             const struct alarm_now *now);

#endif
