/* The grammar. Each function parses one level of it and emits what it means. */
#include "automation-node/expression/operand.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NESTING_MAX    32
#define EXPANSION_MAX  8
#define NAME_MAX_BYTES 64

#define SHOWN(c, token) (int)(token).length, (c)->text + (token).offset

void compiler_fail(struct compiler *c, size_t offset, const char *format, ...)
{
    if (c->failed) {
        return;
    }
    c->failed = true;
    c->fault->offset = offset;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(c->fault->text, sizeof(c->fault->text), format, args);
    va_end(args);
}

void compiler_advance(struct compiler *c)
{
    c->token = lexer_next(&c->lexer);
    if (c->token.kind == TOKEN_BAD) {
        compiler_fail(c, c->token.offset,
                      c->text[c->token.offset] == '\'' || c->text[c->token.offset] == '"'
                          ? "the quotes that begin here are not closed"
                          : "this character means nothing here");
    }
}

bool compiler_at(const struct compiler *c, const char *word)
{
    return token_is(c->text, &c->token, word);
}

bool compiler_take(struct compiler *c, const char *word)
{
    if (!compiler_at(c, word)) {
        return false;
    }
    compiler_advance(c);
    return true;
}

void compiler_emit(struct compiler *c, enum op_code code)
{
    (void)builder_emit(c->builder, &(struct op){.code = code});
}

static void enter(struct compiler *c)
{
    if (++c->nesting > NESTING_MAX) {
        compiler_fail(c, c->token.offset, "nested too deeply - at most %d levels are allowed",
                      NESTING_MAX);
    }
}

/* ---- time ---- */

/* A copy of the text from `offset` to where the next token begins. */
static bool copy_since(const struct compiler *c, size_t offset, char *copy, size_t size)
{
    size_t length = c->token.offset - offset;
    if (length >= size) {
        return false;
    }
    memcpy(copy, c->text + offset, length);
    copy[length] = '\0';
    while (length > 0 && strchr(" \t\r\n", copy[length - 1]) != NULL) {
        copy[--length] = '\0';
    }
    return true;
}

int64_t compiler_duration(struct compiler *c)
{
    size_t offset = c->token.offset;
    int64_t span_us = 0;
    char text[NAME_MAX_BYTES];
    while (c->token.kind == TOKEN_NUMBER) {
        compiler_advance(c);
    }
    if (!copy_since(c, offset, text, sizeof(text)) || text[0] == '\0' ||
        quantity_parse_duration(text, &span_us) < 0) {
        compiler_fail(c, offset, "expected a duration, such as 90s, 2min or 1h 30min");
    }
    return span_us;
}

/* "22:00", "sunset + 30min" */
static struct moment take_moment(struct compiler *c)
{
    struct moment moment = {0};
    size_t offset = c->token.offset;
    char text[NAME_MAX_BYTES];
    bool sun = compiler_at(c, "sunrise") || compiler_at(c, "sunset");
    compiler_advance(c);
    if (sun && (compiler_take(c, "+") || compiler_take(c, "-"))) {
        (void)compiler_duration(c);
    }
    if (!copy_since(c, offset, text, sizeof(text)) ||
        moment_parse(text, strlen(text), &moment) < 0) {
        compiler_fail(c, offset,
                      "expected a time of day, such as 22:00, sunrise or sunset + 30min");
    } else if (moment_needs_place(&moment) && !c->scope->has_place) {
        compiler_fail(c, offset, "the sun needs a place - give time.latitude and time.longitude");
    }
    return moment;
}

static struct operand emit_window(struct compiler *c, size_t offset,
                                  const struct time_window *window)
{
    struct op op = {.code = OP_WINDOW, .count = builder_add_window(c->builder, window)};
    (void)builder_emit(c->builder, &op);
    return (struct operand){.kind = OPERAND_TRUTH, .offset = offset};
}

/* `between A and B`, `after A`, `before B`: a part of every day; it may pass midnight. */
static struct operand time_of_day(struct compiler *c)
{
    struct time_window window = {.from = {.weekdays = WEEKDAYS_ALL},
                                 .to = {.weekdays = WEEKDAYS_ALL}};
    size_t offset = c->token.offset;
    if (compiler_take(c, "after")) {
        window.from = take_moment(c);
        window.to.second = 0;
    } else if (compiler_take(c, "before")) {
        window.to = take_moment(c);
    } else {
        compiler_advance(c);
        window.from = take_moment(c);
        if (!compiler_take(c, "and")) {
            compiler_fail(c, c->token.offset, "expected 'and' - write between TIME and TIME");
        }
        window.to = take_moment(c);
    }
    return emit_window(c, offset, &window);
}

/* `on mon-fri`, `on sat, sun` */
static struct operand weekdays(struct compiler *c)
{
    size_t offset = c->token.offset;
    compiler_advance(c);
    size_t start = c->token.offset;
    char text[NAME_MAX_BYTES];
    uint8_t days = 0;
    do {
        compiler_advance(c);
    } while (compiler_take(c, ",") || compiler_take(c, "-"));
    if (!copy_since(c, start, text, sizeof(text)) ||
        moment_parse_weekdays(text, strlen(text), &days) < 0) {
        compiler_fail(c, start, "expected days of the week, such as mon-fri or sat, sun");
    }
    (void)builder_emit(c->builder, &(struct op){.code = OP_WEEKDAYS, .count = days});
    return (struct operand){.kind = OPERAND_TRUTH, .offset = offset};
}

