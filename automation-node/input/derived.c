#include "automation-node/input/derived.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US     INT64_C(1000000)
#define HOUR_US       (3600 * SECOND_US)
#define SAMPLES_MAX   32 /* of a rate, over its span */
#define BUCKETS_COUNT 60 /* of a time, over its span */

struct sample {
    int64_t at_us;
    double value;
};

/* A ring of the last SAMPLES_MAX; the newest moves until it is far enough from the one before. */
struct rate {
    struct sample samples[SAMPLES_MAX];
    size_t first;
    size_t count;
};

/* How much of each bucket the source was in the state. */
struct stopwatch {
    bool runs;        /* the source is in the state */
    int64_t since_us; /* since when */
    int64_t noted_us; /* up to here the buckets are filled */
    int64_t number;   /* of the bucket that is filled now, counted from the instant 0 */
    int64_t in_us[BUCKETS_COUNT];
};

struct derived {
    enum derived_kind kind;
    int64_t span_us;
    struct value state;
    struct rate rate;
    struct stopwatch watch;
    int64_t deadline_us;
    size_t source_count;
    size_t sources[];
};

static bool are_valid(const struct derived_options *options)
{
    switch (options->kind) {
    case DERIVED_MEAN:
    case DERIVED_MIN:
    case DERIVED_MAX:
        return options->source_count > 0;
    case DERIVED_DIFFERENCE:
        return options->source_count == 2;
    case DERIVED_RATE:
        return options->source_count == 1 && options->span_us >= SAMPLES_MAX;
    case DERIVED_TIME:
        return options->source_count == 1 && options->state.kind != VALUE_NONE &&
               (options->span_us == 0 || options->span_us >= BUCKETS_COUNT);
    case DERIVED_KIND_COUNT:
        break;
    }
    return false;
}

int derived_new(const struct derived_options *options, struct derived **ret)
{
    if (!are_valid(options)) {
        return -EINVAL;
    }
    struct derived *derived =
        calloc(1, sizeof(*derived) + options->source_count * sizeof(derived->sources[0]));
    if (derived == NULL) {
        return -ENOMEM;
    }
    derived->kind = options->kind;
    derived->span_us = options->span_us;
    derived->state = options->state;
    derived->deadline_us = DEADLINE_NONE;
    derived->source_count = options->source_count;
    memcpy(derived->sources, options->sources, options->source_count * sizeof(derived->sources[0]));
    *ret = derived;
    return 0;
}

void derived_free(struct derived *derived)
{
    free(derived);
}

/* ---- of several ---- */

static double combine(const struct derived *d, const struct input *inputs)
{
    double result = inputs[d->sources[0]].value.number;
    for (size_t i = 1; i < d->source_count; i++) {
        double next = inputs[d->sources[i]].value.number;
        switch (d->kind) {
        case DERIVED_MEAN:
            result += next;
            break;
        case DERIVED_MIN:
            result = next < result ? next : result;
            break;
        case DERIVED_MAX:
            result = next > result ? next : result;
            break;
        case DERIVED_DIFFERENCE:
            result -= next;
            break;
        case DERIVED_RATE:
        case DERIVED_TIME:
        case DERIVED_KIND_COUNT:
            break;
        }
    }
    return d->kind == DERIVED_MEAN ? result / (double)d->source_count : result;
}

/* ---- rate ---- */

static struct sample *sample_at(struct rate *rate, size_t index)
{
    return &rate->samples[(rate->first + index) % SAMPLES_MAX];
}

static void drop_first(struct rate *rate)
{
    rate->first = (rate->first + 1) % SAMPLES_MAX;
    rate->count--;
}

static void drop_old(struct rate *rate, int64_t before_us)
{
    while (rate->count > 1 && sample_at(rate, 0)->at_us < before_us) {
        drop_first(rate);
    }
}

static void take_sample(struct derived *d, const struct input *input)
{
    struct rate *rate = &d->rate;
    const struct sample sample = {input->seen_us, input->value.number};
    int64_t spacing_us = d->span_us / (SAMPLES_MAX - 2);
    while (rate->count > 0 && sample_at(rate, rate->count - 1)->at_us > sample.at_us) {
        rate->count--; /* remembered by a clock that was ahead */
    }
    bool moves =
        (rate->count > 1 && sample.at_us - sample_at(rate, rate->count - 2)->at_us < spacing_us) ||
        (rate->count > 0 && sample.at_us == sample_at(rate, rate->count - 1)->at_us);
    if (!moves) {
        if (rate->count == SAMPLES_MAX) {
            drop_first(rate);
        }
        rate->count++;
    }
    *sample_at(rate, rate->count - 1) = sample;
    drop_old(rate, sample.at_us - d->span_us);
}

