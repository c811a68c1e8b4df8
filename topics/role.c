#include "topics/role.h"

#include "topics/discovery_topic.h"
#include "topics/payload_query.h"
#include "topics/payload_question.h"
#include "topics/topic.h"

#include <assert.h>
#include <string.h>

/* Home Assistant's topics, behind the kinds of the tree. */
enum {
    KIND_DISCOVERY_CONFIG = TOPIC_KIND_COUNT,
    KIND_DISCOVERY_BIRTH
};

/* Whose topics a right is for. */
enum scope {
    OF_ANY,       /* of every node and user of the site */
    OF_OWN_NODE,  /* of the node that has the client's name */
    OF_OWN_NAME,  /* of the user or sink that has it */
    OF_QUESTIONS, /* of any, with each verb that only asks */
    OF_WISHES     /* of any, with the verb of answers to wishes */
};

struct rule {
    int kind; /* enum topic_kind, or one of those above */
    enum role_right right;
    enum scope scope;
};

#define WISH_VERB "set"

#define READS(kind)                     \
    {                                   \
        TOPIC_##kind, ROLE_READ, OF_ANY \
    }
#define WRITES(kind)                     \
    {                                    \
        TOPIC_##kind, ROLE_WRITE, OF_ANY \
    }
#define HEARS(kind)                          \
    {                                        \
        TOPIC_##kind, ROLE_READ, OF_OWN_NODE \
    }
#define SAYS(kind)                            \
    {                                         \
        TOPIC_##kind, ROLE_WRITE, OF_OWN_NODE \
    }

static const struct rule node[] = {
    SAYS(STATUS),
    SAYS(INFO),
    SAYS(METRICS),
    SAYS(ALARM),
    SAYS(ALARM_EVENT),
    SAYS(RESPONSE),
    HEARS(ALARM_SET),
    HEARS(REQUEST),
    WRITES(ANSWER),
    {KIND_DISCOVERY_CONFIG, ROLE_WRITE, OF_OWN_NODE},
    {KIND_DISCOVERY_BIRTH, ROLE_READ, OF_ANY},
};

static const struct rule gateway[] = {
    SAYS(EVENT),        SAYS(CATALOG),        SAYS(BUS_STATE),
    SAYS(READING),      SAYS(SIGNAL),         SAYS(BACKFILL),
    SAYS(BACKFILL_GAP), SAYS(BACKFILL_BATCH), SAYS(BACKFILL_SUMMARY),
    HEARS(MESSAGE_SET), SAYS(BACKFILL_EVENT), HEARS(ACK),
    SAYS(FENCES),
};

/* Devices belong to the site, and are driven through any of its gateways. What other nodes claim,
 * and what the leader of a group remembers, is how they agree. */
static const struct rule automation[] = {
    SAYS(RULE_STATE),     SAYS(RULE_TRACE),      SAYS(SCHEDULE_STATE), SAYS(CONTROLLER_STATE),
    WRITES(DEVICE_STATE), WRITES(MESSAGE_SET),   READS(STATUS),        READS(CATALOG),
    READS(READING),       READS(SIGNAL),         READS(DEVICE_SET),    HEARS(RULE_SET),
    HEARS(SCHEDULE_SET),  HEARS(CONTROLLER_SET), SAYS(CLAIM),          READS(CLAIM),
    READS(FENCES),        SAYS(MEMORY),          READS(MEMORY),
};

static const struct rule sink[] = {
    READS(STATUS),
    READS(INFO),
    READS(CATALOG),
    READS(READING),
    READS(SIGNAL),
    READS(EVENT),
    READS(ALARM),
    READS(ALARM_EVENT),
    READS(BACKFILL),
    READS(BACKFILL_BATCH),
    READS(BACKFILL_SUMMARY),
    READS(BACKFILL_EVENT),
    READS(BACKFILL_GAP),
    {TOPIC_ACK, ROLE_WRITE, OF_OWN_NAME},
};

