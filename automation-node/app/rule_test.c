#include "automation-node/app/rule_test.h"

#include "automation-node/app/message_triggers.h"
#include "automation-node/app/rule_test_world.h"
#include "common/buf.h"
#include "common/file.h"
#include "common/units.h"
#include "topics/payload_alarm_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES (1024u * 1024u)
#define WORDS_MAX      16
#define PATH_MAX_BYTES 4096
#define YEAR_MIN       1970
#define YEAR_MAX       9999

struct test {
    const char *path;
    struct diagnostics *d;
    unsigned line;
    struct config *config;
    struct node_plan *plan;
    struct world world;
    bool is_open; /* the world exists */
    struct rule_test_result result;
    char *words[WORDS_MAX]; /* of the line, from the one that is looked at */
    size_t count;
};

static int complain(struct test *t, const char *what, const char *about)
{
    diagnostics_add(t->d, SEVERITY_ERROR, t->path, t->line, 0, "%s%s%s%s", what,
                    about[0] != '\0' ? " '" : "", about, about[0] != '\0' ? "'" : "");
    return -EINVAL;
}

static const char *word(const struct test *t, size_t index)
{
    return index < t->count ? t->words[index] : "";
}

static bool word_is(const struct test *t, size_t index, const char *text)
{
    return strcmp(word(t, index), text) == 0;
}

/* The words from `index` to `end` with a space between them. */
static void join(const struct test *t, size_t index, size_t end, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t length = 0; index < end && index < t->count && length < size; index++) {
        length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? " " : "",
                                   t->words[index]);
    }
}

/* Where that word stands; the count of words if it does not. */
static size_t find_word(const struct test *t, const char *text)
{
    size_t index = 0;
    while (index < t->count && strcmp(t->words[index], text) != 0) {
        index++;
    }
    return index;
}

/* ---- names ---- */

