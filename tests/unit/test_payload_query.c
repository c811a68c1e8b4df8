#include "topics/payload_query.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define US_PER_S INT64_C(1000000)
#define NOW_US   (INT64_C(1795424400) * US_PER_S)

static int decode(enum payload_verb verb, const char *text, struct payload_query *ret,
                  struct payload_error *reterr)
{
    return payload_query_decode(verb, text, strlen(text), NOW_US, ret, reterr);
}

static struct payload_query decoded(enum payload_verb verb, const char *text)
{
    struct payload_query query;
    struct payload_error error = {.text = ""};
    int r = decode(verb, text, &query, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(r, 0);
    return query;
}

static void every_verb_has_its_word(void **state)
{
    (void)state;
    static const char *const words[] = {"history", "statistics",    "messages", "catalog", "record",
                                        "alarms",  "alarm_history", "reload",   "support"};
    assert_int_equal(sizeof(words) / sizeof(words[0]), PAYLOAD_VERB_COUNT);
    for (int i = 0; i < PAYLOAD_VERB_COUNT; i++) {
        enum payload_verb verb;
        assert_string_equal(payload_verb_text((enum payload_verb)i), words[i]);
        assert_true(payload_verb_from_text(words[i], &verb));
        assert_int_equal(verb, i);
    }
    enum payload_verb verb = PAYLOAD_VERB_CATALOG;
    assert_false(payload_verb_from_text("set", &verb));
    assert_int_equal(verb, PAYLOAD_VERB_CATALOG);
}

static void what_is_left_out_has_its_default(void **state)
{
    (void)state;
    struct payload_query query = decoded(PAYLOAD_VERB_HISTORY, "{\"signal\":\"can0/Climate/T\"}");
    assert_int_equal(query.verb, PAYLOAD_VERB_HISTORY);
    assert_string_equal(query.transaction, "");
    assert_int_equal(query.signal_count, 1);
    assert_string_equal(query.signals[0].bus, "can0");
    assert_string_equal(query.signals[0].message, "Climate");
    assert_string_equal(query.signals[0].signal, "T");
    assert_true(query.to_us == NOW_US);
    assert_true(query.from_us == NOW_US - 3600 * US_PER_S);
    assert_int_equal(query.max_points, 1000);

    query = decoded(PAYLOAD_VERB_STATISTICS, "{\"signal\":\"can0/Climate/T\"}");
    assert_true(query.bucket_us == 3600 * US_PER_S);

    query = decoded(PAYLOAD_VERB_MESSAGES, "{}");
    assert_string_equal(query.bus, "");
    assert_string_equal(query.message, "");
    assert_int_equal(query.limit, 100);
    assert_int_equal(query.after_seq, 0);
    assert_true(query.to_us == NOW_US);
    assert_true(query.from_us == NOW_US - 3600 * US_PER_S);

    query = decoded(PAYLOAD_VERB_CATALOG, "{}");
    assert_int_equal(query.verb, PAYLOAD_VERB_CATALOG);
}

static void everything_can_be_given(void **state)
{
    (void)state;
    struct payload_query query =
        decoded(PAYLOAD_VERB_HISTORY, "{\"signals\":[\"can0/A/x\",\"can1/B/y-1\"],"
                                      "\"from\":1795420800.5,\"to\":1795420801.250001,"
                                      "\"max_points\":4,\"transaction\":\"t-1\"}");
    assert_int_equal(query.signal_count, 2);
    assert_string_equal(query.signals[1].bus, "can1");
    assert_string_equal(query.signals[1].signal, "y-1");
    assert_true(query.from_us == INT64_C(1795420800500000));
    assert_true(query.to_us == INT64_C(1795420801250001));
    assert_int_equal(query.max_points, 4);
    assert_string_equal(query.transaction, "t-1");

    query = decoded(PAYLOAD_VERB_STATISTICS,
                    "{\"signal\":\"can0/A/x\",\"last_s\":86400,\"bucket_s\":60}");
    assert_true(query.from_us == NOW_US - 86400 * US_PER_S);
    assert_true(query.bucket_us == 60 * US_PER_S);

    query = decoded(PAYLOAD_VERB_MESSAGES, "{\"bus\":\"can0\",\"message\":\"Climate\",\"from\":1,"
                                           "\"to\":2,\"limit\":10000,\"after_seq\":1234}");
    assert_string_equal(query.bus, "can0");
    assert_string_equal(query.message, "Climate");
    assert_true(query.from_us == US_PER_S && query.to_us == 2 * US_PER_S);
    assert_int_equal(query.limit, 10000);
    assert_int_equal(query.after_seq, 1234);
}

static void null_is_left_out(void **state)
{
    (void)state;
    struct payload_query query =
        decoded(PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c\",\"signals\":null,\"from\":null,"
                                      "\"last_s\":60,\"max_points\":null,\"transaction\":null}");
    assert_int_equal(query.signal_count, 1);
    assert_true(query.from_us == NOW_US - 60 * US_PER_S);
    assert_int_equal(query.max_points, 1000);
}

static void from_alone_reaches_to_now(void **state)
{
    (void)state;
    struct payload_query query = decoded(PAYLOAD_VERB_MESSAGES, "{\"from\":1795424399}");
    assert_true(query.from_us == NOW_US - US_PER_S);
    assert_true(query.to_us == NOW_US);
}

/* A clock that was not set yet: a time before 1970 is none. */
static void the_last_hour_begins_with_the_epoch_at_the_earliest(void **state)
{
    (void)state;
    struct payload_query query;
    struct payload_error error;
    assert_int_equal(
        payload_query_decode(PAYLOAD_VERB_MESSAGES, "{}", 2, 60 * US_PER_S, &query, &error), 0);
    assert_true(query.from_us == 0);
    assert_true(query.to_us == 60 * US_PER_S);
}

static void write_signals(char *text, size_t size, unsigned count)
{
    size_t length = (size_t)snprintf(text, size, "{\"signals\":[");
    for (unsigned i = 0; i < count; i++) {
        length += (size_t)snprintf(text + length, size - length, "%s\"can0/Climate/S%u\"",
                                   i > 0 ? "," : "", i);
    }
    (void)snprintf(text + length, size - length, "]}");
}

static void there_is_a_limit_to_signals(void **state)
{
    (void)state;
    char text[2048];
    write_signals(text, sizeof(text), PAYLOAD_QUERY_SIGNALS_MAX);
    struct payload_query query = decoded(PAYLOAD_VERB_HISTORY, text);
    assert_int_equal(query.signal_count, PAYLOAD_QUERY_SIGNALS_MAX);
    assert_string_equal(query.signals[31].signal, "S31");

    struct payload_error error;
    write_signals(text, sizeof(text), PAYLOAD_QUERY_SIGNALS_MAX + 1);
    assert_int_equal(decode(PAYLOAD_VERB_HISTORY, text, &query, &error), -EINVAL);
    assert_string_equal(error.text, "'signals' is not an array of 1 to 32 signals");
}

/* Every signal with the longest ids still fits in a request. */
static void the_longest_question_is_taken(void **state)
{
    (void)state;
    static char text[PAYLOAD_REQUEST_MAX_BYTES + 1];
    char id[TOPIC_ID_MAX_BYTES + 1];
    memset(id, 'x', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    size_t length = (size_t)snprintf(text, sizeof(text), "{\"signals\":[");
    for (unsigned i = 0; i < PAYLOAD_QUERY_SIGNALS_MAX; i++) {
        id[0] = (char)('A' + i);
        id[0] = id[0] > 'Z' ? (char)('a' + i - 26) : id[0];
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s\"%s/%s/%s\"",
                                   i > 0 ? "," : "", id, id, id);
    }
    assert_true(length + 3 < sizeof(text));
    (void)snprintf(text + length, sizeof(text) - length, "]}");
    struct payload_query query = decoded(PAYLOAD_VERB_HISTORY, text);
    assert_string_equal(query.signals[PAYLOAD_QUERY_SIGNALS_MAX - 1].signal, id);
}

static void as_many_buckets_as_an_answer_may_have(void **state)
{
    (void)state;
    struct payload_query query = decoded(
        PAYLOAD_VERB_STATISTICS, "{\"signal\":\"a/b/c\",\"last_s\":1200000,\"bucket_s\":60}");
    assert_true(query.bucket_us == 60 * US_PER_S);
    struct payload_error error;
    assert_int_equal(decode(PAYLOAD_VERB_STATISTICS,
                            "{\"signal\":\"a/b/c\",\"last_s\":1200001,\"bucket_s\":60}", &query,
                            &error),
                     -EINVAL);
    assert_string_equal(error.text, "more than 20000 buckets: 'bucket_s' must be at least 61");
    query = decoded(PAYLOAD_VERB_STATISTICS,
                    "{\"signal\":\"a/b/c\",\"last_s\":1200001,\"bucket_s\":61}");
    assert_true(query.bucket_us == 61 * US_PER_S);
}

struct refusal {
    enum payload_verb verb;
    const char *text;
    const char *reason;
};

static void assert_refused(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct payload_query query = {.limit = 42};
        struct payload_error error;
        assert_int_equal(decode(refusals[i].verb, refusals[i].text, &query, &error), -EINVAL);
        assert_string_equal(error.text, refusals[i].reason);
        assert_int_equal(query.limit, 42);
    }
}

