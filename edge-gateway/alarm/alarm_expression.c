#include "edge-gateway/alarm/alarm_expression.h"

#include "common/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 64
#define DEPTH_MAX 16 /* of parentheses and `not` */

enum comparison {
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL,
    EQUAL,
    NOT_EQUAL
};

/* Longer signs before those that they begin with. */
static const struct {
    const char *sign;
    enum comparison comparison;
} comparisons[] = {
    {"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {"==", EQUAL},
    {"!=", NOT_EQUAL},  {"<", LESS},           {">", GREATER},
};

enum step_kind {
    STEP_COMPARE,
    STEP_NOT,
    STEP_AND,
    STEP_OR
};

struct side {
    bool is_input;
    size_t input;
    double number;
};

/* One step of a program that works on a stack of truths. */
struct step {
    enum step_kind kind;
    enum comparison comparison;
    struct side left;
    struct side right;
};

struct alarm_expression {
    size_t count;
    struct step steps[STEPS_MAX];
};

/* ---- reading ---------------------------------------------------------------------------- */

enum side_kind {
    SIDE_SIGNAL,
    SIDE_NUMBER,
    SIDE_LABEL
};

/* One side of a comparison as it was written. */
struct written {
    enum side_kind kind;
    size_t offset;
    struct alarm_word word; /* the path, the label, or the number's unit */
    double number;
    size_t input;
};

struct reader {
    const char *text;
    size_t at;
    unsigned depth;
    const struct alarm_words *words;
    struct alarm_expression *expression;
    struct alarm_expression_error *error;
};

static int fail(struct reader *r, size_t offset, const char *reason)
{
    r->error->offset = offset;
    (void)snprintf(r->error->text, sizeof(r->error->text), "%s", reason);
    return -EINVAL;
}

/* The words' own reason, at that place. */
static int fail_at(struct reader *r, size_t offset, int result)
{
    r->error->offset = offset;
    return result;
}

static void skip_spaces(struct reader *r)
{
    while (isspace((unsigned char)r->text[r->at])) {
        r->at++;
    }
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '/';
}

static size_t word_length(const char *text)
{
    size_t length = 0;
    while (is_word_byte(text[length])) {
        length++;
    }
    return length;
}

static bool is_keyword(const char *text, size_t length)
{
    return (length == 3 && (memcmp(text, "and", 3) == 0 || memcmp(text, "not", 3) == 0)) ||
           (length == 2 && memcmp(text, "or", 2) == 0);
}

/* Passes the keyword if it is next. */
static bool take_keyword(struct reader *r, const char *keyword)
{
    skip_spaces(r);
    size_t length = word_length(r->text + r->at);
    if (length != strlen(keyword) || memcmp(r->text + r->at, keyword, length) != 0) {
        return false;
    }
    r->at += length;
    return true;
}

static bool take_byte(struct reader *r, char c)
{
    skip_spaces(r);
    if (r->text[r->at] != c) {
        return false;
    }
    r->at++;
    return true;
}

static int add_step(struct reader *r, const struct step *step)
{
    if (r->expression->count == STEPS_MAX) {
        return fail(r, r->at, "the condition is too long");
    }
    r->expression->steps[r->expression->count++] = *step;
    return 0;
}

static int read_label(struct reader *r, char quote, struct written *ret)
{
    const char *begin = r->text + r->at + 1;
    const char *end = strchr(begin, quote);
    if (end == NULL || end == begin) {
        return fail(r, r->at, end == NULL ? "the label has no end" : "the label is empty");
    }
    ret->kind = SIDE_LABEL;
    ret->word = (struct alarm_word){begin, (size_t)(end - begin)};
    r->at = (size_t)(end + 1 - r->text);
    return 0;
}

/* Up to a space, a parenthesis or a comparison. */
static size_t unit_length(const char *text)
{
    size_t length = strcspn(text, " \t\n()<>=!'\"");
    return is_keyword(text, length) ? 0 : length;
}

static int read_number(struct reader *r, struct written *ret)
{
    size_t length = strspn(r->text + r->at, "+-.0123456789");
    ret->kind = SIDE_NUMBER;
    if (parse_f64(r->text + r->at, length, &ret->number) < 0) {
        return fail(r, r->at, "not a number");
    }
    r->at += length;
    size_t after = r->at;
    skip_spaces(r);
    ret->word = (struct alarm_word){r->text + r->at, unit_length(r->text + r->at)};
    r->at = ret->word.length > 0 ? r->at + ret->word.length : after;
    return 0;
}

static int read_signal(struct reader *r, struct written *ret)
{
    ret->kind = SIDE_SIGNAL;
    ret->word = (struct alarm_word){r->text + r->at, word_length(r->text + r->at)};
    if (ret->word.length == 0 || is_keyword(ret->word.text, ret->word.length)) {
        return fail(r, r->at,
                    "here should be a signal (bus/message/signal), a number or a 'label'");
    }
    int result = r->words->signal(r->words->context, &ret->word, &ret->input, r->error->text);
    if (result < 0) {
        return fail_at(r, r->at, result);
    }
    r->at += ret->word.length;
    return 0;
}

static int read_side(struct reader *r, struct written *ret)
{
    skip_spaces(r);
    char c = r->text[r->at];
    ret->offset = r->at;
    if (c == '\'' || c == '"') {
        return read_label(r, c, ret);
    }
    bool is_number = isdigit((unsigned char)c) || c == '.' || c == '-' || c == '+';
    return is_number ? read_number(r, ret) : read_signal(r, ret);
}

static bool take_comparison(struct reader *r, enum comparison *ret)
{
    skip_spaces(r);
    for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++) {
        size_t length = strlen(comparisons[i].sign);
        if (strncmp(r->text + r->at, comparisons[i].sign, length) == 0) {
            *ret = comparisons[i].comparison;
            r->at += length;
            return true;
        }
    }
    return false;
}

