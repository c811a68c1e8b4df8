#include "edge-gateway/can/candump.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

struct form {
    const char *legend;
    const char *line;
    enum candump_result result;
    int64_t ts_us;
    const char *bus;
    uint32_t can_id;
    unsigned flags;
    const char *data; /* hex */
};

static const struct form forms[] = {
    {"log, standard", "(1436509052.249713) vcan0 044#2A366C2BBA", CANDUMP_FRAME, 1436509052249713,
     "vcan0", 0x44, 0, "2A366C2BBA"},
    {"log, extended", "(1436509052.249713) can1 18FEF100#00", CANDUMP_FRAME, 1436509052249713,
     "can1", 0x18FEF100, FRAME_EXTENDED, "00"},
    {"log, small extended id", "(0000000001.000001) c 00000044#", CANDUMP_FRAME, 1000001, "c", 0x44,
     FRAME_EXTENDED, ""},
    {"log, fraction of three digits", "(5.250) can0 123#", CANDUMP_FRAME, 5250000, "can0", 0x123, 0,
     ""},
    {"log, nanoseconds are cut", "(5.123456789) can0 123#", CANDUMP_FRAME, 5123456, "can0", 0x123,
     0, ""},
    {"log, lower case and dots", "(1.0) can0 123#de.ad.Be", CANDUMP_FRAME, 1000000, "can0", 0x123,
     0, "DEADBE"},
    {"log, direction", "(1.0) can0 123#00 T", CANDUMP_FRAME, 1000000, "can0", 0x123, 0, "00"},
    {"log, CR LF", "(1.0) can0 123#00\r", CANDUMP_FRAME, 1000000, "can0", 0x123, 0, "00"},
    {"log, raw DLC", "(1.0) can0 123#0011223344556677_F", CANDUMP_FRAME, 1000000, "can0", 0x123, 0,
     "0011223344556677"},
    {"log, FD", "(1.0) can0 123##0AABB", CANDUMP_FRAME, 1000000, "can0", 0x123, FRAME_FD, "AABB"},
    {"log, FD with both flags", "(1.0) can0 123##3AA", CANDUMP_FRAME, 1000000, "can0", 0x123,
     FRAME_FD | FRAME_BRS | FRAME_ESI, "AA"},
    {"log, remote", "(1.0) can0 123#R", CANDUMP_FRAME, 1000000, "can0", 0x123, FRAME_REMOTE, ""},
    {"log, error", "(1.0) can0 20000088#0000000000000000", CANDUMP_FRAME, 1000000, "can0", 0x88,
     FRAME_ERROR, "0000000000000000"},
    {"no time", "can0 123#11", CANDUMP_FRAME, 0, "can0", 0x123, 0, "11"},
    {"people, standard", "  can0  123   [8]  00 11 22 33 44 55 66 77", CANDUMP_FRAME, 0, "can0",
     0x123, 0, "0011223344556677"},
    {"people, extended", "  can0  18FF00F9   [2]  AB CD", CANDUMP_FRAME, 0, "can0", 0x18FF00F9,
     FRAME_EXTENDED, "ABCD"},
    {"people, ASCII column of hex digits", "  can0  123   [2]  61 62   'ab'", CANDUMP_FRAME, 0,
     "can0", 0x123, 0, "6162"},
    {"people, absolute time", " (1436509052.249713)  can0  123   [1]  7F", CANDUMP_FRAME,
     1436509052249713, "can0", 0x123, 0, "7F"},
    {"people, delta time", " (000.001234)  can0  123   [1]  7F", CANDUMP_FRAME, 1234, "can0", 0x123,
     0, "7F"},
    {"people, date", " (2015-07-10 06:17:32.249713)  can0  123   [0]", CANDUMP_FRAME,
     1436509052249713, "can0", 0x123, 0, ""},
    {"people, leap day", " (2024-02-29 00:00:00.000000)  can0  123   [0]", CANDUMP_FRAME,
     1709164800000000, "can0", 0x123, 0, ""},
    {"people, the last date", "(9999-12-31 23:59:59.999999) can0 123 [0]", CANDUMP_FRAME,
     253402300799999999, "can0", 0x123, 0, ""},
    {"log, the last date", "(253402300799.999999) can0 123#", CANDUMP_FRAME, 253402300799999999,
     "can0", 0x123, 0, ""},
    {"people, FD", "  can0  123  [03]  11 22 33", CANDUMP_FRAME, 0, "can0", 0x123, FRAME_FD,
     "112233"},
    {"people, FD direction", "  can0  TX B -  123  [03]  11 22 33", CANDUMP_FRAME, 0, "can0", 0x123,
     FRAME_FD | FRAME_BRS | FRAME_TX, "112233"},
    {"people, direction", "  can0  RX - -  123   [1]  11", CANDUMP_FRAME, 0, "can0", 0x123, 0,
     "11"},
    {"people, error", "  can0  20000088   [8]  00 00 00 00 00 00 00 00   ERRORFRAME", CANDUMP_FRAME,
     0, "can0", 0x88, FRAME_ERROR, "0000000000000000"},
    {"blank", "   \t\r", CANDUMP_BLANK, 0, "", 0, 0, ""},
    {"comment #", "# a comment", CANDUMP_BLANK, 0, "", 0, 0, ""},
    {"comment //", "// a comment", CANDUMP_BLANK, 0, "", 0, 0, ""},
    {"word", "hello", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"no id", "(1.0) can0", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"time is not closed", "(1.0 can0 123#", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"time is too large", "(99999999999999999999.0) can0 123#", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"month 13", "(2015-13-10 06:17:32.2) can0 123#", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"four id digits", "(1.0) can0 0123#00", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"id beyond 11 bits", "(1.0) can0 800#00", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"id beyond 29 bits", "(1.0) can0 40000000#00", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"half a byte", "(1.0) can0 123#001", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"nine bytes", "(1.0) can0 123#001122334455667788", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"no hex", "(1.0) can0 123#GG", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"FD without flags", "(1.0) can0 123##", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"people, too few bytes", "  can0  123   [3]  11 22", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
    {"people, length is no number", "  can0  123   [x]  11", CANDUMP_MALFORMED, 0, "", 0, 0, ""},
};

static void hex(const struct frame *frame, char *text)
{
    size_t bytes = (frame->flags & FRAME_REMOTE) != 0 ? 0 : frame->len;
    text[0] = '\0';
    for (size_t i = 0; i < bytes; i++) {
        (void)snprintf(text + 2 * i, 3, "%02X", frame->data[i]);
    }
}

static void every_form_is_read_as_its_legend_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const struct form *form = &forms[i];
        struct candump_line line;
        char data[2 * FRAME_DATA_MAX_BYTES + 1];
        enum candump_result result = candump_parse(form->line, strlen(form->line), &line);
        if (result != form->result) {
            fail_msg("%s: result %d", form->legend, (int)result);
        }
        if (result != CANDUMP_FRAME) {
            continue;
        }
        hex(&line.frame, data);
        if (line.frame.ts_us != form->ts_us || line.frame.can_id != form->can_id ||
            line.frame.flags != form->flags || strcmp(data, form->data) != 0 ||
            line.bus_length != strlen(form->bus) ||
            memcmp(line.bus, form->bus, line.bus_length) != 0) {
            fail_msg("%s: %lld %x %x %s", form->legend, (long long)line.frame.ts_us,
                     line.frame.can_id, line.frame.flags, data);
        }
    }
}

