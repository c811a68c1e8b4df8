#include "tests/unit/dbc_text.h"

#include <errno.h>

#define TEN_UMLAUTS "öööööööööö"
#define HEAD        "BO_ 100 M: 8 ECU\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n"

static void assert_decimal(struct decimal d, long long mantissa, int exponent)
{
    assert_true(int128_compare(d.mantissa, int128_of(mantissa)) == 0);
    assert_int_equal(d.exponent, exponent);
}

static void a_message_and_its_signal_are_read_in_full(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "VERSION \"1\"\n\nBU_: ECU GW\n\nBO_ 100 Motor: 6 ECU\n"
                      " SG_ Temp : 7|16@0- (0.01,-40) [-40|287.67] \"°C\" GW,ECU\n");
    assert_int_equal(t.result, 0);
    assert_string_equal(t.notes, "");
    const struct dbc_message *m = dbc_message_at(t.db, 0);
    assert_string_equal(m->name, "Motor");
    assert_string_equal(m->sender, "ECU");
    assert_string_equal(m->file, "test.dbc");
    assert_int_equal(m->line, 5);
    assert_int_equal(m->can_id, 100);
    assert_false(m->extended);
    assert_int_equal(m->size_bytes, 6);
    const struct dbc_signal *s = dbc_text_signal(&t, "Motor", "Temp");
    assert_true(s->big_endian);
    assert_int_equal(s->type, DBC_SIGNED);
    assert_int_equal(s->start_bit, 7);
    assert_int_equal(s->length_bits, 16);
    assert_decimal(s->factor, 1, -2);
    assert_decimal(s->offset, -4, 1);
    assert_decimal(s->maximum, 28767, -2);
    assert_string_equal(s->unit, "°C");
    assert_true(s->has_range);
    dbc_text_deinit(&t);
}

static void ids_with_bit_31_are_extended(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 2566844158 Group: 8 X\nBO_ 2047 Std: 8 X\nBO_ 2147485695 Ext: 8 X\n");
    assert_string_equal(t.notes, "");
    assert_int_equal(dbc_message_at(t.db, 0)->can_id, 0x18FEEEFE);
    assert_true(dbc_message_at(t.db, 0)->extended);
    assert_string_equal(dbc_find_by_id(t.db, 0x7FF, false)->name, "Std");
    assert_string_equal(dbc_find_by_id(t.db, 0x7FF, true)->name, "Ext");
    dbc_text_deinit(&t);
}

static void the_pseudo_message_of_unused_signals_is_left_out(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX\n"
                      " SG_ Orphan : 0|8@1+ (1,0) [0|0] \"\" Vector__XXX\n" HEAD
                      "CM_ SG_ 3221225472 Orphan \"x\";\nVAL_ 3221225472 Orphan 0 \"a\" ;\n");
    assert_string_equal(t.notes, "");
    assert_int_equal(dbc_message_count(t.db), 1);
    dbc_text_deinit(&t);
}

static void value_tables_name_raw_values(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "VAL_TABLE_ OnOff 1 \"on\" 0 \"off\" ;\nVAL_TABLE_ Empty ;\n" HEAD
                      " SG_ T : 8|8@1- (1,0) [0|0] \"\" X\n"
                      "VAL_ 100 S 255 \"SNA\" 0 \"with \\\"quotes\\\"\" 1 \"a ; b\" 2\n\"next\" ;\n"
                      "VAL_ 100 T OnOff ;\n");
    assert_string_equal(t.notes, "");
    const struct dbc_signal *s = dbc_text_signal(&t, "M", "S");
    assert_int_equal(s->label_count, 4);
    assert_string_equal(s->labels[0].text, "with \"quotes\"");
    assert_string_equal(s->labels[1].text, "a ; b");
    assert_string_equal(s->labels[2].text, "next");
    assert_int_equal(s->labels[3].raw, 255);
    assert_true(s->labels[3].not_available);
    const struct dbc_signal *other = dbc_text_signal(&t, "M", "T");
    assert_string_equal(other->labels[1].text, "on");
    dbc_text_deinit(&t);
}

