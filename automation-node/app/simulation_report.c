#include "automation-node/app/simulation_report.h"

#include "automation-node/app/payload_of_value.h"
#include "automation-node/calendar/civil.h"
#include "topics/json_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define LINE_BYTES 4096

static double seconds(int64_t us)
{
    return (double)us / 1e6;
}

/* ---- lines for a program ----------------------------------------------------------------- */

static void print_line(struct json_writer *w)
{
    size_t length;
    json_object_end(w);
    if (json_writer_finish(w, &length) == 0) { /* every part is bounded far below the buffer */
        (void)printf("%s\n", w->text);
    }
}

static void decision_line(const struct simulation_report *report,
                          const struct simulated_decision *decision)
{
    char text[LINE_BYTES];
    struct json_writer w;
    const struct payload_value target = payload_of_value(&decision->state->target);
    json_writer_init(&w, text, sizeof(text));
    json_object_begin(&w, NULL);
    json_time_us(&w, "ts", decision->ts_us);
    json_string(&w, "device", report->plan->config->devices[decision->device].name);
    payload_value_write(&w, "target", &target);
    json_string(&w, "source", decision->state->cause.source);
    json_string(&w, "reason", decision->state->cause.reason);
    json_string_if(&w, "losers", decision->losers[0] != '\0' ? decision->losers : NULL);
    print_line(&w);
}