static const struct rule states[] = {
    READS(STATUS),       READS(INFO),       READS(METRICS),        READS(BUS_STATE),
    READS(READING),      READS(SIGNAL),     READS(ALARM),          READS(ALARM_EVENT),
    READS(DEVICE_STATE), READS(RULE_STATE), READS(SCHEDULE_STATE), READS(CONTROLLER_STATE),
};

static const struct rule wishes[] = {
    WRITES(DEVICE_SET),
    WRITES(RULE_SET),
    WRITES(SCHEDULE_SET),
    WRITES(CONTROLLER_SET),
};

static const struct rule home_assistant[] = {
    {KIND_DISCOVERY_CONFIG, ROLE_READ, OF_ANY},
    {KIND_DISCOVERY_BIRTH, ROLE_WRITE, OF_ANY},
};

static const struct rule viewer[] = {
    READS(EVENT),
    READS(CATALOG),
    READS(RULE_TRACE),
    {TOPIC_REQUEST, ROLE_WRITE, OF_QUESTIONS},
    {TOPIC_RESPONSE, ROLE_READ, OF_QUESTIONS},
    {TOPIC_ANSWER, ROLE_READ, OF_OWN_NAME},
};

static const struct rule alarms[] = {
    WRITES(ALARM_SET),
    {TOPIC_RESPONSE, ROLE_READ, OF_WISHES},
};

static const struct rule anything[] = {WRITES(REQUEST), READS(RESPONSE)};

enum {
    LISTS_MAX = 3
};

struct rule_list {
    const struct rule *rules;
    size_t count;
};

#define LIST(rules)                                 \
    {                                               \
        (rules), sizeof(rules) / sizeof((rules)[0]) \
    }

static const struct {
    const char *name;
    const char *purpose;
    struct rule_list lists[LISTS_MAX]; /* none: the bridge, whose rights follow from the tree */
} roles[] = {
    [ROLE_GATEWAY] = {"gateway", "An edge-gateway.", {LIST(node), LIST(gateway)}},
    [ROLE_AUTOMATION] = {"automation", "An automation-node.", {LIST(node), LIST(automation)}},
    [ROLE_SINK] = {"sink",
                   "Stores readings elsewhere, and acknowledges them by its name.",
                   {LIST(sink)}},
    [ROLE_BRIDGE] = {"bridge",
                     "A site's broker at the centre: brings what nodes say, fetches what they are "
                     "told.",
                     {{NULL, 0}}},
    [ROLE_HOME_ASSISTANT] = {"homeassistant",
                             "Home Assistant: finds devices, shows them and wishes things of them.",
                             {LIST(home_assistant), LIST(states), LIST(wishes)}},
    [ROLE_VIEWER] = {"viewer",
                     "Sees everything and asks about the past; changes nothing.",
                     {LIST(states), LIST(viewer)}},
    [ROLE_DASHBOARD] = {"dashboard",
                        "A viewer who wishes things of devices, rules, schedules and controllers.",
                        {LIST(states), LIST(viewer), LIST(wishes)}},
    [ROLE_OPERATOR] = {"operator",
                       "A viewer who acknowledges and shelves alarms.",
                       {LIST(states), LIST(viewer), LIST(alarms)}},
    [ROLE_MAINTAINER] = {"maintainer",
                         "A viewer who asks nodes for anything: a reload, a recording.",
                         {LIST(states), LIST(viewer), LIST(anything)}},
};
_Static_assert(sizeof(roles) / sizeof(roles[0]) == ROLE_COUNT, "a row for every role");

/* Those that change nothing: a new question is a viewer's only when it stands here. */
static const enum payload_verb gateway_questions[] = {
    PAYLOAD_VERB_HISTORY, PAYLOAD_VERB_STATISTICS, PAYLOAD_VERB_MESSAGES,
    PAYLOAD_VERB_CATALOG, PAYLOAD_VERB_ALARMS,     PAYLOAD_VERB_ALARM_HISTORY,
};
static const enum payload_question_verb automation_questions[] = {
    PAYLOAD_QUESTION_EXPLAIN,
    PAYLOAD_QUESTION_DEVICES,
    PAYLOAD_QUESTION_RULES,
    PAYLOAD_QUESTION_DRY_RUN,
};

const char *role_name(enum role role)
{
    return roles[role].name;
}