static void comments_may_span_lines_and_look_like_statements(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t,
                  HEAD "CM_ \"file; with ; and\nBO_ 99 Fake: 8 X\n\";\nCM_ BU_ ECU \"node\";\n"
                       "CM_ BO_ 100 \"two\nlines\";\nCM_ SG_ 100 S \"VAL_ 100 S 0 \\\"n\\\" ;\";\n"
                       "EV_ E: 0 [0|1] \"\" 0 1 DUMMY_NODE_VECTOR0 ECU;\nCM_ EV_ E \"env\";\n");
    assert_string_equal(t.notes, "");
    assert_int_equal(dbc_message_count(t.db), 1);
    assert_string_equal(dbc_message_at(t.db, 0)->comment, "two\nlines");
    assert_string_equal(dbc_text_signal(&t, "M", "S")->comment, "VAL_ 100 S 0 \"n\" ;");
    dbc_text_deinit(&t);
}

static void attributes_set_cycle_time_start_value_and_names(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, HEAD "BO_ 101 N: 8 ECU\n\n"
                           "BA_DEF_ BO_ \"GenMsgCycleTime\" INT 0 65535;\n"
                           "BA_DEF_ SG_ \"GenSigStartValue\" FLOAT 0 100;\n"
                           "BA_DEF_DEF_ \"GenMsgCycleTime\" 500;\n"
                           "BA_ \"GenMsgCycleTime\" BO_ 100 20;\n"
                           "BA_ \"GenSigStartValue\" SG_ 100 S 7;\n"
                           "BA_ \"SystemMessageLongSymbol\" BO_ 100 \"M_long\";\n"
                           "BA_ \"SystemSignalLongSymbol\" SG_ 100 S \"S_long\";\n"
                           "BA_ \"Other\" BU_ ECU \"x\";\nBA_ \"DBName\" \"y\";\n"
                           "VAL_ 100 S 1 \"One\" ;\n");
    assert_string_equal(t.notes, "");
    const struct dbc_signal *s = dbc_text_signal(&t, "M_long", "S_long");
    assert_true(s->has_start);
    assert_decimal(s->start, 7, 0);
    assert_int_equal(s->label_count, 1);
    assert_int_equal(dbc_message_at(t.db, 0)->cycle_time_ms, 20);
    assert_int_equal(dbc_message_at(t.db, 1)->cycle_time_ms, 500);
    dbc_text_deinit(&t);
}

static void the_frame_format_makes_messages_fd_or_j1939(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t,
                  "BO_ 1 A: 8 X\nBO_ 2 B: 8 X\nBO_ 2566844673 C: 8 X\nBO_ 3 D: 12 X\n"
                  "BA_DEF_ BO_ \"VFrameFormat\" ENUM \"StandardCAN\",\"ExtendedCAN\","
                  "\"StandardCAN_FD\",\"J1939PG\";\nBA_DEF_DEF_ \"VFrameFormat\" \"StandardCAN\";\n"
                  "BA_ \"VFrameFormat\" BO_ 2 2;\nBA_ \"VFrameFormat\" BO_ 2566844673 \"3\";\n");
    assert_string_equal(t.notes, "");
    assert_false(dbc_message_at(t.db, 0)->fd);
    assert_true(dbc_message_at(t.db, 1)->fd);
    assert_true(dbc_message_at(t.db, 2)->j1939);
    assert_true(dbc_message_at(t.db, 3)->fd);
    dbc_text_deinit(&t);
}

static void value_types_make_floats(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 A: 16 X\n SG_ f : 0|32@1- (1,0) [0|0] \"\" X\n"
                      " SG_ d : 32|64@1- (1,0) [0|0] \"\" X\n SG_ h : 96|16@1- (1,0) [0|0] \"\" X\n"
                      "SIG_VALTYPE_ 1 f : 1;\nSIG_VALTYPE_ 1 d : 2;\nSIG_VALTYPE_ 1 h 1;\n");
    assert_string_equal(t.notes, "");
    for (uint16_t i = 0; i < 3; i++) {
        assert_int_equal(dbc_message_at(t.db, 0)->signals[i].type, DBC_FLOAT);
    }
    dbc_text_deinit(&t);
}

