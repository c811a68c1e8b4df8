#include "common/expand.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static char *fake_environment(const char *name)
{
    static char site[] = "harbour";
    static char empty[] = "";
    if (strcmp(name, "SITE") == 0) {
        return site;
    }
    return strcmp(name, "EMPTY") == 0 ? empty : NULL;
}

static void variables_become_their_values(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"${SITE}", "harbour"},
        {"a-${SITE}-${SITE}-b", "a-harbour-harbour-b"},
        {"${EMPTY}", ""},
        {"${EMPTY:-x}", "x"},
        {"${NOBODY:-a b}", "a b"},
        {"${NOBODY:-}", ""},
        {"${SITE:-x}", "harbour"},
        {"$${SITE}", "${SITE}"},
        {"5 $", "5 $"},
        {"$$", "$"},
        {"$SYS/broker $share/a", "$SYS/broker $share/a"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        struct buf why;
        buf_init(&out, 256);
        buf_init(&why, 256);
        buf_puts(&out, "");
        assert_int_equal(expand_text(cases[i].text, fake_environment, &out, &why), 0);
        assert_string_equal(out.data, cases[i].expected);
        assert_int_equal(why.length, 0);
        buf_deinit(&why);
        buf_deinit(&out);
    }
}

static void bad_variables_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"${NOBODY}", "environment variable 'NOBODY' is not set - set it or give a default: "
                      "${NOBODY:-default}"},
        {"${SITE", "'${' is not closed by '}' - write $${ for the text itself"},
        {"${}", "'${' begins a variable: write ${NAME} or ${NAME:-default}, or $${ for the text "
                "itself"},
        {"${1A}", "'${' begins a variable: write ${NAME} or ${NAME:-default}, or $${ for the text "
                  "itself"},
        {"${A-b}", "'${' begins a variable: write ${NAME} or ${NAME:-default}, or $${ for the "
                   "text itself"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        struct buf why;
        buf_init(&out, 256);
        buf_init(&why, 256);
        assert_int_equal(expand_text(cases[i].text, fake_environment, &out, &why), -EINVAL);
        assert_string_equal(why.data, cases[i].why);
        buf_deinit(&why);
        buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_become_their_values),
        cmocka_unit_test(bad_variables_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
