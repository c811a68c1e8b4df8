#include "automation-node/app/question_answer.h"

#include "automation-node/app/state_payload.h"
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/store/device_history.h"
#include "common/suggest.h"
#include "topics/payload_account.h"
#include "topics/payload_answer.h"
#include "topics/payload_node.h"
#include "topics/payload_support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHY_SIZE 640

struct question_answer {
    const struct witness *witness;
    struct payload_question question;
    uint64_t chunk;
    size_t at;               /* devices, rules, items of the report: the next one */
    struct support *support; /* NULL: of another verb */
    struct json_writer w;
    char *text; /* PAYLOAD_CHUNK_MAX_BYTES */
    size_t length;
    char error[RESPONDER_ERROR_BYTES];

    /* history: in the thread, which must not look at the plan */
    char *path;
    char *node;
    struct device_history *history;
    uint64_t left;
};

/* Goes on with the open chunk. 0 or -errno: `error` says why. */
typedef int (*fill_fn)(struct question_answer *answer, enum responder_step *ret_step);

/* Whether the element that was just written has room; else it is taken back. */
static bool keep(struct question_answer *answer, const struct json_writer *before)
{
    if (json_writer_has_room(&answer->w, PAYLOAD_ANSWER_END_BYTES)) {
        return true;
    }
    answer->w = *before;
    return false;
}

/* ---- what is asked for ------------------------------------------------------------------- */

static int not_there(const char *kind, const struct suggest *suggest, char *reterr)
{
    (void)snprintf(reterr, RESPONDER_ERROR_BYTES, "there is no %s '%s'%s%s%s", kind, suggest->text,
                   suggest->best != NULL ? " - did you mean '" : "",
                   suggest->best != NULL ? suggest->best : "", suggest->best != NULL ? "'?" : "");
    return -ENOENT;
}

static int find_device(const struct node_config *config, const char *name, size_t *ret,
                       char *reterr)
{
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < config->device_count; i++) {
        if (strcmp(config->devices[i].name, name) == 0) {
            *ret = i;
            return 0;
        }
        suggest_offer(&suggest, config->devices[i].name);
    }
    return not_there("device", &suggest, reterr);
}

static int find_rule(const struct node_config *config, const char *name, size_t *ret, char *reterr)
{
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < config->rule_count; i++) {
        if (strcmp(config->rules[i].name, name) == 0) {
            *ret = i;
            return 0;
        }
        suggest_offer(&suggest, config->rules[i].name);
    }
    return not_there("rule", &suggest, reterr);
}

/* ---- what is in memory ------------------------------------------------------------------- */

static int fill_explain(struct question_answer *answer, enum responder_step *ret_step)
{
    size_t device;
    int r =
        find_device(answer->witness->plan->config, answer->question.device, &device, answer->error);
    *ret_step = RESPONDER_LAST_CHUNK;
    return r == 0 ? explanation_write(answer->witness, device, &answer->w) : r;
}

static int fill_devices(struct question_answer *answer, enum responder_step *ret_step)
{
    const struct witness *witness = answer->witness;
    const struct node_config *config = witness->plan->config;
    bool has_room = true;
    payload_devices_begin(&answer->w);
    for (; has_room && answer->at < config->device_count; answer->at += has_room ? 1 : 0) {
        const struct json_writer before = answer->w;
        const struct device_state state = engine_device_state(witness->engine, answer->at);
        const struct payload_device_state payload = state_payload_device(witness->loop, &state);
        payload_devices_device(&answer->w, config->devices[answer->at].name, &payload);
        has_room = keep(answer, &before);
    }
    payload_devices_end(&answer->w);
    *ret_step = has_room ? RESPONDER_LAST_CHUNK : RESPONDER_CHUNK;
    return 0;
}