static void multiplexing_is_resolved_to_selectors_and_ranges(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 A: 8 X\n SG_ v m3 : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ M1 M : 0|4@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ M2 m1M : 4|4@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ w m5 : 16|8@1+ (1,0) [0|0] \"\" X\n"
                      "SG_MUL_VAL_ 1 w M2 1-3, 5-5;\n");
    assert_string_equal(t.notes, "");
    const struct dbc_signal *v = dbc_text_signal(&t, "A", "v");
    assert_true(v->multiplexed);
    assert_int_equal(v->selector, 1);
    assert_int_equal(v->ranges[0].first, 3);
    const struct dbc_signal *w = dbc_text_signal(&t, "A", "w");
    assert_int_equal(w->selector, 2);
    assert_int_equal(w->range_count, 2);
    assert_int_equal(w->ranges[0].last, 3);
    assert_true(dbc_text_signal(&t, "A", "M2")->multiplexor);
    assert_int_equal(dbc_message_at(t.db, 0)->selector_count, 2);
    dbc_text_deinit(&t);
}

static void sections_that_nothing_needs_are_read_in_silence(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "VERSION \"\"\nNS_ :\n\tNS_DESC_\n\tCM_\n\tBA_\n\tBO_TX_BU_\n\nBS_:\n\n"
                      "BU_: A\n  B\n" HEAD "SGTYPE_ T : 8@1+ (1,0) [0|255] \"\" 1 Table ;\n"
                      "SIG_TYPE_REF_ 100 S : T;\n"
                      "BA_DEF_REL_ BU_SG_REL_ \"x\" INT 0 1;\nBA_DEF_DEF_REL_ \"x\" 0;\n"
                      "BA_REL_ \"x\" BU_SG_REL_ A SG_ 100 S 1;\nCAT_DEF_ 1 C 0;\nCAT_ BO_ 100 1;\n"
                      "// a comment\n");
    assert_string_equal(t.notes, "");
    assert_int_equal(dbc_message_count(t.db), 1);
    dbc_text_deinit(&t);
}

static void descriptions_may_come_before_what_they_describe(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "VAL_ 100 S 1 \"One\" ;\nCM_ SG_ 100 S \"c\";\n" HEAD);
    assert_string_equal(t.notes, "");
    assert_string_equal(dbc_text_signal(&t, "M", "S")->comment, "c");
    assert_int_equal(dbc_text_signal(&t, "M", "S")->label_count, 1);
    dbc_text_deinit(&t);
}

static void signals_that_never_meet_do_not_overlap(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 A: 8 X\n SG_ Sel M : 0|4@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ Sub m1M : 4|4@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ a m0 : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ b m2 : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ c m1 : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      " SG_ d m1 : 8|8@1+ (1,0) [0|0] \"\" X\n"
                      "SG_MUL_VAL_ 1 b Sub 2-3;\n");
    assert_string_equal(t.notes, "6:6: signal 'c' overlaps signal 'b'\n"
                                 "7:6: signal 'd' overlaps signal 'b'\n");
    dbc_text_deinit(&t);
}

struct mistake {
    const char *legend;
    const char *text;
    const char *notes; /* exactly */
    size_t signals;    /* of the first message that are left */
};

