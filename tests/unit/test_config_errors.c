#include "tests/unit/config_plant.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Every diagnostic of a text, one per line. The caller frees it. */
static char *diagnose(const char *yaml)
{
    struct diagnostics *d = diagnostics_new(0);
    struct config *c = NULL;
    struct config_text text = {"p.yaml", yaml, strlen(yaml)};
    assert_int_equal(config_load_text(&text, &plant_schema, d, &c), -EINVAL);
    assert_null(c);
    struct buf all;
    buf_init(&all, 65536);
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        char line[512];
        assert_true(diagnostic_format(diagnostics_at(d, i), line, sizeof(line)) < sizeof(line));
        buf_printf(&all, "%s\n", line);
    }
    diagnostics_free(d);
    return buf_take(&all);
}

static void expect(const char *yaml, const char *diagnostics)
{
    char *found = diagnose(yaml);
    assert_non_null(found);
    assert_string_equal(found, diagnostics);
    free(found);
}

/* A complete plant up to line 3; the case's text is appended from line 4 on. */
#define BASE "site: s\nbroker: {host: h}\nbuses: {can0: }\n"

static void all_faults_are_reported_at_once(void **state)
{
    (void)state;
    expect("sitee: s\n"
           "ratio: 2\n"
           "broker:\n"
           "  prot: 1883\n"
           "  tls: maybe\n"
           "buses:\n"
           "  can 0: {driver: socketca}\n",
           "p.yaml:1:1: error: unknown key 'sitee' - did you mean 'site'?\n"
           "p.yaml:2:8: error: 'ratio': '2' is out of range - allowed is 0 to 1\n"
           "p.yaml:4:3: error: unknown key 'prot' - did you mean 'port'?\n"
           "p.yaml:5:8: error: 'tls': 'maybe' is not true or false - write true or false\n"
           "p.yaml:4:3: error: missing key 'host' in 'broker' - name or address of the broker\n"
           "p.yaml:7:3: error: 'can 0' is not an id - use only letters, digits, '_' and '-', at "
           "most 64\n"
           "p.yaml:7:19: error: 'driver': 'socketca' is not known here - did you mean "
           "'socketcan'?\n"
           "p.yaml: error: missing key 'site'\n");
}

static void an_empty_file_lacks_what_is_required(void **state)
{
    (void)state;
    expect("# nothing\n", "p.yaml: error: missing key 'site'\n"
                          "p.yaml: error: missing key 'host' in 'broker' - name or address of the "
                          "broker\n"
                          "p.yaml: error: missing key 'buses' - CAN buses by name\n");
}

