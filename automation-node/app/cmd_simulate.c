#include "automation-node/app/cmd_simulate.h"

#include "automation-node/app/decoder.h"
#include "automation-node/app/recording.h"
#include "automation-node/app/simulation_report.h"
#include "common/cli.h"
#include "common/parse.h"
#include "common/quantity.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DBCS_MAX   16
#define LIMITS_MAX 64
#define REPEAT_MAX 10000
#define DAY_US     (INT64_C(86400) * 1000000)

static const char help[] =
    "usage: automation-node simulate -c FILE --log LOG --dbc FILE [--dbc FILE ...] [OPTIONS]\n"
    "       edge-gateway history ... | automation-node simulate -c FILE [OPTIONS]\n\n"
    "What would the rules have done, and why? The engine runs over what was recorded, in its "
    "time.\n"
    "Devices obey after a moment; what they do does not change what was recorded.\n\n"
    "  -c, --config FILE   the configuration\n"
    "      --log LOG       a candump log, or another that `edge-gateway decode` reads; it is run "
    "for\n"
    "                      that. Without it: what decode and history print, on stdin\n"
    "      --dbc FILE      a DBC file, for --log\n"
    "      --format text|ndjson\n"
    "                      text is the default\n"
    "      --quiet         only the summary\n"
    "      --limit INPUT=LOW..HIGH\n"
    "                      how long was it outside of these? In the unit of the input\n"
    "      --repeat N      the recording N times, each one whole days later\n"
    "      --obey TIME     how long a device takes to do what it is told (1s)\n"
    "  -h, --help          this text\n";

struct arguments {
    const char *config;
    const char *log;
    const char *dbcs[DBCS_MAX];
    size_t dbc_count;
    const char *limits[LIMITS_MAX];
    size_t limit_count;
    bool is_ndjson;
    bool is_quiet;
    uint64_t repeat;
    int64_t obey_us;
};

/* A reading that is kept, to come again. */
struct kept {
    size_t input;
    struct reading reading;
};

struct job {
    const struct arguments *arguments;
    struct config *config;
    struct node_plan *plan;
    struct simulation *simulation;
    struct simulation_report report;
    bool *has_limits;
    struct kept *kept; /* with --repeat */
    size_t kept_count;
    size_t kept_capacity;
};

/* ---- arguments --------------------------------------------------------------------------- */

static bool take_option(struct arguments *a, int option)
{
    switch (option) {
    case 'c':
        a->config = optarg;
        return true;
    case 'l':
        a->log = optarg;
        return true;
    case 'd':
        a->dbcs[a->dbc_count] = optarg;
        return a->dbc_count++ < DBCS_MAX - 1;
    case 'f':
        a->is_ndjson = strcmp(optarg, "ndjson") == 0;
        return a->is_ndjson || strcmp(optarg, "text") == 0;
    case 'q':
        a->is_quiet = true;
        return true;
    case 'i':
        a->limits[a->limit_count] = optarg;
        return a->limit_count++ < LIMITS_MAX - 1;
    case 'r':
        return parse_u64(optarg, strlen(optarg), REPEAT_MAX, &a->repeat) == 0 && a->repeat > 0;
    case 'o':
        return quantity_parse_duration(optarg, &a->obey_us) == 0 && a->obey_us >= 0;
    default:
        return false;
    }
}

/* False: the command ends with *ret_status. */
static bool parse(int argc, char **argv, struct arguments *a, int *ret_status)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"log", required_argument, NULL, 'l'},
        {"dbc", required_argument, NULL, 'd'},    {"format", required_argument, NULL, 'f'},
        {"quiet", no_argument, NULL, 'q'},        {"limit", required_argument, NULL, 'i'},
        {"repeat", required_argument, NULL, 'r'}, {"obey", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    bool is_good = true;
    int option;
    *a = (struct arguments){.repeat = 1, .obey_us = 1000000};
    while (is_good && (option = getopt_long(argc, argv, "c:h", options, NULL)) >= 0) {
        if (option == 'h') {
            (void)fputs(help, stdout);
            *ret_status = EXIT_SUCCESS;
            return false;
        }
        is_good = take_option(a, option);
    }
    if (is_good && optind == argc && a->config != NULL && (a->log != NULL) == (a->dbc_count > 0)) {
        return true;
    }
    (void)fputs(help, stderr);
    *ret_status = EXIT_USAGE;
    return false;
}

/* "temperature=18..24" */
static int take_limit(struct job *job, const char *text)
{
    const struct node_config *config = job->plan->config;
    const char *equals = strchr(text, '=');
    const char *dots = equals != NULL ? strstr(equals, "..") : NULL;
    double low;
    double high;
    for (size_t i = 0; dots != NULL && i < config->input_count; i++) {
        const char *name = config->inputs[i].name;
        if (strlen(name) == (size_t)(equals - text) && strncmp(name, text, strlen(name)) == 0 &&
            parse_f64(equals + 1, (size_t)(dots - equals) - 1, &low) == 0 &&
            parse_f64(dots + 2, strlen(dots + 2), &high) == 0 && low <= high) {
            simulation_set_limits(job->simulation, i, low, high);
            job->has_limits[i] = true;
            return 0;
        }
    }
    (void)fprintf(stderr,
                  "automation-node: --limit %s: write INPUT=LOW..HIGH, an input's name and two "
                  "numbers in its unit\n",
                  text);
    return -EINVAL;
}

