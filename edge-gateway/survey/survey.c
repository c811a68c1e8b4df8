#include "edge-gateway/survey/survey.h"

#include "edge-gateway/dbc/dbc_decode.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#define US_PER_S         1e6
#define CYCLE_FRAMES_MIN 3

struct survey {
    const struct dbc_database *db;
    struct survey_message *messages;
    struct dbc_value *values; /* room for the message with most signals */
    struct survey_totals totals;
};

static size_t most_signals(const struct dbc_database *db)
{
    size_t most = 1;
    for (size_t i = 0; i < dbc_message_count(db); i++) {
        size_t count = dbc_message_at(db, i)->signal_count;
        most = count > most ? count : most;
    }
    return most;
}

int survey_new(const struct dbc_database *db, struct survey **ret)
{
    struct survey *survey = calloc(1, sizeof(*survey));
    if (survey == NULL) {
        return -ENOMEM;
    }
    survey->db = db;
    survey->totals.messages = dbc_message_count(db);
    survey->messages = calloc(survey->totals.messages + 1, sizeof(struct survey_message));
    survey->values = calloc(most_signals(db), sizeof(struct dbc_value));
    if (survey->messages == NULL || survey->values == NULL) {
        survey_free(survey);
        return -ENOMEM;
    }
    for (size_t i = 0; i < survey->totals.messages; i++) {
        survey->messages[i].message = dbc_message_at(db, i);
    }
    *ret = survey;
    return 0;
}

void survey_free(struct survey *survey)
{
    if (survey == NULL) {
        return;
    }
    for (size_t i = 0; survey->messages != NULL && i < survey->totals.messages; i++) {
        free(survey->messages[i].signals);
    }
    free(survey->messages);
    free(survey->values);
    free(survey);
}

static void add_value(struct survey_signal *signal, const struct dbc_value *value)
{
    signal->values++;
    signal->out_of_range += value->quality == DBC_QUALITY_OUT_OF_RANGE;
    if (value->quality == DBC_QUALITY_NOT_AVAILABLE) {
        signal->not_available++;
        return;
    }
    if (value->signal->type == DBC_WIDE) {
        return;
    }
    signal->labelled += dbc_value_label(value) != NULL;
    noise_add(&signal->noise, dbc_value_number(value));
}

static bool is_plausible(const struct survey *survey, const struct dbc_message *message,
                         const struct frame *frame, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (survey->values[i].quality == DBC_QUALITY_OUT_OF_RANGE) {
            return false;
        }
    }
    return count > 0 && frame->len == message->size_bytes;
}

static void add_cycle(struct survey_message *seen, int64_t ts_us)
{
    if (seen->frames > 0 && ts_us >= seen->last_us) { /* a clock that was set back is no cycle */
        sample_add(&seen->cycle, (double)(ts_us - seen->last_us) / US_PER_S);
    }
    seen->last_us = ts_us;
}

int survey_add(struct survey *survey, const struct frame *frame)
{
    survey->totals.frames++;
    const struct dbc_message *message =
        dbc_find_by_id(survey->db, frame->can_id, (frame->flags & FRAME_EXTENDED) != 0);
    if (message == NULL) {
        return 0;
    }
    struct survey_message *seen = &survey->messages[message->index];
    if (seen->signals == NULL) {
        seen->signals = calloc(message->signal_count + 1u, sizeof(struct survey_signal));
        if (seen->signals == NULL) {
            return -ENOMEM;
        }
        survey->totals.seen++;
    }
    size_t count = dbc_decode(message, frame->data, frame->len, survey->values);
    bool plausible = is_plausible(survey, message, frame, count);
    for (size_t i = 0; i < count; i++) {
        add_value(&seen->signals[survey->values[i].signal->index], &survey->values[i]);
    }
    add_cycle(seen, frame->ts_us);
    seen->frames++;
    seen->malformed += count == 0;
    seen->plausible += plausible;
    survey->totals.known++;
    survey->totals.plausible += plausible;
    return 0;
}

const struct survey_message *survey_at(const struct survey *survey, size_t index)
{
    return &survey->messages[index];
}

struct survey_totals survey_totals(const struct survey *survey)
{
    return survey->totals;
}

double survey_cycle_s(const struct survey_message *message)
{
    return message->frames >= CYCLE_FRAMES_MIN ? sample_quantile(&message->cycle, 0.5) : 0.0;
}

enum noise_verdict survey_deadband(const struct survey_message *message, size_t signal,
                                   double *ret_deadband)
{
    const struct dbc_signal *dbc = &message->message->signals[signal];
    const struct survey_signal *seen = &message->signals[signal];
    if (dbc->length_bits == 1 || dbc->type == DBC_WIDE || dbc->multiplexor ||
        2 * seen->labelled > seen->values) {
        return NOISE_NONE;
    }
    bool is_float = dbc->type == DBC_FLOAT;
    double factor = is_float ? 0.0 : fabs(decimal_to_double(&dbc->factor));
    double full = is_float ? DBL_MAX : ldexp(factor, dbc->length_bits);
    return noise_judge(&seen->noise, factor, full, ret_deadband);
}
