#include "common/log_ring.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static void assert_lines(const struct log_ring *ring, const char *expected)
{
    struct buf out;
    buf_init(&out, 1024);
    buf_puts(&out, "");
    log_ring_read(ring, &out);
    assert_true(buf_ok(&out));
    assert_string_equal(out.data, expected);
    buf_deinit(&out);
}

static void the_oldest_lines_make_room(void **state)
{
    (void)state;
    struct log_ring ring;
    assert_int_equal(log_ring_init(&ring, 16), 0);
    assert_lines(&ring, "");
    log_ring_add(&ring, "first");
    log_ring_add(&ring, "second");
    assert_lines(&ring, "first\nsecond\n");
    log_ring_add(&ring, "third"); /* 6 + 7 + 6 do not fit */
    assert_lines(&ring, "second\nthird\n");
    log_ring_add(&ring, "");
    assert_lines(&ring, "second\nthird\n\n");
    log_ring_add(&ring, "fifteen bytes..");
    assert_lines(&ring, "fifteen bytes..\n");
    log_ring_add(&ring, "more than there is room for");
    assert_lines(&ring, "fifteen bytes..\n");
    log_ring_deinit(&ring);
}

static void it_goes_round_for_ever_with_whole_lines(void **state)
{
    (void)state;
    struct log_ring ring;
    char line[32];
    char expected[64];
    assert_int_equal(log_ring_init(&ring, 23), 0);
    for (int i = 10; i < 10000; i++) {
        (void)snprintf(line, sizeof(line), "line %d", i);
        log_ring_add(&ring, line);
    }
    (void)snprintf(expected, sizeof(expected), "line 9998\nline 9999\n");
    assert_lines(&ring, expected);
    log_ring_deinit(&ring);
}

static void without_memory_nothing_is_kept(void **state)
{
    (void)state;
    struct log_ring ring = {0};
    log_ring_add(&ring, "x");
    assert_lines(&ring, "");
    log_ring_deinit(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_lines_make_room),
        cmocka_unit_test(it_goes_round_for_ever_with_whole_lines),
        cmocka_unit_test(without_memory_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