static const struct mistake mistakes[] = {
    {"comment without the signal's name", HEAD "CM_ SG_ 100 \"about\";\n",
     "3:13: the signal's name is missing: taken as a comment on the message\n", 1},
    {"id above 0x7FF without bit 31", "BO_ 274923520 M: 1 X\n SG_ S : 0|1@1+ (1,0) [0|0] \"\" X\n",
     "1:5: id 274923520 of message 'M' does not fit 11 bits: read as a 29-bit id\n", 1},
    {"id with 30 bits", "BO_ 3758096385 M: 1 X\n SG_ S : 0|1@1+ (1,0) [0|0] \"\" X\n",
     "1:5: id 3758096385 of message 'M' has more than 29 bits: the rest is ignored\n", 1},
    {"id in hexadecimal", "BO_ 0x64 M: 1 X\n SG_ S : 0|1@1+ (1,0) [0|0] \"\" X\n",
     "1:5: the id is written in hexadecimal\n", 1},
    {"bare points", "BO_ 1 M: 8 X\n SG_ S : 0|8@1+ (.25,-5.) [-.5|0.5] \"\" X\n",
     "2:18: no digit beside the point of '.25'\n2:22: no digit beside the point of '-5.'\n"
     "2:28: no digit beside the point of '-.5'\n",
     1},
    {"names that begin with a digit",
     "BO_ 1 1M: 8 X\n SG_ 64_LE : 0|8@1+ (1,0) [0|0] \"\" X\nVAL_ 1 64_LE 0 \"a\" ;\n",
     "1:7: '1M' is no identifier: taken as it stands\n"
     "2:6: '64_LE' is no identifier: taken as it stands\n",
     1},
    {"names with other characters", "BO_ 1 M-1: 8 X\n SG_ S.a : 0|8@1+ (1,0) [0|0] \"\" X\n",
     "1:7: 'M-1' is no identifier: taken as it stands\n"
     "2:6: 'S.a' is no identifier: taken as it stands\n",
     1},
    {"keyword with a zero", "B0_ 1 M: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n",
     "1:1: 'B0_' is read as 'BO_'\n", 1},
    {"missing colon", "BO_ 1 M 8 X\n SG_ S 0|8@1+ (1,0) [0|0] \"\" X\n",
     "1:9: missing ':'\n2:8: missing ':'\n", 1},
    {"missing semicolon", HEAD "VAL_ 100 S 0 \"a\"\nVAL_ 100 S 1 \"b\" ;\n", "3:17: missing ';'\n",
     1},
    {"missing semicolon at the end", HEAD "CM_ BO_ 100 \"a\"", "3:16: missing ';'\n", 1},
    {"text before the semicolon", HEAD "VAL_ 100 S 0 \"a\" b c;\n",
     "3:18: unexpected text before ';' is skipped\n", 1},
    {"duplicate signal", HEAD " SG_ S : 8|8@1+ (1,0) [0|0] \"\" X\n",
     "3:6: message 'M' has a signal 'S' already, in line 2: skipped\n", 1},
    {"duplicate message", HEAD "BO_ 100 N: 8 X\n SG_ T : 0|8@1+ (1,0) [0|0] \"\" X\n",
     "3:5: message 'N' is skipped: its id 0x64 belongs to message 'M' in line 1\n", 1},
    {"overlap", HEAD " SG_ T : 7|2@1+ (1,0) [0|0] \"\" X\n",
     "3:6: signal 'T' overlaps signal 'S'\n", 2},
    {"beyond the message", "BO_ 1 M: 1 X\n SG_ S : 0|9@1+ (1,0) [0|0] \"\" X\n",
     "2:6: signal 'S' reaches beyond the 1 bytes of message 'M'\n", 1},
    {"unknown section", "FOO_ 1 \"a;b\" 2;\n" HEAD, "1:1: unknown section 'FOO_' is skipped\n", 1},
    {"unknown word", "hello world\n" HEAD, "1:1: unexpected 'hello': the line is skipped\n", 1},
    {"unknown word, cut between two characters",
     "a" TEN_UMLAUTS TEN_UMLAUTS TEN_UMLAUTS "öö\n" HEAD,
     "1:1: unexpected 'a" TEN_UMLAUTS TEN_UMLAUTS TEN_UMLAUTS "ö': the line is skipped\n", 1},
    {"tag is none, cut between two characters",
     "BO_ 1 M: 8 X\n SG_ S a" TEN_UMLAUTS TEN_UMLAUTS TEN_UMLAUTS
     "öö : 0|8@1+ (1,0) [0|0] \"\" X\n",
     "2:8: 'a" TEN_UMLAUTS TEN_UMLAUTS TEN_UMLAUTS "ö' is no multiplexor tag: ignored\n", 1},
    {"message without a name", "BO_ 1\nBO_ 100 M: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n", NULL,
     1},
    {"signal without a message", "SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n" HEAD,
     "1:5: signal 'S' belongs to no message: skipped\n", 1},
    {"signal without a position", HEAD " SG_ T : x|8@1+ (1,0) [0|0] \"\" X\n",
     "3:6: signal 'T' has no valid start and length: skipped\n", 1},
    {"signal of no bits", HEAD " SG_ T : 0|0@1+ (1,0) [0|0] \"\" X\n",
     "3:6: signal 'T' has no valid start and length: skipped\n", 1},
    {"signal of 128 bits", "BO_ 1 M: 16 X\n SG_ S : 0|128@1+ (1,0) [0|0] \"\" X\n",
     "2:17: signal 'S' has 128 bits: read as one unsigned number\n", 1},
    {"no byte order and sign", "BO_ 1 M: 8 X\n SG_ S : 0|8 (1,0) [0|0] \"\" X\n",
     "2:14: missing '@'\n2:14: the byte order is missing: Intel is assumed\n"
     "2:14: the sign is missing: unsigned is assumed\n",
     1},
    {"no scale, range and unit", "BO_ 1 M: 8 X\n SG_ S : 0|8@1+ X\n",
     "2:17: factor and offset are missing: (1,0) is assumed\n2:17: the range is missing\n"
     "2:17: the unit is missing\n",
     1},
    {"factor of zero", "BO_ 1 M: 8 X\n SG_ S : 0|8@1+ (0,5) [0|0] \"\" X\n",
     "2:17: the factor of signal 'S' is 0\n", 1},
    {"factor beyond every double", "BO_ 1 M: 8 X\n SG_ S : 0|8@1+ (1e307,0) [0|0] \"\" X\n",
     "2:6: factor and offset of signal 'S' are too large: (1,0) is assumed\n", 1},
    {"offset beyond every double", "BO_ 1 M: 8 X\n SG_ S : 0|8@1- (1,-1e400) [0|0] \"\" X\n",
     "2:6: factor and offset of signal 'S' are too large: (1,0) is assumed\n", 1},
    {"factor is no number", "BO_ 1 M: 8 X\n SG_ S : 0|8@1+ (x,5) [0|0] \"\" X\n",
     "2:18: 'x' is not a number\n", 1},
    {"tag is none", "BO_ 1 M: 8 X\n SG_ S q : 0|8@1+ (1,0) [0|0] \"\" X\n",
     "2:8: 'q' is no multiplexor tag: ignored\n", 1},
    {"no multiplexor", "BO_ 1 M: 8 X\n SG_ S m1 : 0|8@1+ (1,0) [0|0] \"\" X\n",
     "2:6: no multiplexor selects signal 'S': read as always present\n", 1},
    {"selects itself",
     "BO_ 1 M: 8 X\n SG_ S M : 0|8@1+ (1,0) [0|0] \"\" X\nSG_MUL_VAL_ 1 S S 0-0;\n",
     "3:13: signal 'S' selects itself: ignored\n", 1},
    {"circle of multiplexors",
     "BO_ 1 M: 8 X\n SG_ A m1M : 0|8@1+ (1,0) [0|0] \"\" X\n SG_ B m1M : 8|8@1+ (1,0) [0|0] \"\" "
     "X\n"
     "SG_MUL_VAL_ 1 A B 1-1;\nSG_MUL_VAL_ 1 B A 1-1;\n",
     "2:6: the multiplexing of signal 'A' cannot be resolved: read as always present\n"
     "3:6: the multiplexing of signal 'B' cannot be resolved: read as always present\n",
     2},
    {"range backwards",
     "BO_ 1 M: 8 X\n SG_ A M : 0|8@1+ (1,0) [0|0] \"\" X\n SG_ B m1 : 8|8@1+ (1,0) [0|0] \"\" X\n"
     "SG_MUL_VAL_ 1 B A 3-1;\n",
     "4:19: the range runs backwards: turned round\n", 2},
    {"reference to no message", HEAD "VAL_ 7 S 0 \"a\" ;\n", "3:6: no message has the id 7\n", 1},
    {"reference to no signal", HEAD "VAL_ 100 T 0 \"a\" ;\n",
     "3:10: message 'M' has no signal 'T'\n", 1},
    {"value that is not whole", HEAD "VAL_ 100 S 1.5 \"a\" 1 \"b\" ;\n",
     "3:12: the value of \"a\" is not a whole number: skipped\n", 1},
    {"value with two texts", HEAD "VAL_ 100 S 1 \"a\" 1 \"b\" ;\n",
     "3:12: a value has two texts: the last one is used\n", 1},
    {"value beyond the bits", HEAD "VAL_ 100 S 256 \"a\" ;\n",
     "3:6: value 256 does not fit the 8 bits of signal 'S'\n", 1},
    {"no such value table", HEAD "VAL_ 100 S Nothing ;\n", "3:12: no value table 'Nothing'\n", 1},
    {"float of 8 bits", HEAD "SIG_VALTYPE_ 100 S : 1;\n",
     "3:14: a float has 16, 32 or 64 bits, not 8: 'S' stays an integer\n", 1},
    {"unknown value type", HEAD "SIG_VALTYPE_ 100 S : 3;\n",
     "3:14: a value type is 0, 1 or 2: the signal stays an integer\n", 1},
    {"quotes inside a comment",
     HEAD "CM_ BO_ 100 \"the \"best\" of all\";\nCM_ BO_ 100 \"5\" tube\";\n",
     "3:13: quotes inside the comment are not escaped\n"
     "4:13: quotes inside the comment are not escaped\n",
     1},
    {"string that is not closed", HEAD "CM_ BO_ 100 \"open;\n",
     "3:13: string is not closed: it ends with its line\n", 1},
    {"range without a value", "BO_ 1 M: 8 X\n SG_ S : 0|8@1+ (1,0) [0.1|0.2] \"\" X\n",
     "2:6: no value of signal 'S' lies in its range: ignored\n", 1},
    {"length beyond every payload", "BO_ 1 M: 9999 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" X\n",
     "1:10: the message is longer than 2048 bytes\n", 1},
};

