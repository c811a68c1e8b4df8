#include "edge-gateway/can/asc.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/log_case.h"

#define HEX      "base hex  timestamps absolute\n"
#define DECIMAL  "base dec  timestamps absolute\n"
#define RELATIVE "base hex timestamps relative\n"
#define DATE     "date Sat Sep 30 15:06:13.191 2017\n" /* 1506783973.191 */
#define DATE_US  1506783973191000

static const struct log_case cases[] = {
    {"standard", HEX,
     "   0.019968 1  64              Rx   d 4 64 00 1F ff  Length = 0 BitCount = 0", LOG_FRAME,
     19968, "can1", 0x64, 0, "64001FFF"},
    {"extended, sent", HEX, " 3.098426 2  18EBFF00x       Tx   d 2 01 A0", LOG_FRAME, 3098426,
     "can2", 0x18EBFF00, FRAME_EXTENDED | FRAME_TX, "01A0"},
    {"no data", HEX, "1.0 1 7FF Rx d 0", LOG_FRAME, 1000000, "can1", 0x7FF, 0, ""},
    {"four decimals, tabs, CR", HEX, "2.5010\t2\tC8\tTx\td 1 09\r", LOG_FRAME, 2501000, "can2",
     0xC8, FRAME_TX, "09"},
    {"nine decimals are cut", HEX, "2.501000999 2 C8 Rx d 1 09", LOG_FRAME, 2501000, "can2", 0xC8,
     0, "09"},
    {"a DLC above eight is eight bytes", HEX,
     "1.0 1 3FF Rx d D 55 AA 01 02 03 04 05 06  Length = 1", LOG_FRAME, 1000000, "can1", 0x3FF, 0,
     "55AA010203040506"},
    {"decimal base", DECIMAL, "1.0 12 2047 Rx d 3 255 0 17", LOG_FRAME, 1000000, "can12", 0x7FF, 0,
     "FF0011"},
    {"decimal base, extended", DECIMAL, "1.0 1 536870911x Rx d 1 16", LOG_FRAME, 1000000, "can1",
     0x1FFFFFFF, FRAME_EXTENDED, "10"},
    {"remote", HEX, "2.52 3 200 Tx r Length = 1704000 BitCount = 145 ID = 88888888x", LOG_FRAME,
     2520000, "can3", 0x200, FRAME_REMOTE | FRAME_TX, "R0"},
    {"remote with a length", HEX, "2.584921 4 300x Rx r 8 Length = 1704000", LOG_FRAME, 2584921,
     "can4", 0x300, FRAME_REMOTE | FRAME_EXTENDED, "R8"},
    {"error frame", HEX, "   2.501000 1 ErrorFrame", LOG_FRAME, 2501000, "can1", 0x80, FRAME_ERROR,
     "0000000000000000"},
    {"error frame and what is known of it", HEX, "2.501010 2 ErrorFrame Flags = 0xe Code = 0x82",
     LOG_FRAME, 2501010, "can2", 0x80, FRAME_ERROR, "0000000000000000"},
    {"symbolic name", HEX, "1.0 1 EngineData Rx d 1 11 Length = 240015 BitCount = 124 ID = 1785",
     LOG_FRAME, 1000000, "can1", 1785, 0, "11"},
    {"symbolic name of an extended id", HEX, "1.0 1 Face Rx d 0 Length = 1 ID = 418119424x",
     LOG_FRAME, 1000000, "can1", 0x18EBFF00, FRAME_EXTENDED, ""},
    {"FD", HEX,
     "  30.005 CANFD   2 Rx        300                                   0 0 9 12 00 01 02 03 04 "
     "05 "
     "06 07 08 09 0a 0B   102203  133   301000 e0006659 46500250",
     LOG_FRAME, 30005000, "can2", 0x300, FRAME_FD, "000102030405060708090A0B"},
    {"FD with a name and both flags", HEX,
     "30.005 CANFD 13 Tx 1C4D80A7x  Generic_Name_12  1 1 8  8 01 02 03 04 05 06 07 08   102203  "
     "133 "
     "  303000 e0006659",
     LOG_FRAME, 30005000, "can13", 0x1C4D80A7,
     FRAME_EXTENDED | FRAME_TX | FRAME_FD | FRAME_BRS | FRAME_ESI, "0102030405060708"},
    {"FD in hexadecimal beside a decimal base", DECIMAL, "1.0 CANFD 1 Rx 1f 1 0 2 2 10 20 1 1 3000",
     LOG_FRAME, 1000000, "can1", 0x1F, FRAME_FD | FRAME_BRS, "1020"},
    {"FD without what follows the data", HEX, "1.0 CANFD 1 Rx 11 0 0 1 1 7F", LOG_FRAME, 1000000,
     "can1", 0x11, FRAME_FD, "7F"},
    {"a classic frame of an FD channel", HEX, "1.0 CANFD 1 Rx 11 0 0 1 1 7F 98000 60 200000 0",
     LOG_FRAME, 1000000, "can1", 0x11, 0, "7F"},
    {"a remote frame of an FD channel", HEX,
     "30.3 CANFD   3 Tx     50005x               0 0 5 0 140000 73 200050 7a60 46500250", LOG_FRAME,
     30300000, "can3", 0x50005, FRAME_EXTENDED | FRAME_TX | FRAME_REMOTE, "R5"},
    {"FD error frame", HEX, "30.8 CANFD   5 Tx ErrorFrame Not Acknowledge error fffe c7 31ca",
     LOG_FRAME, 30800000, "can5", 0x80, FRAME_ERROR, "0000000000000000"},

    {"date", DATE HEX, "1.5 1 11 Rx d 0", LOG_FRAME, DATE_US + 1500000, "can1", 0x11, 0, ""},
    {"date in the afternoon", "date Sat Sep 30 03:06:13.191 pm 2017\n", "0.0 1 11 Rx d 0",
     LOG_FRAME, DATE_US, "can1", 0x11, 0, ""},
    {"date after midnight", "date Sat Mar 5 12:00:01 AM 2022\n", "0.0 1 11 Rx d 0", LOG_FRAME,
     1646438401000000, "can1", 0x11, 0, ""},
    {"date at noon, in German", "date Mit Okt 6 12:30:00 2021\n", "0.0 1 11 Rx d 0", LOG_FRAME,
     1633523400000000, "can1", 0x11, 0, ""},
    {"date in March, in UTF-8", "date Sam M\xC3\xA4r 5 00:00:01 2022\n", "0.0 1 11 Rx d 0",
     LOG_FRAME, 1646438401000000, "can1", 0x11, 0, ""},
    {"date in March, in Latin-1", "date Sam M\xE4r 5 00:00:01 2022\n", "0.0 1 11 Rx d 0", LOG_FRAME,
     1646438401000000, "can1", 0x11, 0, ""},
    {"a block without a date before it", HEX "Begin Triggerblock Sat Sep 30 15:06:13.191 2017\n",
     "2.0 1 11 Rx d 0", LOG_FRAME, DATE_US + 2000000, "can1", 0x11, 0, ""},
    {"a block in which the times begin anew",
     "date Fri Jan 1 00:00:00 2016\n" HEX "begin triggerblock Sat Sep 30 15:06:13.191 2017\n"
     "0.000000 Start of measurement\n",
     "2.0 1 11 Rx d 0", LOG_FRAME, DATE_US + 2000000, "can1", 0x11, 0, ""},
    {"a block in which the times go on",
     DATE HEX "Begin TriggerBlock Sat Sep 30 15:08:00.000 2017\n  12.5 1 11 Rx d 0\n"
              "End TriggerBlock\n",
     "13.0 1 11 Rx d 0", LOG_FRAME, DATE_US + 13000000, "can1", 0x11, 0, ""},
    {"relative times add up", DATE RELATIVE "1.0 1 11 Rx d 0\n2.5 1  Statistic: D 0 R 0\n",
     "0.25 1 12 Rx d 0", LOG_FRAME, DATE_US + 3750000, "can1", 0x12, 0, ""},
    {"a base that says nothing of times", "base hex  no internal events logged\n",
     "40874.808200 1 040 Rx d 1 E3", LOG_FRAME, 40874808200, "can1", 0x40, 0, "E3"},
    {"no header", NULL, "1.0 1 11 Rx d 1 22", LOG_FRAME, 1000000, "can1", 0x11, 0, "22"},

    {"date line", NULL, "date Sat Sep 30 15:06:13.191 2017", LOG_HEADER, 0, "", 0, 0, ""},
    {"base line", NULL, "base hex timestamps absolute", LOG_HEADER, 0, "", 0, 0, ""},
    {"block line", NULL, "Begin Triggerblock Sat Sep 30 15:06:13.191 2017", LOG_HEADER, 0, "", 0, 0,
     ""},
    {"comment", HEX, "// version 9.0.0", LOG_BLANK, 0, "", 0, 0, ""},
    {"blank", HEX, "  \r", LOG_BLANK, 0, "", 0, 0, ""},
    {"internal events", HEX, "no internal events logged", LOG_BLANK, 0, "", 0, 0, ""},
    {"end of a block", HEX, "End TriggerBlock", LOG_BLANK, 0, "", 0, 0, ""},

    {"start", HEX, "   0.000000 Start of measurement", LOG_EVENT, 0, "", 0, 0, ""},
    {"statistics", HEX, "1.015991 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%", LOG_EVENT, 0,
     "", 0, 0, ""},
    {"status", HEX, "0.015991 CAN 1 Status:chip status error active", LOG_EVENT, 0, "", 0, 0, ""},
    {"J1939", HEX, "3.29 1  J1939TP FEE3p 6 0 0 - Rx d 23 A0 0F", LOG_EVENT, 0, "", 0, 0, ""},
    {"wish to send", HEX, "3.29 1 123 TxRq d 1 00", LOG_EVENT, 0, "", 0, 0, ""},
    {"wish to send on an FD channel", HEX, "3.29 CANFD 1 TxRq 123 0 0 1 1 00", LOG_EVENT, 0, "", 0,
     0, ""},
    {"LIN", HEX, "0.5 Li 10 Tx 2 00 00 checksum = 70", LOG_EVENT, 0, "", 0, 0, ""},
    {"CAN XL", HEX, "59.1 CANXL 2 Rx CBFF 243215 176 432 f 8 e1 89 e8 c2 b9 6d 5a f1", LOG_EVENT, 0,
     "", 0, 0, ""},

    {"a word", HEX, "rubbish", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"no month", HEX, "date Sat Foo 30 15:06:13.191 2017", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"no day of that month", HEX, "date Sat Feb 30 15:06:13.191 2017", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"before 1970", HEX, "date Sat Feb 3 15:06:13.191 1960", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"no base", HEX, "base oct timestamps absolute", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"time is no number", HEX, "1.0x 1 11 Rx d 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"time beyond every calendar", HEX, "999999999999.0 1 11 Rx d 0", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"times whose sum is beyond every calendar", RELATIVE "199999999999.0 1 11 Rx d 0\n",
     "199999999999.0 1 11 Rx d 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"id beyond 11 bits", HEX, "1.0 1 800 Rx d 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"id beyond 29 bits", HEX, "1.0 1 20000000x Rx d 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"symbolic name without an id", HEX, "1.0 1 EngineData Rx d 1 11", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"no direction", HEX, "1.0 1 123 Rq d 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"neither data nor remote", HEX, "1.0 1 123 Rx x 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"DLC of two digits", HEX, "1.0 1 123 Rx d 40 00 01", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"a byte too few", HEX, "1.0 1 123 Rx d 3 11 22", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"a byte too many", HEX, "1.0 1 123 Rx d 1 11 22", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"a byte of three digits", HEX, "1.0 1 123 Rx d 1 111", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"a decimal byte too large", DECIMAL, "1.0 1 123 Rx d 1 256", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"FD, a byte too few", HEX, "1.0 CANFD 1 Rx 300 0 0 9 12 00 01 02", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"FD, too long", HEX, "1.0 CANFD 1 Rx 300 0 0 f 65 00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"FD, flag is no bit", HEX, "1.0 CANFD 1 Rx 300 Name 2 0 1 1 00", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"FD, no channel", HEX, "1.0 CANFD x Rx 300 0 0 1 1 00", LOG_MALFORMED, 0, "", 0, 0, ""},
};

static enum log_result parse(void *state, const char *line, size_t length, struct log_line *ret)
{
    return asc_parse(state, line, length, ret);
}

static void every_line_is_read_as_its_legend_says_and_no_damage_harms(void **state)
{
    (void)state;
    struct asc asc;
    const struct log_case_parser parser = {parse, &asc, sizeof(asc)};
    log_case_run(&parser, cases, sizeof(cases) / sizeof(cases[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_read_as_its_legend_says_and_no_damage_harms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
