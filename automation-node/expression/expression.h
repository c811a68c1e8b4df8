/*
 * Conditions as people write them, compiled once to a small flat program:
 *
 *   temperature > 25 °C and humidity < 80 % and not night
 *   temperature > 25 °C hysteresis 1 °C for 2min
 *   pump is Running        heater changed within 10 min      level rising
 *   inside - outside > 5 °C          flow between 2 l/min and 5 l/min
 *   inside within 0.5 °C of 21 °C    between sunset and 23:00 and on mon-fri
 *
 * From weak to strong: for, or, and, not, comparison, + -, * /, unary minus. `for` belongs to all
 * before it, up to the parenthesis. Numbers are converted to the unit of what they meet; one
 * without unit is in that unit already. The language is in docs/configuration.md.
 *
 * Logic has three values: an input that is not good makes what depends on it unknown. An evaluation
 * allocates nothing, and has no effect but on the slots given to it.
 */
#ifndef EDGE_AUTOMATION_EXPRESSION_EXPRESSION_H
#define EDGE_AUTOMATION_EXPRESSION_EXPRESSION_H

#include "automation-node/calendar/moment.h"
#include "automation-node/input/input.h"
#include "common/attributes.h"
#include "common/suggest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- compiling ---- */

struct expression;

/* What an input is called, and what it shows then. */
struct expression_label {
    const char *name;
    struct value shown;
};

/* What a name stands for: an input, or, with `text`, another expression. */
struct expression_symbol {
    size_t input;     /* index into the view's inputs */
    const char *unit; /* NULL = not known or none */
    const struct expression_label *labels;
    size_t label_count; /* 0 = not known which it shows */
    const char *text;   /* NULL unless it stands for an expression */
    bool difference;    /* it shows steps between two values of a scale */
};

struct expression_scope {
    /* False if nobody has that name. */
    bool (*find)(void *context, const char *name, struct expression_symbol *ret);
    /* Offers every name. */
    void (*suggest)(void *context, struct suggest *suggest);
    void *context;
    bool has_place; /* sunrise and sunset can be computed */
};

struct expression_fault {
    size_t offset; /* bytes from the start of the text */
    char text[224];
};

/* 0, -EINVAL with the fault, or -ENOMEM. All is copied. */
EDGE_MUST_CHECK int expression_compile(const char *text, const struct expression_scope *scope,
                                       struct expression **ret, struct expression_fault *reterr);
void expression_free(struct expression *expression);

const char *expression_text(const struct expression *expression);

/* The inputs that it reads, each once. */
const size_t *expression_inputs(const struct expression *expression, size_t *ret_count);

/* Whether it says itself what shall happen when that input is not good ("x is stale"). */
bool expression_minds_quality(const struct expression *expression, size_t input);

/* Whether something of that name can be found: it begins with a letter, and is no keyword. */
bool expression_name_is_usable(const char *name);

/* ---- evaluating ---- */

enum truth {
    TRUTH_FALSE,
    TRUTH_TRUE,
    TRUTH_UNKNOWN
};

#define EXPRESSION_NO_INPUT SIZE_MAX
#define EXPRESSION_NO_CLOCK INT64_MIN

/* What is seen during one evaluation. */
struct expression_view {
    const struct input *inputs;
    const struct calendar *calendar; /* for times of day; may be NULL without such */
    int64_t now_us;                  /* monotonic */
    int64_t wall_us;                 /* since the Unix epoch; EXPRESSION_NO_CLOCK = not known */
    size_t changed; /* the input whose value has just become another; EXPRESSION_NO_INPUT = none */
};

/* What an evaluation remembers for the next one. {0} at first. */
struct expression_slot {
    enum truth was;
    bool known;       /* `was` counts */
    bool seen;        /* for: the beginning was seen, not inferred */
    int64_t since_us; /* for: when it began */
    int64_t from_s;   /* time of day: `was` holds from here, wall clock */
    int64_t until_s;  /* to here */
};

struct expression_result {
    enum truth truth;
    bool lost;       /* unknown because an input is lost, not only held (see input.h) */
    size_t blame;    /* unknown: an input that is the reason, or EXPRESSION_NO_INPUT */
    int64_t next_us; /* when time alone may change it; DEADLINE_NONE = never */
};

/* How many slots an evaluation needs. */
size_t expression_slot_count(const struct expression *expression);

struct expression_result expression_evaluate(const struct expression *expression,
                                             struct expression_slot *slots,
                                             const struct expression_view *view);

/* Whether it may change with the time of day. */
bool expression_asks_time(const struct expression *expression);

/* True if it holds for an instant only, when a value changes: evaluated without `changed` it is
 * over. */
bool expression_is_pulse(const struct expression *expression);

/* What would make it otherwise: "temperature <= 24 °C (now 26.1 °C) or rain is Rain (now Dry)". A
 * part that is unknown says which input has to be good again. `slots` are those of its evaluations,
 * and stay as they are. What does not fit ends in "...". 0 or -ENOMEM. */
EDGE_MUST_CHECK int expression_otherwise(const struct expression *expression,
                                         const struct expression_slot *slots,
                                         const struct expression_view *view, char *text,
                                         size_t size);

/* "temperature > 25 °C (temperature is 26.1 °C)"; for something unknown which input and why. What
 * does not fit ends in "...". */
void expression_explain(const struct expression *expression, const struct expression_result *result,
                        const struct expression_view *view, char *text, size_t size);

#endif
