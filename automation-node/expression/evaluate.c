#include "automation-node/expression/program.h"

#include "automation-node/calendar/civil.h"
#include "automation-node/input/deadline.h"

#include <math.h>

#define US_PER_S INT64_C(1000000)

struct machine {
    const struct expression *expression;
    const struct expression_view *view;
    struct expression_slot *slots;
    int64_t next_us;
    size_t depth;
    struct cell stack[PROGRAM_STACK_MAX];
};

static struct cell truth_cell(bool truth)
{
    return (struct cell){.truth = truth ? TRUTH_TRUE : TRUTH_FALSE, .blame = EXPRESSION_NO_INPUT};
}

static struct cell number_cell(double number)
{
    return (struct cell){.number = number, .blame = EXPRESSION_NO_INPUT};
}

static struct cell unknown_cell(bool lost, size_t blame)
{
    return (struct cell){.number = NAN, .truth = TRUTH_UNKNOWN, .lost = lost, .blame = blame};
}

/* Two reasons to be unknown: the one that is lost counts more. */
static struct cell worse(const struct cell *a, const struct cell *b)
{
    return unknown_cell(a->lost || b->lost, b->lost && !a->lost ? b->blame : a->blame);
}

static void wake_at(struct machine *m, int64_t at_us)
{
    m->next_us = deadline_earlier(m->next_us, at_us);
}

static struct cell pop(struct machine *m)
{
    return m->stack[--m->depth];
}

/* ---- what is pushed ---- */

static struct cell push_number(struct machine *m, const struct op *op)
{
    (void)m;
    return number_cell(op->number);
}

static struct cell push_truth(struct machine *m, const struct op *op)
{
    (void)m;
    return truth_cell(op->count != 0);
}

static const struct input *input_of(const struct machine *m, const struct op *op)
{
    return &m->view->inputs[op->input];
}

static struct cell push_input(struct machine *m, const struct op *op)
{
    double number;
    enum input_trust trust = input_number(input_of(m, op), m->view->now_us, &number);
    return trust == INPUT_GOOD ? number_cell(number) : unknown_cell(trust == INPUT_LOST, op->input);
}

/* What is said of an input, if that is good. */
static struct cell statement(const struct machine *m, const struct op *op, bool truth)
{
    enum input_trust trust = input_trust(input_of(m, op), m->view->now_us);
    return trust == INPUT_GOOD ? truth_cell(truth) : unknown_cell(trust == INPUT_LOST, op->input);
}

static struct cell push_label(struct machine *m, const struct op *op)
{
    return statement(m, op,
                     value_equal(&input_of(m, op)->value, &m->expression->labels[op->count]));
}

static struct cell push_changed(struct machine *m, const struct op *op)
{
    return statement(m, op, m->view->changed == op->input);
}

static struct cell push_changed_within(struct machine *m, const struct op *op)
{
    const struct input *input = input_of(m, op);
    int64_t over_us = deadline_after(input->moved_us, op->span_us);
    bool recent = input->moved && m->view->now_us < over_us;
    if (recent) {
        wake_at(m, over_us);
    }
    return statement(m, op, recent);
}

static struct cell push_rising(struct machine *m, const struct op *op)
{
    return statement(m, op, input_of(m, op)->direction > 0);
}

static struct cell push_falling(struct machine *m, const struct op *op)
{
    return statement(m, op, input_of(m, op)->direction < 0);
}

static struct cell push_stale(struct machine *m, const struct op *op)
{
    return truth_cell(input_trust(input_of(m, op), m->view->now_us) == INPUT_LOST);
}

/* ---- time of day ---- */

static int64_t wall_s(const struct machine *m)
{
    int64_t us = m->view->wall_us;
    return us / US_PER_S - (us % US_PER_S < 0 ? 1 : 0);
}

/* In the window if it opened more recently than it closed. One that closes when it opens is always
 * open. */
