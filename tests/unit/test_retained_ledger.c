#include "common/retained_ledger.h"

#include "common/lvq_retained.h"
#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SENT_MAX 64
#define TEXT_MAX 1024

struct sent {
    char topic[32];
    char payload[8];
    uint64_t token;
    bool retain;
};

/* A ledger, its queue and the link which that believes in. */
struct fixture {
    struct loop *loop;
    struct lvq *q;
    struct retained_ledger *ledger;
    char directory[64];
    char path[96];
    struct sent sent[SENT_MAX];
    size_t sent_count;
};

static enum mqtt_publish_result take(void *context, const struct mqtt_publish *publish)
{
    struct fixture *f = context;
    assert_true(f->sent_count < SENT_MAX);
    struct sent *sent = &f->sent[f->sent_count++];
    (void)snprintf(sent->topic, sizeof(sent->topic), "%s", publish->topic);
    (void)snprintf(sent->payload, sizeof(sent->payload), "%.*s", (int)publish->length,
                   (const char *)publish->payload);
    sent->token = publish->token;
    sent->retain = publish->retain;
    return MQTT_PUBLISHED;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    (void)snprintf(f->directory, sizeof(f->directory), "/tmp/edge-ledger.XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    (void)snprintf(f->path, sizeof(f->path), "%s/topics", f->directory);
    assert_int_equal(loop_new(&f->loop), 0);
    *state = f;
    return 0;
}

static void stop(struct fixture *f)
{
    retained_ledger_close(f->ledger);
    lvq_free(f->q);
    f->ledger = NULL;
    f->q = NULL;
    f->sent_count = 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    stop(f);
    (void)unlink(f->path);
    (void)rmdir(f->directory);
    loop_free(f->loop);
    free(f);
    return 0;
}

static size_t add(struct fixture *f, const char *topic, bool retain)
{
    const struct lvq_slot_options options = {topic, sizeof(f->sent[0].payload), retain};
    size_t slot = 0;
    assert_int_equal(lvq_add(f->q, &options, &slot), 0);
    return slot;
}

static void put(struct fixture *f, size_t slot, const char *payload)
{
    lvq_put(f->q, &(struct lvq_item){.slot = slot, .payload = payload, .length = strlen(payload)},
            0);
}

/* A program begins: a new queue, with these retained topics, and the same file. */
static void start(struct fixture *f, const char *const *topics)
{
    assert_int_equal(lvq_new(take, f, &f->q), 0);
    assert_int_equal(retained_ledger_open(f->loop, f->path, f->q, &f->ledger), 0);
    for (; *topics != NULL; topics++) {
        (void)add(f, *topics, true);
    }
    assert_int_equal(retained_ledger_settle(f->ledger), 0);
}

static void write_file(struct fixture *f, const char *text)
{
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Its topics, with a blank behind each. */
static void read_file(struct fixture *f, char *ret)
{
    char line[128];
    FILE *file = fopen(f->path, "r");
    ret[0] = '\0';
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        size_t length = strlen(ret);
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '#') {
            (void)snprintf(ret + length, TEXT_MAX - length, "%s ", line);
        }
    }
    if (file != NULL) {
        assert_int_equal(fclose(file), 0);
    }
}

/* Lets the loop run until the file holds exactly that. */
static void await_file(struct fixture *f, const char *topics)
{
    char text[TEXT_MAX];
    for (read_file(f, text); strcmp(text, topics) != 0; read_file(f, text)) {
        assert_int_equal(loop_run_once(f->loop, 50 * US_PER_MS), 0);
    }
}

static void acknowledge_all(struct fixture *f)
{
    for (size_t i = 0; i < f->sent_count; i++) {
        lvq_on_acknowledged(f->q, f->sent[i].token, MQTT_ACKNOWLEDGED, 0);
    }
}

static void the_retained_topics_are_remembered(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(lvq_new(take, f, &f->q), 0);
    assert_int_equal(retained_ledger_open(f->loop, f->path, f->q, &f->ledger), 0);
    (void)add(f, "b", true);
    (void)add(f, "not-retained", false);
    (void)add(f, "a", true);
    (void)add(f, "a", true);
    assert_int_equal(retained_ledger_settle(f->ledger), 0);
    assert_int_equal(f->sent_count, 0);
    await_file(f, "a b ");
}

static void what_is_in_use_no_longer_is_deleted(void **state)
{
    struct fixture *f = *state;
    start(f, (const char *const[]){"a", "b", "c", NULL});
    await_file(f, "a b c ");
    stop(f);
    start(f, (const char *const[]){"a", "d", NULL});
    assert_int_equal(f->sent_count, 2);
    assert_string_equal(f->sent[0].topic, "b");
    assert_string_equal(f->sent[1].topic, "c");
    assert_string_equal(f->sent[0].payload, "");
    assert_true(f->sent[0].retain);
    await_file(f, "a b c d "); /* the broker has not said that they are gone */
    acknowledge_all(f);
    await_file(f, "a d ");
    assert_int_equal(retained_ledger_stats(f->ledger).cleared, 2);
    assert_int_equal(retained_ledger_stats(f->ledger).topics, 2);
}

static void a_deletion_that_got_lost_is_repeated_by_the_next_run(void **state)
{
    struct fixture *f = *state;
    start(f, (const char *const[]){"a", NULL});
    await_file(f, "a ");
    stop(f);
    start(f, (const char *const[]){"b", NULL});
    await_file(f, "a b ");
    lvq_on_acknowledged(f->q, f->sent[0].token, MQTT_REFUSED, 0);
    stop(f);
    start(f, (const char *const[]){"b", NULL});
    assert_int_equal(f->sent_count, 1);
    assert_string_equal(f->sent[0].topic, "a");
}

