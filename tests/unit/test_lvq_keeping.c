/* What becomes of the slots of a queue whose owner has nothing to say any more. */
#include "common/lvq.h"
#include "common/lvq_retained.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

struct fixture {
    struct lvq *q;
    bool online;
    char sent[512]; /* "topic=payload " each */
    uint64_t token; /* of the last */
    size_t kept;
    size_t forgotten;
    size_t deleted;
};

static enum mqtt_publish_result publish(void *context, const struct mqtt_publish *message)
{
    struct fixture *f = context;
    if (!f->online) {
        return MQTT_OFFLINE;
    }
    size_t used = strlen(f->sent);
    (void)snprintf(f->sent + used, sizeof(f->sent) - used, "%s=%.*s ", message->topic,
                   (int)message->length, (const char *)message->payload);
    f->token = message->token;
    return MQTT_PUBLISHED;
}

static size_t add(struct fixture *f, const char *topic)
{
    const struct lvq_slot_options options = {topic, 16, true};
    size_t slot = 0;
    assert_int_equal(lvq_add(f->q, &options, &slot), 0);
    return slot;
}

static void put(struct fixture *f, size_t slot, const char *text)
{
    const struct lvq_item item = {.slot = slot, .payload = text, .length = strlen(text), .qos = 1};
    lvq_put(f->q, &item, 1);
    if (f->online) {
        lvq_on_acknowledged(f->q, f->token, MQTT_ACKNOWLEDGED, 1);
    }
}

static int setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.online = true};
    assert_int_equal(lvq_new(publish, &fixture, &fixture.q), 0);
    fixture.kept = add(&fixture, "kept");
    fixture.forgotten = add(&fixture, "forgotten");
    fixture.deleted = add(&fixture, "deleted");
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    lvq_free(((struct fixture *)*state)->q);
    return 0;
}

static enum lvq_keeping keeping(void *context, const char *topic)
{
    (void)context;
    if (strcmp(topic, "kept") == 0) {
        return LVQ_KEEP;
    }
    return strcmp(topic, "forgotten") == 0 ? LVQ_FORGET : LVQ_DELETE;
}

static void fill(struct fixture *f)
{
    put(f, f->kept, "a");
    put(f, f->forgotten, "b");
    put(f, f->deleted, "c");
}

static void test_what_is_forgotten_is_not_sent_after_a_reconnect(void **state)
{
    struct fixture *f = *state;
    fill(f);
    f->sent[0] = '\0';
    lvq_sort_out(f->q, keeping, NULL, 1);
    assert_string_equal(f->sent, "deleted= ");
    lvq_on_acknowledged(f->q, f->token, MQTT_ACKNOWLEDGED, 1);
    f->sent[0] = '\0';
    lvq_on_up(f->q, 2);
    assert_string_equal(f->sent, "kept=a deleted= ");
}

static void test_what_waits_is_forgotten_too(void **state)
{
    struct fixture *f = *state;
    f->online = false;
    fill(f);
    lvq_sort_out(f->q, keeping, NULL, 1);
    f->online = true;
    lvq_on_up(f->q, 2);
    assert_string_equal(f->sent, "kept=a deleted= ");
}

static void test_what_was_on_its_way_is_not_sent_again(void **state)
{
    struct fixture *f = *state;
    const struct lvq_item item = {.slot = f->forgotten, .payload = "b", .length = 1, .qos = 1};
    lvq_put(f->q, &item, 1);
    lvq_sort_out(f->q, keeping, NULL, 1);
    uint64_t token = 1; /* the first flight */
    lvq_on_acknowledged(f->q, token, MQTT_LOST, 2);
    f->sent[0] = '\0';
    lvq_on_up(f->q, 2);
    assert_null(strstr(f->sent, "forgotten"));
}

static void test_a_slot_that_was_forgotten_takes_the_next(void **state)
{
    struct fixture *f = *state;
    fill(f);
    lvq_sort_out(f->q, keeping, NULL, 1);
    f->sent[0] = '\0';
    put(f, f->forgotten, "d");
    assert_string_equal(f->sent, "forgotten=d ");
}

static void test_what_was_never_said_is_deleted_all_the_same(void **state)
{
    struct fixture *f = *state;
    lvq_sort_out(f->q, keeping, NULL, 1);
    assert_string_equal(f->sent, "deleted= ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_forgotten_is_not_sent_after_a_reconnect),
        TEST(test_what_waits_is_forgotten_too),
        TEST(test_what_was_on_its_way_is_not_sent_again),
        TEST(test_a_slot_that_was_forgotten_takes_the_next),
        TEST(test_what_was_never_said_is_deleted_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
