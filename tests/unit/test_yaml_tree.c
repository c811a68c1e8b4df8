#include "common/yaml_tree.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct yaml_tree *parse(const char *text)
{
    struct diagnostics *d = diagnostics_new(0);
    struct yaml_tree *tree = NULL;
    assert_int_equal(yaml_tree_parse("t.yaml", text, strlen(text), d, &tree), 0);
    assert_int_equal(diagnostics_kept(d), 0);
    diagnostics_free(d);
    return tree;
}

static void a_tree_keeps_order_kind_and_text(void **state)
{
    (void)state;
    struct yaml_tree *tree = parse("b: 1\na: [x, 'y z']\nc:\nd: ''\n");
    const struct yaml_node *root = yaml_tree_root(tree);
    assert_int_equal(root->kind, YAML_KIND_MAPPING);
    assert_int_equal(root->count, 4);
    const struct yaml_node *b = root->first;
    assert_string_equal(b->key, "b");
    assert_string_equal(b->text, "1");
    const struct yaml_node *a = b->next;
    assert_int_equal(a->kind, YAML_KIND_SEQUENCE);
    assert_int_equal(a->count, 2);
    assert_null(a->first->key);
    assert_string_equal(a->first->next->text, "y z");
    assert_null(a->first->next->next);
    assert_true(a->next->empty);
    assert_false(a->next->next->empty);
    yaml_tree_free(tree);
}

static void places_count_characters_from_one(void **state)
{
    (void)state;
    struct yaml_tree *tree = parse("\xEF\xBB\xBF# é\na:\n  grüße: {ö: ü, z: '!'}\n");
    const struct yaml_node *inner = yaml_tree_root(tree)->first->first;
    assert_int_equal(inner->key_line, 3);
    assert_int_equal(inner->key_column, 3);
    assert_int_equal(inner->line, 3);
    assert_int_equal(inner->column, 10);
    assert_int_equal(inner->first->next->key_column, 17);
    assert_int_equal(inner->first->next->column, 20);
    yaml_tree_free(tree);
}

static void a_text_without_values_has_no_root(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n\n", "# only a comment\n", "---\n...\n"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct yaml_tree *tree = parse(texts[i]);
        const struct yaml_node *root = yaml_tree_root(tree);
        assert_true(root == NULL || root->empty);
        yaml_tree_free(tree);
    }
}