static void signals_that_cannot_be_are_refused_with_what_could(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {PAYLOAD_VERB_HISTORY, "", "not JSON, at byte 0"},
        {PAYLOAD_VERB_HISTORY, "[]", "not a JSON object"},
        {PAYLOAD_VERB_HISTORY, "{}", "either 'signal' or 'signals' must be there"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c\",\"signals\":[\"a/b/d\"]}",
         "either 'signal' or 'signals' must be there"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"Climate.T\"}",
         "'Climate.T' is not the path of a signal like 'can0/Climate/Temperature'"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"can0/Climate\"}",
         "'can0/Climate' is not the path of a signal like 'can0/Climate/Temperature'"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c/d\"}",
         "'a/b/c/d' is not the path of a signal like 'can0/Climate/Temperature'"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"/b/c\"}",
         "'/b/c' is not the path of a signal like 'can0/Climate/Temperature'"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/\"}",
         "'a/b/' is not the path of a signal like 'can0/Climate/Temperature'"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":7}",
         "'' is not the path of a signal like 'can0/Climate/Temperature'"},
        {PAYLOAD_VERB_HISTORY, "{\"signals\":\"a/b/c\"}",
         "'signals' is not an array of 1 to 32 signals"},
        {PAYLOAD_VERB_HISTORY, "{\"signals\":{\"x\":\"a/b/c\"}}",
         "'signals' is not an array of 1 to 32 signals"},
        {PAYLOAD_VERB_HISTORY, "{\"signals\":[]}", "'signals' is not an array of 1 to 32 signals"},
        {PAYLOAD_VERB_HISTORY, "{\"signals\":[\"a/b/c\",\"a/b/d\",\"a/b/c\"]}",
         "signal 'a/b/c' is there twice"},
    };
    assert_refused(refusals, sizeof(refusals) / sizeof(refusals[0]));
}