static int write_rule(struct question_answer *answer, size_t config_rule)
{
    const struct witness *witness = answer->witness;
    size_t rule = witness->plan->engine_rules[config_rule];
    bool is_event = rule >= witness->plan->engine.rule_count;
    char why[WHY_SIZE];
    struct run_report report = {0};
    struct trace_payload trace;
    int r = engine_rule_account(witness->engine, rule, why, sizeof(why));
    if (r < 0) {
        return r;
    }
    report.run = engine_newest_run(witness->engine, rule, &report.result);
    if (report.run != NULL) {
        state_payload_trace(witness->loop, witness->plan, rule, &report, &trace);
    }
    const struct engine_rule_state state = engine_rule_state(witness->engine, rule);
    const struct payload_rule_account account = {
        .rule = witness->plan->config->rules[config_rule].name,
        .kind = is_event ? "when" : "while",
        .state = state_payload_rule(witness->loop, &state),
        .why = why,
        .trace = report.run != NULL ? &trace.trace : NULL,
    };
    payload_rules_rule(&answer->w, &account);
    return 0;
}

static int fill_rules(struct question_answer *answer, enum responder_step *ret_step)
{
    const struct node_config *config = answer->witness->plan->config;
    bool only_one = answer->question.rule[0] != '\0';
    bool has_room = true;
    int r = only_one ? find_rule(config, answer->question.rule, &answer->at, answer->error) : 0;
    size_t end = only_one ? answer->at + 1 : config->rule_count;
    payload_rules_begin(&answer->w);
    for (; r == 0 && has_room && answer->at < end; answer->at += has_room ? 1 : 0) {
        const struct json_writer before = answer->w;
        r = write_rule(answer, answer->at);
        has_room = keep(answer, &before);
    }
    payload_rules_end(&answer->w);
    *ret_step = has_room ? RESPONDER_LAST_CHUNK : RESPONDER_CHUNK;
    return r;
}

static int fill_support(struct question_answer *answer, enum responder_step *ret_step)
{
    struct payload_support open = {0};
    struct support_item item;
    bool has_room = true;
    for (; has_room && support_item(answer->support, answer->at, &item);
         answer->at += has_room ? 1 : 0) {
        const struct json_writer before = answer->w;
        const struct payload_support open_before = open;
        const struct payload_support_item payload = {item.group, item.name, item.text,
                                                     item.is_number};
        payload_support_item(&answer->w, &open, &payload);
        has_room = keep(answer, &before);
        open = has_room ? open : open_before;
    }
    payload_support_end(&answer->w, &open);
    *ret_step = has_room ? RESPONDER_LAST_CHUNK : RESPONDER_CHUNK;
    return 0;
}

/* ---- dry run ----------------------------------------------------------------------------- */

static void write_set(struct question_answer *answer, size_t rule, size_t device, const char *step,
                      size_t branch)
{
    char result[160];
    char wanted[VALUE_TEXT_SIZE];
    struct claim above;
    if (engine_rule_would_win(answer->witness->engine, rule, device, &above)) {
        (void)snprintf(result, sizeof(result), "it would");
    } else {
        (void)value_format(&above.proposal->value, wanted, sizeof(wanted));
        (void)snprintf(result, sizeof(result), "it would, but %s wants %s and is above",
                       above.proposal->cause.source, wanted);
    }
    payload_dry_run_step(&answer->w, step, result, branch);
}

static void write_while(struct question_answer *answer, size_t rule,
                        const struct engine_dry_run *dry)
{
    const struct node_plan *plan = answer->witness->plan;
    const char *device = plan->engine.rules[rule].device;
    char value[VALUE_TEXT_SIZE];
    char step[STEP_TEXT_SIZE];
    for (size_t i = 0; dry->value.kind != VALUE_NONE && i < plan->config->device_count; i++) {
        if (strcmp(plan->config->devices[i].name, device) == 0) {
            (void)value_format(&dry->value, value, sizeof(value));
            (void)snprintf(step, sizeof(step), "set %s %s", device, value);
            write_set(answer, rule, i, step, 0);
        }
    }
}

