#include "automation-node/app/node_report.h"

#include "common/log.h"
#include "common/metrics_file.h"
#include "topics/payload_metrics.h"
#include "topics/payload_node.h"
#include "topics/topic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define TEXT_MAX_BYTES (16 * 1024)

struct node_report {
    const struct node_plan *plan;
    struct loop *loop;
    struct lvq *queue;
    int64_t started_us; /* wall clock */
    int64_t started_monotonic_us;
    struct metrics_file *file;
    size_t info_slot;
    size_t metrics_slot;
    char text[TEXT_MAX_BYTES];
};

static int add_slot(struct node_report *r, enum topic_kind kind, size_t *ret_slot)
{
    char text[TOPIC_MAX_BYTES + 1];
    const struct node_config *config = r->plan->config;
    const struct topic topic = {.kind = kind, .site = config->site, .node = config->node};
    int result = topic_format(config->broker.prefix, &topic, text, sizeof(text));
    if (result < 0) {
        return result;
    }
    const struct lvq_slot_options options = {text, TEXT_MAX_BYTES,
                                             topic_traits(kind)->retain == TOPIC_RETAIN_YES};
    return lvq_add(r->queue, &options, ret_slot);
}

int node_report_new(const struct node_plan *plan, struct loop *loop, struct lvq *queue,
                    struct node_report **ret)
{
    struct node_report *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return -ENOMEM;
    }
    r->plan = plan;
    r->loop = loop;
    r->queue = queue;
    r->started_us = loop_realtime_us(loop);
    r->started_monotonic_us = loop_now_us(loop);
    int result = add_slot(r, TOPIC_INFO, &r->info_slot);
    if (result == 0) {
        result = metrics_file_new(loop, plan->config->site, plan->config->node, &r->file);
    }
    if (result == 0) {
        result = add_slot(r, TOPIC_METRICS, &r->metrics_slot);
    }
    if (result < 0) {
        node_report_free(r);
        return result;
    }
    *ret = r;
    return 0;
}

void node_report_free(struct node_report *report)
{
    if (report != NULL) {
        metrics_file_free(report->file);
        free(report);
    }
}

static void put(struct node_report *r, enum topic_kind kind, size_t slot, struct json_writer *w)
{
    size_t length;
    if (json_writer_finish(w, &length) < 0) {
        return;
    }
    const struct lvq_item item = {
        .slot = slot, .payload = r->text, .length = length, .qos = topic_traits(kind)->qos};
    lvq_put(r->queue, &item, loop_now_us(r->loop));
}

void node_report_go_on(struct node_report *report, struct node_report *predecessor)
{
    struct metrics_file *file = report->file;
    report->file = predecessor->file; /* which may be writing: two must not at once */
    predecessor->file = file;
    report->started_us = predecessor->started_us;
    report->started_monotonic_us = predecessor->started_monotonic_us;
}

static const char *const capabilities[] = {"set",     "explain", "devices",  "rules",  "history",
                                           "dry_run", "reload",  "handover", "support"};

void node_report_info(struct node_report *report, uint64_t configuration)
{
    const struct node_config *config = report->plan->config;
    const char **devices = calloc(config->device_count + 1, sizeof(char *));
    for (size_t i = 0; devices != NULL && i < config->device_count; i++) {
        devices[i] = config->devices[i].name;
    }
    char hash[17];
    (void)snprintf(hash, sizeof(hash), "%016" PRIx64, configuration);
    const struct payload_info info = {
        .program = "automation-node",
        .version = EDGE_VERSION,
        .started_us = report->started_us,
        .configuration = hash,
        .devices = {devices, devices != NULL ? config->device_count : 0},
        .capabilities = {capabilities, COUNT(capabilities)},
    };
    struct json_writer w;
    json_writer_init(&w, report->text, sizeof(report->text));
    payload_info_write(&w, &info);
    put(report, TOPIC_INFO, report->info_slot, &w);
    free(devices);
}

void node_report_tell(const struct node_report *report, const struct node_counters *counters,
                      const struct counter_sink *sink)
{
    node_counters_tell(sink, counters);
    log_tell(sink);
    metrics_file_tell(sink, report->file);
}

static void write_file(struct node_report *report, const struct node_counters *counters,
                       uint64_t uptime_s, const char *path)
{
    const struct counter_sink sink = metrics_file_begin(report->file, uptime_s);
    node_report_tell(report, counters, &sink);
    metrics_file_write(report->file, path);
}

void node_report_metrics(struct node_report *report, const struct node_counters *counters)
{
    uint64_t uptime_s =
        (uint64_t)((loop_now_us(report->loop) - report->started_monotonic_us) / US_PER_S);
    if (report->plan->config->metrics.textfile != NULL) {
        write_file(report, counters, uptime_s, report->plan->config->metrics.textfile);
    }
    struct json_writer w;
    const struct counter_sink sink = {payload_metrics_group_begin, payload_metrics_counter,
                                      payload_metrics_counter,     payload_metrics_number,
                                      payload_metrics_group_end,   &w};
    json_writer_init(&w, report->text, sizeof(report->text));
    payload_metrics_begin(&w, loop_realtime_us(report->loop), uptime_s);
    node_report_tell(report, counters, &sink);
    payload_metrics_end(&w);
    put(report, TOPIC_METRICS, report->metrics_slot, &w);
}
