/* The conditions of alarms: signals by their paths, numbers in their units, labels, expressions. */
#include "edge-gateway/app/alarm_plan_parts.h"

#include "common/suggest.h"
#include "common/units.h"
#include "edge-gateway/dbc/dbc_decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR_BYTES  ALARM_EXPRESSION_ERROR_BYTES
#define NAME_BYTES   129
#define PATH_PARTS   3
#define PATH_EXAMPLE "can0/Climate/Temperature"

/* ---- signals ---------------------------------------------------------------------------- */

/* "no signal 'Temprature' in message 'Climate' - did you mean 'Temperature'?" */
static void say_unknown(char *error, const char *what, const char *name, const struct suggest *s)
{
    (void)snprintf(error, ERROR_BYTES, "%s '%s'%s%s%s", what, name,
                   s->best != NULL ? " - did you mean '" : "", s->best != NULL ? s->best : "",
                   s->best != NULL ? "'?" : "");
}

static int find_bus(const struct gateway_plan *plan, const char *name, size_t *ret, char *error)
{
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < plan->config->bus_count; i++) {
        if (strcmp(plan->config->buses[i].name, name) == 0) {
            *ret = i;
            return 0;
        }
        suggest_offer(&suggest, plan->config->buses[i].name);
    }
    say_unknown(error, "there is no bus", name, &suggest);
    return -EINVAL;
}

static int find_message(const struct bus_plan *bus, const char *name,
                        const struct dbc_message **ret, char *error)
{
    *ret = dbc_find_by_name(bus->database, name);
    if (*ret != NULL) {
        return 0;
    }
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < bus->message_count; i++) {
        suggest_offer(&suggest, bus->messages[i].message->name);
    }
    char what[NAME_BYTES + 32];
    (void)snprintf(what, sizeof(what), "bus '%s' has no message", bus->config->name);
    say_unknown(error, what, name, &suggest);
    return -EINVAL;
}

static int find_signal(const struct dbc_message *message, const char *name,
                       const struct dbc_signal **ret, char *error)
{
    *ret = dbc_find_signal(message, name);
    if (*ret != NULL && (*ret)->type == DBC_WIDE) {
        (void)snprintf(error, ERROR_BYTES, "signal '%s' is too wide to be a number", name);
        return -EINVAL;
    }
    if (*ret != NULL) {
        return 0;
    }
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (uint16_t i = 0; i < message->signal_count; i++) {
        suggest_offer(&suggest, message->signals[i].name);
    }
    char what[NAME_BYTES + 32];
    (void)snprintf(what, sizeof(what), "message '%.100s' has no signal", message->name);
    say_unknown(error, what, name, &suggest);
    return -EINVAL;
}

static int split_path(const struct alarm_word *path, char parts[PATH_PARTS][NAME_BYTES],
                      char *error)
{
    size_t at = 0;
    for (size_t i = 0; i < PATH_PARTS; i++) {
        const char *slash = memchr(path->text + at, '/', path->length - at);
        size_t length = slash != NULL ? (size_t)(slash - path->text) - at : path->length - at;
        bool is_last = i + 1 == PATH_PARTS;
        if (length == 0 || length >= NAME_BYTES || is_last != (slash == NULL)) {
            (void)snprintf(error, ERROR_BYTES,
                           "'%.*s' is not bus/message/signal, such as " PATH_EXAMPLE,
                           (int)(path->length < 100 ? path->length : 100), path->text);
            return -EINVAL;
        }
        memcpy(parts[i], path->text + at, length);
        parts[i][length] = '\0';
        at += length + 1;
    }
    return 0;
}

/* The input of the source, a new one if need be. */
static int add_source(struct alarm_plan *alarms, const struct alarm_source *source, size_t *ret)
{
    for (size_t i = 0; i < alarms->source_count; i++) {
        if (alarms->sources[i].signal == source->signal && alarms->sources[i].bus == source->bus) {
            *ret = i;
            return 0;
        }
    }
    if (alarms->source_count == alarms->source_capacity) {
        size_t capacity = alarms->source_capacity > 0 ? 2 * alarms->source_capacity : 16;
        struct alarm_source *grown =
            reallocarray(alarms->sources, capacity, sizeof(*alarms->sources));
        if (grown == NULL) {
            return -ENOMEM;
        }
        alarms->sources = grown;
        alarms->source_capacity = capacity;
    }
    alarms->sources[alarms->source_count] = *source;
    *ret = alarms->source_count++;
    return 0;
}