static void write_steps(struct question_answer *answer, size_t rule,
                        const struct engine_dry_run *dry)
{
    const struct node_plan *plan = answer->witness->plan;
    const struct script *script = &plan->engine.events[rule - plan->engine.rule_count].script;
    size_t count = dry->traced < SCRIPT_TRACE_MAX ? dry->traced : SCRIPT_TRACE_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct step_record *record = &dry->trace[i];
        const struct step *step = &script->steps[record->step];
        char text[STEP_TEXT_SIZE];
        state_payload_step(plan, step, text, sizeof(text));
        if (step->kind == STEP_SET) {
            write_set(answer, rule, step->device, text, record->branch);
        } else {
            payload_dry_run_step(&answer->w, text, step_outcome_name(record->outcome),
                                 record->branch);
        }
    }
}

static int fill_dry_run(struct question_answer *answer, enum responder_step *ret_step)
{
    static const char *const truths[] = {
        [TRUTH_FALSE] = "false", [TRUTH_TRUE] = "true", [TRUTH_UNKNOWN] = "unknown"};
    const struct witness *witness = answer->witness;
    const struct node_config *config = witness->plan->config;
    struct engine_dry_run dry;
    size_t number;
    int r = find_rule(config, answer->question.rule, &number, answer->error);
    if (r < 0) {
        return r;
    }
    size_t rule = witness->plan->engine_rules[number];
    r = engine_dry_run(witness->engine, rule, &dry);
    if (r < 0) {
        return r;
    }
    const struct payload_dry_run payload = {config->rules[number].name, dry.enabled,
                                            truths[dry.holds], dry.runs, dry.why};
    payload_dry_run_begin(&answer->w, &payload);
    if (rule < witness->plan->engine.rule_count) {
        write_while(answer, rule, &dry);
    } else {
        write_steps(answer, rule, &dry);
    }
    payload_dry_run_end(&answer->w);
    *ret_step = RESPONDER_LAST_CHUNK;
    return 0;
}

/* ---- history: in the thread -------------------------------------------------------------- */

static bool take_row(void *context, const struct device_history_row *row)
{
    struct question_answer *answer = context;
    const struct json_writer before = answer->w;
    const struct payload_decision decision = {row->ts_us,  row->device, row->target,
                                              row->source, row->reason, row->until_us};
    if (answer->left == 0) {
        return false;
    }
    payload_decisions_decision(&answer->w, &decision);
    if (!keep(answer, &before)) {
        return false;
    }
    answer->left--;
    return true;
}

static int open_history(struct question_answer *answer)
{
    const struct device_history_options options = {.path = answer->path,
                                                   .node = answer->node,
                                                   .device = answer->question.device,
                                                   .from_us = answer->question.from_us,
                                                   .to_us = answer->question.to_us};
    return answer->history == NULL ? device_history_open(&options, &answer->history) : 0;
}

static int fill_history(struct question_answer *answer, enum responder_step *ret_step)
{
    int r = open_history(answer);
    if (r == 0) {
        payload_decisions_begin(&answer->w);
        r = device_history_read(answer->history, take_row, answer);
    }
    if (r < 0) {
        (void)snprintf(answer->error, sizeof(answer->error), "the records cannot be read now: %s",
                       r == -ENOENT ? "nothing was recorded yet" : strerror(-r));
        return r;
    }
    payload_decisions_end(&answer->w);
    *ret_step = r == 1 && answer->left > 0 ? RESPONDER_CHUNK : RESPONDER_LAST_CHUNK;
    return 0;
}

/* ---- the answer -------------------------------------------------------------------------- */

static const fill_fn fills[] = {
    [PAYLOAD_QUESTION_EXPLAIN] = fill_explain,
    [PAYLOAD_QUESTION_DEVICES] = fill_devices,
    [PAYLOAD_QUESTION_RULES] = fill_rules,
    [PAYLOAD_QUESTION_HISTORY] = fill_history,
    [PAYLOAD_QUESTION_DRY_RUN] = fill_dry_run,
    [PAYLOAD_QUESTION_RELOAD] = NULL,   /* reload_answer.c */
    [PAYLOAD_QUESTION_HANDOVER] = NULL, /* questions.c */
    [PAYLOAD_QUESTION_SUPPORT] = fill_support,
};
_Static_assert(sizeof(fills) / sizeof(fills[0]) == PAYLOAD_QUESTION_COUNT, "one for every verb");

