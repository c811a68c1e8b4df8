#include "edge-gateway/can/candump.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/log_case.h"

#include <stdio.h>
#include <string.h>

static const struct log_case cases[] = {
    {"log, standard", NULL, "(1436509052.249713) vcan0 044#2A366C2BBA", LOG_FRAME, 1436509052249713,
     "vcan0", 0x44, 0, "2A366C2BBA"},
    {"log, extended", NULL, "(1436509052.249713) can1 18FEF100#00", LOG_FRAME, 1436509052249713,
     "can1", 0x18FEF100, FRAME_EXTENDED, "00"},
    {"log, small extended id", NULL, "(0000000001.000001) c 00000044#", LOG_FRAME, 1000001, "c",
     0x44, FRAME_EXTENDED, ""},
    {"log, fraction of three digits", NULL, "(5.250) can0 123#", LOG_FRAME, 5250000, "can0", 0x123,
     0, ""},
    {"log, nanoseconds are cut", NULL, "(5.123456789) can0 123#", LOG_FRAME, 5123456, "can0", 0x123,
     0, ""},
    {"log, lower case and dots", NULL, "(1.0) can0 123#de.ad.Be", LOG_FRAME, 1000000, "can0", 0x123,
     0, "DEADBE"},
    {"log, sent", NULL, "(1.0) can0 123#00 T", LOG_FRAME, 1000000, "can0", 0x123, FRAME_TX, "00"},
    {"log, CR LF", NULL, "(1.0) can0 123#00\r", LOG_FRAME, 1000000, "can0", 0x123, 0, "00"},
    {"log, raw DLC", NULL, "(1.0) can0 123#0011223344556677_F", LOG_FRAME, 1000000, "can0", 0x123,
     0, "0011223344556677"},
    {"log, FD", NULL, "(1.0) can0 123##0AABB", LOG_FRAME, 1000000, "can0", 0x123, FRAME_FD, "AABB"},
    {"log, FD with both flags", NULL, "(1.0) can0 123##3AA", LOG_FRAME, 1000000, "can0", 0x123,
     FRAME_FD | FRAME_BRS | FRAME_ESI, "AA"},
    {"log, remote", NULL, "(1.0) can0 123#R", LOG_FRAME, 1000000, "can0", 0x123, FRAME_REMOTE,
     "R0"},
    {"log, error", NULL, "(1.0) can0 20000088#0000000000000000", LOG_FRAME, 1000000, "can0", 0x88,
     FRAME_ERROR, "0000000000000000"},
    {"no time", NULL, "can0 123#11", LOG_FRAME, 0, "can0", 0x123, 0, "11"},
    {"people, standard", NULL, "  can0  123   [8]  00 11 22 33 44 55 66 77", LOG_FRAME, 0, "can0",
     0x123, 0, "0011223344556677"},
    {"people, extended", NULL, "  can0  18FF00F9   [2]  AB CD", LOG_FRAME, 0, "can0", 0x18FF00F9,
     FRAME_EXTENDED, "ABCD"},
    {"people, ASCII column of hex digits", NULL, "  can0  123   [2]  61 62   'ab'", LOG_FRAME, 0,
     "can0", 0x123, 0, "6162"},
    {"people, absolute time", NULL, " (1436509052.249713)  can0  123   [1]  7F", LOG_FRAME,
     1436509052249713, "can0", 0x123, 0, "7F"},
    {"people, delta time", NULL, " (000.001234)  can0  123   [1]  7F", LOG_FRAME, 1234, "can0",
     0x123, 0, "7F"},
    {"people, date", NULL, " (2015-07-10 06:17:32.249713)  can0  123   [0]", LOG_FRAME,
     1436509052249713, "can0", 0x123, 0, ""},
    {"people, leap day", NULL, " (2024-02-29 00:00:00.000000)  can0  123   [0]", LOG_FRAME,
     1709164800000000, "can0", 0x123, 0, ""},
    {"people, the last date", NULL, "(9999-12-31 23:59:59.999999) can0 123 [0]", LOG_FRAME,
     253402300799999999, "can0", 0x123, 0, ""},
    {"log, the last date", NULL, "(253402300799.999999) can0 123#", LOG_FRAME, 253402300799999999,
     "can0", 0x123, 0, ""},
    {"people, FD", NULL, "  can0  123  [03]  11 22 33", LOG_FRAME, 0, "can0", 0x123, FRAME_FD,
     "112233"},
    {"people, FD direction", NULL, "  can0  TX B -  123  [03]  11 22 33", LOG_FRAME, 0, "can0",
     0x123, FRAME_FD | FRAME_BRS | FRAME_TX, "112233"},
    {"people, direction", NULL, "  can0  RX - -  123   [1]  11", LOG_FRAME, 0, "can0", 0x123, 0,
     "11"},
    {"people, error", NULL, "  can0  20000088   [8]  00 00 00 00 00 00 00 00   ERRORFRAME",
     LOG_FRAME, 0, "can0", 0x88, FRAME_ERROR, "0000000000000000"},
    {"blank", NULL, "   \t\r", LOG_BLANK, 0, "", 0, 0, ""},
    {"comment #", NULL, "# a comment", LOG_BLANK, 0, "", 0, 0, ""},
    {"comment //", NULL, "// a comment", LOG_BLANK, 0, "", 0, 0, ""},
    {"word", NULL, "hello", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"no id", NULL, "(1.0) can0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"time is not closed", NULL, "(1.0 can0 123#", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"time is too large", NULL, "(99999999999999999999.0) can0 123#", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"month 13", NULL, "(2015-13-10 06:17:32.2) can0 123#", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"four id digits", NULL, "(1.0) can0 0123#00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"id beyond 11 bits", NULL, "(1.0) can0 800#00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"id beyond 29 bits", NULL, "(1.0) can0 40000000#00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"half a byte", NULL, "(1.0) can0 123#001", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"nine bytes", NULL, "(1.0) can0 123#001122334455667788", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"no hex", NULL, "(1.0) can0 123#GG", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"FD without flags", NULL, "(1.0) can0 123##", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"people, too few bytes", NULL, "  can0  123   [3]  11 22", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"people, length is no number", NULL, "  can0  123   [x]  11", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"log, remote with a length", NULL, "(1.0) can0 123#R4", LOG_FRAME, 1000000, "can0", 0x123,
     FRAME_REMOTE, "R4"},
    {"log, remote with a raw DLC", NULL, "(1.0) can0 123#r8_F", LOG_FRAME, 1000000, "can0", 0x123,
     FRAME_REMOTE, "R8"},
    {"log, received", NULL, "(1.0) can0 123#00 R", LOG_FRAME, 1000000, "can0", 0x123, 0, "00"},
    {"log, FD with the flag of its format and dots", NULL, "(1.0) can0 123##5.11.22", LOG_FRAME,
     1000000, "can0", 0x123, FRAME_FD | FRAME_BRS, "1122"},
    {"log, zero time", NULL, " (000.000000) can0 123#11", LOG_FRAME, 0, "can0", 0x123, 0, "11"},
    {"log, an odd number of seconds' digits", NULL, "(12345678901.000001) can0 123#11", LOG_FRAME,
     12345678901000001, "can0", 0x123, 0, "11"},
    {"people, remote", NULL, "  can0  123   [4]  remote request", LOG_FRAME, 0, "can0", 0x123,
     FRAME_REMOTE, "R4"},
    {"people, raw DLC", NULL, "  can0  123   {F}  00 11 22 33 44 55 66 77", LOG_FRAME, 0, "can0",
     0x123, 0, "0011223344556677"},
    {"people, nanoseconds", NULL, " (000.000001999)  can0  123   [0]", LOG_FRAME, 1, "can0", 0x123,
     0, ""},
    {"people, extended, FD, sent", NULL,
     " (1.5)  can0  TX B E  18FEF100  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B", LOG_FRAME,
     1500000, "can0", 0x18FEF100, FRAME_EXTENDED | FRAME_FD | FRAME_BRS | FRAME_ESI | FRAME_TX,
     "000102030405060708090A0B"},
    {"people, sent", NULL, "  can0  TX - -  123   [1]  11", LOG_FRAME, 0, "can0", 0x123, FRAME_TX,
     "11"},
    {"lost frames", NULL, "DROPCOUNT: dropped 5 CAN frames on 'can0' socket (total drops 5)",
     LOG_EVENT, 0, "", 0, 0, ""},
    {"what an error frame means", NULL, "\tprotocol-violation{{}{acknowledge-slot}}", LOG_EVENT, 0,
     "", 0, 0, ""},
    {"a frame behind a tab", NULL, "\tcan0 123 [1] 11", LOG_FRAME, 0, "can0", 0x123, 0, "11"},
    {"30 February", NULL, "(2015-02-30 06:17:32.2) can0 123#", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"remote of nine bytes", NULL, "(1.0) can0 123#R9", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"raw DLC is no digit", NULL, "(1.0) can0 123#0011223344556677_G", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"data behind the direction", NULL, "(1.0) can0 123#00 T 11", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"eight digits that are no hex", NULL, "(1.0) can0 123#0011223G", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"eight bytes, the first no digit", NULL, "(1.0) can0 123#/011223344556677", LOG_MALFORMED, 0,
     "", 0, 0, ""},
    {"characters beside the digits", NULL, "(1.0) can0 123#@`:g00000", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"time with a letter", NULL, "(170000000x.000001) can0 123#00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"fraction with a letter", NULL, "(1700000000.00x001) can0 123#00", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"people, FD remote", NULL, "  can0  123  [04]  remote request", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"people, nine bytes without FD", NULL, "  can0  123   [9]  00 11 22 33 44 55 66 77 88",
     LOG_MALFORMED, 0, "", 0, 0, ""},
    {"CAN XL", NULL, "(1.0) can0 00123#81:00:12345678#11223344", LOG_MALFORMED, 0, "", 0, 0, ""},
};

static enum log_result parse(void *state, const char *line, size_t length, struct log_line *ret)
{
    (void)state;
    return candump_parse(line, length, ret);
}

static void every_line_is_read_as_its_legend_says_and_no_damage_harms(void **state)
{
    (void)state;
    char none;
    const struct log_case_parser parser = {parse, &none, sizeof(none)};
    log_case_run(&parser, cases, sizeof(cases) / sizeof(cases[0]));
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
        struct log_line line;
        char bus[LOG_BUS_MAX_BYTES + 1] = "";
        char text[CANDUMP_TEXT_MAX];
        assert_int_equal(candump_parse(lines[i], strlen(lines[i]), &line), LOG_FRAME);
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
    char bus[LOG_BUS_MAX_BYTES + 20];
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
        cmocka_unit_test(every_line_is_read_as_its_legend_says_and_no_damage_harms),
        cmocka_unit_test(formatting_a_log_line_gives_the_line_back),
        cmocka_unit_test(the_longest_frame_fits_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