static int find_input(struct alarm_joiner *j, const struct alarm_word *path, size_t *ret,
                      char *error)
{
    char parts[PATH_PARTS][NAME_BYTES];
    struct alarm_source source;
    int r = split_path(path, parts, error);
    r = r < 0 ? r : find_bus(j->plan, parts[0], &source.bus, error);
    r = r < 0 ? r : find_message(&j->plan->buses[source.bus], parts[1], &source.message, error);
    r = r < 0 ? r : find_signal(source.message, parts[2], &source.signal, error);
    return r < 0 ? r : add_source(j->alarms, &source, ret);
}

static int join_path(struct alarm_joiner *j, const char *const *path, size_t *ret)
{
    char error[ERROR_BYTES];
    const struct alarm_word word = {*path, strlen(*path)};
    int r = find_input(j, &word, ret, error);
    if (r == -EINVAL) {
        config_report(j->config, path, j->d, SEVERITY_ERROR, "%s", error);
    }
    return r;
}

static const struct dbc_signal *signal_of(const struct alarm_joiner *j, size_t input)
{
    return j->alarms->sources[input].signal;
}

/* ---- numbers ---------------------------------------------------------------------------- */

static int to_unit(double value, const char *unit, const struct dbc_signal *signal,
                   bool is_difference, double *ret, char *error)
{
    if (unit[0] == '\0') {
        *ret = value;
        return 0;
    }
    if (units_convert(value, unit, signal->unit, is_difference, ret) < 0) {
        (void)snprintf(error, ERROR_BYTES, "'%s' is in %s, not in %s", signal->name,
                       signal->unit[0] != '\0' ? signal->unit : "no unit", unit);
        return -EINVAL;
    }
    return 0;
}

static int join_quantity(struct alarm_joiner *j, const struct quantity *quantity, size_t input,
                         bool is_difference, double *ret)
{
    char error[ERROR_BYTES];
    int r =
        to_unit(quantity->value, quantity->unit, signal_of(j, input), is_difference, ret, error);
    if (r < 0) {
        config_report(j->config, quantity, j->d, SEVERITY_ERROR, "%s", error);
    }
    return r;
}

static int find_label(const struct dbc_signal *signal, const char *text, double *ret, char *error)
{
    struct suggest suggest;
    suggest_init(&suggest, text);
    for (uint32_t i = 0; i < signal->label_count; i++) {
        const struct dbc_label *label = &signal->labels[i];
        if (strcmp(label->text, text) == 0) {
            const struct dbc_value value = {.signal = signal, .raw = (uint64_t)label->raw};
            *ret = dbc_value_number(&value);
            return 0;
        }
        suggest_offer(&suggest, label->text);
    }
    char what[NAME_BYTES + 32];
    (void)snprintf(what, sizeof(what), "signal '%.100s' has no label", signal->name);
    say_unknown(error, what, text, &suggest);
    return -EINVAL;
}

/* ---- expressions ------------------------------------------------------------------------ */

static int word_signal(void *context, const struct alarm_word *path, size_t *ret_input, char *error)
{
    return find_input(context, path, ret_input, error);
}

static int word_text(const struct alarm_word *word, char text[NAME_BYTES], char *error)
{
    if (word->length >= NAME_BYTES) {
        (void)snprintf(error, ERROR_BYTES, "it is longer than %d bytes", NAME_BYTES - 1);
        return -EINVAL;
    }
    memcpy(text, word->text, word->length);
    text[word->length] = '\0';
    return 0;
}

static int word_label(void *context, size_t input, const struct alarm_word *label, double *ret,
                      char *error)
{
    char text[NAME_BYTES];
    int r = word_text(label, text, error);
    return r < 0 ? r : find_label(signal_of(context, input), text, ret, error);
}

