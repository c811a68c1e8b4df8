#include "common/lvq_batch.h"

#include "common/clock.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/lvq_bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_payload_is_sent_at_once_and_settled_by_its_acknowledgement(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    bench_assert_sent(f, "a=1");
    assert_int_equal(f->sent[0].publish.qos, 1);
    assert_true(f->sent[0].publish.retain);
    assert_int_not_equal(f->sent[0].publish.token, 0);
    bench_assert_counted(f, "tagged 1 pending 1");
    bench_end(f, 0, MQTT_ACKNOWLEDGED);
    bench_assert_counted(f, "tagged 1 acknowledged 1");
    assert_int_equal(lvq_stats(f->q).published, 1);
}

static void an_empty_payload_is_sent_too(void **state)
{
    struct lvq_bench *f = *state;
    const struct lvq_item item = {.slot = 0, .payload = NULL, .length = 0, .qos = 1};
    lvq_put(f->q, &item, 0);
    bench_assert_sent(f, "a=");
}

static void offline_a_payload_waits_until_the_link_is_up(void **state)
{
    struct lvq_bench *f = *state;
    f->answer = MQTT_OFFLINE;
    bench_put(f, 0, "1");
    assert_true(lvq_is_waiting(f->q));
    assert_int_equal(lvq_stats(f->q).waiting, 1);
    bench_go_up(f);
    bench_assert_sent(f, "a=1");
    assert_false(lvq_is_waiting(f->q));
    assert_int_equal(lvq_stats(f->q).waiting, 0);
}

static void a_newer_payload_supersedes_the_one_that_waits(void **state)
{
    struct lvq_bench *f = *state;
    f->answer = MQTT_OFFLINE;
    bench_put(f, 0, "1");
    bench_put(f, 0, "2");
    bench_put(f, 0, "3");
    bench_assert_counted(f, "tagged 3 superseded 2 pending 1");
    assert_int_equal(lvq_stats(f->q).waiting, 1);
    bench_go_up(f);
    bench_assert_sent(f, "a=3");
}

static void waiting_slots_are_sent_in_the_order_in_which_they_began_to_wait(void **state)
{
    struct lvq_bench *f = *state;
    f->answer = MQTT_OFFLINE;
    bench_put(f, 2, "1");
    bench_put(f, 0, "2");
    bench_put(f, 1, "3");
    bench_put(f, 2, "4"); /* keeps its place */
    bench_go_up(f);
    bench_assert_sent(f, "c=4 a=2 b=3");
}

static void what_the_window_does_not_take_waits_for_room(void **state)
{
    struct lvq_bench *f = *state;
    f->room = 1;
    bench_put(f, 0, "1");
    bench_put(f, 1, "2");
    bench_put(f, 2, "3");
    bench_assert_sent(f, "a=1");
    f->room = 1;
    lvq_on_room(f->q, 0);
    bench_assert_sent(f, "a=1 b=2");
    f->room = 5;
    lvq_on_room(f->q, 0);
    bench_assert_sent(f, "a=1 b=2 c=3");
}

static void a_new_payload_does_not_overtake_what_waits(void **state)
{
    struct lvq_bench *f = *state;
    f->room = 0;
    bench_put(f, 0, "1");
    f->room = 2;
    bench_put(f, 1, "2");
    bench_assert_sent(f, "a=1 b=2");
}

static void a_newer_payload_follows_the_one_in_flight(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    bench_put(f, 0, "2");
    bench_assert_sent(f, "a=1 a=2");
    bench_assert_counted(f, "tagged 2 pending 2");
    bench_end(f, 0, MQTT_ACKNOWLEDGED);
    bench_assert_counted(f, "tagged 2 acknowledged 1 pending 1");
    bench_end(f, 1, MQTT_ACKNOWLEDGED);
    bench_assert_counted(f, "tagged 2 acknowledged 2");
}

static void a_lost_payload_is_sent_again(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 2, "1");
    f->answer = MQTT_OFFLINE;
    bench_end(f, 0, MQTT_LOST);
    bench_assert_counted(f, "tagged 1 pending 1");
    bench_go_up(f);
    bench_assert_sent(f, "c=1 c=1");
    bench_end(f, 1, MQTT_ACKNOWLEDGED);
    bench_assert_counted(f, "tagged 1 acknowledged 1");
}

