#include "common/lvq.h"

#include "common/clock.h"
#include "common/lvq_retained.h"
#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENT_MAX    64
#define PAYLOAD_MAX 8

/* A PUBLISH that the queue handed over. */
struct sent {
    char topic[16];
    char payload[PAYLOAD_MAX + 1];
    struct mqtt_publish publish; /* its texts are gone */
};

/* A queue and the link it believes in. */
struct fixture {
    struct lvq *q;
    enum mqtt_publish_result answer;
    size_t room; /* publishes that are taken before the window is full */
    struct sent sent[SENT_MAX];
    size_t sent_count;
    uint64_t tags;                    /* given to payloads so far: 1, 2, ... */
    uint64_t told[LVQ_OUTCOME_COUNT]; /* by the handler */
    bool settled[SENT_MAX];           /* by tag */
};

static void on_settled(void *context, uint64_t tag, enum lvq_outcome outcome)
{
    struct fixture *f = context;
    assert_in_range(tag, 1, f->tags);
    assert_false(f->settled[tag % SENT_MAX]);
    f->settled[tag % SENT_MAX] = true;
    f->told[outcome]++;
}

static enum mqtt_publish_result take(void *context, const struct mqtt_publish *publish)
{
    struct fixture *f = context;
    if (f->answer != MQTT_PUBLISHED) {
        return f->answer;
    }
    if (f->room == 0) {
        return MQTT_WINDOW_FULL;
    }
    f->room--;
    assert_true(f->sent_count < SENT_MAX);
    struct sent *sent = &f->sent[f->sent_count++];
    (void)snprintf(sent->topic, sizeof(sent->topic), "%s", publish->topic);
    (void)snprintf(sent->payload, sizeof(sent->payload), "%.*s", (int)publish->length,
                   (const char *)publish->payload);
    sent->publish = *publish;
    return MQTT_PUBLISHED;
}

/* Three topics: a and b retained, c not. */
static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->answer = MQTT_PUBLISHED;
    f->room = SIZE_MAX;
    assert_int_equal(lvq_new(take, f, &f->q), 0);
    lvq_on_settled(f->q, on_settled, f);
    static const char *const topics[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        struct lvq_slot_options options = {topics[i], PAYLOAD_MAX, i < 2};
        size_t slot = SIZE_MAX;
        assert_int_equal(lvq_add(f->q, &options, &slot), 0);
        assert_int_equal(slot, i);
    }
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    lvq_free(f->q);
    free(f);
    return 0;
}

static void put_item(struct fixture *f, size_t slot, const char *payload, int qos,
                     int64_t expires_us)
{
    struct lvq_item item = {
        .slot = slot,
        .payload = payload,
        .length = strlen(payload),
        .qos = qos,
        .tag = qos == 1 ? ++f->tags : 0,
        .expires_us = expires_us,
    };
    lvq_put(f->q, &item, 0);
}

static void put(struct fixture *f, size_t slot, const char *payload)
{
    put_item(f, slot, payload, 1, 0);
}

static void end(struct fixture *f, size_t sent, enum mqtt_fate fate)
{
    lvq_on_acknowledged(f->q, f->sent[sent].publish.token, fate, 0);
}

static void go_up(struct fixture *f)
{
    f->answer = MQTT_PUBLISHED;
    lvq_on_up(f->q, 0);
}

/* All that was sent so far, as "topic=payload ...". */
static void assert_sent(const struct fixture *f, const char *expected)
{
    char text[512] = "";
    size_t length = 0;
    for (size_t i = 0; i < f->sent_count; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s=%s",
                                   i > 0 ? " " : "", f->sent[i].topic, f->sent[i].payload);
    }
    assert_string_equal(text, expected);
}

static uint64_t settled(const struct lvq_stats *s)
{
    uint64_t sum = 0;
    for (int i = 0; i < LVQ_OUTCOME_COUNT; i++) {
        sum += s->outcomes[i];
    }
    return sum;
}

/* The counters that are not 0, as "tagged 2 acknowledged 1 pending 1"; and the handler was told the
 * same, each tag once. */
static void assert_counted(const struct fixture *f, const char *expected)
{
    struct lvq_stats s = lvq_stats(f->q);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {{"tagged", s.tagged},
                    {"acknowledged", s.outcomes[LVQ_ACKNOWLEDGED]},
                    {"superseded", s.outcomes[LVQ_SUPERSEDED]},
                    {"expired", s.outcomes[LVQ_EXPIRED]},
                    {"refused", s.outcomes[LVQ_REFUSED]},
                    {"pending", s.pending}};
    char text[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        if (counters[i].value > 0) {
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %llu",
                                       length > 0 ? " " : "", counters[i].name,
                                       (unsigned long long)counters[i].value);
        }
    }
    assert_string_equal(text, expected);
    assert_int_equal(s.tagged, settled(&s) + s.pending);
    assert_memory_equal(f->told, s.outcomes, sizeof(f->told));
}

