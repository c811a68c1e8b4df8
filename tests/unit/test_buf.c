#include "common/buf.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void appends_grow_and_stay_terminated(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    for (int i = 0; i < 100; i++) {
        buf_printf(&b, "%d,", i);
    }
    assert_true(buf_ok(&b));
    assert_int_equal(strlen(b.data), b.length);
    assert_memory_equal(b.data, "0,1,2,", 6);
    buf_deinit(&b);
}

static void the_cap_is_sticky_and_reset_clears_it(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8);
    buf_puts(&b, "1234567");
    assert_true(buf_ok(&b));
    buf_puts(&b, "8");
    assert_false(buf_ok(&b));
    assert_int_equal(buf_error(&b), -EMSGSIZE);
    assert_string_equal(b.data, "1234567");
    assert_null(buf_take(&b));
    buf_reset(&b);
    buf_puts(&b, "x");
    assert_true(buf_ok(&b));
    assert_string_equal(b.data, "x");
    buf_deinit(&b);
}

static void fails_as_its_part_did(void **state)
{
    (void)state;
    struct buf part;
    buf_init(&part, 4);
    buf_puts(&part, "too long");
    struct buf whole;
    buf_init(&whole, 64);
    buf_puts(&whole, "so far ");
    buf_fail(&whole, &part);
    assert_int_equal(buf_error(&whole), -EMSGSIZE);
    part.starved = true;
    buf_fail(&whole, &part);
    assert_int_equal(buf_error(&whole), -ENOMEM);
    buf_deinit(&whole);
    buf_deinit(&part);
}

static void take_hands_the_text_over(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64);
    buf_puts(&b, "mine");
    char *text = buf_take(&b);
    assert_string_equal(text, "mine");
    assert_null(b.data);
    free(text);
    char *empty = buf_take(&b);
    assert_string_equal(empty, "");
    free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_grow_and_stay_terminated),
        cmocka_unit_test(the_cap_is_sticky_and_reset_clears_it),
        cmocka_unit_test(fails_as_its_part_did),
        cmocka_unit_test(take_hands_the_text_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
