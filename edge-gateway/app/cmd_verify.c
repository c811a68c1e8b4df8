#include "edge-gateway/app/commands.h"

#include "common/database.h"
#include "edge-gateway/app/log_counters.h"
#include "edge-gateway/app/log_source.h"
#include "edge-gateway/store/log_check.h"
#include "topics/json_writer.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Each finding and its escapes, and some figures. */
#define JSON_MAX_BYTES (LOG_FINDINGS_MAX * LOG_FINDING_TEXT_BYTES * 6 + 8192)

struct options {
    const char *log;
    const char *config;
    bool json;
};

static void print_usage(FILE *to)
{
    (void)fprintf(to, "usage: edge-gateway verify --log FILE [--json]\n"
                      "       edge-gateway verify -c FILE [--json]\n");
}

static void print_help(void)
{
    print_usage(stdout);
    (void)printf(
        "\n"
        "Reads a gateway's frame log (store.file), also while the gateway writes it, and says\n"
        "whether it is whole: every segment is what was written, each seq is in one place,\n"
        "none can be used twice, and the gateway's counters add up. Exit 0: it is, 1: not.\n"
        "\n"
        "      --log FILE      the database\n"
        "  -c, --config FILE   a gateway's configuration, which names it\n"
        "      --json          one JSON object instead of lines\n"
        "  -h, --help          this text\n");
}

/* False: the command ends with *ret_status. */
static bool parse_options(int argc, char **argv, struct options *options, int *ret_status)
{
    static const struct option table[] = {
        {"log", required_argument, NULL, 'l'},
        {"config", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *ret_status = EXIT_USAGE;
    for (int option; (option = getopt_long(argc, argv, "c:h", table, NULL)) != -1;) {
        if (option == 'l') {
            options->log = optarg;
        } else if (option == 'c') {
            options->config = optarg;
        } else if (option == 'j') {
            options->json = true;
        } else {
            option == 'h' ? print_help() : print_usage(stderr);
            *ret_status = option == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
            return false;
        }
    }
    if (optind < argc || (options->log == NULL && options->config == NULL)) {
        print_usage(stderr);
        return false;
    }
    return true;
}

/* 0 or -errno. In one transaction, so that all of it is of one moment. */
static int check(sqlite3 *db, struct log_report *report)
{
    int r = database_exec(db, "BEGIN");
    if (r == 0) {
        r = log_check_run(db, report);
    }
    if (r == 0) {
        r = log_counters_check(db, report);
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
    }
    return r;
}

static int print_lines(const struct log_report *report)
{
    size_t faults = log_report_faults(report);
    for (size_t i = 0; i < report->count; i++) {
        const struct log_finding *finding = &report->findings[i];
        (void)printf("%-5s %-16s %s\n", finding->ok ? "ok" : "FAULT", finding->name, finding->text);
    }
    if (faults == 0) {
        (void)printf("the log holds\n");
    } else {
        (void)printf("the log does not hold: %zu of %zu checks failed\n", faults, report->count);
    }
    return fflush(stdout) == 0 ? 0 : -1;
}

static void write_reasons(struct json_writer *w, const char *key,
                          const uint64_t counts[SEGMENT_VOID_COUNT])
{
    json_object_begin(w, key);
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        if (counts[i] > 0) {
            json_u64(w, segment_void_text((enum segment_void)i), counts[i]);
        }
    }
    json_object_end(w);
}

static void write_figures(struct json_writer *w, const struct log_figures *figures)
{
    json_object_begin(w, "figures");
    json_u64(w, "segments", figures->segments);
    json_u64(w, "frames", figures->frames);
    json_u64(w, "events", figures->events);
    json_u64(w, "oldest_seq", figures->oldest);
    json_u64(w, "newest_seq", figures->newest);
    json_u64(w, "reserved_seq", figures->reserved);
    json_u64(w, "acknowledged_seq", figures->acknowledged);
    write_reasons(w, "voids", figures->voids);
    write_reasons(w, "gaps", figures->gaps);
    json_object_end(w);
}

static int print_json(const char *path, const struct log_report *report)
{
    static const size_t size = JSON_MAX_BYTES;
    struct json_writer w;
    size_t length;
    char *text = malloc(size);
    if (text == NULL) {
        return -ENOMEM;
    }
    json_writer_init(&w, text, size);
    json_object_begin(&w, NULL);
    json_string(&w, "log", path);
    json_bool(&w, "holds", log_report_faults(report) == 0);
    json_array_begin(&w, "checks");
    for (size_t i = 0; i < report->count; i++) {
        json_object_begin(&w, NULL);
        json_string(&w, "name", report->findings[i].name);
        json_bool(&w, "ok", report->findings[i].ok);
        json_string(&w, "text", report->findings[i].text);
        json_object_end(&w);
    }
    json_array_end(&w);
    write_figures(&w, &report->figures);
    json_object_end(&w);
    bool ok = json_writer_finish(&w, &length) == 0 && puts(text) >= 0 && fflush(stdout) == 0;
    free(text);
    return ok ? 0 : -EIO;
}

static int verify(const struct log_source *source, bool json)
{
    struct log_report report = {.count = 0};
    int r = check(source->db, &report);
    if (r < 0) {
        return log_source_fault(source, r);
    }
    r = json ? print_json(source->path, &report) : print_lines(&report);
    if (r == -ENOMEM) {
        return log_source_fault(source, r);
    }
    return r == 0 && log_report_faults(&report) == 0 ? EXIT_SUCCESS : EXIT_FAULT;
}

int cmd_verify(int argc, char **argv)
{
    struct options options = {.log = NULL};
    struct log_source source;
    int status;
    if (!parse_options(argc, argv, &options, &status)) {
        return status;
    }
    status = log_source_open(&source, options.log, options.config);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    status = verify(&source, options.json);
    log_source_close(&source);
    return status;
}