static void a_remote_frame_keeps_the_length_it_asks_for(void **state)
{
    (void)state;
    static const char *const lines[] = {"(1.0) can0 123#R4", "  can0  123   [4]  remote request"};
    for (size_t i = 0; i < 2; i++) {
        struct candump_line line;
        assert_int_equal(candump_parse(lines[i], strlen(lines[i]), &line), CANDUMP_FRAME);
        assert_int_equal(line.frame.flags, FRAME_REMOTE);
        assert_int_equal(line.frame.len, 4);
    }
}

static void every_prefix_of_a_line_is_read_without_reading_beyond_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t length = strlen(forms[i].line);
        for (size_t cut = 0; cut < length; cut++) {
            char *exact = test_malloc(cut + 1);
            memcpy(exact, forms[i].line, cut);
            struct candump_line line;
            enum candump_result result = candump_parse(exact, cut, &line);
            assert_true(result <= CANDUMP_MALFORMED);
            test_free(exact);
        }
    }
}

static void formatting_a_log_line_gives_the_line_back(void **state)
{
    (void)state;
    static const char *const lines[] = {"(1436509052.249713) vcan0 044#2A366C2BBA",
                                        "(0000000000.000000) can0 18FEF100#",
                                        "(1436509052.249713) can0 123##1AABBCC",
                                        "(1436509052.249713) can0 123##3",
                                        "(1436509052.249713) can0 00000123#R4",
                                        "(1436509052.249713) can0 123#R",
                                        "(1436509052.249713) can0 20000088#0000000000000000"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct candump_line line;
        char bus[CANDUMP_BUS_MAX + 1] = "";
        char text[CANDUMP_TEXT_MAX];
        assert_int_equal(candump_parse(lines[i], strlen(lines[i]), &line), CANDUMP_FRAME);
        memcpy(bus, line.bus, line.bus_length);
        assert_int_equal(candump_format(&line.frame, bus, text), strlen(lines[i]));
        assert_string_equal(text, lines[i]);
    }
}

static void the_longest_frame_fits_its_text(void **state)
{
    (void)state;
    struct frame frame = {.ts_us = INT64_MAX, .can_id = FRAME_ID_EXTENDED_MAX, .len = 64};
    frame.flags = FRAME_EXTENDED | FRAME_FD | FRAME_BRS | FRAME_ESI;
    char bus[CANDUMP_BUS_MAX + 20];
    char text[CANDUMP_TEXT_MAX];
    memset(bus, 'x', sizeof(bus) - 1);
    bus[sizeof(bus) - 1] = '\0';
    size_t length = candump_format(&frame, bus, text);
    assert_true(length < CANDUMP_TEXT_MAX);
    assert_int_equal(strlen(text), length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read_as_its_legend_says),
        cmocka_unit_test(a_remote_frame_keeps_the_length_it_asks_for),
        cmocka_unit_test(every_prefix_of_a_line_is_read_without_reading_beyond_it),
        cmocka_unit_test(formatting_a_log_line_gives_the_line_back),
        cmocka_unit_test(the_longest_frame_fits_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
