/* Rules that do something when something happens. */
#include "automation-node/app/plan_sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int plan_triggers(struct planner *p, const struct rule_config *config,
                         struct event_rule_options *event)
{
    const struct expression **triggers =
        arena_alloc(&p->plan->arena, config->when_count, sizeof(*triggers));
    if (triggers == NULL) {
        return -ENOMEM;
    }
    int r = 0;
    for (size_t i = 0; i < config->when_count; i++) {
        triggers[i] = planner_condition(p, &config->when[i], config->when[i], &r);
    }
    event->triggers = triggers;
    event->trigger_count = config->when_count;
    return r;
}

/* "06:30", "06:30 on mon-fri" */
static void plan_moment(struct planner *p, const char *const *text, struct time_trigger *trigger)
{
    const char *on = strstr(*text, " on ");
    size_t length = on != NULL ? (size_t)(on - *text) : strlen(*text);
    *trigger = (struct time_trigger){.kind = TIME_MOMENT, .text = *text};
    if (moment_parse(*text, length, &trigger->moment) < 0) {
        config_report_at(p->config, text, 0, p->d,
                         "'%s' is not a time of day - write 06:30, sunset - 30min or 06:30 on "
                         "mon-fri",
                         *text);
    } else if (on != NULL &&
               moment_parse_weekdays(on + 4, strlen(on + 4), &trigger->moment.weekdays) < 0) {
        config_report_at(p->config, text, length + 4, p->d,
                         "expected days of the week, such as mon-fri or sat, sun");
    } else if (moment_needs_place(&trigger->moment) && !p->plan->calendar.has_place) {
        config_report_at(p->config, text, 0, p->d,
                         "the sun needs a place - give time.latitude and time.longitude");
    }
}

static void plan_cron(struct planner *p, const char *const *text, struct time_trigger *trigger)
{
    *trigger = (struct time_trigger){.kind = TIME_CRON, .text = *text};
    if (cron_parse(*text, &trigger->cron) < 0) {
        config_report_at(p->config, text, 0, p->d,
                         "'%s' is not of the form minute hour day month weekday, such as "
                         "*/15 8-17 * * mon-fri",
                         *text);
    }
}

static int plan_times(struct planner *p, const struct rule_config *config,
                      struct event_rule_options *event)
{
    size_t most = config->at_count + config->cron_count + 1;
    struct time_trigger *times = arena_alloc(&p->plan->arena, most, sizeof(*times));
    if (times == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < config->at_count; i++) {
        plan_moment(p, &config->at[i], &times[event->time_count++]);
    }
    for (size_t i = 0; i < config->cron_count; i++) {
        plan_cron(p, &config->cron[i], &times[event->time_count++]);
    }
    if (config->every_us != NULL) {
        times[event->time_count++] = (struct time_trigger){
            .kind = TIME_PERIOD, .text = "time again", .period_us = *config->every_us};
    }
    event->times = times;
    return 0;
}

static void check_keys(struct planner *p, const struct rule_config *config)
{
    if (config->while_ != NULL || config->input != NULL || config->device != NULL ||
        config->value != NULL || config->otherwise != NULL || config->for_us > 0) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "rule '%s' has 'do', so 'when' says when, and 'set' in 'do' says what: leave "
                      "out while, input, device, value, otherwise and for",
                      config->name);
    }
    if (config->when_count == 0 && config->at_count == 0 && config->cron_count == 0 &&
        config->every_us == NULL && config->message_count == 0 && !config->at_start) {
        config_report(
            p->config, config, p->d, SEVERITY_WARNING,
            "rule '%s' has no trigger (when, at, cron, every, messages, at_start): it runs only "
            "when somebody asks it to",
            config->name);
    }
}

int planner_event(struct planner *p, const struct rule_config *config,
                  struct event_rule_options *ret)
{
    static const enum rule_mode modes[] = {
        [RULE_MODE_SINGLE] = RULE_SINGLE,
        [RULE_MODE_RESTART] = RULE_RESTART,
        [RULE_MODE_QUEUED] = RULE_QUEUED,
        [RULE_MODE_PARALLEL] = RULE_PARALLEL,
    };
    bool alone = config->mode == RULE_MODE_SINGLE || config->mode == RULE_MODE_RESTART;
    *ret = (struct event_rule_options){
        .id = config->name,
        .catches_up = config->missed == MISSED_RUN,
        .at_start = config->at_start,
        .mode = modes[config->mode],
        .max = alone ? 1 : (size_t)config->max,
        .enabled = config->enabled,
    };
    check_keys(p, config);
    int r = plan_triggers(p, config, ret);
    if (r == 0) {
        r = plan_times(p, config, ret);
    }
    if (r == 0 && config->if_ != NULL) {
        ret->condition = planner_condition(p, &config->if_, config->if_, &r);
    }
    return r == 0 ? planner_script(p, config, &ret->script) : r;
}

int planner_messages(struct planner *p, const struct rule_config *config, size_t rule)
{
    struct node_plan *plan = p->plan;
    size_t count = plan->trigger_count + config->message_count;
    struct message_trigger *grown = reallocarray(plan->triggers, count + 1, sizeof(*grown));
    if (grown == NULL) {
        return -ENOMEM;
    }
    plan->triggers = grown;
    for (size_t i = 0; i < config->message_count; i++) {
        const struct message_config *message = &config->messages[i];
        planner_topic(p, &message->topic);
        planner_field(p, &message->field);
        plan->triggers[plan->trigger_count++] =
            (struct message_trigger){rule, message->topic, message->field, message->payload};
    }
    if (config->message_count > 0 && config->do_count == 0) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "rule '%s' has 'messages', which happen: what shall be done then says 'do'",
                      config->name);
    }
    return 0;
}