static void a_lost_payload_is_not_sent_again_after_a_newer_one(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    f->answer = MQTT_OFFLINE;
    bench_put(f, 0, "2");
    bench_end(f, 0, MQTT_LOST);
    bench_assert_counted(f, "tagged 2 superseded 1 pending 1");
    bench_go_up(f);
    bench_assert_sent(f, "a=1 a=2");
    bench_end(f, 1, MQTT_ACKNOWLEDGED);
    bench_assert_counted(f, "tagged 2 acknowledged 1 superseded 1");
}

static void an_acknowledgement_that_comes_while_a_newer_one_waits_counts(void **state)
{
    struct lvq_bench *f = *state;
    f->room = 1;
    bench_put(f, 0, "1");
    bench_put(f, 0, "2");
    bench_end(f, 0, MQTT_ACKNOWLEDGED);
    bench_assert_counted(f, "tagged 2 acknowledged 1 pending 1");
    f->room = 1;
    lvq_on_room(f->q, 0);
    bench_assert_sent(f, "a=1 a=2");
}

static void a_lost_payload_that_waits_again_is_superseded(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    f->answer = MQTT_OFFLINE;
    bench_end(f, 0, MQTT_LOST);
    bench_put(f, 0, "2");
    bench_assert_counted(f, "tagged 2 superseded 1 pending 1");
    bench_go_up(f);
    bench_assert_sent(f, "a=1 a=2");
}

static void what_the_broker_refuses_is_counted_and_not_sent_again(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    bench_end(f, 0, MQTT_REFUSED);
    bench_assert_counted(f, "tagged 1 refused 1");
    bench_go_up(f);
    bench_assert_sent(f, "a=1");
}

static void a_late_refusal_leaves_the_newer_payload_alone(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    bench_put(f, 0, "2");
    bench_end(f, 0, MQTT_REFUSED);
    bench_assert_counted(f, "tagged 2 refused 1 pending 1");
    bench_end(f, 1, MQTT_ACKNOWLEDGED);
    bench_assert_counted(f, "tagged 2 acknowledged 1 refused 1");
}

static void what_the_link_cannot_send_is_refused_and_the_next_one_goes_out(void **state)
{
    struct lvq_bench *f = *state;
    static const enum mqtt_publish_result answers[] = {MQTT_TOO_LARGE, MQTT_FAILED};
    for (size_t i = 0; i < 2; i++) {
        f->answer = answers[i];
        bench_put(f, i, "1");
    }
    bench_assert_counted(f, "tagged 2 refused 2");
    assert_false(lvq_is_waiting(f->q));
    f->answer = MQTT_PUBLISHED;
    bench_put(f, 2, "2");
    bench_assert_sent(f, "c=2");
}

static void a_payload_longer_than_its_slot_is_refused_and_the_older_one_stays(void **state)
{
    struct lvq_bench *f = *state;
    f->answer = MQTT_OFFLINE;
    bench_put(f, 0, "12345678");
    bench_put(f, 0, "123456789");
    bench_assert_counted(f, "tagged 2 refused 1 pending 1");
    bench_go_up(f);
    bench_assert_sent(f, "a=12345678");
}

static void a_payload_that_expires_while_it_waits_is_not_sent(void **state)
{
    struct lvq_bench *f = *state;
    f->answer = MQTT_OFFLINE;
    bench_put_item(f, 0, "1", 1, 1000);
    bench_put_item(f, 1, "2", 1, 1001);
    f->answer = MQTT_PUBLISHED;
    lvq_on_up(f->q, 1000);
    bench_assert_sent(f, "b=2");
    bench_assert_counted(f, "tagged 2 expired 1 pending 1");
}

static void the_rest_of_its_life_travels_with_the_payload(void **state)
{
    struct lvq_bench *f = *state;
    f->answer = MQTT_OFFLINE;
    bench_put_item(f, 0, "1", 1, 10 * US_PER_S);
    bench_put(f, 1, "2");
    f->answer = MQTT_PUBLISHED;
    lvq_on_up(f->q, 7 * US_PER_S - 1);
    assert_int_equal(f->sent[0].publish.expiry_s, 4); /* rounded up: never shorter than asked */
    assert_int_equal(f->sent[1].publish.expiry_s, 0);
}