static int word_quantity(void *context, size_t input, double number, const struct alarm_word *unit,
                         double *ret, char *error)
{
    char text[NAME_BYTES];
    int r = word_text(unit, text, error);
    return r < 0 ? r : to_unit(number, text, signal_of(context, input), false, ret, error);
}

/* One is not converted to the other: the same unit, as the DBC files write it. */
static int word_pair(void *context, size_t one, size_t other, char *error)
{
    const struct dbc_signal *a = signal_of(context, one);
    const struct dbc_signal *b = signal_of(context, other);
    double factor;
    if (units_convert(1.0, a->unit, b->unit, true, &factor) == 0 && factor == 1.0) {
        return 0;
    }
    (void)snprintf(error, ERROR_BYTES, "'%s' is in %s and '%s' in %s", a->name,
                   a->unit[0] != '\0' ? a->unit : "no unit", b->name,
                   b->unit[0] != '\0' ? b->unit : "no unit");
    return -EINVAL;
}

static int join_expression(struct alarm_joiner *j, const char *const *text,
                           const struct alarm_expression **ret)
{
    const struct alarm_words words = {word_signal, word_label, word_quantity, word_pair, j};
    struct alarm_expression_error error;
    struct alarm_expression *expression;
    int r = alarm_expression_compile(*text, &words, &expression, &error);
    if (r == -EINVAL) {
        config_report_at(j->config, text, error.offset, j->d, "%s", error.text);
    }
    if (r == 0) {
        *ret = expression;
    }
    return r;
}

/* ---- each type -------------------------------------------------------------------------- */

static int wrong(const struct alarm_joiner *j, const char *reason)
{
    config_report(j->config, j->item, j->d, SEVERITY_ERROR, "alarm '%s': %s", j->item->name,
                  reason);
    return -EINVAL;
}

static int join_limit(struct alarm_joiner *j, struct alarm_condition *c)
{
    const struct alarm_config *item = j->item;
    int r = 0;
    c->has_high = item->high != NULL;
    c->has_low = item->low != NULL;
    if (item->high != NULL) {
        r = join_quantity(j, item->high, c->input, false, &c->high);
    }
    if (r == 0 && item->low != NULL) {
        r = join_quantity(j, item->low, c->input, false, &c->low);
    }
    if (r == 0 && c->has_high && c->has_low && c->low + c->deadband >= c->high) {
        return wrong(j, "between 'low' and 'high' there is less than the deadband");
    }
    return r;
}

static int join_change(struct alarm_joiner *j, struct alarm_condition *c)
{
    if (j->item->over_us == NULL) {
        return wrong(j, "'change' needs 'over', the time that it is measured in");
    }
    c->over_us = *j->item->over_us;
    c->direction = j->item->direction;
    int r = join_quantity(j, j->item->change, c->input, true, &c->change);
    return r == 0 && c->change <= c->deadband
               ? wrong(j, "'change' must be more than zero, and more than the deadband")
               : r;
}

static int join_deviation(struct alarm_joiner *j, struct alarm_condition *c)
{
    const struct alarm_config *item = j->item;
    struct quantity value;
    char error[ERROR_BYTES];
    if (item->from == NULL || item->by == NULL) {
        return wrong(j, "'from' and 'by' go together");
    }
    int r = join_quantity(j, item->by, c->input, true, &c->by);
    if (r < 0) {
        return r;
    }
    if (c->by <= c->deadband) {
        return wrong(j, "'by' must be more than zero, and more than the deadband");
    }
    if (quantity_parse(item->from, &value) == 0) {
        r = to_unit(value.value, value.unit, signal_of(j, c->input), false, &c->value, error);
    } else {
        c->has_other = true;
        r = join_path(j, &item->from, &c->other);
        if (r < 0) {
            return r;
        }
        r = word_pair(j, c->input, c->other, error);
    }
    if (r < 0) {
        config_report(j->config, &item->from, j->d, SEVERITY_ERROR, "%s", error);
    }
    return r;
}