static void every_mistake_is_forgiven_with_its_warning(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        const struct mistake *mistake = &mistakes[i];
        struct dbc_text t;
        dbc_text_init(&t, mistake->text);
        if (t.result != 0 || dbc_message_count(t.db) == 0) {
            fail_msg("%s: not loaded", mistake->legend);
        }
        if (mistake->notes == NULL ? t.notes[0] == '\0' : strcmp(t.notes, mistake->notes) != 0) {
            print_error("%s: %s", mistake->legend, t.notes);
            wrong++;
        }
        if (dbc_message_at(t.db, 0)->signal_count != mistake->signals) {
            fail_msg("%s: %u signals", mistake->legend, dbc_message_at(t.db, 0)->signal_count);
        }
        dbc_text_deinit(&t);
    }
    assert_int_equal(wrong, 0);
}

static void a_name_that_is_too_long_is_cut_between_two_characters(void **state)
{
    (void)state;
    struct dbc_text t;
    char text[1024] = "BO_ 1 ";
    size_t used = strlen(text);
    for (size_t i = 0; i < 200; i++, used += strlen("ö")) {
        memcpy(text + used, "ö", sizeof("ö"));
    }
    (void)snprintf(text + used, sizeof(text) - used, ": 8 X\n");
    dbc_text_init(&t, text);
    const char *first =
        "1:7: name is longer than 255 bytes: cut\n"; /* and ö is none of its letters */
    assert_memory_equal(t.notes, first, strlen(first));
    assert_int_equal(strlen(dbc_message_at(t.db, 0)->name), 254);
    dbc_text_deinit(&t);
}

