#include "edge-gateway/publish/catalog_encoder.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS 300

static const char dbc_text[] = "VERSION \"\"\n"
                               "BU_: Node\n"
                               "BO_ 291 Climate: 8 Node\n"
                               " SG_ Temperature : 0|16@1- (0.01,-40) [-40|125.5] \"\xB0"
                               "C\" Node\n"
                               " SG_ Pump : 16|2@1+ (1,0) [0|0] \"\" Node\n"
                               " SG_ Flow : 32|32@1- (1,0) [0|0] \"l/min\" Node\n"
                               "BO_ 2566844926 Engine: 8 Node\n"
                               " SG_ Serial : 0|64@1+ (1,0) [0|0] \"\" Node\n"
                               "BO_ 300 Table: 2 Node\n"
                               " SG_ Code : 0|16@1- (1,0) [0|0] \"\" Node\n"
                               "VAL_ 291 Pump 0 \"Off\" 1 \"Say \\\"run\\\"\" ;\n"
                               "SIG_VALTYPE_ 291 Flow : 1;\n"
                               "BA_DEF_ BO_ \"GenMsgCycleTime\" INT 0 100000;\n"
                               "BA_DEF_DEF_ \"GenMsgCycleTime\" 0;\n"
                               "BA_ \"GenMsgCycleTime\" BO_ 291 100;\n";

struct fixture {
    struct dbc_database *db;
    struct diagnostics *diagnostics;
    char text[65536];
};

/* The file above, and a value table of LABELS rows. */
static void load(struct fixture *f)
{
    static char text[65536];
    size_t length = (size_t)snprintf(text, sizeof(text), "%sVAL_ 300 Code", dbc_text);
    for (int i = 0; i < LABELS; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, " %d \"L%d\"", i - 1, i);
    }
    length += (size_t)snprintf(text + length, sizeof(text) - length, " ;\n");
    assert_int_equal(dbc_load_text(f->db, "test.dbc", text, length, f->diagnostics), 0);
    assert_int_equal(diagnostics_count(f->diagnostics, SEVERITY_ERROR), 0);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->db = dbc_new();
    f->diagnostics = diagnostics_new(0);
    load(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    diagnostics_free(f->diagnostics);
    dbc_free(f->db);
    free(f);
    return 0;
}

/* The message's part of the catalog, in f->text. */
static void write_message(struct fixture *f, const char *name, enum payload_layout layout,
                          bool settable)
{
    const struct catalog_message message = {dbc_find_by_name(f->db, name), layout, settable, true,
                                            15300};
    assert_non_null(message.message);
    struct json_writer w;
    size_t length;
    json_writer_init(&w, f->text, sizeof(f->text));
    payload_catalog_begin(&w, 1000000);
    payload_catalog_bus_begin(&w, "can0");
    catalog_write_message(&w, &message);
    payload_catalog_bus_end(&w);
    payload_catalog_end(&w);
    assert_int_equal(json_writer_finish(&w, &length), 0);
}

#define HEAD "{\"ts\":1,\"buses\":[{\"name\":\"can0\",\"messages\":["
#define TAIL "]}]}"

static void units_ranges_labels_and_cycle_times_come_from_the_file(void **state)
{
    struct fixture *f = *state;
    write_message(f, "Climate", PAYLOAD_LAYOUT_MESSAGE, false);
    assert_string_equal(
        f->text,
        HEAD "{\"name\":\"Climate\",\"id\":291,\"extended\":false,\"cycle_ms\":100,"
             "\"stale_ms\":15300,\"layout\":\"message\",\"settable\":false,\"signals\":["
             "{\"name\":\"Temperature\",\"unit\":\"\xC2\xB0"
             "C\",\"min\":-40,\"max\":125.5,\"decimals\":2},"
             "{\"name\":\"Pump\",\"decimals\":0,\"labels\":[{\"value\":0,\"label\":\"Off\"},"
             "{\"value\":1,\"label\":\"Say \\\"run\\\"\"}]},"
             "{\"name\":\"Flow\",\"unit\":\"l/min\"}]}" TAIL);
}

static void layout_and_settable_come_from_the_configuration(void **state)
{
    struct fixture *f = *state;
    write_message(f, "Engine", PAYLOAD_LAYOUT_SIGNAL, true);
    assert_string_equal(f->text, HEAD
                        "{\"name\":\"Engine\",\"id\":419361278,\"extended\":true,"
                        "\"stale_ms\":15300,\"layout\":\"signal\",\"settable\":true,\"signals\":["
                        "{\"name\":\"Serial\",\"decimals\":0}]}" TAIL);
}

static void a_long_value_table_is_kept_whole(void **state)
{
    struct fixture *f = *state;
    write_message(f, "Table", PAYLOAD_LAYOUT_MESSAGE, false);
    assert_non_null(strstr(f->text, "{\"value\":-1,\"label\":\"L0\"}"));
    assert_non_null(strstr(f->text, "{\"value\":298,\"label\":\"L299\"}]}"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(units_ranges_labels_and_cycle_times_come_from_the_file),
        CASE(layout_and_settable_come_from_the_configuration),
        CASE(a_long_value_table_is_kept_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