/* The slope of the straight line that fits best, per hour. Unknown until half the span was seen. */
static struct value slope(const struct derived *d)
{
    struct rate rate = d->rate;
    int64_t zero_us = sample_at(&rate, 0)->at_us;
    int64_t seen_us = sample_at(&rate, rate.count - 1)->at_us - zero_us;
    double t = 0;
    double v = 0;
    double tt = 0;
    double tv = 0;
    if (seen_us < d->span_us / 2) {
        return (struct value){.kind = VALUE_NONE};
    }
    for (size_t i = 0; i < rate.count; i++) {
        const struct sample *sample = sample_at(&rate, i);
        double hours = (double)(sample->at_us - zero_us) / (double)HOUR_US;
        t += hours;
        v += sample->value;
        tt += hours * hours;
        tv += hours * sample->value;
    }
    double n = (double)rate.count;
    return value_number((n * tv - t * v) / (n * tt - t * t));
}

/* ---- time in a state ---- */

/* Instants from before the machine's start are negative. */
static int64_t *bucket_at(struct stopwatch *watch, int64_t number)
{
    return &watch->in_us[((number % BUCKETS_COUNT) + BUCKETS_COUNT) % BUCKETS_COUNT];
}

/* Counts the time from the last call up to now into its buckets. */
static void fill_buckets(struct derived *d, int64_t now_us)
{
    struct stopwatch *watch = &d->watch;
    int64_t length_us = d->span_us / BUCKETS_COUNT;
    int64_t number = now_us / length_us;
    if (watch->noted_us > now_us) { /* remembered by a clock that was ahead */
        *watch = (struct stopwatch){
            .runs = watch->runs, .since_us = now_us, .noted_us = now_us, .number = number};
    }
    if (number - watch->number > BUCKETS_COUNT) {
        watch->number = number - BUCKETS_COUNT - 1; /* all older ones are past */
        memset(watch->in_us, 0, sizeof(watch->in_us));
    }
    while (watch->number < number) {
        int64_t end_us = (watch->number + 1) * length_us;
        int64_t from_us =
            end_us - length_us > watch->noted_us ? end_us - length_us : watch->noted_us;
        *bucket_at(watch, watch->number) += watch->runs && end_us > from_us ? end_us - from_us : 0;
        watch->number++;
        *bucket_at(watch, watch->number) = 0;
        watch->noted_us = end_us > watch->noted_us ? end_us : watch->noted_us;
    }
    *bucket_at(watch, number) += watch->runs ? now_us - watch->noted_us : 0;
    watch->noted_us = now_us;
}

static int64_t sum_of_buckets(const struct stopwatch *watch)
{
    int64_t sum_us = 0;
    for (size_t i = 0; i < BUCKETS_COUNT; i++) {
        sum_us += watch->in_us[i];
    }
    return sum_us;
}

static struct value measure(struct derived *d, const struct input *input, int64_t now_us)
{
    struct stopwatch *watch = &d->watch;
    bool runs = input != NULL && value_equal(&input->value, &d->state);
    if (d->span_us > 0) {
        fill_buckets(d, now_us);
    }
    if (runs && !watch->runs) {
        watch->since_us = input->changed_us;
    }
    watch->runs = runs;
    watch->since_us = watch->since_us < now_us ? watch->since_us : now_us;
    if (d->span_us > 0) {
        /* Old time leaves bucket by bucket, new time comes in second by second. */
        int64_t length_us = d->span_us / BUCKETS_COUNT;
        int64_t next_us = (now_us / length_us + 1) * length_us;
        int64_t sum_us = sum_of_buckets(watch);
        int64_t full_us = now_us + SECOND_US - sum_us % SECOND_US;
        d->deadline_us = runs         ? deadline_earlier(next_us, full_us)
                         : sum_us > 0 ? next_us
                                      : DEADLINE_NONE;
        return value_number((double)(sum_us / SECOND_US));
    }
    int64_t passed_s = runs ? (now_us - watch->since_us) / SECOND_US : 0;
    d->deadline_us = runs ? watch->since_us + (passed_s + 1) * SECOND_US : DEADLINE_NONE;
    return value_number((double)passed_s);
}

/* ---- what it shows ---- */

/* The newest of the sources says when; a time goes on by itself. */
static void note_source(const struct derived *d, const struct input *input, int64_t now_us,
                        struct reading *reading)
{
    int64_t age_us = d->kind != DERIVED_TIME && input->seen ? now_us - input->seen_us : 0;
    reading->age_us = age_us < reading->age_us ? age_us : reading->age_us;
    if (input->ts_us >= reading->ts_us) {
        reading->ts_us = input->ts_us;
        reading->seq = input->seq;
    }
}

static bool is_usable(const struct derived *d, const struct input *input)
{
    return d->kind == DERIVED_TIME || input->value.kind == VALUE_NUMBER;
}

