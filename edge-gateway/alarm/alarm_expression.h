/*
 * A condition over signals, as people write it in gateway.yaml:
 *
 *   can0/Tank/Level < 20 % and can0/Actuators/Pump == 'Running'
 *
 *   condition   comparisons with `and`, `or`, `not` and parentheses
 *   comparison  two of: a signal (bus/message/signal), a number with or without unit, a 'label';
 *               one of them is a signal. Between them <  <=  >  >=  ==  !=
 *
 * Compiled once; an evaluation allocates nothing. A signal that is not known makes its comparison
 * unknown; `and` and `or` are known when the other side alone decides. Pure.
 */
#ifndef EDGE_GATEWAY_ALARM_ALARM_EXPRESSION_H
#define EDGE_GATEWAY_ALARM_ALARM_EXPRESSION_H

#include "common/attributes.h"
#include "edge-gateway/alarm/alarm_input.h"

#include <stdbool.h>
#include <stddef.h>

#define ALARM_EXPRESSION_ERROR_BYTES 512 /* three names of 128, and what is wrong with them */

/* A piece of the text; not NUL-terminated. */
struct alarm_word {
    const char *text;
    size_t length;
};

/* What words mean. Each is 0, or -EINVAL with the reason in `error` (of
 * ALARM_EXPRESSION_ERROR_BYTES), or -ENOMEM. */
struct alarm_words {
    int (*signal)(void *context, const struct alarm_word *path, size_t *ret_input, char *error);
    /* A label of that signal, as the number it has then. */
    int (*label)(void *context, size_t input, const struct alarm_word *label, double *ret,
                 char *error);
    /* A number with a unit, in the signal's. */
    int (*quantity)(void *context, size_t input, double number, const struct alarm_word *unit,
                    double *ret, char *error);
    /* Whether two signals can be compared. */
    int (*pair)(void *context, size_t one, size_t other, char *error);
    void *context;
};

struct alarm_expression_error {
    size_t offset; /* byte in the text */
    char text[ALARM_EXPRESSION_ERROR_BYTES];
};

struct alarm_expression;

/* 0; -EINVAL with the place and the reason; -ENOMEM. */
EDGE_MUST_CHECK int alarm_expression_compile(const char *text, const struct alarm_words *words,
                                             struct alarm_expression **ret,
                                             struct alarm_expression_error *reterr);
void alarm_expression_free(struct alarm_expression *expression);

enum alarm_truth alarm_expression_evaluate(const struct alarm_expression *expression,
                                           const struct alarm_input *inputs);

/* Whether both say the same, the inputs of `a` being called `places` by `b` (SIZE_MAX: nothing).
 * NULL is none. */
bool alarm_expressions_equal(const struct alarm_expression *a, const struct alarm_expression *b,
                             const size_t *places);

/* Whether its result can depend on that input. */
bool alarm_expression_reads(const struct alarm_expression *expression, size_t input);

#endif