static void values_of_the_wrong_form_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *yaml; /* from line 4 on */
        const char *diagnostics;
    } cases[] = {
        {"delay: 5 parsecs\n", "p.yaml:4:8: error: 'delay': '5 parsecs' is not a duration - write "
                               "it like 250ms, 5s or 2min\n"},
        {"delay: -5s\n", "p.yaml:4:8: error: 'delay': '-5s' is out of range - must be at least "
                         "0\n"},
        {"delay: 99999999999h\n",
         "p.yaml:4:8: error: 'delay': '99999999999h' is too large or too fine\n"},
        {"log_size: 64 MX\n", "p.yaml:4:11: error: 'log_size': '64 MX' is not a size - write it "
                              "like 512kB or 64MiB\n"},
        {"log_size: 1kB\n",
         "p.yaml:4:11: error: 'log_size': '1kB' is out of range - must be at least 1MiB\n"},
        {"ratio: half\n", "p.yaml:4:8: error: 'ratio': 'half' is not a number - write it like "
                          "0.5\n"},
        {"delay:\n", "p.yaml:4:7: error: 'delay': expected a duration, found nothing - write it "
                     "like 250ms, 5s or 2min\n"},
        {"delay: [5s]\n", "p.yaml:4:8: error: 'delay': expected a duration, found a list - write "
                          "it like 250ms, 5s or 2min\n"},
        {"spare: other\n",
         "p.yaml:4:8: error: 'spare': expected a mapping ('key: value'), found text\n"},
        {"messages: {name: A}\n",
         "p.yaml:4:11: error: 'messages': expected a list ('- ...'), found a mapping\n"},
        {"messages: [{name: A, deadband: [1]}]\n", "p.yaml:4:32: error: 'deadband': expected a "
                                                   "mapping ('name: ...'), found a list\n"},
        {"messages: [{name: A, deadband: {T: warm}}]\n",
         "p.yaml:4:36: error: 'T': 'warm' is not a quantity - write it like 0.2 °C\n"},
        {"messages: [{name: A, limit: 5 V}]\n",
         "p.yaml:4:29: error: 'limit': '5 V' is not in °C or a unit of that kind\n"},
        {"messages: [{name: A, limit: 500 K}]\n",
         "p.yaml:4:29: error: 'limit': '500 K' is out of range - must be at most 100\n"},
        {"messages: [{name: A, high: 2000 kPa}]\n",
         "p.yaml:4:28: error: 'high': '2000 kPa' is out of range - must be at most 10 bar\n"},
        {"messages: [{name: a.b}]\n", "p.yaml:4:19: error: 'name': 'a.b' is not an id - use only "
                                      "letters, digits, '_' and '-'\n"},
        {"when: {signals: x, colour: y}\n",
         "p.yaml:4:8: error: unknown key 'signals' - did you mean 'signal'?\n"
         "p.yaml:4:20: error: unknown key 'colour' in 'when'\n"},
        {"spare: {host: \"${EDGE_TEST_UNSET}\"}\n",
         "p.yaml:4:15: error: 'host': environment variable 'EDGE_TEST_UNSET' is not set - set it "
         "or give a default: ${EDGE_TEST_UNSET:-default}\n"},
        {"delay: \"a\\nb aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n",
         "p.yaml:4:8: error: 'delay': 'a?b "
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' is not a duration - "
         "write it like 250ms, 5s or 2min\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf yaml;
        buf_init(&yaml, 4096);
        buf_printf(&yaml, "%s%s", BASE, cases[i].yaml);
        expect(yaml.data, cases[i].diagnostics);
        buf_deinit(&yaml);
    }
}

static void a_required_map_may_not_be_empty(void **state)
{
    (void)state;
    expect("site: s\nbroker: {host: h}\nbuses: {}\n",
           "p.yaml:3:8: error: 'buses': is empty - at least one is needed\n");
}

static void an_unknown_word_without_likeness_lists_the_words(void **state)
{
    (void)state;
    expect("site: s\nbroker: {host: h}\nbuses: {can0: {driver: magic}}\n",
           "p.yaml:3:24: error: 'driver': 'magic' is not known here - write socketcan, replay or "
           "simulate\n");
}

static void a_root_of_another_kind_is_refused(void **state)
{
    (void)state;
    expect("- a\n", "p.yaml:1:1: error: expected a mapping ('key: value'), found a list\n");
    expect("a", "p.yaml:1:1: error: expected a mapping ('key: value'), found text\n");
}

static void a_secret_never_stands_in_a_message(void **state)
{
    (void)state;
    char yaml[5000];
    size_t length = strlen("site: s\nbuses: {a: }\nbroker: {host: h, password: ");
    memcpy(yaml, "site: s\nbuses: {a: }\nbroker: {host: h, password: ", length);
    memset(yaml + length, 'x', sizeof(yaml) - length);
    memcpy(yaml + sizeof(yaml) - 2, "}", 2);
    expect(yaml, "p.yaml:3:29: error: 'password': the text is too long - at most 4096 bytes are "
                 "allowed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_faults_are_reported_at_once),
        cmocka_unit_test(an_empty_file_lacks_what_is_required),
        cmocka_unit_test(values_of_the_wrong_form_are_explained),
        cmocka_unit_test(a_required_map_may_not_be_empty),
        cmocka_unit_test(an_unknown_word_without_likeness_lists_the_words),
        cmocka_unit_test(a_root_of_another_kind_is_refused),
        cmocka_unit_test(a_secret_never_stands_in_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
