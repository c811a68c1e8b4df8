#include "edge-gateway/can/trc.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/log_case.h"

#define V1_1     ";$FILEVERSION=1.1\n"
#define V1_2     ";$FILEVERSION=1.2\n"
#define V1_3     ";$FILEVERSION=1.3\n"
#define V2_0     ";$FILEVERSION=2.0\n;$COLUMNS=N,O,T,I,d,l,D\n"
#define V2_1     ";$FILEVERSION=2.1\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n"
#define START    ";$STARTTIME=43008.920986006946\n" /* 2017-09-30 22:06:13.191 */
#define START_US 1506809173191000

static const struct log_case cases[] = {
    {"1.0", NULL, "     1)     17535  0401  8  00 00 00 00 00 00 00 7F", LOG_FRAME, 17535000,
     "can1", 0x401, 0, "000000000000007F"},
    {"1.0, extended", NULL, "     2)     17535  00000100  1  7F ", LOG_FRAME, 17535000, "can1",
     0x100, FRAME_EXTENDED, "7F"},
    {"1.0, remote", NULL, "    12)     48937      0704  1  RTR", LOG_FRAME, 48937000, "can1", 0x704,
     FRAME_REMOTE, "R1"},
    {"1.0, error frame", NULL, "     2)  1842 0008 4  ERROR 00 19 08 08", LOG_FRAME, 1842000,
     "can1", 0x80, FRAME_ERROR, "0000000000000000"},
    {"1.0, no data", NULL, "1) 5 0401 0", LOG_FRAME, 5000, "can1", 0x401, 0, ""},
    {"1.1", V1_1, "     1)      1841.7  Rx     0401  2  0A ff\r", LOG_FRAME, 1841700, "can1", 0x401,
     0, "0AFF"},
    {"1.1, sent", START V1_1, "     1)         2.6  Tx     18DAF101  1  10", LOG_FRAME,
     START_US + 2600, "can1", 0x18DAF101, FRAME_EXTENDED | FRAME_TX, "10"},
    {"1.1, remote", V1_1, "    12)     48937.6  Rx         0704  3  RTR", LOG_FRAME, 48937600,
     "can1", 0x704, FRAME_REMOTE, "R3"},
    {"1.1, error frame", V1_1, "     3)      1842.0  Error  0008  4  00 19 08 08", LOG_FRAME,
     1842000, "can1", 0x80, FRAME_ERROR, "0000000000000000"},
    {"1.2", V1_2, "     1)      6357.213 2  Rx        0401  1    11", LOG_FRAME, 6357213, "can2",
     0x401, 0, "11"},
    {"1.3", V1_3, "     1)      6357.213 16 Tx    00000401 -  1    11", LOG_FRAME, 6357213, "can16",
     0x401, FRAME_EXTENDED | FRAME_TX, "11"},
    {"2.0", START V2_0, "      1     17535.400 DT 00000100 Tx 2  00 11", LOG_FRAME,
     START_US + 17535400, "can1", 0x100, FRAME_EXTENDED | FRAME_TX, "0011"},
    {"2.0, bytes of FD", V2_0, " 1 1.000 FD 0100 Rx 12 00 01 02 03 04 05 06 07 08 09 0A 0B",
     LOG_FRAME, 1000, "can1", 0x100, FRAME_FD, "000102030405060708090A0B"},
    {"2.0, error frame", V2_0, "      1     17535.400 ER          Rx    04 00 02 00 00", LOG_FRAME,
     17535400, "can1", 0x80, FRAME_ERROR, "0000000000000000"},
    {"2.1", START V2_1, "      1      2501.000 DT 2      00C8 Tx -  2    09 08", LOG_FRAME,
     START_US + 2501000, "can2", 0xC8, FRAME_TX, "0908"},
    {"2.1, DLC of FD with BRS", V2_1,
     " 1 1.000 FB 1 00C8 Rx - 9 00 01 02 03 04 05 06 07 08 09 0A 0B", LOG_FRAME, 1000, "can1", 0xC8,
     FRAME_FD | FRAME_BRS, "000102030405060708090A0B"},
    {"2.1, FD with ESI", V2_1, " 1 1.000 FE 1 00C8 Rx - 1 00", LOG_FRAME, 1000, "can1", 0xC8,
     FRAME_FD | FRAME_ESI, "00"},
    {"2.1, FD with both", V2_1, " 1 1.000 BI 1 00C8 Rx - 1 00", LOG_FRAME, 1000, "can1", 0xC8,
     FRAME_FD | FRAME_BRS | FRAME_ESI, "00"},
    {"2.1, remote", V2_1, "     12     48937.600 RR 1      0704 Rx -  1", LOG_FRAME, 48937600,
     "can1", 0x704, FRAME_REMOTE, "R1"},
    {"2.1, error frame", V2_1, "      4      2000.000 ER 3     -    Rx -  5    04 00 08 00 00",
     LOG_FRAME, 2000000, "can3", 0x80, FRAME_ERROR, "0000000000000000"},
    {"2.1, a classic DLC above eight is eight bytes", V2_1,
     " 1 1.000 DT 1 00C8 Rx - 15 00 01 02 03 04 05 06 07", LOG_FRAME, 1000, "can1", 0xC8, 0,
     "0001020304050607"},
    {"2.1, columns as the version has them", ";$FILEVERSION=2.1\n", " 1 1.000 DT 1 00C8 Rx - 1 00",
     LOG_FRAME, 1000, "can1", 0xC8, 0, "00"},
    {"columns in another order", ";$COLUMNS=O,T,I,X,l,D\n", "1.000 DT 00C8 what 1 00", LOG_FRAME,
     1000, "can1", 0xC8, 0, "00"},
    {"a start rounded to microseconds", ";$STARTTIME=44548.6028595139\n" V1_1, "1) 0.0 Rx 0001 0",
     LOG_FRAME, 1639837687062001, "can1", 1, 0, ""},
    {"a start with a comma", ";$STARTTIME=25570,5\n" V1_1, "1) 0,1 Rx 0001 0", LOG_FRAME,
     129600000100, "can1", 1, 0, ""},
    {"no start", ";$STARTTIME=0\n" V1_1, "1) 7.0 Rx 0001 0", LOG_FRAME, 7000, "can1", 1, 0, ""},

    {"version", NULL, ";$FILEVERSION=2.1", LOG_HEADER, 0, "", 0, 0, ""},
    {"start", NULL, ";$STARTTIME=43008.920986006946\r", LOG_HEADER, 0, "", 0, 0, ""},
    {"columns", NULL, ";$COLUMNS=N,O,T,B,I,d,R,L,D", LOG_HEADER, 0, "", 0, 0, ""},
    {"comment", NULL, ";   Start time: 30.09.2017 22:06:13.191.000", LOG_BLANK, 0, "", 0, 0, ""},
    {"another key", NULL, ";$COMMENT=x", LOG_BLANK, 0, "", 0, 0, ""},
    {"blank", NULL, "\r", LOG_BLANK, 0, "", 0, 0, ""},

    {"1.0, warning", NULL, "     2)     17540  FFFFFFFF  4  00 00 00 08 -- -- -- -- BUSHEAVY",
     LOG_EVENT, 0, "", 0, 0, ""},
    {"1.1, warning", V1_1, "     2)     17540.3  Warng  FFFFFFFF  4  00 00 00 08  BUSHEAVY ",
     LOG_EVENT, 0, "", 0, 0, ""},
    {"1.3, warning", V1_3, "     2)     17540.300 1  Warng FFFFFFFF -  4    00 00 00 08 BUSHEAVY",
     LOG_EVENT, 0, "", 0, 0, ""},
    {"2.0, status", V2_0, "      2     17540.300 ST          Rx    00 00 00 08", LOG_EVENT, 0, "",
     0, 0, ""},
    {"2.1, status", V2_1, "      2     17540.300 ST 1         - Rx -  4    00 00 00 08", LOG_EVENT,
     0, "", 0, 0, ""},
    {"2.1, error counters", V2_1, " 2 17540.300 EC 1 - Rx - 2 02 02", LOG_EVENT, 0, "", 0, 0, ""},
    {"2.1, a note", V2_1, " 2 17540.300 EV User-defined event for bus 1", LOG_EVENT, 0, "", 0, 0,
     ""},

    {"a word", V2_1, "rubbish", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"no such version", NULL, ";$FILEVERSION=9.9", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"start is no number", NULL, ";$STARTTIME=today", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"columns without an id", NULL, ";$COLUMNS=N,O,T,L,D", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"too many columns", NULL, ";$COLUMNS=N,O,T,B,I,d,R,L,D,a,b,c,e,f,g,h", LOG_MALFORMED, 0, "", 0,
     0, ""},
    {"columns of two letters", NULL, ";$COLUMNS=NO,T,I,L,D", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"1.0 without a parenthesis", NULL, "1 17535 0401 1 00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"2.1 line under 1.1", V1_1, " 1 2501.000 DT 2 00C8 Tx - 2 09 08", LOG_MALFORMED, 0, "", 0, 0,
     ""},
    {"1.1 line under 2.1", V2_1, "1) 1841.7 Rx 0401 2 0A FF", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"no direction", V2_1, " 1 1.000 DT 1 00C8 Xx - 1 00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"no such type", V2_1, " 1 1.000 QQ 1 00C8 Rx - 1 00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"id beyond 11 bits", V1_1, "1) 1841.7 Rx 0800 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"id beyond 29 bits", V1_1, "1) 1841.7 Rx 20000000 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"time is no number", V1_1, "1) 1841.7x Rx 0401 0", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"a byte too few", V1_1, "1) 1841.7 Rx 0401 3 00 11", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"a byte too many", V1_1, "1) 1841.7 Rx 0401 1 00 11", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"nine bytes of a classic frame", V2_0, " 1 1.0 DT 0401 Rx 9 00 11 22 33 44 55 66 77 88",
     LOG_MALFORMED, 0, "", 0, 0, ""},
    {"FD beyond 64 bytes", V2_0, " 1 1.0 FD 0401 Rx 65 00", LOG_MALFORMED, 0, "", 0, 0, ""},
    {"DLC of 16", V2_1, " 1 1.000 FD 1 00C8 Rx - 16 00", LOG_MALFORMED, 0, "", 0, 0, ""},
};

static enum log_result parse(void *state, const char *line, size_t length, struct log_line *ret)
{
    return trc_parse(state, line, length, ret);
}

static void every_line_is_read_as_its_legend_says_and_no_damage_harms(void **state)
{
    (void)state;
    struct trc trc;
    const struct log_case_parser parser = {parse, &trc, sizeof(trc)};
    log_case_run(&parser, cases, sizeof(cases) / sizeof(cases[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_read_as_its_legend_says_and_no_damage_harms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
