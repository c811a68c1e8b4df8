#include "tests/unit/config_plant.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MINIMUM "site: s\nbroker: {host: h}\nbuses: {can0: }\n"

static struct config *load_named(const char *name, const char *text)
{
    struct diagnostics *d = diagnostics_new(0);
    struct config *c = NULL;
    struct config_text t = {name, text, strlen(text)};
    int r = config_load_text(&t, &plant_schema, d, &c);
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        print_error("%s\n", diagnostics_at(d, i)->message);
    }
    assert_int_equal(r, 0);
    assert_int_equal(diagnostics_kept(d), 0);
    diagnostics_free(d);
    return c;
}

static struct config *load(const char *text)
{
    return load_named("plant.yaml", text);
}

static void absent_keys_get_their_defaults(void **state)
{
    (void)state;
    struct config *c = load(MINIMUM);
    const struct plant *p = config_root(c);
    assert_int_equal(p->log_bytes, 64 * 1024 * 1024);
    assert_true(p->ratio == 0.5);
    assert_int_equal(p->broker.port, 1883);
    assert_false(p->broker.tls);
    assert_null(p->broker.password);
    assert_null(p->spare);
    assert_null(p->delay_us);
    assert_null(p->when);
    assert_int_equal(p->message_count, 0);
    assert_int_equal(p->bus_count, 1);
    assert_string_equal(p->buses[0].name, "can0");
    assert_int_equal(p->buses[0].driver, DRIVER_SOCKETCAN);
    assert_int_equal(p->buses[0].restart_us, 100000);
    config_free(c);
}

static void written_keys_are_converted(void **state)
{
    (void)state;
    struct config *c = load("site: plant-1\n"
                            "log_size: 1.5 GiB\n"
                            "broker: {host: localhost, port: 8883, tls: On}\n"
                            "spare: {host: other}\n"
                            "delay: 1h 30min\n"
                            "buses:\n"
                            "  can0: {driver: replay, restart: 1s, dbc: [a.dbc, /b.dbc]}\n"
                            "  can1: {dbc: one.dbc}\n");
    const struct plant *p = config_root(c);
    assert_string_equal(p->site, "plant-1");
    assert_int_equal(p->log_bytes, 1610612736);
    assert_int_equal(p->broker.port, 8883);
    assert_true(p->broker.tls);
    assert_string_equal(p->spare->host, "other");
    assert_int_equal(p->spare->port, 1883);
    assert_true(*p->delay_us == 5400000000);
    assert_int_equal(p->bus_count, 2);
    assert_int_equal(p->buses[0].driver, DRIVER_REPLAY);
    assert_int_equal(p->buses[0].restart_us, 1000000);
    assert_int_equal(p->buses[0].dbc_count, 2);
    assert_string_equal(p->buses[0].dbc[1], "/b.dbc");
    assert_string_equal(p->buses[1].name, "can1");
    assert_int_equal(p->buses[1].dbc_count, 1);
    config_free(c);
}

static void units_convert_to_the_unit_of_the_row(void **state)
{
    (void)state;
    struct config *c = load(MINIMUM "messages:\n"
                                    "  - {name: A, limit: 68 °F, step: 9 °F, high: 300 kPa}\n"
                                    "  - {name: B, limit: 5, high: 3}\n");
    const struct plant *p = config_root(c);
    assert_float_equal(p->messages[0].limit_C, 20.0, 1e-9);
    assert_float_equal(p->messages[0].step_C, 5.0, 1e-9);
    assert_true(p->messages[0].high.value == 300.0);
    assert_string_equal(p->messages[0].high.unit, "kPa");
    assert_true(p->messages[1].limit_C == 5.0);
    assert_string_equal(p->messages[1].high.unit, "bar");
    config_free(c);
}

