/* Questions to an automation node. */
#include "tests/unit/cmocka_all.h"

#include "topics/payload_question.h"

#include <errno.h>
#include <string.h>

#define NOW_US INT64_C(1795423160000000)
#define US     INT64_C(1000000)

static int decode(enum payload_question_verb verb, const char *text, struct payload_question *ret,
                  struct payload_error *reterr)
{
    return payload_question_decode(verb, text, strlen(text), NOW_US, ret, reterr);
}

static void assert_refused(enum payload_question_verb verb, const char *text, const char *words)
{
    struct payload_question question;
    struct payload_error error = {{0}};
    assert_int_equal(decode(verb, text, &question, &error), -EINVAL);
    if (strstr(error.text, words) == NULL) {
        fail_msg("'%s' says nothing of '%s'", error.text, words);
    }
}

static void verbs_have_their_words(void **state)
{
    (void)state;
    for (int i = 0; i < PAYLOAD_QUESTION_COUNT; i++) {
        enum payload_question_verb verb;
        const char *text = payload_question_text((enum payload_question_verb)i);
        assert_true(payload_question_from_text(text, &verb));
        assert_int_equal(verb, i);
    }
    enum payload_question_verb verb;
    assert_false(payload_question_from_text("explane", &verb));
}

static void explain_names_a_device(void **state)
{
    (void)state;
    struct payload_question question;
    struct payload_error error;
    assert_int_equal(decode(PAYLOAD_QUESTION_EXPLAIN, "{\"device\":\"vent\",\"transaction\":\"7\"}",
                            &question, &error),
                     0);
    assert_string_equal(question.device, "vent");
    assert_string_equal(question.transaction, "7");
    assert_refused(PAYLOAD_QUESTION_EXPLAIN, "{}", "'device' must be there");
    assert_refused(PAYLOAD_QUESTION_EXPLAIN, "{\"device\":\"a b\"}", "not an id");
    assert_refused(PAYLOAD_QUESTION_EXPLAIN, "{\"device\":\"a\",\"devise\":1}", "devise");
}

static void dry_run_names_a_rule_and_rules_may(void **state)
{
    (void)state;
    struct payload_question question;
    struct payload_error error;
    assert_int_equal(decode(PAYLOAD_QUESTION_RULES, "{}", &question, &error), 0);
    assert_string_equal(question.rule, "");
    assert_int_equal(decode(PAYLOAD_QUESTION_RULES, "{\"rule\":\"air\"}", &question, &error), 0);
    assert_string_equal(question.rule, "air");
    assert_refused(PAYLOAD_QUESTION_DRY_RUN, "{}", "'rule' must be there");
}

static void history_has_a_span_and_a_limit(void **state)
{
    (void)state;
    struct payload_question question;
    struct payload_error error;
    assert_int_equal(decode(PAYLOAD_QUESTION_HISTORY, "{}", &question, &error), 0);
    assert_int_equal(question.to_us, NOW_US);
    assert_int_equal(question.from_us, NOW_US - PAYLOAD_SPAN_DEFAULT_S * US);
    assert_int_equal(question.limit, PAYLOAD_DECISIONS_DEFAULT);
    assert_int_equal(decode(PAYLOAD_QUESTION_HISTORY,
                            "{\"device\":\"vent\",\"from\":100,\"to\":200.5,\"limit\":3}",
                            &question, &error),
                     0);
    assert_int_equal(question.from_us, 100 * US);
    assert_int_equal(question.to_us, 200 * US + US / 2);
    assert_int_equal(question.limit, 3);
    assert_refused(PAYLOAD_QUESTION_HISTORY, "{\"limit\":0}", "limit");
    assert_refused(PAYLOAD_QUESTION_HISTORY, "{\"from\":200,\"to\":100}", "not before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_have_their_words),
        cmocka_unit_test(explain_names_a_device),
        cmocka_unit_test(dry_run_names_a_rule_and_rules_may),
        cmocka_unit_test(history_has_a_span_and_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