static void a_wrong_key_is_refused_with_what_would_be_right(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c\",\"max_points\":3}",
         "'max_points' is not an integer from 4 to 20000"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c\",\"max_points\":20001}",
         "'max_points' is not an integer from 4 to 20000"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c\",\"max_points\":\"9\"}",
         "'max_points' is not an integer from 4 to 20000"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c\",\"bucket_s\":60}",
         "unknown key 'bucket_s'; known are signal, signals, from, to, last_s, max_points, "
         "transaction"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c\",\"signal\":\"a/b/d\"}",
         "'signal' is there twice"},
        {PAYLOAD_VERB_HISTORY, "{\"signal\":\"a/b/c\",\"transaction\":7}",
         "'transaction' is not a text of 1 to 64 bytes"},
        {PAYLOAD_VERB_STATISTICS, "{\"signal\":\"a/b/c\",\"bucket_s\":59}",
         "'bucket_s' is not an integer from 60 to 31622400"},
        {PAYLOAD_VERB_STATISTICS, "{\"signal\":\"a/b/c\",\"bucket_s\":31622401}",
         "'bucket_s' is not an integer from 60 to 31622400"},
        {PAYLOAD_VERB_STATISTICS, "{\"signal\":\"a/b/c\",\"bucket_s\":60.5}",
         "'bucket_s' is not an integer from 60 to 31622400"},
        {PAYLOAD_VERB_STATISTICS, "{\"signal\":\"a/b/c\",\"max_points\":9}",
         "unknown key 'max_points'; known are signal, signals, from, to, last_s, bucket_s, "
         "transaction"},
        {PAYLOAD_VERB_MESSAGES, "{\"bus\":\"can 0\"}",
         "'bus' is not an id of letters, digits, '_' and '-'"},
        {PAYLOAD_VERB_MESSAGES, "{\"message\":\"can0/Climate\"}",
         "'message' is not an id of letters, digits, '_' and '-'"},
        {PAYLOAD_VERB_MESSAGES, "{\"bus\":\"\"}", "'bus' is not a text of 1 to 128 bytes"},
        {PAYLOAD_VERB_MESSAGES, "{\"limit\":0}", "'limit' is not an integer from 1 to 10000"},
        {PAYLOAD_VERB_MESSAGES, "{\"limit\":10001}", "'limit' is not an integer from 1 to 10000"},
        {PAYLOAD_VERB_MESSAGES, "{\"after_seq\":-1}",
         "'after_seq' is not an integer from 0 to 9007199254740992"},
        {PAYLOAD_VERB_MESSAGES, "{\"signal\":\"a/b/c\"}",
         "unknown key 'signal'; known are bus, message, from, to, last_s, limit, after_seq, "
         "transaction"},
        {PAYLOAD_VERB_CATALOG, "{\"bus\":\"can0\"}", "unknown key 'bus'; known are transaction"},
        {PAYLOAD_VERB_ALARMS, "{\"alarm\":\"a\"}", "unknown key 'alarm'; known are transaction"},
        {PAYLOAD_VERB_ALARM_HISTORY, "{\"alarm\":\"a/b\"}",
         "'alarm' is not an id of letters, digits, '_' and '-'"},
        {PAYLOAD_VERB_ALARM_HISTORY, "{\"bus\":\"can0\"}",
         "unknown key 'bus'; known are alarm, from, to, last_s, limit, after_seq, transaction"},
    };
    assert_refused(refusals, sizeof(refusals) / sizeof(refusals[0]));
}

