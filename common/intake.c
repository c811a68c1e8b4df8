#include "common/intake.h"

#define BURST_S       2
#define ANSWERS_PER_S 10

static const struct config_key limits_keys[] = {
    {.name = "payload",
     .type = CONFIG_BYTES,
     CONFIG_FIELD(struct intake_limits, payload_bytes),
     .fallback = "16KiB",
     .min = "256",
     .max = "1MiB",
     .help = "longest payload of a wish or request that is read"},
    {.name = "wishes",
     .type = CONFIG_INT,
     CONFIG_FIELD(struct intake_limits, wishes),
     .fallback = "1000",
     .min = "0",
     .max = "100000",
     .help = "wishes a second, all topics together; 0 = no limit"},
    {.name = "wishes_per_topic",
     .type = CONFIG_INT,
     CONFIG_FIELD(struct intake_limits, wishes_per_topic),
     .fallback = "200",
     .min = "0",
     .max = "100000",
     .help = "wishes a second on one topic; 0 = no limit"},
    {.name = "requests",
     .type = CONFIG_INT,
     CONFIG_FIELD(struct intake_limits, requests),
     .fallback = "50",
     .min = "0",
     .max = "100000",
     .help = "requests a second; 0 = no limit"},
    {.name = NULL},
};

const struct config_section intake_limits_schema = CONFIG_STRUCT(struct intake_limits, limits_keys);

const char *intake_verdict_text(enum intake_verdict verdict)
{
    static const char *const texts[] = {
        [INTAKE_TAKEN] = "taken",
        [INTAKE_TOO_LARGE] = "too_large",
        [INTAKE_TOO_MANY] = "too_many",
        [INTAKE_TOO_MANY_ON_TOPIC] = "too_many_on_topic",
    };
    _Static_assert(sizeof(texts) / sizeof(texts[0]) == INTAKE_VERDICT_COUNT, "a text for each");
    return texts[verdict];
}

/* FNV-1a from a seed that nobody outside knows, so that nobody can choose who shares a place. */
static size_t place_of(const struct intake *intake, const char *topic)
{
    uint64_t hash = intake->seed ^ UINT64_C(14695981039346656037);
    for (; *topic != '\0'; topic++) {
        hash = (hash ^ (unsigned char)*topic) * UINT64_C(1099511628211);
    }
    return (size_t)((hash >> 32) % INTAKE_TOPICS);
}

static struct token_rate rate_of(int64_t per_s)
{
    return (struct token_rate){per_s, per_s * BURST_S};
}

/* The topic's limit comes first: what passes it alone costs the others something. */
static enum intake_verdict judge(struct intake *intake, enum intake_kind kind, const char *topic,
                                 size_t length, int64_t now_us)
{
    const struct intake_limits *limits = &intake->limits;
    if (length > (size_t)limits->payload_bytes) {
        return INTAKE_TOO_LARGE;
    }
    if (kind == INTAKE_REQUEST) {
        return token_bucket_take(&intake->requests, rate_of(limits->requests), now_us)
                   ? INTAKE_TAKEN
                   : INTAKE_TOO_MANY;
    }
    struct token_bucket *own = &intake->topics[place_of(intake, topic)];
    if (!token_bucket_take(own, rate_of(limits->wishes_per_topic), now_us)) {
        return INTAKE_TOO_MANY_ON_TOPIC;
    }
    return token_bucket_take(&intake->wishes, rate_of(limits->wishes), now_us) ? INTAKE_TAKEN
                                                                               : INTAKE_TOO_MANY;
}

enum intake_verdict intake_judge(struct intake *intake, enum intake_kind kind, const char *topic,
                                 size_t length, int64_t now_us)
{
    if (kind == INTAKE_OTHER) {
        return INTAKE_TAKEN;
    }
    enum intake_verdict verdict = judge(intake, kind, topic, length, now_us);
    uint64_t *counters = kind == INTAKE_WISH ? intake->stats.wishes : intake->stats.requests;
    counters[verdict]++;
    return verdict;
}

bool intake_may_answer(struct intake *intake, int64_t now_us)
{
    bool may = token_bucket_take(&intake->answers, rate_of(ANSWERS_PER_S), now_us);
    intake->stats.unanswered += !may;
    return may;
}

static void tell_verdicts(const struct counter_sink *sink, const char *group,
                          const uint64_t *counts)
{
    counters_begin_by(sink, group, "verdict");
    for (enum intake_verdict v = INTAKE_TAKEN; v < INTAKE_VERDICT_COUNT; v++) {
        counter_tell(sink, intake_verdict_text(v), counts[v]);
    }
    counters_end(sink);
}

void intake_tell(const struct counter_sink *sink, const struct intake_stats *stats)
{
    counters_begin(sink, "intake");
    tell_verdicts(sink, "wishes", stats->wishes);
    tell_verdicts(sink, "requests", stats->requests);
    counter_tell(sink, "unanswered", stats->unanswered);
    counters_end(sink);
}
