#include "common/log.h"

#include "tests/unit/cmocka_all.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* A file in memory that takes the lines. */
struct fixture {
    FILE *file;
    char *text;
    size_t size;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->file = open_memstream(&f->text, &f->size);
    assert_non_null(f->file);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    log_limit(&(struct log_rate_limit){0});
    log_settle(true);
    log_configure(NULL, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    (void)fclose(f->file);
    free(f->text);
    free(f);
    return 0;
}

/* Stops the test unless the log is one line of JSON with these members. */
static void assert_json(const struct fixture *f, const char *level, const char *message)
{
    assert_ptr_equal(strchr(f->text, '\n'), f->text + f->size - 1);
    cJSON *line = cJSON_Parse(f->text);
    assert_non_null(line);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(line, "level")), level);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(line, "subsystem")), "mqtt");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(line, "message")), message);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(line, "ts")) > 1.6e9);
    cJSON_Delete(line);
}

static void a_text_line_has_time_level_and_subsystem(void **state)
{
    struct fixture *f = *state;
    log_configure(f->file, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    log_warning("mqtt", "lost %d", 3);
    assert_int_equal(strspn(f->text, "0123456789:."), strlen("12:00:01.250"));
    assert_string_equal(f->text + strlen("12:00:01.250"), " warning mqtt: lost 3\n");
}

static void a_journal_line_begins_with_its_priority(void **state)
{
    struct fixture *f = *state;
    log_configure(f->file, LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO);
    log_notice("mqtt", "up");
    assert_string_equal(f->text, "<5>mqtt: up\n");
}

static void a_json_line_escapes_what_json_needs(void **state)
{
    struct fixture *f = *state;
    log_configure(f->file, LOG_FORMAT_JSON, LOG_LEVEL_INFO);
    log_error("mqtt", "a \"quoted\" back\\slash and 21.5 °C");
    assert_json(f, "error", "a \"quoted\" back\\slash and 21.5 °C");
}

static void bytes_that_are_no_utf8_do_not_reach_the_log(void **state)
{
    struct fixture *f = *state;
    log_configure(f->file, LOG_FORMAT_JSON, LOG_LEVEL_INFO);
    log_error("mqtt", "a\xFF"
                      "b\xC3(\xE2\x82 \xC0\xAF \xED\xA0\x80 \xF5\x80\x80\x80 \xC2");
    assert_json(f, "error", "a?b?(?? ?? ??? ???? ?");
}

static void control_bytes_cannot_forge_a_line(void **state)
{
    struct fixture *f = *state;
    log_configure(f->file, LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO);
    log_info("mqtt", "a\n<3>b\r\033[2J\x7F\xC2\x85z");
    assert_string_equal(f->text, "<6>mqtt: a <3>b  [2J   z\n");
}

static void a_line_that_is_too_long_says_so(void **state)
{
    struct fixture *f = *state;
    char longest[2 * LOG_LINE_MAX];
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    log_configure(f->file, LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO);
    log_info("mqtt", "%s", longest);
    assert_int_equal(f->size, strlen("<6>mqtt: ") + LOG_LINE_MAX - 1 + strlen("\n"));
    assert_string_equal(f->text + f->size - 5, "x...\n");
}

static void a_line_that_just_fits_is_whole(void **state)
{
    struct fixture *f = *state;
    char fitting[LOG_LINE_MAX];
    memset(fitting, 'x', sizeof(fitting));
    fitting[sizeof(fitting) - 1] = '\0';
    log_configure(f->file, LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO);
    log_info("mqtt", "%s", fitting);
    assert_string_equal(f->text + f->size - 5, "xxxx\n");
}

static void a_long_line_is_not_cut_inside_a_character(void **state)
{
    struct fixture *f = *state;
    char text[2 * LOG_LINE_MAX + 1] = "";
    for (size_t i = 0; i < LOG_LINE_MAX; i++) {
        memcpy(text + 2 * i, "\xC2\xB0", 3);
    }
    log_configure(f->file, LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO);
    log_info("mqtt", "%s", text);
    assert_string_equal(f->text + f->size - 6, "\xC2\xB0...\n");
    log_info("mqtt", "x%s", text); /* the limit falls into the middle of a character */
    assert_string_equal(f->text + f->size - 6, "\xC2\xB0...\n");
    assert_null(strchr(f->text, '?'));
}

static void lines_below_the_level_are_not_written(void **state)
{
    struct fixture *f = *state;
    log_configure(f->file, LOG_FORMAT_JOURNAL, LOG_LEVEL_WARNING);
    log_notice("mqtt", "no");
    log_debug("mqtt", "no");
    assert_false(log_enabled(LOG_LEVEL_NOTICE));
    assert_int_equal(f->size, 0);
    log_warning("mqtt", "yes");
    assert_string_equal(f->text, "<4>mqtt: yes\n");
}

static void levels_are_named_as_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum log_level level;
    } cases[] = {{"error", LOG_LEVEL_ERROR},
                 {"warning", LOG_LEVEL_WARNING},
                 {"notice", LOG_LEVEL_NOTICE},
                 {"info", LOG_LEVEL_INFO},
                 {"debug", LOG_LEVEL_DEBUG}};
    enum log_level level = LOG_LEVEL_INFO;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(log_level_from_text(cases[i].text, &level));
        assert_int_equal(level, cases[i].level);
    }
    assert_false(log_level_from_text("Debug", &level));
    assert_false(log_level_from_text("", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
}

static void a_line_that_repeats_is_counted_and_told_with_its_newest_text(void **state)
{
    struct fixture *f = *state;
    const struct log_rate_limit limit = {.burst = 2, .interval_us = 3600 * INT64_C(1000000)};
    const struct log_stats before = log_stats();
    log_configure(f->file, LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO);
    log_limit(&limit);
    for (int i = 0; i < 10; i++) {
        log_error("mqtt", "lost %d", i);
    }
    log_settle(false);
    assert_string_equal(f->text, "<3>mqtt: lost 0\n<3>mqtt: lost 1\n");
    log_settle(true);
    assert_non_null(strstr(f->text, "<3>mqtt: ... 8 lines like this were left out in "));
    assert_non_null(strstr(f->text, " s, the last: lost 9\n"));
    const struct log_stats after = log_stats();
    assert_int_equal(after.left_out - before.left_out, 8);
    assert_int_equal(after.errors - before.errors, 3);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_text_line_has_time_level_and_subsystem),
        CASE(a_journal_line_begins_with_its_priority),
        CASE(a_json_line_escapes_what_json_needs),
        CASE(bytes_that_are_no_utf8_do_not_reach_the_log),
        CASE(control_bytes_cannot_forge_a_line),
        CASE(a_line_that_is_too_long_says_so),
        CASE(a_line_that_just_fits_is_whole),
        CASE(a_long_line_is_not_cut_inside_a_character),
        CASE(lines_below_the_level_are_not_written),
        CASE(a_line_that_repeats_is_counted_and_told_with_its_newest_text),
        cmocka_unit_test(levels_are_named_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