static void line_ends_do_not_matter(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 M: 8 X\r\n SG_ S : 0|8@1+ (1,0) [0|0] \"V\" X\r\n\r\n"
                      "VAL_ 1 S 0 \"a\" ;\r\nBO_ 2 N: 8 X\r\n SG_ T : 0|8@1+ (1,0) [0|0] \"\" X");
    assert_string_equal(t.notes, "");
    assert_string_equal(dbc_text_signal(&t, "M", "S")->unit, "V");
    assert_non_null(dbc_text_signal(&t, "N", "T"));
    dbc_text_deinit(&t);
}

static void windows_1252_texts_come_out_as_utf8(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 M: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"\xB0"
                      "C\" X\nVAL_ 1 S 0 \"Gr\xF6\xDF"
                      "e \x80\" ;\n");
    assert_string_equal(dbc_text_signal(&t, "M", "S")->unit, "°C");
    assert_string_equal(dbc_text_signal(&t, "M", "S")->labels[0].text, "Größe €");
    dbc_text_deinit(&t);
}

static void what_is_no_dbc_is_an_error(void **state)
{
    (void)state;
    static const char *const texts[] = {("\x7F"
                                         "ELF\x02\x01 binary"),
                                        "{\"json\": true}\n", "a,b,c\n1,2,3\n", "\xFF\xFEV"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct dbc_text t;
        dbc_text_init(&t, texts[i]);
        assert_int_equal(t.result, -EINVAL);
        assert_int_equal(strncmp(t.notes, "0:0: ", 5), 0);
        dbc_text_deinit(&t);
    }
}

