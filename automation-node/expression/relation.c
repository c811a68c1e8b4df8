/* What is said of an input or a number: comparisons, ranges, labels, changes. */
#include "automation-node/expression/operand.h"

#include <math.h>
#include <string.h>

#define SHOWN(c, token) (int)(token).length, (c)->text + (token).offset

static struct operand truth_at(const struct operand *left)
{
    return (struct operand){.kind = OPERAND_TRUTH, .offset = left->offset};
}

/* The operation that pushed the number of an input says something else of it instead. */
static struct operand replace(struct compiler *c, const struct operand *input, struct op op)
{
    if (!c->failed && c->builder->error == 0) {
        struct op *pushed = &c->builder->expression->ops[input->op];
        op.input = pushed->input;
        *pushed = op;
        c->builder->expression->pulse = c->builder->expression->pulse || op.code == OP_CHANGED;
    }
    return truth_at(input);
}

/* ---- labels ---- */

/* The word without its quotes. */
static int word_value(const struct compiler *c, const struct token *word, struct value *ret)
{
    size_t quotes = word->kind == TOKEN_TEXT ? 1 : 0;
    return value_text(c->text + word->offset + quotes, word->length - 2 * quotes, ret);
}

static void fail_label(struct compiler *c, const struct operand *input, const struct token *word,
                       const char *name)
{
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < input->name.label_count; i++) {
        suggest_offer(&suggest, input->name.labels[i].name);
    }
    const char *best = suggest.best != NULL ? suggest.best : input->name.labels[0].name;
    compiler_fail(c, word->offset, "'%.*s' is never '%s' - %s '%s'%s", SHOWN(c, input->token), name,
                  suggest.best != NULL ? "did you mean" : "it can be", best,
                  suggest.best != NULL ? "?" : "");
}

/* What the input shows when people say `word`. */
static struct value find_label(struct compiler *c, const struct operand *input,
                               const struct token *word)
{
    struct value named = {0};
    if (word_value(c, word, &named) < 0) {
        compiler_fail(c, word->offset, "a word has 1 to %d bytes", VALUE_TEXT_SIZE - 1);
        return named;
    }
    for (size_t i = 0; i < input->name.label_count; i++) {
        if (strcmp(input->name.labels[i].name, named.text) == 0) {
            return input->name.labels[i].shown;
        }
    }
    if (input->name.label_count > 0) {
        fail_label(c, input, word, named.text);
    }
    return named;
}

static struct operand label_relation(struct compiler *c, const struct operand *input, bool negated)
{
    struct token word = c->token;
    struct value label = find_label(c, input, &word);
    compiler_advance(c);
    if (c->failed) {
        return truth_at(input);
    }
    struct op op = {.code = OP_LABEL, .count = builder_add_label(c->builder, &label)};
    struct operand result = replace(c, input, op);
    if (negated) {
        compiler_emit(c, OP_NOT);
    }
    return result;
}

/* Whether the next token is what an input may show, and not another number. */
static bool at_label(const struct compiler *c, const struct operand *left)
{
    if (left->kind != OPERAND_INPUT) {
        return false;
    }
    if (c->token.kind == TOKEN_TEXT) {
        return true;
    }
    if (c->token.kind != TOKEN_NAME) {
        return false;
    }
    struct value word = {0};
    struct expression_symbol other;
    if (word_value(c, &c->token, &word) < 0) {
        return true; /* too long for anything; find_label() says so */
    }
    return left->name.label_count > 0 || !c->scope->find(c->scope->context, word.text, &other);
}

/* ---- comparisons ---- */

/* `hysteresis 1 °C` after a comparison. */
static double take_hysteresis(struct compiler *c, const struct operand *left)
{
    if (!compiler_take(c, "hysteresis")) {
        return 0;
    }
    struct token number = c->token;
    double hysteresis = operand_step(c, &number, left);
    if (hysteresis < 0) {
        compiler_fail(c, number.offset, "a hysteresis must not be negative");
    }
    compiler_advance(c);
    return hysteresis;
}