static int join_is(struct alarm_joiner *j, struct alarm_spec *spec)
{
    const struct alarm_config *item = j->item;
    const struct dbc_signal *signal = signal_of(j, spec->condition.input);
    struct quantity value;
    char error[ERROR_BYTES];
    int r = find_label(signal, item->is, &spec->condition.is, error);
    if (r == 0) {
        spec->label = item->is;
        return 0;
    }
    if (quantity_parse(item->is, &value) == 0) {
        r = to_unit(value.value, value.unit, signal, false, &spec->condition.is, error);
    }
    if (r < 0) {
        config_report(j->config, &item->is, j->d, SEVERITY_ERROR, "%s", error);
    }
    return r;
}

/* It compares by more and less, so that it has a limit, and perhaps a deadband. */
static bool is_measured(enum alarm_type type)
{
    return type == ALARM_TYPE_LIMIT || type == ALARM_TYPE_CHANGE || type == ALARM_TYPE_DEVIATION;
}

static enum alarm_type type_of(const struct alarm_config *item)
{
    if (item->high != NULL || item->low != NULL) {
        return ALARM_TYPE_LIMIT;
    }
    if (item->from != NULL || item->by != NULL) {
        return ALARM_TYPE_DEVIATION;
    }
    if (item->change != NULL) {
        return ALARM_TYPE_CHANGE;
    }
    if (item->stale_us != NULL) {
        return ALARM_TYPE_STALE;
    }
    return item->is != NULL ? ALARM_TYPE_IS : ALARM_TYPE_WHEN;
}

unsigned alarm_condition_count(const struct alarm_config *item)
{
    return (unsigned)(item->high != NULL || item->low != NULL) + (item->change != NULL) +
           (item->stale_us != NULL) + (item->from != NULL || item->by != NULL) +
           (item->is != NULL) + (item->when != NULL);
}

static int join_deadband(struct alarm_joiner *j, struct alarm_condition *c)
{
    if (j->item->deadband == NULL) {
        return 0;
    }
    if (!is_measured(c->type)) {
        return wrong(j, "'deadband' goes with 'high', 'low', 'change' and 'from'");
    }
    int r = join_quantity(j, j->item->deadband, c->input, true, &c->deadband);
    return r == 0 && c->deadband < 0.0 ? wrong(j, "'deadband' must not be negative") : r;
}

static int join_input(struct alarm_joiner *j, struct alarm_condition *c)
{
    if (c->type == ALARM_TYPE_WHEN) {
        return j->item->signal == NULL ? 0 : wrong(j, "'when' names its signals itself");
    }
    if (j->item->signal == NULL) {
        return wrong(j, "it needs a 'signal', such as " PATH_EXAMPLE);
    }
    int r = join_path(j, &j->item->signal, &c->input);
    return r < 0 ? r : join_deadband(j, c);
}

static int join_type(struct alarm_joiner *j, struct alarm_spec *spec)
{
    struct alarm_condition *c = &spec->condition;
    switch (c->type) {
    case ALARM_TYPE_LIMIT:
        return join_limit(j, c);
    case ALARM_TYPE_CHANGE:
        return join_change(j, c);
    case ALARM_TYPE_STALE:
        c->stale_us = *j->item->stale_us;
        return 0;
    case ALARM_TYPE_DEVIATION:
        return join_deviation(j, c);
    case ALARM_TYPE_IS:
        return join_is(j, spec);
    case ALARM_TYPE_WHEN:
        return join_expression(j, &j->item->when, &c->when);
    case ALARM_TYPE_TOLD:
        break;
    }
    return 0;
}

int alarm_condition_join(struct alarm_joiner *j, struct alarm_spec *spec)
{
    struct alarm_condition *c = &spec->condition;
    c->type = type_of(j->item);
    int r = join_input(j, c);
    r = r < 0 ? r : join_type(j, spec);
    if (r == 0 && is_measured(c->type) && signal_of(j, c->input)->unit[0] != '\0') {
        spec->unit = signal_of(j, c->input)->unit;
    }
    return r;
}

int alarm_suppression_join(struct alarm_joiner *j, struct alarm_spec *spec)
{
    return j->item->suppress_when == NULL
               ? 0
               : join_expression(j, &j->item->suppress_when, &spec->suppress_when);
}