static bool find_device(const struct test *t, const char *name, size_t *ret)
{
    for (*ret = 0; *ret < t->plan->config->device_count; (*ret)++) {
        if (strcmp(t->plan->config->devices[*ret].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool find_input(const struct test *t, const char *name, size_t *ret)
{
    for (*ret = 0; *ret < t->plan->config->input_count; (*ret)++) {
        if (strcmp(t->plan->config->inputs[*ret].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool find_rule(const struct test *t, const char *name, size_t *ret_number)
{
    for (size_t i = 0; i < t->plan->config->rule_count; i++) {
        if (strcmp(t->plan->config->rules[i].name, name) == 0) {
            *ret_number = t->plan->engine_rules[i];
            return true;
        }
    }
    return false;
}

/* ---- values ---- */

/* "18.5 °C" in the unit of the input; else a word. */
static int parse_reading(struct test *t, size_t input, const char *text, struct value *ret)
{
    struct quantity quantity;
    const char *unit = t->plan->config->inputs[input].unit;
    if (quantity_parse(text, &quantity) == 0 && quantity.unit[0] != '\0') {
        double number;
        if (units_convert(quantity.value, quantity.unit, unit != NULL ? unit : "", false, &number) <
            0) {
            return complain(t, "this is not in a unit of the input:", text);
        }
        *ret = value_number(number);
        return 0;
    }
    return value_parse(text, strlen(text), ret) < 0 ? complain(t, "not a value:", text) : 0;
}

/* ---- statements ---- */

static int show_input(struct test *t, size_t input)
{
    char text[128];
    struct reading reading = {.quality = QUALITY_GOOD};
    join(t, 1, t->count, text, sizeof(text));
    if (t->plan->config->inputs[input].derive != DERIVE_NONE) {
        return complain(t, "this input is derived: show what it is derived from, not", word(t, 0));
    }
    if (strcmp(text, "bad") == 0) {
        reading.quality = QUALITY_NOT_AVAILABLE;
    } else if (strcmp(text, "stale") == 0) {
        reading.quality = QUALITY_STALE;
    } else if (strcmp(text, "silent") != 0) {
        int r = parse_reading(t, input, text, &reading.value);
        if (r < 0) {
            return r;
        }
    }
    world_show(&t->world, input, &reading);
    return 0;
}

static int do_wish(struct test *t)
{
    size_t device;
    size_t end = find_word(t, "for");
    char text[128];
    struct wish wish = {0};
    if (!find_device(t, word(t, 1), &device)) {
        return complain(t, "no device", word(t, 1));
    }
    join(t, 2, end, text, sizeof(text));
    if (strcmp(text, "nothing") != 0 && value_parse(text, strlen(text), &wish.value) < 0) {
        return complain(t, "not a value:", text);
    }
    join(t, end + 1, t->count, text, sizeof(text));
    if (end < t->count && quantity_parse_duration(text, &wish.for_us) < 0) {
        return complain(t, "not a duration:", text);
    }
    enum refusal refusal = engine_wish(t->world.engine, device, &wish, t->world.now_us);
    world_carry_out(&t->world);
    return refusal == REFUSAL_NONE ? 0 : complain(t, "the wish is refused:", refusal_name(refusal));
}

static int do_rule(struct test *t)
{
    size_t rule;
    if (!find_rule(t, word(t, 1), &rule)) {
        return complain(t, "no rule", word(t, 1));
    }
    int r = 0;
    if (word_is(t, 2, "run")) {
        r = engine_run_rule(t->world.engine, rule, NULL, t->world.now_us);
    } else if (word_is(t, 2, "enable") || word_is(t, 2, "disable")) {
        engine_enable_rule(t->world.engine, rule, word_is(t, 2, "enable"), t->world.now_us);
    } else {
        return complain(t, "a rule can enable, disable and run, not", word(t, 2));
    }
    world_carry_out(&t->world);
    return r == 0 ? 0 : complain(t, "the rule cannot be run:", word(t, 1));
}

static void on_trigger(void *context, size_t rule, const char *reason)
{
    struct test *t = context;
    if (engine_run_rule(t->world.engine, rule, reason, t->world.now_us) == 0) {
        world_carry_out(&t->world);
    }
}

/* "message TOPIC PAYLOAD", as it would come from the broker. */
static int do_message(struct test *t)
{
    char text[512];
    join(t, 2, t->count, text, sizeof(text));
    const struct mqtt_received message = {
        .topic = word(t, 1), .payload = text, .length = strlen(text)};
    int r = message_triggers_on_message(t->plan, &message, on_trigger, t);
    return r == 0 ? complain(t, "no rule is triggered by messages on", word(t, 1)) : r < 0 ? r : 0;
}

static void fail_expectation(struct test *t, const char *expected, const struct device_state *state)
{
    char is[VALUE_TEXT_SIZE];
    (void)value_format(&state->target, is, sizeof(is));
    t->result.failures++;
    diagnostics_add(t->d, SEVERITY_ERROR, t->path, t->line, 0, "expected %s, but it is %s (%s: %s)",
                    expected, is[0] != '\0' ? is : "nothing", state->cause.source,
                    state->cause.reason);
}

static int expect_device(struct test *t, size_t device)
{
    size_t end = find_word(t, "because");
    const struct device_state *state = &t->world.devices[device].state;
    const struct domain *domain = &t->plan->engine.devices[device].device.domain;
    char expected[256];
    char text[128];
    struct value value;
    join(t, 2, end, text, sizeof(text));
    if (value_parse(text, strlen(text), &value) < 0 ||
        domain_check(domain, &value) != REFUSAL_NONE) {
        return complain(t, "the device does not take", text);
    }
    bool holds = domain_matches(domain, &state->target, &value) &&
                 (end == t->count || strcmp(word(t, end + 1), state->cause.source) == 0);
    if (!holds) {
        join(t, 1, t->count, expected, sizeof(expected));
        fail_expectation(t, expected, state);
    }
    return 0;
}

static void fail_count(struct test *t, const char *what, size_t expected, size_t is)
{
    t->result.failures++;
    diagnostics_add(t->d, SEVERITY_ERROR, t->path, t->line, 0, "expected %s %zu times, not %zu",
                    what, expected, is);
}

static int expect_runs(struct test *t)
{
    size_t rule;
    char *end;
    unsigned long expected = strtoul(word(t, 4), &end, 10);
    if (!find_rule(t, word(t, 2), &rule)) {
        return complain(t, "no rule", word(t, 2));
    }
    if (!word_is(t, 3, "runs") || t->count != 5 || *end != '\0') {
        return complain(t, "write: expect rule NAME runs NUMBER", "");
    }
    if (t->world.rules[rule].runs != expected) {
        fail_count(t, "runs", expected, (size_t)t->world.rules[rule].runs);
    }
    return 0;
}

/* At least one message since the last time that it was expected. */
static int expect_message(struct test *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->plan->engine.message_count; i++) {
        if (strcmp(t->plan->messages[i]->publish, word(t, 2)) == 0) {
            count += t->world.messages[i];
            t->world.messages[i] = 0;
        }
    }
    if (count == 0) {
        fail_count(t, word(t, 2), 1, 0);
    }
    return 0;
}

static bool find_alarm(const struct test *t, const char *name, size_t *ret)
{
    for (size_t i = 0; i < t->plan->engine.alarm_count; i++) {
        if (strcmp(t->plan->engine.alarms[i].id, name) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* "alarm NAME ack", "alarm NAME {"shelve_s":600}": as on its topic. */
static int do_alarm(struct test *t)
{
    char text[256];
    size_t alarm;
    struct payload_alarm_set set;
    struct payload_error error;
    join(t, 2, t->count, text, sizeof(text));
    if (!find_alarm(t, word(t, 1), &alarm)) {
        return complain(t, "no alarm", word(t, 1));
    }
    if (payload_alarm_set_decode(text, strlen(text), &set, &error) < 0) {
        return complain(t, "the alarm does not take this:", error.text);
    }
    const struct alarm_action action = {.event = (enum alarm_event)set.action,
                                        .shelve_us = (int64_t)set.shelve_s * US_PER_S};
    enum alarm_verdict verdict =
        engine_operate_alarm(t->world.engine, alarm, &action, t->world.now_us);
    world_carry_out(&t->world);
    return verdict == ALARM_CHANGED || verdict == ALARM_UNCHANGED
               ? 0
               : complain(t, "refused: the alarm", alarm_verdict_text(verdict));
}

static int expect_alarm(struct test *t)
{
    size_t alarm;
    if (!find_alarm(t, word(t, 2), &alarm)) {
        return complain(t, "no alarm", word(t, 2));
    }
    const char *is = payload_alarm_word_text((enum payload_alarm_word)t->world.alarms[alarm]);
    if (strcmp(word(t, 3), is) != 0) {
        t->result.failures++;
        diagnostics_add(t->d, SEVERITY_ERROR, t->path, t->line, 0,
                        "expected alarm %s %s, but it is %s", word(t, 2), word(t, 3), is);
    }
    return 0;
}

static int do_expect(struct test *t)
{
    size_t device;
    t->result.expectations++;
    if (word_is(t, 1, "rule")) {
        return expect_runs(t);
    }
    if (word_is(t, 1, "message")) {
        return expect_message(t);
    }
    if (word_is(t, 1, "alarm")) {
        return expect_alarm(t);
    }
    return find_device(t, word(t, 1), &device) ? expect_device(t, device)
                                               : complain(t, "no device", word(t, 1));
}

static int statement(struct test *t)
{
    size_t index;
    if (t->count == 0) {
        return 0; /* time passed, and that was all */
    }
    if (word_is(t, 0, "expect")) {
        return do_expect(t);
    }
    if (word_is(t, 0, "wish")) {
        return do_wish(t);
    }
    if (word_is(t, 0, "rule")) {
        return do_rule(t);
    }
    if (word_is(t, 0, "message")) {
        return do_message(t);
    }
    if (word_is(t, 0, "alarm")) {
        return do_alarm(t);
    }
    bool obeys = word_is(t, 1, "obeys");
    if ((obeys || word_is(t, 1, "stuck")) && find_device(t, word(t, 0), &index)) {
        t->world.devices[index].stuck = !obeys;
        return 0;
    }
    return find_input(t, word(t, 0), &index)
               ? show_input(t, index)
               : complain(t, "neither an input, nor expect, wish or rule:", word(t, 0));
}

/* ---- time ---- */

static void drop_word(struct test *t)
{
    t->count--;
    memmove(t->words, t->words + 1, t->count * sizeof(t->words[0]));
}

static int wait_for_time(struct test *t, const char *text)
{
    struct moment moment;
    if (!t->world.clock_is_set) {
        return complain(t, "a time of day needs 'start DATE TIME' before:", text);
    }
    if (moment_parse(text, strlen(text), &moment) < 0) {
        return complain(t, "not a time:", text);
    }
    int64_t now_s = (t->world.now_us + t->world.wall_offset_us) / US_PER_S;
    int64_t at_s = moment_next(&t->plan->calendar, &moment, now_s - 1);
    world_wait_until(&t->world, at_s * US_PER_S - t->world.wall_offset_us);
    return 0;
}

/* "+10min", "06:30": the first word of a line, if it is one. */
static int pass_time(struct test *t)
{
    const char *first = word(t, 0);
    int64_t span_us;
    int r = 0;
    if (first[0] == '+') {
        r = quantity_parse_duration(first + 1, &span_us) < 0 ? complain(t, "not a duration:", first)
                                                             : 0;
        if (r == 0) {
            world_wait_until(&t->world, t->world.now_us + span_us);
        }
    } else if (first[0] >= '0' && first[0] <= '9' && strchr(first, ':') != NULL) {
        r = wait_for_time(t, first);
    } else {
        return 0;
    }
    drop_word(t);
    return r;
}

static int do_start(struct test *t)
{
    struct civil_date date = {0};
    struct moment moment;
    char *rest;
    date.year = strtoll(word(t, 1), &rest, 10);
    date.month = *rest == '-' ? (int)strtol(rest + 1, &rest, 10) : 0;
    date.day = *rest == '-' ? (int)strtol(rest + 1, &rest, 10) : 0;
    if (*rest != '\0' || date.year < YEAR_MIN || date.year > YEAR_MAX || date.month < 1 ||
        date.month > 12 || date.day < 1 || date.day > civil_days_in_month(date.year, date.month) ||
        moment_parse(word(t, 2), strlen(word(t, 2)), &moment) < 0 || moment_needs_place(&moment)) {
        return complain(t, "write: start 2026-11-26 06:00", "");
    }
    int64_t utc_s = zone_instant(t->plan->calendar.zone, civil_day(date), moment.second);
    world_set_clock(&t->world, utc_s * US_PER_S);
    return 0;
}

/* ---- the file ---- */

static int do_config(struct test *t)
{
    char path[PATH_MAX_BYTES];
    const char *slash = strrchr(t->path, '/');
    int directory = slash != NULL && word(t, 1)[0] != '/' ? (int)(slash - t->path) + 1 : 0;
    if (t->is_open) {
        return complain(t, "a test has one configuration", "");
    }
    int length = snprintf(path, sizeof(path), "%.*s%s", directory, t->path, word(t, 1));
    if (length < 0 || (size_t)length >= sizeof(path)) {
        return complain(t, "the path is too long", "");
    }
    int r = config_load_file(path, &node_config_schema, t->d, &t->config);
    if (r == 0) {
        r = node_plan_new(t->config, t->d, &t->plan);
    }
    if (r == 0) {
        t->is_open = true;
        r = world_init(&t->world, t->plan);
    }
    return r;
}

static void split(struct test *t, char *line)
{
    char *state;
    t->count = 0;
    line[strcspn(line, "#")] = '\0';
    for (char *w = strtok_r(line, " \t\r", &state); w != NULL && t->count < WORDS_MAX;
         w = strtok_r(NULL, " \t\r", &state)) {
        t->words[t->count++] = w;
    }
}

static int run_line(struct test *t, char *line)
{
    split(t, line);
    if (t->count == 0) {
        return 0;
    }
    if (t->count == WORDS_MAX) {
        return complain(t, "too many words", "");
    }
    if (word_is(t, 0, "config")) {
        return do_config(t);
    }
    if (!t->is_open) {
        return complain(t, "the first line is: config FILE", "");
    }
    if (word_is(t, 0, "start")) {
        return do_start(t);
    }
    int r = pass_time(t);
    return r == 0 ? statement(t) : r;
}

static int run_lines(struct test *t, char *text)
{
    int result = 0;
    for (char *line = text; line != NULL && result == 0;) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        t->line++;
        result = run_line(t, line);
        line = end != NULL ? end + 1 : NULL;
    }
    return result;
}

int rule_test_run_text(const char *path, char *text, struct diagnostics *d,
                       struct rule_test_result *ret)
{
    struct test test = {.path = path, .d = d};
    int r = run_lines(&test, text);
    if (test.is_open) {
        world_deinit(&test.world);
    }
    node_plan_free(test.plan);
    config_free(test.config);
    *ret = test.result;
    return r;
}

int rule_test_run(const char *path, struct diagnostics *d, struct rule_test_result *ret)
{
    struct buf text;
    buf_init(&text, FILE_MAX_BYTES + 1);
    *ret = (struct rule_test_result){0};
    int r = file_read(path, FILE_MAX_BYTES, &text, NULL);
    if (r < 0) {
        diagnostics_add(d, SEVERITY_ERROR, path, 0, 0, "cannot be read: %s", strerror(-r));
        r = -EINVAL;
    } else if (text.data != NULL) {
        r = rule_test_run_text(path, text.data, d, ret);
    }
    buf_deinit(&text);
    return r;
}
