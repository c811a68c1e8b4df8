#include "edge-gateway/dbc/dbc_section_groups.h"

#include "tests/unit/dbc_text.h"

#define HEAD                                   \
    "BO_ 100 M: 8 ECU\n"                       \
    " SG_ Sel M : 0|8@1+ (1,0) [0|0] \"\" X\n" \
    " SG_ S m0 : 8|8@1+ (1,0) [0|0] \"\" X\n"  \
    " SG_ S m1 : 16|8@1+ (1,0) [0|0] \"\" X\n" \
    " SG_ T : 24|8@1+ (1,0) [0|0] \"\" X\n"

static void transmitters_are_kept_in_their_order(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, "BO_TX_BU_ 100 : GW,ECU ,\n Third;\n" HEAD);
    assert_string_equal(t.notes, "");
    const struct dbc_message *m = dbc_message_at(t.db, 0);
    assert_int_equal(m->transmitter_count, 3);
    assert_string_equal(m->transmitters[0], "GW");
    assert_string_equal(m->transmitters[1], "ECU");
    assert_string_equal(m->transmitters[2], "Third");
    assert_null(m->groups);
    dbc_text_deinit(&t);
}

static void groups_know_their_signals(void **state)
{
    (void)state;
    struct dbc_text t;
    dbc_text_init(&t, HEAD "SIG_GROUP_ 100 First 1 : T S;\nSIG_GROUP_ 100 Empty 1 :;\n"
                           "SIG_GROUP_ 100 Last 1 : Sel;\n");
    assert_string_equal(t.notes, "");
    const struct dbc_group *g = dbc_message_at(t.db, 0)->groups;
    assert_string_equal(g->name, "First");
    assert_int_equal(g->signal_count, 3);
    assert_int_equal(g->signals[0], 3);
    assert_int_equal(g->signals[1], 1);
    assert_int_equal(g->signals[2], 2);
    g = g->next;
    assert_string_equal(g->name, "Empty");
    assert_int_equal(g->signal_count, 0);
    assert_string_equal(g->next->name, "Last");
    assert_null(g->next->next);
    dbc_text_deinit(&t);
}

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *notes;
    } cases[] = {
        {"BO_TX_BU_ 7 : A;\n", "6:11: no message has the id 7\n"},
        {"BO_TX_BU_ 100 A;\n", "6:15: missing ':'\n"},
        {"BO_TX_BU_ 100 : A\nCM_ BO_ 100 \"c\";\n", "6:18: missing ';'\n"},
        {"SIG_GROUP_ 100 G 1 : S Nobody;\n", "6:24: message 'M' has no signal 'Nobody'\n"},
        {"SIG_GROUP_ 7 G 1 : S;\n", "6:12: no message has the id 7\n"},
        {"SIG_GROUP_ 100 : S;\n", "6:12: a signal group needs a name\n"},
        {"SIG_GROUP_ 100 G : S\n", "6:21: missing ';'\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1024];
        struct dbc_text t;
        (void)snprintf(text, sizeof(text), "%s%s", HEAD, cases[i].text);
        dbc_text_init(&t, text);
        assert_string_equal(t.notes, cases[i].notes);
        assert_int_equal(dbc_message_at(t.db, 0)->signal_count, 4);
        dbc_text_deinit(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transmitters_are_kept_in_their_order),
        cmocka_unit_test(groups_know_their_signals),
        cmocka_unit_test(mistakes_are_told_with_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
