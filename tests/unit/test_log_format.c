#include "edge-gateway/can/log_format.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/log_case.h"

#define ASC_FRAME " 1.0 1 11 Rx d 1 22"
#define TRC_FRAME "1) 1000.0 Rx 0011 1 22"

static const struct log_case cases[] = {
    {"candump", NULL, "(1.0) can0 011#22", LOG_FRAME, 1000000, "can0", 0x11, 0, "22"},
    {"candump for people", "# a comment\n\n", "  can0  011   [1]  22", LOG_FRAME, 0, "can0", 0x11,
     0, "22"},
    {"candump behind the mark of UTF-8", NULL, "\xEF\xBB\xBF(1.0) can0 011#22", LOG_FRAME, 1000000,
     "can0", 0x11, 0, "22"},
    {"Vector ASCII by its date", "date Thu Jan 1 00:01:00 1970\n", ASC_FRAME, LOG_FRAME, 61000000,
     "can1", 0x11, 0, "22"},
    {"Vector ASCII by its base",
     "\xEF\xBB\xBF"
     "base dec timestamps absolute\n",
     ASC_FRAME, LOG_FRAME, 1000000, "can1", 11, 0, "16"},
    {"Vector ASCII by a frame", "// version 9.0.0\n", ASC_FRAME, LOG_FRAME, 1000000, "can1", 0x11,
     0, "22"},
    {"PEAK trace by its version", ";$FILEVERSION=1.1\n", TRC_FRAME, LOG_FRAME, 1000000, "can1",
     0x11, 0, "22"},
    {"PEAK trace by a frame", ";####\n;  Start time: x\n", "1) 1000 0011 1 22", LOG_FRAME, 1000000,
     "can1", 0x11, 0, "22"},
    {"a frame of another form than the log's", "(1.0) can0 011#22\n", ASC_FRAME, LOG_MALFORMED, 0,
     "", 0, 0, ""},
    {"rubbish before the log", "hello\nhello world\n", "(1.0) can0 011#22", LOG_FRAME, 1000000,
     "can0", 0x11, 0, "22"},
    {"a comment of no form", NULL, "; comment", LOG_BLANK, 0, "", 0, 0, ""},
    {"prose", NULL, "no such file", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"prose with a number", NULL, "2.0 is not a log", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"gzip", NULL, "\x1F\x8B\x08", LOG_FOREIGN, 0, "", 0, 0, ""},
    {"gzip goes on", "\x1F\x8B\x08\n", "(1.0) can0 011#22", LOG_FOREIGN, 0, "", 0, 0, ""},
    {"gzip, but not at the beginning", "(1.0) can0 011#22\n", "\x1F\x8B\x08", LOG_MALFORMED, 0, "",
     0, 0, ""},
    {"UTF-16", NULL, "\xFF\xFE(", LOG_FOREIGN, 0, "", 0, 0, ""},
    {"half a mark", NULL, "\x1F", LOG_MALFORMED, 0, "", 0, 0, ""},
};

static enum log_result parse(void *state, const char *line, size_t length, struct log_line *ret)
{
    return log_format_parse(state, line, length, ret);
}

static void every_log_is_recognised_and_no_damage_harms(void **state)
{
    (void)state;
    struct log_format format;
    const struct log_case_parser parser = {parse, &format, sizeof(format)};
    log_case_run(&parser, cases, sizeof(cases) / sizeof(cases[0]));
}

static void the_form_has_a_name_once_it_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *name;
    } names[] = {{"hello", "known log"},
                 {"(1.0) can0 011#22", "candump text"},
                 {ASC_FRAME, "Vector ASCII"},
                 {";$FILEVERSION=2.1", "PEAK trace"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct log_format format = {.form = NULL};
        struct log_line line;
        (void)log_format_parse(&format, names[i].line, strlen(names[i].line), &line);
        assert_string_equal(log_format_name(&format), names[i].name);
        assert_null(log_format_foreign(&format));
    }
}

static void the_beginning_of_a_line_too_long_tells_no_text_from_text(void **state)
{
    (void)state;
    struct log_format packed = {.form = NULL};
    assert_int_equal(log_format_parse_cut(&packed, "\x28\xB5\x2F\xFD", 4), LOG_FOREIGN);
    assert_string_equal(log_format_foreign(&packed), "zstd data: read it through zstdcat");
    struct log_format text = {.form = NULL};
    struct log_line line;
    assert_int_equal(log_format_parse_cut(&text, "(1.0) can0 011#22", 17), LOG_MALFORMED);
    assert_int_equal(log_format_parse(&text, "(1.0) can0 011#22", 17, &line), LOG_FRAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_log_is_recognised_and_no_damage_harms),
        cmocka_unit_test(the_form_has_a_name_once_it_is_known),
        cmocka_unit_test(the_beginning_of_a_line_too_long_tells_no_text_from_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