static void look_at_window(const struct machine *m, const struct op *op,
                           struct expression_slot *slot)
{
    const struct time_window *window = &m->expression->windows[op->count];
    const struct calendar *calendar = m->view->calendar;
    int64_t now_s = wall_s(m);
    int64_t opened_s = moment_last(calendar, &window->from, now_s);
    int64_t closed_s = moment_last(calendar, &window->to, now_s);
    bool open = opened_s >= closed_s && opened_s != -CALENDAR_NEVER;
    slot->was = open ? TRUTH_TRUE : TRUTH_FALSE;
    slot->from_s = open ? opened_s : closed_s;
    slot->until_s = moment_next(calendar, open ? &window->to : &window->from, now_s);
    /* Where the sun does not set today it may tomorrow. */
    slot->until_s = deadline_earlier(slot->until_s, now_s + DAY_S);
}

static void look_at_weekdays(const struct machine *m, const struct op *op,
                             struct expression_slot *slot)
{
    const struct zone *zone = m->view->calendar->zone;
    int64_t day = zone_local(zone, wall_s(m)).day;
    slot->was = (op->count >> civil_weekday(day) & 1u) != 0 ? TRUTH_TRUE : TRUTH_FALSE;
    slot->from_s = zone_instant(zone, day, 0);
    slot->until_s = zone_instant(zone, day, DAY_S);
}

typedef void (*look_fn)(const struct machine *m, const struct op *op, struct expression_slot *slot);

/* The answer is computed again only when the wall clock leaves the span it holds for. */
static struct cell time_of_day(struct machine *m, const struct op *op, look_fn look)
{
    struct expression_slot *slot = &m->slots[op->slot];
    if (m->view->wall_us == EXPRESSION_NO_CLOCK || m->view->calendar == NULL) {
        slot->known = false;
        return unknown_cell(true, EXPRESSION_NO_INPUT);
    }
    int64_t now_s = wall_s(m);
    if (!slot->known || now_s < slot->from_s || now_s >= slot->until_s) {
        look(m, op, slot);
        slot->known = true;
    }
    wake_at(m, deadline_after(m->view->now_us, slot->until_s * US_PER_S - m->view->wall_us));
    return truth_cell(slot->was == TRUTH_TRUE);
}

static struct cell push_window(struct machine *m, const struct op *op)
{
    return time_of_day(m, op, look_at_window);
}

static struct cell push_weekdays(struct machine *m, const struct op *op)
{
    return time_of_day(m, op, look_at_weekdays);
}

/* ---- numbers ---- */

static struct cell affine(struct machine *m, const struct op *op)
{
    struct cell a = pop(m);
    a.number = a.number * op->number + op->second;
    return a;
}

static struct cell negate(struct machine *m, const struct op *op)
{
    (void)op;
    struct cell a = pop(m);
    a.number = -a.number;
    return a;
}

struct pair {
    struct cell a;
    struct cell b;
    bool known;
};

static struct pair pop_pair(struct machine *m)
{
    struct pair p = {.b = pop(m)};
    p.a = pop(m);
    p.known = !isnan(p.a.number) && !isnan(p.b.number);
    return p;
}

static struct cell computed(const struct pair *p, double result)
{
    if (!p->known) {
        return worse(&p->a, &p->b);
    }
    return isfinite(result) ? number_cell(result) : unknown_cell(true, EXPRESSION_NO_INPUT);
}

static struct cell add(struct machine *m, const struct op *op)
{
    (void)op;
    struct pair p = pop_pair(m);
    return computed(&p, p.a.number + p.b.number);
}

static struct cell subtract(struct machine *m, const struct op *op)
{
    (void)op;
    struct pair p = pop_pair(m);
    return computed(&p, p.a.number - p.b.number);
}

static struct cell multiply(struct machine *m, const struct op *op)
{
    (void)op;
    struct pair p = pop_pair(m);
    return computed(&p, p.a.number * p.b.number);
}

static struct cell divide(struct machine *m, const struct op *op)
{
    (void)op;
    struct pair p = pop_pair(m);
    bool zero = p.known && p.b.number == 0;
    return zero ? unknown_cell(true, EXPRESSION_NO_INPUT) : computed(&p, p.a.number / p.b.number);
}