static struct operand number_relation(struct compiler *c, struct operand *left, enum op_code code)
{
    struct operand right = compiler_sum(c);
    operand_unify(c, left, &right);
    struct op op = {.code = code};
    if (op_traits(code)->orders) {
        op.number = take_hysteresis(c, left->literal ? &right : left);
    }
    (void)builder_emit(c->builder, &op);
    return truth_at(left);
}

static struct operand equality(struct compiler *c, struct operand *left, bool negated)
{
    if (at_label(c, left)) {
        return label_relation(c, left, negated);
    }
    return number_relation(c, left, negated ? OP_NOT_EQUAL : OP_EQUAL);
}

static struct operand quality_relation(struct compiler *c, const struct operand *left, bool negated)
{
    bool stale = compiler_at(c, "stale");
    compiler_advance(c);
    struct operand result = replace(c, left, (struct op){.code = OP_STALE});
    if (stale == negated) {
        compiler_emit(c, OP_NOT);
    }
    return result;
}

static struct operand is_relation(struct compiler *c, struct operand *left)
{
    bool negated = compiler_take(c, "not");
    bool quality = compiler_at(c, "stale") || compiler_at(c, "good");
    if (quality && left->kind == OPERAND_INPUT) {
        return quality_relation(c, left, negated);
    }
    return equality(c, left, negated);
}

/* `between A and B`, both included. */
static struct operand between_relation(struct compiler *c, struct operand *left)
{
    struct operand low = compiler_sum(c);
    operand_unify(c, left, &low);
    if (!compiler_take(c, "and")) {
        compiler_fail(c, c->token.offset, "expected 'and' - write between LOW and HIGH");
    }
    struct operand high = compiler_sum(c);
    operand_unify(c, left, &high);
    compiler_emit(c, OP_BETWEEN);
    return truth_at(left);
}

/* `within 0.5 °C of 21 °C` */
static struct operand near_relation(struct compiler *c, struct operand *left)
{
    operand_need_number(c, left);
    struct op op = {.code = OP_NEAR, .number = operand_step(c, &c->token, left)};
    compiler_advance(c);
    if (!compiler_take(c, "of")) {
        compiler_fail(c, c->token.offset, "expected 'of' - write within STEP of VALUE");
    }
    struct operand right = compiler_sum(c);
    operand_unify(c, left, &right);
    (void)builder_emit(c->builder, &op);
    return truth_at(left);
}

/* ---- changes ---- */

static struct operand change_relation(struct compiler *c, const struct operand *left,
                                      enum op_code code)
{
    if (left->kind == OPERAND_WORD) {
        operand_fail_unknown(c, left);
    } else if (left->kind != OPERAND_INPUT) {
        compiler_fail(c, left->offset, "only an input changes, rises or falls");
    }
    struct op op = {.code = code};
    if (code == OP_CHANGED && compiler_take(c, "within")) {
        op.code = OP_CHANGED_WITHIN;
        op.span_us = compiler_duration(c);
    }
    return replace(c, left, op);
}

struct operand compiler_relation(struct compiler *c, struct operand *left)
{
    static const struct {
        const char *symbol;
        enum op_code code;
    } comparisons[] = {
        {"<", OP_LESS}, {"<=", OP_LESS_EQUAL}, {">", OP_GREATER}, {">=", OP_GREATER_EQUAL}};
    static const struct {
        const char *word;
        struct operand (*parse)(struct compiler *c, struct operand *left);
    } words[] = {{"is", is_relation}, {"between", between_relation}, {"within", near_relation}};
    static const struct {
        const char *word;
        enum op_code code;
    } changes[] = {{"changed", OP_CHANGED}, {"rising", OP_RISING}, {"falling", OP_FALLING}};
    for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++) {
        if (compiler_take(c, comparisons[i].symbol)) {
            return number_relation(c, left, comparisons[i].code);
        }
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (compiler_take(c, words[i].word)) {
            return words[i].parse(c, left);
        }
    }
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        if (compiler_take(c, changes[i].word)) {
            return change_relation(c, left, changes[i].code);
        }
    }
    if (compiler_take(c, "=") || compiler_take(c, "==")) {
        return equality(c, left, false);
    }
    if (compiler_take(c, "!=")) {
        return equality(c, left, true);
    }
    return *left;
}