static void what_is_deleted_is_not_deleted_at_each_connection(void **state)
{
    struct fixture *f = *state;
    write_file(f, "a\n");
    start(f, (const char *const[]){"b", NULL});
    acknowledge_all(f);
    lvq_on_up(f->q, 0);
    assert_int_equal(f->sent_count, 1);
}

static void an_end_writes_what_is_not_yet_written(void **state)
{
    struct fixture *f = *state;
    write_file(f, "a\nb\n");
    start(f, (const char *const[]){"b", NULL});
    acknowledge_all(f);
    stop(f);
    char text[TEXT_MAX];
    read_file(f, text);
    assert_string_equal(text, "b ");
}

static void a_reload_deletes_what_it_no_longer_has(void **state)
{
    struct fixture *f = *state;
    start(f, (const char *const[]){"a", "b", "never-published", NULL});
    put(f, 0, "1");
    put(f, 1, "2");
    assert_int_equal(lvq_claim(f->q), 0);
    (void)add(f, "b", true);
    (void)add(f, "c", true);
    lvq_claim_rest(f->q, 0);
    assert_int_equal(retained_ledger_settle(f->ledger), 0);
    /* Once each: "a" by the queue, the other by the ledger, as an earlier run may have used it. */
    assert_int_equal(f->sent_count, 4);
    assert_string_equal(f->sent[2].topic, "a");
    assert_string_equal(f->sent[3].topic, "never-published");
    acknowledge_all(f);
    await_file(f, "b c ");
}

static void a_topic_that_comes_back_stays(void **state)
{
    struct fixture *f = *state;
    write_file(f, "a\n");
    start(f, (const char *const[]){"b", NULL});
    assert_int_equal(lvq_claim(f->q), 0);
    put(f, add(f, "a", true), "1");
    (void)add(f, "b", true);
    lvq_claim_rest(f->q, 0);
    assert_int_equal(retained_ledger_settle(f->ledger), 0);
    acknowledge_all(f);
    assert_int_equal(f->sent_count, 2);
    assert_string_equal(f->sent[1].payload, "1");
    await_file(f, "a b ");
    assert_int_equal(retained_ledger_stats(f->ledger).cleared, 0);
}

/* A value that is empty is a deletion, too, but the topic is in use. */
static void an_empty_value_of_a_topic_in_use_is_no_reason_to_forget_it(void **state)
{
    struct fixture *f = *state;
    start(f, (const char *const[]){"a", NULL});
    await_file(f, "a ");
    lvq_put(f->q, &(struct lvq_item){.slot = 0, .payload = "", .qos = 1}, 0);
    acknowledge_all(f);
    assert_int_equal(retained_ledger_stats(f->ledger).topics, 1);
}

static void a_damaged_file_costs_what_is_damaged_only(void **state)
{
    struct fixture *f = *state;
    write_file(f, "# comment\n\n$SYS/x\na/#\na/+/b\ngood\ngood\ntorn");
    start(f, (const char *const[]){NULL});
    assert_int_equal(f->sent_count, 1);
    assert_string_equal(f->sent[0].topic, "good");
}

static void a_file_that_another_uses_is_refused(void **state)
{
    struct fixture *f = *state;
    struct retained_ledger *second = NULL;
    start(f, (const char *const[]){"a", NULL});
    await_file(f, "a ");
    assert_int_equal(loop_run_once(f->loop, 0), 0);
    assert_int_equal(retained_ledger_open(f->loop, f->path, f->q, &second), -EBUSY);
    assert_null(second);
    stop(f);
    start(f, (const char *const[]){"a", NULL});
}

static void a_directory_that_takes_no_file_is_counted_and_nothing_more(void **state)
{
    struct fixture *f = *state;
    (void)snprintf(f->path, sizeof(f->path), "%s/absent/topics", f->directory);
    start(f, (const char *const[]){"a", NULL});
    while (retained_ledger_stats(f->ledger).faults == 0) {
        assert_int_equal(loop_run_once(f->loop, -1), 0);
    }
    assert_int_equal(f->sent_count, 0);
}

static void a_repeat_sends_what_is_retained(void **state)
{
    struct fixture *f = *state;
    start(f, (const char *const[]){"a", "b", NULL});
    size_t other = add(f, "c", false);
    put(f, 0, "1");
    put(f, other, "3");
    lvq_repeat(f->q, 0);
    assert_int_equal(f->sent_count, 3);
    assert_string_equal(f->sent[2].topic, "a");
    assert_string_equal(f->sent[2].payload, "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_retained_topics_are_remembered),
        TEST(what_is_in_use_no_longer_is_deleted),
        TEST(a_deletion_that_got_lost_is_repeated_by_the_next_run),
        TEST(what_is_deleted_is_not_deleted_at_each_connection),
        TEST(an_end_writes_what_is_not_yet_written),
        TEST(a_reload_deletes_what_it_no_longer_has),
        TEST(a_topic_that_comes_back_stays),
        TEST(an_empty_value_of_a_topic_in_use_is_no_reason_to_forget_it),
        TEST(a_damaged_file_costs_what_is_damaged_only),
        TEST(a_file_that_another_uses_is_refused),
        TEST(a_directory_that_takes_no_file_is_counted_and_nothing_more),
        TEST(a_repeat_sends_what_is_retained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
