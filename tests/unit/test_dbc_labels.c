#include "edge-gateway/dbc/dbc_labels.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static void common_words_mean_that_there_is_no_value(void **state)
{
    (void)state;
    static const char *const yes[] = {"SNA",
                                      "sna",
                                      "N/A",
                                      "NA",
                                      "Not available",
                                      "NOT_AVAILABLE",
                                      "notAvailable",
                                      "Signal not available",
                                      "Unavailable",
                                      "Invalid",
                                      "Signal_Invalid",
                                      "Error",
                                      "error indicator",
                                      "ESP_SNA"};
    static const char *const no[] = {"",          "On",
                                     "Available", "No error",
                                     "Snail",     "Error_Active_1",
                                     "Nature",    "Invalid_Key_Detected",
                                     "Natrium"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (!dbc_label_means_not_available(yes[i])) {
            fail_msg("'%s' should mean not available", yes[i]);
        }
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        if (dbc_label_means_not_available(no[i])) {
            fail_msg("'%s' should not mean not available", no[i]);
        }
    }
}

static void words_are_the_same_whatever_case_and_separators(void **state)
{
    (void)state;
    assert_true(dbc_label_same_words("Sensor fault", "SENSOR_FAULT"));
    assert_true(dbc_label_same_words(" sensor-fault.", "Sensor Fault"));
    assert_false(dbc_label_same_words("Sensor fault", "Sensor faults"));
    assert_false(dbc_label_same_words("Sensor fault", "Sensor fault 2"));
    char a[100];
    char b[100];
    memset(a, 'x', sizeof(a));
    memset(b, 'x', sizeof(b));
    a[99] = b[99] = '\0';
    assert_true(dbc_label_same_words(a, b));
    b[98] = 'y';
    assert_false(dbc_label_same_words(a, b));
}

static void rows_are_sorted_and_the_last_of_equals_stays(void **state)
{
    (void)state;
    static const struct dbc_label rows[] = {
        {5, "five", false}, {-1, "minus", false}, {5, "FIVE", false}, {0, "zero", false}};
    struct dbc_arena arena = {NULL, false};
    size_t count = 0;
    const struct dbc_label *sorted = dbc_labels_sorted(&arena, rows, 4, &count);
    assert_int_equal(count, 3);
    assert_int_equal(sorted[0].raw, -1);
    assert_int_equal(sorted[1].raw, 0);
    assert_string_equal(sorted[2].text, "FIVE");
    dbc_arena_deinit(&arena);
}

static void rows_are_found_whether_dense_or_sparse(void **state)
{
    (void)state;
    static const struct dbc_label rows[] = {
        {-3, "a", false}, {0, "b", false}, {1, "c", false}, {2, "d", false}, {900, "e", false}};
    struct dbc_signal signal = {.labels = rows, .label_count = 5};
    for (size_t i = 0; i < 5; i++) {
        assert_ptr_equal(dbc_find_label(&signal, rows[i].raw), &rows[i]);
    }
    assert_null(dbc_find_label(&signal, 3));
    assert_null(dbc_find_label(&signal, INT64_MIN));
    signal.label_count = 0;
    assert_null(dbc_find_label(&signal, 0));
}

static void a_text_is_found_exactly_before_similar_ones(void **state)
{
    (void)state;
    static const struct dbc_label rows[] = {{0, "on", false}, {1, "On", false}};
    struct dbc_signal signal = {.labels = rows, .label_count = 2};
    assert_ptr_equal(dbc_find_label_text(&signal, "On", 2), &rows[1]);
    assert_ptr_equal(dbc_find_label_text(&signal, "ON", 2), &rows[0]);
    assert_null(dbc_find_label_text(&signal, "O", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_words_mean_that_there_is_no_value),
        cmocka_unit_test(words_are_the_same_whatever_case_and_separators),
        cmocka_unit_test(rows_are_sorted_and_the_last_of_equals_stays),
        cmocka_unit_test(rows_are_found_whether_dense_or_sparse),
        cmocka_unit_test(a_text_is_found_exactly_before_similar_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