/* ---- names, numbers, parentheses ---- */

/* A name that stands for another expression: its program becomes part of this one. */
static struct operand expand(struct compiler *c, const struct token *name, const char *text)
{
    struct operand truth = {.kind = OPERAND_TRUTH, .offset = name->offset};
    if (c->expansion >= EXPANSION_MAX) {
        compiler_fail(c, name->offset, "'%.*s' refers to itself, or too deeply", SHOWN(c, *name));
        return truth;
    }
    struct expression_fault fault;
    struct compiler inner = {.text = text,
                             .lexer = {.text = text},
                             .scope = c->scope,
                             .builder = c->builder,
                             .fault = &fault,
                             .expansion = c->expansion + 1};
    compiler_advance(&inner);
    struct operand result = compiler_expression(&inner);
    operand_need_truth(&inner, &result);
    if (!inner.failed && inner.token.kind != TOKEN_END) {
        compiler_fail(&inner, inner.token.offset, "not understood");
    }
    if (inner.failed && c->expansion > 0) {
        compiler_fail(c, name->offset, "%s", fault.text); /* the outermost name is told */
    } else if (inner.failed) {
        compiler_fail(c, name->offset, "'%.*s' is faulty itself: %s", SHOWN(c, *name), fault.text);
    }
    return truth;
}

static struct operand name_operand(struct compiler *c)
{
    struct operand operand = {.kind = OPERAND_WORD, .offset = c->token.offset, .token = c->token};
    char name[NAME_MAX_BYTES + 1];
    compiler_advance(c);
    if (operand.token.length >= sizeof(name)) {
        return operand;
    }
    memcpy(name, c->text + operand.token.offset, operand.token.length);
    name[operand.token.length] = '\0';
    if (!c->scope->find(c->scope->context, name, &operand.name)) {
        return operand;
    }
    if (operand.name.text != NULL) {
        return expand(c, &operand.token, operand.name.text);
    }
    operand.kind = OPERAND_INPUT;
    operand.op =
        builder_emit(c->builder, &(struct op){.code = OP_INPUT, .input = operand.name.input});
    (void)snprintf(operand.unit, sizeof(operand.unit), "%s",
                   operand.name.unit != NULL ? operand.name.unit : "");
    operand.difference = operand.name.difference;
    return operand;
}

static struct operand number_operand(struct compiler *c)
{
    struct operand operand = {.kind = OPERAND_NUMBER, .offset = c->token.offset, .literal = true};
    const struct quantity *quantity = &c->token.quantity;
    if (!isfinite(quantity->value)) {
        compiler_fail(c, c->token.offset, "no number can be that large");
    }
    operand.op =
        builder_emit(c->builder, &(struct op){.code = OP_NUMBER, .number = quantity->value});
    (void)snprintf(operand.unit, sizeof(operand.unit), "%s", quantity->unit);
    compiler_advance(c);
    return operand;
}

static struct operand truth_operand(struct compiler *c, bool truth)
{
    struct operand operand = {.kind = OPERAND_TRUTH, .offset = c->token.offset};
    (void)builder_emit(c->builder, &(struct op){.code = OP_TRUTH, .count = truth ? 1 : 0});
    compiler_advance(c);
    return operand;
}

static struct operand parenthesis(struct compiler *c)
{
    size_t offset = c->token.offset;
    compiler_advance(c);
    enter(c);
    struct operand operand = compiler_expression(c);
    c->nesting--;
    if (!compiler_take(c, ")")) {
        compiler_fail(c, offset, "the parenthesis that begins here is not closed");
    }
    return operand;
}

static struct operand primary(struct compiler *c)
{
    if (compiler_at(c, "(")) {
        return parenthesis(c);
    }
    if (compiler_at(c, "between") || compiler_at(c, "after") || compiler_at(c, "before")) {
        return time_of_day(c);
    }
    if (compiler_at(c, "on")) {
        return weekdays(c);
    }
    if (compiler_at(c, "true") || compiler_at(c, "false")) {
        return truth_operand(c, compiler_at(c, "true"));
    }
    if (c->token.kind == TOKEN_NUMBER) {
        return number_operand(c);
    }
    bool keyword =
        c->token.kind == TOKEN_NAME && token_is_keyword(c->text + c->token.offset, c->token.length);
    if (c->token.kind == TOKEN_NAME && !keyword) {
        return name_operand(c);
    }
    if (c->token.kind == TOKEN_END) {
        compiler_fail(c, c->token.offset, "something is missing at the end");
    } else {
        compiler_fail(c, c->token.offset, "expected a name, a number or '(', found '%.*s'",
                      SHOWN(c, c->token));
    }
    return (struct operand){.kind = OPERAND_TRUTH, .offset = c->token.offset};
}

