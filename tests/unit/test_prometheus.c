/* Counters as a text for Prometheus: every line by the format's grammar, every name in one place.
 */
#include "common/prometheus.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME   "[a-zA-Z_:][a-zA-Z0-9_:]*"
#define LABEL  "[a-zA-Z_][a-zA-Z0-9_]*=\"([^\\\"]|\\\\[\\\"n])*\""
#define NUMBER "(NaN|[+-]Inf|-?[0-9]+(\\.[0-9]+)?(e[+-][0-9]+)?)"

struct fixture {
    struct prometheus *p;
    struct counter_sink sink;
    struct buf text;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_int_equal(prometheus_new("demo", "gw1", &f->p), 0);
    f->sink = prometheus_begin(f->p);
    buf_init(&f->text, 1 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    prometheus_free(f->p);
    buf_deinit(&f->text);
    free(f);
    return 0;
}

static const char *write_text(struct fixture *f)
{
    buf_reset(&f->text);
    buf_puts(&f->text, "");
    assert_int_equal(prometheus_write(f->p, &f->text), 0);
    return f->text.data;
}

static void assert_matches(const regex_t *regex, const char *line)
{
    if (regexec(regex, line, 0, NULL, 0) != 0) {
        fail_msg("not of the format: %s", line);
    }
}

/* The line's metric name, or "" for a comment of another kind. */
static void name_of(const char *line, char name[128])
{
    size_t length = strcspn(line, "{ ");
    assert_true(length < 128);
    memcpy(name, line, length);
    name[length] = '\0';
}

/* HELP, TYPE, then its samples; no name twice. */
static void assert_format(const char *text)
{
    char *copy = strdup(text);
    char *rest = copy;
    char open[128] = "";
    char seen[64][128];
    size_t count = 0;
    regex_t help;
    regex_t type;
    regex_t sample;
    assert_non_null(copy);
    assert_int_equal(regcomp(&help, "^# HELP " NAME " [^\\\\]+$", REG_EXTENDED), 0);
    assert_int_equal(regcomp(&type, "^# TYPE " NAME " (counter|gauge)$", REG_EXTENDED), 0);
    assert_int_equal(
        regcomp(&sample, "^" NAME "\\{" LABEL "(," LABEL ")*\\} " NUMBER "$", REG_EXTENDED), 0);
    assert_int_equal(text[strlen(text) - 1], '\n');
    for (char *line = strsep(&rest, "\n"); line[0] != '\0'; line = strsep(&rest, "\n")) {
        char name[128];
        if (strncmp(line, "# HELP ", 7) == 0) {
            assert_matches(&help, line);
            name_of(line + 7, open);
            for (size_t i = 0; i < count; i++) {
                assert_string_not_equal(seen[i], open);
            }
            assert_true(count < 64);
            memcpy(seen[count++], open, sizeof(open));
            line = strsep(&rest, "\n");
            assert_matches(&type, line);
            name_of(line + 7, name);
        } else {
            assert_matches(&sample, line);
            name_of(line, name);
        }
        assert_string_equal(name, open);
    }
    regfree(&help);
    regfree(&type);
    regfree(&sample);
    free(copy);
}

static void counters_and_gauges_are_told_apart(void **state)
{
    struct fixture *f = *state;
    counters_begin(&f->sink, "live");
    counter_tell(&f->sink, "assured", UINT64_MAX);
    gauge_tell(&f->sink, "pending", 3);
    number_tell(&f->sink, "fill_percent", 12.5);
    counters_end(&f->sink);
    gauge_tell(&f->sink, "uptime_s", 60);
    assert_string_equal(write_text(f),
                        "# HELP edge_live_assured_total live.assured of the topic metrics\n"
                        "# TYPE edge_live_assured_total counter\n"
                        "edge_live_assured_total{site=\"demo\",node=\"gw1\"} 18446744073709551615\n"
                        "# HELP edge_live_fill_percent live.fill_percent of the topic metrics\n"
                        "# TYPE edge_live_fill_percent gauge\n"
                        "edge_live_fill_percent{site=\"demo\",node=\"gw1\"} 12.5\n"
                        "# HELP edge_live_pending live.pending of the topic metrics\n"
                        "# TYPE edge_live_pending gauge\n"
                        "edge_live_pending{site=\"demo\",node=\"gw1\"} 3\n"
                        "# HELP edge_uptime_s uptime_s of the topic metrics\n"
                        "# TYPE edge_uptime_s gauge\n"
                        "edge_uptime_s{site=\"demo\",node=\"gw1\"} 60\n");
    assert_format(f->text.data);
}

static void the_parts_of_one_thing_are_a_label(void **state)
{
    struct fixture *f = *state;
    counters_begin(&f->sink, "commands");
    counter_tell(&f->sink, "wished", 9);
    counters_begin_by(&f->sink, "refused", "reason");
    counter_tell(&f->sink, "range", 1);
    counter_tell(&f->sink, "retained", 2);
    counters_end(&f->sink);
    counter_tell(&f->sink, "sent", 6);
    counters_end(&f->sink);
    assert_non_null(strstr(
        write_text(f),
        "# HELP edge_commands_refused_total commands.refused of the topic metrics, by reason\n"
        "# TYPE edge_commands_refused_total counter\n"
        "edge_commands_refused_total{site=\"demo\",node=\"gw1\",reason=\"range\"} 1\n"
        "edge_commands_refused_total{site=\"demo\",node=\"gw1\",reason=\"retained\"} 2\n"
        "# HELP edge_commands_sent_total commands.sent of the topic metrics\n"));
    assert_format(f->text.data);
}

static void samples_of_one_name_stand_together(void **state)
{
    struct fixture *f = *state;
    static const char *const buses[] = {"can0", "can1"};
    counters_begin_by(&f->sink, "buses", "bus");
    for (size_t i = 0; i < 2; i++) {
        counters_begin(&f->sink, buses[i]);
        counters_begin(&f->sink, "bus");
        counter_tell(&f->sink, "received", i);
        counters_begin_by(&f->sink, "error_frames", "class");
        counter_tell(&f->sink, "ack", 10 + i);
        counters_end(&f->sink);
        counter_tell(&f->sink, "sent", i);
        counters_end(&f->sink);
        counters_end(&f->sink);
    }
    counters_end(&f->sink);
    assert_non_null(
        strstr(write_text(f),
               "# TYPE edge_buses_bus_error_frames_total counter\n"
               "edge_buses_bus_error_frames_total{site=\"demo\",node=\"gw1\",bus=\"can0\","
               "class=\"ack\"} 10\n"
               "edge_buses_bus_error_frames_total{site=\"demo\",node=\"gw1\",bus=\"can1\","
               "class=\"ack\"} 11\n"
               "# HELP edge_buses_bus_received_total buses.bus.received of the topic metrics\n"));
    assert_format(f->text.data);
}

static void labels_are_escaped_and_names_are_names(void **state)
{
    struct fixture *f = *state;
    prometheus_free(f->p);
    assert_int_equal(prometheus_new("a\"b", "c\\d\ne", &f->p), 0);
    f->sink = prometheus_begin(f->p);
    counters_begin_by(&f->sink, "by", "thing");
    counter_tell(&f->sink, "21.5 °C", 1);
    counters_end(&f->sink);
    gauge_tell(&f->sink, "an-odd.name", 1);
    assert_non_null(strstr(write_text(f), "edge_by_total{site=\"a\\\"b\",node=\"c\\\\d\\ne\","
                                          "thing=\"21.5 °C\"} 1\n"));
    assert_non_null(strstr(f->text.data, "\nedge_an_odd_name{"));
    assert_format(f->text.data);
}

static void numbers_that_are_none_are_written_as_the_format_has_them(void **state)
{
    struct fixture *f = *state;
    number_tell(&f->sink, "a", (double)NAN);
    number_tell(&f->sink, "b", (double)INFINITY);
    number_tell(&f->sink, "c", -(double)INFINITY);
    number_tell(&f->sink, "d", 1e300);
    number_tell(&f->sink, "e", -0.1);
    assert_non_null(strstr(write_text(f), "\nedge_a{site=\"demo\",node=\"gw1\"} NaN\n"));
    assert_non_null(strstr(f->text.data, "} +Inf\n"));
    assert_non_null(strstr(f->text.data, "} -Inf\n"));
    assert_format(f->text.data);
}

static void what_was_told_before_is_forgotten(void **state)
{
    struct fixture *f = *state;
    counters_begin(&f->sink, "left_open");
    counter_tell(&f->sink, "a", 1);
    f->sink = prometheus_begin(f->p);
    counter_tell(&f->sink, "b", 2);
    assert_null(strstr(write_text(f), "left_open"));
    assert_non_null(strstr(f->text.data, "\nedge_b_total{site=\"demo\",node=\"gw1\"} 2\n"));
}

static void many_samples_keep_their_order(void **state)
{
    struct fixture *f = *state;
    char value[32];
    counters_begin_by(&f->sink, "many", "number");
    for (int i = 0; i < 2000; i++) {
        (void)snprintf(value, sizeof(value), "%04d", i);
        counter_tell(&f->sink, value, (uint64_t)i);
    }
    counters_end(&f->sink);
    const char *at = write_text(f);
    for (int i = 0; i < 2000; i++) {
        (void)snprintf(value, sizeof(value), "number=\"%04d\"} %d\n", i, i);
        at = strstr(at, value);
        assert_non_null(at);
    }
    assert_format(f->text.data);
}

static void groups_that_are_too_deep_are_refused(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 20; i++) {
        counters_begin(&f->sink, "deep");
    }
    counter_tell(&f->sink, "a", 1);
    assert_int_equal(prometheus_write(f->p, &f->text), -EOVERFLOW);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(counters_and_gauges_are_told_apart),
        CASE(the_parts_of_one_thing_are_a_label),
        CASE(samples_of_one_name_stand_together),
        CASE(labels_are_escaped_and_names_are_names),
        CASE(numbers_that_are_none_are_written_as_the_format_has_them),
        CASE(what_was_told_before_is_forgotten),
        CASE(many_samples_keep_their_order),
        CASE(groups_that_are_too_deep_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