/* ---- the run ----------------------------------------------------------------------------- */

static void on_decision(void *context, const struct simulated_decision *decision)
{
    const struct job *job = context;
    simulation_report_decision(&job->report, decision);
}

static int keep(struct job *job, size_t input, const struct reading *reading)
{
    if (job->kept_count == job->kept_capacity) {
        size_t capacity = job->kept_capacity > 0 ? 2 * job->kept_capacity : 1024;
        struct kept *grown = reallocarray(job->kept, capacity, sizeof(*grown));
        if (grown == NULL) {
            return -ENOMEM;
        }
        job->kept = grown;
        job->kept_capacity = capacity;
    }
    job->kept[job->kept_count++] = (struct kept){input, *reading};
    return 0;
}

static int on_reading(void *context, size_t input, const struct reading *reading)
{
    struct job *job = context;
    simulation_reading(job->simulation, input, reading);
    return job->arguments->repeat > 1 ? keep(job, input, reading) : 0;
}

/* Whole days, so that the time of day stays what it was. */
static void repeat(struct job *job)
{
    if (job->kept_count == 0) {
        return;
    }
    int64_t span_us = job->kept[job->kept_count - 1].reading.ts_us - job->kept[0].reading.ts_us;
    int64_t period_us = (span_us / DAY_US + 1) * DAY_US;
    for (uint64_t i = 1; i < job->arguments->repeat; i++) {
        for (size_t k = 0; k < job->kept_count; k++) {
            struct reading reading = job->kept[k].reading;
            reading.ts_us += (int64_t)i * period_us;
            simulation_reading(job->simulation, job->kept[k].input, &reading);
        }
    }
}

static int report_recording(struct job *job, const struct recording_stats *stats)
{
    if (stats->malformed > 0) {
        (void)fprintf(stderr,
                      "automation-node: %llu lines are not what edge-gateway decode prints, the "
                      "first of them line %llu\n",
                      (unsigned long long)stats->malformed,
                      (unsigned long long)stats->first_malformed);
    }
    if (stats->readings == 0) {
        (void)fprintf(stderr,
                      "automation-node: none of the inputs is in the recording: are bus, message "
                      "and signal called there as in the configuration?\n");
        return -ENODATA;
    }
    repeat(job);
    simulation_report_summary(&job->report, job->simulation);
    return 0;
}

static int run_recording(struct job *job, int fd, struct recording_stats *ret)
{
    int r = recording_read(fd, job->plan, on_reading, job, ret);
    if (r < 0) {
        (void)fprintf(stderr, "automation-node: reading: %s\n", strerror(-r));
    }
    return r;
}

static int run_log(struct job *job, struct recording_stats *ret)
{
    const struct arguments *a = job->arguments;
    struct decoder decoder;
    int r = decoder_start("decode", a->dbcs, a->dbc_count, a->log, &decoder);
    if (r < 0) {
        return r;
    }
    r = run_recording(job, decoder.fd, ret);
    int ended = decoder_end(&decoder);
    return ended < 0 ? ended : r;
}

static int run(struct job *job)
{
    const struct arguments *a = job->arguments;
    const struct simulation_options options = {job->plan, a->obey_us, on_decision, job};
    job->has_limits = calloc(job->plan->config->input_count + 1, sizeof(*job->has_limits));
    job->report = (struct simulation_report){job->plan, a->is_ndjson, a->is_quiet, job->has_limits};
    int r = job->has_limits != NULL ? simulation_new(&options, &job->simulation) : -ENOMEM;
    for (size_t i = 0; r == 0 && i < a->limit_count; i++) {
        r = take_limit(job, a->limits[i]);
    }
    struct recording_stats stats;
    if (r == 0) {
        r = a->log != NULL ? run_log(job, &stats) : run_recording(job, STDIN_FILENO, &stats);
    }
    return r == 0 ? report_recording(job, &stats) : r;
}

static int load(struct job *job)
{
    struct diagnostics *d = diagnostics_new(0);
    if (d == NULL) {
        return -ENOMEM;
    }
    int r = config_load_file(job->arguments->config, &node_config_schema, d, &job->config);
    if (r == 0) {
        r = node_plan_new(job->config, d, &job->plan);
    }
    cli_print_diagnostics(d);
    diagnostics_free(d);
    return r;
}

int cmd_simulate(int argc, char **argv)
{
    struct arguments arguments;
    int status;
    if (!parse(argc, argv, &arguments, &status)) {
        return status;
    }
    struct job job = {.arguments = &arguments};
    int r = load(&job);
    if (r == 0) {
        r = run(&job);
    }
    simulation_free(job.simulation);
    node_plan_free(job.plan);
    config_free(job.config);
    free(job.has_limits);
    free(job.kept);
    if (fflush(stdout) != 0) {
        r = -errno;
    }
    return r < 0 ? EXIT_FAULT : EXIT_SUCCESS;
}