static void maps_of_scalars_keep_their_keys(void **state)
{
    (void)state;
    struct config *c = load(MINIMUM "messages:\n"
                                    "  - name: A\n"
                                    "    deadband: {Temperature: 0.2 °C, Humidity: 5}\n"
                                    "    labels: {'any key': text}\n");
    const struct plant *p = config_root(c);
    const struct message *m = &p->messages[0];
    assert_int_equal(m->deadband_count, 2);
    assert_string_equal(m->deadbands[0].name, "Temperature");
    assert_string_equal(m->deadbands[0].value.unit, "°C");
    assert_true(m->deadbands[1].value.value == 5.0);
    assert_string_equal(m->deadbands[1].value.unit, "");
    assert_string_equal(m->labels[0].name, "any key");
    assert_string_equal(m->labels[0].value, "text");
    config_free(c);
}

static void a_section_may_hold_itself(void **state)
{
    (void)state;
    struct config *c = load(MINIMUM "when: {all: [{signal: a}, {all: [{signal: b}]}]}\n");
    const struct plant *p = config_root(c);
    assert_int_equal(p->when->all_count, 2);
    assert_string_equal(p->when->all[0].signal, "a");
    assert_string_equal(p->when->all[1].all[0].signal, "b");
    config_free(c);
}

static void relative_paths_start_at_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *path;
    } cases[] = {
        {"/etc/edge/plant.yaml", "/etc/edge/a.dbc"},
        {"conf/plant.yaml", "conf/a.dbc"},
        {"/plant.yaml", "/a.dbc"},
        {"plant.yaml", "a.dbc"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config *c = load_named(cases[i].file, "site: s\nbroker: {host: h}\n"
                                                     "buses: {can0: {dbc: a.dbc}}\n");
        const struct plant *p = config_root(c);
        assert_string_equal(p->buses[0].dbc[0], cases[i].path);
        config_free(c);
    }
}

static void variables_expand_in_every_scalar(void **state)
{
    (void)state;
    setenv("EDGE_TEST_PORT", "1884", 1);
    unsetenv("EDGE_TEST_HOST");
    struct config *c = load("site: s\nbuses: {can0: }\n"
                            "broker: {host: '${EDGE_TEST_HOST:-fallback}$$', "
                            "port: '${EDGE_TEST_PORT}'}\n");
    const struct plant *p = config_root(c);
    assert_string_equal(p->broker.host, "fallback$");
    assert_int_equal(p->broker.port, 1884);
    config_free(c);
    unsetenv("EDGE_TEST_PORT");
}

static void expect_mark(const struct config *c, const void *field, unsigned line, unsigned column)
{
    struct config_mark m = config_mark_of(c, field);
    assert_string_equal(m.file, "plant.yaml");
    assert_int_equal(m.line, line);
    assert_int_equal(m.column, column);
}

static void every_field_knows_its_place(void **state)
{
    (void)state;
    struct config *c = load("site: s\n"
                            "broker:\n"
                            "  port: 1\n"
                            "  host: h\n"
                            "buses:\n"
                            "  can0: {dbc: [a, b]}\n"
                            "  can1:\n"
                            "messages:\n"
                            "  - step: 2\n"
                            "    name: A\n"
                            "    deadband: {T: 1}\n"
                            "delay: 5s\n");
    const struct plant *p = config_root(c);
    expect_mark(c, &p->site, 1, 7);
    expect_mark(c, &p->ratio, 0, 0); /* not written: the section, here the file */
    expect_mark(c, &p->broker.port, 3, 9);
    expect_mark(c, &p->broker.tls, 3, 3);
    expect_mark(c, &p->buses, 6, 3);
    expect_mark(c, &p->buses[0], 6, 3); /* a map item: its key */
    expect_mark(c, &p->buses[0].dbc[1], 6, 19);
    expect_mark(c, &p->buses[1], 7, 3);
    expect_mark(c, &p->messages[0].name, 10, 11);
    expect_mark(c, &p->messages[0].limit_C, 9, 5);
    expect_mark(c, &p->messages[0].deadbands[0], 11, 16);
    expect_mark(c, &p->messages[0].deadbands[0].value, 11, 19);
    expect_mark(c, &p->spare, 0, 0);
    expect_mark(c, p->delay_us, 12, 8);
    config_free(c);
}