/* What one side means beside the signal on the other one. */
static int settle(struct reader *r, const struct written *side, const struct written *other,
                  struct side *ret)
{
    const struct alarm_words *words = r->words;
    char *error = r->error->text;
    int result = 0;
    *ret = (struct side){.is_input = side->kind == SIDE_SIGNAL, .input = side->input};
    switch (side->kind) {
    case SIDE_SIGNAL:
        if (other->kind == SIDE_SIGNAL) {
            result = words->pair(words->context, side->input, other->input, error);
        }
        break;
    case SIDE_NUMBER:
        ret->number = side->number;
        if (side->word.length > 0) {
            result = words->quantity(words->context, other->input, side->number, &side->word,
                                     &ret->number, error);
        }
        break;
    case SIDE_LABEL:
        result = words->label(words->context, other->input, &side->word, &ret->number, error);
        break;
    }
    return result < 0 ? fail_at(r, side->offset, result) : 0;
}

static int read_comparison(struct reader *r)
{
    struct written left = {.input = 0};
    struct written right = {.input = 0};
    struct step step = {.kind = STEP_COMPARE};
    int result = read_side(r, &left);
    if (result < 0) {
        return result;
    }
    if (!take_comparison(r, &step.comparison)) {
        return fail(r, r->at, "here should be one of < <= > >= == !=");
    }
    result = read_side(r, &right);
    if (result < 0) {
        return result;
    }
    if (left.kind != SIDE_SIGNAL && right.kind != SIDE_SIGNAL) {
        return fail(r, left.offset, "a comparison needs a signal");
    }
    result = settle(r, &left, &right, &step.left);
    result = result < 0 ? result : settle(r, &right, &left, &step.right);
    return result < 0 ? result : add_step(r, &step);
}

static int read_or(struct reader *r);

/* A comparison, with what may stand before and around it. */
static int read_term(struct reader *r)
{
    if (r->depth == DEPTH_MAX) {
        return fail(r, r->at, "too many parentheses");
    }
    r->depth++;
    int result;
    if (take_keyword(r, "not")) {
        result = read_term(r);
        result = result < 0 ? result : add_step(r, &(struct step){.kind = STEP_NOT});
    } else if (take_byte(r, '(')) {
        result = read_or(r);
        if (result == 0 && !take_byte(r, ')')) {
            result = fail(r, r->at, "here should be ')'");
        }
    } else {
        result = read_comparison(r);
    }
    r->depth--;
    return result;
}

static int read_and(struct reader *r)
{
    int result = read_term(r);
    while (result == 0 && take_keyword(r, "and")) {
        result = read_term(r);
        result = result < 0 ? result : add_step(r, &(struct step){.kind = STEP_AND});
    }
    return result;
}