static void a_reconnect_sends_retained_slots_again_and_no_others(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    bench_put_item(f, 1, "2", 0, 0);
    bench_put(f, 2, "3");
    bench_end(f, 0, MQTT_ACKNOWLEDGED);
    bench_end(f, 2, MQTT_ACKNOWLEDGED);
    lvq_on_up(f->q, 0);
    bench_assert_sent(f, "a=1 b=2 c=3 a=1 b=2");
    bench_assert_counted(f, "tagged 2 acknowledged 2");
}

static void the_repeat_after_a_reconnect_is_not_counted_again(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    bench_end(f, 0, MQTT_ACKNOWLEDGED);
    lvq_on_up(f->q, 0);
    bench_end(f, 1, MQTT_ACKNOWLEDGED);
    lvq_on_up(f->q, 0);
    bench_end(f, 2, MQTT_REFUSED);
    bench_assert_counted(f, "tagged 1 acknowledged 1");
}

static void an_expired_slot_is_not_repeated(void **state)
{
    struct lvq_bench *f = *state;
    bench_put_item(f, 0, "1", 1, 1000);
    bench_end(f, 0, MQTT_ACKNOWLEDGED);
    lvq_on_up(f->q, 2000);
    bench_assert_sent(f, "a=1");
    bench_assert_counted(f, "tagged 1 acknowledged 1");
}

static void a_payload_of_qos_0_needs_no_acknowledgement(void **state)
{
    struct lvq_bench *f = *state;
    bench_put_item(f, 2, "1", 0, 0);
    assert_int_equal(f->sent[0].publish.token, 0);
    assert_int_equal(f->sent[0].publish.qos, 0);
    lvq_on_up(f->q, 0);
    bench_assert_sent(f, "c=1");
    bench_assert_counted(f, "");
}

static void an_untagged_payload_stays_out_of_the_counting(void **state)
{
    struct lvq_bench *f = *state;
    const struct lvq_item item = {.slot = 0, .payload = "1", .length = 1, .qos = 1};
    lvq_put(f->q, &item, 0);
    lvq_put(f->q, &item, 0);
    bench_end(f, 0, MQTT_LOST);
    bench_end(f, 1, MQTT_ACKNOWLEDGED);
    bench_assert_counted(f, "");
    assert_int_equal(lvq_stats(f->q).published, 2);
}

static void tokens_of_others_are_ignored(void **state)
{
    struct lvq_bench *f = *state;
    bench_put(f, 0, "1");
    lvq_on_acknowledged(f->q, 0, MQTT_ACKNOWLEDGED, 0);
    lvq_on_acknowledged(f->q, 0xFFFFFF, MQTT_ACKNOWLEDGED, 0);
    bench_assert_counted(f, "tagged 1 pending 1");
}

static void many_slots_keep_their_topics(void **state)
{
    struct lvq_bench *f = *state;
    char topic[16];
    size_t slot = 0;
    for (int i = 3; i < 500; i++) {
        (void)snprintf(topic, sizeof(topic), "t%d", i);
        struct lvq_slot_options options = {topic, PAYLOAD_MAX, false};
        assert_int_equal(lvq_add(f->q, &options, &slot), 0);
        assert_int_equal(slot, i);
    }
    bench_put(f, 499, "1");
    bench_put(f, 63, "2");
    bench_assert_sent(f, "t499=1 t63=2");
}

static void what_is_there_already_is_not_put_again(void **state)
{
    struct lvq_bench *f = *state;
    const struct lvq_item item = {.slot = 0, .payload = "1", .length = 1, .qos = 1};
    const struct lvq_item other = {.slot = 0, .payload = "2", .length = 1, .qos = 1};
    assert_true(lvq_put_changed(f->q, &item, 0));
    assert_false(lvq_put_changed(f->q, &item, 0));
    bench_end(f, 0, MQTT_ACKNOWLEDGED);
    assert_false(lvq_put_changed(f->q, &item, 0));
    assert_true(lvq_put_changed(f->q, &other, 0));
    bench_end(f, 1, MQTT_REFUSED);
    assert_true(lvq_put_changed(f->q, &other, 0));
    bench_assert_sent(f, "a=1 a=2 a=2");
}

