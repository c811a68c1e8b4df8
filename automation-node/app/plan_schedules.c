/* Schedules: blocks of the week and the days that are different. */
#include "automation-node/app/plan_sources.h"
#include "automation-node/app/plan_steps.h"
#include "common/parse.h"
#include "common/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_TEXT_SIZE 256

/* Whom a schedule speaks for. */
struct addressee {
    size_t device;    /* PLANNER_NONE: a controller */
    const char *unit; /* of the controller's input; NULL = none */
};

static const char *unit_of(struct planner *p, const char *const *input)
{
    const struct input_config *config = planner_input_at(p, planner_find_input(p, input));
    return config != NULL ? planner_scale(p, config)->unit : NULL;
}

static struct addressee find_addressee(struct planner *p, const struct schedule_config *config)
{
    struct addressee to = {.device = PLANNER_NONE};
    if ((config->device != NULL) == (config->controller != NULL)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "schedule '%s' needs one of device and controller", config->name);
        return to;
    }
    if (config->device != NULL) {
        to.device = planner_find_device(p, &config->device);
        return to;
    }
    const struct node_config *root = p->root;
    for (size_t i = 0; i < root->thermostat_count; i++) {
        if (strcmp(root->thermostats[i].name, config->controller) == 0) {
            to.unit = unit_of(p, &root->thermostats[i].input);
            return to;
        }
    }
    for (size_t i = 0; i < root->controller_count; i++) {
        if (strcmp(root->controllers[i].name, config->controller) == 0) {
            to.unit = unit_of(p, &root->controllers[i].input);
            return to;
        }
    }
    for (size_t i = 0; i < root->climate_count; i++) {
        if (strcmp(root->climates[i].name, config->controller) == 0) {
            to.unit = unit_of(p, &root->climates[i].input);
            return to;
        }
    }
    config_report(p->config, &config->controller, p->d, SEVERITY_ERROR,
                  "no thermostat, controller or climate '%s'", config->controller);
    return to;
}

/* A set point in the unit of the controller's input; a bare number is in it already. */
static struct value set_point(struct planner *p, const char *const *text, const char *unit)
{
    struct quantity quantity;
    double number = 0;
    if (quantity_parse(*text, &quantity) < 0) {
        config_report(p->config, text, p->d, SEVERITY_ERROR, "'%s' is not a set point", *text);
        return (struct value){0};
    }
    number = quantity.value;
    if (quantity.unit[0] != '\0' && units_convert(quantity.value, quantity.unit,
                                                  unit != NULL ? unit : "", false, &number) < 0) {
        config_report(p->config, text, p->d, SEVERITY_ERROR,
                      "this is in %s, but the controller's input is in %s", quantity.unit,
                      unit != NULL ? unit : "no unit");
    }
    return value_number(number);
}

static struct value wanted(struct planner *p, const char *const *text, const struct addressee *to,
                           const struct schedule_config *config)
{
    if (*text == NULL) {
        return (struct value){0};
    }
    return config->controller != NULL ? set_point(p, text, to->unit)
                                      : planner_wanted(p, text, to->device);
}

static void parse_moment(struct planner *p, const char *const *text, struct moment *ret)
{
    if (moment_parse(*text, strlen(*text), ret) < 0) {
        config_report_at(p->config, text, 0, p->d,
                         "'%s' is not a time of day - write 06:30 or sunset - 30min", *text);
    } else if (moment_needs_place(ret) && !p->plan->calendar.has_place) {
        config_report_at(p->config, text, 0, p->d,
                         "the sun needs a place - give time.latitude and time.longitude");
    }
}

static int plan_block(struct planner *p, const struct block_config *config,
                      struct schedule_block *block)
{
    char text[BLOCK_TEXT_SIZE];
    parse_moment(p, &config->from, &block->from);
    parse_moment(p, &config->to, &block->to);
    if (moment_parse_weekdays(config->days, strlen(config->days), &block->from.weekdays) < 0) {
        config_report_at(p->config, &config->days, 0, p->d,
                         "expected days of the week, such as mon-fri or sat, sun");
    }
    int length =
        snprintf(text, sizeof(text), "%s %s to %s", config->days, config->from, config->to);
    block->text = arena_copy(&p->plan->arena, text, (size_t)length);
    return block->text != NULL ? 0 : -ENOMEM;
}

/* ---- exceptions ---- */

static bool take_number(const char **text, size_t digits, uint64_t *ret)
{
    if (strspn(*text, "0123456789") < digits || parse_u64(*text, digits, 9999, ret) < 0) {
        return false;
    }
    *text += digits;
    return true;
}

