#include "edge-gateway/dbc/dbc_section_variables.h"

#include "tests/unit/dbc_text.h"

static void a_variable_is_read_in_full(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 M: 8 X\n"
                      "EV_ Power: 1 [-2.5|20000] \"W\" 7 1 DUMMY_NODE_VECTOR0 A,B;\n"
                      "EV_ Mode: 0 [0|3] \"\" 0 2 DUMMY_NODE_VECTOR0 A;\n"
                      "VAL_ Mode 1 \"On\" 0 \"Off\" ;\nCM_ EV_ Power \"at the shaft\";\n");
    assert_string_equal(t.notes, "");
    const struct dbc_variable *v = dbc_variables(t.db);
    assert_string_equal(v->name, "Power");
    assert_string_equal(v->unit, "W");
    assert_string_equal(v->comment, "at the shaft");
    assert_string_equal(v->file, "test.dbc");
    assert_int_equal(v->line, 2);
    assert_string_equal(dbc_variable_type_text(v->type), "float");
    assert_true(decimal_to_double(&v->minimum) == -2.5);
    assert_true(decimal_to_double(&v->maximum) == 20000);
    assert_true(decimal_to_double(&v->start) == 7);
    v = v->next;
    assert_string_equal(v->name, "Mode");
    assert_int_equal(v->label_count, 2);
    assert_string_equal(v->labels[0].text, "Off");
    assert_null(v->next);
    dbc_text_deinit(&t);
}

static void texts_and_data_have_their_types(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 M: 8 X\nENVVAR_DATA_ Bytes: 24;\n"
                      "EV_ Old: 2 [0|0] \"\" 0 1 DUMMY_NODE_VECTOR0 Vector__XXX;\n"
                      "EV_ New: 0 [0|0] \"\" 0 2 DUMMY_NODE_VECTOR8003 Vector__XXX;\n"
                      "EV_ Bytes: 0 [0|0] \"\" 0 3 DUMMY_NODE_VECTOR1 Vector__XXX;\n");
    assert_string_equal(t.notes, "");
    const struct dbc_variable *v = dbc_variables(t.db);
    assert_int_equal(v->type, DBC_VARIABLE_TEXT);
    assert_int_equal(v->next->type, DBC_VARIABLE_TEXT);
    assert_int_equal(v->next->next->type, DBC_VARIABLE_DATA);
    assert_int_equal(v->next->next->size_bytes, 24);
    dbc_text_deinit(&t);
}

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *notes;
    } cases[] = {
        {"EV_ V 0 [0|1] \"\" 0 1 R A;\n", "2:7: missing ':'\n"},
        {"EV_ V: x [0|1] \"\" 0 1 R A;\n",
         "2:8: the type of environment variable 'V' is none of 0, 1 and 2\n"},
        {"EV_ V: [0|1] \"\" 0 1 R A;\n",
         "2:8: the type of environment variable 'V' is none of 0, 1 and 2\n"},
        {"EV_ V: 0 \"\" 0 1 R A;\n", "2:10: the range is missing\n"},
        {"EV_ V: 0 [0|1] 0 1 R A;\n", "2:16: the unit is missing\n"},
        {"EV_ V: 0 [0|1] \"\" 0 1 R A\nCM_ EV_ V \"c\";\n", "2:26: missing ';'\n"},
        {"EV_ : 0 [0|1] \"\" 0 1 R A;\n", "2:5: an environment variable needs a name\n"},
        {"EV_ V: 0 [0|1] \"\" 0 1 R A;\nEV_ V: 1 [0|2] \"\" 0 2 R A;\n",
         "3:5: environment variable 'V' is there already, in line 2: skipped\n"},
        {"ENVVAR_DATA_ W: 4;\n", "2:14: no environment variable 'W'\n"},
        {"EV_ V: 0 [0|1] \"\" 0 1 R A;\nENVVAR_DATA_ V: x;\n",
         "3:14: the size of environment variable 'V' is no number of bytes\n"
         "3:17: unexpected text before ';' is skipped\n"},
        {"VAL_ W 0 \"x\" ;\n", "2:6: no environment variable 'W'\n"},
        {"CM_ EV_ W \"x\";\n", "2:9: no environment variable 'W'\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        struct dbc_text t;
        (void)snprintf(text, sizeof(text), "BO_ 1 M: 8 X\n%s", cases[i].text);
        dbc_text_init(&t, text);
        assert_int_equal(dbc_message_count(t.db), 1);
        assert_string_equal(t.notes, cases[i].notes);
        dbc_text_deinit(&t);
    }
}

static void of_several_files_the_first_with_a_name_wins(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_ 1 M: 8 X\nEV_ V: 0 [0|1] \"one\" 0 1 R A;\n");
    dbc_text_add(&t, "second.dbc",
                 "BO_ 2 N: 8 X\nEV_ V: 0 [0|1] \"two\" 0 1 R A;\n"
                 "EV_ W: 0 [0|1] \"three\" 0 1 R A;\n");
    assert_string_equal(t.notes, "2:1: environment variable 'V' is skipped: it is there already, "
                                 "from test.dbc:2\n");
    assert_string_equal(dbc_variables(t.db)->unit, "one");
    assert_string_equal(dbc_variables(t.db)->next->unit, "three");
    assert_null(dbc_variables(t.db)->next->next);
    dbc_text_deinit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_is_read_in_full),
        cmocka_unit_test(texts_and_data_have_their_types),
        cmocka_unit_test(mistakes_are_told_with_their_place),
        cmocka_unit_test(of_several_files_the_first_with_a_name_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