/* ---- operators, from strong to weak ---- */

static struct operand unary(struct compiler *c)
{
    size_t offset = c->token.offset;
    if (!compiler_take(c, "-")) {
        return primary(c);
    }
    enter(c);
    struct operand operand = unary(c);
    c->nesting--;
    operand_need_number(c, &operand);
    operand.offset = offset;
    if (operand.literal && !c->failed && c->builder->error == 0) {
        double *number = &c->builder->expression->ops[operand.op].number;
        *number = -*number;
        return operand;
    }
    compiler_emit(c, OP_NEGATE);
    return operand;
}

static struct operand product(struct compiler *c)
{
    struct operand left = unary(c);
    for (;;) {
        bool divide = compiler_at(c, "/");
        if (c->failed || (!compiler_take(c, "*") && !compiler_take(c, "/"))) {
            return left;
        }
        struct operand right = unary(c);
        left = operand_multiply(c, &left, &right, divide ? OP_DIVIDE : OP_MULTIPLY);
    }
}

struct operand compiler_sum(struct compiler *c)
{
    struct operand left = product(c);
    for (;;) {
        bool subtract = compiler_at(c, "-");
        if (c->failed || (!compiler_take(c, "+") && !compiler_take(c, "-"))) {
            return left;
        }
        struct operand right = product(c);
        left = operand_add(c, &left, &right, subtract ? OP_SUBTRACT : OP_ADD);
    }
}

static struct operand negation(struct compiler *c)
{
    size_t offset = c->token.offset;
    if (!compiler_take(c, "not")) {
        struct operand left = compiler_sum(c);
        return compiler_relation(c, &left);
    }
    enter(c);
    struct operand operand = negation(c);
    c->nesting--;
    operand_need_truth(c, &operand);
    compiler_emit(c, OP_NOT);
    return (struct operand){.kind = OPERAND_TRUTH, .offset = offset};
}

static struct operand conjunction(struct compiler *c)
{
    struct operand left = negation(c);
    while (!c->failed && compiler_take(c, "and")) {
        operand_need_truth(c, &left);
        struct operand right = negation(c);
        operand_need_truth(c, &right);
        compiler_emit(c, OP_AND);
    }
    return left;
}

static struct operand disjunction(struct compiler *c)
{
    struct operand left = conjunction(c);
    while (!c->failed && compiler_take(c, "or")) {
        operand_need_truth(c, &left);
        struct operand right = conjunction(c);
        operand_need_truth(c, &right);
        compiler_emit(c, OP_OR);
    }
    return left;
}

struct operand compiler_expression(struct compiler *c)
{
    struct op op = {.code = OP_FOR, .count = c->builder->expression->op_count};
    struct operand operand = disjunction(c);
    if (c->failed || !compiler_take(c, "for")) {
        return operand;
    }
    operand_need_truth(c, &operand);
    op.span_us = compiler_duration(c);
    (void)builder_emit(c->builder, &op);
    if (compiler_at(c, "and") || compiler_at(c, "or")) {
        compiler_fail(c, c->token.offset,
                      "'for' belongs to all before it - put it and that in parentheses");
    }
    return operand;
}

/* ---- the whole ---- */

static int compile(struct expression *expression, const struct expression_scope *scope,
                   struct expression_fault *reterr)
{
    struct builder builder = {.expression = expression};
    struct compiler c = {.text = expression->text,
                         .lexer = {.text = expression->text},
                         .scope = scope,
                         .builder = &builder,
                         .fault = reterr};
    compiler_advance(&c);
    struct operand result = compiler_expression(&c);
    operand_need_truth(&c, &result);
    if (!c.failed && c.token.kind != TOKEN_END) {
        compiler_fail(&c, c.token.offset, "expected 'and', 'or' or the end, found '%.*s'",
                      SHOWN(&c, c.token));
    }
    if (!c.failed && builder.error == -E2BIG) {
        compiler_fail(&c, 0, "this is too long - give parts of it a name under 'conditions'");
    }
    return c.failed ? -EINVAL : builder.error;
}

int expression_compile(const char *text, const struct expression_scope *scope,
                       struct expression **ret, struct expression_fault *reterr)
{
    struct expression *expression = calloc(1, sizeof(*expression));
    if (expression == NULL) {
        return -ENOMEM;
    }
    expression->text = strdup(text);
    int r = expression->text != NULL ? compile(expression, scope, reterr) : -ENOMEM;
    if (r < 0) {
        expression_free(expression);
        return r;
    }
    *ret = expression;
    return 0;
}

bool expression_name_is_usable(const char *name)
{
    struct lexer lexer = {.text = name};
    struct token token = lexer_next(&lexer);
    return token.kind == TOKEN_NAME && token.length == strlen(name) &&
           token.length <= NAME_MAX_BYTES && !token_is_keyword(name, token.length);
}

void expression_free(struct expression *expression)
{
    if (expression != NULL) {
        free(expression->text);
        free(expression->ops);
        free(expression->labels);
        free(expression->windows);
        free(expression->inputs);
        free(expression);
    }
}
