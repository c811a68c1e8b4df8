#include "automation-node/input/input.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdio.h>

const char *quality_name(enum quality quality)
{
    static const char *const names[] = {
        [QUALITY_GOOD] = "good",
        [QUALITY_STALE] = "stale",
        [QUALITY_OUT_OF_RANGE] = "out_of_range",
        [QUALITY_NOT_AVAILABLE] = "not_available",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == QUALITY_COUNT, "a name for each quality");
    return names[quality];
}

int input_init(const struct input_options *options, struct input *ret)
{
    if (options->stale_after_us < 0) {
        return -EINVAL;
    }
    struct input input = {.stale_after_us = options->stale_after_us, .quality = QUALITY_STALE};
    int r = name_copy(options->id, sizeof(input.id), input.id);
    if (r == 0 && options->unit != NULL && options->unit[0] != '\0') {
        r = name_copy(options->unit, sizeof(input.unit), input.unit);
    }
    if (r < 0) {
        return r;
    }
    *ret = input;
    return 0;
}

bool input_learn_stale_after(struct input *input, int64_t span_us)
{
    bool same = input->stale_is_learnt && input->stale_after_us == span_us;
    if (!input->stale_is_open || span_us < 0 || same) {
        return false;
    }
    input->stale_is_learnt = true;
    input->stale_after_us = span_us;
    return true;
}

/* When something last seen at `seen_us` is too old. */
static int64_t stale_at(const struct input *input, int64_t seen_us)
{
    return input->stale_after_us > 0 ? deadline_after(seen_us, input->stale_after_us)
                                     : DEADLINE_NONE;
}

enum quality input_quality(const struct input *input, int64_t now_us)
{
    if (input->restored) {
        return now_us < input->held_until_us ? QUALITY_NOT_AVAILABLE : QUALITY_STALE;
    }
    bool aged = !input->seen || now_us >= stale_at(input, input->seen_us);
    return aged ? QUALITY_STALE : input->quality;
}

enum input_trust input_trust(const struct input *input, int64_t now_us)
{
    enum quality quality = input_quality(input, now_us);
    if (quality == QUALITY_GOOD) {
        return INPUT_GOOD;
    }
    if (input->restored) {
        return now_us < input->held_until_us ? INPUT_HELD : INPUT_LOST;
    }
    bool held = quality != QUALITY_STALE && input->stale_after_us > 0 &&
                input->value.kind != VALUE_NONE && now_us < stale_at(input, input->good_us);
    return held ? INPUT_HELD : INPUT_LOST;
}

static int direction(const struct value *from, const struct value *to)
{
    if (from->kind != VALUE_NUMBER || to->kind != VALUE_NUMBER) {
        return 0;
    }
    return to->number > from->number ? 1 : -1;
}

/* A good value; true if a known one became another. */
static bool take_value(struct input *input, const struct value *value, bool lost, int64_t seen_us)
{
    bool restored = input->restored;
    input->restored = false;
    bool differs = input->value.kind != VALUE_NONE && !value_equal(&input->value, value);
    bool moved = differs && !restored;
    input->good_us = seen_us;
    if (moved) {
        input->moved = true;
        input->moved_us = seen_us;
        input->direction = direction(&input->value, value);
    }
    if (lost || differs) {
        input->value = *value;
        input->changed_us = seen_us;
    }
    return moved;
}

/* Or may turn out to, when somebody tells. */
static bool ages(const struct input *input)
{
    return input->stale_after_us > 0 || (input->stale_is_open && !input->stale_is_learnt);
}

bool input_update(struct input *input, const struct reading *reading, int64_t now_us)
{
    if (reading->age_is_unknown && ages(input)) {
        return false;
    }
    bool good = reading->quality == QUALITY_GOOD && reading->value.kind != VALUE_NONE;
    bool lost = input_trust(input, now_us) == INPUT_LOST;
    int64_t seen_us = now_us - reading->age_us;
    if (input->seen && seen_us < input->seen_us) {
        seen_us = input->seen_us; /* time does not go back */
    }
    input->seen = true;
    input->seen_us = seen_us;
    input->seq = reading->seq;
    input->ts_us = reading->ts_us;
    input->quality = reading->quality;
    /* A bad reading says as little as before; a good one ends it in take_value(). */
    input->restored = input->restored && reading->quality != QUALITY_STALE;
    if (!good && reading->quality == QUALITY_GOOD) {
        input->quality = QUALITY_NOT_AVAILABLE; /* a good reading of nothing */
    }
    return good && take_value(input, &reading->value, lost, seen_us);
}

enum input_trust input_number(const struct input *input, int64_t now_us, double *ret)
{
    enum input_trust trust = input_trust(input, now_us);
    if (trust != INPUT_GOOD) {
        return trust;
    }
    if (input->value.kind != VALUE_NUMBER) {
        return INPUT_LOST;
    }
    *ret = input->value.number;
    return INPUT_GOOD;
}

int64_t input_next_deadline(const struct input *input, int64_t now_us)
{
    int64_t deadline_us = DEADLINE_NONE;
    if (input->restored) {
        return now_us < input->held_until_us ? input->held_until_us : DEADLINE_NONE;
    }
    if (input_quality(input, now_us) != QUALITY_STALE) {
        deadline_us = stale_at(input, input->seen_us);
    }
    if (input_trust(input, now_us) == INPUT_HELD) {
        deadline_us = deadline_earlier(deadline_us, stale_at(input, input->good_us));
    }
    return deadline_us;
}

void input_explain(const struct input *input, int64_t now_us, char *text, size_t size)
{
    enum quality quality = input_quality(input, now_us);
    if (quality == QUALITY_GOOD) {
        (void)snprintf(text, size, "input '%s' shows '%s'", input->id, input->value.text);
        return;
    }
    const char *since = !input->seen      ? " (never seen)"
                        : input->restored ? " (not seen since the start)"
                                          : "";
    (void)snprintf(text, size, "input '%s' is %s%s", input->id, quality_name(quality), since);
}