static void what_is_put_while_it_is_held_leaves_at_the_release(void **state)
{
    struct lvq_bench *f = *state;
    lvq_hold(f->q);
    bench_put(f, 1, "1");
    bench_put(f, 0, "2");
    bench_assert_sent(f, "");
    lvq_release(f->q, 0);
    bench_assert_sent(f, "b=1 a=2");
    bench_put(f, 1, "3");
    bench_assert_sent(f, "b=1 a=2 b=3");
}

static void a_batch_supersedes_nothing_that_the_link_takes(void **state)
{
    struct lvq_bench *f = *state;
    lvq_hold(f->q);
    bench_put(f, 0, "1");
    bench_put(f, 1, "2");
    bench_put(f, 0, "3");
    bench_put(f, 0, "4");
    lvq_release(f->q, 0);
    bench_assert_sent(f, "a=1 b=2 a=3 a=4");
    bench_assert_counted(f, "tagged 4 pending 4");
}

static void what_the_link_does_not_take_is_superseded_in_a_batch_too(void **state)
{
    struct lvq_bench *f = *state;
    f->room = 1;
    lvq_hold(f->q);
    bench_put(f, 0, "1");
    bench_put(f, 1, "2");
    bench_put(f, 1, "3");
    lvq_release(f->q, 0);
    bench_assert_sent(f, "a=1");
    bench_assert_counted(f, "tagged 3 superseded 1 pending 2");
    f->room = 5;
    lvq_on_room(f->q, 0);
    bench_assert_sent(f, "a=1 b=3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LVQ_CASE(a_payload_is_sent_at_once_and_settled_by_its_acknowledgement),
        LVQ_CASE(an_empty_payload_is_sent_too),
        LVQ_CASE(what_is_there_already_is_not_put_again),
        LVQ_CASE(offline_a_payload_waits_until_the_link_is_up),
        LVQ_CASE(a_newer_payload_supersedes_the_one_that_waits),
        LVQ_CASE(waiting_slots_are_sent_in_the_order_in_which_they_began_to_wait),
        LVQ_CASE(what_the_window_does_not_take_waits_for_room),
        LVQ_CASE(a_new_payload_does_not_overtake_what_waits),
        LVQ_CASE(a_newer_payload_follows_the_one_in_flight),
        LVQ_CASE(a_lost_payload_is_sent_again),
        LVQ_CASE(a_lost_payload_is_not_sent_again_after_a_newer_one),
        LVQ_CASE(an_acknowledgement_that_comes_while_a_newer_one_waits_counts),
        LVQ_CASE(a_lost_payload_that_waits_again_is_superseded),
        LVQ_CASE(what_the_broker_refuses_is_counted_and_not_sent_again),
        LVQ_CASE(a_late_refusal_leaves_the_newer_payload_alone),
        LVQ_CASE(what_the_link_cannot_send_is_refused_and_the_next_one_goes_out),
        LVQ_CASE(a_payload_longer_than_its_slot_is_refused_and_the_older_one_stays),
        LVQ_CASE(a_payload_that_expires_while_it_waits_is_not_sent),
        LVQ_CASE(the_rest_of_its_life_travels_with_the_payload),
        LVQ_CASE(a_reconnect_sends_retained_slots_again_and_no_others),
        LVQ_CASE(the_repeat_after_a_reconnect_is_not_counted_again),
        LVQ_CASE(an_expired_slot_is_not_repeated),
        LVQ_CASE(a_payload_of_qos_0_needs_no_acknowledgement),
        LVQ_CASE(an_untagged_payload_stays_out_of_the_counting),
        LVQ_CASE(tokens_of_others_are_ignored),
        LVQ_CASE(many_slots_keep_their_topics),
        LVQ_CASE(what_is_put_while_it_is_held_leaves_at_the_release),
        LVQ_CASE(a_batch_supersedes_nothing_that_the_link_takes),
        LVQ_CASE(what_the_link_does_not_take_is_superseded_in_a_batch_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