const char *role_purpose(enum role role)
{
    return roles[role].purpose;
}

bool role_from_name(const char *name, enum role *ret)
{
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            *ret = (enum role)i;
            return true;
        }
    }
    return false;
}

/* ---- a rule as topics ------------------------------------------------------------------- */

struct emitter {
    role_right_fn each;
    void *context;
};

static const char *root_of(int kind)
{
    return kind < TOPIC_KIND_COUNT ? "{prefix}" : "{discovery}";
}

static const char *pattern_of(int kind)
{
    if (kind == KIND_DISCOVERY_CONFIG) {
        return DISCOVERY_CONFIG_PATTERN;
    }
    return kind == KIND_DISCOVERY_BIRTH ? DISCOVERY_BIRTH_PATTERN
                                        : topic_traits((enum topic_kind)kind)->pattern;
}

static bool is_part(const char *level, size_t length, const char *part)
{
    return strlen(part) == length && memcmp(level, part, length) == 0;
}

/* What stands for that variable level of a pattern. */
static const char *filling_of(enum scope scope, const char *verb, const char *level, size_t length)
{
    bool is_own = scope == OF_OWN_NODE
                      ? is_part(level, length, "%node")
                      : is_part(level, length, "%user") || is_part(level, length, "%sink");
    if (is_part(level, length, "%site")) {
        return "{site}";
    }
    if (is_part(level, length, "%verb") && verb != NULL) {
        return verb;
    }
    return is_own && (scope == OF_OWN_NODE || scope == OF_OWN_NAME) ? "{name}" : "+";
}

static size_t append(char *text, size_t used, const char *bytes, size_t length)
{
    assert(used + length <= TOPIC_MAX_BYTES); /* patterns are ours */
    memcpy(text + used, bytes, length);
    text[used + length] = '\0';
    return used + length;
}

static void emit(const struct emitter *e, const struct rule *rule, const char *verb)
{
    char text[TOPIC_MAX_BYTES + 1];
    const char *root = root_of(rule->kind);
    size_t used = append(text, 0, root, strlen(root));
    for (const char *level = pattern_of(rule->kind); level != NULL;) {
        size_t length = strcspn(level, "/");
        used = append(text, used, "/", 1);
        if (*level == '%') {
            const char *filling = filling_of(rule->scope, verb, level, length);
            used = append(text, used, filling, strlen(filling));
        } else {
            used = append(text, used, level, length);
        }
        level = level[length] == '/' ? level + length + 1 : NULL;
    }
    e->each(e->context, rule->right, text);
}

static void emit_questions(const struct emitter *e, const struct rule *rule)
{
    for (size_t i = 0; i < sizeof(gateway_questions) / sizeof(gateway_questions[0]); i++) {
        emit(e, rule, payload_verb_text(gateway_questions[i]));
    }
    for (size_t i = 0; i < sizeof(automation_questions) / sizeof(automation_questions[0]); i++) {
        emit(e, rule, payload_question_text(automation_questions[i]));
    }
}

static void emit_list(const struct emitter *e, const struct rule_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct rule *rule = &list->rules[i];
        if (rule->scope == OF_QUESTIONS) {
            emit_questions(e, rule);
        } else {
            emit(e, rule, rule->scope == OF_WISHES ? WISH_VERB : NULL);
        }
    }
}

/* What must never be retained goes to nodes; everything else comes from them. */
static void emit_bridge(const struct emitter *e)
{
    for (int kind = 0; kind < TOPIC_KIND_COUNT; kind++) {
        bool is_told = topic_never_retained((enum topic_kind)kind);
        const struct rule rule = {kind, is_told ? ROLE_READ : ROLE_WRITE, OF_ANY};
        emit(e, &rule, NULL);
    }
}

void role_for_each_right(enum role role, role_right_fn each, void *context)
{
    const struct emitter e = {each, context};
    if (roles[role].lists[0].rules == NULL) {
        emit_bridge(&e);
        return;
    }
    for (size_t i = 0; i < LISTS_MAX; i++) {
        emit_list(&e, &roles[role].lists[i]);
    }
}
