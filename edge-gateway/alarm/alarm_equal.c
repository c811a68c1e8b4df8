#include "edge-gateway/alarm/alarm_equal.h"

#include <string.h>

static bool texts_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool has_input(const struct alarm_condition *c)
{
    return c->type != ALARM_TYPE_WHEN && c->type != ALARM_TYPE_TOLD;
}

static bool inputs_equal(const struct alarm_condition *a, const struct alarm_condition *b,
                         const size_t *places)
{
    return (!has_input(a) || places[a->input] == b->input) && a->has_other == b->has_other &&
           (!a->has_other || places[a->other] == b->other) &&
           alarm_expressions_equal(a->when, b->when, places);
}

/* What a type does not have is 0 in both. */
static bool numbers_equal(const struct alarm_condition *a, const struct alarm_condition *b)
{
    return a->has_high == b->has_high && a->has_low == b->has_low && a->high == b->high &&
           a->low == b->low && a->deadband == b->deadband && a->change == b->change &&
           a->over_us == b->over_us && a->direction == b->direction && a->stale_us == b->stale_us &&
           a->value == b->value && a->by == b->by && a->is == b->is;
}

static bool conditions_equal(const struct alarm_condition *a, const struct alarm_condition *b,
                             const size_t *places)
{
    return a->type == b->type && a->on_delay_us == b->on_delay_us &&
           a->off_delay_us == b->off_delay_us && numbers_equal(a, b) && inputs_equal(a, b, places);
}

bool alarm_specs_equal(const struct alarm_spec *a, const struct alarm_spec *b, const size_t *places)
{
    return a->priority == b->priority && texts_equal(a->text, b->text) &&
           texts_equal(a->consequence, b->consequence) && texts_equal(a->response, b->response) &&
           texts_equal(a->unit, b->unit) && texts_equal(a->label, b->label) &&
           conditions_equal(&a->condition, &b->condition, places) &&
           alarm_expressions_equal(a->suppress_when, b->suppress_when, places) &&
           a->options.ack == b->options.ack && a->options.latches == b->options.latches &&
           a->options.shelve_max_us == b->options.shelve_max_us && a->records == b->records;
}
