#include "tests/unit/dbc_text.h"

#include <errno.h>

static void of_several_files_the_first_that_has_an_id_wins(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 A: 8 X\nBO_ 2 B: 8 X\n");
    dbc_text_add(&t, "second.dbc", "BO_ 3 C: 8 X\nBO_ 2 Other: 8 X\n");
    assert_int_equal(t.result, 0);
    assert_string_equal(
        t.notes,
        "2:5: message 'Other' is skipped: its id 0x2 belongs to message 'B' of test.dbc:2\n");
    assert_int_equal(dbc_message_count(t.db), 3);
    assert_string_equal(dbc_find_by_id(t.db, 2, false)->name, "B");
    assert_string_equal(dbc_find_by_id(t.db, 3, false)->file, "second.dbc");
    assert_int_equal(dbc_message_at(t.db, 2)->index, 2);
    dbc_text_deinit(&t);
}

static void a_description_applies_to_its_own_file_only(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 A: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n");
    dbc_text_add(&t, "second.dbc", "BO_ 2 B: 8 X\nVAL_ 1 S 0 \"a\" ;\n");
    assert_string_equal(t.notes, "2:6: no message has the id 1\n");
    assert_int_equal(dbc_text_signal(&t, "A", "S")->label_count, 0);
    dbc_text_deinit(&t);
}

static void pointers_stay_valid_when_more_is_loaded(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 A: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"V\" X\n");
    const struct dbc_signal *before = dbc_text_signal(&t, "A", "S");
    for (unsigned i = 0; i < 300; i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "BO_ %u More%u: 8 X\n", 2147484000u + i * 7, i);
        dbc_text_add(&t, "more.dbc", text);
        assert_string_equal(t.notes, "");
    }
    assert_ptr_equal(dbc_text_signal(&t, "A", "S"), before);
    for (unsigned i = 0; i < 300; i++) {
        assert_non_null(dbc_find_by_id(t.db, 352 + i * 7, true));
        assert_null(dbc_find_by_id(t.db, 353 + i * 7, true));
    }
    dbc_text_deinit(&t);
}

static void a_refused_file_leaves_the_database_as_it_was(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 A: 8 X\n");
    dbc_text_add(&t, "bad.dbc", "no dbc at all");
    assert_int_equal(t.result, -EINVAL);
    assert_int_equal(dbc_message_count(t.db), 1);
    dbc_text_deinit(&t);
}

static void a_file_that_is_too_large_is_refused(void **state)
{
    (void)state;
    struct dbc_database *db = dbc_new();
    struct diagnostics *d = diagnostics_new(0);
    assert_int_equal(dbc_load_text(db, "big", "", DBC_TEXT_MAX_BYTES + 1, d), -EFBIG);
    assert_int_equal(diagnostics_count(d, SEVERITY_ERROR), 1);
    diagnostics_free(d);
    dbc_free(db);
}

static void a_j1939_group_matches_any_priority_and_source(void **state)
{
    (void)state;
    struct dbc_text t;
    /* 0x18FEF1FE: PDU2, PGN 65265; 0x18EA00FE: PDU1, the destination is no part of the PGN. */
    dbc_text_init(&t, "BO_ 2566844926 Speed: 8 X\nBO_ 2565472510 Request: 8 X\n");
    assert_string_equal(dbc_find_by_id(t.db, 0x18FEF100, true)->name, "Speed");
    assert_string_equal(dbc_find_by_id(t.db, 0x0CFEF1AB, true)->name, "Speed");
    assert_string_equal(dbc_find_by_id(t.db, 0x18EA55AB, true)->name, "Request");
    assert_null(dbc_find_by_id(t.db, 0x18FEF200, true));
    assert_null(dbc_find_by_id(t.db, 0x0F1, false));
    dbc_text_deinit(&t);
}

