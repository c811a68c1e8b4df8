/*
 * The table of topics as text, for the test that compares it with asyncapi.yaml. Tabs between:
 *   kind  name  address  content  retain  QoS  expiry  schema
 *   part  name  reserved ids, if any
 *   limit name  value
 *   verb  name
 */
#include "topics/payload_query.h"
#include "topics/payload_question.h"
#include "topics/topic.h"

#include <stdio.h>
#include <string.h>

static const char *const contents[] = {
    [TOPIC_CONTENT_TEXT] = "text",
    [TOPIC_CONTENT_JSON] = "json",
    [TOPIC_CONTENT_EITHER] = "either",
};

static const char *const retains[] = {
    [TOPIC_RETAIN_NO] = "no",
    [TOPIC_RETAIN_YES] = "yes",
    [TOPIC_RETAIN_NEVER] = "never",
};

static const char *const expiries[] = {
    [TOPIC_EXPIRY_NONE] = "none",
    [TOPIC_EXPIRY_STALE] = "stale",
    [TOPIC_EXPIRY_COMMAND] = "command",
};

/* "%site/%node/status" as "{prefix}/{site}/{node}/status". */
static void print_address(const char *pattern)
{
    printf("{prefix}");
    while (pattern != NULL) {
        int length = (int)strcspn(pattern, "/");
        if (pattern[0] == '%') {
            printf("/{%.*s}", length - 1, pattern + 1);
        } else {
            printf("/%.*s", length, pattern);
        }
        pattern = pattern[length] == '/' ? pattern + length + 1 : NULL;
    }
}

static void print_limits(void)
{
    static const struct {
        const char *name;
        long long value;
    } limits[] = {
        {"time_s", PAYLOAD_TIME_MAX_S},
        {"integer", PAYLOAD_INTEGER_MAX},
        {"signals", PAYLOAD_SIGNALS_MAX},
        {"text", PAYLOAD_TEXT_MAX_BYTES},
        {"transaction", PAYLOAD_TRANSACTION_MAX_BYTES},
        {"ttl_ms", PAYLOAD_TTL_MAX_MS},
        {"for_s", PAYLOAD_FOR_MAX_S},
        {"id", TOPIC_ID_MAX_BYTES},
        {"batch", PAYLOAD_BATCH_MAX},
        {"gap_ranges", PAYLOAD_GAP_RANGES_MAX},
        {"query_signals", PAYLOAD_QUERY_SIGNALS_MAX},
        {"span_s", PAYLOAD_SPAN_MAX_S},
        {"points_min", PAYLOAD_POINTS_MIN},
        {"points_max", PAYLOAD_POINTS_MAX},
        {"bucket_min_s", PAYLOAD_BUCKET_MIN_S},
        {"bucket_max_s", PAYLOAD_BUCKET_MAX_S},
        {"messages", PAYLOAD_MESSAGES_MAX},
        {"decisions", PAYLOAD_DECISIONS_MAX},
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        printf("limit\t%s\t%lld\n", limits[i].name, limits[i].value);
    }
}

int main(void)
{
    for (int i = 0; i < TOPIC_KIND_COUNT; i++) {
        const struct topic_traits *traits = topic_traits((enum topic_kind)i);
        printf("kind\t%s\t", traits->name);
        print_address(traits->pattern);
        printf("\t%s\t%s\t%d\t%s\t%s\n", contents[traits->content], retains[traits->retain],
               traits->qos, expiries[traits->expiry], traits->schema);
    }
    for (size_t i = 0; i < TOPIC_PART_COUNT; i++) {
        const struct topic_part *part = topic_part(i);
        printf("part\t%s\t%s\n", part->name + 1, part->reserved != NULL ? part->reserved : "");
    }
    print_limits();
    for (int i = 0; i < PAYLOAD_VERB_COUNT; i++) {
        printf("verb\t%s\n", payload_verb_text((enum payload_verb)i));
    }
    for (int i = 0; i < PAYLOAD_QUESTION_COUNT; i++) {
        const char *text = payload_question_text((enum payload_question_verb)i);
        enum payload_verb shared; /* one schema says what each daemon means by it */
        if (!payload_verb_from_text(text, &shared)) {
            printf("verb\t%s\n", text);
        }
    }
    return 0;
}