static void faults_say_where_and_what(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *diagnostic; /* the first one */
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "t.yaml:3:1: error: key 'a' stands twice - the first is on line 1"},
        {"a:\n\tb: 1\n", "t.yaml:2:1: error: a tab is not allowed here - indent with spaces"},
        {"é: 1\nü:\n\tb: 1\n", "t.yaml:3:1: error: a tab is not allowed here - indent with spaces"},
        {"a: b: c\n", "t.yaml:1:5: error: ':' is not allowed here - check the indentation, or put "
                      "text that contains ': ' in quotes"},
        {"a: 1\nb\nc: 2\n", "t.yaml:2:1: error: expected 'key: value' - ':' is missing"},
        {"a: @x\n", "t.yaml:1:4: error: a value cannot begin with this character - use quotes"},
        {"a: [1, 2\nb: 3\n", "t.yaml:1:4: error: the list that begins here lacks ',' or ']'"},
        {"a: {b: 1\n", "t.yaml:1:4: error: the mapping that begins here lacks ',' or '}'"},
        {"a: 'x\n", "t.yaml:1:4: error: the quotes that begin here are not closed"},
        {"a: \"\\q\"\n", "t.yaml:1:5: error: unknown escape in double quotes - use '\\\\' for a "
                         "backslash, or single quotes"},
        {"a:\n   b: 1\n  c: 2\n", "t.yaml:3:3: error: expected a key here - check the indentation "
                                  "and the quotes before it"},
        {"a:\n  - 1\n  b: 2\n",
         "t.yaml:3:3: error: expected a list item ('- ...') here - check the indentation"},
        {"a: &x 1\n", "t.yaml:1:4: error: anchors ('&name') are not supported - write the value "
                      "where it is needed, or put text in quotes"},
        {"a: *x\n", "t.yaml:1:4: error: aliases ('*name') are not supported - write the value "
                    "where it is needed, or put text in quotes"},
        {"a: !!str 1\n", "t.yaml:1:4: error: tags ('!name') are not supported - leave the tag "
                         "out, or put text in quotes"},
        {"[a]: 1\n", "t.yaml:1:1: error: a key must be text, not a list or a mapping"},
        {"a: 1\n---\nb: 1\n", "t.yaml:2:1: error: a second document ('---') is not allowed"},
        {"a: \"x\\0y\"\n", "t.yaml:1:4: error: a control character is not allowed"},
        {"a: \x01\n", "t.yaml:1:4: error: a control character is not allowed"},
        {"a: 1\nb: \xFF\n", "t.yaml:2:4: error: not UTF-8 - save the file as UTF-8 text"},
        {"a: \xC0\xAF\n", "t.yaml:1:4: error: not UTF-8 - save the file as UTF-8 text"},
        {"a: \xED\xA0\x80\n", "t.yaml:1:4: error: not UTF-8 - save the file as UTF-8 text"},
        {"a: \xE2\x82", "t.yaml:1:4: error: not UTF-8 - save the file as UTF-8 text"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct diagnostics *d = diagnostics_new(0);
        struct yaml_tree *tree = NULL;
        assert_int_equal(yaml_tree_parse("t.yaml", cases[i].text, strlen(cases[i].text), d, &tree),
                         -EINVAL);
        assert_null(tree);
        char text[256];
        assert_true(diagnostics_kept(d) > 0);
        diagnostic_format(diagnostics_at(d, 0), text, sizeof(text));
        assert_string_equal(text, cases[i].diagnostic);
        diagnostics_free(d);
    }
}

static void refuse(const char *text, size_t length, const char *diagnostic)
{
    struct diagnostics *d = diagnostics_new(0);
    struct yaml_tree *tree = NULL;
    assert_int_equal(yaml_tree_parse("t.yaml", text, length, d, &tree), -EINVAL);
    char formatted[256];
    diagnostic_format(diagnostics_at(d, 0), formatted, sizeof(formatted));
    assert_string_equal(formatted, diagnostic);
    diagnostics_free(d);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[1000];
    memset(text, '[', sizeof(text));
    refuse(text, sizeof(text),
           "t.yaml:1:33: error: nested too deeply - at most 32 levels are "
           "allowed");
}

static void size_is_bounded(void **state)
{
    (void)state;
    size_t length = YAML_TREE_MAX_BYTES + 1;
    char *text = malloc(length);
    assert_non_null(text);
    memset(text, '\n', length);
    refuse(text, length, "t.yaml: error: too large - at most 1 MiB is allowed");
    free(text);
}

static void number_of_values_is_bounded(void **state)
{
    (void)state;
    size_t length = 4 * (YAML_TREE_MAX_NODES + 1);
    char *text = malloc(length);
    assert_non_null(text);
    for (size_t i = 0; i < length; i += 4) {
        memcpy(text + i, "- a\n", 4);
    }
    refuse(text, length,
           "t.yaml:100000:3: error: too many values in one file - at most 100000 are allowed");
    free(text);
}

static void text_need_not_end_in_nul(void **state)
{
    (void)state;
    static const char text[] = {'a', ':', ' ', '['};
    char *exact = malloc(sizeof(text)); /* the sanitizer sees a read behind it */
    assert_non_null(exact);
    memcpy(exact, text, sizeof(text));
    refuse(exact, sizeof(text),
           "t.yaml:2:1: error: expected a value here - is '[' or '{' before it not closed?");
    free(exact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_keeps_order_kind_and_text),
        cmocka_unit_test(places_count_characters_from_one),
        cmocka_unit_test(a_text_without_values_has_no_root),
        cmocka_unit_test(faults_say_where_and_what),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(number_of_values_is_bounded),
        cmocka_unit_test(text_need_not_end_in_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