static void a_span_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {PAYLOAD_VERB_MESSAGES, "{\"from\":5,\"to\":5}", "'from' is not before 'to'"},
        {PAYLOAD_VERB_MESSAGES, "{\"from\":6,\"to\":5}", "'from' is not before 'to'"},
        {PAYLOAD_VERB_MESSAGES, "{\"from\":1795424400}", "'from' is not in the past"},
        {PAYLOAD_VERB_MESSAGES, "{\"from\":1795424401}", "'from' is not in the past"},
        {PAYLOAD_VERB_MESSAGES, "{\"to\":1795424400}", "'to' without 'from'"},
        {PAYLOAD_VERB_MESSAGES, "{\"from\":1,\"last_s\":60}",
         "'last_s' beside 'from' or 'to': only one of the two ways"},
        {PAYLOAD_VERB_MESSAGES, "{\"to\":1,\"last_s\":60}",
         "'last_s' beside 'from' or 'to': only one of the two ways"},
        {PAYLOAD_VERB_MESSAGES, "{\"last_s\":0}", "'last_s' is not an integer from 1 to 316224000"},
        {PAYLOAD_VERB_MESSAGES, "{\"last_s\":316224001}",
         "'last_s' is not an integer from 1 to 316224000"},
        {PAYLOAD_VERB_MESSAGES, "{\"last_s\":1.5}",
         "'last_s' is not an integer from 1 to 316224000"},
        {PAYLOAD_VERB_MESSAGES, "{\"from\":0,\"to\":316224001}",
         "more than 316224000 s from 'from' to 'to'"},
        {PAYLOAD_VERB_MESSAGES, "{\"from\":\"2026-11-23\"}",
         "'from' is not a time in seconds since 1970"},
        {PAYLOAD_VERB_MESSAGES, "{\"from\":-1}", "'from' is not a time in seconds since 1970"},
        {PAYLOAD_VERB_MESSAGES, "{\"from\":1795424400000}",
         "'from' is not a time in seconds since 1970"},
    };
    assert_refused(refusals, sizeof(refusals) / sizeof(refusals[0]));
    struct payload_query query = decoded(PAYLOAD_VERB_MESSAGES, "{\"from\":0,\"to\":316224000}");
    assert_true(query.to_us == 316224000 * US_PER_S);
}