static void device_line(const struct simulation_report *report, size_t index,
                        const struct simulated_device *device)
{
    char text[LINE_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_object_begin(&w, NULL);
    json_string(&w, "summary", "device");
    json_string(&w, "device", report->plan->config->devices[index].name);
    json_u64(&w, "switches", device->switches);
    json_u64(&w, "starts", device->starts);
    json_double(&w, "on_s", seconds(device->on_us));
    json_double(&w, "longest_on_s", seconds(device->longest_on_us));
    json_double(&w, "fail_safe_s", seconds(device->failed_safe_us));
    print_line(&w);
}

static void input_line(const struct simulation_report *report, size_t index,
                       const struct simulated_input *input)
{
    char text[LINE_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_object_begin(&w, NULL);
    json_string(&w, "summary", "input");
    json_string(&w, "input", report->plan->config->inputs[index].name);
    json_u64(&w, "readings", input->readings);
    json_double(&w, "lost_s", seconds(input->lost_us));
    json_double(&w, "min", input->has_range ? input->min : NAN);
    json_double(&w, "max", input->has_range ? input->max : NAN);
    if (report->has_limits[index]) {
        json_double(&w, "outside_s", seconds(input->outside_us));
    }
    print_line(&w);
}

static void alarm_line(const struct simulation_report *report, size_t index,
                       const struct simulated_alarm *alarm)
{
    char text[LINE_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    json_object_begin(&w, NULL);
    json_string(&w, "summary", "alarm");
    json_string(&w, "alarm", report->plan->engine.alarms[index].id);
    json_u64(&w, "raised", alarm->raised);
    json_double(&w, "active_s", seconds(alarm->active_us));
    json_double(&w, "longest_s", seconds(alarm->longest_us));
    json_bool(&w, "active", alarm->is_active);
    print_line(&w);
}

/* ---- lines for a person ------------------------------------------------------------------ */

static void print_time(const struct simulation_report *report, int64_t ts_us)
{
    struct zone_local local = zone_local(report->plan->calendar.zone, ts_us / 1000000);
    struct civil_date date = civil_date(local.day);
    (void)printf("%04" PRId64 "-%02d-%02d %02d:%02d:%02d", date.year, date.month, date.day,
                 (int)(local.second / 3600), (int)(local.second / 60 % 60),
                 (int)(local.second % 60));
}

static void decision_text(const struct simulation_report *report,
                          const struct simulated_decision *decision)
{
    char target[VALUE_TEXT_SIZE];
    (void)value_format(&decision->state->target, target, sizeof(target));
    print_time(report, decision->ts_us);
    (void)printf("  %s -> %s  (%s: %s)", report->plan->config->devices[decision->device].name,
                 target[0] != '\0' ? target : "nothing", decision->state->cause.source,
                 decision->state->cause.reason);
    (void)printf("%s%s%s\n", decision->losers[0] != '\0' ? "  [" : "", decision->losers,
                 decision->losers[0] != '\0' ? "]" : "");
}

static double hours(int64_t us)
{
    return seconds(us) / 3600;
}

static void print_devices(const struct simulation_report *report,
                          const struct simulation *simulation)
{
    (void)printf("\n%-24s %9s %9s %12s %12s %12s\n", "device", "switches", "starts", "on",
                 "longest", "fail-safe");
    for (size_t i = 0; i < report->plan->config->device_count; i++) {
        struct simulated_device device = simulation_device(simulation, i);
        (void)printf("%-24s %9" PRIu64 " %9" PRIu64 " %10.3f h %10.3f h %10.3f h\n",
                     report->plan->config->devices[i].name, device.switches, device.starts,
                     hours(device.on_us), hours(device.longest_on_us),
                     hours(device.failed_safe_us));
    }
}

static void print_inputs(const struct simulation_report *report,
                         const struct simulation *simulation)
{
    (void)printf("\n%-24s %9s %12s %10s %10s %12s\n", "input", "readings", "not known", "lowest",
                 "highest", "outside");
    for (size_t i = 0; i < report->plan->config->input_count; i++) {
        struct simulated_input input = simulation_input(simulation, i);
        (void)printf("%-24s %9" PRIu64 " %10.3f h", report->plan->config->inputs[i].name,
                     input.readings, hours(input.lost_us));
        if (input.has_range) {
            (void)printf(" %10.6g %10.6g", input.min, input.max);
        } else {
            (void)printf(" %10s %10s", "-", "-");
        }
        if (report->has_limits[i]) {
            (void)printf(" %10.3f h\n", hours(input.outside_us));
        } else {
            (void)printf(" %12s\n", "-");
        }
    }
}

static void print_alarms(const struct simulation_report *report,
                         const struct simulation *simulation)
{
    const struct engine_options *engine = &report->plan->engine;
    (void)printf("\n%-24s %9s %12s %12s\n", "alarm", "raised", "active", "longest");
    for (size_t i = 0; i < engine->alarm_count; i++) {
        struct simulated_alarm alarm = simulation_alarm(simulation, i);
        (void)printf("%-24s %9" PRIu64 " %10.3f h %10.3f h%s\n", engine->alarms[i].id, alarm.raised,
                     hours(alarm.active_us), hours(alarm.longest_us),
                     alarm.is_active ? "  active at the end" : "");
    }
}

static void print_rules(const struct simulation_report *report, const struct simulation *simulation)
{
    (void)printf("\n%-24s %9s\n", "rule", "runs");
    for (size_t i = 0; i < report->plan->config->rule_count; i++) {
        (void)printf("%-24s %9" PRIu64 "\n", report->plan->config->rules[i].name,
                     simulation_rule_runs(simulation, report->plan->engine_rules[i]));
    }
    (void)printf("\n%.3f h, %" PRIu64 " messages\n", hours(simulation_span_us(simulation)),
                 simulation_messages(simulation));
}

/* ------------------------------------------------------------------------------------------ */

void simulation_report_decision(const struct simulation_report *report,
                                const struct simulated_decision *decision)
{
    if (report->is_quiet) {
        return;
    }
    if (report->is_ndjson) {
        decision_line(report, decision);
    } else {
        decision_text(report, decision);
    }
}

void simulation_report_summary(const struct simulation_report *report,
                               const struct simulation *simulation)
{
    if (!report->is_ndjson) {
        print_devices(report, simulation);
        print_inputs(report, simulation);
        print_alarms(report, simulation);
        print_rules(report, simulation);
        return;
    }
    for (size_t i = 0; i < report->plan->config->device_count; i++) {
        struct simulated_device device = simulation_device(simulation, i);
        device_line(report, i, &device);
    }
    for (size_t i = 0; i < report->plan->config->input_count; i++) {
        struct simulated_input input = simulation_input(simulation, i);
        input_line(report, i, &input);
    }
    for (size_t i = 0; i < report->plan->engine.alarm_count; i++) {
        struct simulated_alarm alarm = simulation_alarm(simulation, i);
        alarm_line(report, i, &alarm);
    }
}