static void a_payload_is_sent_at_once_and_settled_by_its_acknowledgement(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    assert_sent(f, "a=1");
    assert_int_equal(f->sent[0].publish.qos, 1);
    assert_true(f->sent[0].publish.retain);
    assert_int_not_equal(f->sent[0].publish.token, 0);
    assert_counted(f, "tagged 1 pending 1");
    end(f, 0, MQTT_ACKNOWLEDGED);
    assert_counted(f, "tagged 1 acknowledged 1");
    assert_int_equal(lvq_stats(f->q).published, 1);
}

static void an_empty_payload_is_sent_too(void **state)
{
    struct fixture *f = *state;
    const struct lvq_item item = {.slot = 0, .payload = NULL, .length = 0, .qos = 1};
    lvq_put(f->q, &item, 0);
    assert_sent(f, "a=");
}

static void offline_a_payload_waits_until_the_link_is_up(void **state)
{
    struct fixture *f = *state;
    f->answer = MQTT_OFFLINE;
    put(f, 0, "1");
    assert_true(lvq_is_waiting(f->q));
    assert_int_equal(lvq_stats(f->q).waiting, 1);
    go_up(f);
    assert_sent(f, "a=1");
    assert_false(lvq_is_waiting(f->q));
    assert_int_equal(lvq_stats(f->q).waiting, 0);
}

static void a_newer_payload_supersedes_the_one_that_waits(void **state)
{
    struct fixture *f = *state;
    f->answer = MQTT_OFFLINE;
    put(f, 0, "1");
    put(f, 0, "2");
    put(f, 0, "3");
    assert_counted(f, "tagged 3 superseded 2 pending 1");
    assert_int_equal(lvq_stats(f->q).waiting, 1);
    go_up(f);
    assert_sent(f, "a=3");
}

static void waiting_slots_are_sent_in_the_order_in_which_they_began_to_wait(void **state)
{
    struct fixture *f = *state;
    f->answer = MQTT_OFFLINE;
    put(f, 2, "1");
    put(f, 0, "2");
    put(f, 1, "3");
    put(f, 2, "4"); /* keeps its place */
    go_up(f);
    assert_sent(f, "c=4 a=2 b=3");
}

static void what_the_window_does_not_take_waits_for_room(void **state)
{
    struct fixture *f = *state;
    f->room = 1;
    put(f, 0, "1");
    put(f, 1, "2");
    put(f, 2, "3");
    assert_sent(f, "a=1");
    f->room = 1;
    lvq_on_room(f->q, 0);
    assert_sent(f, "a=1 b=2");
    f->room = 5;
    lvq_on_room(f->q, 0);
    assert_sent(f, "a=1 b=2 c=3");
}

static void a_new_payload_does_not_overtake_what_waits(void **state)
{
    struct fixture *f = *state;
    f->room = 0;
    put(f, 0, "1");
    f->room = 2;
    put(f, 1, "2");
    assert_sent(f, "a=1 b=2");
}

static void a_newer_payload_follows_the_one_in_flight(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    put(f, 0, "2");
    assert_sent(f, "a=1 a=2");
    assert_counted(f, "tagged 2 pending 2");
    end(f, 0, MQTT_ACKNOWLEDGED);
    assert_counted(f, "tagged 2 acknowledged 1 pending 1");
    end(f, 1, MQTT_ACKNOWLEDGED);
    assert_counted(f, "tagged 2 acknowledged 2");
}

static void a_lost_payload_is_sent_again(void **state)
{
    struct fixture *f = *state;
    put(f, 2, "1");
    f->answer = MQTT_OFFLINE;
    end(f, 0, MQTT_LOST);
    assert_counted(f, "tagged 1 pending 1");
    go_up(f);
    assert_sent(f, "c=1 c=1");
    end(f, 1, MQTT_ACKNOWLEDGED);
    assert_counted(f, "tagged 1 acknowledged 1");
}

static void a_lost_payload_is_not_sent_again_after_a_newer_one(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    f->answer = MQTT_OFFLINE;
    put(f, 0, "2");
    end(f, 0, MQTT_LOST);
    assert_counted(f, "tagged 2 superseded 1 pending 1");
    go_up(f);
    assert_sent(f, "a=1 a=2");
    end(f, 1, MQTT_ACKNOWLEDGED);
    assert_counted(f, "tagged 2 acknowledged 1 superseded 1");
}

