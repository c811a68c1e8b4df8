#include "common/packet_ids.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IDS_MAX 100u
#define STEPS   200000

static void an_id_is_there_from_adding_to_taking(void **state)
{
    (void)state;
    struct packet_ids *ids;
    assert_int_equal(packet_ids_new(2, &ids), 0);
    uint64_t token = 0;
    assert_false(packet_ids_take(ids, 7, &token));
    packet_ids_add(ids, 7, 70);
    packet_ids_add(ids, UINT16_MAX, 71);
    assert_true(packet_ids_contain(ids, 7));
    assert_int_equal(packet_ids_count(ids), 2);
    assert_true(packet_ids_take(ids, 7, &token));
    assert_int_equal(token, 70);
    assert_false(packet_ids_contain(ids, 7));
    assert_false(packet_ids_take(ids, 7, &token));
    assert_true(packet_ids_take_any(ids, &token));
    assert_int_equal(token, 71);
    assert_false(packet_ids_take_any(ids, &token));
    packet_ids_free(ids);
}

static void no_packet_has_the_id_0(void **state)
{
    (void)state;
    struct packet_ids *ids;
    assert_int_equal(packet_ids_new(2, &ids), 0);
    uint64_t token = 5;
    assert_false(packet_ids_take(ids, 0, &token));
    assert_int_equal(token, 5);
    assert_int_equal(packet_ids_count(ids), 0);
    packet_ids_free(ids);
}

static void a_size_out_of_range_is_refused(void **state)
{
    (void)state;
    struct packet_ids *ids = NULL;
    assert_int_equal(packet_ids_new(0, &ids), -EINVAL);
    assert_int_equal(packet_ids_new(UINT16_MAX + 1, &ids), -EINVAL);
    assert_null(ids);
}

/* Beside a table of all ids. They are close together, and around the end of the counter, so that
 * their places collide. */
static void it_knows_what_a_table_of_all_ids_knows(void **state)
{
    (void)state;
    static uint64_t model[UINT16_MAX + 1]; /* 0 = not there */
    memset(model, 0, sizeof(model));
    unsigned short random[3] = {(unsigned short)test_seed(), 1, 2};
    struct packet_ids *ids;
    assert_int_equal(packet_ids_new(IDS_MAX, &ids), 0);
    size_t count = 0;
    for (uint64_t step = 1; step <= STEPS; step++) {
        long spread = nrand48(random) % 600 + (nrand48(random) % 2) * 65000;
        uint16_t id = (uint16_t)(spread % UINT16_MAX + 1);
        assert_int_equal(packet_ids_contain(ids, id), model[id] != 0);
        if (model[id] != 0) {
            uint64_t token;
            assert_true(packet_ids_take(ids, id, &token));
            assert_int_equal(token, model[id]);
            model[id] = 0;
            count--;
        } else if (count < IDS_MAX) {
            packet_ids_add(ids, id, step);
            model[id] = step;
            count++;
        }
        assert_int_equal(packet_ids_count(ids), count);
    }
    uint64_t token;
    while (packet_ids_take_any(ids, &token)) {
        count--;
    }
    assert_int_equal(count, 0);
    packet_ids_free(ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_there_from_adding_to_taking),
        cmocka_unit_test(no_packet_has_the_id_0),
        cmocka_unit_test(a_size_out_of_range_is_refused),
        cmocka_unit_test(it_knows_what_a_table_of_all_ids_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
