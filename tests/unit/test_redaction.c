/* What must not leave a machine: each line, and what is left of it. */
#include "common/redaction.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static int set_up(void **state)
{
    struct redaction *r = NULL;
    assert_int_equal(redaction_new(&r), 0);
    assert_int_equal(redaction_add(r, "kX9-planted"), 0);
    assert_int_equal(redaction_add(r, "kX9-planted-longer"), 0);
    assert_int_equal(redaction_add(r, "quo\"ted\\one"), 0);
    assert_int_equal(redaction_add(r, "abc"), 0);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    redaction_free(*state);
    return 0;
}

static void each_line_says_what_may_be_known(void **state)
{
    static const struct {
        const char *legend;
        const char *line;
        const char *expected;
    } cases[] = {
        {"nothing to hide", "mqtt: connected to 127.0.0.1:1883",
         "mqtt: connected to 127.0.0.1:1883"},
        {"empty", "", ""},
        {"a secret", "x kX9-planted y", "x ******** y"},
        {"twice", "kX9-plantedkX9-planted", "****************"},
        {"the longer of two", "kX9-planted-longer", "********"},
        {"half of one", "kX9-plante", "kX9-plante"},
        {"with quotes", "quo\"ted\\one", "********"},
        {"as JSON writes it", "{\"a\":\"quo\\\"ted\\\\one\"}", "{\"a\":\"********\"}"},
        {"too short to be hidden everywhere", "abc in alphabet", "abc in alphabet"},
        {"URL", "http://user:pass@host/x", "http://********@host/x"},
        {"URL with an odd password", "mqtts://u:p:%40x@h:8883", "mqtts://********@h:8883"},
        {"URL with a user alone", "ftp://user@host", "ftp://user@host"},
        {"URL without", "http://host/a@b:c", "http://host/a@b:c"},
        {"YAML", "  password: hunter2", "  password: ********"},
        {"YAML in quotes", "password: \"hunter 2\" # x", "password: \"********\" # x"},
        {"a word around it", "key_password: hunter2", "key_password: ********"},
        {"capitals", "MQTT_PASSWORD=hunter2 next", "MQTT_PASSWORD=******** next"},
        {"JSON", "{\"token\":\"ab\\\"c\",\"x\":1}", "{\"token\":\"********\",\"x\":1}"},
        {"query", "GET /?access_token=ab&x=1", "GET /?access_token=********&x=1"},
        {"API key", "api_key = ab, x", "api_key = ********, x"},
        {"longer word", "secret_of_mine: ab", "secret_of_mine: ********"},
        {"no value", "password:", "password:"},
        {"a sentence", "the password was refused", "the password was refused"},
        {"open quote", "secret: \"never ends", "secret: \"********"},
        {"ends in a backslash", "secret: \"x\\", "secret: \"********"},
    };
    const struct redaction *r = *state;
    struct buf out;
    buf_init(&out, 1024);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_reset(&out);
        buf_puts(&out, "");
        redaction_apply(r, cases[i].line, strlen(cases[i].line), &out);
        assert_true(buf_ok(&out));
        if (strcmp(out.data, cases[i].expected) != 0) {
            fail_msg("%s: %s", cases[i].legend, out.data);
        }
    }
    buf_deinit(&out);
}

static void a_length_ends_the_line(void **state)
{
    struct buf out;
    buf_init(&out, 1024);
    redaction_apply(*state, "kX9-planted", 5, &out);
    assert_string_equal(out.data, "kX9-p");
    buf_reset(&out);
    redaction_apply(*state, "password=abcdef", 12, &out);
    assert_string_equal(out.data, "password=********");
    buf_deinit(&out);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_line_says_what_may_be_known),
        CASE(a_length_ends_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