/* "2026-12-24", or "12-24" with year 0. */
static bool parse_date(const char *text, struct civil_date *ret)
{
    uint64_t year = 0;
    uint64_t month;
    uint64_t day;
    if (strlen(text) > 5 && !(take_number(&text, 4, &year) && *text++ == '-')) {
        return false;
    }
    if (!take_number(&text, 2, &month) || *text++ != '-' || !take_number(&text, 2, &day) ||
        *text != '\0' || month < 1 || month > 12 || day < 1 ||
        day > (uint64_t)civil_days_in_month(year != 0 ? (int64_t)year : 2000, (int)month)) {
        return false;
    }
    *ret = (struct civil_date){(int64_t)year, (int)month, (int)day};
    return true;
}

static void plan_dates(struct planner *p, const struct exception_config *config,
                       struct schedule_exception *exception)
{
    const char *const *last = config->to != NULL ? &config->to : &config->date;
    if (!parse_date(config->date, &exception->first)) {
        config_report_at(p->config, &config->date, 0, p->d,
                         "'%s' is not a date - write 2026-12-24, or 12-24 for every year",
                         config->date);
        return;
    }
    if (!parse_date(*last, &exception->last)) {
        config_report_at(p->config, last, 0, p->d,
                         "'%s' is not a date - write 2026-12-24, or 12-24 for every year", *last);
        return;
    }
    exception->yearly = exception->first.year == 0;
    bool reversed = !exception->yearly && civil_day(exception->last) < civil_day(exception->first);
    if (exception->yearly != (exception->last.year == 0) || reversed) {
        config_report_at(p->config, last, 0, p->d,
                         "the last day is written like the first, and not before it");
    }
}

static void plan_like(struct planner *p, const struct exception_config *config,
                      struct schedule_exception *exception)
{
    uint8_t days = 0;
    exception->kind = EXCEPTION_LIKE;
    if (moment_parse_weekdays(config->like, strlen(config->like), &days) < 0 ||
        __builtin_popcount(days) != 1) {
        config_report_at(p->config, &config->like, 0, p->d,
                         "expected one day of the week, such as sunday");
        return;
    }
    while (((unsigned)days >> exception->weekday & 1u) == 0) {
        exception->weekday++;
    }
}

static void plan_exception(struct planner *p, const struct schedule_config *schedule,
                           const struct exception_config *config, const struct addressee *to,
                           struct schedule_exception *exception)
{
    int kinds = (config->like != NULL) + (config->value != NULL) + config->nothing;
    exception->text = config->date;
    exception->kind = config->nothing ? EXCEPTION_NOTHING : EXCEPTION_VALUE;
    exception->value = wanted(p, &config->value, to, schedule);
    plan_dates(p, config, exception);
    if (kinds != 1) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "an exception needs one of like, value and nothing");
    } else if (config->like != NULL) {
        plan_like(p, config, exception);
    }
}

static int plan_schedule(struct planner *p, const struct schedule_config *config,
                         struct engine_schedule *ret)
{
    struct schedule_block *blocks =
        arena_alloc(&p->plan->arena, config->block_count, sizeof(*blocks));
    struct schedule_exception *exceptions =
        arena_alloc(&p->plan->arena, config->exception_count, sizeof(*exceptions));
    if (blocks == NULL || exceptions == NULL) {
        return -ENOMEM;
    }
    const struct addressee to = find_addressee(p, config);
    for (size_t i = 0; i < config->block_count; i++) {
        int r = plan_block(p, &config->blocks[i], &blocks[i]);
        if (r < 0) {
            return r;
        }
        blocks[i].value = wanted(p, &config->blocks[i].value, &to, config);
    }
    for (size_t i = 0; i < config->exception_count; i++) {
        plan_exception(p, config, &config->exceptions[i], &to, &exceptions[i]);
    }
    *ret = (struct engine_schedule){
        .schedule = {.id = config->name,
                     .blocks = blocks,
                     .block_count = config->block_count,
                     .exceptions = exceptions,
                     .exception_count = config->exception_count,
                     .otherwise = wanted(p, &config->otherwise, &to, config),
                     .enabled = config->enabled},
        .device = config->device,
        .controller = config->controller,
    };
    return 0;
}

int planner_schedules(struct planner *p)
{
    struct engine_schedule *schedules =
        arena_alloc(&p->plan->arena, p->root->schedule_count, sizeof(*schedules));
    if (schedules == NULL) {
        return -ENOMEM;
    }
    p->plan->engine.schedules = schedules;
    p->plan->engine.schedule_count = p->root->schedule_count;
    for (size_t i = 0; i < p->root->schedule_count; i++) {
        int r = plan_schedule(p, &p->root->schedules[i], &schedules[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}
