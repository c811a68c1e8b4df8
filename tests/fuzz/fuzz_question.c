/*
 * Any bytes as a question, or as what an operator sets: each is taken or refused with a reason that
 * can be printed, and what is taken keeps within the bounds of the contract.
 */
#include "tests/fuzz/fuzz.h"
#include "topics/payload_alarm_set.h"
#include "topics/payload_backfill.h"
#include "topics/payload_controller.h"
#include "topics/payload_query.h"
#include "topics/payload_question.h"
#include "topics/payload_rule.h"
#include "topics/topic_id.h"
#include "topics/utf8.h"

#include <errno.h>
#include <math.h>

#define NOW_US INT64_C(1795423160000000)

struct payload {
    const char *text;
    size_t length;
};

static void check_refusal(int r, const struct payload_error *error)
{
    require(r == -EINVAL || r == -EMSGSIZE);
    require(error->text[0] != '\0');
    require(utf8_is_printable(error->text, strlen(error->text)));
}

static void check_id(const char *id)
{
    require(id[0] == '\0' || topic_id_is_valid(id));
}

static void check_span(int64_t from_us, int64_t to_us)
{
    require(from_us < to_us);
    require(to_us - from_us <= PAYLOAD_SPAN_MAX_S * INT64_C(1000000));
}

/* Who is refused is told with the transaction that was asked with. */
static void check_transaction(const struct payload *payload, const char *transaction)
{
    char found[PAYLOAD_TRANSACTION_MAX_BYTES + 1];
    payload_request_transaction(payload->text, payload->length, found);
    require(strlen(found) <= PAYLOAD_TRANSACTION_MAX_BYTES);
    require(transaction == NULL || strcmp(found, transaction) == 0);
}

static void check_question(enum payload_question_verb verb, const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_question question;
    enum payload_question_verb again;
    require(payload_question_from_text(payload_question_text(verb), &again) && again == verb);
    int r =
        payload_question_decode(verb, payload->text, payload->length, NOW_US, &question, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    require(question.verb == verb);
    check_transaction(payload, question.transaction);
    check_id(question.device);
    check_id(question.rule);
    require(verb != PAYLOAD_QUESTION_EXPLAIN || question.device[0] != '\0');
    require(verb != PAYLOAD_QUESTION_DRY_RUN || question.rule[0] != '\0');
    if (verb == PAYLOAD_QUESTION_HISTORY) {
        check_span(question.from_us, question.to_us);
        require(question.limit >= 1 && question.limit <= PAYLOAD_DECISIONS_MAX);
    }
}

static void check_signals(const struct payload_query *query)
{
    require(query->signal_count >= 1 && query->signal_count <= PAYLOAD_QUERY_SIGNALS_MAX);
    for (size_t i = 0; i < query->signal_count; i++) {
        const struct payload_path *path = &query->signals[i];
        require(topic_id_is_valid(path->bus) && topic_id_is_valid(path->message));
        require(topic_id_is_valid(path->signal));
    }
}

static void check_query(enum payload_verb verb, const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_query query;
    int r = payload_query_decode(verb, payload->text, payload->length, NOW_US, &query, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    check_transaction(payload, query.transaction);
    check_id(query.bus);
    check_id(query.message);
    if (verb == PAYLOAD_VERB_HISTORY || verb == PAYLOAD_VERB_STATISTICS) {
        check_signals(&query);
        check_span(query.from_us, query.to_us);
    }
    if (verb == PAYLOAD_VERB_HISTORY) {
        require(query.max_points >= PAYLOAD_POINTS_MIN && query.max_points <= PAYLOAD_POINTS_MAX);
    } else if (verb == PAYLOAD_VERB_STATISTICS) {
        require(query.bucket_us > 0);
        require((query.to_us - query.from_us) / query.bucket_us <= PAYLOAD_BUCKETS_MAX);
    } else if (verb == PAYLOAD_VERB_MESSAGES) {
        check_span(query.from_us, query.to_us);
        require(query.limit >= 1 && query.limit <= PAYLOAD_MESSAGES_MAX);
    }
}

static void check_controller(const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_controller_set set;
    int r = payload_controller_set_decode(payload->text, payload->length, &set, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    bool wishes = set.has_setpoint || set.has_low || set.has_high || set.has_mode ||
                  set.has_output || set.preset[0] != '\0';
    require(wishes == (set.autotune == PAYLOAD_AUTOTUNE_NONE));
    require(!set.has_setpoint || isfinite(set.setpoint));
    require(!set.has_low || isfinite(set.low));
    require(!set.has_high || isfinite(set.high));
    require(!set.has_output || isfinite(set.output));
    require(strlen(set.preset) <= PAYLOAD_TEXT_MAX_BYTES);
}

static void check_words(const struct payload *payload)
{
    struct payload_error error = {""};
    enum payload_rule_action action;
    struct payload_ack ack;
    int r = payload_rule_set_decode(payload->text, payload->length, &action, &error);
    if (r < 0) {
        check_refusal(r, &error);
    }
    error.text[0] = '\0';
    r = payload_ack_decode(payload->text, payload->length, &ack, &error);
    if (r < 0) {
        check_refusal(r, &error);
    } else {
        require(ack.seq <= PAYLOAD_INTEGER_MAX);
    }
}

static void check_alarm(const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_alarm_set set;
    int r = payload_alarm_set_decode(payload->text, payload->length, &set, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    require((set.action == PAYLOAD_ALARM_SHELVE) == (set.shelve_s > 0));
    require(set.shelve_s <= PAYLOAD_FOR_MAX_S);
    require(strlen(set.by) <= PAYLOAD_BY_MAX_BYTES);
    require(strlen(set.transaction) <= PAYLOAD_TRANSACTION_MAX_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct payload payload = {(const char *)data, size};
    for (int verb = 0; verb < PAYLOAD_QUESTION_COUNT; verb++) {
        check_question((enum payload_question_verb)verb, &payload);
    }
    for (int verb = 0; verb < PAYLOAD_VERB_COUNT; verb++) {
        check_query((enum payload_verb)verb, &payload);
    }
    check_controller(&payload);
    check_words(&payload);
    check_alarm(&payload);
    check_transaction(&payload, NULL);
    return 0;
}