static void an_acknowledgement_that_comes_while_a_newer_one_waits_counts(void **state)
{
    struct fixture *f = *state;
    f->room = 1;
    put(f, 0, "1");
    put(f, 0, "2");
    end(f, 0, MQTT_ACKNOWLEDGED);
    assert_counted(f, "tagged 2 acknowledged 1 pending 1");
    f->room = 1;
    lvq_on_room(f->q, 0);
    assert_sent(f, "a=1 a=2");
}

static void a_lost_payload_that_waits_again_is_superseded(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    f->answer = MQTT_OFFLINE;
    end(f, 0, MQTT_LOST);
    put(f, 0, "2");
    assert_counted(f, "tagged 2 superseded 1 pending 1");
    go_up(f);
    assert_sent(f, "a=1 a=2");
}

static void what_the_broker_refuses_is_counted_and_not_sent_again(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    end(f, 0, MQTT_REFUSED);
    assert_counted(f, "tagged 1 refused 1");
    go_up(f);
    assert_sent(f, "a=1");
}

static void a_late_refusal_leaves_the_newer_payload_alone(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    put(f, 0, "2");
    end(f, 0, MQTT_REFUSED);
    assert_counted(f, "tagged 2 refused 1 pending 1");
    end(f, 1, MQTT_ACKNOWLEDGED);
    assert_counted(f, "tagged 2 acknowledged 1 refused 1");
}

static void what_the_link_cannot_send_is_refused_and_the_next_one_goes_out(void **state)
{
    struct fixture *f = *state;
    static const enum mqtt_publish_result answers[] = {MQTT_TOO_LARGE, MQTT_FAILED};
    for (size_t i = 0; i < 2; i++) {
        f->answer = answers[i];
        put(f, i, "1");
    }
    assert_counted(f, "tagged 2 refused 2");
    assert_false(lvq_is_waiting(f->q));
    f->answer = MQTT_PUBLISHED;
    put(f, 2, "2");
    assert_sent(f, "c=2");
}

static void a_payload_longer_than_its_slot_is_refused_and_the_older_one_stays(void **state)
{
    struct fixture *f = *state;
    f->answer = MQTT_OFFLINE;
    put(f, 0, "12345678");
    put(f, 0, "123456789");
    assert_counted(f, "tagged 2 refused 1 pending 1");
    go_up(f);
    assert_sent(f, "a=12345678");
}

static void a_payload_that_expires_while_it_waits_is_not_sent(void **state)
{
    struct fixture *f = *state;
    f->answer = MQTT_OFFLINE;
    put_item(f, 0, "1", 1, 1000);
    put_item(f, 1, "2", 1, 1001);
    f->answer = MQTT_PUBLISHED;
    lvq_on_up(f->q, 1000);
    assert_sent(f, "b=2");
    assert_counted(f, "tagged 2 expired 1 pending 1");
}

static void the_rest_of_its_life_travels_with_the_payload(void **state)
{
    struct fixture *f = *state;
    f->answer = MQTT_OFFLINE;
    put_item(f, 0, "1", 1, 10 * US_PER_S);
    put(f, 1, "2");
    f->answer = MQTT_PUBLISHED;
    lvq_on_up(f->q, 7 * US_PER_S - 1);
    assert_int_equal(f->sent[0].publish.expiry_s, 4); /* rounded up: never shorter than asked */
    assert_int_equal(f->sent[1].publish.expiry_s, 0);
}

static void a_reconnect_sends_retained_slots_again_and_no_others(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    put_item(f, 1, "2", 0, 0);
    put(f, 2, "3");
    end(f, 0, MQTT_ACKNOWLEDGED);
    end(f, 2, MQTT_ACKNOWLEDGED);
    lvq_on_up(f->q, 0);
    assert_sent(f, "a=1 b=2 c=3 a=1 b=2");
    assert_counted(f, "tagged 2 acknowledged 2");
}

static void the_repeat_after_a_reconnect_is_not_counted_again(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    end(f, 0, MQTT_ACKNOWLEDGED);
    lvq_on_up(f->q, 0);
    end(f, 1, MQTT_ACKNOWLEDGED);
    lvq_on_up(f->q, 0);
    end(f, 2, MQTT_REFUSED);
    assert_counted(f, "tagged 1 acknowledged 1");
}

