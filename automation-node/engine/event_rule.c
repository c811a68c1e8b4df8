#include "automation-node/engine/event_rule.h"

#include "automation-node/engine/event_rule_impl.h"
#include "automation-node/engine/event_rule_inspect.h"
#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- making one ---- */

static int make_watch(struct watch *watch, const struct expression *condition)
{
    watch->condition = condition;
    watch->next_us = DEADLINE_NONE;
    if (condition == NULL) {
        return 0;
    }
    watch->slots = calloc(expression_slot_count(condition) + 1, sizeof(*watch->slots));
    return watch->slots != NULL ? 0 : -ENOMEM;
}

static int make_watches(struct event_rule *rule, const struct event_rule_options *options)
{
    rule->watches = calloc(options->trigger_count + 1, sizeof(*rule->watches));
    if (rule->watches == NULL) {
        return -ENOMEM;
    }
    rule->watch_count = options->trigger_count;
    int r = make_watch(&rule->condition, options->condition);
    for (size_t i = 0; r == 0 && i < rule->watch_count; i++) {
        r = options->triggers[i] != NULL ? make_watch(&rule->watches[i], options->triggers[i])
                                         : -EINVAL;
    }
    return r;
}

static int make_places(struct event_rule *rule)
{
    rule->places = calloc(rule->max + 1, sizeof(*rule->places));
    if (rule->places == NULL) {
        return -ENOMEM;
    }
    rule->place_count = rule->max + 1;
    for (size_t i = 0; i < rule->place_count; i++) {
        if (run_init(&rule->places[i].run, &rule->script) < 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int fill(struct event_rule *rule, const struct event_rule_options *options, int64_t now_us)
{
    bool alone = options->mode == RULE_SINGLE || options->mode == RULE_RESTART;
    if (options->max == 0 || options->max > EVENT_RULE_RUNS_MAX || (alone && options->max != 1)) {
        return -EINVAL;
    }
    char id[NAME_SIZE];
    int r = name_copy(options->id, sizeof(id), id);
    if (r == 0) {
        r = script_check(&options->script);
    }
    if (r < 0) {
        return r;
    }
    rule->script = options->script;
    rule->mode = options->mode;
    rule->max = options->max;
    rule->enabled = options->enabled;
    rule->at_start = options->at_start;
    rule->time_triggers = options->times;
    rule->last_run_us = INT64_MIN;
    rule->deadline_us = DEADLINE_NONE;
    rule->has_news = true;
    (void)snprintf(rule->cause.source, sizeof(rule->cause.source), "rule:%s", id);
    cause_explain(&rule->cause, "nothing happened yet");
    r = make_watches(rule, options);
    if (r == 0) {
        r = timetable_new(options->times, options->time_count, options->catches_up, now_us,
                          &rule->times);
    }
    return r == 0 ? make_places(rule) : r;
}

int event_rule_new(const struct event_rule_options *options, int64_t now_us,
                   struct event_rule **ret)
{
    struct event_rule *rule = calloc(1, sizeof(*rule));
    if (rule == NULL) {
        return -ENOMEM;
    }
    int r = fill(rule, options, now_us);
    if (r < 0) {
        event_rule_free(rule);
        return r;
    }
    *ret = rule;
    return 0;
}

void event_rule_free(struct event_rule *rule)
{
    if (rule == NULL) {
        return;
    }
    for (size_t i = 0; i < rule->watch_count; i++) {
        free(rule->watches[i].slots);
    }
    for (size_t i = 0; i < rule->place_count; i++) {
        run_deinit(&rule->places[i].run);
    }
    free(rule->watches);
    free(rule->condition.slots);
    free(rule->places);
    timetable_free(rule->times);
    free(rule);
}

/* ---- runs ---- */

size_t event_rule_count_places(const struct event_rule *rule, enum place_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < rule->place_count; i++) {
        count += rule->places[i].state == state ? 1 : 0;
    }
    return count;
}

/* The one in that state that was triggered first; NULL if there is none. */
static struct place *first_place(struct event_rule *rule, enum place_state state)
{
    struct place *first = NULL;
    for (size_t i = 0; i < rule->place_count; i++) {
        struct place *place = &rule->places[i];
        if (place->state == state && (first == NULL || place->order < first->order)) {
            first = place;
        }
    }
    return first;
}

static void advance(struct event_rule *rule, struct place *place,
                    const struct expression_view *view, const struct script_host *host)
{
    place->result = run_advance(&place->run, &rule->script, view, host);
    if (place->result != RUN_WAITS) {
        place->state = PLACE_OVER;
        rule->has_news = true;
    }
}

static void begin(struct event_rule *rule, struct place *place, const struct expression_view *view)
{
    rule->stats.runs++;
    rule->last_run_us = view->now_us;
    place->state = PLACE_ACTIVE;
    place->run.began_us = view->now_us;
}

void event_rule_stop_all(struct event_rule *rule, enum place_state state)
{
    for (size_t i = 0; i < rule->place_count; i++) {
        struct place *place = &rule->places[i];
        if (place->state == state) {
            place->state = PLACE_OVER;
            place->result = RUN_STOPPED;
        }
    }
}

/* A place for a new run; one is always there, for the caller has counted the runs. */
static struct place *take_place(struct event_rule *rule)
{
    struct place *place = first_place(rule, PLACE_FREE);
    return place != NULL ? place : first_place(rule, PLACE_OVER);
}

static bool has_room(struct event_rule *rule)
{
    if (rule->mode == RULE_RESTART) {
        event_rule_stop_all(rule, PLACE_ACTIVE);
    }
    return event_rule_count_places(rule, PLACE_ACTIVE) +
               event_rule_count_places(rule, PLACE_WAITING) <
           rule->max;
}

static void admit(struct event_rule *rule, const struct expression_view *view)
{
    if (!has_room(rule)) {
        rule->stats.dropped++;
        return;
    }
    bool busy = event_rule_count_places(rule, PLACE_ACTIVE) > 0;
    struct place *place = take_place(rule);
    place->order = rule->stats.triggers;
    run_begin(&place->run, &rule->cause, view->now_us);
    if (busy && rule->mode == RULE_QUEUED) {
        place->state = PLACE_WAITING;
        return;
    }
    begin(rule, place, view);
}

/* Those under way go on; where one ends the next that waits begins. */
static void advance_all(struct event_rule *rule, const struct expression_view *view,
                        const struct script_host *host)
{
    for (size_t i = 0; i < rule->place_count; i++) {
        if (rule->places[i].state == PLACE_ACTIVE) {
            advance(rule, &rule->places[i], view, host);
        }
    }
    while (event_rule_count_places(rule, PLACE_ACTIVE) == 0) {
        struct place *next = first_place(rule, PLACE_WAITING);
        if (next == NULL) {
            break;
        }
        begin(rule, next, view);
        advance(rule, next, view, host);
    }
}

/* ---- triggers ---- */

static struct expression_result look(struct watch *watch, const struct expression_view *view)
{
    struct expression_result result = expression_evaluate(watch->condition, watch->slots, view);
    watch->next_us = result.next_us;
    return result;
}

/* Whether it is true also when nothing has just changed. */
static bool is_level(struct watch *watch, const struct expression_view *view)
{
    struct expression_view later = *view;
    later.changed = EXPRESSION_NO_INPUT;
    return look(watch, &later).truth == TRUTH_TRUE;
}

/* Whether the condition became true. One that is unknown stays what it was; a `for` that is not due
 * yet is not true, so that it may become so. */
static bool becomes_true(struct watch *watch, const struct expression_view *view,
                         struct expression_result *ret)
{
    *ret = look(watch, view);
    bool waits = ret->truth == TRUTH_UNKNOWN && !ret->lost && ret->blame == EXPRESSION_NO_INPUT;
    if (ret->truth == TRUTH_UNKNOWN && !waits) {
        return false;
    }
    bool holds = ret->truth == TRUTH_TRUE;
    bool fires = holds && watch->known && !watch->was;
    watch->known = true;
    watch->was = holds && (!expression_is_pulse(watch->condition) || is_level(watch, view));
    return fires;
}

/* The reading that led here is the one that has just come. */
static void note_reading(struct cause *cause, const struct expression_view *view, size_t input)
{
    cause_note_reading(cause, input != EXPRESSION_NO_INPUT ? &view->inputs[input] : NULL);
}

static bool condition_holds(struct event_rule *rule, const struct expression_view *view)
{
    if (rule->condition.condition == NULL) {
        return true;
    }
    struct expression_result result = look(&rule->condition, view);
    if (result.truth == TRUTH_TRUE) {
        return true;
    }
    expression_explain(rule->condition.condition, &result, view, rule->cause.reason,
                       sizeof(rule->cause.reason));
    return false;
}

static void fire(struct event_rule *rule, const struct expression_view *view)
{
    rule->stats.triggers++;
    rule->has_news = true;
    if (!condition_holds(rule, view)) {
        rule->stats.prevented++;
        return;
    }
    admit(rule, view);
}

static void fire_watches(struct event_rule *rule, const struct expression_view *view)
{
    for (size_t i = 0; i < rule->watch_count; i++) {
        struct watch *watch = &rule->watches[i];
        struct expression_result result;
        if (!becomes_true(watch, view, &result)) {
            continue;
        }
        note_reading(&rule->cause, view, view->changed);
        expression_explain(watch->condition, &result, view, rule->cause.reason,
                           sizeof(rule->cause.reason));
        fire(rule, view);
    }
}

static void fire_times(struct event_rule *rule, const struct expression_view *view)
{
    for (size_t trigger; timetable_take(rule->times, view, &trigger);) {
        note_reading(&rule->cause, view, EXPRESSION_NO_INPUT);
        cause_explain(&rule->cause, "it is %s", rule->time_triggers[trigger].text);
        fire(rule, view);
    }
}

static int64_t earliest(struct event_rule *rule, const struct expression_view *view)
{
    int64_t deadline_us = timetable_deadline(rule->times, view);
    for (size_t i = 0; i < rule->watch_count; i++) {
        deadline_us = deadline_earlier(deadline_us, rule->watches[i].next_us);
    }
    if (rule->condition.condition != NULL) {
        (void)look(&rule->condition, view); /* so that its timers run */
        deadline_us = deadline_earlier(deadline_us, rule->condition.next_us);
    }
    for (size_t i = 0; i < rule->place_count; i++) {
        if (rule->places[i].state == PLACE_ACTIVE) {
            deadline_us = deadline_earlier(deadline_us, rule->places[i].run.deadline_us);
        }
    }
    return deadline_us;
}

void event_rule_evaluate(struct event_rule *rule, const struct expression_view *view,
                         const struct script_host *host, bool start)
{
    if (!rule->enabled) {
        timetable_skip(rule->times, view);
        rule->deadline_us = timetable_deadline(rule->times, view);
        return;
    }
    if (start && rule->at_start) {
        note_reading(&rule->cause, view, EXPRESSION_NO_INPUT);
        cause_explain(&rule->cause, "the node starts");
        fire(rule, view);
    }
    fire_watches(rule, view);
    fire_times(rule, view);
    advance_all(rule, view, host);
    rule->deadline_us = earliest(rule, view);
}

void event_rule_set_clock(struct event_rule *rule, const struct expression_view *view,
                          const struct script_host *host)
{
    timetable_set_clock(rule->times, view);
    event_rule_evaluate(rule, view, host, false);
}

static void forget(struct watch *watch)
{
    watch->known = false;
    if (watch->condition != NULL) {
        memset(watch->slots, 0, expression_slot_count(watch->condition) * sizeof(watch->slots[0]));
    }
}

void event_rule_enable(struct event_rule *rule, bool enabled, const struct expression_view *view)
{
    if (rule->enabled == enabled) {
        return;
    }
    rule->enabled = enabled;
    rule->has_news = true;
    timetable_skip(rule->times, view);
    event_rule_stop_all(rule, PLACE_ACTIVE);
    rule->stats.dropped += event_rule_count_places(rule, PLACE_WAITING);
    event_rule_stop_all(rule, PLACE_WAITING);
    for (size_t i = 0; i < rule->watch_count; i++) {
        forget(&rule->watches[i]);
    }
    forget(&rule->condition);
}

int event_rule_run(struct event_rule *rule, const struct expression_view *view,
                   const struct script_host *host, const char *trigger)
{
    if (!rule->enabled) {
        return -EPERM;
    }
    note_reading(&rule->cause, view, EXPRESSION_NO_INPUT);
    cause_explain(&rule->cause, "%s", trigger != NULL ? trigger : "asked for");
    if (trigger != NULL) {
        fire(rule, view);
    } else {
        rule->stats.triggers++;
        rule->has_news = true;
        admit(rule, view);
    }
    advance_all(rule, view, host);
    rule->deadline_us = earliest(rule, view);
    return 0;
}

int64_t event_rule_next_deadline(const struct event_rule *rule)
{
    return rule->deadline_us;
}

/* ---- telling ---- */

bool event_rule_take_report(struct event_rule *rule, struct run_report *ret)
{
    struct place *place = first_place(rule, PLACE_OVER);
    if (place == NULL) {
        return false;
    }
    place->state = PLACE_FREE;
    *ret = (struct run_report){&place->run, place->result};
    return true;
}

const struct run *event_rule_newest_run(const struct event_rule *rule, enum run_result *ret_result)
{
    const struct place *newest = NULL;
    for (size_t i = 0; i < rule->place_count; i++) {
        const struct place *place = &rule->places[i];
        if (place->order > 0 && place->state != PLACE_WAITING &&
            (newest == NULL || place->order > newest->order)) {
            newest = place;
        }
    }
    if (newest == NULL) {
        return NULL;
    }
    *ret_result = newest->state == PLACE_ACTIVE ? RUN_WAITS : newest->result;
    return &newest->run;
}

struct expression_result event_rule_peek(const struct event_rule *rule,
                                         const struct expression_view *view,
                                         struct expression_slot *scratch)
{
    const struct expression *condition = rule->condition.condition;
    if (condition == NULL) {
        return (struct expression_result){
            .truth = TRUTH_TRUE, .blame = EXPRESSION_NO_INPUT, .next_us = DEADLINE_NONE};
    }
    memcpy(scratch, rule->condition.slots, expression_slot_count(condition) * sizeof(scratch[0]));
    return expression_evaluate(condition, scratch, view);
}

const struct script *event_rule_script(const struct event_rule *rule)
{
    return &rule->script;
}

const struct expression *event_rule_condition(const struct event_rule *rule)
{
    return rule->condition.condition;
}

int64_t event_rule_next_time_s(const struct event_rule *rule)
{
    return timetable_next_s(rule->times);
}

bool event_rule_take_news(struct event_rule *rule)
{
    bool news = rule->has_news;
    rule->has_news = false;
    return news;
}

struct event_rule_stats event_rule_stats(const struct event_rule *rule)
{
    struct event_rule_stats stats = rule->stats;
    stats.waiting = event_rule_count_places(rule, PLACE_WAITING);
    stats.active = event_rule_count_places(rule, PLACE_ACTIVE);
    return stats;
}

bool event_rule_is_enabled(const struct event_rule *rule)
{
    return rule->enabled;
}

const char *event_rule_reason(const struct event_rule *rule, int64_t *ret_last_us)
{
    *ret_last_us = rule->last_run_us;
    return rule->cause.reason;
}
