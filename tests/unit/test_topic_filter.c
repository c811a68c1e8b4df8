#include "topics/limits.h"
#include "topics/topic_filter.h"

#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

/* The examples of MQTT 5, 4.7.1 to 4.7.3, and the edges between them. */
static void filters_match_as_the_standard_says(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        const char *topic;
        bool matches;
    } cases[] = {
        {"sport/tennis/player1/#", "sport/tennis/player1", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
        {"sport/tennis/player1/#", "sport/tennis/player10", false},
        {"sport/#", "sport", true},
        {"#", "any/thing", true},
        {"#", "/", true},
        {"sport/tennis/+", "sport/tennis/player1", true},
        {"sport/tennis/+", "sport/tennis/player1/ranking", false},
        {"sport/+", "sport", false},
        {"sport/+", "sport/", true},
        {"+/+", "/finance", true},
        {"/+", "/finance", true},
        {"+", "/finance", false},
        {"+/tennis/#", "a/tennis", true},
        {"sport/+/player1", "sport/tennis/player1", true},
        {"sport/+/player1", "sport/tennis/player2", false},
        {"#", "$SYS/broker", false},
        {"+/monitor/Clients", "$SYS/monitor/Clients", false},
        {"$SYS/#", "$SYS/monitor", true},
        {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
        {"a/#", "a/$b", true},
        {"a/b", "a/b", true},
        {"a/b", "A/b", false},
        {"a/b", "a/b/", false},
        {"a/b/", "a/b", false},
        {"a", "ab", false},
        {"ab", "a", false},
        {"a/+/#", "a", false},
        {"a/+/#", "a/b", true},
        {"a//b", "a//b", true},
        {"a/+/b", "a//b", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (topic_matches(cases[i].filter, cases[i].topic) != cases[i].matches) {
            fail_msg("%s and %s", cases[i].filter, cases[i].topic);
        }
    }
}

static void wildcards_stand_alone_on_their_level(void **state)
{
    (void)state;
    static const char *const good[] = {"#", "+",     "a/#",          "+/a/+",
                                       "/", "+/+/#", "$share/g/a/+", "a b"};
    static const char *const bad[] = {"",     "a#",   "a/#/b", "#/",   "a+",
                                      "+a/b", "a/b+", "##",    "\xFF", "a\n"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(topic_filter_is_valid(good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(topic_filter_is_valid(bad[i]));
    }
}

static void a_filter_has_at_most_65535_bytes(void **state)
{
    (void)state;
    char *text = malloc(TOPIC_FILTER_MAX_BYTES + 2);
    assert_non_null(text);
    memset(text, 'a', TOPIC_FILTER_MAX_BYTES + 1);
    text[TOPIC_FILTER_MAX_BYTES + 1] = '\0';
    assert_false(topic_filter_is_valid(text));
    text[TOPIC_FILTER_MAX_BYTES] = '\0';
    assert_true(topic_filter_is_valid(text));
    free(text);
}

static void a_topic_to_publish_to_has_no_wildcards(void **state)
{
    (void)state;
    assert_true(topic_name_is_valid("cmnd/lamp/POWER"));
    assert_false(topic_name_is_valid("cmnd/+/POWER"));
    assert_false(topic_name_is_valid("cmnd/#"));
    assert_false(topic_name_is_valid(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_match_as_the_standard_says),
        cmocka_unit_test(wildcards_stand_alone_on_their_level),
        cmocka_unit_test(a_filter_has_at_most_65535_bytes),
        cmocka_unit_test(a_topic_to_publish_to_has_no_wildcards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
