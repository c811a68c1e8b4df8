/* What the tests of the engine share: short ways to write values, readings and proposals. */
#ifndef EDGE_TESTS_UNIT_ENGINE_HELP_H
#define EDGE_TESTS_UNIT_ENGINE_HELP_H

#include "automation-node/engine/domain.h"
#include "automation-node/engine/proposal.h"
#include "automation-node/input/input.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)

static inline struct value label(const char *text)
{
    struct value value = {0};
    assert_int_equal(value_text(text, strlen(text), &value), 0);
    return value;
}

static inline struct value none(void)
{
    return (struct value){.kind = VALUE_NONE};
}

static inline struct domain on_off(void)
{
    return (struct domain){.labels = {{.value = label("ON")}, {.value = label("OFF")}},
                           .label_count = 2};
}

static inline struct proposal proposing(const char *text, const char *source)
{
    struct proposal proposal = {.value = text != NULL ? label(text) : none()};
    (void)snprintf(proposal.cause.source, sizeof(proposal.cause.source), "%s", source);
    cause_explain(&proposal.cause, "test");
    return proposal;
}

static inline struct reading good(struct value value, uint64_t seq)
{
    return (struct reading){
        .value = value, .quality = QUALITY_GOOD, .ts_us = (int64_t)seq * 1000, .seq = seq};
}

static inline void show(struct input *input, double number, int64_t now_us)
{
    struct reading reading = good(value_number(number), 1);
    input_update(input, &reading, now_us);
}

static inline void show_quality(struct input *input, enum quality quality, int64_t now_us)
{
    struct reading reading = {.quality = quality, .seq = 2};
    input_update(input, &reading, now_us);
}

static inline struct input make_input(const char *id, const char *unit, int64_t stale_after_us)
{
    struct input input = {0};
    struct input_options options = {id, unit, stale_after_us};
    assert_int_equal(input_init(&options, &input), 0);
    return input;
}

static inline void assert_value(struct value value, const char *text)
{
    char shown[VALUE_TEXT_SIZE];
    (void)value_format(&value, shown, sizeof(shown));
    assert_string_equal(shown, text);
}

#endif