static void an_expired_slot_is_not_repeated(void **state)
{
    struct fixture *f = *state;
    put_item(f, 0, "1", 1, 1000);
    end(f, 0, MQTT_ACKNOWLEDGED);
    lvq_on_up(f->q, 2000);
    assert_sent(f, "a=1");
    assert_counted(f, "tagged 1 acknowledged 1");
}

static void a_payload_of_qos_0_needs_no_acknowledgement(void **state)
{
    struct fixture *f = *state;
    put_item(f, 2, "1", 0, 0);
    assert_int_equal(f->sent[0].publish.token, 0);
    assert_int_equal(f->sent[0].publish.qos, 0);
    lvq_on_up(f->q, 0);
    assert_sent(f, "c=1");
    assert_counted(f, "");
}

static void an_untagged_payload_stays_out_of_the_counting(void **state)
{
    struct fixture *f = *state;
    const struct lvq_item item = {.slot = 0, .payload = "1", .length = 1, .qos = 1};
    lvq_put(f->q, &item, 0);
    lvq_put(f->q, &item, 0);
    end(f, 0, MQTT_LOST);
    end(f, 1, MQTT_ACKNOWLEDGED);
    assert_counted(f, "");
    assert_int_equal(lvq_stats(f->q).published, 2);
}

static void tokens_of_others_are_ignored(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    lvq_on_acknowledged(f->q, 0, MQTT_ACKNOWLEDGED, 0);
    lvq_on_acknowledged(f->q, 0xFFFFFF, MQTT_ACKNOWLEDGED, 0);
    assert_counted(f, "tagged 1 pending 1");
}

static void many_slots_keep_their_topics(void **state)
{
    struct fixture *f = *state;
    char topic[16];
    size_t slot = 0;
    for (int i = 3; i < 500; i++) {
        (void)snprintf(topic, sizeof(topic), "t%d", i);
        struct lvq_slot_options options = {topic, PAYLOAD_MAX, false};
        assert_int_equal(lvq_add(f->q, &options, &slot), 0);
        assert_int_equal(slot, i);
    }
    put(f, 499, "1");
    put(f, 63, "2");
    assert_sent(f, "t499=1 t63=2");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* A new owner adds topics b and d; a is left over, c is not retained. */
static void what_nobody_claims_is_cleared_if_it_is_retained(void **state)
{
    struct fixture *f = *state;
    size_t slot = SIZE_MAX;
    put(f, 0, "1");
    put(f, 1, "2");
    put(f, 2, "3");
    end(f, 0, MQTT_ACKNOWLEDGED);
    assert_int_equal(lvq_claim(f->q), 0);
    assert_int_equal(lvq_add(f->q, &(struct lvq_slot_options){"b", PAYLOAD_MAX, true}, &slot), 0);
    assert_int_equal(slot, 1);
    assert_int_equal(lvq_add(f->q, &(struct lvq_slot_options){"d", PAYLOAD_MAX, true}, &slot), 0);
    assert_int_equal(slot, 3);
    lvq_claim_rest(f->q, 0);
    assert_sent(f, "a=1 b=2 c=3 a=");
    put(f, 3, "4");
    assert_sent(f, "a=1 b=2 c=3 a= d=4");
}

static void a_claim_that_comes_to_nothing_changes_nothing(void **state)
{
    struct fixture *f = *state;
    size_t slot = SIZE_MAX;
    put(f, 0, "1");
    assert_int_equal(lvq_claim(f->q), 0);
    assert_int_equal(lvq_add(f->q, &(struct lvq_slot_options){"d", PAYLOAD_MAX, true}, &slot), 0);
    put(f, 1, "2");
    assert_sent(f, "a=1 b=2");
}

/* "t" has two slots: a message that takes turns between two readings. */
static void a_topic_that_needs_fewer_slots_is_not_cleared(void **state)
{
    struct fixture *f = *state;
    const struct lvq_slot_options options = {"t", PAYLOAD_MAX, true};
    size_t slots[2];
    size_t again = SIZE_MAX;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lvq_add(f->q, &options, &slots[i]), 0);
        put(f, slots[i], i == 0 ? "1" : "2");
        end(f, (size_t)i, MQTT_ACKNOWLEDGED);
    }
    assert_int_equal(lvq_claim(f->q), 0);
    assert_int_equal(lvq_add(f->q, &options, &again), 0);
    assert_int_equal(again, slots[0]);
    lvq_claim_rest(f->q, 0);
    assert_sent(f, "t=1 t=2");
}