static int read_or(struct reader *r)
{
    int result = read_and(r);
    while (result == 0 && take_keyword(r, "or")) {
        result = read_and(r);
        result = result < 0 ? result : add_step(r, &(struct step){.kind = STEP_OR});
    }
    return result;
}

int alarm_expression_compile(const char *text, const struct alarm_words *words,
                             struct alarm_expression **ret, struct alarm_expression_error *reterr)
{
    struct alarm_expression *expression = calloc(1, sizeof(*expression));
    if (expression == NULL) {
        return -ENOMEM;
    }
    struct reader r = {.text = text, .words = words, .expression = expression, .error = reterr};
    int result = read_or(&r);
    skip_spaces(&r);
    if (result == 0 && text[r.at] != '\0') {
        result = fail(&r, r.at, "here should be 'and', 'or' or the end");
    }
    if (result < 0) {
        free(expression);
        return result;
    }
    *ret = expression;
    return 0;
}

void alarm_expression_free(struct alarm_expression *expression)
{
    free(expression);
}

/* ---- evaluating ------------------------------------------------------------------------- */

static bool compare(enum comparison comparison, double left, double right)
{
    switch (comparison) {
    case LESS:
        return left < right;
    case LESS_EQUAL:
        return left <= right;
    case GREATER:
        return left > right;
    case GREATER_EQUAL:
        return left >= right;
    case EQUAL:
        return left == right;
    case NOT_EQUAL:
        return left != right;
    }
    return false;
}

static enum alarm_truth truth_of(const struct step *step, const struct alarm_input *inputs)
{
    const struct side *sides[] = {&step->left, &step->right};
    double numbers[2];
    for (size_t i = 0; i < 2; i++) {
        if (sides[i]->is_input && !inputs[sides[i]->input].known) {
            return ALARM_UNKNOWN;
        }
        numbers[i] = sides[i]->is_input ? inputs[sides[i]->input].number : sides[i]->number;
    }
    return compare(step->comparison, numbers[0], numbers[1]) ? ALARM_TRUE : ALARM_FALSE;
}

static enum alarm_truth negate(enum alarm_truth truth)
{
    return truth == ALARM_UNKNOWN ? truth : truth == ALARM_TRUE ? ALARM_FALSE : ALARM_TRUE;
}

/* `decisive` decides alone: false for `and`, true for `or`. */
static enum alarm_truth join(enum alarm_truth one, enum alarm_truth other,
                             enum alarm_truth decisive)
{
    if (one == decisive || other == decisive) {
        return decisive;
    }
    return one == ALARM_UNKNOWN ? one : other;
}

enum alarm_truth alarm_expression_evaluate(const struct alarm_expression *expression,
                                           const struct alarm_input *inputs)
{
    enum alarm_truth stack[STEPS_MAX];
    size_t top = 0;
    for (size_t i = 0; i < expression->count; i++) {
        const struct step *step = &expression->steps[i];
        switch (step->kind) {
        case STEP_COMPARE:
            stack[top++] = truth_of(step, inputs);
            break;
        case STEP_NOT:
            stack[top - 1] = negate(stack[top - 1]);
            break;
        case STEP_AND:
        case STEP_OR:
            top--;
            stack[top - 1] =
                join(stack[top - 1], stack[top], step->kind == STEP_AND ? ALARM_FALSE : ALARM_TRUE);
            break;
        }
    }
    return stack[0];
}

bool alarm_expression_reads(const struct alarm_expression *expression, size_t input)
{
    for (size_t i = 0; i < expression->count; i++) {
        const struct step *step = &expression->steps[i];
        if (step->kind == STEP_COMPARE && ((step->left.is_input && step->left.input == input) ||
                                           (step->right.is_input && step->right.input == input))) {
            return true;
        }
    }
    return false;
}

static bool sides_equal(const struct side *a, const struct side *b, const size_t *places)
{
    if (a->is_input != b->is_input) {
        return false;
    }
    return a->is_input ? places[a->input] == b->input : a->number == b->number;
}

bool alarm_expressions_equal(const struct alarm_expression *a, const struct alarm_expression *b,
                             const size_t *places)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++) {
        const struct step *x = &a->steps[i];
        const struct step *y = &b->steps[i];
        equal = x->kind == y->kind &&
                (x->kind != STEP_COMPARE ||
                 (x->comparison == y->comparison && sides_equal(&x->left, &y->left, places) &&
                  sides_equal(&x->right, &y->right, places)));
    }
    return equal;
}