static void later_faults_are_reported_at_the_place(void **state)
{
    (void)state;
    struct config *c = load(MINIMUM "messages:\n  - {name: A}\n");
    const struct plant *p = config_root(c);
    struct diagnostics *d = diagnostics_new(0);
    config_report(c, &p->messages[0].name, d, SEVERITY_ERROR, "no message %s in the DBC",
                  p->messages[0].name);
    char text[128];
    diagnostic_format(diagnostics_at(d, 0), text, sizeof(text));
    assert_string_equal(text, "plant.yaml:5:12: error: no message A in the DBC");
    diagnostics_free(d);
    config_free(c);
}

#define COMPLETE                                                                           \
    "site: plant-1\nlog_size: 1GiB\nratio: 0.25\n"                                         \
    "broker:\n  host: \"a b: \\\"$$\\\"\"\n  port: 1883\n  tls: true\n"                    \
    "delay: 90s\n"                                                                         \
    "buses:\n  can0:\n    driver: simulate\n    restart: 250ms\n    dbc:\n      - a.dbc\n" \
    "      - b.dbc\n"                                                                      \
    "messages:\n  - name: A\n    limit: 20 °C\n    step: 0.5 °C\n    high: \"3 bar\"\n"  \
    "    deadband:\n      T: \"0.2 °C\"\n    labels: {}\n"                                \
    "when:\n  all:\n    - signal: x\n      all: []\n    - all: []\n"

static char *print(const struct config *c)
{
    struct buf out;
    buf_init(&out, 65536);
    config_print(c, &out);
    char *text = buf_take(&out);
    assert_non_null(text);
    return text;
}

static void the_print_loads_again(void **state)
{
    (void)state;
    struct config *c = load(COMPLETE);
    char *text = print(c);
    assert_string_equal(text, COMPLETE);
    config_free(c);
    free(text);
}

static void the_print_shows_defaults_and_hides_secrets(void **state)
{
    (void)state;
    struct config *c = load("buses: {can0: }\nsite: s\nbroker: {host: h, password: topsecret}\n");
    char *text = print(c);
    assert_string_equal(text, "site: s\nlog_size: 64MiB\nratio: 0.5\n"
                              "broker:\n  host: h\n  port: 1883\n  password: '********'\n"
                              "  tls: false\n"
                              "buses:\n  can0:\n    driver: socketcan\n    restart: 100ms\n"
                              "    dbc: []\n"
                              "messages: []\n");
    config_free(c);
    free(text);
}

static uint64_t hash_of(const char *text)
{
    struct config *c = load(text);
    uint64_t hash = config_hash(c);
    config_free(c);
    return hash;
}

static void the_hash_sees_effects_not_spelling_nor_secrets(void **state)
{
    (void)state;
    uint64_t hash = hash_of("site: s\nbroker: {host: h, password: a}\nbuses: {can0: }\n");
    assert_true(hash == hash_of("buses:\n  can0:   # none\nbroker:\n  password: b\n  host: 'h'\n"
                                "  port: 1883\nsite: s\n"));
    assert_false(hash == hash_of("site: t\nbroker: {host: h, password: a}\nbuses: {can0: }\n"));
}

/* A directory with plant.yaml and a secret beside it. */
struct files {
    char directory[32];
    char config[64];
    char secret[64];
};

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int make_files(void **state)
{
    struct files *files = calloc(1, sizeof(*files));
    assert_non_null(files);
    memcpy(files->directory, "/tmp/edge-config-XXXXXX", sizeof("/tmp/edge-config-XXXXXX"));
    assert_non_null(mkdtemp(files->directory));
    (void)snprintf(files->config, sizeof(files->config), "%s/plant.yaml", files->directory);
    (void)snprintf(files->secret, sizeof(files->secret), "%s/secret", files->directory);
    write_file(files->config,
               "site: s\nbroker: {host: h, password: file:secret}\nbuses: {can0: }\n", 0644);
    *state = files;
    return 0;
}

static int remove_files(void **state)
{
    struct files *files = *state;
    (void)unlink(files->config);
    (void)unlink(files->secret);
    (void)rmdir(files->directory);
    free(files);
    return 0;
}