static void slots_of_topics_that_are_gone_are_used_again(void **state)
{
    struct fixture *f = *state;
    size_t slot = 0;
    for (int i = 0; i < 20; i++) { /* a, b and c are added never again */
        char topic[16];
        (void)snprintf(topic, sizeof(topic), "n%d", i);
        const struct lvq_slot_options options = {topic, PAYLOAD_MAX, true};
        assert_int_equal(lvq_claim(f->q), 0);
        assert_int_equal(lvq_add(f->q, &options, &slot), 0);
        lvq_claim_rest(f->q, 0);
        put(f, slot, "1");
        end(f, f->sent_count - 1, MQTT_ACKNOWLEDGED);
        if (i > 0) { /* the one before was deleted, and that acknowledged */
            assert_int_equal(f->sent[f->sent_count - 2].publish.length, 0);
            end(f, f->sent_count - 2, MQTT_ACKNOWLEDGED);
        }
        assert_in_range(slot, 0, 4);
    }
}

static void claims_that_come_to_nothing_leave_nothing(void **state)
{
    struct fixture *f = *state;
    put(f, 0, "1");
    for (int i = 0; i < 20; i++) {
        char topic[16];
        size_t slot = SIZE_MAX;
        (void)snprintf(topic, sizeof(topic), "n%d", i);
        const struct lvq_slot_options options = {topic, PAYLOAD_MAX, true};
        assert_int_equal(lvq_claim(f->q), 0);
        assert_int_equal(lvq_add(f->q, &options, &slot), 0);
        assert_int_equal(slot, 3);
    }
    put(f, 1, "2");
    assert_sent(f, "a=1 b=2");
}

static void what_is_there_already_is_not_put_again(void **state)
{
    struct fixture *f = *state;
    const struct lvq_item item = {.slot = 0, .payload = "1", .length = 1, .qos = 1};
    const struct lvq_item other = {.slot = 0, .payload = "2", .length = 1, .qos = 1};
    assert_true(lvq_put_changed(f->q, &item, 0));
    assert_false(lvq_put_changed(f->q, &item, 0));
    end(f, 0, MQTT_ACKNOWLEDGED);
    assert_false(lvq_put_changed(f->q, &item, 0));
    assert_true(lvq_put_changed(f->q, &other, 0));
    end(f, 1, MQTT_REFUSED);
    assert_true(lvq_put_changed(f->q, &other, 0));
    assert_sent(f, "a=1 a=2 a=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_payload_is_sent_at_once_and_settled_by_its_acknowledgement),
        CASE(an_empty_payload_is_sent_too),
        CASE(what_nobody_claims_is_cleared_if_it_is_retained),
        CASE(a_claim_that_comes_to_nothing_changes_nothing),
        CASE(a_topic_that_needs_fewer_slots_is_not_cleared),
        CASE(slots_of_topics_that_are_gone_are_used_again),
        CASE(claims_that_come_to_nothing_leave_nothing),
        CASE(what_is_there_already_is_not_put_again),
        CASE(offline_a_payload_waits_until_the_link_is_up),
        CASE(a_newer_payload_supersedes_the_one_that_waits),
        CASE(waiting_slots_are_sent_in_the_order_in_which_they_began_to_wait),
        CASE(what_the_window_does_not_take_waits_for_room),
        CASE(a_new_payload_does_not_overtake_what_waits),
        CASE(a_newer_payload_follows_the_one_in_flight),
        CASE(a_lost_payload_is_sent_again),
        CASE(a_lost_payload_is_not_sent_again_after_a_newer_one),
        CASE(an_acknowledgement_that_comes_while_a_newer_one_waits_counts),
        CASE(a_lost_payload_that_waits_again_is_superseded),
        CASE(what_the_broker_refuses_is_counted_and_not_sent_again),
        CASE(a_late_refusal_leaves_the_newer_payload_alone),
        CASE(what_the_link_cannot_send_is_refused_and_the_next_one_goes_out),
        CASE(a_payload_longer_than_its_slot_is_refused_and_the_older_one_stays),
        CASE(a_payload_that_expires_while_it_waits_is_not_sent),
        CASE(the_rest_of_its_life_travels_with_the_payload),
        CASE(a_reconnect_sends_retained_slots_again_and_no_others),
        CASE(the_repeat_after_a_reconnect_is_not_counted_again),
        CASE(an_expired_slot_is_not_repeated),
        CASE(a_payload_of_qos_0_needs_no_acknowledgement),
        CASE(an_untagged_payload_stays_out_of_the_counting),
        CASE(tokens_of_others_are_ignored),
        CASE(many_slots_keep_their_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