static void an_empty_file_defines_nothing_and_says_so(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "");
    assert_int_equal(t.result, 0);
    assert_string_equal(t.notes, "0:0: the file defines no message\n");
    dbc_text_deinit(&t);
}

static void every_prefix_of_a_file_is_survived(void **state)
{
    (void)state;
    const char *text =
        "VERSION \"1\"\nNS_ :\n\tCM_\nBU_: A\n" HEAD
        " SG_ T m1M : 8|8@1- (0.5,-1) [-1|1] \"V\" A\nSG_MUL_VAL_ 100 T S 1-2, 3-3;\n"
        "VAL_ 100 S 0 \"a\" ;\nBA_DEF_ BO_ \"VFrameFormat\" ENUM \"a\",\"b\";\n"
        "BA_ \"VFrameFormat\" BO_ 100 1;\nSIG_VALTYPE_ 100 S : 1;\nCM_ SG_ 100 S \"c\";\n";
    size_t length = strlen(text);
    for (size_t cut = 0; cut <= length; cut++) {
        struct dbc_database *db = dbc_new();
        struct diagnostics *d = diagnostics_new(0);
        char *exact = test_malloc(cut); /* not a byte more, so that reading one is found */
        memcpy(exact, text, cut);
        int r = dbc_load_text(db, "cut", exact, cut, d);
        assert_true(r == 0 || r == -EINVAL);
        test_free(exact);
        diagnostics_free(d);
        dbc_free(db);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_and_its_signal_are_read_in_full),
        cmocka_unit_test(ids_with_bit_31_are_extended),
        cmocka_unit_test(the_pseudo_message_of_unused_signals_is_left_out),
        cmocka_unit_test(value_tables_name_raw_values),
        cmocka_unit_test(comments_may_span_lines_and_look_like_statements),
        cmocka_unit_test(attributes_set_cycle_time_start_value_and_names),
        cmocka_unit_test(the_frame_format_makes_messages_fd_or_j1939),
        cmocka_unit_test(value_types_make_floats),
        cmocka_unit_test(multiplexing_is_resolved_to_selectors_and_ranges),
        cmocka_unit_test(sections_that_nothing_needs_are_read_in_silence),
        cmocka_unit_test(descriptions_may_come_before_what_they_describe),
        cmocka_unit_test(signals_that_never_meet_do_not_overlap),
        cmocka_unit_test(every_mistake_is_forgiven_with_its_warning),
        cmocka_unit_test(a_name_that_is_too_long_is_cut_between_two_characters),
        cmocka_unit_test(line_ends_do_not_matter),
        cmocka_unit_test(windows_1252_texts_come_out_as_utf8),
        cmocka_unit_test(what_is_no_dbc_is_an_error),
        cmocka_unit_test(an_empty_file_defines_nothing_and_says_so),
        cmocka_unit_test(every_prefix_of_a_file_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
