#include "automation-node/input/input_archive.h"

#include "automation-node/input/deadline.h"

#include <string.h>

void value_archive(struct value *value, struct archive *a, const char *key)
{
    if (a->mode == ARCHIVE_SAVE) {
        switch (value->kind) {
        case VALUE_NONE:
            archive_null(a, key);
            break;
        case VALUE_NUMBER:
            archive_double(a, key, &value->number);
            break;
        case VALUE_TEXT:
            archive_text(a, key, value->text, sizeof(value->text));
            break;
        }
        return;
    }
    if (a->mode != ARCHIVE_LOAD) {
        return;
    }
    char text[VALUE_TEXT_SIZE] = "";
    double number = value->number;
    switch (archive_kind_of(a, key)) {
    case ARCHIVE_NULL:
        *value = (struct value){.kind = VALUE_NONE};
        break;
    case ARCHIVE_NUMBER:
        archive_double(a, key, &number);
        *value = value_number(number);
        break;
    case ARCHIVE_TEXT:
        archive_text(a, key, text, sizeof(text));
        if (value_text(text, strlen(text), value) < 0) {
            return; /* it stays as it is */
        }
        break;
    case ARCHIVE_ABSENT:
    case ARCHIVE_FLAG:
        break;
    }
}

static void archive_stale_after(struct input *input, struct archive *a)
{
    int64_t span_us = input->stale_after_us;
    if (!input->stale_is_open || (a->mode == ARCHIVE_SAVE && !input->stale_is_learnt)) {
        return;
    }
    archive_flag(a, "stale_is_learnt", &input->stale_is_learnt);
    archive_i64(a, "stale_after", &span_us);
    input->stale_after_us =
        input->stale_is_learnt && span_us >= 0 ? span_us : input->stale_after_us;
}

void input_archive(struct input *input, struct archive *a)
{
    archive_stale_after(input, a);
    value_archive(&input->value, a, "value");
    input->quality = (enum quality)archive_choice(a, "quality", (int)input->quality, QUALITY_COUNT);
    archive_flag(a, "seen", &input->seen);
    archive_u64(a, "seq", &input->seq);
    archive_i64(a, "ts", &input->ts_us);
    archive_time(a, "seen_at", &input->seen_us);
    archive_time(a, "good_at", &input->good_us);
    archive_time(a, "changed_at", &input->changed_us);
    archive_flag(a, "moved", &input->moved);
    archive_time(a, "moved_at", &input->moved_us);
    input->direction = archive_choice(a, "direction", input->direction + 1, 3) - 1;
    archive_flag(a, "restored", &input->restored);
    archive_time(a, "held_until", &input->held_until_us);
}

static int64_t later(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

/* By a clock that was ahead when it was written, all would be as fresh as on the day it shows. */
static void drop_future(struct input *input, int64_t now_us)
{
    int64_t *const instants_us[] = {&input->seen_us, &input->good_us, &input->changed_us,
                                    &input->moved_us};
    for (size_t i = 0; i < sizeof(instants_us) / sizeof(instants_us[0]); i++) {
        *instants_us[i] = *instants_us[i] < now_us ? *instants_us[i] : now_us;
    }
}

void input_doubt(struct input *input, int64_t alive_us, int64_t now_us)
{
    drop_future(input, now_us);
    bool good = input->seen && !input->restored && input->quality == QUALITY_GOOD;
    if (good) {
        input->good_us = later(input->good_us, alive_us);
    }
    if (good && input->value.kind == VALUE_NUMBER) {
        input->changed_us = later(input->changed_us, alive_us);
    }
    bool lost = !input->seen || input->quality == QUALITY_STALE || input->value.kind == VALUE_NONE;
    if (!input->restored) {
        input->held_until_us = input->stale_after_us > 0
                                   ? deadline_after(input->good_us, input->stale_after_us)
                                   : deadline_after(now_us, INPUT_RESTORED_HOLD_US);
    }
    input->held_until_us = lost ? now_us : input->held_until_us;
    input->restored = input->seen;
}