static struct cell compared(const struct pair *p, bool result)
{
    return p->known ? truth_cell(result) : worse(&p->a, &p->b);
}

/* `less`: whether a is less than b, `or_equal` too. A comparison that held once holds until its
 * number is the hysteresis beyond the limit. */
static struct cell order(struct machine *m, const struct op *op, bool less, bool or_equal)
{
    struct pair p = pop_pair(m);
    struct expression_slot *slot = op->number != 0 ? &m->slots[op->slot] : NULL;
    if (!p.known) {
        struct cell unknown = worse(&p.a, &p.b);
        if (slot != NULL && unknown.lost) {
            slot->was = TRUTH_FALSE;
        }
        return unknown;
    }
    bool held = slot != NULL && slot->was == TRUTH_TRUE;
    double margin = less ? p.b.number - p.a.number : p.a.number - p.b.number;
    bool holds = held ? margin > -op->number : margin > 0 || (or_equal && margin == 0);
    if (slot != NULL) {
        slot->was = holds ? TRUTH_TRUE : TRUTH_FALSE;
    }
    return truth_cell(holds);
}

static struct cell is_less(struct machine *m, const struct op *op)
{
    return order(m, op, true, false);
}

static struct cell is_less_or_equal(struct machine *m, const struct op *op)
{
    return order(m, op, true, true);
}

static struct cell is_greater(struct machine *m, const struct op *op)
{
    return order(m, op, false, false);
}

static struct cell is_greater_or_equal(struct machine *m, const struct op *op)
{
    return order(m, op, false, true);
}

static struct cell is_equal(struct machine *m, const struct op *op)
{
    (void)op;
    struct pair p = pop_pair(m);
    return compared(&p, p.a.number == p.b.number);
}

static struct cell is_not_equal(struct machine *m, const struct op *op)
{
    (void)op;
    struct pair p = pop_pair(m);
    return compared(&p, p.a.number != p.b.number);
}

static struct cell is_near(struct machine *m, const struct op *op)
{
    struct pair p = pop_pair(m);
    return compared(&p, fabs(p.a.number - p.b.number) <= op->number);
}

static struct cell is_between(struct machine *m, const struct op *op)
{
    (void)op;
    struct pair limits = pop_pair(m);
    struct cell value = pop(m);
    if (!limits.known) {
        return worse(&limits.a, &limits.b);
    }
    if (isnan(value.number)) {
        return value;
    }
    return truth_cell(value.number >= limits.a.number && value.number <= limits.b.number);
}

/* ---- logic ---- */

/* Kleene's: a side that decides makes the other's ignorance harmless. */
static struct cell combine(struct machine *m, enum truth deciding)
{
    struct cell b = pop(m);
    struct cell a = pop(m);
    if (a.truth == deciding || b.truth == deciding) {
        return truth_cell(deciding == TRUTH_TRUE);
    }
    if (a.truth == TRUTH_UNKNOWN && b.truth == TRUTH_UNKNOWN) {
        return worse(&a, &b);
    }
    return a.truth == TRUTH_UNKNOWN ? a : b;
}

static struct cell both(struct machine *m, const struct op *op)
{
    (void)op;
    return combine(m, TRUTH_FALSE);
}

static struct cell either(struct machine *m, const struct op *op)
{
    (void)op;
    return combine(m, TRUTH_TRUE);
}

static struct cell negation(struct machine *m, const struct op *op)
{
    (void)op;
    struct cell a = pop(m);
    return a.truth == TRUTH_UNKNOWN ? a : truth_cell(a.truth == TRUTH_FALSE);
}

/* Since when the condition of a `for` may be taken to hold that is found to hold already: nothing
 * that it reads has changed since. */
static int64_t infer_beginning(const struct machine *m, const struct op *op)
{
    const struct expression_view *view = m->view;
    int64_t since_us = INT64_MIN;
    for (const struct op *o = &m->expression->ops[op->count]; o < op; o++) {
        if (o->code == OP_WINDOW || o->code == OP_WEEKDAYS) {
            int64_t age_us = view->wall_us - m->slots[o->slot].from_s * US_PER_S;
            since_us = since_us > view->now_us - age_us ? since_us : view->now_us - age_us;
        } else if (op_traits(o->code)->reads_input) {
            int64_t changed_us = view->inputs[o->input].changed_us;
            since_us = since_us > changed_us ? since_us : changed_us;
        }
    }
    return since_us != INT64_MIN ? since_us : view->now_us;
}