/* Good if all are; else the quality of the worst, which is stale where one is lost. */
static enum quality worst(const struct derived *d, const struct input *inputs, int64_t now_us)
{
    enum quality quality = QUALITY_GOOD;
    for (size_t i = 0; i < d->source_count; i++) {
        const struct input *input = &inputs[d->sources[i]];
        enum input_trust trust = input_trust(input, now_us);
        if (trust == INPUT_LOST || (trust == INPUT_GOOD && !is_usable(d, input))) {
            return QUALITY_STALE;
        }
        enum quality next = input_quality(input, now_us);
        quality = next > quality ? next : quality;
    }
    return quality;
}

static struct value compute(struct derived *d, const struct input *inputs, int64_t now_us)
{
    const struct input *first = &inputs[d->sources[0]];
    if (d->kind == DERIVED_TIME) {
        return measure(d, first, now_us);
    }
    if (d->kind == DERIVED_RATE) {
        take_sample(d, first);
        return slope(d);
    }
    return value_number(combine(d, inputs));
}

/* What was seen before a source was lost says nothing of the time after. */
static void forget(struct derived *d, int64_t now_us)
{
    d->rate.count = 0;
    if (d->kind == DERIVED_TIME) {
        (void)measure(d, NULL, now_us);
    }
    d->deadline_us = DEADLINE_NONE;
}

struct reading derived_evaluate(struct derived *derived, const struct input *inputs, int64_t now_us)
{
    struct reading reading = {.quality = worst(derived, inputs, now_us), .age_us = INT64_MAX};
    derived->deadline_us = DEADLINE_NONE; /* while a source is held, nothing moves */
    for (size_t i = 0; i < derived->source_count; i++) {
        note_source(derived, &inputs[derived->sources[i]], now_us, &reading);
    }
    if (reading.quality == QUALITY_GOOD) {
        reading.value = compute(derived, inputs, now_us);
        if (reading.value.kind == VALUE_NONE) {
            reading.quality = QUALITY_NOT_AVAILABLE;
        }
    } else if (reading.quality == QUALITY_STALE) {
        forget(derived, now_us);
    }
    return reading;
}

int64_t derived_next_deadline(const struct derived *derived)
{
    return derived->deadline_us;
}

/* ---- over a stop ---- */

static void archive_rate(struct rate *rate, struct archive *a)
{
    archive_index(a, "samples", &rate->count, SAMPLES_MAX + 1);
    rate->first = a->mode == ARCHIVE_LOAD ? 0 : rate->first;
    for (size_t i = 0; i < rate->count; i++) {
        size_t mark = archive_enter(a, "sample", i);
        archive_time(a, "at", &sample_at(rate, i)->at_us);
        archive_double(a, "value", &sample_at(rate, i)->value);
        archive_leave(a, mark);
    }
}

/* The buckets from the newest on: where they begin depends on the machine's start. */
static void archive_watch(struct stopwatch *watch, int64_t span_us, struct archive *a)
{
    archive_flag(a, "runs", &watch->runs);
    archive_time(a, "since", &watch->since_us);
    archive_time(a, "noted_at", &watch->noted_us);
    if (span_us == 0) {
        return;
    }
    if (a->mode == ARCHIVE_LOAD) {
        int64_t length_us = span_us / BUCKETS_COUNT;
        watch->number = watch->noted_us / length_us - (watch->noted_us % length_us < 0 ? 1 : 0);
    }
    for (size_t i = 0; i < BUCKETS_COUNT; i++) {
        int64_t *in_us = bucket_at(watch, watch->number - (int64_t)i);
        size_t mark = archive_enter(a, "bucket", i);
        archive_i64(a, "in", in_us);
        archive_leave(a, mark);
        *in_us = *in_us >= 0 && *in_us <= span_us / BUCKETS_COUNT ? *in_us : 0;
    }
}

void derived_archive(struct derived *derived, struct archive *a)
{
    if (derived->kind == DERIVED_RATE) {
        archive_rate(&derived->rate, a);
    } else if (derived->kind == DERIVED_TIME) {
        archive_watch(&derived->watch, derived->span_us, a);
    }
}

void derived_doubt(struct derived *derived, int64_t alive_us, int64_t now_us)
{
    struct stopwatch *watch = &derived->watch;
    if (derived->kind != DERIVED_TIME || derived->span_us == 0) {
        return;
    }
    if (alive_us > watch->noted_us && alive_us <= now_us) {
        fill_buckets(derived, alive_us);
    }
    watch->runs = false; /* until it is seen again */
    fill_buckets(derived, now_us);
}

const char *derived_kind_name(enum derived_kind kind)
{
    static const char *const names[] = {
        [DERIVED_MEAN] = "mean", [DERIVED_MIN] = "min",
        [DERIVED_MAX] = "max",   [DERIVED_DIFFERENCE] = "difference",
        [DERIVED_RATE] = "rate", [DERIVED_TIME] = "time_in_state",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == DERIVED_KIND_COUNT, "a name for each kind");
    return names[kind];
}