static void a_secret_comes_from_its_file(void **state)
{
    struct files *files = *state;
    write_file(files->secret, "top$ecret ${x}\n", 0600);
    struct diagnostics *d = diagnostics_new(0);
    struct config *c = NULL;
    assert_int_equal(config_load_file(files->config, &plant_schema, d, &c), 0);
    assert_int_equal(diagnostics_kept(d), 0);
    const struct plant *p = config_root(c);
    assert_string_equal(p->broker.password, "top$ecret ${x}");
    config_free(c);
    diagnostics_free(d);
}

static void a_secret_that_everybody_can_read_is_a_warning(void **state)
{
    struct files *files = *state;
    write_file(files->secret, "x\r\n", 0644);
    struct diagnostics *d = diagnostics_new(0);
    struct config *c = NULL;
    assert_int_equal(config_load_file(files->config, &plant_schema, d, &c), 0);
    assert_int_equal(diagnostics_count(d, SEVERITY_WARNING), 1);
    char expected[256];
    (void)snprintf(expected, sizeof(expected),
                   "'password': file '%s' can be read by everybody - chmod 640 is enough",
                   files->secret);
    assert_string_equal(diagnostics_at(d, 0)->message, expected);
    assert_int_equal(diagnostics_at(d, 0)->line, 2);
    const struct plant *p = config_root(c);
    assert_string_equal(p->broker.password, "x");
    config_free(c);
    diagnostics_free(d);
}

static void a_bad_secret_file_is_an_error(void **state)
{
    struct files *files = *state;
    struct diagnostics *d = diagnostics_new(0);
    struct config *c = NULL;
    char expected[256];
    assert_int_equal(config_load_file(files->config, &plant_schema, d, &c), -EINVAL);
    (void)snprintf(expected, sizeof(expected),
                   "'password': file '%s' cannot be read: No such file or directory",
                   files->secret);
    assert_string_equal(diagnostics_at(d, 0)->message, expected);
    write_file(files->secret, "\n", 0600);
    assert_int_equal(config_load_file(files->config, &plant_schema, d, &c), -EINVAL);
    (void)snprintf(expected, sizeof(expected), "'password': file '%s' is empty", files->secret);
    assert_string_equal(diagnostics_at(d, 1)->message, expected);
    assert_null(c);
    diagnostics_free(d);
}

static void a_file_that_cannot_be_read_is_reported(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new(0);
    struct config *c = NULL;
    assert_int_equal(config_load_file("/nowhere/x.yaml", &plant_schema, d, &c), -ENOENT);
    char text[128];
    diagnostic_format(diagnostics_at(d, 0), text, sizeof(text));
    assert_string_equal(text, "/nowhere/x.yaml: error: cannot be read: No such file or directory");
    assert_int_equal(config_load_file("/tmp", &plant_schema, d, &c), -EISDIR);
    assert_int_equal(config_load_file("/dev/zero", &plant_schema, d, &c), -EFBIG);
    assert_string_equal(diagnostics_at(d, 2)->message, "cannot be read: it is larger than 1 MiB");
    assert_null(c);
    diagnostics_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_keys_get_their_defaults),
        cmocka_unit_test(written_keys_are_converted),
        cmocka_unit_test(units_convert_to_the_unit_of_the_row),
        cmocka_unit_test(maps_of_scalars_keep_their_keys),
        cmocka_unit_test(a_section_may_hold_itself),
        cmocka_unit_test(relative_paths_start_at_the_file),
        cmocka_unit_test(variables_expand_in_every_scalar),
        cmocka_unit_test(every_field_knows_its_place),
        cmocka_unit_test(later_faults_are_reported_at_the_place),
        cmocka_unit_test(the_print_loads_again),
        cmocka_unit_test(the_print_shows_defaults_and_hides_secrets),
        cmocka_unit_test(the_hash_sees_effects_not_spelling_nor_secrets),
        cmocka_unit_test_setup_teardown(a_secret_comes_from_its_file, make_files, remove_files),
        cmocka_unit_test_setup_teardown(a_secret_that_everybody_can_read_is_a_warning, make_files,
                                        remove_files),
        cmocka_unit_test_setup_teardown(a_bad_secret_file_is_an_error, make_files, remove_files),
        cmocka_unit_test(a_file_that_cannot_be_read_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
