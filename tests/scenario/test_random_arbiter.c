/*
 * Many random offers against one arbiter and a model of it so simple that it can be believed: the
 * best class always wins, minimum times always hold, and only allowed values come out.
 */
#include "automation-node/engine/arbiter.h"
#include "automation-node/input/deadline.h"
#include "tests/scenario/random.h"
#include "tests/unit/engine_help.h"

#define RUNS   40
#define EVENTS 3000
#define SLOTS  12 /* two of each class */

struct model {
    struct chance chance;
    struct arbiter *arbiter;
    int64_t min_on_us;
    int64_t min_off_us;
    int64_t now_us;
    struct value wishes[SLOTS]; /* VALUE_NONE: empty */
    int64_t untils_us[SLOTS];
    struct value present; /* VALUE_NONE before the first decision */
    int64_t switched_us;
};

static enum priority class_of(size_t slot)
{
    return (enum priority)(slot / 2);
}

static void start(struct model *model)
{
    enum priority classes[SLOTS];
    for (size_t i = 0; i < SLOTS; i++) {
        classes[i] = class_of(i);
    }
    struct domain domain = on_off();
    domain.numeric = true;
    domain.min = 10;
    domain.max = 90;
    model->min_on_us = (int64_t)chance_below(&model->chance, 50);
    model->min_off_us = (int64_t)chance_below(&model->chance, 50);
    struct arbiter_options options = {.domain = domain,
                                      .off = label("OFF"),
                                      .rest = label("OFF"),
                                      .min_on_us = model->min_on_us,
                                      .min_off_us = model->min_off_us,
                                      .classes = classes,
                                      .slot_count = SLOTS};
    assert_int_equal(arbiter_new(&options, &model->arbiter), 0);
}

/* Good and bad values alike; `ret_allowed` is the model's own opinion. */
static struct value any_value(struct model *model, bool *ret_allowed)
{
    *ret_allowed = true;
    switch (chance_below(&model->chance, 5)) {
    case 0:
        return label("ON");
    case 1:
        return label("OFF");
    case 2:
        *ret_allowed = false;
        return label("MAYBE");
    default: {
        uint64_t number = chance_below(&model->chance, 101);
        *ret_allowed = number >= 10 && number <= 90;
        return value_number((double)number);
    }
    }
}

static void offer_something(struct model *model, size_t slot)
{
    bool allowed;
    struct proposal proposal = {.value = any_value(model, &allowed)};
    int64_t until_us = DEADLINE_NONE;
    if (!chance_one_in(&model->chance, 3)) {
        until_us = model->now_us - 5 + (int64_t)chance_below(&model->chance, 60);
    }
    bool accepted =
        arbiter_offer(model->arbiter, slot, &proposal, until_us, model->now_us) == REFUSAL_NONE;
    assert_true(accepted == (allowed && until_us > model->now_us));
    if (accepted) {
        model->wishes[slot] = proposal.value;
        model->untils_us[slot] = until_us;
    }
}

static void do_something(struct model *model)
{
    size_t slot = chance_below(&model->chance, SLOTS);
    switch (chance_below(&model->chance, 4)) {
    case 0:
        arbiter_withdraw(model->arbiter, slot);
        model->wishes[slot] = none();
        break;
    case 1:
        model->now_us += (int64_t)chance_below(&model->chance, 20);
        break;
    default:
        offer_something(model, slot);
        break;
    }
}

/* The slots are in the order of their classes, so the first valid one is the best. */
static size_t best_slot(const struct model *model)
{
    size_t slot = 0;
    while (slot < SLOTS &&
           (model->wishes[slot].kind == VALUE_NONE || model->untils_us[slot] <= model->now_us)) {
        slot++;
    }
    return slot;
}

static bool is_on(const struct value *value)
{
    return value->kind != VALUE_NONE && strcmp(value->text, "OFF") != 0;
}

/* Whether a minimum time forbids to switch now. */
static bool is_held(const struct model *model, const struct value *wanted, bool safety)
{
    bool on = is_on(&model->present);
    if (model->present.kind == VALUE_NONE || on == is_on(wanted) || (on && safety)) {
        return false;
    }
    return model->now_us - model->switched_us < (on ? model->min_on_us : model->min_off_us);
}

static void check_decision(struct model *model)
{
    size_t best = best_slot(model);
    struct value wanted = best < SLOTS ? model->wishes[best] : label("OFF");
    bool safety = best < SLOTS && class_of(best) == PRIORITY_SAFETY;
    bool held = is_held(model, &wanted, safety);
    struct value expected = held ? model->present : wanted;
    const struct decision *decision = arbiter_decide(model->arbiter, model->now_us);
    assert_true(value_equal(&decision->value, &expected));
    assert_true(value_equal(&decision->wanted, &wanted));
    assert_int_equal(decision->priority, best < SLOTS ? class_of(best) : PRIORITY_REST);
    assert_true((decision->hold != HOLD_NONE) == held);
    assert_true(arbiter_next_deadline(model->arbiter) > model->now_us);
    if (model->present.kind == VALUE_NONE || is_on(&expected) != is_on(&model->present)) {
        model->switched_us = model->now_us;
    }
    model->present = expected;
}

static void whatever_happens_the_best_class_wins_and_minimum_times_hold(void **state)
{
    (void)state;
    struct chance chance = chance_new();
    for (int run = 0; run < RUNS; run++) {
        struct model model = {.chance = chance};
        start(&model);
        for (int event = 0; event < EVENTS; event++) {
            do_something(&model);
            check_decision(&model);
        }
        chance = model.chance;
        arbiter_free(model.arbiter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_the_best_class_wins_and_minimum_times_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