static const char *transaction(const struct question_answer *answer)
{
    return answer->question.transaction[0] != '\0' ? answer->question.transaction : NULL;
}

static enum responder_step fail(struct question_answer *answer, int r)
{
    if (answer->error[0] == '\0') {
        (void)snprintf(answer->error, sizeof(answer->error), "no answer can be made now: %s",
                       strerror(-r));
    }
    json_writer_init(&answer->w, answer->text, PAYLOAD_CHUNK_MAX_BYTES);
    payload_response_error(&answer->w, transaction(answer), answer->error);
    if (json_writer_finish(&answer->w, &answer->length) < 0) {
        answer->length = 0; /* cannot be: it is short */
    }
    return RESPONDER_FAILED;
}

static enum responder_step step(void *context)
{
    struct question_answer *answer = context;
    enum responder_step step = RESPONDER_LAST_CHUNK;
    json_writer_init(&answer->w, answer->text, PAYLOAD_CHUNK_MAX_BYTES);
    payload_response_data_begin(&answer->w, transaction(answer), answer->chunk++);
    int r = fills[answer->question.verb](answer, &step);
    if (r == 0) {
        payload_response_data_end(&answer->w, step == RESPONDER_LAST_CHUNK);
        r = json_writer_finish(&answer->w, &answer->length);
    }
    return r < 0 ? fail(answer, r) : step;
}

static const char *text(const void *context, size_t *ret_length)
{
    const struct question_answer *answer = context;
    *ret_length = answer->length;
    return answer->text;
}

static const char *error_of(const void *context)
{
    return ((const struct question_answer *)context)->error;
}

static void free_answer(void *context)
{
    struct question_answer *answer = context;
    if (answer != NULL) {
        device_history_close(answer->history);
        support_free(answer->support);
        free(answer->path);
        free(answer->node);
        free(answer->text);
        free(answer);
    }
}

void question_answer_take_support(struct question_answer *answer, struct support *take)
{
    answer->support = take;
}

const struct responder_methods *question_answer_methods(enum payload_question_verb verb)
{
    static const struct responder_methods in_loop = {step, text, error_of, free_answer, true};
    static const struct responder_methods in_thread = {step, text, error_of, free_answer, false};
    return verb == PAYLOAD_QUESTION_HISTORY ? &in_thread : &in_loop;
}

static int prepare_history(struct question_answer *answer, const struct node_config *config,
                           char *reterr)
{
    if (!config->store.enabled) {
        (void)snprintf(reterr, RESPONDER_ERROR_BYTES,
                       "this node records nothing: store.enabled is no");
        return -ENOENT;
    }
    answer->left = answer->question.limit;
    answer->path = strdup(config->store.file);
    answer->node = strdup(config->node);
    return answer->path != NULL && answer->node != NULL ? 0 : -ENOMEM;
}

/* What is not there is told at once. */
static int check(struct question_answer *answer, char *reterr)
{
    const struct node_config *config = answer->witness->plan->config;
    const struct payload_question *question = &answer->question;
    size_t index;
    int r = 0;
    if (question->device[0] != '\0') {
        r = find_device(config, question->device, &index, reterr);
    }
    if (r == 0 && question->rule[0] != '\0') {
        r = find_rule(config, question->rule, &index, reterr);
    }
    if (r == 0 && question->verb == PAYLOAD_QUESTION_HISTORY) {
        r = prepare_history(answer, config, reterr);
    }
    return r;
}

int question_answer_new(const struct witness *witness, const struct payload_question *question,
                        struct question_answer **ret, char *reterr)
{
    struct question_answer *answer = calloc(1, sizeof(*answer));
    if (answer == NULL) {
        return -ENOMEM;
    }
    answer->witness = witness;
    answer->question = *question;
    answer->text = malloc(PAYLOAD_CHUNK_MAX_BYTES); /* takes up room only when it is written to */
    int r = answer->text != NULL ? check(answer, reterr) : -ENOMEM;
    if (r < 0) {
        free_answer(answer);
        return r;
    }
    *ret = answer;
    return 0;
}
