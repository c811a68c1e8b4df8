#include "automation-node/state/archive.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

struct things {
    bool flag;
    int64_t number;
    uint64_t large;
    double real;
    size_t index;
    int choice;
    int64_t soon_us;
    int64_t never_us;
    int64_t always_us;
    char text[16];
};

static void archive(struct things *t, struct archive *a)
{
    archive_flag(a, "flag", &t->flag);
    size_t mark = archive_enter(a, "part", 3);
    archive_i64(a, "number", &t->number);
    archive_u64(a, "large", &t->large);
    archive_leave(a, mark);
    archive_double(a, "real", &t->real);
    archive_index(a, "index", &t->index, 10);
    t->choice = archive_choice(a, "choice", t->choice, 4);
    archive_time(a, "soon", &t->soon_us);
    archive_time(a, "never", &t->never_us);
    archive_time(a, "always", &t->always_us);
    archive_text(a, "text", t->text, sizeof(t->text));
}

static const struct things some = {.flag = true,
                                   .number = INT64_MIN,
                                   .large = UINT64_MAX,
                                   .real = 0.1 + 0.2,
                                   .index = 7,
                                   .choice = 3,
                                   .soon_us = -5,
                                   .never_us = INT64_MAX,
                                   .always_us = INT64_MIN,
                                   .text = "\"a\\ \n°"};

static void what_is_saved_is_loaded_with_another_clock(void **state)
{
    (void)state;
    struct buf text;
    struct archive a;
    struct things saved = some;
    struct things loaded = {0};
    buf_init(&text, 1000);
    archive_save(&a, &text, 1000);
    archive(&saved, &a);
    archive_finish(&a);
    assert_true(buf_ok(&text));
    assert_non_null(strstr(text.data, "\"part3.number\":-9223372036854775808"));
    assert_int_equal(archive_load(&a, text.data, text.length, 1100), 0);
    archive(&loaded, &a);
    assert_int_equal(loaded.soon_us, -105);
    loaded.soon_us = -5;
    assert_true(loaded.flag);
    assert_true(loaded.number == some.number && loaded.large == some.large);
    assert_true(loaded.real == some.real && loaded.index == 7 && loaded.choice == 3);
    assert_true(loaded.never_us == INT64_MAX && loaded.always_us == INT64_MIN);
    assert_string_equal(loaded.text, some.text);
    buf_deinit(&text);
}

static void a_clock_that_is_known_later_corrects_what_is_still_as_loaded(void **state)
{
    (void)state;
    static const char text[] = "{\"soon\":1000,\"never\":2000,\"flag\":true}";
    struct archive a;
    struct things t = {0};
    assert_int_equal(archive_load(&a, text, strlen(text), 100), 0);
    archive(&t, &a);
    t.never_us = 5; /* set anew */
    t.flag = false;
    assert_int_equal(archive_correct(&a, text, strlen(text), 100, 400), 0);
    archive(&t, &a);
    assert_int_equal(t.soon_us, 600);
    assert_int_equal(t.never_us, 5);
    assert_false(t.flag);
}

static void what_is_missing_or_impossible_stays_as_it_is(void **state)
{
    (void)state;
    static const char text[] =
        "{\"flag\":1,\"real\":\"x\",\"index\":10,\"choice\":4,\"soon\":null,\"text\":\"far longer "
        "than"
        " sixteen bytes\",\"part3.number\":12345678901234567890123,\"part3.large\":-1}";
    struct archive a;
    struct things t;
    memcpy(&t, &some, sizeof(t)); /* padding, too */
    assert_int_equal(archive_load(&a, text, strlen(text), 0), 0);
    archive(&t, &a);
    assert_memory_equal(&t, &some, sizeof(t));
}

static void what_is_no_flat_object_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",           "{",          "}",          "[]",
                                        "{\"a\"}",    "{\"a\":}",   "{\"a\":1,}", "{\"a\":{}}",
                                        "{\"a\":\"}", "{\"a\":1}x", "{a:1}",      "{\"a\":\"\\\"}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct archive a;
        if (archive_load(&a, texts[i], strlen(texts[i]), 0) == 0) {
            fail_msg("taken: %s", texts[i]);
        }
    }
    struct archive a;
    assert_int_equal(archive_load(&a, "{}", 2, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_loaded_with_another_clock),
        cmocka_unit_test(a_clock_that_is_known_later_corrects_what_is_still_as_loaded),
        cmocka_unit_test(what_is_missing_or_impossible_stays_as_it_is),
        cmocka_unit_test(what_is_no_flat_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