static void a_question_that_is_too_long_is_refused_unread(void **state)
{
    (void)state;
    static char text[PAYLOAD_REQUEST_MAX_BYTES + 1];
    memset(text, ' ', sizeof(text));
    memcpy(text, "{}", 2);
    struct payload_query query;
    struct payload_error error;
    assert_int_equal(payload_query_decode(PAYLOAD_VERB_CATALOG, text, PAYLOAD_REQUEST_MAX_BYTES,
                                          NOW_US, &query, &error),
                     0);
    assert_int_equal(
        payload_query_decode(PAYLOAD_VERB_CATALOG, text, sizeof(text), NOW_US, &query, &error),
        -EMSGSIZE);
}

static void the_transaction_of_a_refused_question_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *transaction;
    } cases[] = {
        {"{\"transaction\":\"7\",\"signal\":\"nonsense\"}", "7"},
        {"{\"unknown\":1,\"transaction\":\"t\"}", "t"},
        {"{\"transaction\":7}", ""},
        {"{\"transaction\":\"\"}", ""},
        {"{}", ""},
        {"{\"transaction\":\"7\"", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1] = "before";
        payload_request_transaction(cases[i].text, strlen(cases[i].text), transaction);
        assert_string_equal(transaction, cases[i].transaction);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verb_has_its_word),
        cmocka_unit_test(what_is_left_out_has_its_default),
        cmocka_unit_test(everything_can_be_given),
        cmocka_unit_test(null_is_left_out),
        cmocka_unit_test(from_alone_reaches_to_now),
        cmocka_unit_test(the_last_hour_begins_with_the_epoch_at_the_earliest),
        cmocka_unit_test(there_is_a_limit_to_signals),
        cmocka_unit_test(the_longest_question_is_taken),
        cmocka_unit_test(as_many_buckets_as_an_answer_may_have),
        cmocka_unit_test(signals_that_cannot_be_are_refused_with_what_could),
        cmocka_unit_test(a_wrong_key_is_refused_with_what_would_be_right),
        cmocka_unit_test(a_span_that_makes_no_sense_is_refused),
        cmocka_unit_test(a_question_that_is_too_long_is_refused_unread),
        cmocka_unit_test(the_transaction_of_a_refused_question_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
