#include "tests/unit/store_bench.h"

#include "edge-gateway/store/store_memo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Two buses of before, the other way round, and a new one between them. */
static const struct store_bus buses[] = {{.name = "can1"}, {.name = "new"}, {.name = "can0"}};

static void on_released(void *context)
{
    ++*(int *)context;
}

static struct store_setup *prepare(struct store_bench *b, const struct store_bus *list,
                                   size_t count)
{
    struct store_options options = b->options;
    struct store_setup *setup = NULL;
    options.buses = list;
    options.bus_count = count;
    assert_int_equal(store_prepare_change(b->store, &options, &setup), 0);
    return setup;
}

static void append_of(struct store_bench *b, uint8_t bus, uint64_t wanted_seq)
{
    struct frame frame = store_bench_frame(wanted_seq);
    frame.bus = bus;
    assert_int_equal(store_append_frame(b->store, &frame), wanted_seq);
}

static void wait_committed(struct store_bench *b, uint64_t seq)
{
    while (store_stats(b->store).committed < seq) {
        store_bench_turn(b);
    }
}

/* The bus of the configuration in force that a seq is of; -1: none. */
static int bus_of(struct store_bench *b, uint64_t seq)
{
    const struct store_fetched *found = store_bench_fetch(b, seq);
    struct segment_reader reader;
    struct segment_record record;
    assert_int_equal(found->found, STORE_FOUND_SEGMENT);
    segment_reader_init(&reader, &found->segment);
    while (segment_next(&reader, &record) == SEGMENT_FRAME && record.seq < seq) {
    }
    assert_int_equal(record.seq, seq);
    return store_bus_index(b->store, record.frame.bus);
}

static void seqs_go_on_and_frames_stay_with_their_bus(void **state)
{
    struct store_bench *b = *state;
    int released = 0;
    store_bench_open(b);
    append_of(b, 0, 1); /* can0 */
    append_of(b, 1, 2); /* can1 */
    store_change(b->store, prepare(b, buses, 3), on_released, &released);
    append_of(b, 2, 3); /* can0 */
    append_of(b, 1, 4); /* new */
    append_of(b, 0, 5); /* can1 */
    wait_committed(b, 5);
    assert_int_equal(released, 1);
    const int wanted[] = {2, 0, 2, 1, 0};
    for (uint64_t seq = 1; seq <= 5; seq++) {
        assert_int_equal(bus_of(b, seq), wanted[seq - 1]);
    }
    assert_int_equal(store_stats(b->store).failed_commits, 0);
}

static void the_writer_follows_although_no_frame_comes(void **state)
{
    struct store_bench *b = *state;
    int released = 0;
    store_bench_open(b);
    store_change(b->store, prepare(b, buses, 3), on_released, &released);
    while (released == 0) {
        store_bench_turn(b);
    }
}

/* The writer never sees the one between. */
static void a_bus_of_a_moment_keeps_its_name(void **state)
{
    struct store_bench *b = *state;
    int released = 0;
    store_bench_open(b);
    store_change(b->store, prepare(b, buses, 3), on_released, &released);
    append_of(b, 1, 1); /* new */
    store_change(b->store, prepare(b, b->options.buses, 2), on_released, &released);
    append_of(b, 0, 2); /* can0 */
    wait_committed(b, 2);
    assert_int_equal(bus_of(b, 1), -1);
    assert_int_equal(bus_of(b, 2), 0);
    store_change(b->store, prepare(b, buses, 3), on_released, &released);
    store_bench_close(b);
    b->options.buses = buses;
    b->options.bus_count = 3;
    store_bench_open(b);
    assert_int_equal(bus_of(b, 1), 1);
    assert_int_equal(bus_of(b, 2), 2);
    assert_int_equal(released, 3);
}

static void changes_that_follow_each_other_are_all_released(void **state)
{
    struct store_bench *b = *state;
    int released = 0;
    uint64_t seq = 0;
    store_bench_open(b);
    for (size_t i = 0; i < 20; i++) {
        store_change(b->store, prepare(b, buses, 1 + i % 3), on_released, &released);
        append_of(b, 0, ++seq);
    }
    wait_committed(b, seq);
    while (released < 20) {
        store_bench_turn(b);
    }
    store_drop_change(prepare(b, buses, 2)); /* one that came to nothing */
    append_of(b, 0, ++seq);
    wait_committed(b, seq);
    assert_int_equal(released, 20);
}

struct memos {
    size_t count;
    char text[4][64];
};

static void on_memo(void *context, const char *name, const char *text)
{
    struct memos *memos = context;
    assert_true(memos->count < 4);
    (void)snprintf(memos->text[memos->count++], sizeof(memos->text[0]), "%s=%s", name, text);
}

static void what_is_remembered_stays_with_its_name(void **state)
{
    struct store_bench *b = *state;
    const char *const before[] = {"a", "b"};
    const char *const after[] = {"c", "a"};
    int released = 0;
    b->options.memo_names = before;
    b->options.memo_count = 2;
    store_bench_open(b);
    store_set_memo(b->store, 0, "text of a");
    b->options.memo_names = after;
    struct store_setup *setup = prepare(b, buses, 3);
    store_change(b->store, setup, on_released, &released);
    store_set_memo(b->store, 0, "text of c");
    append_of(b, 0, 1);
    wait_committed(b, 1);
    struct memos found = {.count = 0};
    assert_int_equal(store_memo_read(b->path, on_memo, &found), 0);
    assert_string_equal(found.text[0], "a=text of a");
    assert_string_equal(found.text[1], "c=text of c");
    assert_int_equal(found.count, 2);
}

static void a_log_knows_only_so_many_buses(void **state)
{
    struct store_bench *b = *state;
    static char names[256][8];
    static struct store_bus many[256];
    struct store_options options = b->options;
    struct store_setup *setup = NULL;
    store_bench_open(b);
    for (size_t i = 0; i < 256; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "n%zu", i);
        many[i] = (struct store_bus){.name = names[i]};
    }
    options.buses = many;
    options.bus_count = 256; /* and the two that it knows */
    assert_int_equal(store_prepare_change(b->store, &options, &setup), -ERANGE);
    options.bus_count = 254;
    assert_int_equal(store_prepare_change(b->store, &options, &setup), 0);
    store_drop_change(setup);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, store_bench_set_up, store_bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(seqs_go_on_and_frames_stay_with_their_bus),
        CASE(the_writer_follows_although_no_frame_comes),
        CASE(a_bus_of_a_moment_keeps_its_name),
        CASE(changes_that_follow_each_other_are_all_released),
        CASE(what_is_remembered_stays_with_its_name),
        CASE(a_log_knows_only_so_many_buses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