static void of_two_messages_for_one_group_the_first_wins(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 2566844926 Speed: 8 X\nBO_ 2566844705 Mine: 8 X\n"
                      "BA_DEF_DEF_ \"VFrameFormat\" \"J1939PG\";\n");
    assert_string_equal(t.notes, "");
    dbc_text_add(&t, "second.dbc", "BO_ 2365518334 Again: 8 X\n");
    assert_string_equal(t.notes, "1:5: message 'Again' is never seen: frames of its parameter "
                                 "group 65265 are those of message 'Speed' of test.dbc:1\n");
    assert_string_equal(dbc_find_by_id(t.db, 0x0CFEF1AB, true)->name, "Speed");
    assert_string_equal(dbc_find_by_id(t.db, 0x18FEF121, true)->name, "Mine");
    dbc_text_deinit(&t);
}

static void an_exact_id_wins_over_a_group(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 2566844926 Speed: 8 X\nBO_ 2566844672 Mine: 8 X\n"
                      "BA_DEF_DEF_ \"ProtocolType\" \"J1939\";\n");
    assert_string_equal(dbc_find_by_id(t.db, 0x18FEF100, true)->name, "Mine");
    assert_string_equal(dbc_find_by_id(t.db, 0x18FEF101, true)->name, "Speed");
    dbc_text_deinit(&t);
}

static void plain_extended_ids_match_only_themselves(void **state)
{
    (void)state;
    struct dbc_text t;
    /* One of three ends with the null address by chance: that makes no J1939 file. */
    dbc_text_init(&t, "BO_ 2566844926 A: 8 X\nBO_ 2566844673 B: 8 X\nBO_ 2566844930 C: 8 X\n");
    assert_null(dbc_find_by_id(t.db, 0x18FEF1AB, true));
    dbc_text_deinit(&t);
}

static void names_that_nobody_has_are_not_found(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 A: 8 X\n");
    assert_null(dbc_find_by_name(t.db, "a"));
    assert_null(dbc_find_signal(dbc_find_by_name(t.db, "A"), "S"));
    assert_null(dbc_find_by_id(t.db, 0x800, false));
    dbc_text_deinit(&t);
}

/* As the list would be searched from its start, in whatever order the names come. */
static void of_equal_names_the_first_message_is_found(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 9 M: 8 X\nBO_ 8 Z: 8 X\nBO_ 7 M: 8 X\nBO_ 6 A: 8 X\nBO_ 5 MM: 8 X\n");
    dbc_text_add(&t, "more.dbc", "BO_ 4 A: 8 X\nBO_ 3 B: 8 X\nBO_ 2 M: 8 X\n");
    assert_int_equal(dbc_message_count(t.db), 8);
    for (size_t i = 0; i < dbc_message_count(t.db); i++) {
        const char *name = dbc_message_at(t.db, i)->name;
        size_t first = 0;
        while (strcmp(dbc_message_at(t.db, first)->name, name) != 0) {
            first++;
        }
        assert_ptr_equal(dbc_find_by_name(t.db, name), dbc_message_at(t.db, first));
    }
    assert_null(dbc_find_by_name(t.db, "ZZ")); /* behind all of them */
    assert_null(dbc_find_by_name(t.db, "0"));  /* before them */
    dbc_text_deinit(&t);
}

static void an_empty_database_has_no_names(void **state)
{
    (void)state;
    struct dbc_database *db = dbc_new();
    assert_null(dbc_find_by_name(db, ""));
    dbc_free(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_several_files_the_first_that_has_an_id_wins),
        cmocka_unit_test(a_description_applies_to_its_own_file_only),
        cmocka_unit_test(pointers_stay_valid_when_more_is_loaded),
        cmocka_unit_test(a_refused_file_leaves_the_database_as_it_was),
        cmocka_unit_test(a_file_that_is_too_large_is_refused),
        cmocka_unit_test(a_j1939_group_matches_any_priority_and_source),
        cmocka_unit_test(of_two_messages_for_one_group_the_first_wins),
        cmocka_unit_test(an_exact_id_wins_over_a_group),
        cmocka_unit_test(plain_extended_ids_match_only_themselves),
        cmocka_unit_test(names_that_nobody_has_are_not_found),
        cmocka_unit_test(of_equal_names_the_first_message_is_found),
        cmocka_unit_test(an_empty_database_has_no_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