/* While an input is held nothing begins, ends or becomes due. After a beginning that was not seen,
 * whether it has lasted long enough is unknown rather than false. */
static struct cell lasting(struct machine *m, const struct op *op)
{
    struct expression_slot *slot = &m->slots[op->slot];
    struct cell condition = pop(m);
    if (condition.truth == TRUTH_UNKNOWN) {
        slot->known = slot->known && !condition.lost;
        return condition;
    }
    bool began = condition.truth == TRUTH_TRUE && (!slot->known || slot->was == TRUTH_FALSE);
    if (began) {
        slot->seen = slot->known;
        slot->since_us = slot->known ? m->view->now_us : infer_beginning(m, op);
    }
    slot->known = true;
    slot->was = condition.truth;
    if (condition.truth == TRUTH_FALSE) {
        return truth_cell(false);
    }
    int64_t due_us = deadline_after(slot->since_us, op->span_us);
    if (m->view->now_us >= due_us) {
        return truth_cell(true);
    }
    wake_at(m, due_us);
    return slot->seen ? truth_cell(false) : unknown_cell(false, EXPRESSION_NO_INPUT);
}

/* ---- the machine ---- */

static struct cell (*const operations[])(struct machine *m, const struct op *op) = {
    [OP_NUMBER] = push_number,
    [OP_INPUT] = push_input,
    [OP_TRUTH] = push_truth,
    [OP_LABEL] = push_label,
    [OP_CHANGED] = push_changed,
    [OP_CHANGED_WITHIN] = push_changed_within,
    [OP_RISING] = push_rising,
    [OP_FALLING] = push_falling,
    [OP_STALE] = push_stale,
    [OP_WINDOW] = push_window,
    [OP_WEEKDAYS] = push_weekdays,
    [OP_AFFINE] = affine,
    [OP_NEGATE] = negate,
    [OP_ADD] = add,
    [OP_SUBTRACT] = subtract,
    [OP_MULTIPLY] = multiply,
    [OP_DIVIDE] = divide,
    [OP_LESS] = is_less,
    [OP_LESS_EQUAL] = is_less_or_equal,
    [OP_GREATER] = is_greater,
    [OP_GREATER_EQUAL] = is_greater_or_equal,
    [OP_EQUAL] = is_equal,
    [OP_NOT_EQUAL] = is_not_equal,
    [OP_NEAR] = is_near,
    [OP_AND] = both,
    [OP_OR] = either,
    [OP_NOT] = negation,
    [OP_BETWEEN] = is_between,
    [OP_FOR] = lasting,
};
_Static_assert(sizeof(operations) / sizeof(operations[0]) == OP_COUNT, "each operation is done");

void program_trace(const struct expression *expression, struct expression_slot *slots,
                   const struct expression_view *view, struct cell *cells)
{
    struct machine m = {
        .expression = expression, .view = view, .slots = slots, .next_us = DEADLINE_NONE};
    for (size_t i = 0; i < expression->op_count; i++) {
        const struct op *op = &expression->ops[i];
        cells[i] = operations[op->code](&m, op);
        m.stack[m.depth++] = cells[i];
    }
}

struct expression_result expression_evaluate(const struct expression *expression,
                                             struct expression_slot *slots,
                                             const struct expression_view *view)
{
    struct machine m = {
        .expression = expression, .view = view, .slots = slots, .next_us = DEADLINE_NONE};
    for (size_t i = 0; i < expression->op_count; i++) {
        const struct op *op = &expression->ops[i];
        struct cell result = operations[op->code](&m, op);
        m.stack[m.depth++] = result;
    }
    const struct cell *top = &m.stack[0];
    return (struct expression_result){top->truth, top->truth == TRUTH_UNKNOWN && top->lost,
                                      top->blame, m.next_us};
}
